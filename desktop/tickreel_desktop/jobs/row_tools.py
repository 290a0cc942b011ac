"""The small buttons at the end of a job's row: which there are, and where they lie.

They are painted, so that 5,000 rows cost no more than those in view; keys, the menu of the row and
the details offer the same to those who do not use a pointer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect

from tickreel_desktop.jobs.row import JobState, JobVerb

if TYPE_CHECKING:
    from PySide6.QtGui import QFontMetrics

    from tickreel_desktop.jobs.row import JobRow
    from tickreel_desktop.theme import Theme

CAUSE = "cause"
"""What a button does that is no verb: open the details."""
_ICON_BUTTON_PX = 26
_BUTTON_HEIGHT_PX = 22
_GAP_PX = 6
_PADDING_PX = 9
_GROUPS = (
    (JobVerb.CANCEL, JobVerb.DISMISS),
    (JobVerb.PAUSE, JobVerb.RESUME),
    (JobVerb.DOWN,),
    (JobVerb.UP,),
)
"""Buttons of which one stands in a place, from the right."""
_WORDED = (JobVerb.ANSWER, JobVerb.REPLACE, JobVerb.RETRY)


@dataclass(frozen=True, slots=True)
class RowTool:
    """One button of a row."""

    key: str
    """A verb, or :data:`CAUSE`."""
    text: str
    """Drawn where it is a cure, else told in the tool-tip."""
    is_worded: bool
    rect: QRect


def row_tools(theme: Theme, metrics: QFontMetrics, row: JobRow, cell: QRect) -> list[RowTool]:
    """Place the buttons of a job at the right end of its last cell, from the right."""
    wanted: list[tuple[str, str, bool]] = []
    needs_hand = row.state is JobState.FAILED or JobVerb.ANSWER in row.verbs
    if needs_hand:
        cure = next((verb for verb in row.verbs if verb in _WORDED), None)
        if row.state is JobState.FAILED:
            wanted.append((CAUSE, "Cause", True))
        if cure is not None:
            wanted.append((cure, cure.text, True))
    else:
        for group in _GROUPS:
            offered = next((verb for verb in group if verb in row.verbs), None)
            # A place that is empty stays, so that buttons of one kind stand below each other.
            wanted.append(("", "", False) if offered is None else (offered, offered.text, False))
    tools = []
    right = cell.right() - theme.px(_GAP_PX)
    height = min(theme.px(_BUTTON_HEIGHT_PX), cell.height() - 3)
    top = cell.top() + (cell.height() - height) // 2
    for key, text, is_worded in wanted:
        width = theme.px(_ICON_BUTTON_PX)
        if is_worded:
            width = metrics.horizontalAdvance(text) + 2 * theme.px(_PADDING_PX)
        if key:
            tools.append(RowTool(key, text, is_worded, QRect(right - width + 1, top, width, height)))
        right -= width + (theme.px(_GAP_PX) if is_worded else 0)
    return tools
