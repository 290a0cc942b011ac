"""Clients of one server or Cluster: made by address and settings, and closed with all that they connected."""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import redis
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode, LoadBalancingStrategy, RedisCluster
from redis.retry import Retry

from tickreel.shared.connecting import Connections, TimelyConnection, TimelySSLConnection
from tickreel.shared.trouble import LineFailed, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tickreel.settings import SharedSettings
    from tickreel.shared.address import Address

_LOGGER = logging.getLogger(__name__)

# redis-py types a client by what its commands give, which is the same for a server and a Cluster here.
Client = Any


class OpenClient:
    """A client, and how many calls use it; for any thread."""

    def __init__(self, client: Client, connections: Connections, *, is_cluster: bool) -> None:
        self.client = client
        self.is_cluster = is_cluster
        self._connections = connections
        self._lock = threading.Lock()
        self._users = 0
        self._is_retired = False

    @contextmanager
    def used(self) -> Iterator[Client]:
        """Let it be used, and be closed no sooner than afterwards."""
        with self._lock:
            self._users += 1
        try:
            yield self.client
        finally:
            with self._lock:
                self._users -= 1
                is_over = self._is_retired and not self._users
            if is_over:
                self.close()

    def retire(self) -> None:
        """Close it as soon as no call uses it any more; who listens by it is cut off then."""
        with self._lock:
            self._is_retired = True
            is_over = not self._users
        if is_over:
            self.close()

    def close(self) -> None:
        """Cut all that it connected; a second call does nothing."""
        try:
            self.client.close()
        except (redis.RedisError, OSError) as error:
            _LOGGER.debug("a client of the shared cache was not closed in good order: %s", error)
        self._connections.close()


class Clients:
    """Makes clients for one address."""

    def __init__(self, address: Address, settings: SharedSettings, password: str | None) -> None:
        self._address = address
        self._settings = settings
        self._username = address.username or settings.username
        self._password = address.password if password is None else password

    def make(self) -> OpenClient:
        """Make one for what answers: a server, or a Cluster; raises as the client does, and LineFailed."""
        address = self._address
        if address.socket_path is not None:
            return self._single(redis.UnixDomainSocketConnection, path=address.socket_path)
        failure: Exception | None = None
        for host, port in address.nodes:
            single = self._single(self._connection_class, host=host, port=port, **self._of_tls())
            try:
                is_cluster = _is_cluster(single.client)
            except (redis.ConnectionError, redis.TimeoutError) as error:
                single.close()
                failure = error
                continue
            except BaseException:
                single.close()
                raise
            if not is_cluster and len(address.nodes) == 1:
                return single
            single.close()
            if not is_cluster:
                raise LineFailed(Trouble.SEVERAL_SERVERS)
            return self._cluster()
        assert failure is not None
        raise failure

    def _single(
        self, connection_class: type[redis.Connection | redis.UnixDomainSocketConnection], **given: Any
    ) -> OpenClient:
        connections = Connections()
        pool = redis.ConnectionPool(
            connection_class=connection_class,
            db=self._address.db,
            # For a connection that a restart has ended; what took its whole time has none for another try.
            retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
            **self._given(connections),
            **given,
        )
        return OpenClient(redis.Redis.from_pool(pool), connections, is_cluster=False)

    def _cluster(self) -> OpenClient:
        strategy = LoadBalancingStrategy.ROUND_ROBIN if self._settings.read_from_replicas else None
        (host, port), *others = self._address.nodes
        connections = Connections()
        try:
            client: Client = RedisCluster(
                # Only with an address does it take a class of connections; TLS is that of the class.
                url=f"redis://{f'[{host}]' if ':' in host else host}:{port}",
                startup_nodes=[ClusterNode(*node) for node in others],  # type: ignore[no-untyped-call]
                connection_class=self._connection_class,
                load_balancing_strategy=strategy,
                retry=Retry(NoBackoff(), 2),
                require_full_coverage=False,
                **self._given(connections),
                **self._of_tls(),
            )
        except IndexError as error:  # the library takes it for granted that somebody has slots
            connections.close()
            raise LineFailed(Trouble.CLUSTER_DOWN, "no node has any slot") from error
        except BaseException:
            connections.close()
            raise
        return OpenClient(client, connections, is_cluster=True)

    @property
    def _connection_class(self) -> type[redis.Connection]:
        return TimelySSLConnection if self._address.is_tls else TimelyConnection

    def _of_tls(self) -> dict[str, Any]:
        if not self._address.is_tls:
            return {}
        return {"ssl_ca_certs": self._settings.ca_file, "ssl_check_hostname": True}

    def _given(self, connections: Connections) -> dict[str, Any]:
        settings = self._settings
        return {
            "username": self._username,
            "password": self._password,
            "max_connections": settings.pool,
            "socket_timeout": settings.timeout_s,
            "socket_connect_timeout": min(settings.connect_timeout_s, settings.timeout_s),
            "protocol": 2,
            "client_name": "tickreel",
            "redis_connect_func": connections.begin,
        }


def _is_cluster(client: redis.Redis) -> bool:
    try:
        told = client.info("cluster")
    except redis.exceptions.NoPermissionError:
        return False  # a server that redirects is found out by its answers
    return bool(told.get("cluster_enabled"))
