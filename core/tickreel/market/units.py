"""Figures as people read them: counts, bytes, prices, spans and moments as short text.

Everything here is for eyes only. Thousands are parted by thin spaces and the minus sign is the
true one, so none of it is meant to be read back.
"""

from __future__ import annotations

from math import floor, isfinite, log10
from typing import TYPE_CHECKING

from tickreel.market.time import US_PER_DAY, US_PER_SECOND, day_of

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

THIN_SPACE = "\u2009"
MINUS = "\u2212"
ABSENT = "\u2013"
"""What stands in place of a figure that is not there (NaN, infinite)."""

MOST_DAYS_AGO = 30
"""What is longer ago than these days is named by its date."""
_MAX_DECIMALS = 12
_US_PER_MINUTE = 60 * US_PER_SECOND
_US_PER_HOUR = 3600 * US_PER_SECOND

_COUNT_STEPS = ((10**12, "T", 2), (10**9, "G", 2), (10**6, "M", 1), (10**3, "k", 1))
_BYTE_STEPS = ((10**12, "TB", 2), (10**9, "GB", 1), (10**6, "MB", 1), (10**3, "kB", 1))


def _fixed(value: float, decimals: int) -> str:
    text = f"{value:,.{decimals}f}".replace(",", THIN_SPACE)
    if text.startswith("-"):
        text = MINUS + text[1:] if any(digit in text for digit in "123456789") else text[1:]
    return text


def _scaled(value: float, steps: tuple[tuple[int, str, int], ...]) -> str:
    """Print with the largest unit that leaves one digit, in at most four digits."""
    size = abs(value)
    for position, (factor, unit, decimals) in enumerate(steps):
        if size < factor and position < len(steps) - 1:
            # 999 960 rounds to the next unit: say 1.0 M, not 1000.0 k.
            below = steps[position + 1]
            if round(size / below[0], below[2]) < 1000:
                continue
        scaled = value / factor
        whole = len(str(int(abs(scaled))))
        return f"{_fixed(scaled, max(0, min(decimals, 4 - whole)))} {unit}"
    raise AssertionError("the last unit takes everything")


def format_full(count: int) -> str:
    """Print a count with all its digits: ``61 944 207``."""
    return f"{count:,}".replace(",", THIN_SPACE).replace("-", MINUS)


def format_count(count: int) -> str:
    """Print a count shortly, in full up to four digits: ``1 284``, ``117.9 k``, ``3.2 M``, ``21.02 G``."""
    return format_full(count) if abs(count) < 10_000 else _scaled(count, _COUNT_STEPS)


def format_bytes(size_bytes: int) -> str:
    """Print a size in powers of ten: ``512 B``, ``998.4 MB``, ``1.42 TB``."""
    return f"{size_bytes} B" if abs(size_bytes) < 1000 else _scaled(size_bytes, _BYTE_STEPS)


def format_amount(amount: float) -> str:
    """Print an amount to three places, four digits in all: ``0.151``, ``6.241``, ``15.50``, ``117.2``.

    Below 0.001 three significant digits are shown, from 10 000 on a short count.
    """
    if not isfinite(amount):
        return ABSENT
    size = abs(amount)
    if size == 0:
        return "0"
    if size < 0.0009995:
        places = 2 - floor(log10(size))
        return _fixed(amount, places).rstrip("0")
    for limit, decimals in ((9.9995, 3), (99.995, 2), (999.95, 1), (9999.5, 0)):
        if size < limit:
            return _fixed(amount, decimals)
    return _scaled(amount, _COUNT_STEPS)


def format_price(price: float, decimals: int) -> str:
    """Print a price with the decimals of its tick: ``52 377.4``."""
    return _fixed(price, decimals) if isfinite(price) else ABSENT


def price_decimals(prices: npt.NDArray[np.float64]) -> int:
    """Find the fewest decimals, at most 12, that show every finite price exactly."""
    import numpy as np  # here, because commands that only list something need not wait for it

    left = prices[np.isfinite(prices)]
    for decimals in range(_MAX_DECIMALS):
        # A whole number over a power of ten is the very float that its decimal text reads as.
        factor = 10.0**decimals
        left = left[np.round(left * factor) / factor != left]
        if not left.size:
            return decimals
    return _MAX_DECIMALS


def format_bps(basis_points: float) -> str:
    """Print basis points to three digits: ``0.86 bp``, ``12.3 bp``, ``418 bp``."""
    if not isfinite(basis_points):
        return ABSENT
    size = abs(basis_points)
    decimals = 2 if size < 9.995 else 1 if size < 99.95 else 0
    return f"{_fixed(basis_points, decimals)} bp"


def format_percent(fraction: float, decimals: int = 1) -> str:
    """Print a fraction of one as per cent: 0.942 is ``94.2 %``."""
    return f"{_fixed(100 * fraction, decimals)} %" if isfinite(fraction) else ABSENT


def format_speed(factor: float) -> str:
    """Print a speed to three digits: ``0.5x``, ``1x``, ``940x``, ``12 400x``; without end is ``max``."""
    if not isfinite(factor):
        return "max"
    if factor < 1000:
        return f"{factor:.3g}x" if factor < 999.5 else "1000x"
    step = 10 ** (int(log10(factor)) - 2)
    rounded = round(factor / step) * step
    return f"{rounded}x" if rounded < 10_000 else f"{format_full(rounded)}x"


def format_duration_s(seconds: float) -> str:
    """Print a span in the unit that suits it: ``0.6 ms``, ``2.7 s``, ``40 s``, ``6 min``, ``2.1 h``."""
    if not isfinite(seconds):
        return ABSENT
    if seconds < 0:
        return MINUS + format_duration_s(-seconds)
    if seconds == 0:
        return "0 s"
    if seconds < 0.9995:
        milliseconds = 1000 * seconds
        return f"{milliseconds:.{1 if milliseconds < 9.95 else 0}f} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    if seconds < 100 * 3600:
        return f"{seconds / 3600:.1f} h"
    return f"{_fixed(seconds / 86_400, 1)} d"


def format_age(then_us: int, now_us: int) -> str:
    """Print how long ago a moment was: ``2 min ago``, ``3 h ago``, ``3 d ago``, at last its UTC day."""
    age_us = now_us - then_us
    if age_us < _US_PER_MINUTE:
        return "just now"
    if age_us < _US_PER_HOUR:
        return f"{age_us // _US_PER_MINUTE} min ago"
    if age_us < US_PER_DAY:
        return f"{age_us // _US_PER_HOUR} h ago"
    days = age_us // US_PER_DAY
    return f"{days} d ago" if days <= MOST_DAYS_AGO else day_of(then_us).isoformat()


def format_clock(instant_us: int, decimals: int = 3) -> str:
    """Print the UTC time of day, cut (not rounded) to *decimals*: ``13:26:36.412``.

    Six decimals stand in two groups: ``13:26:36.412 204``.
    """
    seconds, below_us = divmod(instant_us % US_PER_DAY, US_PER_SECOND)
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if decimals <= 0:
        return clock
    places = f"{below_us:06}"[:decimals]
    return f"{clock}.{places[:3]}{THIN_SPACE + places[3:] if decimals > 3 else ''}"


def format_stamp(instant_us: int, decimals: int = 3) -> str:
    """Print the UTC day and time: ``2024-08-05 13:32:00.114``."""
    return f"{day_of(instant_us).isoformat()} {format_clock(instant_us, decimals)}"
