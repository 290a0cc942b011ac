"""Round values and round moments for axes, and a range that does not pump.

Pure arithmetic without Qt.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

from tickreel.market.time import US_PER_DAY, US_PER_SECOND
from tickreel.market.units import format_duration_s

_SHRINK_BELOW = 0.4
_ROOM = 0.15
_MINUTE_US = 60 * US_PER_SECOND
_HOUR_US = 60 * _MINUTE_US
_TIME_STEPS_US = (
    *(n * 1_000 for n in (1, 2, 5, 10, 20, 50, 100, 200, 500)),
    *(n * US_PER_SECOND for n in (1, 2, 5, 10, 15, 30)),
    *(n * _MINUTE_US for n in (1, 2, 5, 10, 15, 30)),
    *(n * _HOUR_US for n in (1, 2, 3, 6, 12)),
    *(n * US_PER_DAY for n in (1, 2, 7, 14, 28, 56, 112, 364)),
)


@dataclass(frozen=True, slots=True)
class Ticks:
    """Round values of an axis, and how many decimals tell them apart."""

    values: tuple[float, ...]
    decimals: int


def round_ticks(low: float, high: float, most: int) -> Ticks:
    """Choose round values inside [low, high]: at most *most*, and none where there is no range."""
    if not (isfinite(low) and isfinite(high) and high > low) or most < 1:
        return Ticks((), 0)
    raw = (high - low) / most
    power = 10.0 ** floor(log10(raw))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw * (1 - 1e-9))
    decimals = max(0, -floor(log10(step) + 1e-9))
    if round(step, decimals) != round(step, decimals + 1):
        decimals += 1
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    # Adding 0 turns a negative zero into zero.
    return Ticks(tuple(round(n * step, decimals) + 0.0 for n in range(first, last + 1)), decimals)


def log_ticks(low: float, high: float, most: int) -> tuple[float, ...]:
    """Choose amounts between 10**low and 10**high for a logarithmic axis; gives their logarithms.

    They are 1, 2 and 5 times powers of ten where there is room for so many, or powers of ten only.
    """
    if not (isfinite(low) and isfinite(high) and high > low) or most < 1:
        return ()
    powers = range(floor(low), ceil(high) + 1)
    for factors, every in (((1, 2, 5), 1), ((1,), 1), ((1,), 2), ((1,), 3), ((1,), 6)):
        found = tuple(
            power + log10(factor)
            for power in powers
            if power % every == 0
            for factor in factors
            if low - 1e-9 <= power + log10(factor) <= high + 1e-9
        )
        if len(found) <= most:
            return found
    return found[:: -(-len(found) // most)]


def time_step_us(span_us: float, most: int) -> int:
    """Choose the step of a time axis so that *span_us* holds about *most* moments."""
    wanted = span_us / max(1, most)
    return next((step for step in _TIME_STEPS_US if step >= wanted), _TIME_STEPS_US[-1])


def length_text(length_us: int) -> str:
    """Name a length of time in its largest unit that is whole: ``5 min``, ``90 s``, ``250 ms``."""
    for unit_us, unit in ((_HOUR_US, "h"), (_MINUTE_US, "min"), (US_PER_SECOND, "s"), (1_000, "ms")):
        if length_us % unit_us == 0:
            return f"{length_us // unit_us} {unit}"
    return format_duration_s(length_us / US_PER_SECOND)


class HeldRange:
    """The range of a value axis: it grows at once and shrinks late, so that a chart does not pump."""

    def __init__(self) -> None:
        self.low = 0.0
        self.high = 1.0
        self._is_set = False

    def fit(self, low: float, high: float) -> bool:
        """Take in [low, high]; tell whether the range is another one now."""
        if not (isfinite(low) and isfinite(high)):
            return False
        if high <= low:
            # A flat line lies in the middle of a range that suits its size.
            around = max(abs(low) * 1e-4, 1e-9)
            low, high = low - around, high + around
        is_inside = self.low <= low and high <= self.high
        if self._is_set and is_inside and high - low >= _SHRINK_BELOW * (self.high - self.low):
            return False
        room = _ROOM * (high - low)
        self.low, self.high, self._is_set = low - room, high + room, True
        return True

    def forget(self) -> None:
        """Fit anew next time, as after a jump."""
        self._is_set = False
