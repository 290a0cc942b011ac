"""Connections that are made within the deadline of the call that needs them, and let go of with their client.

The library gives each address its time anew, and the handshake another one; the system asks its name servers
for as long as it likes. It sleeps when a Cluster is down, whatever is left of the deadline. And a client of a
Cluster that it closes leaves its connections open, like those of nodes that have gone.
"""

from __future__ import annotations

import socket
import threading
from concurrent.futures import Future
from typing import Any

import redis

from tickreel.shared.deadline import DeadlineSocket, at_most


class Connections:
    """What one client has connected, in its pools and out of them; for any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: list[Any] = []
        self._is_closed = False

    def begin(self, connection: Any) -> None:
        """Greet the server, and let all waits of the connection end with its callers' deadlines.

        Raises:
            redis.ConnectionError: the client was closed meanwhile.
        """
        with self._lock:
            if self._is_closed:
                raise redis.ConnectionError("the connections to the shared cache were closed")
            self._made = [one for one in self._made if one.is_connected and one is not connection]
            self._made.append(connection)
        connection._sock = DeadlineSocket(connection._sock)
        connection.on_connect()

    def close(self) -> None:
        """Cut all of them, and let no other come up; a second call does nothing."""
        with self._lock:
            self._is_closed = True
            made, self._made = self._made, []
        for connection in made:
            connection.disconnect()


class _Answering:
    """The answers of a connection."""

    def read_response(self, *args: Any, **given: Any) -> Any:
        """Read one; that a Cluster is down is an answer like any other, after which nobody sleeps."""
        try:
            return super().read_response(*args, **given)  # type: ignore[misc]  # that of the connection
        except redis.exceptions.ClusterDownError as down:
            raise redis.ResponseError(f"CLUSTERDOWN {down}") from down


class TimelyConnection(_Answering, redis.Connection):
    """A connection over TCP."""

    def _connect(self) -> socket.socket:
        return _connected(self)


class TimelySSLConnection(_Answering, redis.SSLConnection):
    """A connection over TLS."""

    def _connect(self) -> Any:
        plain = _connected(self)
        try:
            plain.settimeout(at_most(self.socket_timeout))
            safe = self._wrap_socket_with_ssl(plain)  # type: ignore[no-untyped-call]
        except (OSError, redis.RedisError):
            plain.close()
            raise
        safe.settimeout(self.socket_timeout)
        return safe


def _connected(connection: Any) -> socket.socket:
    """Reach a host by one of its addresses; raises OSError, TimeoutError when the deadline is over."""
    failure: OSError | None = None
    for family, kind, protocol, _, place in _addresses(connection):
        made = socket.socket(family, kind, protocol)
        try:
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            made.settimeout(at_most(connection.socket_connect_timeout))
            made.connect(place)
            made.settimeout(connection.socket_timeout)
        except OSError as error:
            made.close()
            failure = error
        else:
            return made
    raise failure or OSError(f"{connection.host} has no address")


def _addresses(connection: Any) -> list[tuple[Any, ...]]:
    """Find the addresses of a host; raises as :func:`_connected`."""
    found: Future[list[tuple[Any, ...]]] = Future()

    def find() -> None:
        try:
            asked = (connection.host, connection.port, connection.socket_type, socket.SOCK_STREAM)
            found.set_result(socket.getaddrinfo(*asked))
        except OSError as error:
            found.set_exception(error)

    # No pool: its threads would keep the program from its end for as long as a name server is silent.
    threading.Thread(target=find, name="tickreel-resolve", daemon=True).start()
    return found.result(at_most(connection.socket_connect_timeout))
