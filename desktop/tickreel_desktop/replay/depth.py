"""The depth chart: how much is on offer within any distance of the mid, on both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont

from tickreel.market.units import format_amount, format_bps, format_count, format_price, price_decimals
from tickreel_desktop.components import Segment, Segments
from tickreel_desktop.replay.axes import ValueAxis
from tickreel_desktop.replay.chart import Chart, hold_still
from tickreel_desktop.replay.curves import DepthCurves, depth_curves, stairs
from tickreel_desktop.replay.marks import PlotText, TextBox
from tickreel_desktop.replay.ticks import HeldRange

if TYPE_CHECKING:
    from PySide6.QtCore import QPointF
    from PySide6.QtWidgets import QWidget

    from tickreel.book import Book
    from tickreel_desktop.theme import ColourName, Theme

DEPTH_SPANS: Final[tuple[float | None, ...]] = (0.001, 0.005, 0.01, 0.05, None)
"""Distances from the mid that can be chosen, as fractions of it; None is the whole book."""
DEFAULT_SPAN: Final = 0.005
_NO_BOOK = "no order book yet: waiting for the first snapshot"
_TOUCH_LEVELS = 50
_CELLS = 200


def span_text(span: float | None) -> str:
    """Name a distance from the mid: ``±0.5 %``, ``all``."""
    return "all" if span is None else f"±{100 * span:g} %"


class DepthChart(Chart[float]):
    """Draw the cumulative amounts of both sides: bids to the left of the mid, asks to the right.

    The cursor stands at a price.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Depth, cumulative amount", parent)
        self._span: float | None = DEFAULT_SPAN
        self._book: Book | None = None
        self._curves: DepthCurves | None = None
        self._decimals = 0
        self._amounts = HeldRange()
        self._value_axis = ValueAxis(theme, "right", _amount_text, free_px=22)
        self._price_axis = ValueAxis(theme, "bottom", self._offset_text)
        plot = self._add_plot(0, self._value_axis, self._price_axis)
        hold_still(plot)
        self._sides = (pg.PlotCurveItem(fillLevel=0), pg.PlotCurveItem(fillLevel=0))
        for curve in self._sides:
            plot.addItem(curve)
        self._mid_line = pg.InfiniteLine(0.0, 90)
        self._cursor_line = pg.InfiniteLine(0.0, 90)
        self._cursor_line.hide()
        for line in (self._mid_line, self._cursor_line):
            plot.addItem(line)
        self._mid_text = PlotText(theme, self._box, "text", weight=QFont.Weight.DemiBold)
        self._unit_text = PlotText(theme, self._value_axis, "text_3")
        self._unit_text.set_text("amount")
        self._state_text = PlotText(theme, self._box)
        self._readout = TextBox(theme, self._box)
        self._complete()
        self._renew()

    @property
    def span(self) -> float | None:
        """Distance from the mid that is shown, as a fraction of it; None is the whole book."""
        return self._span

    @property
    def cursor_price(self) -> float | None:
        """Price under the cursor; None without one."""
        return self._cursor

    def set_span(self, span: float | None) -> None:
        """Show another distance from the mid."""
        self._span = span
        self._amounts.forget()
        self._renew()

    def set_book(self, book: Book | None) -> None:
        """Show the book of now; None is no book yet."""
        self._book = book
        self._renew_if_seen()

    def make_span_choice(self) -> Segments:
        """Make the control that chooses the distance, for the title of the dock."""
        choices = [Segment(str(span), span_text(span)) for span in DEPTH_SPANS]
        made = Segments(self._theme, "Distance from the mid", choices, small=True)
        made.choose(str(self._span))
        made.chosen.connect(lambda key: self.set_span(None if key == "None" else float(key)))
        return made

    def clear_history(self) -> None:
        """Forget what was held for a steady picture, as when another symbol or moment is opened."""
        self._decimals = 0
        self._amounts.forget()

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
        for item in (self._value_axis, self._price_axis, self._mid_text, self._unit_text):
            item.dress()
        self._state_text.dress()
        self._readout.dress()

    def _on_resized(self, box: pg.ViewBox) -> None:
        self._amounts.forget()
        self._renew()

    def _renew(self) -> None:
        self._is_stale = False
        book = self._book
        curves = None if book is None else depth_curves(book, self._span)
        self._curves = curves
        if book is None or curves is None:
            for curve in self._sides:
                curve.clear()
            self._mid_line.hide()
            self._mid_text.set_text("")
            self._show_state(_NO_BOOK if book is None or book.message_us is None else "the book is empty")
        else:
            self._draw(book, curves)
        self._place_cursor()
        self._describe()

    def _draw(self, book: Book, curves: DepthCurves) -> None:
        if self._amounts.fit(0.0, curves.most):
            words = min(0.5, self._value_axis.free_px / max(1.0, self._box.height()))
            self._box.setYRange(0.0, self._amounts.high / (1 - words), padding=0)
            self._mid_line.setSpan(0.0, 1 - words)
        left, right = self._offset(curves.low), self._offset(curves.high)
        if self._box.viewRange()[0] != [left, right]:
            self._box.setXRange(left, right, padding=0)
        places = max(16, round(self._box.width()))
        for curve, side, edge in (
            (self._sides[0], curves.bids, curves.low),
            (self._sides[1], curves.asks, curves.high),
        ):
            if len(side.price):
                across, up = stairs(side, edge, places)
                curve.setData((across - curves.reference) / self._unit(), up)
            else:
                curve.clear()
        touch = (book.bids[:_TOUCH_LEVELS, 0], book.asks[:_TOUCH_LEVELS, 0])
        self._decimals = max(self._decimals, *(price_decimals(prices) for prices in touch))
        self._mid_line.show()
        self._mid_text.set_text(self._price_text(curves.reference))
        self._place_mid()
        if len(book.bids) and len(book.asks):
            self._show_state("")
        else:
            self._show_state("no asks" if len(book.bids) else "no bids")

    def _unit(self) -> float:
        """Price of one unit across: a per cent of the mid, or 1 where the mid is zero."""
        reference = abs(self._curves.reference) if self._curves is not None else 0.0
        return reference / 100 or 1.0

    def _offset(self, price: float) -> float:
        return (price - self._curves.reference) / self._unit() if self._curves is not None else 0.0

    def _offset_text(self, value: float, decimals: int) -> str:
        unit = " %" if self._curves is None or self._curves.reference else ""
        return f"{value:+.{decimals}f}{unit}" if value else "0"

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
        across = self._offset(self._curves.reference) if self._curves is not None else 0.0
        at = self._px_of(across)
        most = self._box.width() - self._mid_text.width() - 4
        self._mid_text.setPos(round(min(max(4.0, at - self._mid_text.width() / 2), most)), 4)
        self._unit_text.setPos(8, 4)

    def readout_text(self) -> str:
        """Give what stands beside the cursor; empty without one."""
        curves, price = self._curves, self._cursor
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

    def _place_cursor(self) -> None:
        text = self.readout_text()
        if not text or self._cursor is None:
            self._cursor_line.hide()
            self._readout.hide()
            return
        across = self._offset(self._cursor)
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
        self.set_cursor(self._price_at(place.x()) if inside else None)

    def _step_cursor(self, steps: int) -> bool:
        curves = self._curves
        if curves is not None:
            start = curves.reference if self._cursor is None else self._cursor
            moved = start + steps * (curves.high - curves.low) / _CELLS
            self.set_cursor(min(max(moved, curves.low), curves.high))
        return True


def _amount_text(value: float, decimals: int) -> str:
    return format_price(value, decimals) if value < 10_000 else format_count(round(value))
