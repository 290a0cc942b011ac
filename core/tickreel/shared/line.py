"""The one door to the server: every call has a deadline, and a server that fails is left alone."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

import redis

from tickreel.shared.breaker import Breaker, BreakerState
from tickreel.shared.clients import Clients
from tickreel.shared.deadline import patience_of_read
from tickreel.shared.trouble import LineFailed, TierState, Trouble

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel.settings import SharedSettings
    from tickreel.shared.address import Address
    from tickreel.shared.breaker import BreakerView
    from tickreel.shared.clients import Client, OpenClient

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class LineView:
    """How the line to the server stands, without asking it."""

    address: str
    is_cluster: bool | None
    """None before the first answer."""
    breaker: BreakerView
    writes: BreakerView
    """Of what changes something there: a full server is still read."""

    @property
    def state(self) -> TierState:
        """How reading stands, in one word."""
        if self.breaker.state is not BreakerState.CLOSED:
            return TierState.OPEN
        return TierState.OK if self.breaker.trouble is None else TierState.ERROR

    @property
    def trouble(self) -> Trouble | None:
        """What was wrong with the last call; None when all is well."""
        return self.breaker.trouble or self.writes.trouble


class Line:
    """Calls to one server or Cluster, from any thread; the client is made by the first call.

    No call takes longer than its deadline, and one that is not let through takes no time at all.
    """

    def __init__(self, address: Address, settings: SharedSettings, password: str | None) -> None:
        self.address = address
        self._settings = settings
        self._clients = Clients(address, settings, password)
        self._lock = threading.Lock()
        self._opened: OpenClient | None = None
        self._is_cluster: bool | None = None
        self._is_closed = False
        slow_s = settings.timeout_s / 2
        self._breaker = Breaker(settings.failures, settings.recovery_s, slow_s)
        self._writes = Breaker(settings.failures, settings.recovery_s, float("inf"))

    @property
    def timeout_s(self) -> float:
        """How long a call may take."""
        return self._settings.timeout_s

    @property
    def is_cluster(self) -> bool:
        """Whether a Cluster answered; False before anything did."""
        return bool(self._is_cluster)

    def view(self) -> LineView:
        """Tell how it stands; nothing is asked."""
        return LineView(str(self.address), self._is_cluster, self._breaker.view(), self._writes.view())

    def read(self, work: Callable[[Client], _Answer], size: int = 0) -> _Answer:
        """Ask the server something of *size* bytes by *work*, within what is left of one deadline.

        Raises:
            LineFailed: no answer came, or a refusal.
        """
        return self._breaker.call(
            lambda: self._do(work, size), lambda trouble: not trouble.concerns_writes_only
        )

    def write(self, work: Callable[[Client], _Answer]) -> _Answer:
        """Change something there as :meth:`read` asks; a server that is full is not asked again and again.

        Raises:
            LineFailed: it was not done, or nobody knows whether it was.
        """
        self._writes.refuse_when_open()

        def through() -> _Answer:
            return self._breaker.call(lambda: self._do(work), lambda trouble: not trouble.may_spare_reads)

        try:
            return self._writes.call(through, lambda trouble: trouble.may_spare_reads)
        except LineFailed as failed:
            if failed.trouble is Trouble.READ_ONLY:
                self.renew()  # behind a name that moves with the primary, a new connection finds it
            raise

    def subscribing(self) -> Client:
        """Give a client for messages, whose waits have no deadline.

        Raises:
            LineFailed: the server does not answer.
        """
        return self.read(lambda client: client)

    def ping_s(self) -> float:
        """Measure how long the shortest call takes.

        Raises:
            LineFailed: it failed.
        """

        def ping(client: Client) -> float:
            began_s = perf_counter()
            client.ping()
            return perf_counter() - began_s

        return self.read(ping)

    def renew(self) -> None:
        """Let the next call make all connections anew; those that are under way have theirs to their end."""
        with self._lock:
            opened, self._opened = self._opened, None
        if opened is not None:
            opened.retire()

    def close(self) -> None:
        """Let go of all connections; a second call does nothing, and no other may follow."""
        with self._lock:
            self._is_closed = True
            opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()

    def _do(self, work: Callable[[Client], _Answer], size: int = 0) -> _Answer:
        with patience_of_read(self._settings.timeout_s).call(size), self._connected().used() as client:
            try:
                return work(client)
            except redis.exceptions.SlotNotCoveredError:
                self.renew()  # of a Cluster that gave a slot to nobody for a moment it would not ask again
                raise

    def _connected(self) -> OpenClient:
        opened = self._opened
        if opened is not None:
            return opened
        if self._is_closed:
            raise redis.ConnectionError("the line to the shared cache is closed")
        made = self._clients.make()
        with self._lock:
            if self._opened is None and not self._is_closed:
                self._opened, self._is_cluster = made, made.is_cluster
                return made
            opened = self._opened
        made.close()
        if opened is None:
            raise redis.ConnectionError("the line to the shared cache is closed")
        return opened
