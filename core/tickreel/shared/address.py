"""Where the shared cache is: one URL, read with its faults named before anything connects."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from tickreel.errors import UsageError

DEFAULT_PORT = 6379
ACCEPTED = (
    "redis://HOST:PORT/DB, rediss://HOST:PORT/DB (TLS), unix:///PATH, or several HOST:PORT of one Cluster"
)
_LAST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class Address:
    """A server, or several nodes of one Redis Cluster."""

    nodes: tuple[tuple[str, int], ...]
    """Host and port of each; empty for a Unix socket."""
    socket_path: str | None
    db: int
    is_tls: bool
    username: str | None
    password: str | None = field(repr=False)

    def __str__(self) -> str:
        if self.socket_path is not None:
            return f"unix://{self.socket_path}"
        scheme = "rediss" if self.is_tls else "redis"
        hosts = ",".join(f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in self.nodes)
        return f"{scheme}://{hosts}/{self.db}"


def read_address(url: str) -> Address:
    """Read the URL of a shared cache.

    Raises:
        UsageError: it is none; the message shows no password.
    """
    scheme, separator, rest = url.strip().partition("://")
    if not separator or scheme not in ("redis", "rediss", "unix"):
        raise UsageError(f"the address of the shared cache does not begin as one: write {ACCEPTED}")
    user, at, place = rest.rpartition("@")
    name, _, secret = user.partition(":")
    username, password = (unquote(name) or None, unquote(secret) or None) if at else (None, None)
    if scheme == "unix":
        path, _, query = place.partition("?")
        db = query.removeprefix("db=") or "0"
        if not path.startswith("/"):
            raise UsageError("a Unix socket is named by its whole path: write unix:///run/redis/redis.sock")
        return Address((), unquote(path), _database(db), False, username, password)
    hosts, _, db = place.partition("/")
    if "?" in place or "#" in place:
        raise UsageError(
            "the address of the shared cache takes no options after a ?: certificates, times and the pool "
            "are settings (`tickreel settings list`)"
        )
    nodes = tuple(_node(host) for host in hosts.split(","))
    if len(nodes) > 1 and db not in ("", "0"):
        raise UsageError("a Redis Cluster has database 0 only: leave the number out of the address")
    return Address(nodes, None, _database(db or "0"), scheme == "rediss", username, password)


def _database(text: str) -> int:
    if not text.isascii() or not text.isdecimal():
        raise UsageError("the part of the address after the host is the number of a database, such as /0")
    return int(text)


def _node(text: str) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.path or not 0 < (DEFAULT_PORT if port is None else port) <= _LAST_PORT:
        raise UsageError(f"{text!r} is no HOST:PORT of a Redis server: write {ACCEPTED}")
    return host, DEFAULT_PORT if port is None else port
