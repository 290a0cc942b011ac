"""The few meanings that may colour a word; good news is usually left neutral."""

from __future__ import annotations

from enum import StrEnum


class Tone(StrEnum):
    """Name what a value or a tag says beyond its words."""

    NEUTRAL = "neutral"
    GOOD = "good"
    ACCENT = "accent"
    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"
    BID = "bid"
    ASK = "ask"
