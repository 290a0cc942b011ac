"""What the list says of a run: its days, its symbols, what was asked otherwise, and its figures."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from tickreel.market.time import US_PER_DAY, day_of
from tickreel.market.units import ABSENT, MINUS, THIN_SPACE, format_duration_s

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MOST_PARAMS = 2


def short_strategy(name: str) -> str:
    """Name a strategy that never loaded by its file alone."""
    return PurePath(name.replace("\\", "/")).name if "/" in name or "\\" in name else name


def days_words(from_us: int, to_us: int) -> str:
    """Name a range by its UTC days: ``Aug 2024``, ``1 to 5 Aug 2024``, ``14 Mar 2025, 20 min``."""
    first, last = day_of(from_us), day_of(max(from_us, to_us - 1))
    if first == last:
        whole = to_us - from_us >= US_PER_DAY
        return _day(first) if whole else f"{_day(first)}, {format_duration_s((to_us - from_us) / 1e6)}"
    if (first.year, first.month) == (last.year, last.month):
        is_month = first.day == 1 and day_of(to_us).day == 1
        month = f"{_MONTHS[first.month - 1]} {first.year}"
        return month if is_month else f"{first.day} to {last.day} {month}"
    if first.year == last.year:
        return f"{first.day} {_MONTHS[first.month - 1]} to {_day(last)}"
    return f"{_day(first)} to {_day(last)}"


def _day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def month_words(at_us: int) -> str:
    """Name the month of an instant: ``Aug 2024``."""
    day = day_of(at_us)
    return f"{_MONTHS[day.month - 1]} {day.year}"


def symbol_words(symbols: Sequence[str]) -> str:
    """Name instruments without their exchanges, where that is enough: ``BTCUSDT``, ``BTCUSDT + 2``."""
    names = list(dict.fromkeys(symbol.partition(":")[2] or symbol for symbol in symbols))
    if len(names) < len(symbols):
        names = list(symbols)
    return names[0] if len(names) == 1 else f"{names[0]} + {len(names) - 1}"


def other_params(params: Mapping[str, Any], before: Mapping[str, Any]) -> str:
    """Name what was asked otherwise: ``skew 0``; the first two of several."""
    other = [name for name in params if name in before and before[name] != params[name]]
    said = ", ".join(f"{name} {plain_value(params[name])}" for name in other[:_MOST_PARAMS])
    return f"{said} ..." if len(other) > _MOST_PARAMS else said


def plain_value(value: Any) -> str:
    """Print the value of a parameter."""
    if isinstance(value, float):
        return f"{value:g}".replace("-", MINUS)
    return str(value)


def signed_percent(fraction: float | None, decimals: int = 2) -> str:
    """Print a part of a whole with its sign: ``+4.12 %``."""
    return ABSENT if fraction is None else f"{signed(100 * fraction, decimals)} %"


def signed(value: float | None, decimals: int = 2) -> str:
    """Print a number with its sign, which is a true minus: ``+4 118.20``; zero has none."""
    if value is None or value != value:
        return ABSENT
    text = f"{value:+,.{decimals}f}".replace(",", THIN_SPACE).replace("-", MINUS)
    return text if any(digit in text for digit in "123456789") else text[1:]


def unsigned(value: float | None, decimals: int = 2) -> str:
    """Print a number without a plus: ``2.84``, ``−0.92``."""
    return signed(value, decimals).removeprefix("+")
