"""Bars of what is held of each symbol, with two handles that cut a range out of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from tickreel.market.time import US_PER_DAY, US_PER_SECOND, day_start_us, days_touched
from tickreel_desktop.replay.lanes import Lane
from tickreel_desktop.replay.ticks import time_step_us
from tickreel_desktop.theme import FontRole
from tickreel_desktop.zone.times import axis_text, range_text, utc_day_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent

    from tickreel.replay import Band
    from tickreel_desktop.replay.offer import HeldSymbol
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_PX_PER_LABEL = 96
_REACH_PX = 12
_MOST_DAYS = 400
_FRAME_ALPHA = 40
_TOP_PX = 30
"""Where the first bar begins, below the moments."""
_LANE_PX = 22
_BAR_PX = 16
_FOOT_PX = 12
_NAMES_PX = 16
"""Height of the names of the UTC days below the bars."""
_GUTTER_PX = 150
"""Room for the names of the symbols where there are several, at most."""


class RangePicker(QWidget):
    """Show what is held of each symbol, and let the begin and the end of a range be dragged.

    Moments are those of the display zone; in any other than UTC the UTC days are named below.
    With the keyboard the arrows move the begin, and with Shift the end.
    """

    range_changed = Signal(object, object)
    """The user moved begin or end: both in microseconds (int)."""

    def __init__(self, theme: Theme, zone: DisplayZone, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._zone = zone
        self._lanes: tuple[Lane, ...] = ()
        self._left = theme.px(8)
        """Where the bars begin."""
        self._begin_us, self._end_us = 0, US_PER_DAY
        self._from_us, self._to_us = 0, US_PER_DAY
        self._held_is_begin: bool | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Range within what is held: arrows move the begin, Shift and arrows the end")
        theme.changed.connect(self.update)
        zone.changed.connect(self._on_zone_changed)

    def show_symbols(
        self, symbols: Sequence[HeldSymbol], span_us: tuple[int, int], bands: Sequence[Sequence[Band]]
    ) -> None:
        """Show what is held of symbols from a moment to another, each with its bands; the range stays."""
        self._begin_us, self._end_us = span_us
        several = len(symbols) > 1
        self._lanes = tuple(
            Lane(self._theme, held, found, held.name if several else "", span_us)
            for held, found in zip(symbols, bands, strict=True)
        )
        margin = self._theme.px(8)
        widest = max((lane.name_width for lane in self._lanes), default=0)
        self._left = min(widest + margin, self._theme.px(_GUTTER_PX)) if widest else margin
        self.updateGeometry()
        self.update()

    @property
    def range_us(self) -> tuple[int, int]:
        """Give the range [from, to) that is marked."""
        return self._from_us, self._to_us

    def set_range(self, from_us: int, to_us: int) -> None:
        """Mark another range without telling anyone."""
        self._from_us, self._to_us = from_us, to_us
        self._describe()
        self.update()

    def _describe(self) -> None:
        self.setAccessibleDescription(range_text(self._zone.zone, self._from_us, self._to_us))

    def _on_zone_changed(self) -> None:
        self._describe()
        self.updateGeometry()
        self.update()

    def place(self, at_us: int) -> float:
        """Find where an instant lies, in pixels from the left; the ends for what lies beyond."""
        left, width = self._room()
        share = (at_us - self._begin_us) / (self._end_us - self._begin_us)
        return left + min(max(share, 0.0), 1.0) * width

    def _room(self) -> tuple[int, int]:
        """Give where the bars begin, and how wide they are."""
        return self._left, max(1, self.width() - self._left - self._theme.px(8))

    def _places(self, at_us: NDArray[np.int64]) -> NDArray[np.float64]:
        """Find where many instants lie, as :meth:`place`."""
        left, width = self._room()
        share = (at_us - self._begin_us) / (self._end_us - self._begin_us)
        return left + np.clip(share, 0.0, 1.0) * width

    def _instant(self, across: float) -> int:
        left, width = self._room()
        share = (across - left) / width
        at_us = self._begin_us + round(min(max(share, 0.0), 1.0) * (self._end_us - self._begin_us))
        return self._rounded(at_us)

    def _rounded(self, at_us: int) -> int:
        """Take the nearest round moment, and the very ends where they are nearer."""
        step_us = self._step_us()
        around = self._zone.zone.round_instants(at_us - step_us, at_us + step_us, step_us)
        near = (*around, self._begin_us, self._end_us)
        inside = [each for each in near if self._begin_us <= each <= self._end_us]
        return min(inside, key=lambda each: abs(each - at_us))

    def _step_us(self) -> int:
        return max(US_PER_SECOND, time_step_us(self._end_us - self._begin_us, max(1, self.width() // 2)))

    def _move(self, at_us: int, *, is_begin: bool) -> None:
        step_us = self._step_us()
        if is_begin:
            moved = (min(max(at_us, self._begin_us), self._to_us - step_us), self._to_us)
        else:
            moved = (self._from_us, max(min(at_us, self._end_us), self._from_us + step_us))
        if moved != self.range_us and moved[0] < moved[1]:
            self.set_range(*moved)
            self.range_changed.emit(*moved)

    def _handle_at(self, across: float) -> bool | None:
        """Tell whether the pointer is at the begin (True), the end (False), or at neither (None)."""
        begin, end = abs(across - self.place(self._from_us)), abs(across - self.place(self._to_us))
        if min(begin, end) > self._theme.px(_REACH_PX):
            return None
        return begin < end

    def sizeHint(self) -> QSize:
        """Be as high as labels and bars need."""
        names = 0 if self._zone.zone.is_utc else _NAMES_PX
        height = _TOP_PX + max(1, len(self._lanes)) * _LANE_PX + _FOOT_PX + names
        return QSize(self._theme.px(400), self._theme.px(height))

    def minimumSizeHint(self) -> QSize:
        """Need all of the height, and not much of the width."""
        return QSize(self._theme.px(240), self.sizeHint().height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the handle under the pointer, or bring the nearer one there."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        across = event.position().x()
        handle = self._handle_at(across)
        if handle is None:
            handle = abs(across - self.place(self._from_us)) < abs(across - self.place(self._to_us))
        self._held_is_begin = handle
        self._move(self._instant(across), is_begin=handle)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the handle, or show that there is one."""
        across = event.position().x()
        if self._held_is_begin is not None:
            self._move(self._instant(across), is_begin=self._held_is_begin)
            return
        is_near = self._handle_at(across) is not None
        self.setCursor(Qt.CursorShape.SizeHorCursor if is_near else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._held_is_begin = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the begin, or with Shift the end, to the next round moment."""
        direction = {Qt.Key.Key_Left.value: -1, Qt.Key.Key_Right.value: 1}.get(event.key())
        if direction is None:
            super().keyPressEvent(event)
            return
        is_begin = not event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        step_us = time_step_us(self._end_us - self._begin_us, 48)
        start_us = self._from_us if is_begin else self._to_us
        # Two steps reach over any change of the clocks.
        edges = sorted((start_us + direction, start_us + direction * (2 * step_us + US_PER_DAY)))
        around = self._zone.zone.round_instants(edges[0], edges[1], step_us)
        if around:
            self._move(around[-1] if direction < 0 else around[0], is_begin=is_begin)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw moments, what is held of each symbol, and the frame with its handles."""
        px, colour = self._theme.px, self._theme.colour
        painter = QPainter(self)
        left, width = self._room()
        bars = QRectF(left, px(_TOP_PX), width, max(1, len(self._lanes)) * px(_LANE_PX))
        self._paint_moments(painter, bars)
        for number, lane in enumerate(self._lanes):
            bar = QRectF(left, bars.top() + number * px(_LANE_PX), width, px(_BAR_PX))
            lane.paint(painter, bar, self._places)
        if not self._zone.zone.is_utc:
            self._paint_days(painter, bars.bottom())
        begin, end = self.place(self._from_us), self.place(self._to_us)
        ground = QColor(colour("accent"))
        ground.setAlpha(_FRAME_ALPHA)
        frame = QRectF(round(begin), px(20), round(end - begin), bars.bottom() - px(20) + px(4))
        painter.fillRect(frame, ground)
        painter.setPen(QPen(colour("accent"), 1))
        painter.drawRect(frame.adjusted(0.5, 0.5, -0.5, -0.5))
        for across in (begin, end):
            grip = QRectF(round(across) - px(3), frame.center().y() - px(10), px(6), px(20))
            painter.fillRect(grip, colour("accent"))
            painter.fillRect(QRectF(round(across), grip.top() + px(5), 1, px(10)), colour("on_accent"))
        painter.end()

    def _paint_moments(self, painter: QPainter, bars: QRectF) -> None:
        painter.setFont(self._theme.font(FontRole.CAPTION))
        step_us = time_step_us(
            self._end_us - self._begin_us, int(bars.width() / self._theme.px(_PX_PER_LABEL))
        )
        words = painter.fontMetrics()
        for at_us in self._zone.zone.round_instants(self._begin_us, self._end_us, step_us):
            text = axis_text(self._zone.zone, at_us, step_us)
            across, width = self.place(at_us), words.horizontalAdvance(text)
            painter.fillRect(
                QRectF(round(across), self._theme.px(16), 1, bars.bottom() - self._theme.px(16)),
                self._theme.colour("line_strong"),
            )
            painter.setPen(self._theme.colour("text_3"))
            begin = min(max(across - width / 2, 0.0), self.width() - width)
            painter.drawText(QRectF(begin, 0, width + 1, words.height()), Qt.AlignmentFlag.AlignLeft, text)

    def _paint_days(self, painter: QPainter, top: float) -> None:
        """Name the UTC days below the bars, with a mark where each begins."""
        px, words = self._theme.px, painter.fontMetrics()
        for day in days_touched(self._begin_us, self._end_us)[:_MOST_DAYS]:
            start_us = day_start_us(day)
            left, right = self.place(start_us), self.place(start_us + US_PER_DAY)
            painter.fillRect(QRectF(round(left), top + px(5), 1, px(6)), self._theme.colour("line_strong"))
            text = utc_day_text(day)
            if words.horizontalAdvance(text) + px(8) <= right - left:
                painter.setPen(self._theme.colour("text_3"))
                cell = QRectF(left + px(4), top + px(8), right - left - px(8), words.height())
                painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, text)
