"""The ladder: the book around its touch, price by price, and what was traded at each."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QToolTip, QWidget

from tickreel.market.time import US_PER_SECOND
from tickreel.market.units import format_duration_s, format_price
from tickreel_desktop.components.announce import announce
from tickreel_desktop.replay.exports import Table, plain
from tickreel_desktop.replay.ladder.marks import ChangeMarks
from tickreel_desktop.replay.ladder.model import LadderModel
from tickreel_desktop.replay.ladder.painter import Bars, LadderPainter, RowLook, widest_price
from tickreel_desktop.replay.ladder.tools import make_tools
from tickreel_desktop.replay.message import Message, paint_message, reason_without_book
from tickreel_desktop.replay.sharedview import NO_CURSOR, Cursor
from tickreel_desktop.theme.motion import is_motion_reduced

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from PySide6.QtGui import QPixmap, QResizeEvent, QShowEvent

    from tickreel.replay import Frame
    from tickreel_desktop.replay.ladder.sight import Sight
    from tickreel_desktop.replay.player import ReplayRequest
    from tickreel_desktop.replay.sharedview import SharedView
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

ROW_PX = 20
COMPACT_ROW_PX = 18
_HEADING_PX = 22
_FOOT_PX = 24
_WHEEL_STEP = 120
_ROWS_PER_STEP = 3
_DESCRIBE_EVERY_S = 1.0
_OWN_KEYS = (Qt.Key.Key_Home.value, Qt.Key.Key_K.value)
"""Keys that may be shortcuts of the window as well; here they are meant for the ladder."""
_HEADINGS = ("price", "bid_amount", "ask_amount", "traded_buy", "traded_sell", "traded_unknown")


class LadderView(QWidget):
    """Show rows of prices around the touch of one symbol of the frames.

    The spread is kept near the middle, or every row keeps its place while it is locked. The cursor
    is that of the shared view.
    """

    locked_changed = Signal(bool)
    caption_changed = Signal()
    """:meth:`caption` says something else."""

    def __init__(
        self, theme: Theme, zone: DisplayZone, shared: SharedView, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._zone = zone
        self._shared = shared
        self._painter = LadderPainter(theme)
        self._row_px = theme.px(ROW_PX)
        self._number = 0
        self._is_open = False
        self._model = LadderModel()
        self._sight: Sight | None = None
        self._marks = ChangeMarks()
        self._bars = Bars(0.0, 0.0)
        self._drawn: list[object] = []
        """What each place shows, so that only those are drawn again that show something else."""
        self._is_stale = False
        self._points = False
        self._wheeled = 0
        self._described_s = -np.inf
        self._mark_end = QTimer(self)
        self._mark_end.setSingleShot(True)
        self._mark_end.timeout.connect(self._redraw)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Ladder: bid amount, price, ask amount, amount traded")
        theme.changed.connect(self.update)
        zone.changed.connect(self.update)
        shared.cursor_changed.connect(self._redraw)
        self._tools = make_tools(theme, self)
        self._describe()

    def tools(self) -> Sequence[QWidget]:
        """Give the controls for the title of the dock."""
        return self._tools

    def caption(self) -> str:
        """Say how high rows are, and since when trades are counted; empty without a book."""
        sight, traded = self._sight, self._model.traded
        if sight is None:
            return ""
        group = f"{format_price(float(sight.scale.group), sight.scale.decimals)} rows"
        if traded.since_us is None:
            return group
        since = f"traded since {self._zone.zone.clock(traded.since_us, 0)}"
        if traded.window_us is not None:
            since = f"traded in {format_duration_s(traded.window_us / US_PER_SECOND)}"
        return f"{group}, {since}"

    def begin(self, request: ReplayRequest) -> None:
        """Show another replay: forget everything of the one before."""
        self._is_open = True
        self._forget(request.start_us)

    def clear(self) -> None:
        """Show nothing."""
        self._is_open = False
        self._forget(0)

    def set_symbol(self, index: int) -> None:
        """Show another symbol of the frames, from the next one on."""
        if index != self._number:
            self._number = index
            self._forget(self._model.at_us)

    def _forget(self, at_us: int) -> None:
        was_locked = self.is_locked
        self._model.clear(at_us)
        self._marks.forget()
        self._bars = Bars(0.0, 0.0)
        self._described_s = -np.inf
        self._renew()
        if was_locked:
            self.locked_changed.emit(False)

    def take(self, frame: Frame) -> None:
        """Show the newest state; while hidden, only remember it."""
        self._model.take(frame.symbols[self._number], frame.at_us, is_jump=frame.is_jump)
        if frame.is_jump:
            self._marks.forget()
        self._is_stale = True
        if self.isVisible():
            self._renew()

    def set_tick(self, tick: float | None) -> None:
        """Name the symbol's tick; without one it is found in the books that are shown."""
        self._model.set_tick(tick)
        self._renew()

    def set_multiple(self, multiple: int | None) -> None:
        """Make rows so many ticks high; None chooses a height that shows the best levels."""
        self._model.set_multiple(multiple)
        self._renew()

    def set_compact(self, *, is_compact: bool) -> None:
        """Draw lower rows, so that more of them are seen."""
        self._row_px = self._theme.px(COMPACT_ROW_PX if is_compact else ROW_PX)
        self._fit()

    @property
    def sight(self) -> Sight | None:
        """The figures that are shown; None while there is no book."""
        return self._sight

    @property
    def is_locked(self) -> bool:
        """Whether every row keeps its place."""
        return self._model.arrangement.is_locked

    def set_locked(self, *, is_locked: bool) -> None:
        """Let every row keep its place, or keep the spread in the middle."""
        if is_locked == self.is_locked:
            return
        if is_locked:
            self._model.arrangement.lock()
        else:
            self._model.arrangement.centre()
        self._renew()
        self.locked_changed.emit(is_locked)

    def centre(self) -> None:
        """Put the spread into the middle and keep it there."""
        self._move(self._model.arrangement.centre)

    def reset_traded(self) -> None:
        """Count what is traded from now on."""
        self._model.traded.reset(self._model.at_us)
        self._renew()
        self.caption_changed.emit()

    def set_traded_window(self, window_us: int | None) -> None:
        """Count what was traded in so much time, from now on; None counts all of it."""
        self._model.traded.set_window(window_us, self._model.at_us)
        self._renew()
        self.caption_changed.emit()

    def message(self) -> Message | None:
        """Say why there are no rows; None where there are."""
        if self._sight is not None:
            return None
        return reason_without_book(self._model.symbol, self._zone.zone, is_open=self._is_open)

    def table(self) -> Table:
        """Give the rows in view, the highest price first."""
        sight = self._sight
        rows = []
        for row in self._rows() if sight is not None else ():
            if sight is not None and row is not None:
                at = sight.index(row)
                figures = (sight.scale.price(row), *sight.amounts[at], *sight.traded[at])
                rows.append(tuple(plain(figure) for figure in figures))
        return Table(_HEADINGS, rows)

    def csv(self, path: Path) -> None:
        """Write the rows in view as a CSV file; raises OSError when it cannot be written."""
        self.table().write(path)

    def picture(self) -> QPixmap:
        """Give what is seen as a picture."""
        return self.grab()

    def row_at(self, y: float) -> int | None:
        """Give the row at a height of the widget; None for the spread, heading and foot."""
        place = int((y - self._theme.px(_HEADING_PX)) // self._row_px)
        arrangement = self._model.arrangement
        is_row = self._sight is not None and 0 <= place < arrangement.places
        return arrangement.row_at(place) if is_row else None

    def _rows(self) -> list[int | None]:
        arrangement = self._model.arrangement
        return [arrangement.row_at(place) for place in range(arrangement.places)]

    def _renew(self) -> None:
        """Compute what is shown now, and draw what shows something else than before."""
        self._is_stale = False
        before = self._sight
        sight = self._sight = self._model.sight(before)
        scale_before = None if before is None else before.scale
        if sight is None:
            self._marks.forget()
            self._drawn.clear()
            self.update()
        else:
            is_new = sight.scale != scale_before
            if is_new:
                self._marks.forget()
            self._marks.take(sight.low, sight.amounts, time.monotonic(), marks=not is_motion_reduced())
            most_traded = float(sight.traded.sum(axis=1).max(initial=0.0))
            bars = Bars(
                _held(self._bars.resting, sight.longest_bar),
                _held(self._bars.traded, most_traded),
            )
            is_refit = self._painter.fit(self.width(), widest_price(sight)) or bars != self._bars
            self._bars = bars
            self._redraw()
            if is_new or is_refit:
                self.update()
            if is_new:
                self.caption_changed.emit()
        if time.monotonic() - self._described_s >= _DESCRIBE_EVERY_S:
            self._describe()

    def _redraw(self) -> None:
        """Draw again the places that show something else than when they were drawn last."""
        sight = self._sight
        if sight is None:
            return
        now_s = time.monotonic()
        marked = self._marks.marked(now_s).tolist()
        figures = np.hstack([sight.amounts, sight.traded, sight.is_wall]).tolist()
        cursor = self._cursor_row()
        shown: list[object] = [
            (sight.spread_text(), sight.near)
            if row is None
            else (row, figures[row - sight.low], marked[row - sight.low], row in sight.touch, row == cursor)
            for row in self._rows()
        ]
        shown.append((sight.total, sight.total_traded))
        top = self._theme.px(_HEADING_PX)
        for place, (now, before) in enumerate(zip(shown, self._drawn or [None] * len(shown), strict=False)):
            if now != before:
                self.update(0, top + place * self._row_px, self.width(), self._row_px)
        if shown[-1:] != self._drawn[-1:]:
            foot = self._theme.px(_FOOT_PX)
            self.update(0, self.height() - foot, self.width(), foot)
        self._drawn = shown
        left_s = self._marks.left_s(now_s)
        if left_s is not None and not self._mark_end.isActive():
            self._mark_end.start(max(1, round(1000 * left_s) + 1))

    def _cursor_row(self) -> int | None:
        price = self._shared.cursor.price
        return None if price is None or self._sight is None else self._sight.row_of(price)

    def _describe(self) -> None:
        self._described_s = time.monotonic()
        sight, message = self._sight, self.message()
        if sight is None:
            text = message.heading if message is not None else ""
        else:
            names = zip(("bid", "ask"), sight.best, strict=True)
            text = ", ".join(
                f"no {name}s" if price is None else f"best {name} {format_price(price, sight.scale.decimals)}"
                for name, price in names
            )
            text = f"{text}, {sight.spread_text()}"
        self.setAccessibleDescription(text[:1].upper() + text[1:])

    def _fit(self) -> None:
        room = self.height() - self._theme.px(_HEADING_PX) - self._theme.px(_FOOT_PX)
        self._model.arrangement.set_places(max(1, room // self._row_px))
        self._drawn.clear()
        self._renew()
        self.update()

    def _move(self, move: Callable[[], None]) -> None:
        """Show other rows, and tell when they are locked now, or no longer."""
        was_locked = self.is_locked
        move()
        self._renew()
        if self.is_locked != was_locked:
            self.locked_changed.emit(self.is_locked)

    def _step_cursor(self, rows: int) -> None:
        sight = self._sight
        if sight is None:
            return
        row = self._cursor_row()
        if row is None:
            row = self._model.arrangement.middle or 0
        row += rows
        self._move(lambda: self._model.arrangement.reveal(row))
        self._points = False
        self._shared.set_cursor(Cursor(None, sight.scale.price(row)))

    def _read_out(self) -> bool:
        row = self._cursor_row()
        if row is None or self._sight is None:
            return False
        announce(self, self._sight.row_text(row))
        place = self._model.arrangement.place_of(row)
        below = self._theme.px(_HEADING_PX) + (place + 1) * self._row_px
        QToolTip.showText(self.mapToGlobal(QPoint(self._theme.px(8), below)), self._sight.row_text(row), self)
        return True

    def sizeHint(self) -> QSize:
        """Be as wide as four columns of figures need."""
        return QSize(self._theme.px(252), self._theme.px(600))

    def minimumSizeHint(self) -> QSize:
        """Keep room for a few rows."""
        return QSize(self._theme.px(210), self._theme.px(160))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many rows as there is room for."""
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what came while it was hidden."""
        super().showEvent(event)
        if self._is_stale:
            self._renew()

    def event(self, event: QEvent) -> bool:
        """Tell of the row under the pointer where a tool-tip is asked for; keep own keys from shortcuts."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() in _OWN_KEYS
            and not event.modifiers()
        ):
            event.accept()
            return True
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            row = self.row_at(event.pos().y())
            if row is not None and self._sight is not None:
                QToolTip.showText(event.globalPos(), self._sight.row_text(row), self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Put the cursor at the price under the pointer."""
        row = self.row_at(event.position().y())
        if row is not None and self._sight is not None:
            self._points = True
            self._shared.set_cursor(Cursor(None, self._sight.scale.price(row)))

    def leaveEvent(self, event: QEvent) -> None:
        """Take away the cursor that the pointer put there."""
        super().leaveEvent(event)
        if self._points:
            self._points = False
            self._shared.set_cursor(NO_CURSOR)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll locked rows."""
        if not self.is_locked:
            event.ignore()
            return
        self._wheeled += event.angleDelta().y() * _ROWS_PER_STEP
        rows, self._wheeled = divmod(self._wheeled, _WHEEL_STEP)
        self._model.arrangement.scroll(rows)
        self._renew()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go by a row or a page, centre, lock, read out."""
        page = max(1, self._model.arrangement.places - 2)
        steps = {
            Qt.Key.Key_Up.value: 1,
            Qt.Key.Key_Down.value: -1,
            Qt.Key.Key_PageUp.value: page,
            Qt.Key.Key_PageDown.value: -page,
        }
        key = event.key()
        if key in steps:
            self._step_cursor(steps[key])
        elif key == Qt.Key.Key_Home:
            self.centre()
        elif key == Qt.Key.Key_K and not event.modifiers():
            self.set_locked(is_locked=not self.is_locked)
        elif key == Qt.Key.Key_Escape and self._shared.cursor != NO_CURSOR:
            self._shared.set_cursor(NO_CURSOR)
        elif not (key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._read_out()):
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows of the places that are asked for."""
        painter = QPainter(self)
        sight, message = self._sight, self.message()
        if sight is None:
            painter.fillRect(self.rect(), self._theme.colour("panel"))
            if message is not None:
                paint_message(painter, self._theme, QRectF(self.rect()), message)
            painter.end()
            return
        region, width = event.region(), self.width()
        top, foot = self._theme.px(_HEADING_PX), self._theme.px(_FOOT_PX)
        self._painter.ground(painter, self.height())
        marked = self._marks.marked(time.monotonic()).tolist()
        cursor, row_px = self._cursor_row(), self._row_px
        for place, row in enumerate(self._rows()):
            begin = top + place * row_px
            if not region.intersects(QRect(0, begin, width, row_px)):
                continue
            if row is None:
                self._painter.spread(painter, (begin, row_px), sight)
            else:
                bid_changed, ask_changed = marked[sight.index(row)]
                look = RowLook(bid_changed, ask_changed, row == cursor)
                self._painter.row(painter, (begin, row_px), sight, row, look, self._bars)
        end = self.height() - foot
        if region.boundingRect().top() < top:
            self._painter.heading(painter, (0, top))
        if region.boundingRect().bottom() >= end:
            self._painter.foot(painter, (end, foot), sight)
        self._painter.finish(painter)
        painter.end()


def _held(before: float, most: float) -> float:
    """Keep the length of bars steady: a new scale only for what is longer, or less than half as long."""
    return before if most <= before <= 2 * most else most
