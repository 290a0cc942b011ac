"""Mid and spread over time: two strips with one time axis, one cursor and the same edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal

from tickreel.market.time import US_PER_SECOND
from tickreel.market.units import format_bps, format_price, price_decimals
from tickreel.replay import TouchSeries
from tickreel_desktop.components import Segment, Segments
from tickreel_desktop.replay.axes import MomentAxis, ValueAxis
from tickreel_desktop.replay.chart import Chart
from tickreel_desktop.replay.series import Band, Columns, TouchHistory, TouchPoint
from tickreel_desktop.replay.shown_time import WINDOWS_US, ShownTime, window_text
from tickreel_desktop.replay.strip import Strip, extent, gaps, set_line

if TYPE_CHECKING:
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QKeyEvent, QMouseEvent
    from PySide6.QtWidgets import QWidget

    from tickreel_desktop.theme import ColourName, Theme
    from tickreel_desktop.zone import DisplayZone

_MARGIN = 0.015
_SAMPLED_PRICES = 64
_POINTS_PER_COLUMN = 0.5
_APART_PX = 6
"""Best bid and ask are drawn from this distance between them on."""
_NOTHING = TouchSeries.joined([])


class TouchStrips(Chart[int]):
    """Draw mid and spread up to now.

    Feed it with :meth:`append` or :meth:`replace`, then tell the time by :meth:`set_now`,
    which draws. A trailing window ends at now; the whole range stands still while now moves.
    The cursor stands at an instant in microseconds.
    """

    seek_requested = Signal(object)
    """The user points at this instant (microseconds, int) and wants to be there."""

    def __init__(self, theme: Theme, zone: DisplayZone, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Mid and spread over time", parent)
        self._zone = zone
        self._history = TouchHistory()
        self._time = ShownTime()
        self._decimals = 0
        self._hover_px: float | None = None
        self._time_axis = MomentAxis(theme, zone)
        self._mid = self._add_strip(0, "Mid", ("text", "bid", "ask"), 92)
        self._spread = self._add_strip(1, "Spread", ("series_2",), 76, self._time_axis)
        self._spread.plot.setXLink(self._mid.plot)
        self._zero_line = pg.InfiniteLine(0.0, 0)
        self._spread.plot.addItem(self._zero_line)
        self._complete()
        zone.changed.connect(self._place_cursor)

    def _add_strip(
        self, row: int, title: str, lines: tuple[ColourName, ...], share: int, below: MomentAxis | None = None
    ) -> Strip:
        axis = ValueAxis(self._theme, "right", self._value_text, free_px=20)
        plot = self._add_plot(row, axis, below)
        self.ci.layout.setRowStretchFactor(row, share)
        return Strip(self._theme, plot, axis, title, lines)

    @property
    def window_us(self) -> int | None:
        """Length of the trailing window; None while the whole range is shown."""
        return self._time.window_us

    @property
    def cursor_us(self) -> int | None:
        """Instant under the cursor; None without one."""
        return self._cursor

    def set_range(self, start_us: int, end_us: int) -> None:
        """Begin another replay of [from, to): nothing is known of it yet."""
        self._time.begin(start_us, end_us)
        self._decimals = 0
        self._history.replace(_NOTHING)
        self.set_cursor(None)
        self.set_now(start_us)

    def set_window(self, window_us: int | None) -> None:
        """Show the last *window_us* up to now, or (None) the whole range."""
        self._time.window_us = window_us
        self._forget_ranges()
        self._renew_if_seen()

    def make_window_choice(self) -> Segments:
        """Make the control that chooses the window, for the title of the dock."""
        choices = [Segment(str(window_us), window_text(window_us)) for window_us in WINDOWS_US]
        made = Segments(self._theme, "Time shown", choices, small=True)
        made.choose(str(self.window_us))
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
        self._time.now_us = now_us
        self._renew_if_seen()

    def values_text(self) -> tuple[str, str]:
        """Give what stands in the upper left of the two strips."""
        return self._mid.values.text(), self._spread.values.text()

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
        for strip in (self._mid, self._spread):
            strip.dress()
        self._zero_line.setPen(pg.mkPen(colour("line_strong")))
        self._time_axis.dress()

    def _value_text(self, value: float, decimals: int) -> str:
        return format_price(value, max(decimals, min(self._decimals, 2)))

    def _on_resized(self, box: pg.ViewBox) -> None:
        self._forget_ranges()
        self._renew_if_seen()

    def _renew(self) -> None:
        self._is_stale = False
        now_us = self._time.now_us
        if now_us is None:
            return
        self._time_axis.set_origin(self._time.origin_us)
        length_us = self._time.length_us
        left, right = -length_us / US_PER_SECOND, _MARGIN * length_us / US_PER_SECOND
        if self._box.viewRange()[0] != [left, right]:
            self._box.setXRange(left, right, padding=0)
        columns = self._columns(now_us)
        if columns is not None:
            self._draw(columns, now_us)
        for strip in (self._mid, self._spread):
            strip.now_line.setPos(self._time.seconds(now_us))
        if self._hover_px is not None:
            # A pointer that rests while time moves keeps the cursor below it.
            self.set_cursor(self._instant_at(self._hover_px))
        self._place_cursor()
        self._describe()

    def _columns(self, now_us: int) -> Columns | None:
        """Cut what lies between the left edge and now into columns of one pixel.

        Columns begin at multiples of their width, so that a spike does not flicker as it moves.
        """
        start_us = self._time.origin_us - self._time.length_us
        if now_us < start_us:
            return None
        width = max(1, round(self._box.width() / (1 + _MARGIN)))
        step_us = max(1, self._time.length_us // width)
        return self._history.growing_columns(step_us, start_us // step_us, now_us // step_us + 1)

    def _draw(self, columns: Columns, now_us: int) -> None:
        edges = (columns.edges_us - self._time.origin_us) / US_PER_SECOND
        # The column of now is not over yet: it ends where now is.
        edges[-1] = self._time.seconds(now_us)
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
        low, high = self._box.viewRange()[1]
        price_per_px = (high - low) / max(1.0, self._box.height())
        return bool(len(spreads)) and float(np.median(spreads)) >= _APART_PX * price_per_px

    def _shown_point(self) -> TouchPoint | None:
        """Give the values at the cursor, or those of now."""
        at_us = self._time.now_us if self._cursor is None else self._cursor
        return None if at_us is None else self._history.at(at_us)

    def _show_values(self) -> None:
        point = self._shown_point()
        when = "" if self._cursor is None else " at the cursor"
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

    def _words(self) -> str:
        point = self._shown_point()
        if point is None or point.mid is None or point.spread is None:
            words = "No mid and no spread now"
        else:
            mid = format_price(point.mid, self._decimals + 1)
            words = f"Mid {mid}, spread {format_price(point.spread, self._decimals)}"
        return f"{words}, {window_text(self.window_us)} shown"

    def _place_cursor(self) -> None:
        self._show_values()
        left, right = self._box.viewRange()[0]
        across = None if self._cursor is None else self._time.seconds(self._cursor)
        is_seen = across is not None and left <= across <= right
        for strip in (self._mid, self._spread):
            strip.cursor_line.setVisible(is_seen)
            if is_seen:
                strip.cursor_line.setPos(across)
        if self._cursor is None or across is None or not is_seen:
            self._time_axis.hide_mark()
            return
        per_px_us = self._time.length_us / max(1.0, self._box.width())
        text = self._zone.zone.clock(self._cursor, 3 if per_px_us < US_PER_SECOND else 0)
        self._time_axis.show_mark(self._px_of(across), text)

    def _instant_at(self, across_px: float) -> int | None:
        """Find the instant at a place of the plots, in their pixels; None outside of them."""
        if not 0 <= across_px < self._box.width():
            return None
        left, right = self._box.viewRange()[0]
        return self._time.instant_at(left + across_px / self._box.width() * (right - left))

    def _point_at(self, place: QPointF) -> None:
        self._hover_px = place.x() if 0 <= place.x() < self._box.width() else None
        self.set_cursor(self._instant_at(place.x()))

    def _release_cursor(self) -> None:
        # A cursor that the keys have put somewhere stays.
        if self._hover_px is not None:
            self._hover_px = None
            self.set_cursor(None)

    def _step_cursor(self, steps: int) -> bool:
        step_us = max(1, round(self._time.length_us / max(1.0, self._box.width())))
        moved_us = self._time.step(self._cursor, steps, step_us)
        if moved_us is not None:
            self.set_cursor(moved_us)
        return moved_us is not None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the focus; the release decides."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ask to go where the pointer is."""
        at_us = self._instant_at(self._place_of(event).x())
        if event.button() == Qt.MouseButton.LeftButton and at_us is not None:
            self.seek_requested.emit(at_us)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go where the cursor is by Enter; the other keys move it."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._cursor is not None:
            self.seek_requested.emit(self._cursor)
        else:
            super().keyPressEvent(event)
