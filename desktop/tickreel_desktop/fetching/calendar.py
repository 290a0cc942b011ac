"""A month of UTC days, painted in one piece: what is here, what would come, and a range to be dragged."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from tickreel_desktop.components.announce import announce
from tickreel_desktop.fetching.fates import Fate
from tickreel_desktop.fetching.marks import TEXT_COLOURS, paint_mark
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtGui import QFocusEvent, QHelpEvent

    from tickreel_desktop.fetching.fates import DayFate
    from tickreel_desktop.theme import Theme

_WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_HEAD_PX, _CELL_PX, _GAP_PX = 18, 21, 3
_WEEKS = 6
_OUTSIDE_OPACITY = 0.45
"""Of days that are not asked for: they are there to be chosen."""
FIRST_DAY, LAST_DAY = date(2010, 1, 1), date(2099, 12, 31)
"""Days that can be typed and chosen."""


class MonthCalendar(QWidget):
    """Show a month; a drag, or the keys with Shift, chooses a range."""

    range_chosen = Signal(object, object)
    """The user chose from and to, two dates; also while a drag goes on."""
    month_changed = Signal(object)
    """Another month is shown: its first day."""

    def __init__(self, theme: Theme, today: date, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._month = today.replace(day=1)
        self._cursor = today
        self._anchor = today
        self._range: tuple[date, date] | None = None
        self._fates: Mapping[date, DayFate] = {}
        self._held: Mapping[date, DayFate] = {}
        self._flawed: frozenset[date] = frozenset()
        self._hovered: date | None = None
        self._is_dragging = False
        self.setFont(theme.font(FontRole.BODY))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Calendar of UTC days")
        theme.changed.connect(self.update)

    @property
    def month(self) -> date:
        """The first day of the month that is shown."""
        return self._month

    @property
    def cursor_day(self) -> date:
        """The day at which the keyboard is."""
        return self._cursor

    def show_month(self, day: date) -> None:
        """Show the month of a day."""
        month = day.replace(day=1)
        if month != self._month:
            self._month = month
            self.month_changed.emit(month)
            self.update()

    def step(self, months: int) -> None:
        """Show an earlier or later month."""
        number = self._month.year * 12 + self._month.month - 1 + months
        wanted = date(number // 12, number % 12 + 1, 1)
        if FIRST_DAY <= wanted <= LAST_DAY:
            self.show_month(wanted)

    def set_range(self, first: date | None, last: date | None) -> None:
        """Show a range without telling anyone; None is none."""
        wanted = None if first is None or last is None or last < first else (first, last)
        if wanted == self._range:
            return  # which end the keyboard is at stays as it is
        self._range = wanted
        if wanted is not None:
            self._anchor, self._cursor = wanted
        self.update()

    def show_fates(
        self, fates: Mapping[date, DayFate], held: Mapping[date, DayFate], flawed: frozenset[date]
    ) -> None:
        """Show what becomes of the days that are asked for, and what is held of the others."""
        self._fates, self._held, self._flawed = fates, held, flawed
        self.update()

    def words(self, day: date) -> str:
        """Say what is known of a day."""
        known = self._fates.get(day) if self._is_inside(day) else None
        known = known or self._held.get(day)
        told = f"{day.isoformat()}: {known.words() if known else 'not here'}"
        return f"{told}; free without a key" if day.day == 1 else told

    def cell_of(self, day: date) -> QRectF | None:
        """Give the place of a day, if its month is shown."""
        if day.replace(day=1) != self._month:
            return None
        place = self._month.weekday() + day.day - 1
        theme = self._theme
        gap, height = theme.px(_GAP_PX), theme.px(_CELL_PX)
        width = (self.width() + gap) / 7
        left, right = round(place % 7 * width), round((place % 7 + 1) * width)
        top = theme.px(_HEAD_PX) + place // 7 * (height + gap)
        return QRectF(left, top, right - left - gap, height)

    def _is_inside(self, day: date) -> bool:
        return self._range is not None and self._range[0] <= day <= self._range[1]

    def _day_at(self, place: QPoint, *, clamped: bool = False) -> date | None:
        count = monthrange(self._month.year, self._month.month)[1]
        gap, height = self._theme.px(_GAP_PX), self._theme.px(_CELL_PX)
        column = int(place.x() / ((self.width() + gap) / 7))
        row = (place.y() - self._theme.px(_HEAD_PX)) // (height + gap)
        if clamped:
            column, row = min(max(column, 0), 6), min(max(row, 0), _WEEKS - 1)
        elif not 0 <= column < 7 or row < 0:
            return None
        number = row * 7 + column - self._month.weekday() + 1
        if clamped:
            number = min(max(number, 1), count)
        return self._month.replace(day=number) if 1 <= number <= count else None

    def _choose(self, anchor: date, day: date) -> None:
        self._anchor, self._cursor = anchor, day
        first, last = min(anchor, day), max(anchor, day)
        if self._range != (first, last):
            self._range = (first, last)
            self.update()
            self.range_chosen.emit(first, last)

    def _move(self, day: date, *, extends: bool) -> None:
        day = min(max(day, FIRST_DAY), LAST_DAY)
        self._cursor = day
        self.show_month(day)
        if extends:
            self._choose(self._anchor, day)
        self.update()
        announce(self, self.words(day))

    def sizeHint(self) -> QSize:
        """Need room for six weeks."""
        px = self._theme.px
        return QSize(px(290), px(_HEAD_PX) + _WEEKS * (px(_CELL_PX) + px(_GAP_PX)) - px(_GAP_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the names of the weekdays, then day by day."""
        theme = self._theme
        painter = QPainter(self)
        painter.setFont(theme.font(FontRole.CAPTION))
        painter.setPen(theme.colour("text_3"))
        width = (self.width() + theme.px(_GAP_PX)) / 7
        for place, name in enumerate(_WEEKDAYS):
            box = QRectF(place * width, 0, width - theme.px(_GAP_PX), theme.px(_HEAD_PX) - 2)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)
        for number in range(1, monthrange(self._month.year, self._month.month)[1] + 1):
            self._paint_day(painter, self._month.replace(day=number))
        painter.end()

    def _paint_day(self, painter: QPainter, day: date) -> None:
        theme = self._theme
        box = self.cell_of(day)
        assert box is not None  # of the month that is shown
        is_inside = self._is_inside(day)
        known = self._fates.get(day) if is_inside else self._held.get(day)
        fate = None if known is None else known.fate
        if not is_inside:
            painter.setOpacity(_OUTSIDE_OPACITY)
        elif fate is None:
            painter.fillRect(box, theme.colour("accent_bg"))
        paint_mark(painter, theme, fate, box, has_cross=is_inside and day in self._flawed)
        painter.setOpacity(1.0)
        weight = QFont.Weight.DemiBold if is_inside else QFont.Weight.Normal
        painter.setFont(theme.font(FontRole.CAPTION, weight))
        colour = TEXT_COLOURS.get(fate, "text_2") if is_inside else "text_3"
        if not is_inside and fate in (Fate.HERE, Fate.BAD, Fate.DAMAGED):
            colour = "text_2"
        painter.setPen(theme.colour(colour))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(day.day))
        if day.day == 1:
            side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(box.adjusted(0, 0, -theme.px(4), 0), side, "F")
        if day == self._hovered:
            painter.setPen(QPen(theme.colour("text_2"), 1))
            painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
        if day == self._cursor and self.hasFocus():
            painter.setPen(QPen(theme.colour("text"), 2))
            painter.drawRect(box.adjusted(1, 1, -1, -1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a range; with Shift go on with the one there is."""
        day = self._day_at(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or day is None:
            return
        self._is_dragging = True
        extends = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._choose(self._anchor if extends else day, day)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Carry the range on, or light the day under the pointer."""
        place = event.position().toPoint()
        if self._is_dragging:
            day = self._day_at(place, clamped=True)
            if day is not None:
                self._choose(self._anchor, day)
        self._hover(self._day_at(place))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the drag."""
        self._is_dragging = False

    def leaveEvent(self, event: QEvent) -> None:
        """Light no day."""
        self._hover(None)

    def _hover(self, day: date | None) -> None:
        if day != self._hovered:
            self._hovered = day
            self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Go through the months."""
        if event.angleDelta().y():
            self.step(-1 if event.angleDelta().y() > 0 else 1)
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Say in the tool-tip what is known of a day."""
        if event.type() == QEvent.Type.ToolTip:
            helps: QHelpEvent = event  # type: ignore[assignment]
            day = self._day_at(helps.pos())
            QToolTip.showText(helps.globalPos(), "" if day is None else self.words(day), self)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move by day, week, month or year; Shift carries the range on, Space begins one."""
        extends = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -7, Qt.Key.Key_Down: 7}
        months = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}
        key = Qt.Key(event.key())
        if key in steps:
            self._move(self._cursor + timedelta(days=steps[key]), extends=extends)
        elif key in months:
            is_year = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            self._move(_months_on(self._cursor, months[key] * (12 if is_year else 1)), extends=extends)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            count = monthrange(self._cursor.year, self._cursor.month)[1]
            self._move(self._cursor.replace(day=1 if key == Qt.Key.Key_Home else count), extends=extends)
        elif key == Qt.Key.Key_Space:
            self._choose(self._cursor, self._cursor)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard is."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show it no longer."""
        super().focusOutEvent(event)
        self.update()


def _months_on(day: date, months: int) -> date:
    """Give the same day of another month, or its last."""
    number = day.year * 12 + day.month - 1 + months
    year, month = number // 12, number % 12 + 1
    if not FIRST_DAY.year <= year <= LAST_DAY.year:
        return day
    return date(year, month, min(day.day, monthrange(year, month)[1]))
