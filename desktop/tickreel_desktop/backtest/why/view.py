"""Why an order was filled, or not: what happened, its queue and price, and the books on both clocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QSplitter, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from tickreel.backtest.why.asking import read_asked
from tickreel.backtest.why.steps import steps_of
from tickreel.errors import TickreelError
from tickreel.market.units import price_decimals
from tickreel_desktop.backtest.why.account import OrderAccount
from tickreel_desktop.backtest.why.charts import OrderCharts
from tickreel_desktop.backtest.why.head import OrderHead
from tickreel_desktop.backtest.why.tracer import OrderTracer
from tickreel_desktop.backtest.why.two_clocks import TwoClocks
from tickreel_desktop.components import EmptyState
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent, QResizeEvent

    from tickreel.backtest.why.asking import Asked
    from tickreel.backtest.why.tracing import Way
    from tickreel_desktop.backtest.keeper import RunsKeeper
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_WIDE_FROM_PX = 1460
_TRACING = "Tracing: the run is done once more as far as this order."


class WhyView(QFrame):
    """Show one order of one run at a time."""

    replay_asked = Signal(str, object)  # an int of a signal has 32 bits
    """The run, and the instant to go to."""
    analyse_asked = Signal(str, object, object)
    """The run, and the window [from, to) that is to be analysed."""
    order_shown = Signal()
    """Another order is in view, or another is next."""
    closed = Signal()

    def __init__(
        self,
        theme: Theme,
        zone: DisplayZone,
        keeper: RunsKeeper,
        tasks: Tasks,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        set_role(self, Role.WINDOW)
        self.setObjectName("backtest.why")
        self._theme = theme
        self._keeper = keeper
        self._tasks = tasks
        self._generation = 0
        self.asked: Asked | None = None
        """The order that is shown, once it is read."""
        self.way: Way | None = None
        """Its way through the queue, once it is traced."""
        self.problem = ""
        """Why it cannot be read; empty where it can."""
        self._run_id = ""
        self._decimals = 2
        self.head = OrderHead(theme)
        self.account = OrderAccount(theme, zone)
        self.charts = OrderCharts(theme, zone)
        self.clocks = TwoClocks(theme, zone)
        self.tracer = OrderTracer(theme, keeper, self)
        self._message = EmptyState(
            theme, "question", "No order chosen", "Choose an order or a trade of a run."
        )
        self._is_wide: bool | None = None
        self._build()
        self._connect()
        self._arrange()

    # How it is put together

    def _build(self) -> None:
        self._columns = QSplitter(Qt.Orientation.Horizontal)
        self._columns.setObjectName("layout.why.columns")
        self._columns.setChildrenCollapsible(False)
        self._columns.addWidget(self.charts)
        self._tabs = QTabWidget()
        self._tabs.setDocumentMode(True)
        self._page = QWidget()
        column = QVBoxLayout(self._page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self.tracer.banner)
        column.addWidget(self._columns, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._message)
        self._stack.addWidget(self._page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)

    def _connect(self) -> None:
        head = self.head
        head.stepping.chosen.connect(lambda _key: self._renew_steppers())
        head.previous.clicked.connect(lambda: self.step(-1))
        head.next.clicked.connect(lambda: self.step(1))
        head.back.clicked.connect(lambda: self.closed.emit())
        head.replay.clicked.connect(self._ask_replay)
        head.analyse.clicked.connect(self._ask_analysis)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the steps beside the charts, or into a tab beside the ladders."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        is_wide = self.width() >= self._theme.px(_WIDE_FROM_PX)
        if is_wide == self._is_wide:
            return
        self._is_wide = is_wide
        px = self._theme.px
        self.head.set_wide(is_wide)
        if is_wide:
            self._columns.insertWidget(0, self.account)
            self._columns.addWidget(self.clocks)
            self._tabs.setParent(None)
            self._columns.setSizes([px(380), px(860), px(620)])
        else:
            self._tabs.addTab(self.account, "What happened")
            self._tabs.addTab(self.clocks, "Two clocks")
            self._columns.addWidget(self._tabs)
            self._columns.setSizes([px(700), px(480)])
        self.account.show()
        self.clocks.show()

    # What is shown

    def show_order(self, run_id: str, order_id: int) -> None:
        """Show another order; what it takes is read away from the UI thread."""
        self.tracer.stop()
        self._generation += 1
        self._run_id, self.way = run_id, None
        if self.asked is None or self.asked.card.id != run_id:
            self.asked = None
            self._say("Reading the order", "The market around it is read on both clocks.")
        self._tasks.start(self._read(run_id, order_id, self._generation), "read an order")

    def _say(self, heading: str, text: str) -> None:
        self._message.set_text(heading, text)
        self._stack.setCurrentWidget(self._message)

    async def _read(self, run_id: str, order_id: int, generation: int) -> None:
        self.problem = ""
        try:
            asked = await self._keeper.ask(lambda runs: read_asked(runs.cache, runs.run(run_id), order_id))
        except TickreelError as error:
            if generation == self._generation:
                self.problem = str(error)
                self._say("The order cannot be read", self.problem)
            return
        if generation == self._generation:
            self._take(asked)
            await self._trace(asked, generation)

    def _take(self, asked: Asked) -> None:
        self.asked, self.way = asked, None
        market = asked.market
        self._decimals = price_decimals(np.array([*market.bid, *market.ask, asked.tick or 0.0], np.float64))
        self.head.show_order(asked.order, self._decimals)
        self.charts.show_order(asked, self._decimals)
        self.account.show_order(asked)
        self.clocks.show_order(asked, self._decimals)
        self._show_way(asked, None, _TRACING)
        self._stack.setCurrentWidget(self._page)
        self._renew_steppers()

    def _show_way(self, asked: Asked, way: Way | None, message: str = "") -> None:
        self.way = way
        self.charts.queue.show_way(asked.order, way, message if way is None else "")
        self.account.steps.show_steps(steps_of(asked.order, asked.market, way, self._decimals))

    async def _trace(self, asked: Asked, generation: int) -> None:
        """Find its way, and then what other models would have made of it."""
        if asked.order.queue_ahead is None:
            self._show_way(asked, None)
            return
        way, message = await self.tracer.way(asked)
        if generation == self._generation:
            self._show_way(asked, way, message)
        if way is None or generation != self._generation:
            return
        others = self.account.others
        others.show_message("being done")
        told, message = await self.tracer.others(asked)
        if generation != self._generation:
            return
        if told is None:
            others.show_message(message)
        else:
            others.show_told(asked.order, told)

    def hideEvent(self, event: QHideEvent) -> None:
        """Trace no further what nobody sees."""
        super().hideEvent(event)
        self.tracer.stop()

    def close_down(self) -> None:
        """Give up what is under way, as the window closes."""
        self._generation += 1
        self.tracer.stop()

    # Going on

    def _beside(self, direction: int) -> int | None:
        is_filled = self.head.stepping.value() == "fills"
        return None if self.asked is None else self.asked.beside(direction, is_filled=is_filled)

    def step(self, direction: int) -> None:
        """Show the next order, or the next that was filled (1), or the one before (-1)."""
        to = self._beside(direction)
        if to is not None:
            self.show_order(self._run_id, to)

    def _renew_steppers(self) -> None:
        self.head.previous.setEnabled(self._beside(-1) is not None)
        self.head.next.setEnabled(self._beside(1) is not None)
        self.order_shown.emit()

    def _ask_replay(self) -> None:
        if self.asked is not None:
            order = self.asked.order
            at_us = order.fills[0].time_us if order.fills else order.submit_us
            self.replay_asked.emit(order.run_id, at_us)

    def _ask_analysis(self) -> None:
        if self.asked is not None:
            market = self.asked.market
            self.analyse_asked.emit(self.asked.card.id, market.from_us, market.to_us)
