"""The bar of one symbol over time: what is held of it, what is not, and where it is not sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPen

from tickreel.replay import BandKind
from tickreel.store import DayState
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from PySide6.QtGui import QPainter

    from tickreel.replay import Band
    from tickreel_desktop.replay.offer import HeldSymbol
    from tickreel_desktop.theme import ColourName, Theme

    Spans = NDArray[np.int64]
    Place = Callable[[NDArray[np.int64]], NDArray[np.float64]]

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
        self._spans_us = _array(held.spans_us)
        unsound = [] if held.main is None else held.main.unsound_us(*span_us)
        self._unsound_us = {
            state: _array([(begin, end) for begin, end, each in unsound if each is state])
            for state in dict.fromkeys(state for _, _, state in unsound)
        }
        # A day's grade is that of the rows there are.
        rows_us = {} if held.main is None else held.main.rows_us
        self._stripes = [
            (_array([rows_us.get(begin, (begin, end)) for begin, end in days]), tint, height)
            for kind, tint, height in _STRIPES
            if (days := [(band.from_us, band.to_us) for band in bands if band.kind is kind])
        ]
        self._marks = _array([(band.from_us, band.to_us) for band in bands if band.kind not in _GRADES])
        self._name = name
        words = QFontMetrics(theme.font(FontRole.CAPTION))
        self.name_width = words.horizontalAdvance(name) if name else 0
        """Pixels that the name needs."""

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
        for spans, tint, height in self._stripes:
            for left, right_px in joined(spans, place):
                top = bar.bottom() - px(height)
                painter.fillRect(QRectF(left, top, max(1.0, right_px - left), px(height)), colour(tint))
        least = px(_MARK_PX)
        for left, right_px in joined(self._marks, place):
            mark = QRectF(left, bar.top(), max(least, right_px - left), bar.height())
            painter.fillRect(mark.adjusted(-1, 0, 1, 0), colour("panel"))
            painter.fillRect(mark, colour("warning"))

    def _paint_unsound(self, painter: QPainter, bar: QRectF, place: Place) -> None:
        words = painter.fontMetrics()
        for state, spans in self._unsound_us.items():
            tint = self._theme.colour("error" if state is DayState.DAMAGED else "control")
            needed = words.horizontalAdvance(state) + self._theme.px(8)
            for left, right in joined(spans, place):
                cell = QRectF(round(left), bar.top(), max(1.0, round(right) - round(left)), bar.height())
                if state is DayState.ABSENT:
                    line = QRectF(cell.left(), cell.center().y() - 1, cell.width(), 2)
                    painter.fillRect(line, self._theme.colour("text_3"))
                    continue
                painter.setPen(QPen(tint, 1))
                painter.drawRect(cell.adjusted(0.5, 0.5, -0.5, -0.5))
                if needed <= cell.width():
                    painter.setPen(self._theme.colour("text_2"))
                    painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, state)


def _array(spans_us: Sequence[tuple[int, int]]) -> Spans:
    return np.array(spans_us, np.int64).reshape(-1, 2)


def joined(spans_us: Spans, place: Place) -> list[tuple[float, float]]:
    """Join stretches, in time order, that lie less than a pixel apart; give where they begin and end."""
    if not len(spans_us):
        return []
    left, right = place(spans_us[:, 0]), np.maximum.accumulate(place(spans_us[:, 1]))
    starts = np.flatnonzero(np.r_[True, left[1:] - right[:-1] >= 1])
    ends = np.r_[starts[1:] - 1, len(left) - 1]
    return list(zip(left[starts].tolist(), right[ends].tolist(), strict=True))
