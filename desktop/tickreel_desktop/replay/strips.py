"""Mid and spread over time: two strips with one time axis, one cursor and the same edges."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt, Signal

from tickreel.market.time import US_PER_SECOND
from tickreel.market.units import format_bps, format_clock, format_price, price_decimals
from tickreel.replay import TouchSeries
from tickreel_desktop.components import Segment, Segments
from tickreel_desktop.replay.axes import MomentAxis, ValueAxis
from tickreel_desktop.replay.marks import PlotText, TextBox
from tickreel_desktop.replay.series import Band, Columns, TouchHistory, TouchPoint
from tickreel_desktop.replay.strip import Strip, extent, gaps, set_line

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QShowEvent, QWheelEvent
    from PySide6.QtWidgets import QWidget

    from tickreel_desktop.theme import ColourName, Theme

_MINUTE_US: Final = 60 * US_PER_SECOND
WINDOWS_US: Final[tuple[int | None, ...]] = (
    _MINUTE_US,
    5 * _MINUTE_US,
    15 * _MINUTE_US,
    60 * _MINUTE_US,
    None,
)
"""Lengths of the trailing window that can be chosen; None is the whole range."""
_MARGIN = 0.015
_SAMPLED_PRICES = 64
_POINTS_PER_COLUMN = 0.5
_DESCRIBE_S = 1.0
_NOTHING = TouchSeries.joined([])


def window_text(window_us: int | None) -> str:
    """Name a length of the window: ``5 min``, ``1 h``, ``all``."""
    if window_us is None:
        return "all"
    minutes = window_us // _MINUTE_US
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h"


class TouchStrips(pg.GraphicsLayoutWidget):  # type: ignore[misc]
    """Draw mid and spread up to now.

    Feed it with :meth:`append` or :meth:`replace`, then tell the time by :meth:`set_now`,
    which draws. A trailing window ends at now; the whole range stands still while now moves.
    """

    cursor_moved = Signal(object)
    """The instant under the cursor in microseconds, or None when it is gone."""
    seek_requested = Signal(object)
    """The user points at this instant (microseconds, int) and wants to be there."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._history = TouchHistory()
        self._window_us: int | None = 5 * _MINUTE_US
        self._range_us = (0, 1)
        self._now_us: int | None = None
        self._decimals = 0
        self._cursor_us: int | None = None
        self._hover_px: float | None = None
        self._is_stale = False
        self._described_s = float("-inf")
        self._time_axis = MomentAxis(theme)
        self._mid = self._add_strip(0, "Mid", 3, 92)
        self._spread = self._add_strip(1, "Spread", 1, 76)
        self._spread.plot.setAxisItems({"bottom": self._time_axis})
        self._spread.plot.showAxis("bottom")
        self._spread.plot.setXLink(self._mid.plot)
        self._zero_line = pg.InfiniteLine(0.0, 0)
        self._spread.plot.addItem(self._zero_line)
        self._zone_text = PlotText(theme, self._time_axis, "text_3")
        self._zone_text.set_text("UTC")
        self._time_label = TextBox(theme, self._time_axis, inverse=True)
        self.ci.layout.setContentsMargins(0, 0, 0, 0)
        self.ci.layout.setSpacing(1)
        self.setFrameShape(pg.GraphicsLayoutWidget.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Mid and spread over time, UTC")
        self._dress()
        theme.changed.connect(self._dress)
        self._mid.box.sigResized.connect(self._on_resized)

    def _add_strip(self, row: int, title: str, lines: int, share: int) -> Strip:
        axis = ValueAxis(self._theme, "right", self._value_text, free_px=20)
        plot = self.addPlot(row=row, col=0, axisItems={"right": axis}, enableMenu=False)
        plot.showAxis("right")
        plot.hideAxis("bottom")
        self.ci.layout.setRowStretchFactor(row, share)
        return Strip(self._theme, plot, axis, title, lines)

    @property
    def window_us(self) -> int | None:
        """Length of the trailing window; None while the whole range is shown."""
        return self._window_us

    @property
    def cursor_us(self) -> int | None:
        """Instant under the cursor; None without one."""
        return self._cursor_us

    def set_range(self, start_us: int, end_us: int) -> None:
        """Begin another replay of [from, to): nothing is known of it yet."""
        self._range_us = (start_us, max(end_us, start_us + 1))
        self._now_us = None
        self._decimals = 0
        self._history.replace(_NOTHING)
        self.set_cursor(None)
        self.set_now(start_us)

    def set_window(self, window_us: int | None) -> None:
        """Show the last *window_us* up to now, or (None) the whole range."""
        self._window_us = window_us
        self._forget_ranges()
        self._renew_if_seen()

    def make_window_choice(self) -> Segments:
        """Make the control that chooses the window, for the title of the dock."""
        choices = [Segment(str(window_us), window_text(window_us)) for window_us in WINDOWS_US]
        made = Segments(self._theme, "Time shown", choices, small=True)
        made.choose(str(self._window_us))
        made.chosen.connect(lambda key: self.set_window(None if key == "None" else int(key)))
        return made

    def append(self, touch: TouchSeries) -> None:
        """Take what happened since the last frame; :meth:`set_now` draws it."""
        self._learn_decimals(touch)
        self._history.append(touch)

    def replace(self, touch: TouchSeries) -> None:
        """Take the history before a jump in place of what was there."""
        self._learn_decimals(touch)
        self._history.replace(touch)
        self._forget_ranges()

    def set_now(self, now_us: int) -> None:
        """Draw everything up to an instant."""
        self._now_us = now_us
        self._renew_if_seen()

    def _learn_decimals(self, touch: TouchSeries) -> None:
        newest = slice(-_SAMPLED_PRICES, None)
        self._decimals = max(
            self._decimals, price_decimals(touch.bid[newest]), price_decimals(touch.ask[newest])
        )

    def _forget_ranges(self) -> None:
        for strip in (self._mid, self._spread):
            strip.range.forget()

    def _dress(self) -> None:
        colour = self._theme.colour
        self.setBackground(colour("plot"))
        names: tuple[ColourName, ...] = ("text", "bid", "ask", "series_2")
        for line, name in zip((*self._mid.lines, *self._spread.lines), names, strict=True):
            line.setPen(pg.mkPen(colour(name)))
        for strip in (self._mid, self._spread):
            strip.now_line.setPen(pg.mkPen(colour("text_3")))
            strip.cursor_line.setPen(pg.mkPen(colour("text"), style=Qt.PenStyle.DashLine))
            strip.axis.dress()
            strip.title.dress()
            strip.values.dress()
            strip.bands.update()
        self._zero_line.setPen(pg.mkPen(colour("line_strong")))
        self._time_axis.dress()
        self._zone_text.dress()
        self._time_label.dress()

    def _value_text(self, value: float, decimals: int) -> str:
        return format_price(value, max(decimals, min(self._decimals, 2)))

    def _renew_if_seen(self) -> None:
        # What cannot be seen is drawn when it can.
        if self.isVisible():
            self._renew()
        else:
            self._is_stale = True

    def _on_resized(self, _box: object = None) -> None:
        self._forget_ranges()
        self._zone_text.setPos(self._time_axis.width() + 8, 5)
        self._renew_if_seen()

    def _origin_us(self) -> int:
        """Give the instant at coordinate 0: now, or the end of the range that stands still."""
        now_us = self._now_us if self._now_us is not None else self._range_us[0]
        return self._range_us[1] if self._window_us is None else now_us

    def _length_us(self) -> int:
        return self._window_us or max(1, self._range_us[1] - self._range_us[0])

    def _renew(self) -> None:
        self._is_stale = False
        if self._now_us is None:
            return
        origin_us, length_us = self._origin_us(), self._length_us()
        self._time_axis.set_origin(origin_us)
        left, right = -length_us / US_PER_SECOND, _MARGIN * length_us / US_PER_SECOND
        if self._mid.box.viewRange()[0] != [left, right]:
            self._mid.box.setXRange(left, right, padding=0)
        columns = self._columns(origin_us - length_us, length_us)
        if columns is not None:
            self._draw(columns, origin_us)
        now_at = (self._now_us - origin_us) / US_PER_SECOND
        for strip in (self._mid, self._spread):
            strip.now_line.setPos(now_at)
        self._follow_pointer()
        self._place_cursor()
        self._describe()

    def _columns(self, start_us: int, length_us: int) -> Columns | None:
        """Cut what lies between the left edge and now into columns of one pixel.

        Columns begin at multiples of their width, so that a spike does not flicker as it moves.
        """
        if self._now_us is None or self._now_us < start_us:
            return None
        width = max(1, round(self._mid.box.width() / (1 + _MARGIN)))
        step_us = max(1, length_us // width)
        first, stop = start_us // step_us, self._now_us // step_us + 1
        return self._history.growing_columns(step_us, first, stop)

    def _draw(self, columns: Columns, origin_us: int) -> None:
        edges = (columns.edges_us - origin_us) / US_PER_SECOND
        # The column of now is not over yet: it ends where now is.
        edges[-1] = ((self._now_us or 0) - origin_us) / US_PER_SECOND
        center = (edges[:-1] + edges[1:]) / 2
        bands = gaps(columns, edges)
        mid, bid, ask = self._mid.lines
        set_line(mid, center, columns.mid, columns.is_broken)
        set_line(self._spread.lines[0], center, columns.spread, columns.is_broken)
        is_zoomed = columns.points.sum() < _POINTS_PER_COLUMN * len(columns) and self._is_apart(columns)
        for line, sign in ((bid, -0.5), (ask, 0.5)):
            if is_zoomed:
                price = columns.mid.last + sign * columns.spread.last
                set_line(line, center, Band(price, price, price), columns.is_broken)
            else:
                line.clear()
        for strip in (self._mid, self._spread):
            strip.bands.set_bands(bands)
        low, high = extent(columns.mid)
        if is_zoomed:
            low, high = low - extent(columns.spread)[1] / 2, high + extent(columns.spread)[1] / 2
        self._mid.fit(low, high)
        low, high = extent(columns.spread)
        self._spread.fit(min(0.0, low), high)

    def _is_apart(self, columns: Columns) -> bool:
        """Tell whether best bid and ask would stand clear of the mid; else they would only hide it."""
        spreads = columns.spread.last[np.isfinite(columns.spread.last)]
        low, high = self._mid.box.viewRange()[1]
        price_per_px = (high - low) / max(1.0, self._mid.box.height())
        return bool(len(spreads)) and float(np.median(spreads)) >= _APART_PX * price_per_px

    def _shown_point(self) -> tuple[TouchPoint | None, str]:
        """Give the values that stand in the strips, and of when they are."""
        if self._cursor_us is not None:
            return self._history.at(self._cursor_us), " at the cursor"
        return (self._history.at(self._now_us) if self._now_us is not None else None), ""

    def _show_values(self) -> None:
        point, when = self._shown_point()
        if point is None or point.mid is None or point.spread is None:
            text = "none" if point is None else "none: a side of the book is empty"
            self._mid.values.set_text(text + when)
            self._spread.values.set_text(text + when)
            return
        self._mid.values.set_text(format_price(point.mid, self._decimals + 1) + when)
        relative = format_bps(point.spread / abs(point.mid) * 1e4) if point.mid else ""
        self._spread.values.set_text(
            f"{format_price(point.spread, self._decimals)}{f' ({relative})' if relative else ''}{when}"
        )

    def values_text(self) -> tuple[str, str]:
        """Give what stands in the upper left of the two strips."""
        return self._mid.values.text(), self._spread.values.text()

    def set_cursor(self, at_us: int | None) -> None:
        """Put the cursor at an instant, or take it away; tells others when that moves it."""
        if at_us == self._cursor_us:
            return
        self._cursor_us = at_us
        self._place_cursor()
        self.cursor_moved.emit(at_us)

    def _place_cursor(self) -> None:
        self._show_values()
        left, right = self._mid.box.viewRange()[0]
        across = None if self._cursor_us is None else (self._cursor_us - self._origin_us()) / US_PER_SECOND
        is_seen = across is not None and left <= across <= right
        for strip in (self._mid, self._spread):
            strip.cursor_line.setVisible(is_seen)
            if is_seen:
                strip.cursor_line.setPos(across)
        if across is None or self._cursor_us is None or not is_seen:
            self._time_label.hide()
            return
        per_px_us = self._length_us() / max(1.0, self._mid.box.width())
        self._time_label.show_text(format_clock(self._cursor_us, 3 if per_px_us < US_PER_SECOND else 0))
        at = (across - left) / (right - left) * self._mid.box.width()
        width = self._time_label.rect().width()
        most = self._time_axis.width() - width - 1
        self._time_label.setPos(round(min(max(0.0, at - width / 2), most)), 0)

    def _follow_pointer(self) -> None:
        """Keep the cursor under a pointer that rests while time moves."""
        if self._hover_px is not None:
            self.set_cursor(self._instant_at(self._hover_px))

    def _instant_at(self, across_px: float) -> int | None:
        """Find the instant at a place of the plots, in their pixels; None outside of them."""
        if self._now_us is None or not 0 <= across_px < self._mid.box.width():
            return None
        left, right = self._mid.box.viewRange()[0]
        seconds: float = left + across_px / self._mid.box.width() * (right - left)
        at_us = self._origin_us() + round(seconds * US_PER_SECOND)
        latest_us = self._now_us if self._window_us is not None else self._range_us[1] - 1
        return min(max(at_us, self._range_us[0]), max(latest_us, self._range_us[0]))

    def _describe(self) -> None:
        """Renew what a screen reader says, once a second at most."""
        now_s = time.monotonic()
        if now_s - self._described_s < _DESCRIBE_S:
            return
        self._described_s = now_s
        point, _ = self._shown_point()
        if point is None or point.mid is None or point.spread is None:
            words = "No mid and no spread now"
        else:
            mid = format_price(point.mid, self._decimals + 1)
            words = f"Mid {mid}, spread {format_price(point.spread, self._decimals)}"
        self.setAccessibleDescription(f"{words}, {window_text(self._window_us)} shown")

    def _pointed_at(self, event: QMouseEvent) -> float | None:
        place = self._mid.box.mapFromScene(self.mapToScene(event.position().toPoint()))
        across: float = place.x()
        return across if 0 <= across < self._mid.box.width() else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Let the cursor follow the pointer."""
        self._hover_px = self._pointed_at(event)
        self.set_cursor(None if self._hover_px is None else self._instant_at(self._hover_px))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the focus; the release decides."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ask to go where the pointer is."""
        across = self._pointed_at(event)
        at_us = None if across is None else self._instant_at(across)
        if event.button() == Qt.MouseButton.LeftButton and at_us is not None:
            self.seek_requested.emit(at_us)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to whoever is behind."""
        event.ignore()

    def leaveEvent(self, event: QEvent) -> None:
        """Take the cursor away with the pointer."""
        super().leaveEvent(event)
        if self._hover_px is not None:
            self._hover_px = None
            self.set_cursor(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the cursor by a pixel, by ten with Shift; Enter goes there, Escape takes it away."""
        pixels = {Qt.Key.Key_Left.value: -1, Qt.Key.Key_Right.value: 1}.get(event.key())
        if pixels is not None and self._now_us is not None:
            shifted = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            step_us = max(1, round(self._length_us() / max(1.0, self._mid.box.width())))
            start_us = self._now_us if self._cursor_us is None else self._cursor_us
            earliest_us = max(self._range_us[0], self._origin_us() - self._length_us())
            moved_us = start_us + pixels * step_us * (10 if shifted else 1)
            self.set_cursor(min(max(moved_us, earliest_us), self._now_us))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._cursor_us is not None:
            self.seek_requested.emit(self._cursor_us)
        elif event.key() == Qt.Key.Key_Escape and self._cursor_us is not None:
            self.set_cursor(None)
        else:
            event.ignore()

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what came while nobody could see it."""
        super().showEvent(event)
        if self._is_stale:
            self._renew()


_APART_PX = 6
"""Best bid and ask are drawn from this distance between them on."""
