"""Words that stand on the screen in less room than they need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLabel

from tickreel_desktop.components.elided_label import ElidedLabel

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


def clipped_labels(root: QWidget) -> list[str]:
    """Give every text in view below *root* that is cut off without saying so; the good answer is empty."""
    return [
        f"{label.text()!r} in {type(label.parentWidget()).__name__}"
        for label in root.findChildren(QLabel)
        if label.isVisible() and label.text() and not isinstance(label, ElidedLabel) and _is_clipped(label)
    ]


def _is_clipped(label: QLabel) -> bool:
    wanted = label.sizeHint()
    if label.wordWrap():
        return label.heightForWidth(label.width()) > label.height()
    return wanted.width() > label.width() or wanted.height() > label.height()
