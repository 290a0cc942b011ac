"""The parts that a plain Qt widget may play; the style sheet dresses it accordingly."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


class Role(StrEnum):
    """Name what a frame or a label is for."""

    # Frames
    WINDOW = "window"
    """The ground behind docks."""
    PANEL = "panel"
    """The ground of a dock or page."""
    BAR = "bar"
    """A tool bar: panel ground with a line below."""
    FOOT = "foot"
    """A bar at the foot of a panel: panel ground with a line above."""
    CARD = "card"
    """Something that stands on its own inside a panel: edge and round corners."""
    DIALOG_HEAD = "dialog-head"
    DIALOG_FOOT = "dialog-foot"
    PALETTE = "palette"
    """The frame of the command palette."""
    PAGE = "page"
    """A text to be read: panel ground without edge."""
    CODE = "code"
    """What a machine reads, at length: field ground without edge."""
    LINE = "line"
    """A one pixel line, across or down."""
    # Labels
    TITLE = "title"
    """The title of an object or the sentence before a decision, 15 px."""
    HEADING = "heading"
    """The heading of an empty state, 13 px."""
    SECTION = "section"
    """The name of a group inside a panel, at body size."""
    LABEL = "label"
    """The name above a field."""
    SECONDARY = "secondary"
    CAPTION = "caption"
    """Small and quiet: units, notes under a field, what a figure rests on."""
    METRIC = "metric"
    """The figure of a tile."""
    WELCOME = "welcome"
    LEAD = "lead"
    """The sentence below a welcome, 13 px."""
    STATUS = "status"
    """A figure of the status bar."""
    MONO = "mono"
    """Commands, hashes and raw rows."""
    ERROR = "error"
    """One line under a field that holds something wrong."""
    # What the component kit is made of
    RAIL = "rail"
    RAIL_ITEM = "rail-item"
    DOCK_TITLE = "dock-title"
    BANNER = "banner"
    TOAST = "toast"
    SEGMENTS = "segments"
    SEGMENT = "segment"
    CHIP = "chip"
    CHIPS = "chips"
    """A field that holds chips."""
    CHOICES = "choices"
    """A list that opens below a field."""
    TAG = "tag"
    VALUE = "value"


def set_role(widget: QWidget, role: Role) -> None:
    """Give a widget its role; the style sheet follows."""
    set_style_property(widget, "role", str(role))


def set_style_property(widget: QWidget, name: str, value: str | bool) -> None:
    """Set a property that the style sheet selects by, and dress a widget anew that was dressed already."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    if not widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
        return  # it is dressed with all that it is when its size is first asked for
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
