"""How large a run is, in a sentence: days, rows, and how long it takes where that is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.market.units import format_count, format_duration_s
from tickreel_desktop.replay.missing import counted

if TYPE_CHECKING:
    from tickreel_desktop.backtest.form.holding import Extent

BAND_RUNS = 9


def estimate_words(extent: Extent, rows_per_s: float | None, *, has_band: bool, workers: int = 1) -> str:
    """Say it; *rows_per_s* is what the strategy reached before, None before its first run."""
    parts = [counted(extent.held_days), f"{format_count(extent.rows)} rows"]
    runs = 1 + BAND_RUNS * has_band
    if has_band:
        parts.append(f"{runs} runs")
    said = ", ".join(parts)
    if not rows_per_s:
        return f"{said}. How long it takes is known after the first run"
    seconds = extent.rows * runs / rows_per_s / workers
    return f"{said}: about {format_duration_s(max(1.0, round(seconds)))}".replace(".0 s", " s")
