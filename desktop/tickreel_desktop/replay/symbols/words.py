"""Figures of symbols as people read them."""

from __future__ import annotations

from math import isnan

from tickreel.market.time import US_PER_SECOND
from tickreel.market.units import MINUS, format_bps, format_duration_s

_US_PER_MS = 1_000.0


def signed_bps(value: float) -> str:
    """Print basis points with their sign; none is unsigned."""
    text = format_bps(value)
    return f"+{text}" if value > 0 else text


def latency_text(latency_us: float) -> str:
    """Print a latency: ``16.9 ms`` below 100 ms, below 0 with its sign."""
    if isnan(latency_us):
        return "unknown"
    milliseconds = latency_us / _US_PER_MS
    if abs(milliseconds) < 99.95:
        return f"{milliseconds:.1f} ms".replace("-", MINUS)
    return format_duration_s(latency_us / US_PER_SECOND)
