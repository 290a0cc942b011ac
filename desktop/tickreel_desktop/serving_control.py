"""Serves replays from the window: starts and ends the server, and keeps its card current."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from tickreel.errors import TickreelError
from tickreel_desktop.components import open_soon
from tickreel_desktop.serving import Example, ServeDialog, ServeState

if TYPE_CHECKING:
    from tickreel.server import HostedServer
    from tickreel.store import Cache
    from tickreel_desktop.actions import Actions
    from tickreel_desktop.frame import MainWindow
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.telling import Teller
    from tickreel_desktop.theme import Theme

_RENEW_MS = 500
_SHOW = "data.serve"
_NO_EXAMPLE = Example("tickreel-sim", "BTCUSDT", "2025-03-14", "2025-03-15")


class ServingControl(QObject):
    """The replay server of one window; it goes on when its dialog is closed, and ends with the window."""

    def __init__(
        self,
        *,
        window: MainWindow,
        actions: Actions,
        theme: Theme,
        cache: Cache,
        tasks: Tasks,
        teller: Teller,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._theme = theme
        self._cache = cache
        self._tasks = tasks
        self._teller = teller
        self._hosted: HostedServer | None = None
        self._state = ServeState.OFF
        self._before = (monotonic(), 0, 0)
        self.dialog: ServeDialog | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_RENEW_MS)
        self._timer.timeout.connect(self._renew)
        actions.on(_SHOW, self.open)
        actions.offer_command(_SHOW, lambda: "tickreel serve")

    @property
    def address(self) -> str:
        """Where it serves over HTTP; empty while it does not."""
        return "" if self._hosted is None else self._hosted.server.address

    def open(self) -> None:
        """Show the dialog."""
        self._tasks.start(self._open(), "show what is served")

    async def _open(self) -> None:
        example = await asyncio.to_thread(_example_of, self._cache)
        if self.dialog is not None:
            self.dialog.raise_()
            return
        self.dialog = ServeDialog(self._theme, example, self._window)
        self.dialog.start_wanted.connect(lambda port: self._tasks.start(self._start(port), "start serving"))
        self.dialog.end_wanted.connect(lambda: self._tasks.start(self._end(), "end serving"))
        self.dialog.finished.connect(self._on_closed)
        self._show_state(self._state)
        self._renew()
        self._timer.start()
        open_soon(self._window, self.dialog)

    async def _start(self, port: int) -> None:
        self._show_state(ServeState.STARTING)
        try:
            hosted = await asyncio.to_thread(_started, self._cache, port)
        except TickreelError as error:
            self._show_state(ServeState.OFF, str(error))
            if self.dialog is None:
                self._teller.warning("Replays are not served", str(error))
            return
        self._hosted = hosted
        self._before = (monotonic(), 0, 0)
        self._show_state(ServeState.ON)
        self._renew()

    async def _end(self) -> None:
        self._show_state(ServeState.ENDING)
        await self.close()
        self._show_state(ServeState.OFF)
        self._renew()

    async def close(self) -> None:
        """End serving, if it is served."""
        hosted, self._hosted = self._hosted, None
        if hosted is not None:
            await asyncio.to_thread(hosted.close)

    def _show_state(self, state: ServeState, problem: str = "") -> None:
        self._state = state
        if self.dialog is not None:
            self.dialog.show_state(state, self.address, problem)

    def _renew(self) -> None:
        if self.dialog is None:
            return
        if self._hosted is None:
            self.dialog.show_traffic(None, 0.0, 0.0)
            return
        traffic, now_s = self._hosted.traffic, monotonic()
        before_s, messages, size = self._before
        span_s = max(now_s - before_s, 1e-3)
        self._before = (now_s, traffic.messages, traffic.bytes)
        self.dialog.show_traffic(
            traffic, (traffic.messages - messages) / span_s, (traffic.bytes - size) / span_s
        )

    def _on_closed(self) -> None:
        self.dialog = None
        self._timer.stop()


def _started(cache: Cache, port: int) -> HostedServer:
    from tickreel.server import HostedServer, ServerPlan  # takes its time, and is hardly ever used

    hosted = HostedServer(cache, ServerPlan(port))
    hosted.start()
    return hosted


def _example_of(cache: Cache) -> Example:
    """Choose something that is held for the snippets: the last day of the first trades."""
    for dataset in cache.datasets():
        if dataset.key.type == "trades" and not dataset.key.is_grouped:
            day = dataset.last_day
            return Example(dataset.key.exchange, dataset.key.symbol, f"{day}", f"{day + timedelta(days=1)}")
    return _NO_EXAMPLE
