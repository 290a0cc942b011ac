"""Axes of a chart: round steps over a range, and lines thinned out without losing their extremes."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, isfinite, log10
from typing import TYPE_CHECKING

import numpy as np

from tickreel.market.numbers import positional
from tickreel.market.time import US_PER_DAY, US_PER_SECOND, format_us

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STEPS = (1.0, 2.0, 5.0, 10.0)
_TIME_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)


@dataclass(frozen=True, slots=True)
class Scale:
    """A range of values laid over a range of places."""

    low: float
    high: float
    first: float
    last: float

    def at(self, value: float) -> float:
        """Give the place of a value."""
        share = (value - self.low) / (self.high - self.low)
        return self.first + share * (self.last - self.first)

    def places(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the places of values; float64, as long as they."""
        share = (values - self.low) / (self.high - self.low)
        return np.asarray(self.first + share * (self.last - self.first), np.float64)


def range_of(values: NDArray[np.float64]) -> tuple[float, float]:
    """Give the range that shows all finite values with a little room; never one without width."""
    known = values[np.isfinite(values)]
    if not len(known):
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    room = 0.05 * (high - low) or abs(high) * 0.01 or 1.0
    return low - room, high + room


def ticks(low: float, high: float, count: int) -> list[float]:
    """Give round values inside a range, about *count* of them."""
    rough = (high - low) / max(1, count)
    if not isfinite(rough) or rough <= 0:
        return [low]
    power = 10.0 ** floor(log10(rough))
    step = next(one * power for one in _STEPS if one * power >= rough * 0.999)
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)]


def tick_label(value: float, neighbours: list[float]) -> str:
    """Write a round value with as many decimals as its neighbours need."""
    step = abs(neighbours[1] - neighbours[0]) if len(neighbours) > 1 else abs(value)
    if value == 0 or not step:
        return "0"
    decimals = max(0, -floor(log10(step) + 1e-9))
    if decimals > 8 or abs(value) >= 1e12:
        return f"{value:.2e}"
    return positional(float(f"{value:.{decimals}f}")).replace("-", "−")


def time_ticks(start_us: int, end_us: int, count: int) -> list[tuple[int, str]]:
    """Give round instants inside a range with what is written there, in UTC."""
    span_s = (end_us - start_us) / US_PER_SECOND
    wanted_s = span_s / max(1, count)
    step_s = next((one for one in _TIME_STEPS_S if one >= wanted_s), 0)
    if not step_s:
        step_s = 86_400 * max(1, ceil(wanted_s / 86_400))
    step_us = step_s * US_PER_SECOND
    first = -(-start_us // step_us) * step_us
    return [(at_us, _time_label(at_us, step_us)) for at_us in range(first, end_us + 1, step_us)]


def _time_label(at_us: int, step_us: int) -> str:
    text = format_us(at_us)
    if step_us >= US_PER_DAY or at_us % US_PER_DAY == 0:
        return text[5:10]
    return text[11:16] if step_us >= 60 * US_PER_SECOND else text[11:19]


def thinned(
    at: NDArray[np.float64], values: NDArray[np.float64], most: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Leave of a line the least and the most of each stretch, in their order: at most *most* points.

    Both float64 (n,); what is no number is left out.
    """
    is_known = np.isfinite(values)
    at, values = at[is_known], values[is_known]
    if len(values) <= most:
        return at, values
    edges = np.linspace(0, len(values), max(1, most // 2) + 1).astype(np.int64)
    kept: list[int] = [0]
    for low, high in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        part = values[low:high]
        kept += sorted({low + int(part.argmin()), low + int(part.argmax())})
    places = np.unique(np.array([*kept, len(values) - 1]))[: most + 2]
    return at[places], values[places]
