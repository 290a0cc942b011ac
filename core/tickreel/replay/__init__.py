"""Replay: a session that is asked to advance, and the clock that asks it."""

from tickreel.replay.arrivals import Arrivals, MessageTimes
from tickreel.replay.bands import Band, BandAction, BandKind
from tickreel.replay.clock import AS_FAST_AS_POSSIBLE, PlaybackClock
from tickreel.replay.crossings import CrossingSearch, Threshold
from tickreel.replay.feedlatency import LatencyColumns
from tickreel.replay.frames import Frame, Summary, SymbolClock, SymbolFrame, SymbolSummary, Totals, TypeCount
from tickreel.replay.known import Known
from tickreel.replay.latency import (
    ConstantLatency,
    DistributionLatency,
    FileLatency,
    LatencyModel,
    MeasuredLatency,
    read_model,
)
from tickreel.replay.latencyview import LatencyView
from tickreel.replay.link import BacktestLink, DataLink, Link, ReplayLink, RunLink, parse_link
from tickreel.replay.notes import Note, NoteKind
from tickreel.replay.outline import (
    DayOutline,
    OutlineColumns,
    OutlineMemory,
    read_outlines,
)
from tickreel.replay.plan import Bookmark, Loop, ReplayPlan
from tickreel.replay.series import TouchSeries, TradeSeries
from tickreel.replay.session import Replay
from tickreel.replay.speed import MAX_SPEED, parse_speed, spell_achieved, spell_speed
from tickreel.replay.spelling import spell_plan
from tickreel.replay.stream import Order
from tickreel.replay.views import Balance, Detail, HeatColumns, Views

__all__ = [
    "AS_FAST_AS_POSSIBLE",
    "MAX_SPEED",
    "Arrivals",
    "BacktestLink",
    "Balance",
    "Band",
    "BandAction",
    "BandKind",
    "Bookmark",
    "ConstantLatency",
    "CrossingSearch",
    "DataLink",
    "DayOutline",
    "Detail",
    "DistributionLatency",
    "FileLatency",
    "Frame",
    "HeatColumns",
    "Known",
    "LatencyColumns",
    "LatencyModel",
    "LatencyView",
    "Link",
    "Loop",
    "MeasuredLatency",
    "MessageTimes",
    "Note",
    "NoteKind",
    "Order",
    "OutlineColumns",
    "OutlineMemory",
    "PlaybackClock",
    "Replay",
    "ReplayLink",
    "ReplayPlan",
    "RunLink",
    "Summary",
    "SymbolClock",
    "SymbolFrame",
    "SymbolSummary",
    "Threshold",
    "Totals",
    "TouchSeries",
    "TradeSeries",
    "TypeCount",
    "Views",
    "parse_link",
    "parse_speed",
    "read_model",
    "read_outlines",
    "spell_achieved",
    "spell_plan",
    "spell_speed",
]
