"""What a screen reader would be told of the controls in a widget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractScrollArea, QScrollBar, QTabBar, QWidget

if TYPE_CHECKING:
    from collections.abc import Iterator


def focusable(root: QWidget) -> Iterator[QWidget]:
    """Give every control below *root* that the keyboard can reach, hidden ones too."""
    for widget in root.findChildren(QWidget):
        if widget.focusPolicy() == Qt.FocusPolicy.NoFocus or widget.focusProxy() is not None:
            continue
        parent = widget.parentWidget()
        # Parts of a control that Qt names by the control itself.
        if isinstance(widget, QScrollBar) or widget.objectName().startswith("qt_"):
            continue
        if isinstance(parent, QAbstractScrollArea) and widget is parent.viewport():
            continue
        yield widget


def accessible_name(widget: QWidget) -> str:
    """Give what a screen reader calls a widget."""
    if isinstance(widget, QTabBar):
        tabs = " ".join(widget.tabText(index) for index in range(widget.count()))
        return tabs or widget.accessibleName()
    interface = QAccessible.queryAccessibleInterface(widget)
    return interface.text(QAccessible.Text.Name).strip()


def nameless_controls(root: QWidget) -> list[str]:
    """Describe every control below *root* that has no accessible name; the good answer is empty."""
    return [
        f"{type(widget).__name__} {widget.objectName()!r} in {type(widget.parentWidget()).__name__}"
        for widget in focusable(root)
        if not accessible_name(widget)
    ]
