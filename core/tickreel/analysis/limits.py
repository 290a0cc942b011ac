"""How fast a server is asked: calls at a time, calls a minute, and when again after it refused."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

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


class Room:
    """Has room for *at_once* at a time; may be used by several threads, each with a loop of its own."""

    def __init__(self, at_once: int) -> None:
        self._lock = threading.Lock()
        self._at_once = at_once
        self._inside = 0
        self.users = 0
        """How many hold on to it, where it goes with the last of them."""
        self._waiting: deque[asyncio.Future[None]] = deque()

    def limit(self, at_once: int) -> None:
        """Have room for another number; who is inside stays."""
        with self._lock:
            self._at_once = at_once
            self._let_in()

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """Wait for room, first come first, and take it for as long as the context is open."""
        place = asyncio.get_running_loop().create_future()
        with self._lock:
            self._waiting.append(place)
            self._let_in()
        try:
            await place
        except asyncio.CancelledError:
            with self._lock:
                is_inside = place not in self._waiting
                if not is_inside:
                    self._waiting.remove(place)
            if is_inside:
                self._leave()
            raise
        try:
            yield
        finally:
            self._leave()

    def _leave(self) -> None:
        with self._lock:
            self._inside -= 1
            self._let_in()

    def _let_in(self) -> None:
        """Let in who waits; the lock is held."""
        while self._waiting and self._inside < self._at_once:
            place = self._waiting.popleft()
            try:
                place.get_loop().call_soon_threadsafe(_settle, place)
            except RuntimeError:  # its loop is closed, and nobody waits there
                continue
            self._inside += 1


@dataclass(slots=True)
class Form:
    """What was learnt of how a server wants to be asked."""

    left_out: tuple[str, ...] = ()
    """Fields of a request that it does not know."""
    length_name: str = "max_tokens"


class Gate:
    """Lets *at_once* calls through at a time, and begins no more than *per_minute* in a minute.

    It may be used by several threads, each with a loop of its own.
    """

    def __init__(
        self,
        at_once: int,
        per_minute: int,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._lock = threading.Lock()
        self._room = Room(at_once)
        self._per_minute = per_minute
        self._begun: deque[float] = deque()
        self._forms: dict[tuple[str, str], Form] = {}
        self.now = now
        self.sleep = sleep
        self.chance = chance

    def limit(self, at_once: int, per_minute: int) -> None:
        """Set other limits; what is under way goes on."""
        with self._lock:
            self._per_minute = per_minute
        self._room.limit(at_once)

    def form_of(self, place: str, model: str) -> Form:
        """Give what was learnt of a model at a server."""
        with self._lock:
            return self._forms.setdefault((place, model), Form())

    @asynccontextmanager
    async def passed(self) -> AsyncIterator[None]:
        """Wait for room, and take it for as long as the context is open."""
        async with self._room.taken():
            await self.turn()
            yield

    async def turn(self) -> None:
        """Wait until another call may begin in this minute."""
        while (wait_s := self._turn_wait_s()) > 0:
            await self.sleep(wait_s)

    def _turn_wait_s(self) -> float:
        with self._lock:
            now_s = self.now()
            while self._begun and self._begun[0] <= now_s - _MINUTE_S:
                self._begun.popleft()
            if len(self._begun) < self._per_minute:
                self._begun.append(now_s)
                return 0.0
            return self._begun[0] + _MINUTE_S - now_s


def _settle(place: asyncio.Future[None]) -> None:
    if not place.done():
        place.set_result(None)


_gates: dict[Path, Gate] = {}
_gates_lock = threading.Lock()


def gate_of(home: Path, at_once: int, per_minute: int) -> Gate:
    """Give the one gate of a home in this process, with the limits that are set now."""
    with _gates_lock:
        gate = _gates.setdefault(home.resolve(), Gate(at_once, per_minute))
    gate.limit(at_once, per_minute)
    return gate


_flights: dict[tuple[Path, str], Room] = {}
"""What is asked now, by the catalog that has its answer then."""


@asynccontextmanager
async def alone(catalog: Path, request_sha256: str) -> AsyncIterator[None]:
    """Wait while the same is asked elsewhere in this process: the answer is then in the store."""
    key = (catalog, request_sha256)
    with _gates_lock:
        room = _flights.setdefault(key, Room(1))
        room.users += 1
    try:
        async with room.taken():
            yield
    finally:
        with _gates_lock:
            room.users -= 1
            if not room.users:
                del _flights[key]
