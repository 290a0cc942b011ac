"""What the colours and the two marks of a map mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from tickreel_desktop.backtest.sweep.figures import BY_KEY
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QResizeEvent

    from tickreel_desktop.backtest.sweep.map_view import SweepMap
    from tickreel_desktop.theme import Theme

_RAMP_PX, _RAMP_HIGH_PX = 128, 9
_GAP_PX = 8


class MapLegend(QWidget):
    """The ramp with its ends; and, where there is room, the marks in words."""

    def __init__(self, theme: Theme, shown: SweepMap, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._map = shown
        self.setFixedHeight(theme.px(20))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def renew(self) -> None:
        """Tell of what the map shows now."""
        ends = self._ends()
        self.setAccessibleName(f"Colours from {ends[0]} to {ends[1]}" if ends else "Colours")
        self.update()

    def _ends(self) -> tuple[str, str] | None:
        plane, end = self._map.plane, self._map.ramp_end()
        if plane is None or not end:
            return None
        figure = BY_KEY[plane.figure]
        text = figure.text(end)
        tail = f"{' %' if figure.unit else ''}"
        return f"{figure.text(-end)}{tail}", f"+{text}{tail} {figure.name}"

    def sizeHint(self) -> QSize:
        """Have room for everything."""
        return QSize(self._theme.px(430), self._theme.px(20))

    def minimumSizeHint(self) -> QSize:
        """Give way."""
        return QSize(0, self._theme.px(20))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what has no room."""
        super().resizeEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw from the right what there is room for."""
        ends = self._ends()
        if ends is None:
            return
        px, colour = self._theme.px, self._theme.colour
        painter = QPainter(self)
        painter.setFont(self._theme.font(FontRole.CAPTION))
        words = painter.fontMetrics()
        middle, right = self.height() // 2, self.width() - px(2)
        wanted = px(_RAMP_PX) + sum(map(words.horizontalAdvance, ends)) + 2 * px(_GAP_PX)
        if wanted > right:
            painter.end()
            return
        vertical = Qt.AlignmentFlag.AlignVCenter

        def write(text: str) -> int:
            width = words.horizontalAdvance(text)
            painter.setPen(colour("text_2"))
            painter.drawText(QRect(right - width, 0, width + 1, self.height()), vertical, text)
            return right - width - px(_GAP_PX)

        right = write(ends[1])
        left = right - px(_RAMP_PX)
        for x in range(left, right):
            share = 2 * (x - left) / max(1, right - left - 1) - 1
            painter.fillRect(
                x,
                middle - px(_RAMP_HIGH_PX) // 2,
                1,
                px(_RAMP_HIGH_PX),
                self._map.ramp(share),
            )
        painter.fillRect((left + right) // 2, middle - px(8), 1, px(16), colour("text"))
        right = left - px(_GAP_PX)
        right = write(ends[0]) - px(8)
        for mark, ground, text, is_shown in (
            ("!", "warning", "lone peak", self._map.marks.lone is not None),
            ("R", "text", "robust region", self._map.marks.robust is not None),
        ):
            side = px(14)
            if not is_shown or right - words.horizontalAdvance(text) - side - px(12) < 0:
                continue
            right = write(text)
            tag = QRect(right - side + px(2), middle - side // 2, side, side)
            painter.fillRect(tag, colour(ground))  # type: ignore[arg-type]  # both are names of colours
            painter.setFont(self._theme.font(FontRole.CAPTION, QFont.Weight.DemiBold))
            painter.setPen(colour("plot"))
            painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, mark)
            painter.setFont(self._theme.font(FontRole.CAPTION))
            right = tag.left() - px(12)
        painter.end()
