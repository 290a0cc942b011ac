"""What stands where there is nothing yet: what this is, why it is empty, the next step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from tickreel_desktop.components.icon_label import IconLabel
from tickreel_desktop.components.labels import label
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel_resources import IconName

_TEXT_WIDTH_PX = 340


class EmptyState(QFrame):
    """Fill an empty panel with its reason and the way out of it."""

    def __init__(
        self,
        theme: Theme,
        icon: IconName,
        heading: str,
        text: str,
        buttons: Sequence[QAbstractButton] = (),
        parent: QWidget | None = None,
        *,
        width: int = _TEXT_WIDTH_PX,
    ) -> None:
        """Say it in lines of so much *width*, in pixels at scale 1."""
        super().__init__(parent)
        set_role(self, Role.PANEL)
        center = Qt.AlignmentFlag.AlignHCenter
        self._heading = label(heading, Role.HEADING)
        self._heading.setAlignment(center)
        self._text = label(text, Role.SECONDARY, wrap=True)
        self._text.setAlignment(center)
        self._text.setFixedWidth(theme.px(width))
        self._fit_text()
        column = QVBoxLayout(self)
        margin = theme.px(16)
        column.setContentsMargins(margin, margin, margin, margin)
        column.setSpacing(theme.px(8))
        column.addStretch(1)
        column.addWidget(IconLabel(theme, icon, "text_2", 28), 0, center)
        column.addWidget(self._heading)
        column.addWidget(self._text, 0, center)
        if buttons:
            row = QHBoxLayout()
            row.setSpacing(theme.px(8))
            row.setContentsMargins(0, theme.px(6), 0, 0)
            row.addStretch(1)
            for each in buttons:
                row.addWidget(each)
            row.addStretch(1)
            column.addLayout(row)
        column.addStretch(1)

    def set_text(self, heading: str, text: str) -> None:
        """Name another state and its reason."""
        self._heading.setText(heading)
        self._text.setText(text)
        self._fit_text()

    def _fit_text(self) -> None:
        """Ask for the height at the text's own width; the column would ask for that at its own."""
        # An empty text has no height for any width: Qt says -1.
        self._text.setMinimumHeight(max(0, self._text.heightForWidth(self._text.width())))
