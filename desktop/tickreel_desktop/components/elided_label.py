"""A label that gives way: it shortens its text and shows all of it in the tool-tip."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
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
        self._least: QSize | None = None
        """Kept, since layouts ask for it many times over."""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def shown_text(self) -> str:
        """Give what is readable on screen."""
        return self.fontMetrics().elidedText(self.text(), self._mode, self.contentsRect().width())

    def _renew_tool_tip(self) -> None:
        tip = self.text() if self.shown_text() != self.text() else ""
        if tip != self.toolTip():  # to set one is an event, also where it is the same
            self.setToolTip(tip)

    def setText(self, text: str) -> None:
        """Show another text."""
        super().setText(text)
        self._renew_tool_tip()

    def minimumSizeHint(self) -> QSize:
        """Need room for little more than the ellipsis."""
        if self._least is None:
            width = self.fontMetrics().horizontalAdvance("…") * 2
            self._least = QSize(width, super().minimumSizeHint().height())
        return self._least

    def changeEvent(self, event: QEvent) -> None:
        """Forget what was needed in other letters."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._least = None

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
