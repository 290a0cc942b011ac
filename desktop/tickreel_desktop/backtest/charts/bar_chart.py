"""Bars from zero for names in a row: profit and loss by hour, a distribution, a figure by horizon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QToolTip

from tickreel_desktop.backtest.charts.figure import Figure, value_text
from tickreel_desktop.backtest.charts.scale import Place, range_around
from tickreel_desktop.replay.charttable import ChartTable, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent
    from PySide6.QtWidgets import QWidget

    from tickreel_desktop.theme import ColourName, Theme

_FOOT_PX = 20
_WIDEST_PX = 56
_STEPS = {Qt.Key.Key_Left.value: -1, Qt.Key.Key_Right.value: 1}


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; *words* name it at length, for the table and the tool-tip."""

    name: str
    value: float
    words: str = ""


class BarChart(Figure):
    """Show bars; arrows go from one to the next."""

    def __init__(
        self,
        theme: Theme,
        name: str,
        column: str,
        text: Callable[[float, int], str] = value_text,
        told: Callable[[float], str] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Call what the bars are of *column*, in the table."""
        super().__init__(theme, name, text, parent)
        self._column = column
        self._told = told or (lambda value: text(value, 2))
        self._bars: tuple[Bar, ...] = ()
        self._at: int | None = None
        self.foot_px = theme.px(_FOOT_PX)
        self.setMouseTracking(True)

    @property
    def bars(self) -> tuple[Bar, ...]:
        """What is drawn."""
        return self._bars

    def set_bars(self, bars: Sequence[Bar]) -> None:
        """Draw other bars."""
        self._bars, self._at = tuple(bars), None
        self.setAccessibleDescription(self.words())
        self.update()

    def words(self) -> str:
        """Say in a sentence what is drawn."""
        if not self._bars:
            return "Nothing is drawn."
        if self._at is not None:
            return self._said(self._bars[self._at])
        least, most = (pick(self._bars, key=lambda bar: bar.value) for pick in (min, max))
        return f"{len(self._bars)} bars, most {self._said(most)}, least {self._said(least)}."

    def table(self) -> ChartTable:
        """Give all bars."""
        rows = tuple((bar.words or bar.name, plain(bar.value)) for bar in self._bars)
        return ChartTable(self.accessibleName(), (self._column, "value"), rows)

    def place(self) -> Place:
        """Give where values lie."""
        low, high = range_around([(bar.value, bar.value) for bar in self._bars], with_zero=True)
        return Place(self.area(), 0, max(1, len(self._bars)), low, high)

    def bar_rect(self, number: int) -> QRectF:
        """Give where a bar is drawn."""
        place = self.place()
        slot = place.area.width() / max(1, len(self._bars))
        width = max(1.0, min(self._theme.px(_WIDEST_PX), round(slot * 0.72)))
        left = round(place.area.left() + (number + 0.5) * slot - width / 2)
        top, bottom = sorted((place.zero, place.y_of(self._bars[number].value)))
        return QRectF(left, round(top), width, max(1, round(bottom) - round(top)))

    def _said(self, bar: Bar) -> str:
        return f"{bar.words or bar.name}: {self._told(bar.value)}"

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bars and as many names as there is room for."""
        painter = QPainter(self)
        self._ground(painter)
        place = self.place()
        self._paint_axis(painter, place)
        for number in range(len(self._bars)):
            colour: ColourName = "accent" if number == self._at else "present"
            painter.fillRect(self.bar_rect(number), self._theme.colour(colour))
        metrics = QFontMetricsF(painter.font())
        painter.setPen(self._theme.colour("text_2"))
        slot = place.area.width() / max(1, len(self._bars))
        widest = max((metrics.horizontalAdvance(bar.name) for bar in self._bars), default=0.0)
        every = max(1, int(np.ceil((widest + self._theme.px(10)) / slot)))
        base = place.area.bottom() + metrics.ascent() + self._theme.px(3)
        for number in range(0, len(self._bars), every):
            name = self._bars[number].name
            width = metrics.horizontalAdvance(name)
            middle = place.area.left() + (number + 0.5) * slot
            left = min(max(middle - width / 2, place.area.left()), place.area.right() - width)
            painter.drawText(QPointF(left, base), name)
        painter.end()

    def _point_at(self, number: int | None) -> None:
        if number != self._at:
            self._at = number
            self.setAccessibleDescription(self.words())
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light the bar under the pointer, and say its value."""
        area = self.area()
        place = (event.position().x() - area.left()) / area.width() * len(self._bars)
        if self._bars and 0 <= place < len(self._bars):
            self._point_at(int(place))
            QToolTip.showText(event.globalPosition().toPoint(), self._said(self._bars[int(place)]), self)
        else:
            self._point_at(None)

    def leaveEvent(self, event: QEvent) -> None:
        """Light none."""
        super().leaveEvent(event)
        self._point_at(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from bar to bar."""
        step = _STEPS.get(event.key())
        if step is None or not self._bars:
            super().keyPressEvent(event)
            return
        begin = -1 if step > 0 else len(self._bars)
        self._point_at(min(max((begin if self._at is None else self._at) + step, 0), len(self._bars) - 1))
