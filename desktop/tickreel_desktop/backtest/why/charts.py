"""The two charts of an order over one time: the queue ahead of it, and the price around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from tickreel.backtest.why.asking import moments_of
from tickreel.market.units import format_price
from tickreel_desktop.backtest.why.chart import Moment
from tickreel_desktop.backtest.why.price_chart import PriceChart
from tickreel_desktop.backtest.why.queue_chart import QueueChart
from tickreel_desktop.components import DockTitle
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from tickreel.backtest.why.asking import Asked
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_NAMES = {"decided": "decided", "joined": "joins", "filled": "filled", "ended": "ended"}


class OrderCharts(QFrame):
    """Draw an order in its market; its way through the queue is shown when it is traced."""

    def __init__(self, theme: Theme, zone: DisplayZone, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self.queue = QueueChart(theme, zone)
        self.price = PriceChart(theme, zone)
        self._title = DockTitle(theme, "Queue ahead of the order")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._title)
        column.addWidget(self.queue, 2)
        column.addWidget(DockTitle(theme, "Price around the order", "best bid and ask, trades, our order"))
        column.addWidget(self.price, 3)

    def show_order(self, asked: Asked, decimals: int) -> None:
        """Show another order, whose prices have so many decimals."""
        order, market = asked.order, asked.market
        marks = [Moment(at_us, _NAMES[key]) for key, at_us in moments_of(order).items()]
        if order.fills:
            marks.append(Moment(order.fills[-1].known_us, "told"))
        for chart in (self.queue, self.price):
            chart.set_span(market.from_us, market.to_us, marks)
        self.price.show_market(order, market, decimals, asked.tick)
        price = "" if order.price is None else f" at {format_price(order.price, decimals)}"
        self._title.set_caption(f"{order.symbol}{price}, exchange clock")
