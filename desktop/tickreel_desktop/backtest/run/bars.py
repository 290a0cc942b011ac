"""The bars of a run: its gains by day, hour and symbol, and how gains and returns are distributed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from tickreel.backtest.metrics.returns import at_period_ends, period_returns
from tickreel.backtest.runs.curve import values_at
from tickreel.market.time import US_PER_DAY, day_of, day_start_us
from tickreel.market.units import format_duration_s
from tickreel_desktop.backtest.charts import Bar
from tickreel_desktop.backtest.runs.words import unsigned

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tickreel_desktop.backtest.run.curves import RunCurves
    from tickreel_desktop.backtest.run.fills import Fills

_HOUR_US = 3_600_000_000


@dataclass(frozen=True, slots=True)
class RunBars:
    """Bars by what they are about; none where nothing is known."""

    day: tuple[Bar, ...] = ()
    hour: tuple[Bar, ...] = ()
    symbol: tuple[Bar, ...] = ()
    gain: tuple[Bar, ...] = ()
    """How many closing trades gained how much, before fees."""
    gains: int = 0
    """Closing trades."""
    returned: tuple[Bar, ...] = ()
    """How many periods returned how many per cent."""
    adverse: tuple[Bar, ...] = ()
    """By how many basis points the mid went against fills, by horizon."""


def bars_of(record: RunCurves, fills: Fills | None) -> RunBars:
    """Count and add up, off the UI thread."""
    if record.curves is None:
        return RunBars()
    gains = np.empty(0) if fills is None else fills.gain[np.isfinite(fills.gain)]
    equity = record.equity() if record.adds_up else None
    return RunBars(
        () if equity is None else tuple(by_day(record, equity)),
        () if equity is None else tuple(by_hour(record, equity)),
        tuple(by_symbol(record)),
        tuple(distribution(gains)),
        len(gains),
        () if equity is None else tuple(distribution(100 * _returns(record, equity))),
        tuple(_adverse(record)),
    )


def _returns(record: RunCurves, equity: NDArray[np.float64]) -> NDArray[np.float64]:
    card, period_s = record.card, record.card.metrics.get("period_s")
    if card.capital is None or record.curves is None or not period_s:
        return np.empty(0)
    end_us = max(card.from_us, card.reached_us or card.to_us)
    values = at_period_ends(record.curves.at_us, equity, card.from_us, end_us, period_s * 1_000_000)
    returns = period_returns(card.capital + values)
    return np.empty(0) if returns is None else returns


def _adverse(record: RunCurves) -> list[Bar]:
    instruments = record.card.metrics.get("instruments", ())
    bars = []
    for one in instruments:
        for each in one["adverse_selection"]:
            if each["adverse_bps"] is not None:
                after = format_duration_s(each["horizon_us"] / 1e6)
                name = f"{after} {one['symbol']}" if len(instruments) > 1 else after
                words = f"{one['exchange']}:{one['symbol']}, {after} after"
                bars.append(Bar(name, float(each["adverse_bps"]), words))
    return bars


def by_day(record: RunCurves, equity: NDArray[np.float64]) -> list[Bar]:
    """Give profit and loss of each UTC day of the range."""
    curves, card = record.curves, record.card
    assert curves is not None
    first, last = day_of(card.from_us), day_of(max(card.from_us, (card.reached_us or card.to_us) - 1))
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    edges = np.array([day_start_us(day) for day in days] + [day_start_us(last) + US_PER_DAY], np.int64)
    gains = np.diff(values_at(curves.at_us, equity, edges - 1))
    return [
        Bar(f"{day.day}" if len(days) > 7 else f"{day:%m-%d}", float(gain), day.isoformat())
        for day, gain in zip(days, gains, strict=True)
    ]


def by_hour(record: RunCurves, equity: NDArray[np.float64]) -> list[Bar]:
    """Give profit and loss of each hour of the UTC day, over all days."""
    curves, card = record.curves, record.card
    assert curves is not None
    first = card.from_us // _HOUR_US
    last = -(-(card.reached_us or card.to_us) // _HOUR_US)
    edges = np.arange(first, last + 1, dtype=np.int64) * _HOUR_US
    gains = np.diff(values_at(curves.at_us, equity, edges - 1))
    of_hour = np.zeros(24)
    np.add.at(of_hour, (edges[:-1] // _HOUR_US) % 24, gains)
    return [Bar(f"{hour:02}", float(gain), f"{hour:02}:00 UTC") for hour, gain in enumerate(of_hour)]


def by_symbol(record: RunCurves) -> list[Bar]:
    """Give profit and loss of each instrument."""
    assert record.curves is not None
    return [
        Bar(name.partition(":")[2], float(record.curves.equity[-1, number]), name)
        for number, name in enumerate(record.curves.names)
    ]


def distribution(values: NDArray[np.float64], most: int = 41) -> list[Bar]:
    """Count values (n,) in steps of equal width, an edge of which is 0; the outermost take the rest."""
    values = values[np.isfinite(values)]
    if not len(values):
        return []
    reach = float(np.quantile(np.abs(values), 0.99)) or float(np.abs(values).max()) or 1.0
    step = _round_up(2 * reach / most)
    half = int(np.ceil(reach / step))
    places = np.clip(np.floor(values / step).astype(np.int64), -half, half - 1)
    counts = np.bincount(places + half, minlength=2 * half)
    bars = []
    for number, count in enumerate(counts.tolist()):
        low, high = (number - half) * step, (number - half + 1) * step
        ends = f"{unsigned(low, _decimals(step))} to {unsigned(high, _decimals(step))}"
        ends = f"under {unsigned(high, _decimals(step))}" if number == 0 else ends
        ends = f"from {unsigned(low, _decimals(step))}" if number == 2 * half - 1 else ends
        bars.append(Bar(unsigned(low, _decimals(step)), float(count), ends))
    return bars


def _round_up(step: float) -> float:
    power = 10.0 ** np.floor(np.log10(step))
    return float(next(factor * power for factor in (1, 2, 5, 10) if factor * power >= step * (1 - 1e-9)))


def _decimals(step: float) -> int:
    return max(0, int(-np.floor(np.log10(step) + 1e-9)))
