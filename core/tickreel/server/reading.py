"""Reading for one client, on a thread, one piece ahead of what is being sent."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Generic, TypeVar

from tickreel.errors import TickreelError

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor, Future

T = TypeVar("T")


class ReadAhead(Generic[T]):
    """Calls *read* on a thread again and again, never twice at once, until it gives None."""

    def __init__(self, pool: Executor, read: Callable[[], T | None]) -> None:
        self._pool = pool
        self._read = read
        self._ahead: Future[T | None] | None = None

    async def next(self) -> T | None:
        """Give what was read, and read on meanwhile; None at the end.

        Raises:
            TickreelError: what *read* raises.
        """
        if self._ahead is None:
            self._ahead = self._pool.submit(self._read)
        found = await asyncio.shield(asyncio.wrap_future(self._ahead))
        self._ahead = None if found is None else self._pool.submit(self._read)
        return found

    async def close(self) -> None:
        """Wait until nothing is being read any more."""
        ahead, self._ahead = self._ahead, None
        # The thread's own future: one of the loop would call itself cancelled while it still runs.
        if ahead is not None and not ahead.cancel():
            with suppress(TickreelError):
                await asyncio.shield(asyncio.wrap_future(ahead))
