"""A server on a thread and loop of its own: for programs whose loop has other work, such as a window."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

from tickreel.kernels import load
from tickreel.server.service import ReplayServer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from tickreel.server.clients import Traffic
    from tickreel.server.options import ReplayOption
    from tickreel.server.plan import ServerPlan
    from tickreel.store import Cache


class HostedServer:
    """Serves from :meth:`start` to :meth:`close`, which wait and are for any thread but its own."""

    def __init__(
        self,
        cache: Cache,
        plan: ServerPlan,
        bring: Callable[[Sequence[ReplayOption]], Awaitable[None]] | None = None,
    ) -> None:
        self._server = ReplayServer(cache, plan, bring)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="tickreel server", daemon=True)

    @property
    def server(self) -> ReplayServer:
        """The server, whose ports are known once it is started."""
        return self._server

    @property
    def traffic(self) -> Traffic:
        """What it has done so far."""
        return self._server.traffic

    def start(self) -> None:
        """Load what serves, and listen.

        Raises:
            EnvironmentProblem: an address or port is not to be had.
        """
        load("tickreel.book", "tickreel.store.segments", "tickreel.server")
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self._server.start(), self._loop).result()
        except BaseException:
            self._end()
            raise

    def close(self) -> None:
        """End in good order; again is nothing."""
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._server.close(), self._loop).result()
            self._end()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
