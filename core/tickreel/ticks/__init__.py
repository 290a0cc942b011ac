"""Single ticks, kept one by one, apart from vendor days.

Whole days of vendor data belong in the cache (:mod:`tickreel.store`), where a row takes a
few bytes. This store is for ticks that come singly: dicts that a program received, computed
or wants to look up again by time.
"""

from __future__ import annotations

from tickreel.ticks.model import Page, Removed, Stored, Tick, TickStats, Value
from tickreel.ticks.tickstore import TickStore, open_ticks

__all__ = ["Page", "Removed", "Stored", "Tick", "TickStats", "TickStore", "Value", "open_ticks"]
