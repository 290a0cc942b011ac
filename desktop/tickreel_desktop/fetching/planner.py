"""Plans, submits and looks after standing orders on a loop in a thread of its own.

What looks into the catalog waits while another program writes, and what asks the vendor waits for the
line: neither may hold the window. Each call can be cancelled, and then stops at its next wait.
"""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, TypeVar

from tickreel.fetch.service import FetchService

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tickreel.store import Cache

T = TypeVar("T")


class Planner:
    """One fetch service, opened with the first call; close it before the cache."""

    def __init__(self, cache: Cache, open_service: Callable[[Cache], FetchService] = FetchService) -> None:
        self.cache = cache
        self._open_service = open_service
        self._service: FetchService | None = None
        self._retired: list[FetchService] = []
        """Those that go by settings of before: somebody may still wait for what they do."""
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._began = threading.Event()
        self._is_closed = False
        self._is_stale = False

    async def ask(self, work: Callable[[FetchService], Awaitable[T]]) -> T:
        """Do something with the service; once closed, it is cancelled.

        Raises:
            TickreelError: the catalog or the settings cannot be read; or as *work* does.
        """
        if self._is_closed:
            raise asyncio.CancelledError
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="tickreel-fetch-plan")
            self._thread.start()
        if self._loop is None:
            await asyncio.to_thread(self._began.wait)
        assert self._loop is not None  # set before it began
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._do(work), self._loop))

    def renew(self) -> None:
        """Go by the settings of now from the next call on."""
        self._is_stale = True

    async def close(self) -> None:
        """Cancel what is under way and end the thread."""
        self._is_closed = True
        if self._thread is None:
            return
        await asyncio.to_thread(self._began.wait)
        assert self._loop is not None
        assert self._stop is not None
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            await asyncio.to_thread(self._thread.join)

    async def _do(self, work: Callable[[FetchService], Awaitable[T]]) -> T:
        if self._is_stale and self._service is not None:
            self._retired.append(self._service)
            self._service = None
        if self._service is None:
            self._is_stale = False
            self._service = self._open_service(self.cache)
        return await work(self._service)

    def _run(self) -> None:
        asyncio.run(self._serve())
        for service in filter(None, (*self._retired, self._service)):
            service.close()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        self._began.set()
        await self._stop.wait()
