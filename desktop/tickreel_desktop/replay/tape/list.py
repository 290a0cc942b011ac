"""The rows of time and sales, painted by hand: what a trade costs does not grow with how many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from tickreel.market.units import format_full, price_decimals
from tickreel_desktop.components.announce import announce
from tickreel_desktop.replay.message import Message, paint_message
from tickreel_desktop.replay.pace import Pace, Turns
from tickreel_desktop.replay.tape.painter import RowLook, TapePainter, TradeText, trade_text
from tickreel_desktop.replay.tape.sizes import SizeCounts
from tickreel_desktop.replay.tape.trades import SIDES, TradeFilter, Trades

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QResizeEvent, QShowEvent

    from tickreel.replay import TradeSeries
    from tickreel_desktop.replay.tape.trades import Rows
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

ROW_PX = 20
_HEADING_PX = 22
_EVERY_MS = 100
"""Rows that pass faster cannot be read; the newest always come to stand."""
_MOST_COUNTED = 1 << 17
"""Trades of one frame of which the size is counted: a jump may bring hours of them."""
_DESCRIBE_EVERY_MS = 1_000
_NOTHING: tuple[object, ...] = ()


class TapeList(QAbstractScrollArea):
    """Show the last trades, the newest on top, which it follows until it is scrolled away from it."""

    trade_chosen = Signal(object)
    """The user clicked a trade, or pressed Enter on it: its moment (microseconds, int)."""
    copy_asked = Signal()
    following_changed = Signal()
    """It follows the newest trade or holds where it is, or holds and more trades have come."""

    def __init__(self, theme: Theme, zone: DisplayZone, turns: Turns, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._zone = zone
        self._painter = TapePainter(theme)
        self._trades = Trades()
        self._sizes = SizeCounts()
        self._filter = TradeFilter()
        self._typed_large: float | None = None
        self._large: float | None = None
        self._decimals = 0
        self._reason = Message("", "")
        self._rows = self._trades.rows(self._filter)
        self._held: int | None = None
        """The number of the trade on top while it does not follow."""
        self._current: int | None = None
        """The number of the trade that the keys stand on."""
        self._hovered = -1
        self._drawn = _NOTHING
        self._is_stale = False
        self._pace = Pace(_EVERY_MS, self._renew_if_seen, self, turns)
        self._describe_pause = QTimer(self)
        self._describe_pause.setSingleShot(True)
        self._describe_pause.setInterval(_DESCRIBE_EVERY_MS)
        self._describe_pause.timeout.connect(self._describe)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setAccessibleName("Time and sales, newest first")
        self.viewport().setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        theme.changed.connect(self.viewport().update)
        zone.changed.connect(self._on_zone_changed)

    def clear(self, reason: Message) -> None:
        """Forget all trades; *reason* says why there are none."""
        self._reason = reason
        self._decimals = 0
        self.replace(None)

    def replace(self, trades: TradeSeries | None) -> None:
        """Forget all trades and begin with others, as after a jump; it follows again."""
        self._trades.clear()
        self._sizes.clear()
        self._held = self._current = None
        if trades is not None:
            self._keep(trades)
        self.renew_if_seen()
        self.following_changed.emit()

    def append(self, trades: TradeSeries) -> None:
        """Take trades that follow; while hidden, only remember them."""
        if len(trades):
            self._keep(trades)
            self.renew_if_seen()

    def _keep(self, trades: TradeSeries) -> None:
        self._trades.append(trades)
        self._sizes.add(trades.amount[-_MOST_COUNTED:])

    def set_filter(self, wanted: TradeFilter, large_from: float | None) -> None:
        """Show other trades; *large_from* is the amount of a large one, None leaves it to the trades."""
        self._filter, self._typed_large = wanted, large_from
        self._current = None
        self.renew()

    @property
    def rows(self) -> Rows:
        """What is shown, the oldest first, however far it is scrolled."""
        self._renew_if_asked()
        return self._rows

    @property
    def large_from(self) -> float | None:
        """The amount from which on a trade stands out; None while none does."""
        self._renew_if_asked()
        return self._large

    @property
    def is_following(self) -> bool:
        """Whether the newest trade is on top."""
        return self._held is None

    @property
    def newer(self) -> int:
        """Rows that are newer than the one on top."""
        self._renew_if_asked()
        return self.verticalScrollBar().value()

    def follow(self) -> None:
        """Show the newest trade, and every one that comes."""
        self._held = None
        self.renew()
        self.following_changed.emit()

    def message(self) -> Message | None:
        """Say why no trade is shown; None when there are some."""
        self._renew_if_asked()
        return self._reason_now()

    def _reason_now(self) -> Message | None:
        if len(self._rows):
            return None
        if len(self._trades):
            return Message("No trade passes the filter", f"{format_full(len(self._trades))} trades are kept.")
        return self._reason

    def texts(self) -> list[TradeText]:
        """Give the rows in view as they are drawn, from the top."""
        self._renew_if_asked()
        return [self._text(index) for index in self._in_view().tolist()]

    def renew_if_seen(self) -> None:
        """Take in what has come, now or when it is seen again."""
        self._is_stale = True
        self._pace.ask()

    def _renew_if_asked(self) -> None:
        """Let whoever asks for what is shown have the newest."""
        if self._is_stale:
            self.renew()

    def _renew_if_seen(self) -> None:
        if self._is_stale and self.isVisible():
            self.renew()

    def renew(self) -> None:
        """Find the rows that are shown now, and draw them where they are others than before."""
        self._is_stale = False
        rows = self._rows = self._trades.rows(self._filter)
        self._large = self._sizes.large_from() if self._typed_large is None else self._typed_large
        bar = self.verticalScrollBar()
        bar.blockSignals(True)
        bar.setPageStep(self._places())
        bar.setRange(0, max(0, len(rows) - self._places()))
        newer_before = bar.value()
        if self._held is None:
            bar.setValue(0)
        else:
            place = int(np.searchsorted(rows.number, self._held))
            bar.setValue(len(rows) - 1 - place)
        bar.blockSignals(False)
        if self._held is not None and bar.value() != newer_before:
            self.following_changed.emit()
        seen = self._in_view()
        if len(seen):
            self._decimals = max(self._decimals, price_decimals(rows.price[seen]))
        drawn = (rows.number[seen].tobytes(), rows.trades[seen].tobytes(), self._large)
        if drawn != self._drawn:
            self._drawn = drawn
            self.viewport().update()
        if not self._describe_pause.isActive():
            self._describe()

    def _describe(self) -> None:
        message = self._reason_now()
        text = f"Newest: {_spoken(self._text(len(self._rows) - 1))}" if message is None else message.heading
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)
            self._describe_pause.start()

    def _places(self) -> int:
        room = self.viewport().height() - self._theme.px(_HEADING_PX)
        return max(1, room // self._theme.px(ROW_PX))

    def _in_view(self) -> NDArray[np.int64]:
        """Give which rows are in view, from the top; one more than fits whole."""
        top = len(self._rows) - 1 - self.verticalScrollBar().value()
        return np.arange(top, max(-1, top - self._places() - 1), -1)

    def _text(self, index: int) -> TradeText:
        rows = self._rows
        clock = self._zone.zone.clock(int(rows.time_us[index]))
        side, trades = int(rows.side[index]), int(rows.trades[index])
        price, amount = float(rows.price[index]), float(rows.amount[index])
        return trade_text(clock, side, price, self._decimals, amount, trades)

    def _on_scrolled(self, value: int) -> None:
        was_following = self.is_following
        self._held = None if value == 0 else int(self._rows.number[len(self._rows) - 1 - value])
        self._drawn = _NOTHING
        self.viewport().update()
        if value or not was_following:
            self.following_changed.emit()

    def _on_zone_changed(self) -> None:
        self._describe()
        self.viewport().update()

    def _index_at(self, y: float) -> int | None:
        place = int((y - self._theme.px(_HEADING_PX)) // self._theme.px(ROW_PX))
        seen = self._in_view()
        return int(seen[place]) if 0 <= place < len(seen) and y >= self._theme.px(_HEADING_PX) else None

    def _current_index(self) -> int | None:
        """Find the row that the keys stand on; None when it is no longer kept."""
        if self._current is None or not len(self._rows):
            return None
        place = int(np.searchsorted(self._rows.number, self._current))
        is_there = place < len(self._rows) and int(self._rows.number[place]) == self._current
        return place if is_there else None

    def _step(self, older: int) -> None:
        """Go to a row so many places older, and bring it into view."""
        rows = self._rows
        if not len(rows):
            return
        at = self._current_index()
        top = len(rows) - 1 - self.verticalScrollBar().value()
        at = top if at is None else min(max(at - older, 0), len(rows) - 1)
        self._current = int(rows.number[at])
        from_newest = len(rows) - 1 - at
        bar = self.verticalScrollBar()
        if from_newest < bar.value():
            bar.setValue(from_newest)
        elif from_newest >= bar.value() + self._places():
            bar.setValue(from_newest - self._places() + 1)
        announce(self, _spoken(self._text(at)))
        self.viewport().update()

    def _choose(self, index: int) -> None:
        self._current = int(self._rows.number[index])
        self.viewport().update()
        self.trade_chosen.emit(int(self._rows.time_us[index]))

    def sizeHint(self) -> QSize:
        """Be as wide as four columns need."""
        return QSize(self._theme.px(262), self._theme.px(320))

    def minimumSizeHint(self) -> QSize:
        """Keep room for a few rows."""
        return QSize(self._theme.px(220), self._theme.px(100))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many rows as there is room for."""
        super().resizeEvent(event)
        self._drawn = _NOTHING
        self.renew()

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what came while it was hidden."""
        super().showEvent(event)
        self._renew_if_seen()

    def event(self, event: QEvent) -> bool:
        """Keep own keys from shortcuts of the window."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and (event.key() == Qt.Key.Key_Home or event.matches(QKeySequence.StandardKey.Copy))
        ):
            event.accept()
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light the row under the pointer."""
        index = self._index_at(event.position().y())
        place = -1 if index is None else len(self._rows) - 1 - self.verticalScrollBar().value() - index
        if place != self._hovered:
            self._hovered = place
            self.viewport().update()

    def leaveEvent(self, event: QEvent) -> None:
        """Light no row."""
        super().leaveEvent(event)
        self._hovered = -1
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the moment of a trade."""
        index = self._index_at(event.position().y())
        if event.button() == Qt.MouseButton.LeftButton and index is not None:
            self._choose(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go by rows and pages and to the ends, choose, copy."""
        steps = {
            Qt.Key.Key_Up.value: -1,
            Qt.Key.Key_Down.value: 1,
            Qt.Key.Key_PageUp.value: -self._places(),
            Qt.Key.Key_PageDown.value: self._places(),
            Qt.Key.Key_End.value: len(self._rows),
        }
        index = self._current_index()
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_asked.emit()
        elif event.key() in steps:
            self._step(steps[event.key()])
        elif event.key() == Qt.Key.Key_Home:
            self._current = None
            self.follow()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and index is not None:
            self._choose(index)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows in view."""
        painter = QPainter(self.viewport())
        width, height = self.viewport().width(), self.viewport().height()
        painter.fillRect(self.viewport().rect(), self._theme.colour("panel"))
        message = self._reason_now()
        if message is not None:
            paint_message(painter, self._theme, QRectF(0, 0, width, height), message)
            painter.end()
            return
        top, row_px = self._theme.px(_HEADING_PX), self._theme.px(ROW_PX)
        seen = self._in_view().tolist()
        texts = [self._text(index) for index in seen]
        self._painter.fit(width, max((text.time for text in texts), key=len))
        rows, large = self._rows, self._large
        for place, (index, text) in enumerate(zip(seen, texts, strict=True)):
            look = RowLook(
                is_large=large is not None and bool(rows.amount[index] >= large),
                is_current=int(rows.number[index]) == self._current and self.hasFocus(),
                is_hovered=place == self._hovered,
            )
            self._painter.row(painter, (top + place * row_px, row_px), text, look)
        zone = self._zone.zone.short_name(int(rows.time_us[seen[0]]))
        self._painter.heading(painter, (0, top), zone)
        self._painter.finish(painter)
        painter.end()


def _spoken(text: TradeText) -> str:
    return f"{text.time} {SIDES[text.side]} {text.amount} at {text.price}"
