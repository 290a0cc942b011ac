"""Analysis: what a window of market looks like in figures."""

from tickreel.analysis.figures import FIGURES, Figure, Unit
from tickreel.analysis.snapshot import SCHEMA_VERSION, Snapshot, take_snapshot, take_snapshot_of_replay

__all__ = [
    "FIGURES",
    "SCHEMA_VERSION",
    "Figure",
    "Snapshot",
    "Unit",
    "take_snapshot",
    "take_snapshot_of_replay",
]
