"""What a shared server says of itself: for the card of the connection, and for the doctor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tickreel.market.units import format_bytes, format_duration_s, format_full
from tickreel.shared.deadline import within
from tickreel.shared.trouble import LineFailed, Trouble

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel.shared.clients import Client
    from tickreel.shared.line import Line

_OLDEST = (7, 0)


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """One look at a server, or at all primaries of a Cluster; figures that it keeps to itself are None."""

    trouble: Trouble | None
    """Why it could not be looked at."""
    latency_s: float | None = None
    version: str | None = None
    nodes: int = 1
    """Primaries."""
    used_bytes: int | None = None
    most_bytes: int | None = None
    """How much memory it may take; None where it may take any."""
    policy: str | None = None
    keys: int | None = None
    hits: int | None = None
    misses: int | None = None
    evicted: int | None = None

    @property
    def hit_rate(self) -> float | None:
        """Keys that were there, of all that anybody asked of it since it started."""
        if self.hits is None or self.misses is None or not self.hits + self.misses:
            return None
        return self.hits / (self.hits + self.misses)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What should be changed there."""
        told = []
        if self.policy == "noeviction" and self.most_bytes is not None:
            told.append(
                "Set maxmemory-policy to allkeys-lru: with noeviction a full server takes no more days."
            )
        if self.version is not None and _numbers(self.version) < _OLDEST:
            told.append("Use Redis 7.0 or newer.")
        return tuple(told)

    def __str__(self) -> str:
        pieces = [f"Redis {self.version or '?'}"]
        if self.nodes > 1:
            pieces.append(f"{self.nodes} primaries")
        if self.latency_s is not None:
            pieces.append(f"answers in {format_duration_s(self.latency_s)}")
        if self.used_bytes is not None:
            of = "" if self.most_bytes is None else f" of {format_bytes(self.most_bytes)}"
            pieces.append(f"{format_bytes(self.used_bytes)}{of} in use")
        if self.keys is not None:
            pieces.append(f"{format_full(self.keys)} keys")
        return ", ".join(pieces)


def look_at(line: Line) -> ServerFacts:
    """Ask a server how it is, within one deadline; what is wrong is told, never raised."""
    with within(line.timeout_s):
        return _look_at(line)


def _look_at(line: Line) -> ServerFacts:
    try:
        latency_s = line.ping_s()
    except LineFailed as failed:
        return ServerFacts(failed.trouble)
    try:
        told = line.read(lambda client: _told(client, is_cluster=line.is_cluster))
    except LineFailed as failed:
        if failed.trouble is Trouble.NO_PERMISSION:
            return ServerFacts(None, latency_s)  # it serves, and keeps its figures to itself
        return ServerFacts(failed.trouble, latency_s)
    first = told[0]
    most = _sum(told, "maxmemory")
    return ServerFacts(
        trouble=None,
        latency_s=latency_s,
        version=str(first.get("redis_version", "")) or None,
        nodes=len(told),
        used_bytes=_sum(told, "used_memory"),
        most_bytes=most or None,
        policy=str(first.get("maxmemory_policy", "")) or None,
        keys=sum(_keys(one) for one in told),
        hits=_sum(told, "keyspace_hits"),
        misses=_sum(told, "keyspace_misses"),
        evicted=_sum(told, "evicted_keys"),
    )


def _told(client: Client, *, is_cluster: bool) -> list[Mapping[str, Any]]:
    if not is_cluster:
        return [client.info()]
    return list(client.info(target_nodes=client.PRIMARIES).values())


def _sum(told: list[Mapping[str, Any]], name: str) -> int | None:
    found = [one[name] for one in told if isinstance(one.get(name), int)]
    return sum(found) if found else None


def _keys(told: Mapping[str, Any]) -> int:
    spaces = [value for name, value in told.items() if name.startswith("db") and isinstance(value, dict)]
    return sum(int(space.get("keys", 0)) for space in spaces)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())
