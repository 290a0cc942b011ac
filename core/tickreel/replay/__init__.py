"""Replay: a session that is asked to advance, and the clock that asks it."""

from tickreel.replay.clock import AS_FAST_AS_POSSIBLE, PlaybackClock
from tickreel.replay.frames import Frame, SymbolFrame, Totals, TouchSeries, TradeSeries
from tickreel.replay.link import DataLink, Link, ReplayLink, parse_link
from tickreel.replay.session import Replay, Summary, SymbolSummary
from tickreel.replay.speed import MAX_SPEED, parse_speed, spell_speed
from tickreel.replay.stream import Order
from tickreel.replay.track import TypeCount

__all__ = [
    "AS_FAST_AS_POSSIBLE",
    "MAX_SPEED",
    "DataLink",
    "Frame",
    "Link",
    "Order",
    "PlaybackClock",
    "Replay",
    "ReplayLink",
    "Summary",
    "SymbolFrame",
    "SymbolSummary",
    "Totals",
    "TouchSeries",
    "TradeSeries",
    "TypeCount",
    "parse_link",
    "parse_speed",
    "spell_speed",
]
