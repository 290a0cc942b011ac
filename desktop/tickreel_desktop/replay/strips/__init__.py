"""What happened over time below the heatmap: spread, mid and microprice, imbalance, trade flow."""

from tickreel_desktop.replay.strips.spread import SpreadUnit
from tickreel_desktop.replay.strips.strip import StripKind
from tickreel_desktop.replay.strips.strips import Strips

__all__ = ["SpreadUnit", "StripKind", "Strips"]
