"""Who is being served: of each client what it asked for and how much it got."""

from __future__ import annotations

import itertools
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(slots=True)
class Client:
    """One answer under way; written by the server's loop alone."""

    number: int
    address: str
    asks: str
    """What for, such as ``ws-replay-normalized binance BTCUSDT``."""
    began_s: float = field(default_factory=monotonic)
    messages: int = 0
    bytes: int = 0
    local_us: int | None = None
    """Time of arrival of the last message that was sent."""
    is_waiting: bool = False
    """Whether its reader keeps it from sending."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """What a server has done so far."""

    clients: tuple[Client, ...]
    served: int
    """Answers that have ended."""
    refused: int
    messages: int
    bytes: int


class Clients:
    """All answers of one server; may be looked at from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._now: dict[int, Client] = {}
        self._served = self._refused = self._messages = self._bytes = 0

    def __len__(self) -> int:
        return len(self._now)

    @contextmanager
    def serving(self, address: str, asks: str) -> Iterator[Client]:
        """List a client for as long as it is served."""
        client = Client(next(self._numbers), address, asks)
        with self._lock:
            self._now[client.number] = client
        try:
            yield client
        finally:
            with self._lock:
                del self._now[client.number]
                self._served += 1
                self._messages += client.messages
                self._bytes += client.bytes

    def refuse(self) -> None:
        """Count a request that was refused."""
        with self._lock:
            self._refused += 1

    def traffic(self) -> Traffic:
        """Sum up, those under way included."""
        with self._lock:
            now = tuple(self._now.values())
            return Traffic(
                now,
                self._served,
                self._refused,
                self._messages + sum(client.messages for client in now),
                self._bytes + sum(client.bytes for client in now),
            )
