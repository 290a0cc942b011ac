"""What the card says of the server and of its use, as words beside captions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.market.units import format_bytes, format_full, format_percent
from tickreel.shared.breaker import BreakerState
from tickreel_desktop.sharing.standing import latency_words, whole_seconds

if TYPE_CHECKING:
    from tickreel.shared.breaker import BreakerView
    from tickreel.shared.calls import Counts
    from tickreel.shared.server import ServerFacts
    from tickreel.store.records.usage import TierUsage
    from tickreel_desktop.sharing.look import SharedLook

SERVER, LATENCY, MEMORY, KEYS, EVICTED = "Server", "Answers in", "Memory", "Keys", "Dropped for room"
FOUND, MOVED, BREAKER = "Days found there", "This window", "Breaker"
CAPTIONS = (SERVER, LATENCY, MEMORY, KEYS, EVICTED, FOUND, MOVED, BREAKER)


def figures(look: SharedLook) -> dict[str, str]:
    """Give the words by caption; empty where something is not known, or kept from us."""
    tier, server = look.tier, look.server
    return {
        SERVER: "" if server is None else _server(server),
        LATENCY: "" if tier.latency_s is None else latency_words(tier.latency_s),
        MEMORY: "" if server is None else _memory(server),
        KEYS: "" if server is None else _keys(server),
        EVICTED: "" if server is None or server.evicted is None else _counted(server.evicted, "key"),
        FOUND: "" if tier.usage is None else _found(tier.usage),
        MOVED: "" if tier.counts is None else _moved(tier.counts),
        BREAKER: "" if tier.breaker is None else _breaker(tier.breaker),
    }


def _server(server: ServerFacts) -> str:
    words = f"Redis {server.version}" if server.version else "keeps its figures to itself"
    return f"{words}, {server.nodes} primaries" if server.nodes > 1 else words


def _memory(server: ServerFacts) -> str:
    if server.used_bytes is None:
        return ""
    most = "no limit" if server.most_bytes is None else f"of {format_bytes(server.most_bytes)}"
    policy = f", {server.policy}" if server.policy else ""
    return f"{format_bytes(server.used_bytes)} {'' if server.most_bytes else 'in use, '}{most}{policy}"


def _keys(server: ServerFacts) -> str:
    if server.keys is None:
        return ""
    rate = "" if server.hit_rate is None else f", {format_percent(server.hit_rate)} of lookups found"
    return f"{format_full(server.keys)}{rate}"


def _found(usage: TierUsage) -> str:
    if usage.hit_rate is None:
        return "none looked for yet"
    asked = usage.hits + usage.misses
    return f"{format_percent(usage.hit_rate)}, {format_full(usage.hits)} of {_counted(asked, 'day')}"


def _moved(counts: Counts) -> str:
    return f"{format_bytes(counts.bytes_out)} brought, {format_bytes(counts.bytes_in)} put"


def _breaker(breaker: BreakerView) -> str:
    if breaker.state is BreakerState.OPEN and breaker.tries_in_s:
        return f"open, next try in {whole_seconds(breaker.tries_in_s)}"
    failures = f", {_counted(breaker.failures, 'failure')} in a row" if breaker.failures else ""
    return f"{breaker.state}{failures}"


def _counted(count: int, noun: str) -> str:
    return f"{format_full(count)} {noun}{'' if count == 1 else 's'}"
