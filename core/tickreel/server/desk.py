"""What all answers of one server work with."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

from tickreel.server.access import Refused
from tickreel.server.clients import Clients

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence
    from concurrent.futures import Executor

    from aiohttp import web

    from tickreel.server.clients import Client
    from tickreel.server.options import ReplayOption
    from tickreel.store import Cache

T = TypeVar("T")
MOST_CLIENTS = 256
"""Answers under way at once."""


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
