"""A run in the Replay workspace: its orders and fills drawn, stepped through, and asked about."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from tickreel.backtest.request import BacktestRequest
from tickreel.backtest.why.market import feed_delay_us
from tickreel.backtest.why.tracing import trace_orders
from tickreel.errors import Cancelled, TickreelError
from tickreel.replay import Order, ReplayPlan
from tickreel.replay.plan import LONGEST_LATENCY_US
from tickreel_desktop.backtest.why.tracer import TraceWatch
from tickreel_desktop.components import Banner, BannerKind
from tickreel_desktop.replay.own.orders import OwnEvent, Ways
from tickreel_desktop.replay.own.reading import read_own
from tickreel_desktop.replay.player import ReplayRequest

if TYPE_CHECKING:
    import pyarrow as pa

    from tickreel.backtest.runs.service import Runs
    from tickreel_desktop.actions import Actions
    from tickreel_desktop.backtest import RunsKeeper
    from tickreel_desktop.frame import MainWindow
    from tickreel_desktop.replay.opening import ReplayOpener
    from tickreel_desktop.replay.own.orders import OwnOrders
    from tickreel_desktop.replay.own.reading import OwnRun
    from tickreel_desktop.replay.player import Player
    from tickreel_desktop.replay.workspace import ReplayWorkspace
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.telling import Teller
    from tickreel_desktop.theme import Theme

_TELL_MS = 250
_NONE = "Replay a run first: its orders are stepped through"
_STEPS = {
    "replay.nextorder": (OwnEvent.ORDER, 1),
    "replay.lastorder": (OwnEvent.ORDER, -1),
    "replay.nextfill": (OwnEvent.FILL, 1),
    "replay.lastfill": (OwnEvent.FILL, -1),
}


class RunReplayControl(QObject):
    """The run that is replayed in one window, if any."""

    why_asked = Signal(str, object)
    """Why an order was filled or not is wanted: the run and the order's id."""

    window_selected = Signal()
    """A window of the run is selected for whoever wants to analyse it."""

    def __init__(
        self,
        *,
        window: MainWindow,
        actions: Actions,
        theme: Theme,
        workspace: ReplayWorkspace,
        opener: ReplayOpener,
        keeper: RunsKeeper,
        tasks: Tasks,
        teller: Teller,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._actions = actions
        self._workspace = workspace
        self._opener = opener
        self._keeper = keeper
        self._tasks = tasks
        self._teller = teller
        self._own: OwnRun | None = None
        self._player: Player | None = None
        """The replay of the run."""
        self._watch: TraceWatch | None = None
        self.tracing = Banner(theme, BannerKind.NOTE, "", action="Cancel")
        self.tracing.hide()
        workspace.add_banner(self.tracing)
        self.tracing.action_triggered.connect(self._stop_trace)
        self._telling = QTimer(self)
        self._telling.setInterval(_TELL_MS)
        self._telling.timeout.connect(self._tell)
        for action_id, (event, direction) in _STEPS.items():
            actions.on(action_id, partial(self.step, event, direction))
        actions.on("replay.why", self.ask_why)
        workspace.player_changed.connect(self._on_player_changed)
        workspace.stage.symbol_changed.connect(self._show)
        window.workspace_changed.connect(lambda _before, _now: self.renew())
        self.renew()

    @property
    def orders(self) -> OwnOrders | None:
        """The orders that are drawn: those of the run on the symbol that is shown."""
        symbol = self._workspace.stage.symbol
        return None if self._own is None or symbol is None else self._own.orders.get(symbol)

    @property
    def is_open(self) -> bool:
        """Whether a run is replayed."""
        return self._own is not None

    async def open_run(self, run_id: str, at_us: int | None = None) -> None:
        """Replay a run from its start or from an instant, by the clock of the exchange and held still.

        What is known lags by the feed's median delay of the run.

        Raises:
            TickreelError: the run or its days cannot be read.
        """

        def read(runs: Runs) -> tuple[OwnRun, ReplayPlan]:
            run = runs.run(run_id)
            request = BacktestRequest.from_form(run.request)
            delay_us = feed_delay_us(runs.cache, run, request.instruments[0])
            plan = ReplayPlan(
                request.instruments,
                request.start_us,
                request.end_us,
                speed=1.0,
                order=Order.EXCHANGE,
                allow_missing=request.allow_missing,
                latency_us=min(max(delay_us, 0), LONGEST_LATENCY_US),
            )
            return read_own(run), plan

        own, plan = await self._keeper.ask(read)
        self._window.go_to("replay")
        start_us = plan.start_us if at_us is None else min(max(at_us, plan.start_us), plan.end_us)
        player = await self._opener.open(ReplayRequest(plan, start_us))
        player.pause()
        player.seek(start_us)
        self._player, self._own = player, own
        self._show()
        self._tasks.start(self._trace(own, player), "trace the orders of a run")

    async def open_window(self, run_id: str, from_us: int, to_us: int) -> None:
        """Replay a run at the end of a window, with the window selected, for whoever wants to analyse it.

        Raises:
            TickreelError: as :meth:`open_run`.
        """
        await self.open_run(run_id, to_us)
        player = self._workspace.player
        if player is not None:
            start_us = player.request.start_us
            self._workspace.shared.select((max(from_us, start_us), min(to_us, player.request.end_us)))
            self.window_selected.emit()

    def step(self, event: OwnEvent, direction: int) -> None:
        """Go to the next own order or fill (1), or the one before (-1), and stand there."""
        player, orders = self._workspace.player, self.orders
        if player is None or orders is None:
            return
        at_us = orders.next_us(event, player.clock.reached_us, direction)
        if at_us is None:
            which = "next" if direction > 0 else "earlier"
            self._workspace.transport.show_problem(f"There is no {which} own {event.value}")
            return
        player.pause()
        self._workspace.controls.seek(at_us)

    def ask_why(self) -> None:
        """Ask why the order was filled, or not, whose fill or arrival was the last."""
        player, orders = self._workspace.player, self.orders
        order = None if player is None or orders is None else orders.nearest(player.clock.reached_us)
        if orders is None or order is None:
            self._workspace.transport.show_problem("No own order has reached the exchange yet")
        else:
            self.why_asked.emit(orders.run_id, order)

    def close(self) -> None:
        """Give up what is under way."""
        self._stop_trace()

    def renew(self) -> None:
        """Say whether there are orders to step through."""
        is_open = self._window.front == "replay" and self.orders is not None
        for action_id in (*_STEPS, "replay.why"):
            self._actions.enable(action_id, is_open, _NONE)

    def _on_player_changed(self) -> None:
        if self._workspace.player is not self._player or self._player is None:
            self._own = self._player = None
            self._stop_trace()
        self._show()

    def _show(self) -> None:
        orders = self.orders
        panels = self._workspace.panels
        panels.heatmap.set_own(orders)
        panels.ladder.set_own(orders)
        self.renew()

    async def _trace(self, own: OwnRun, player: Player) -> None:
        """Find how much was ahead of each order at every moment, by doing the run once more."""
        if not any(len(orders) for orders in own.orders.values()):
            return
        watch = self._watch = TraceWatch()
        self._tell()
        self.tracing.show()
        self._telling.start()

        def work(runs: Runs) -> pa.Table:
            return trace_orders(runs.cache, runs.run(own.run_id), watch)

        table = None
        try:
            table = await self._keeper.ask(work)
        except Cancelled:
            pass  # what was ahead when an order joined is shown
        except TickreelError as error:
            self._teller.warning("Queues not traced", str(error))
        finally:
            watch.stop()
            if self._watch is watch:
                self._watch = None
                self._telling.stop()
                self.tracing.hide()
        if table is not None and self._player is player:
            self._own = replace(
                own, orders={pair: replace(one, ways=_ways(table)) for pair, one in own.orders.items()}
            )
            self._show()

    def _tell(self) -> None:
        share = None if self._watch is None else self._watch.share
        done = "" if share is None else f": {int(100 * share)} %"
        self.tracing.set_text(
            f"Doing the run once more to find what is ahead of its orders{done}", quietly=True
        )

    def _stop_trace(self) -> None:
        if self._watch is not None:
            self._watch.stop()


def _ways(table: pa.Table) -> Ways:
    return Ways(
        table["order"].to_numpy(),
        table["time_us"].to_numpy(),
        np.array(table["ahead"].to_numpy(zero_copy_only=False), np.float64),
    )
