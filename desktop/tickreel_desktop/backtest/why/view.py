"""Why an order was filled, or not: what happened, its queue and price, and the books on both clocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from tickreel.backtest.why.steps import steps_of, verdict
from tickreel.errors import Cancelled, TickreelError
from tickreel.market.units import format_amount, format_full, format_price, price_decimals
from tickreel_desktop.backtest.why.asking import TraceWatch, moments_of, read_asked, trace
from tickreel_desktop.backtest.why.books import BookPair
from tickreel_desktop.backtest.why.chart import Moment as MarkedMoment
from tickreel_desktop.backtest.why.price_chart import PriceChart
from tickreel_desktop.backtest.why.queue_chart import QueueChart
from tickreel_desktop.backtest.why.rules import CAPTIONS, rules_of
from tickreel_desktop.backtest.why.steps_list import StepsList
from tickreel_desktop.components import (
    Banner,
    BannerKind,
    ButtonKind,
    DockTitle,
    ElidedLabel,
    EmptyState,
    KeyValues,
    Segment,
    Segments,
    Tag,
    Tone,
    button,
    label,
)
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent, QResizeEvent

    from tickreel.backtest.runs.service import Runs
    from tickreel.backtest.why.market import Moment
    from tickreel.backtest.why.tracing import Way
    from tickreel_desktop.backtest.keeper import RunsKeeper
    from tickreel_desktop.backtest.why.asking import Asked
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_WIDE_FROM_PX = 1460
_TELL_MS = 250
_REPLAY, _ANALYSE = "Open here in Replay", "Send window to Analysis"
_MOMENTS = (
    Segment("decided", "Decided"),
    Segment("joined", "Joined"),
    Segment("filled", "Filled"),
    Segment("ended", "Ended"),
)
_CHART_NAMES = {"decided": "decided", "joined": "joins", "filled": "filled", "ended": "ended"}


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
        self._zone = zone
        self._keeper = keeper
        self._tasks = tasks
        self._generation = 0
        self._watch: TraceWatch | None = None
        self.asked: Asked | None = None
        """The order that is shown, once it is read."""
        self.way: Way | None = None
        """Its way through the queue, once it is traced."""
        self.problem = ""
        """Why it cannot be read; empty where it can."""
        self._wanted = ("", 0)
        self._decimals = 2
        self.steps = StepsList(theme, zone)
        self.rules = KeyValues(theme, CAPTIONS)
        self.queue = QueueChart(theme, zone)
        self.price = PriceChart(theme, zone)
        self.books = BookPair(theme)
        self.moment = Segments(theme, "Moment of the books", _MOMENTS, small=True)
        self.stepping = Segments(
            theme, "Step by", [Segment("orders", "Orders"), Segment("fills", "Filled")], small=True
        )
        self.previous = button(theme, "Previous", icon="caret-left")
        self.next = button(theme, "Next", icon="caret-right")
        self.replay = button(theme, _REPLAY, ButtonKind.PRIMARY, icon="play-fill")
        self.analyse = button(theme, _ANALYSE, icon="sparkle")
        self.replay.setAccessibleName(_REPLAY)
        self.analyse.setAccessibleName(_ANALYSE)
        self.tracing = Banner(theme, BannerKind.NOTE, "", action="Cancel")
        self._build()
        self._telling = QTimer(self)
        self._telling.setInterval(_TELL_MS)
        self._telling.timeout.connect(self._tell_trace)
        self._connect()

    # How it is put together

    def _build(self) -> None:
        theme, px = self._theme, self._theme.px
        self._message = EmptyState(
            theme, "question", "No order chosen", "Choose an order or a trade of a run."
        )
        self._left = self._make_left()
        self._books_pane = QFrame()
        set_role(self._books_pane, Role.PANEL)
        self._books_title = DockTitle(theme, "Two clocks")
        self._books_title.add_control(self.moment)
        right = QVBoxLayout(self._books_pane)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self._books_title)
        right.addWidget(self.books, 1)
        right.addWidget(self._make_foot())
        self._columns = QSplitter(Qt.Orientation.Horizontal)
        self._columns.setObjectName("layout.why.columns")
        self._columns.setChildrenCollapsible(False)
        self._tabs = QTabWidget()
        self._tabs.setDocumentMode(True)
        self._charts = self._make_charts()
        self._columns.addWidget(self._charts)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._make_head())
        column.addWidget(self.tracing)
        column.addWidget(self._columns, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._message)
        self._stack.addWidget(page)
        self._page = page
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)
        self._left.setMinimumWidth(px(300))
        self._is_wide: bool | None = None
        self.tracing.hide()
        self._arrange()

    def _make_head(self) -> QFrame:
        theme, px = self._theme, self._theme.px
        head = QFrame()
        set_role(head, Role.BAR)
        row = QHBoxLayout(head)
        row.setContentsMargins(px(12), px(6), px(12), px(6))
        row.setSpacing(px(8))
        self.back = button(theme, "Back", ButtonKind.FLAT, icon="caret-left")
        row.addWidget(self.back)
        words = QVBoxLayout()
        words.setSpacing(px(2))
        first = QHBoxLayout()
        first.setSpacing(px(8))
        self._title = ElidedLabel("")
        set_role(self._title, Role.TITLE)
        self._place = Tag("")
        self._verdict = Tag("")
        first.addWidget(self._title)
        first.addWidget(self._place)
        first.addWidget(self._verdict)
        first.addStretch(1)
        words.addLayout(first)
        self._under = ElidedLabel("")
        set_role(self._under, Role.CAPTION)
        words.addWidget(self._under)
        row.addLayout(words, 1)
        for widget in (self.stepping, self.previous, self.next, self.replay, self.analyse):
            row.addWidget(widget)
        return head

    def _make_left(self) -> QFrame:
        pane = QFrame()
        set_role(pane, Role.PANEL)
        inside = QFrame()
        set_role(inside, Role.PANEL)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.steps)
        column.addWidget(DockTitle(self._theme, "Rules in force"))
        column.addWidget(self.rules)
        note = label(
            "Our order takes nothing from others: the simulated market does not react to it.",
            Role.CAPTION,
            wrap=True,
        )
        note.setContentsMargins(self._theme.px(12), 0, self._theme.px(12), self._theme.px(8))
        column.addWidget(note)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        outer = QVBoxLayout(pane)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(DockTitle(self._theme, "What happened"))
        outer.addWidget(area, 1)
        return pane

    def _make_charts(self) -> QFrame:
        pane = QFrame()
        set_role(pane, Role.PANEL)
        column = QVBoxLayout(pane)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._queue_title = DockTitle(self._theme, "Queue ahead of the order")
        column.addWidget(self._queue_title)
        column.addWidget(self.queue, 2)
        column.addWidget(
            DockTitle(self._theme, "Price around the order", "best bid and ask, trades, our order")
        )
        column.addWidget(self.price, 3)
        return pane

    def _make_foot(self) -> QFrame:
        foot = QFrame()
        set_role(foot, Role.FOOT)
        row = QHBoxLayout(foot)
        px = self._theme.px
        row.setContentsMargins(px(10), px(4), px(10), px(4))
        self._foot = ElidedLabel("Edged: differs between the clocks. Triangle: level of our order.")
        set_role(self._foot, Role.CAPTION)
        row.addWidget(self._foot, 1)
        return foot

    def _connect(self) -> None:
        self.moment.chosen.connect(lambda _key: self._show_books())
        self.stepping.chosen.connect(lambda _key: self._renew_steppers())
        self.previous.clicked.connect(lambda: self.step(-1))
        self.next.clicked.connect(lambda: self.step(1))
        self.back.clicked.connect(lambda: self.closed.emit())
        self.replay.clicked.connect(self._ask_replay)
        self.analyse.clicked.connect(self._ask_analysis)
        self.tracing.action_triggered.connect(self._stop_trace)
        self._zone.changed.connect(self._show_books)

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
        # Their names stay whole for those who hear them.
        self.replay.setText(_REPLAY if is_wide else "Replay")
        self.analyse.setText(_ANALYSE if is_wide else "Analyse")
        if is_wide:
            self._columns.insertWidget(0, self._left)
            self._columns.addWidget(self._books_pane)
            self._tabs.setParent(None)
            self._columns.setSizes([px(380), px(860), px(620)])
        else:
            self._tabs.addTab(self._left, "What happened")
            self._tabs.addTab(self._books_pane, "Two clocks")
            self._columns.addWidget(self._tabs)
            self._columns.setSizes([px(700), px(480)])
        self._left.show()
        self._books_pane.show()

    # What is shown

    def show_order(self, run_id: str, order_id: int) -> None:
        """Show another order; what it takes is read away from the UI thread."""
        self._stop_trace()
        self._generation += 1
        self._wanted, self.way = (run_id, order_id), None
        if self.asked is None or self.asked.card.id != run_id:
            self.asked = None
            self._message.set_text("Reading the order", "The market around it is read on both clocks.")
            self._stack.setCurrentWidget(self._message)
        self._tasks.start(self._read(run_id, order_id, self._generation), "read an order")

    async def _read(self, run_id: str, order_id: int, generation: int) -> None:
        self.problem = ""
        try:
            asked = await self._keeper.ask(lambda runs: read_asked(runs, run_id, order_id))
        except TickreelError as error:
            if generation == self._generation:
                self.problem = str(error)
                self._message.set_text("The order cannot be read", self.problem)
                self._stack.setCurrentWidget(self._message)
            return
        if generation == self._generation:
            self._take(asked)
            await self._trace(asked, generation)

    def _take(self, asked: Asked) -> None:
        self.asked, self.way = asked, None
        order, market = asked.order, asked.market
        prices = np.array([*market.bid, *market.ask, asked.tick or 0.0], np.float64)
        self._decimals = price_decimals(prices)
        self._show_head(asked)
        named = moments_of(order)
        for segment in _MOMENTS:
            self.moment.set_shown(segment.key, segment.key in named)
        if self.moment.value() not in named:
            self.moment.choose("decided")
        marks = [MarkedMoment(at_us, _CHART_NAMES[key]) for key, at_us in named.items()]
        if order.fills:
            marks.append(MarkedMoment(order.fills[-1].known_us, "told"))
        for chart in (self.queue, self.price):
            chart.set_span(market.from_us, market.to_us, marks)
        self.price.show_market(order, market, self._decimals, asked.tick)
        price = "" if order.price is None else f" at {format_price(order.price, self._decimals)}"
        self._queue_title.set_caption(f"{order.symbol}{price}, exchange clock")
        decided = self._moment_at(order.submit_us)
        for caption, text in rules_of(asked.card, decided).items():
            self.rules.set_value(caption, text)
        self._show_way(None, "Tracing: the run is done once more as far as this order.")
        self._show_books()
        self._stack.setCurrentWidget(self._page)
        self._renew_steppers()

    def _show_head(self, asked: Asked) -> None:
        order = asked.order
        why = "Why filled" if order.fills else "Why not filled"
        amount = format_amount(order.filled if order.fills else order.amount)
        arrow = "\u25b2" if order.is_buy else "\u25bc"
        price = "the market" if order.price is None else format_price(order.price, self._decimals)
        self._title.setText(f"{why}: {arrow} {order.side} {amount} at {price}")
        self._place.set_state(
            f"order {format_full(order.id + 1)} of {format_full(order.count)}", Tone.NEUTRAL
        )
        self._verdict.set_state(
            order.fills[-1].rule.replace("_", " ") if order.fills else order.status,
            Tone.GOOD if order.fills else Tone.NEUTRAL,
        )
        self._under.setText(f"run {order.run_id}, {order.exchange} {order.symbol}; {verdict(order)}")

    def _show_way(self, way: Way | None, message: str = "") -> None:
        asked = self.asked
        if asked is None:
            return
        self.way = way
        self.queue.show_way(asked.order, way, message if way is None else "")
        self.steps.show_steps(steps_of(asked.order, asked.market, way, self._decimals))

    def _moment_at(self, at_us: int) -> Moment | None:
        moments = () if self.asked is None else self.asked.market.moments
        return next((moment for moment in moments if moment.at_us == at_us), None)

    def _show_books(self) -> None:
        asked = self.asked
        if asked is None:
            return
        key = self.moment.value()
        at_us = moments_of(asked.order)[key]
        moment = self._moment_at(at_us)
        if moment is None:
            return
        zone = self._zone.zone
        told = ""
        if moment.heard_us is not None:
            age = (at_us - moment.heard_us) / 1_000
            told = f"message of {zone.clock(moment.heard_us)}, {age:.3g} ms old"
        self._books_title.set_caption(f"the moment it {_VERBS[key]}, {zone.clock(at_us)}")
        captions = (told, f"{zone.clock(at_us)}, known only to the simulator")
        self.books.show_moment(
            moment, asked.order, asked.tick or self._least_step(moment), self._decimals, captions
        )

    @staticmethod
    def _least_step(moment: Moment) -> float:
        """Find the step of prices in a book, where no tick is known."""
        prices = np.unique(np.concatenate([moment.exchange.bids[:, 0], moment.exchange.asks[:, 0]]))
        return float(np.diff(prices).min()) if len(prices) > 1 else 1.0

    # Tracing

    async def _trace(self, asked: Asked, generation: int) -> None:
        if asked.order.queue_ahead is None:
            self._show_way(None)
            return
        watch = self._watch = TraceWatch()
        self.tracing.set_kind(BannerKind.NOTE)
        self.tracing.set_action("Cancel")
        self._tell_trace()
        self.tracing.show()
        self._telling.start()

        def work(runs: Runs) -> Way:
            return trace(runs, asked, watch)

        message = ""
        try:
            way: Way | None = await self._keeper.ask(work)
        except Cancelled:
            way, message = None, "Not traced: cancelled."
        except TickreelError as error:
            way, message = None, f"Not traced: {error}."
        finally:
            watch.stop()
        if generation == self._generation:
            self._watch = None
            self._telling.stop()
            self.tracing.hide()
            self._show_way(way, message)

    def _tell_trace(self) -> None:
        share = None if self._watch is None else self._watch.share
        done = "" if share is None else f": {int(100 * share)} %"
        self.tracing.set_text(f"Doing the run once more to trace this order{done}", quietly=True)

    def _stop_trace(self) -> None:
        if self._watch is not None:
            self._watch.stop()

    def hideEvent(self, event: QHideEvent) -> None:
        """Trace no further what nobody sees."""
        super().hideEvent(event)
        self._stop_trace()

    def close_down(self) -> None:
        """Give up what is under way, as the window closes."""
        self._generation += 1
        self._stop_trace()

    # Going on

    def _beside(self, direction: int) -> int | None:
        asked = self.asked
        if asked is None:
            return None
        if self.stepping.value() == "orders":
            to = asked.order.id + direction
            return to if 0 <= to < asked.order.count else None
        ids = asked.filled_ids
        place = int(np.searchsorted(ids, asked.order.id, "right" if direction > 0 else "left"))
        place -= direction < 0
        return int(ids[place]) if 0 <= place < len(ids) else None

    def step(self, direction: int) -> None:
        """Show the next order, or the next that was filled (1), or the one before (-1)."""
        to = self._beside(direction)
        if to is not None:
            self.show_order(self._wanted[0], to)

    def _renew_steppers(self) -> None:
        self.previous.setEnabled(self._beside(-1) is not None)
        self.next.setEnabled(self._beside(1) is not None)
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


_VERBS = {
    "decided": "was decided",
    "joined": "reached the exchange",
    "filled": "was filled",
    "ended": "ended",
}
