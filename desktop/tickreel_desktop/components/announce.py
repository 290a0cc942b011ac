"""Saying something to a screen reader that has its focus elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


def announce(source: QWidget, text: str) -> None:
    """Have *text* read aloud when the reader comes to rest."""
    QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(source, text))
