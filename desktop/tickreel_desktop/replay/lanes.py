"""The bar of one symbol over time: what is held of it, what is not, and where it is not sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPen

from tickreel.market.time import day_start_us
from tickreel.replay import BandKind
from tickreel.store import DayState
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from PySide6.QtGui import QPainter

    from tickreel.replay import Band
    from tickreel_desktop.replay.offer import HeldSymbol
    from tickreel_desktop.theme import ColourName, Theme

    Place = Callable[[int], float]

_MARK_PX = 3
"""Narrower bands are drawn so wide, so that they are seen."""
_STRIPES: tuple[tuple[BandKind, ColourName, int], ...] = (
    (BandKind.USABLE, "warning", 3),
    (BandKind.BAD, "error", 7),
)
"""Grades of days as a stripe at the foot: colour and height in pixels."""
_GRADES = tuple(kind for kind, _, _ in _STRIPES)


class Lane:
    """What is painted of one symbol."""

    def __init__(
        self, theme: Theme, held: HeldSymbol, bands: Sequence[Band], name: str, span_us: tuple[int, int]
    ) -> None:
        """Take what is held in a span and its bands; *name* stands before the bar, if there is one."""
        self._theme = theme
        self._spans_us = held.spans_us
        self._unsound_us = [] if held.main is None else held.main.unsound_us(*span_us)
        days = () if held.main is None else held.main.days
        rows_us = {
            day_start_us(day.day): (day.first_local_us, day.last_local_us + 1)
            for day in days
            if day.first_local_us is not None and day.last_local_us is not None
        }
        # A day's grade is that of the rows there are.
        self._grades = [
            (*rows_us.get(band.from_us, (band.from_us, band.to_us)), band.kind)
            for band in bands
            if band.kind in _GRADES
        ]
        self._marks = [(band.from_us, band.to_us) for band in bands if band.kind not in _GRADES]
        self._name = name

    @property
    def name_width(self) -> int:
        """Pixels that the name needs."""
        words = QFontMetrics(self._theme.font(FontRole.CAPTION))
        return words.horizontalAdvance(self._name) if self._name else 0

    def paint(self, painter: QPainter, bar: QRectF, place: Place) -> None:
        """Paint it into *bar*; *place* tells where an instant lies."""
        colour, px = self._theme.colour, self._theme.px
        painter.setFont(self._theme.font(FontRole.CAPTION))
        if self._name:
            painter.setPen(colour("text_2"))
            room = QRectF(0, bar.top(), bar.left() - px(8), bar.height())
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            elided = painter.fontMetrics().elidedText(
                self._name, Qt.TextElideMode.ElideMiddle, int(room.width())
            )
            painter.drawText(room, right, elided)
        for left, right_px in joined(self._spans_us, place):
            span = QRectF(left, bar.top(), max(1.0, right_px - left), bar.height())
            painter.fillRect(span, colour("present"))
        self._paint_unsound(painter, bar, place)
        # A bad day has the higher stripe, so that it is told apart without its colour.
        for kind, tint, height in _STRIPES:
            spans = [(begin, end) for begin, end, grade in self._grades if grade is kind]
            for left, right_px in joined(spans, place):
                top = bar.bottom() - px(height)
                painter.fillRect(QRectF(left, top, max(1.0, right_px - left), px(height)), colour(tint))
        least = px(_MARK_PX)
        for left, right_px in joined(self._marks, place):
            mark = QRectF(left, bar.top(), max(least, right_px - left), bar.height())
            painter.fillRect(mark.adjusted(-1, 0, 1, 0), colour("panel"))
            painter.fillRect(mark, colour("warning"))

    def _paint_unsound(self, painter: QPainter, bar: QRectF, place: Place) -> None:
        for begin, end, state in self._unsound_us:
            left, right = place(begin), place(end)
            cell = QRectF(round(left), bar.top(), max(1.0, round(right) - round(left)), bar.height())
            if state is DayState.ABSENT:
                line = QRectF(cell.left(), cell.center().y() - 1, cell.width(), 2)
                painter.fillRect(line, self._theme.colour("text_3"))
                continue
            tint = self._theme.colour("error" if state is DayState.DAMAGED else "control")
            painter.setPen(QPen(tint, 1))
            painter.drawRect(cell.adjusted(0.5, 0.5, -0.5, -0.5))
            if painter.fontMetrics().horizontalAdvance(state) + self._theme.px(8) <= cell.width():
                painter.setPen(self._theme.colour("text_2"))
                painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, state)


def joined(spans_us: Iterable[tuple[int, int]], place: Place) -> Iterator[tuple[float, float]]:
    """Join stretches, in time order, that lie less than a pixel apart; give where they begin and end."""
    open_left = open_right = None
    for begin, end in spans_us:
        left, right = place(begin), place(end)
        if open_left is None or open_right is None:
            open_left, open_right = left, right
        elif left - open_right < 1:
            open_right = max(open_right, right)
        else:
            yield open_left, open_right
            open_left, open_right = left, right
    if open_left is not None and open_right is not None:
        yield open_left, open_right
