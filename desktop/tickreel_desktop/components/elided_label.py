"""A label that gives way: it shortens its text and shows all of it in the tool-tip."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStyle, QStyleOption, QWidget


class ElidedLabel(QLabel):
    """Show a line of plain text, with an ellipsis where there is no room.

    Ids are shortened in the middle, where they differ least; everything else at the right.
    """

    def __init__(
        self,
        text: str = "",
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._mode = mode
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def shown_text(self) -> str:
        """Give what is readable on screen."""
        return self.fontMetrics().elidedText(self.text(), self._mode, self.contentsRect().width())

    def _renew_tool_tip(self) -> None:
        self.setToolTip(self.text() if self.shown_text() != self.text() else "")

    def setText(self, text: str) -> None:
        """Show another text."""
        super().setText(text)
        self._renew_tool_tip()

    def minimumSizeHint(self) -> QSize:
        """Need room for little more than the ellipsis."""
        return QSize(self.fontMetrics().horizontalAdvance("…") * 2, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Decide anew whether the tool-tip is needed."""
        super().resizeEvent(event)
        self._renew_tool_tip()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the text as far as it fits."""
        option = QStyleOption()
        option.initFrom(self)
        painter = QPainter(self)
        self.style().drawItemText(
            painter,
            self.contentsRect(),
            int(self.alignment().value),
            option.palette,
            bool(option.state & QStyle.StateFlag.State_Enabled),
            self.shown_text(),
            self.foregroundRole(),
        )
        painter.end()
