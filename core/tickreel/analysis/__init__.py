"""Analysis: a window of market in figures, and what an analyst, by rules or a model, makes of them.

The names load what they stand for when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tickreel.analysis.analyse import analyze, analyze_async, analyze_windows, opened_service
    from tickreel.analysis.analyst import CallFailed, Waiting
    from tickreel.analysis.figures import FIGURES, Figure, Unit
    from tickreel.analysis.findings import Direction, Finding, FindingKind
    from tickreel.analysis.ledger import CallState, CapReached
    from tickreel.analysis.offline import OFFLINE
    from tickreel.analysis.outcome import Analysis, Preview
    from tickreel.analysis.service import AnalysisService, Prose
    from tickreel.analysis.snapshot import (
        SCHEMA_VERSION,
        Snapshot,
        take_snapshot,
        take_snapshot_of_replay,
    )
    from tickreel.analysis.truth import Binding, Check, Claim

__all__ = [
    "FIGURES",
    "OFFLINE",
    "SCHEMA_VERSION",
    "Analysis",
    "AnalysisService",
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
    "Preview",
    "Prose",
    "Snapshot",
    "Unit",
    "Waiting",
    "analyze",
    "analyze_async",
    "analyze_windows",
    "opened_service",
    "take_snapshot",
    "take_snapshot_of_replay",
]

_MODULES = {
    "FIGURES": "figures",
    "OFFLINE": "offline",
    "SCHEMA_VERSION": "snapshot",
    "Analysis": "outcome",
    "AnalysisService": "service",
    "Binding": "truth",
    "CallFailed": "analyst",
    "CallState": "ledger",
    "CapReached": "ledger",
    "Check": "truth",
    "Claim": "truth",
    "Direction": "findings",
    "Figure": "figures",
    "Finding": "findings",
    "FindingKind": "findings",
    "Preview": "outcome",
    "Prose": "service",
    "Snapshot": "snapshot",
    "Unit": "figures",
    "Waiting": "analyst",
    "analyze": "analyse",
    "analyze_async": "analyse",
    "analyze_windows": "analyse",
    "opened_service": "analyse",
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
