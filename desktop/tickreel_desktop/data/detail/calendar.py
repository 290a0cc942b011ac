"""The days of a year, a row per month and a column per day of the month, to be read, opened and chosen."""

from __future__ import annotations

import calendar
from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleValueChangeEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from tickreel_desktop.data.detail.cells import mark_of, paint_marks
from tickreel_desktop.data.detail.day_words import MONTHS, day_words, range_words
from tickreel_desktop.data.detail.year_grid import MONTHS_OF_YEAR, YearGrid, today_utc
from tickreel_desktop.data.detail.year_keys import day_by_key, same_date

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtGui import QFocusEvent

    from tickreel.store import Day
    from tickreel_desktop.data.detail.cells import Mark
    from tickreel_desktop.theme import ColourName, Theme

_USUAL_PX, _LEAST_PX = 13, 10
"""Widths of a day that are asked for."""
_FIRST_YEAR = 2010
"""Before it no market of this kind was recorded."""


class YearCalendar(QWidget):
    """Show one year of a dataset's days; the keyboard, a drag or Shift choose a range of them."""

    day_opened = Signal(object)
    """The user asked for a day (``date``) by click or Enter."""
    range_chosen = Signal(object, object)
    """The first and the last of the days that are chosen now, both included (``date``)."""
    range_cleared = Signal()
    year_changed = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._days: dict[date, Day] = {}
        self._shared: frozenset[date] = frozenset()
        self._span: tuple[date, date] | None = None
        self._year = today_utc().year
        self._cursor = date(self._year, 1, 1)
        self._opened: date | None = None
        self._range: tuple[date, date] | None = None
        self._anchor: date | None = None
        """Where a choice began that is under way by Shift or drag."""
        self._is_dragging = False
        self._is_extended = False
        """The drag that is under way, or Shift, has reached a second day."""
        self._is_compact = False
        self._picture: QPixmap | None = None
        self._is_stale = False
        # Drawn apart from what else a choice in the table brings along.
        self._redraw = QTimer(self)
        self._redraw.setSingleShot(True)
        self._redraw.setInterval(0)
        self._redraw.timeout.connect(self.update)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._forget_picture)
        self._describe()

    @property
    def year(self) -> int:
        """The year that is shown."""
        return self._year

    @property
    def opened(self) -> date | None:
        """The day that was opened last."""
        return self._opened

    @property
    def cursor_day(self) -> date:
        """The day on which the keyboard is."""
        return self._cursor

    @property
    def chosen_days(self) -> tuple[date, date] | None:
        """The first and the last chosen day, both included; None while none are chosen."""
        return self._range

    @property
    def can_go_back(self) -> bool:
        """Whether there is a year before."""
        return self._year > _FIRST_YEAR

    @property
    def can_go_on(self) -> bool:
        """Whether there is a year after."""
        return self._year < today_utc().year

    def day_at(self, day: date) -> Day | None:
        """Give what is recorded of a day."""
        return self._days.get(day)

    def is_in_span(self, day: date) -> bool:
        """Tell whether a day lies between the first and the last recorded one."""
        return self._span is not None and self._span[0] <= day <= self._span[1]

    def show_days(self, days: Iterable[Day]) -> None:
        """Show other days, or the same as they stand now; the year, the opened and the chosen days stay."""
        self._days = {day.day: day for day in days}
        self._span = (min(self._days), max(self._days)) if self._days else None
        self._forget_picture()
        self._describe()

    def show_shared(self, days: frozenset[date]) -> None:
        """Show which of the days lie in the shared cache."""
        if days != self._shared:
            self._shared = days
            self._forget_picture()
            self._describe()

    def set_compact(self, compact: bool) -> None:
        """Use low rows, or those of usual height."""
        if compact != self._is_compact:
            self._is_compact = compact
            self._forget_picture()
            self.updateGeometry()

    def show_year(self, year: int) -> None:
        """Show another year; the cursor goes to the same date there."""
        year = min(max(year, _FIRST_YEAR), today_utc().year)
        if year != self._year:
            self._set_cursor(same_date(self._cursor, year))

    def show_opened(self, day: date) -> None:
        """Mark a day as the one that is opened, and go there, without telling anyone."""
        self._opened = day
        self._set_cursor(day)

    def clear_range(self) -> None:
        """Choose no days."""
        self._anchor = None
        if self._range is not None:
            self._range = None
            self.update()
            self._describe()
            self.range_cleared.emit()

    def _open(self, day: date) -> None:
        self.show_opened(day)
        self.day_opened.emit(day)

    def _set_cursor(self, day: date) -> None:
        self._cursor = min(max(day, date(_FIRST_YEAR, 1, 1)), today_utc())
        if self._cursor.year != self._year:
            self._year = self._cursor.year
            self._forget_picture()
            self.year_changed.emit(self._year)
        self._describe()
        self.update()

    def _extend_to(self, day: date) -> None:
        """Choose the days from the anchor to another one."""
        if self._anchor is None:
            self._anchor = self._cursor
        self._set_cursor(day)
        self._range = min(self._anchor, self._cursor), max(self._anchor, self._cursor)
        self._is_extended = self._cursor != self._anchor
        self.update()
        self._describe()

    def _tell_range(self) -> None:
        if self._range is not None:
            self.range_chosen.emit(*self._range)

    def words_at(self, day: date) -> str:
        """Say what is known of a day."""
        words = day_words(day, self._days.get(day), in_span=self.is_in_span(day))
        return f"{words}, in the shared cache" if day in self._shared else words

    def _describe(self) -> None:
        name = f"Days of {self._year}"
        if name != self.accessibleName():
            self.setAccessibleName(name)
        text = self.words_at(self._cursor)
        if self._range is not None:
            text += f". Chosen: {range_words(*self._range)}"
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)
            if self.hasFocus():
                QAccessible.updateAccessibility(QAccessibleValueChangeEvent(self, text))

    @property
    def grid(self) -> YearGrid:
        """Where the days of the shown year stand."""
        return YearGrid(self._theme, self._year, self.width(), self._is_compact)

    def day_under(self, place: QPoint) -> date | None:
        """Give the day under a point, or None; there are none after today."""
        return self.grid.day_under(place)

    def _choose_month(self, first: date, last: date) -> None:
        """Choose the days of a month, up to today."""
        self._anchor = first
        self._extend_to(last)
        self._anchor = None
        self._tell_range()

    def sizeHint(self) -> QSize:
        """Ask for the height of twelve rows and the numbers above them."""
        return self.grid.size_of(self._theme.px(_USUAL_PX))

    def minimumSizeHint(self) -> QSize:
        """Ask for cells in which marks can be told apart."""
        return self.grid.size_of(self._theme.px(_LEAST_PX))

    # Drawing

    def _forget_picture(self) -> None:
        self._is_stale = True
        self._redraw.start()

    def _drawn(self) -> QPixmap:
        """Give the year without what the keyboard and the pointer do, drawn once."""
        ratio = self.devicePixelRatioF()
        size = QSize(round(self.width() * ratio), round(self.height() * ratio))
        is_due = self._is_stale and not self._redraw.isActive()
        if self._picture is None or self._picture.size() != size or is_due:
            picture = QPixmap(size)
            picture.setDevicePixelRatio(ratio)
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            self.grid.paint_labels(painter)
            paint_marks(painter, self._theme, self._marks())
            painter.end()
            self._picture = picture
            self._is_stale = False
        return self._picture

    def _marks(self) -> list[tuple[QRectF, Mark]]:
        """Give the mark of each day of the year up to today, and its cell."""
        return [
            (cell, mark_of(self._days.get(day), in_span=self.is_in_span(day), is_shared=day in self._shared))
            for day, cell in self.grid.cells(today_utc())
        ]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the year, the chosen days, the opened one, and where the keyboard is."""
        painter = QPainter(self)
        painter.drawPixmap(QPoint(0, 0), self._drawn())
        self._paint_range(painter)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._opened is not None and self._opened.year == self._year:
            self._paint_frame(painter, self._opened, "text")
        if self.hasFocus():
            self._paint_frame(painter, self._cursor, "accent")
        painter.end()

    def _paint_frame(self, painter: QPainter, day: date, colour: ColourName) -> None:
        painter.setPen(QPen(self._theme.colour(colour), 2))
        painter.drawRect(self.grid.cell(day).adjusted(-1, -1, 1, 1))

    def _paint_range(self, painter: QPainter) -> None:
        """Frame the chosen days, month by month, and leave their marks as they are."""
        if self._range is None:
            return
        first, last = self._range
        accent, grid = self._theme.colour("accent"), self.grid
        for month in range(1, MONTHS_OF_YEAR + 1):
            length = calendar.monthrange(self._year, month)[1]
            low, high = max(first, date(self._year, month, 1)), min(last, date(self._year, month, length))
            if low > high:
                continue
            run = grid.cell(low).united(grid.cell(high)).adjusted(-1, -1, 1, grid.gap_px - 1)
            wash = self._theme.colour("accent")
            wash.setAlphaF(0.22)
            painter.fillRect(run, wash)
            painter.setPen(QPen(accent, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(run.adjusted(0, 0, -1, -1))

    # Pointer and keyboard

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to choose, or go on choosing with Shift; the name of a month chooses the month."""
        place = event.position().toPoint()
        month = self.grid.month_under(place)
        if event.button() == Qt.MouseButton.LeftButton and month is not None:
            self._choose_month(*month)
            return
        day = self.day_under(place)
        if event.button() != Qt.MouseButton.LeftButton or day is None:
            return
        self._is_dragging, self._is_extended = True, False
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._extend_to(day)
        else:
            self._anchor = day
            self._set_cursor(day)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Choose up to the day under the pointer."""
        day = self.day_under(event.position().toPoint())
        if self._is_dragging and day is not None and (day != self._cursor or day != self._anchor):
            self._extend_to(day)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose what was dragged over; a click opens its day and chooses nothing."""
        if event.button() != Qt.MouseButton.LeftButton or not self._is_dragging:
            return
        self._is_dragging = False
        if self._is_extended:
            self._tell_range()
        else:
            self.clear_range()
            self._open(self._cursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go by days, months and years, with Shift choosing; Enter opens, Space chooses, Esc lets go.

        M chooses the month.
        """
        target = day_by_key(event.key(), self._cursor)
        if target is not None:
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._extend_to(target)
                self._tell_range()
            else:
                self._anchor = None
                self._set_cursor(target)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self._cursor)
        elif event.key() == Qt.Key.Key_M and not event.modifiers():
            self._choose_month(*self.grid.month_of(self._cursor))
        elif event.key() == Qt.Key.Key_Space:
            self._anchor = self._cursor
            self._extend_to(self._cursor)
            self._tell_range()
        elif event.key() == Qt.Key.Key_Escape and self._range is not None:
            self.clear_range()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Tell of the day under the pointer, and keep Esc while days are chosen."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            day, month = self.day_under(event.pos()), self.grid.month_under(event.pos())
            tip = "" if day is None else self.words_at(day)
            if month is not None:
                tip = f"Choose {MONTHS[month[0].month - 1]} {self._year} (M)"
            QToolTip.showText(event.globalPos(), tip, self, QRect() if day is None else self.grid.cell(day))
            return True
        is_escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if event.type() == QEvent.Type.ShortcutOverride and is_escape and self._range is not None:
            event.accept()
            return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard is."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show the keyboard no more."""
        super().focusOutEvent(event)
        self.update()
