"""The depth chart: how much is on offer within any distance of the mid, on both sides."""

from __future__ import annotations

from math import floor, log10
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont

from tickreel.market.units import format_amount, format_bps, format_count, format_price, price_decimals
from tickreel_desktop.replay.axes import ValueAxis
from tickreel_desktop.replay.chart import Chart, hold_still
from tickreel_desktop.replay.charttable import ChartTable, plain
from tickreel_desktop.replay.curves import DepthCurves, depth_curves, stairs, walls
from tickreel_desktop.replay.depthspan import DepthSpan, DepthSpanChoice
from tickreel_desktop.replay.marks import Curve, PlotText, TextBox
from tickreel_desktop.replay.pace import Pace
from tickreel_desktop.replay.sharedview import NO_CURSOR, Cursor
from tickreel_desktop.replay.ticks import HeldRange
from tickreel_desktop.replay.wallmarks import WallMark, WallMarks

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtCore import QPointF
    from PySide6.QtWidgets import QWidget

    from tickreel.book import Book
    from tickreel.replay import Frame
    from tickreel_desktop.replay.player import ReplayRequest
    from tickreel_desktop.replay.sharedview import SharedView
    from tickreel_desktop.theme import ColourName, Theme
    from tickreel_desktop.zone import DisplayZone

_WAITING = "no order book yet: waiting for the first snapshot"
_LEFT_OUT = "no order book: this day is not held"
_NOT_PLAYED = "this replay plays no order book"
_TOUCH_LEVELS = 50
_CELLS = 200
_EVERY_MS = 33
"""Stairs that change faster are no better seen."""
_MOST_POWERS = 3
"""Powers of ten below the largest sum that a logarithmic axis reaches down."""
_TABLE = ("side", "price", "amount", "cumulative", "wall")


