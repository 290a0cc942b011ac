"""Labels by their role."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from tickreel_desktop.theme import Role, set_role


def label(
    text: str, role: Role | None = None, *, wrap: bool = False, parent: QWidget | None = None
) -> QLabel:
    """Make a label of plain text, so that nothing read from a file is taken for markup."""
    made = QLabel(text, parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if role is not None:
        set_role(made, role)
    return made
