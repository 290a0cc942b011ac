"""Best prices and trades around an order, with the order as a dashed line and its fills as triangles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from tickreel.market.units import format_amount, format_price
from tickreel_desktop.backtest.why.chart import OrderChart
from tickreel_desktop.replay.charttable import ChartTable, plain

if TYPE_CHECKING:
    from tickreel.backtest.why.market import MarketAround
    from tickreel.backtest.why.orders import KeptOrder
    from tickreel_desktop.backtest.why.chart import Scale
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_LEAST_RADIUS_PX, _MOST_RADIUS_PX = 2.0, 10.0
_MOST_TRADES = 400
_TRIANGLE_PX = 7
_TICKS_AROUND = 4


class PriceChart(OrderChart):
    """Draw the market and the order in it."""

    def __init__(self, theme: Theme, zone: DisplayZone) -> None:
        super().__init__(theme, zone, "Price around the order", has_axis=True)
        self._order: KeptOrder | None = None
        self._market: MarketAround | None = None
        self._decimals_of_price = 2

    @property
    def market(self) -> MarketAround | None:
        """What is drawn."""
        return self._market

    def show_market(self, order: KeptOrder, market: MarketAround, decimals: int, tick: float | None) -> None:
        """Draw an order in its market."""
        self._order, self._market, self._decimals_of_price = order, market, decimals
        shown = [market.bid, market.ask, market.trade_price, [fill.price for fill in order.fills]]
        if order.price is not None:
            shown.append([order.price])
        values = np.concatenate([np.asarray(one, np.float64) for one in shown])
        values = values[np.isfinite(values)]
        if len(values):
            room = _TICKS_AROUND * (tick or 0.0)
            self.set_range(float(values.min()) - room, float(values.max()) + room, decimals)
        fills = ", ".join(
            f"filled {format_amount(fill.amount)} at {format_price(fill.price, decimals)}"
            for fill in order.fills
        )
        self.setAccessibleDescription(
            f"{len(market.trade_us)} trades, {len(market.touch_us)} changes of the best prices; "
            f"{fills or 'not filled'}"
        )
        self.update()

    def table(self) -> ChartTable:
        """Give best prices, trades and own fills in the order in which they came."""
        market, order = self._market, self._order
        rows: list[tuple[int, tuple[str, ...]]] = []
        if market is not None and order is not None:
            for at_us, bid, ask in zip(market.touch_us, market.bid, market.ask, strict=True):
                rows.append((int(at_us), ("best prices", plain(bid), plain(ask), "", "")))
            trades = (market.trade_us, market.trade_is_buy, market.trade_price, market.trade_amount)
            for at_us, is_buy, price, amount in zip(*trades, strict=True):
                side = "trade, buy" if is_buy else "trade, sell"
                rows.append((int(at_us), (side, "", "", plain(price), plain(amount))))
            rows += [
                (fill.time_us, (f"own fill, {order.side}", "", "", plain(fill.price), plain(fill.amount)))
                for fill in order.fills
            ]
        rows.sort(key=lambda row: row[0])
        columns = ("time", "event", "best bid", "best ask", "price", "amount")
        told = tuple((self.time_text(at_us), *texts) for at_us, texts in rows)
        return ChartTable("Price around the order", columns, told)

    def draw(self, painter: QPainter, scale: Scale) -> None:
        """Draw it over the grid."""
        market, order, colour = self._market, self._order, self._theme.colour
        if market is None or order is None:
            return
        painter.setClipRect(scale.plot.adjusted(0, -30, 1, 1))
        for values, name in ((market.bid, "bid"), (market.ask, "ask")):
            painter.setPen(QPen(colour("bid" if name == "bid" else "ask"), 1))
            for line in scale.steps(market.touch_us, values, market.to_us):
                painter.drawPolyline(line)
        self._trades(painter, scale, market)
        if order.price is not None and order.arrive_us is not None and order.queue_ahead is not None:
            end_us = order.end_us if order.end_us is not None else market.to_us
            left, right, y = scale.x(order.arrive_us), scale.x(end_us), scale.y(order.price)
            painter.setPen(QPen(colour("text"), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(left, y), QPointF(right, y))
            text = (
                f"our {order.side} {format_amount(order.amount)} at "
                f"{format_price(order.price, self._decimals_of_price)}"
            )
            at = QPointF(left + self._theme.px(6), y - self._theme.px(5 if not order.is_buy else -14))
            painter.drawText(at, text)
        for fill in order.fills:
            self._triangle(painter, QPointF(scale.x(fill.time_us), scale.y(fill.price)), is_buy=order.is_buy)

    def _trades(self, painter: QPainter, scale: Scale, market: MarketAround) -> None:
        """Draw trades as half discs, purchases above their price and sales below, the largest first."""
        if not len(market.trade_us):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        largest = float(market.trade_amount.max()) or 1.0
        for place in np.argsort(-market.trade_amount)[:_MOST_TRADES].tolist():
            share = float(np.sqrt(market.trade_amount[place] / largest))
            radius = self._theme.px(1) * (_LEAST_RADIUS_PX + share * (_MOST_RADIUS_PX - _LEAST_RADIUS_PX))
            x, y = scale.x(int(market.trade_us[place])), scale.y(float(market.trade_price[place]))
            is_buy = bool(market.trade_is_buy[place])
            disc = QRectF(x - radius, y - radius, 2 * radius, 2 * radius)
            ink = self._theme.colour("bid" if is_buy else "ask")
            ink.setAlphaF(0.8)
            painter.setBrush(ink)
            painter.drawPie(disc, 0 if is_buy else 180 * 16, 180 * 16)
        painter.restore()

    def _triangle(self, painter: QPainter, tip: QPointF, *, is_buy: bool) -> None:
        """Draw a fill: a triangle that points at its price, from below for a purchase."""
        size = self._theme.px(_TRIANGLE_PX)
        away = size * 1.4 if is_buy else -size * 1.4
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.colour("halo"), 1.5))
        painter.setBrush(self._theme.colour("good"))
        painter.drawPolygon(
            QPolygonF(
                [
                    tip,
                    QPointF(tip.x() - size * 0.8, tip.y() + away),
                    QPointF(tip.x() + size * 0.8, tip.y() + away),
                ]
            )
        )
        painter.restore()