class DepthChart(Chart):
    """Draw the cumulative amounts of both sides: bids to the left of the mid, asks to the right.

    A triangle marks a wall: see :func:`tickreel_desktop.replay.curves.walls`.
    """

    caption_changed = Signal(str)

    def __init__(
        self, theme: Theme, zone: DisplayZone, shared: SharedView, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, "Depth, cumulative amount", shared, parent)
        self._zone = zone
        self._span = DepthSpan.HALF
        self._is_log = False
        self._pace = Pace(_EVERY_MS, self.settle, self, shared.turns)
        self._book: Book | None = None
        self._absence = _WAITING
        """Why there is no book."""
        self._curves: DepthCurves | None = None
        self._decimals = 0
        self._amounts = HeldRange()
        self._value_axis = ValueAxis(theme, "right", _amount_text, free_px=22)
        self._price_axis = ValueAxis(theme, "bottom", self._across_text)
        plot = self._add_plot(0, self._value_axis, self._price_axis)
        hold_still(plot)
        self._sides = (Curve(fillLevel=0), Curve(fillLevel=0))
        self._mid_line = pg.InfiniteLine(0.0, 90)
        self._cursor_line = pg.InfiniteLine(0.0, 90)
        self._cursor_line.hide()
        self._walls = WallMarks(theme)
        for item in (*self._sides, self._mid_line, self._walls, self._cursor_line):
            plot.addItem(item)
        self._mid_text = PlotText(theme, self._box, "text", weight=QFont.Weight.DemiBold)
        self._unit_text = PlotText(theme, self._value_axis, "text_3")
        self._unit_text.set_text("amount")
        self._across_unit_text = PlotText(theme, self._price_axis, "text_3")
        self._state_text = PlotText(theme, self._box)
        self._readout = TextBox(theme, self._box)
        self._complete()
        self._box.sigResized.connect(self._on_resized)
        shared.prices_changed.connect(self._on_prices_changed)
        self._renew()

    @property
    def span(self) -> DepthSpan:
        """How far from the mid the book is shown."""
        return self._span

    @property
    def is_log(self) -> bool:
        """Whether amounts are drawn on a logarithmic axis."""
        return self._is_log

    def caption(self) -> str:
        """Say for the title of the dock what is shown."""
        return f"cumulative, {self._span}{', log' if self._is_log else ''}"

    def begin(self, request: ReplayRequest) -> None:
        """Begin another replay: nothing is known of it yet."""
        self.clear()

    def change_symbol(self) -> None:
        """Forget what was of one symbol: the first of the frames that come is another."""
        self.clear()

    def take(self, frame: Frame) -> None:
        """Take the book of a frame, to be drawn with this frame or one of the next."""
        shown = frame.symbols[0]
        if frame.is_jump:
            self._amounts.forget()
        if shown.book is None:
            self._absence = _NOT_PLAYED
        else:
            self._absence = _WAITING if shown.gap_since_us is None else _LEFT_OUT
        self._book = shown.book
        self._is_stale = True
        self._pace.ask()

    def clear(self) -> None:
        """Forget everything that was drawn."""
        self._book = None
        self._absence = _WAITING
        self._decimals = 0
        self._amounts.forget()
        self._renew_if_seen()

    def set_span(self, span: DepthSpan) -> None:
        """Show another distance from the mid."""
        self._span = span
        self._amounts.forget()
        self._renew_if_seen()
        self.caption_changed.emit(self.caption())

    def set_log(self, *, is_log: bool) -> None:
        """Draw amounts on a logarithmic axis or a linear one."""
        self._is_log = self._value_axis.is_log = is_log
        self._amounts.forget()
        self._renew_if_seen()
        self.caption_changed.emit(self.caption())

    def make_span_choice(self) -> DepthSpanChoice:
        """Make the control that chooses the distance, for the title of the dock."""
        made = DepthSpanChoice(self._theme)
        made.choose(self._span)
        made.chosen.connect(self.set_span)
        self.caption_changed.connect(lambda _text: made.choose(self._span))
        return made

    def table(self) -> ChartTable:
        """Give the levels of the newest book, bids and asks from the touch outward."""
        self.settle()
        curves = self._curves
        rows: list[tuple[str, ...]] = []
        if curves is not None:
            high = {wall.price for wall in walls(curves)}
            for name, side in (("bid", curves.bids), ("ask", curves.asks)):
                levels = zip(side.price.tolist(), side.amount.tolist(), side.total.tolist(), strict=True)
                rows += [
                    (name, plain(price), plain(amount), plain(total), "wall" if price in high else "")
                    for price, amount, total in levels
                ]
        return ChartTable(self.accessibleName(), _TABLE, tuple(rows))

    def _dress(self) -> None:
        colour = self._theme.colour
        self.setBackground(colour("plot"))
        looks: tuple[tuple[ColourName, ColourName], ...] = (("bid", "bid_bg"), ("ask", "ask_bg"))
        for curve, (line, ground) in zip(self._sides, looks, strict=True):
            # The ground of each side is opaque: blending would double the cost of a frame.
            curve.setPen(pg.mkPen(colour(line)))
            curve.setBrush(pg.mkBrush(colour(ground)))
        self._mid_line.setPen(pg.mkPen(colour("text_3"), style=Qt.PenStyle.DashLine))
        self._cursor_line.setPen(pg.mkPen(colour("text"), style=Qt.PenStyle.DashLine))
        for item in (
            self._value_axis,
            self._price_axis,
            self._mid_text,
            self._unit_text,
            self._across_unit_text,
        ):
            item.dress()
        self._state_text.dress()
        self._readout.dress()
        self._walls.update()

    def _on_resized(self) -> None:
        self._amounts.forget()
        self._renew_if_seen()

    def _on_prices_changed(self) -> None:
        if self._span is DepthSpan.PRICES:
            self._renew_if_seen()

    def _renew(self) -> None:
        self._is_stale = False
        book = self._book
        between = self._shared.prices if self._span is DepthSpan.PRICES else None
        curves = None if book is None else depth_curves(book, self._span.fraction, between)
        self._curves = curves
        if book is None or curves is None:
            for curve in self._sides:
                curve.clear()
            self._mid_line.hide()
            self._mid_text.set_text("")
            self._walls.set_marks(())
            is_empty = book is not None and book.message_us is not None and self._absence is _WAITING
            self._show_state("the book is empty" if is_empty else self._absence)
        else:
            self._draw(book, curves)
        self._place_cursor()
        self._describe()

    def _draw(self, book: Book, curves: DepthCurves) -> None:
        ground = self._fit_amounts(curves)
        left, right = self._across(curves.low), self._across(curves.high)
        if self._box.viewRange()[0] != [left, right]:
            self._box.setXRange(left, right, padding=0)
        places = max(16, round(self._box.width()))
        for curve, side, edge in (
            (self._sides[0], curves.bids, curves.low),
            (self._sides[1], curves.asks, curves.high),
        ):
            if len(side.price):
                across, up = stairs(side, edge, places)
                curve.setFillLevel(ground)
                curve.setData((across - self._origin()) / self._unit(), self._up(up, ground))
            else:
                curve.clear()
        touch = (book.bids[:_TOUCH_LEVELS, 0], book.asks[:_TOUCH_LEVELS, 0])
        self._decimals = max(self._decimals, *(price_decimals(prices) for prices in touch))
        marks = [
            WallMark(
                self._across(wall.price),
                float(self._up(np.array([wall.total]), ground)[0]),
                format_price(wall.price, self._decimals),
                wall.is_bid,
            )
            for wall in walls(curves)
        ]
        self._walls.set_marks(marks, self._across(curves.reference))
        self._mid_line.show()
        self._mid_text.set_text(self._price_text(curves.reference))
        self._place_mid()
        if len(book.bids) and len(book.asks):
            self._show_state("")
        else:
            self._show_state("no asks" if len(book.bids) else "no bids")

    def _fit_amounts(self, curves: DepthCurves) -> float:
        """Take in the sums of now, and leave room for the words above; give where the axis begins."""
        least, most = 0.0, curves.most
        if self._is_log:
            positive = [total for side in (curves.bids, curves.asks) for total in side.total[:1] if total > 0]
            least = float(floor(log10(min(positive)))) if positive else 0.0
            most = max(log10(most) if most > 0 else 0.0, least + 1)
            least = max(least, floor(most) - _MOST_POWERS)
        if self._amounts.fit(least, most):
            words = min(0.5, self._value_axis.free_px / max(1.0, self._box.height()))
            low = floor(self._amounts.low) if self._is_log else 0.0
            high = low + (self._amounts.high - low) / (1 - words)
            self._box.setYRange(low, high, padding=0)
            self._mid_line.setSpan(0.0, 1 - words)
        ground: float = self._box.viewRange()[1][0]
        return ground

    def _up(self, amounts: NDArray[np.float64], ground: float) -> NDArray[np.float64]:
        """Give the heights of amounts; those that a logarithmic axis cannot show lie on its ground."""
        return np.log10(np.maximum(amounts, 10.0**ground)) if self._is_log else amounts

    def _unit(self) -> float:
        """Price of one unit across: 1 on an axis of prices, else a per cent of the mid, or 1 at zero."""
        reference = abs(self._curves.reference) if self._curves is not None else 0.0
        return 1.0 if self._is_by_price() else reference / 100 or 1.0

    def _origin(self) -> float:
        """Price at coordinate 0."""
        return 0.0 if self._is_by_price() or self._curves is None else self._curves.reference

    def _is_by_price(self) -> bool:
        return self._span is DepthSpan.PRICES

    def _across(self, price: float) -> float:
        return (price - self._origin()) / self._unit()

    def _across_text(self, value: float, decimals: int) -> str:
        if self._is_by_price():
            return format_price(value, max(decimals, min(self._decimals, 1)))
        return f"{value:+.{decimals}f}" if value else "0"

    def _price_text(self, price: float) -> str:
        book = self._book
        is_mid = book is not None and price == book.mid
        return format_price(price, self._decimals + is_mid)

    def _show_state(self, text: str) -> None:
        self._state_text.set_text(text)
        if text:
            half = {"no bids": 0.25, "no asks": 0.75}.get(text, 0.5)
            across = half * self._box.width() - self._state_text.width() / 2
            self._state_text.setPos(round(across), round(self._box.height() / 2))

    def _place_mid(self) -> None:
        across = self._across(self._curves.reference) if self._curves is not None else 0.0
        at = self._px_of(across)
        most = self._box.width() - self._mid_text.width() - 4
        self._mid_text.setPos(round(min(max(4.0, at - self._mid_text.width() / 2), most)), 4)
        self._unit_text.setPos(8, 4)
        is_share = not self._is_by_price() and self._curves is not None and self._curves.reference != 0
        self._across_unit_text.set_text("%" if is_share else "price")
        self._across_unit_text.setPos(self._box.width() + 8, 5)

    def readout_text(self) -> str:
        """Give what stands beside the cursor; empty without one."""
        curves, price = self._curves, self._shared.cursor.price
        if curves is None or price is None:
            return ""
        is_bid = price <= curves.reference
        side = curves.bids if is_bid else curves.asks
        lines = [
            f"Price  {format_price(price, self._decimals)}",
            f"{'Bids' if is_bid else 'Asks'} to here  {format_amount(side.total_at(price))}",
        ]
        if curves.reference:
            distance = (price - curves.reference) / abs(curves.reference) * 1e4
            has_mid = self._book is not None and self._book.mid is not None
            lines.append(f"From {'mid' if has_mid else 'best'}  {format_bps(distance)}")
        return "\n".join(lines)

    def _has_cursor(self) -> bool:
        return self._shared.cursor.price is not None

    def _place_cursor(self) -> None:
        text, price, curves = self.readout_text(), self._shared.cursor.price, self._curves
        if not text or price is None or curves is None or not curves.low <= price <= curves.high:
            self._cursor_line.hide()
            self._readout.hide()
            return
        across = self._across(price)
        self._cursor_line.setPos(across)
        self._cursor_line.show()
        self._readout.show_text(text)
        at = self._px_of(across)
        width = self._readout.rect().width()
        # The box stands on the side that is free.
        beside = at + 8 if at + 8 + width <= self._box.width() else at - 8 - width
        self._readout.setPos(round(max(0.0, beside)), 24)

    def _words(self) -> str:
        book = self._book
        bid, ask = (book.best_bid, book.best_ask) if book is not None else (None, None)
        if bid is None and ask is None:
            words = "No order book"
        else:
            words = ", ".join(
                f"best {name} {format_price(best[0], self._decimals)}" if best else f"no {name}s"
                for name, best in (("bid", bid), ("ask", ask))
            )
        return words[0].upper() + words[1:]

    def _price_at(self, across_px: float) -> float | None:
        """Find the price at a place of the plot, in its pixels; None outside of it."""
        if self._curves is None or not 0 <= across_px < self._box.width():
            return None
        share: float = across_px / self._box.width()
        return self._curves.low + share * (self._curves.high - self._curves.low)

    def _point_at(self, place: QPointF) -> None:
        inside = 0 <= place.y() < self._box.height()
        price = self._price_at(place.x()) if inside else None
        self._shared.set_cursor(NO_CURSOR if price is None else Cursor(None, price))

    def _release_cursor(self) -> None:
        self._shared.set_cursor(NO_CURSOR)

    def _step_cursor(self, steps: int) -> bool:
        curves, price = self._curves, self._shared.cursor.price
        if curves is not None:
            start = curves.reference if price is None else price
            moved = start + steps * (curves.high - curves.low) / _CELLS
            self._shared.set_cursor(Cursor(None, min(max(moved, curves.low), curves.high)))
        return True


def _amount_text(value: float, decimals: int) -> str:
    if value >= 10_000:
        return format_count(round(value))
    return format_price(value, decimals) if decimals or value >= 1 or not value else format_amount(value)
