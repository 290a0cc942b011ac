"""Analysis: a window of market in figures, and what an analyst, by rules or a model, makes of them.

The names load what they stand for when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tickreel.analysis.analyse import analyze, analyze_async, analyze_windows, opened_service
    from tickreel.analysis.analyst import CallFailed, Trouble, Waiting
    from tickreel.analysis.answering import recalled
    from tickreel.analysis.asks import (
        Ask,
        Begun,
        Halted,
        Keep,
        Landed,
        LiveEvent,
        LiveSetup,
        Outcome,
        Said,
    )
    from tickreel.analysis.calls import CallState
    from tickreel.analysis.caps import CapReached
    from tickreel.analysis.figures import FIGURES, Figure, Group, Part, Unit
    from tickreel.analysis.findings import Direction, Finding, FindingKind
    from tickreel.analysis.live import LiveAnalyses, opened_live
    from tickreel.analysis.offline import OFFLINE
    from tickreel.analysis.outcome import Analysis, Preview
    from tickreel.analysis.records import NotRecorded
    from tickreel.analysis.service import AnalysisService, Prose
    from tickreel.analysis.snapshot import (
        SCHEMA_VERSION,
        Snapshot,
        take_snapshot,
        take_snapshot_of_replay,
    )
    from tickreel.analysis.triggers import Reason, Trigger, parse_triggers
    from tickreel.analysis.truth import Binding, Check, Claim, check_text

__all__ = [
    "FIGURES",
    "OFFLINE",
    "SCHEMA_VERSION",
    "Analysis",
    "AnalysisService",
    "Ask",
    "Begun",
    "Binding",
    "CallFailed",
    "CallState",
    "CapReached",
    "Check",
    "Claim",
    "Direction",
    "Figure",
    "Finding",
    "FindingKind",
    "Group",
    "Halted",
    "Keep",
    "Landed",
    "LiveAnalyses",
    "LiveEvent",
    "LiveSetup",
    "NotRecorded",
    "Outcome",
    "Part",
    "Preview",
    "Prose",
    "Reason",
    "Said",
    "Snapshot",
    "Trigger",
    "Trouble",
    "Unit",
    "Waiting",
    "analyze",
    "analyze_async",
    "analyze_windows",
    "check_text",
    "opened_live",
    "opened_service",
    "parse_triggers",
    "recalled",
    "take_snapshot",
    "take_snapshot_of_replay",
]

_MODULES = {
    "FIGURES": "figures",
    "OFFLINE": "offline",
    "SCHEMA_VERSION": "snapshot",
    "Analysis": "outcome",
    "AnalysisService": "service",
    "Ask": "asks",
    "Begun": "asks",
    "Binding": "truth",
    "CallFailed": "analyst",
    "CallState": "calls",
    "CapReached": "caps",
    "Check": "truth",
    "Claim": "truth",
    "Direction": "findings",
    "Figure": "figures",
    "Finding": "findings",
    "FindingKind": "findings",
    "Halted": "asks",
    "Keep": "asks",
    "Landed": "asks",
    "LiveAnalyses": "live",
    "LiveEvent": "asks",
    "LiveSetup": "asks",
    "NotRecorded": "records",
    "Outcome": "asks",
    "Group": "figures",
    "Part": "figures",
    "Preview": "outcome",
    "Prose": "service",
    "Reason": "triggers",
    "Said": "asks",
    "Snapshot": "snapshot",
    "Trigger": "triggers",
    "Trouble": "analyst",
    "Unit": "figures",
    "Waiting": "analyst",
    "analyze": "analyse",
    "analyze_async": "analyse",
    "analyze_windows": "analyse",
    "opened_live": "live",
    "check_text": "truth",
    "opened_service": "analyse",
    "parse_triggers": "triggers",
    "recalled": "answering",
    "take_snapshot": "snapshot",
    "take_snapshot_of_replay": "snapshot",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
