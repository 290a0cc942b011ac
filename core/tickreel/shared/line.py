"""The one door to the server: every call has a deadline, and a server that fails is left alone."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar

import redis
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode, LoadBalancingStrategy, RedisCluster
from redis.retry import Retry

from tickreel.shared.breaker import Breaker, BreakerState
from tickreel.shared.connecting import TimelyConnection, TimelySSLConnection
from tickreel.shared.deadline import DeadlineSocket, patience_of_read
from tickreel.shared.trouble import LineFailed, TierState, Trouble

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel.settings import SharedSettings
    from tickreel.shared.address import Address
    from tickreel.shared.breaker import BreakerView

_LOGGER = logging.getLogger(__name__)
_Answer = TypeVar("_Answer")

# redis-py types a client by what its commands give, which is the same for a server and a Cluster here.
Client = Any


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
        self._password = address.password if password is None else password
        self._username = address.username or settings.username
        self._lock = threading.Lock()
        self._client: Client = None
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
        """Let the next call make all connections anew."""
        with self._lock:
            client, self._client = self._client, None
        _close(client)

    def close(self) -> None:
        """Let go of all connections; a second call does nothing, and no other may follow."""
        self._is_closed = True
        self.renew()

    def _do(self, work: Callable[[Client], _Answer], size: int = 0) -> _Answer:
        with patience_of_read(self._settings.timeout_s).call(size):
            return work(self._connected())

    def _connected(self) -> Client:
        client = self._client
        if client is not None:
            return client
        if self._is_closed:
            raise redis.ConnectionError("the line to the shared cache is closed")
        made, is_cluster = self._make()
        with self._lock:
            if self._client is None:
                self._client, self._is_cluster = made, is_cluster
                return made
            client = self._client
        _close(made)
        return client

    def _make(self) -> tuple[Client, bool]:
        """Make a client for what answers: a server, or a Cluster."""
        if self.address.socket_path is not None:
            return self._single(redis.UnixDomainSocketConnection, path=self.address.socket_path), False
        failure: Exception | None = None
        for host, port in self.address.nodes:
            single = self._single(self._connection_class, host=host, port=port, **self._of_tls())
            try:
                is_cluster = _is_cluster(single)
            except (redis.ConnectionError, redis.TimeoutError) as error:
                _close(single)
                failure = error
                continue
            except BaseException:
                _close(single)
                raise
            if not is_cluster and len(self.address.nodes) == 1:
                return single, False
            _close(single)
            if not is_cluster:
                raise LineFailed(Trouble.SEVERAL_SERVERS)
            return self._make_cluster(), True
        assert failure is not None
        raise failure

    def _single(
        self, connection_class: type[redis.Connection | redis.UnixDomainSocketConnection], **given: Any
    ) -> Client:
        pool = redis.ConnectionPool(
            connection_class=connection_class,
            db=self.address.db,
            # For a connection that a restart has ended; what took its whole time has none for another try.
            retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
            **self._given(),
            **given,
        )
        return redis.Redis.from_pool(pool)

    def _make_cluster(self) -> Client:
        strategy = LoadBalancingStrategy.ROUND_ROBIN if self._settings.read_from_replicas else None
        (host, port), *others = self.address.nodes
        return RedisCluster(
            # Only with an address does it take a class of connections; TLS is that of the class.
            url=f"redis://{f'[{host}]' if ':' in host else host}:{port}",
            startup_nodes=[ClusterNode(*node) for node in others],  # type: ignore[no-untyped-call]
            connection_class=self._connection_class,
            load_balancing_strategy=strategy,
            retry=Retry(NoBackoff(), 2),
            require_full_coverage=False,
            **self._given(),
            **self._of_tls(),
        )

    @property
    def _connection_class(self) -> type[redis.Connection]:
        return TimelySSLConnection if self.address.is_tls else TimelyConnection

    def _of_tls(self) -> dict[str, Any]:
        if not self.address.is_tls:
            return {}
        return {"ssl_ca_certs": self._settings.ca_file, "ssl_check_hostname": True}

    def _given(self) -> dict[str, Any]:
        settings = self._settings
        return {
            "username": self._username,
            "password": self._password,
            "max_connections": settings.pool,
            "socket_timeout": settings.timeout_s,
            "socket_connect_timeout": min(settings.connect_timeout_s, settings.timeout_s),
            "protocol": 2,
            "client_name": "tickreel",
            "redis_connect_func": _on_connect,
        }


def _on_connect(connection: Any) -> None:
    """Let the waits of a new connection end with its callers' deadlines, from its greeting on."""
    connection._sock = DeadlineSocket(connection._sock)
    connection.on_connect()


def _is_cluster(client: redis.Redis) -> bool:
    try:
        told = client.info("cluster")
    except redis.exceptions.NoPermissionError:
        return False  # a server that redirects is found out by its answers
    return bool(told.get("cluster_enabled"))


def _close(client: Client) -> None:
    if client is None:
        return
    try:
        client.close()
    except (redis.RedisError, OSError) as error:
        _LOGGER.debug("a connection to the shared cache was not closed in good order: %s", error)
