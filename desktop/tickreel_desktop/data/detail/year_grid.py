"""Where the days of a year stand in the calendar: a row per month, a column per day of the month."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime
from operator import sub
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, QSize

from tickreel_desktop.data.detail.day_words import MONTHS
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from PySide6.QtCore import QPoint
    from PySide6.QtGui import QPainter

    from tickreel_desktop.theme import Theme

MONTHS_OF_YEAR, _DAYS = 12, 31
_LABELS_PX = 28
_HEADS_PX = 15
_ROW_PX = 17
_COMPACT_ROW_PX = 13
_MOST_WIDE_PX = 20
_GAP_PX = 2
_HEADS = (1, 5, 10, 15, 20, 25, 30)


def today_utc() -> date:
    """Give the UTC day of now: later ones cannot be held."""
    return datetime.now(UTC).date()


@dataclass(frozen=True, slots=True)
class YearGrid:
    """The cells of a year in so much width."""

    theme: Theme
    year: int
    width_px: int
    is_compact: bool

    @property
    def gap_px(self) -> int:
        """Room between two cells."""
        return self.theme.px(_GAP_PX)

    @property
    def _row_px(self) -> int:
        return self.theme.px(_COMPACT_ROW_PX if self.is_compact else _ROW_PX)

    @property
    def _pitch(self) -> float:
        room = self.width_px - self.theme.px(_LABELS_PX)
        return min(room / _DAYS, float(self.theme.px(_MOST_WIDE_PX)))

    def size_of(self, day_px: int) -> QSize:
        """Give the size that it takes with days so wide."""
        height = self.theme.px(_HEADS_PX) + MONTHS_OF_YEAR * self._row_px
        return QSize(self.theme.px(_LABELS_PX) + _DAYS * day_px, height)

    def cell(self, day: date) -> QRect:
        """Give the cell of a day of the year, in whole pixels."""
        pitch, left = self._pitch, self.theme.px(_LABELS_PX)
        begin, end = round(left + (day.day - 1) * pitch), round(left + day.day * pitch)
        top = self.theme.px(_HEADS_PX) + (day.month - 1) * self._row_px
        return QRect(begin, top, max(2, end - begin - self.gap_px), self._row_px - self.gap_px)

    def cells(self, last: date) -> list[tuple[date, QRectF]]:
        """Give the cells of all days of the year up to one, as :meth:`cell` has them, in far less time."""
        year, gap, left = self.year, self.gap_px, self.theme.px(_LABELS_PX)
        pitch, row, top = self._pitch, self._row_px, self.theme.px(_HEADS_PX)
        edges = [round(left + number * pitch) for number in range(_DAYS + 1)]
        return [
            (day, QRectF(edges[number], top + (month - 1) * row, max(2, width - gap), row - gap))
            for month in range(1, MONTHS_OF_YEAR + 1)
            for number, width in enumerate(map(sub, edges[1:], edges[: calendar.monthrange(year, month)[1]]))
            if (day := date(year, month, number + 1)) <= last
        ]

    def day_under(self, place: QPoint) -> date | None:
        """Give the day under a point, or None; there are none after today."""
        month = self._month_at(place)
        number = int((place.x() - self.theme.px(_LABELS_PX)) // self._pitch) + 1
        if not (1 <= month <= MONTHS_OF_YEAR and 1 <= number <= calendar.monthrange(self.year, month)[1]):
            return None
        day = date(self.year, month, number)
        return day if day <= today_utc() else None

    def month_under(self, place: QPoint) -> tuple[date, date] | None:
        """Give the days of the month whose name is under a point, up to today; None where there is none."""
        month = self._month_at(place)
        if not (1 <= month <= MONTHS_OF_YEAR and 0 <= place.x() < self.theme.px(_LABELS_PX)):
            return None
        first, last = self.month_of(date(self.year, month, 1))
        return (first, last) if first <= last else None

    def month_of(self, day: date) -> tuple[date, date]:
        """Give the first day of a day's month, and its last up to today."""
        last = day.replace(day=calendar.monthrange(day.year, day.month)[1])
        return day.replace(day=1), min(last, today_utc())

    def _month_at(self, place: QPoint) -> int:
        return (place.y() - self.theme.px(_HEADS_PX)) // self._row_px + 1

    def paint_labels(self, painter: QPainter) -> None:
        """Paint the names of the months and some numbers of days."""
        theme = self.theme
        painter.setFont(theme.font(FontRole.CAPTION))
        painter.setPen(theme.colour("text_3"))
        words = painter.fontMetrics()
        for number in _HEADS:
            cell = self.cell(date(self.year, 1, number))
            text = "1 free" if number == 1 else str(number)
            width = words.horizontalAdvance(text)
            # Over its column, but no further to the left than the names of the months end.
            left = max(cell.center().x() - width // 2, theme.px(_LABELS_PX) - theme.px(8))
            painter.drawText(QPointF(left, words.ascent()), text)
        for month in range(1, MONTHS_OF_YEAR + 1):
            cell = self.cell(date(self.year, month, 1))
            baseline = cell.center().y() + (words.ascent() - words.descent()) / 2 + 1
            painter.drawText(QPointF(0, baseline), MONTHS[month - 1][:3])
