"""tardis-machine as a source: normalized messages become rows of the vendor's CSV types."""

from __future__ import annotations

from tickreel.sources.normalized.client import SILENCE_S, Replay, ReplayProgress, replay
from tickreel.sources.normalized.failures import ReplayFailed
from tickreel.sources.normalized.messages import LineError
from tickreel.sources.normalized.options import MACHINE_TYPES, LeadIn, ReplayRequest
from tickreel.sources.normalized.reaching import machine_trouble
from tickreel.sources.normalized.rows import RowReader, Summary

__all__ = [
    "MACHINE_TYPES",
    "SILENCE_S",
    "LeadIn",
    "LineError",
    "Replay",
    "ReplayFailed",
    "ReplayProgress",
    "ReplayRequest",
    "RowReader",
    "Summary",
    "machine_trouble",
    "replay",
]
