"""What all answers of one server work with."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol, TypeVar

from tickreel.progress import StopSign
from tickreel.server.access import Refused
from tickreel.server.clients import Clients

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence
    from concurrent.futures import Executor

    from aiohttp import web

    from tickreel.progress import Monitor
    from tickreel.server.clients import Client
    from tickreel.server.options import ReplayOption
    from tickreel.store import Cache

T = TypeVar("T")
_LOOKS_S = 0.2
"""How often is looked whether a client for whom something is being opened is still there."""
MOST_CLIENTS = 256
"""Answers under way at once."""


class _Closable(Protocol):
    def close(self) -> None:
        """Let go of what it reads."""


_Opened = TypeVar("_Opened", bound=_Closable)


def _let_go(opening: asyncio.Future[_Opened]) -> None:
    """Close what came up when nobody wanted it any more."""
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


class ServerDesk:
    """The cache, the threads that read it, and who is being served."""

    def __init__(
        self,
        cache: Cache,
        pool: Executor,
        bring: Callable[[Sequence[ReplayOption]], Awaitable[None]] | None = None,
    ) -> None:
        self.cache = cache
        self.pool = pool
        self.clients = Clients()
        self.is_closing = False
        self._bring = bring
        self._tasks: set[asyncio.Task[object]] = set()

    async def run(self, work: Callable[[], T]) -> T:
        """Do something on a thread."""
        return await asyncio.get_running_loop().run_in_executor(self.pool, work)

    async def opened(self, request: web.BaseRequest, make: Callable[[Monitor], _Opened]) -> _Opened:
        """Open something to be read on a thread, and let that end when its client has gone.

        Days that come from the shared cache for it may take a while.

        Raises:
            TickreelError: it cannot be opened; Cancelled where the client has gone.
        """
        sign = StopSign()
        opening = asyncio.get_running_loop().run_in_executor(self.pool, lambda: make(sign))
        try:
            while not opening.done():
                await asyncio.wait([opening], timeout=_LOOKS_S)
                sign.is_raised = request.transport is None or request.transport.is_closing()
        except asyncio.CancelledError:
            sign.is_raised = True
            opening.add_done_callback(_let_go)
            raise
        return opening.result()

    async def bring(self, options: Sequence[ReplayOption]) -> None:
        """Fetch what is missing of a request, where that is allowed.

        Raises:
            NotHeldError: it could not be fetched.
        """
        if self._bring is not None:
            await self._bring(options)

    @contextmanager
    def serving(self, request: web.BaseRequest, asks: str) -> Iterator[Client]:
        """List a client while it is served by the task that runs this.

        Raises:
            Refused: there are too many, or the server is closing.
        """
        if self.is_closing:
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, "the server is shutting down")
        if len(self.clients) >= MOST_CLIENTS:
            raise Refused(
                HTTPStatus.SERVICE_UNAVAILABLE, f"{MOST_CLIENTS} clients are being served: try again later"
            )
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with self.clients.serving(request.remote or "?", asks) as client:
                yield client
        finally:
            self._tasks.discard(task)

    def break_off(self) -> None:
        """Have every answer under way come to its end."""
        self.is_closing = True
        for task in self._tasks:
            task.cancel()

    def ends_in_order(self) -> None:
        """Take note that this task was told to end, and does so by itself."""
        task = asyncio.current_task()
        if task is not None:
            task.uncancel()
