"""What the keys of a replay ask of its charts, whichever of them are in view."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol


class ChartVerb(StrEnum):
    """Something that is done in a chart."""

    CROSSING = "crossing"
    """Go to where a series crosses its threshold."""
    MEASURE = "measure"
    """Measure between two points of the heatmap."""
    TABLE = "table"
    """Show the figures of the focused chart as a table."""
    EXPORT = "export"
    """Write the figures of the focused chart to a file."""


class Charts(Protocol):
    """The charts of a stage; each call is made only while there is no obstacle to its verb."""

    def obstacle(self, verb: ChartVerb) -> str:
        """Say why something cannot be done now and what would help; empty when it can."""

    @property
    def is_measuring(self) -> bool:
        """Whether a drag in the heatmap measures."""

    def measure(self) -> None:
        """Measure in the heatmap, or no more."""

    def show_table(self) -> None:
        """Show the table twin of the focused chart, or the chart again."""

    def export(self) -> None:
        """Ask where to, and write the figures of the focused chart."""
