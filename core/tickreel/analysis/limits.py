"""How fast a server is asked: calls at a time, calls a minute, and when again after it refused."""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from contextlib import asynccontextmanager
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

MOST_TRIES = 6
"""Tries of one call that the server did not take."""
LONGEST_WAIT_S = 60.0
"""The longest wait of our own choice."""
PATIENCE_S = 300.0
"""The longest wait that a server may ask for; beyond it the call has failed."""
_MINUTE_S = 60.0


def wait_s(tries: int, asked_s: float | None, chance: float) -> float | None:
    """Give the wait after some tries that failed; *chance* is a random number from 0 to 1.

    It doubles from a second on, with up to as much again by chance, so that many programs do not come
    back at once. What the server asks for is waited in full. None where there is no point in waiting.
    """
    if tries >= MOST_TRIES or (asked_s is not None and asked_s > PATIENCE_S):
        return None
    if asked_s is not None:
        return asked_s + 0.5 * chance
    return min(2.0 ** (tries - 1) * (1 + chance), LONGEST_WAIT_S)


def retry_after_s(header: str | None, now_s: float) -> float | None:
    """Read ``Retry-After``, which is a number of seconds or a date; None where it is neither."""
    text = (header or "").strip()
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - now_s
        except ValueError:
            return None
    return max(seconds, 0.0) if seconds == seconds else None


class Gate:
    """Lets *at_once* calls through at a time, and begins no more than *per_minute* in a minute."""

    def __init__(
        self,
        at_once: int,
        per_minute: int,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._room = asyncio.Semaphore(at_once)
        self._per_minute = per_minute
        self._begun: deque[float] = deque()
        self.now = now
        self.sleep = sleep
        self.chance = chance

    @asynccontextmanager
    async def passed(self) -> AsyncIterator[None]:
        """Wait for room, and take it for as long as the context is open."""
        async with self._room:
            await self.turn()
            yield

    async def turn(self) -> None:
        """Wait until another call may begin in this minute."""
        while True:
            now_s = self.now()
            while self._begun and self._begun[0] <= now_s - _MINUTE_S:
                self._begun.popleft()
            if len(self._begun) < self._per_minute:
                self._begun.append(now_s)
                return
            await self.sleep(self._begun[0] + _MINUTE_S - now_s)
