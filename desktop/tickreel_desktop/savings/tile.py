"""One figure with its caption and what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from tickreel_desktop.components import ButtonKind, ElidedLabel, button, label
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from tickreel_desktop.savings.words import Figure


class Tile(QFrame):
    """Show one figure; one that has a *link* shows that while there is no figure."""

    link_opened = Signal()

    def __init__(self, theme: Theme, caption: str, link: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._caption = caption
        self._value = ElidedLabel()
        self._note = ElidedLabel()
        set_role(self._note, Role.CAPTION)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(12), theme.px(10), theme.px(8), theme.px(9))
        column.setSpacing(theme.px(2))
        column.addWidget(label(caption, Role.CAPTION))
        column.addWidget(self._value)
        self._link = self._make_link(theme, link) if link else None
        if self._link is not None:
            column.addWidget(self._link, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._note)
        column.addStretch(1)

    def _make_link(self, theme: Theme, text: str) -> QPushButton:
        made = button(theme, text, ButtonKind.LINK)
        made.setCursor(Qt.CursorShape.PointingHandCursor)
        made.clicked.connect(lambda: self.link_opened.emit())
        made.hide()
        return made

    def text(self) -> str:
        """Give what is shown, in one line."""
        link = self._link
        shown = link.text() if link is not None and link.isVisibleTo(self) else self._value.text()
        return " ".join(part for part in (self._caption, shown, self._note.text()) if part)

    def show_figure(self, figure: Figure | None, note: str = "") -> None:
        """Show a figure; None shows the link, with *note* below it."""
        if self._link is not None:
            self._link.setVisible(figure is None)
        self._value.setVisible(figure is not None)
        if figure is not None:
            self._value.setText(figure.text)
            set_role(self._value, Role.METRIC if figure.is_value else Role.SECONDARY)
        self._note.setText(note if figure is None else figure.note)
        self.setAccessibleName(self.text())
