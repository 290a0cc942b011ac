"""The ladder: the book around its touch, price by price, and what was traded at each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from tickreel.market.time import US_PER_SECOND
from tickreel.market.units import format_duration_s, format_price
from tickreel_desktop.replay.charttable import ChartTable, plain
from tickreel_desktop.replay.ladder.drawing import Drawing
from tickreel_desktop.replay.ladder.hand import LadderHand
from tickreel_desktop.replay.ladder.model import LadderModel
from tickreel_desktop.replay.message import Message, paint_message, reason_without_book
from tickreel_desktop.replay.own.rungs import rungs_of
from tickreel_desktop.replay.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtGui import QResizeEvent, QShowEvent

    from tickreel.replay import Frame
    from tickreel_desktop.replay.ladder.sight import Sight
    from tickreel_desktop.replay.own.orders import OwnOrders
    from tickreel_desktop.replay.own.rungs import Rung
    from tickreel_desktop.replay.player import ReplayRequest
    from tickreel_desktop.replay.sharedview import SharedView
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_EVERY_MS = 66
"""Figures that change faster cannot be read; the newest always come to stand."""
_DESCRIBE_EVERY_MS = 1_000
_HEADINGS = ("price", "bid_amount", "ask_amount", "traded_buy", "traded_sell", "traded_unknown")


class LadderView(QWidget):
    """Show rows of prices around the touch of one symbol of the frames.

    The spread is kept near the middle, or every row keeps its place while it is locked. The cursor
    is that of the shared view.
    """

    locked_changed = Signal(bool)
    caption_changed = Signal()
    """:meth:`caption` says something else."""
    export_wanted = Signal()
    """The ladder is to be written to a file."""

    def __init__(
        self, theme: Theme, zone: DisplayZone, shared: SharedView, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._zone = zone
        self._shared = shared
        self._is_open = False
        self._model = LadderModel()
        self._hand = LadderHand(self, self, self._model.arrangement, theme, shared)
        self._sight: Sight | None = None
        self._drawing = Drawing(theme, self._model.arrangement)
        self._own: OwnOrders | None = None
        self._is_stale = False
        self._pace = Pace(_EVERY_MS, self._renew_if_seen, self, shared.turns)
        self._mark_end = QTimer(self)
        self._mark_end.setSingleShot(True)
        self._mark_end.timeout.connect(self._redraw)
        self._describe_pause = QTimer(self)
        self._describe_pause.setSingleShot(True)
        self._describe_pause.setInterval(_DESCRIBE_EVERY_MS)
        self._describe_pause.timeout.connect(self._describe)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Ladder: bid amount, price, ask amount, amount traded")
        theme.changed.connect(self.update)
        zone.changed.connect(self.update)
        shared.cursor_changed.connect(self._redraw)
        self._describe()

    def caption(self) -> str:
        """Say how high rows are, and since when trades are counted; empty without a book."""
        sight, traded = self.sight, self._model.traded
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

    def change_symbol(self) -> None:
        """Forget what was of one symbol: the first of the frames that come is another."""
        self._forget(self._model.at_us)

    def _forget(self, at_us: int) -> None:
        was_locked = self.is_locked
        self._model.clear(at_us)
        self._describe_pause.stop()
        self._renew()
        self.caption_changed.emit()
        if was_locked:
            self.locked_changed.emit(False)

    def take(self, frame: Frame) -> None:
        """Show the newest state; while hidden, only remember it."""
        self._model.take(frame.symbols[0], frame.at_us, is_jump=frame.is_jump)
        if frame.is_jump:
            self._drawing.forget_marks()
        self._is_stale = True
        self._pace.ask()
        if frame.is_jump:
            self.caption_changed.emit()

    def set_tick(self, tick: float | None) -> None:
        """Name the symbol's tick; without one it is found in the books that are shown."""
        self._model.set_tick(tick)
        self._renew()

    def set_own(self, orders: OwnOrders | None) -> None:
        """Show orders of a run at their rows, with what is ahead of them; None shows none."""
        self._own = orders
        self._renew()

    @property
    def own_rungs(self) -> Mapping[tuple[int, int], Rung]:
        """Own orders by row and side, as they are drawn."""
        return self._drawing.own

    def set_multiple(self, multiple: int | None) -> None:
        """Make rows so many ticks high; None chooses a height that shows the best levels."""
        self._model.set_multiple(multiple)
        self._renew()

    def set_compact(self, *, is_compact: bool) -> None:
        """Draw lower rows, so that more of them are seen."""
        self._drawing.set_compact(is_compact=is_compact)
        self._fit()

    @property
    def sight(self) -> Sight | None:
        """The figures of the newest frame, in the rows in view; None while there is no book."""
        if self._is_stale:
            self._renew()
        return self._sight

    @property
    def shown(self) -> Sight | None:
        """The figures as they were computed last, however much has come since."""
        return self._sight

    def foot_of(self, row: int) -> int:
        """Give where a row ends, in pixels from the upper edge."""
        return self._drawing.below(self._model.arrangement.place_of(row))

    def _renew_if_seen(self) -> None:
        if self._is_stale and self.isVisible():
            self._renew()

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
        self.rearrange(self._model.arrangement.centre)

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
        return None if self.sight is not None else self._reason()

    def _reason(self) -> Message:
        return reason_without_book(self._model.symbol, self._zone.zone, is_open=self._is_open)

    def table(self) -> ChartTable:
        """Give the rows in view, the highest price first."""
        sight, arrangement, rows = self.sight, self._model.arrangement, []
        for place in range(arrangement.places if sight is not None else 0):
            row = arrangement.row_at(place)
            if sight is not None and row is not None:
                at = sight.index(row)
                figures = (sight.scale.price(row), *sight.amounts[at], *sight.traded[at])
                rows.append(tuple(plain(figure) for figure in figures))
        return ChartTable(self.accessibleName(), _HEADINGS, tuple(rows))

    def row_at(self, y: float) -> int | None:
        """Give the row that is drawn at a height of the widget; None for the spread, heading and foot."""
        place = self._drawing.place_at(y)
        arrangement = self._model.arrangement
        is_row = self._sight is not None and 0 <= place < arrangement.places
        return arrangement.row_at(place) if is_row else None

    def _renew(self) -> None:
        """Compute what is shown now, and draw what shows something else than before."""
        self._is_stale = False
        before = self._sight
        sight = self._sight = self._model.sight(before)
        scale_before = None if before is None else before.scale
        if sight is None or sight.scale != scale_before:
            self._drawing.forget()
        if sight is None:
            self.update()
        else:
            self._drawing.own = rungs_of(self._own, sight, self._model.at_us)
            self._drawing.take(sight, self.width())
            self._redraw()
            if sight.scale != scale_before:
                self.caption_changed.emit()
        if not self._describe_pause.isActive():
            self._describe()

    def _redraw(self) -> None:
        """Draw again what shows something else than when it was drawn last."""
        if self._sight is None:
            return
        for rect in self._drawing.changed(self._sight, self.cursor_row(), self.size()):
            self.update(rect)
        end_ms = self._drawing.marks_end_ms()
        if end_ms is not None and not self._mark_end.isActive():
            self._mark_end.start(end_ms)

    def cursor_row(self) -> int | None:
        """Give the row in which the cursor is; None without one."""
        price = self._shared.cursor.price
        return None if price is None or self._sight is None else self._sight.row_of(price)

    def _describe(self) -> None:
        sight = self._sight
        if sight is None:
            text = self._reason().heading
        else:
            names = zip(("bid", "ask"), sight.best, strict=True)
            text = ", ".join(
                f"no {name}s" if price is None else f"best {name} {format_price(price, sight.scale.decimals)}"
                for name, price in names
            )
            text = f"{text}, {sight.spread_text()}"
        text = text[:1].upper() + text[1:]
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)
            self._describe_pause.start()

    def _fit(self) -> None:
        self._model.arrangement.set_places(self._drawing.places_in(self.height()))
        self._renew()
        self.update()

    def rearrange(self, move: Callable[[], None]) -> None:
        """Show other rows, and tell when they are locked now, or no longer."""
        was_locked = self.is_locked
        move()
        self._renew()
        if self.is_locked != was_locked:
            self.locked_changed.emit(self.is_locked)

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
        self._renew_if_seen()

    def event(self, event: QEvent) -> bool:
        """Tell of the row under the pointer where a tool-tip is asked for; keep own keys from shortcuts."""
        if self._hand.claims(event):
            event.accept()
            return True
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            self._hand.show_tip(event)
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Put the cursor at the price under the pointer."""
        self._hand.move(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Take away the cursor that the pointer put there."""
        super().leaveEvent(event)
        self._hand.leave()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll locked rows."""
        self._hand.wheel(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go by a row or a page, centre, lock, read out."""
        if not self._hand.key(event):
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows of the places that are asked for."""
        painter = QPainter(self)
        sight = self._sight  # as it was computed: what has come since is drawn in its turn
        if sight is None:
            painter.fillRect(self.rect(), self._theme.colour("panel"))
            paint_message(painter, self._theme, QRectF(self.rect()), self._reason())
            painter.end()
            return
        self._drawing.paint(painter, event.region(), self.size(), sight, self.cursor_row())
        painter.end()
