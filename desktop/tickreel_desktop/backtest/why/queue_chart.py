"""How much was ahead of an order, from when it joined the queue until it left it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from tickreel.market.units import format_amount
from tickreel_desktop.backtest.why.chart import OrderChart, area_under, faint
from tickreel_desktop.replay.charttable import ChartTable, plain

if TYPE_CHECKING:
    from tickreel.backtest.why.orders import KeptOrder
    from tickreel.backtest.why.tracing import Way
    from tickreel_desktop.backtest.why.chart import Scale
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_BAR_PX = 3


class QueueChart(OrderChart):
    """Draw what was ahead, the whole level, trades and cancellations."""

    def __init__(self, theme: Theme, zone: DisplayZone) -> None:
        super().__init__(theme, zone, "Queue ahead of the order", has_axis=False)
        self._order: KeptOrder | None = None
        self._way: Way | None = None
        self.setMinimumHeight(theme.px(140))

    @property
    def way(self) -> Way | None:
        """What is drawn."""
        return self._way

    def show_way(self, order: KeptOrder, way: Way | None, message: str = "") -> None:
        """Draw the way of an order; without one a message says why there is none."""
        self._order, self._way, self.message = order, way, message
        if way is not None and len(way):
            most = float(np.nanmax([*way.level, *way.ahead, *way.traded, 0.0]))
            self.set_range(0.0, most)
            left = way.ahead[np.isfinite(way.ahead)]
            if len(left):
                self.setAccessibleDescription(
                    f"From {format_amount(float(left[0]))} ahead to {format_amount(float(left[-1]))}, "
                    f"{format_amount(way.traded_ahead)} traded, "
                    f"{format_amount(way.cancelled_ahead)} cancelled ahead"
                )
        elif not message:
            self.message = "It never stood in a queue: it took, or was rejected."
        self.update()

    def table(self) -> ChartTable:
        """Give every change on the way, as it is drawn."""
        way, rows = self._way, []
        if way is not None:
            numbers = (way.ahead, way.level, way.traded, way.cancelled, way.filled)
            rows = [
                (self.time_text(at_us), rule.replace("_", " "), *(plain(float(of[row])) for of in numbers))
                for row, (at_us, rule) in enumerate(zip(way.time_us.tolist(), way.rule, strict=True))
            ]
        columns = ("time", "event", "ahead", "whole level", "traded", "cancelled ahead", "filled")
        return ChartTable("Queue ahead of the order", columns, tuple(rows))

    def draw(self, painter: QPainter, scale: Scale) -> None:
        """Draw it over the grid."""
        way, order, colour = self._way, self._order, self._theme.colour
        if way is None or order is None or not len(way):
            return
        end_us = int(way.time_us[-1])
        painter.setPen(QPen(colour("text_3"), 1, Qt.PenStyle.DashLine))
        for line in scale.steps(way.time_us, way.level, end_us):
            painter.drawPolyline(line)
        for line in scale.steps(way.time_us, way.ahead, end_us):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(faint(colour("accent"), 0.18))
            painter.drawPolygon(area_under(line, scale.y(0.0)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colour("accent"), 2))
            painter.drawPolyline(line)
        width = self._theme.px(_BAR_PX)
        taker = colour("ask" if order.is_buy else "bid")  # who trades with a buy at rest sells
        for heights, ink in ((way.traded, taker), (way.cancelled, colour("text_2"))):
            for at_us, height in zip(way.time_us.tolist(), heights.tolist(), strict=True):
                if height > 0:
                    top = scale.y(height)
                    painter.fillRect(QRectF(scale.x(at_us) - width / 2, top, width, scale.y(0.0) - top), ink)
        self._words(painter, scale, way)

    def _words(self, painter: QPainter, scale: Scale, way: Way) -> None:
        """Name the moments, each lower than those it would cover."""
        taken: list[QRect] = []
        for moment in self.moments:
            text = moment.name
            if moment.name == "joins" and np.isfinite(way.ahead[0]):
                text = f"joins with {format_amount(float(way.ahead[0]))} ahead"
            before = moment.name in ("decided", "filled", "ended")
            box = self.label_box(painter, text, scale.x(moment.at_us), before=before)
            while any(box.intersects(other) for other in taken):
                box.translate(0, box.height() + self._theme.px(4))
            taken.append(box)
            self.label(painter, text, box)
