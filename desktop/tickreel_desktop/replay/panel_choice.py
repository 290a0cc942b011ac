"""Which panels of a replay can be chosen: those of the present and the strips; the heat map always stays."""

from __future__ import annotations

from typing import TypeAlias

from tickreel_desktop.replay.strips.imbalance import ImbalanceStrip
from tickreel_desktop.replay.strips.latency import LatencyStrip
from tickreel_desktop.replay.strips.prices import PricesStrip
from tickreel_desktop.replay.strips.spread import SpreadStrip
from tickreel_desktop.replay.strips.strips import FIRST_SHOWN as FIRST_STRIPS
from tickreel_desktop.replay.strips.tradeflow import TradeFlowStrip

PanelChoice: TypeAlias = frozenset[str]
"""The keys of what is shown, of :data:`PANELS` and :data:`STRIPS`; others mean nothing."""

PANELS = {
    "ladder": "Ladder",
    "depth": "Depth chart",
    "figures": "At the cursor",
    "tape": "Time and sales",
}
"""The panels of the present, by key, as they are called."""
STRIPS = {
    strip.kind: strip.name
    for strip in (SpreadStrip, PricesStrip, ImbalanceStrip, TradeFlowStrip, LatencyStrip)
}
"""The strips below the heat map. That of the symbols is none of them: it comes with several symbols."""
FIRST_SHOWN: PanelChoice = frozenset({*PANELS, *FIRST_STRIPS})
