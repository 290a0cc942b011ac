"""Connections that are made within the deadline of the call that needs them, whatever the host and TLS take.

The library gives each address its time anew, and the handshake another one; the system asks its name servers
for as long as it likes.
"""

from __future__ import annotations

import socket
import threading
from concurrent.futures import Future
from typing import Any

import redis

from tickreel.shared.deadline import at_most


class TimelyConnection(redis.Connection):
    """A connection over TCP."""

    def _connect(self) -> socket.socket:
        return _connected(self)


class TimelySSLConnection(redis.SSLConnection):
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
