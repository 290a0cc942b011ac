"""The article's cache on Redis does what the article promised, and none of its faults is back."""

from __future__ import annotations

import asyncio
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import pytest
from support.feeds import EXCHANGE as FEED_EXCHANGE
from support.feeds import SYMBOL as FEED_SYMBOL
from support.feeds import import_walk
from support.redisserver import RedisCluster, RedisServer

from tickreel.article import RedisTickCache
from tickreel.errors import EnvironmentProblem, NotHeldError, UsageError
from tickreel.store import Cache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EXCHANGE, SYMBOL = "binance-futures", "BTCUSDT"
T0 = 1_721_779_199_999_000
"""A millisecond before an hour ends."""
END = T0 + 10**9
_HANG_S = 30.0


@pytest.fixture(scope="module")
def one_server() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


@pytest.fixture
def server(one_server: RedisServer) -> RedisServer:
    with one_server.admin() as admin:
        admin.flushall()
    return one_server


@pytest.fixture
def cache(server: RedisServer) -> Iterator[RedisTickCache]:
    with RedisTickCache([("127.0.0.1", server.port)]) as cache:
        yield cache


def ticks(count: int, step_us: int = 1) -> list[tuple[int, dict[str, Any]]]:
    return [(T0 + n * step_us, {"price": 65000.5 + n, "side": "buy", "id": n}) for n in range(count)]


def test_two_ticks_of_one_microsecond_both_live(cache: RedisTickCache) -> None:
    for n in range(300):
        assert cache.store(EXCHANGE, SYMBOL, T0, {"id": n}) is True
    assert cache.store(EXCHANGE, SYMBOL, T0, {"id": 7}) is True  # equal ticks are two ticks
    found = cache.get_range(EXCHANGE, SYMBOL, T0, T0 + 1)
    assert [tick["id"] for tick in found] == [*range(300), 7]
    assert cache.get(EXCHANGE, SYMBOL, T0) == {"id": 7}
    assert cache.get(EXCHANGE, SYMBOL, T0 + 1) is None
    assert cache.get_stats() == {"hits": 1, "misses": 1, "damaged": 0, "hit_rate": 0.5}


def test_a_range_gives_what_was_stored_without_a_limit(cache: RedisTickCache) -> None:
    given = ticks(12_000)  # more than a page and a batch, over the end of an hour
    assert cache.batch_store(EXCHANGE, SYMBOL, given) == 12_000
    found = cache.get_range(EXCHANGE, SYMBOL, T0, END)
    assert found == [value | {"_ts": at} for at, value in given]
    assert cache.get_range(EXCHANGE, SYMBOL, T0 + 5, T0 + 8) == found[5:8]  # half-open
    assert cache.get_range(EXCHANGE, SYMBOL, T0, T0) == []
    assert cache.get_range(EXCHANGE, "ETHUSDT", T0, END) == []
    assert cache.get_range(EXCHANGE, SYMBOL, T0, END, granularity="quotes") == []
    assert asyncio.run(cache.get_range_async(EXCHANGE, SYMBOL, T0, T0 + 3)) == found[:3]


def test_what_is_large_is_compressed_and_what_is_small_is_not(
    server: RedisServer, cache: RedisTickCache
) -> None:
    large, small = {"note": "abc" * 5_000}, {"note": "abc"}
    cache.store(EXCHANGE, SYMBOL, T0, large)
    with server.admin() as admin:
        (name,) = [name for name in admin.keys("*") if name.rpartition(b":")[2].isdigit()]
        (member,) = admin.zrange(name, 0, -1)
        assert len(member) < 200
    cache.store(EXCHANGE, SYMBOL, T0 + 1, small)
    assert cache.get(EXCHANGE, SYMBOL, T0) == large
    assert cache.get(EXCHANGE, SYMBOL, T0 + 1) == small
    with RedisTickCache([("127.0.0.1", server.port)], compression_threshold=10**6) as other:
        other.store(EXCHANGE, "PLAIN", T0, large)
        assert other.get(EXCHANGE, "PLAIN", T0) == large
        assert server.info("memory")["used_memory"] > 0


def test_a_tick_lapses_by_its_own_time_and_cuts_no_other_short(
    server: RedisServer, cache: RedisTickCache
) -> None:
    cache.store(EXCHANGE, SYMBOL, T0, {"id": "long"}, 600)
    cache.store(EXCHANGE, SYMBOL, T0, {"id": "short"}, 1)
    ends_s = monotonic() + _HANG_S
    while len(found := cache.get_range(EXCHANGE, SYMBOL, T0, T0 + 1)) > 1:
        assert monotonic() < ends_s
        sleep(0.05)
    assert [tick["id"] for tick in found] == ["long"]
    with server.admin() as admin:
        assert all(500 < admin.ttl(name) <= 600 for name in admin.keys("*"))
    with pytest.raises(UsageError):
        cache.store(EXCHANGE, SYMBOL, T0, {}, 0)


def test_damage_is_passed_over_and_counted_and_nothing_is_executed(
    server: RedisServer, cache: RedisTickCache
) -> None:
    cache.batch_store(EXCHANGE, SYMBOL, ticks(3))
    with server.admin() as admin:
        (name,) = [name for name in admin.keys("*") if name.rpartition(b":")[2].isdigit()]
        (member, *_) = admin.zrange(name, 0, 0)
        admin.zadd(
            name, {b"x": T0, b"\x80\x04cos\nsystem\n.": T0, member[:-1] + b"?": T0, b"\xff" + member[1:]: T0}
        )
    assert [tick["id"] for tick in cache.get_range(EXCHANGE, SYMBOL, T0, END)] == [0, 1, 2]
    assert cache.get_stats()["damaged"] == 4


def test_errors_are_raised_and_not_printed_and_it_heals_without_a_loop(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKREEL_REDIS_FAILURES", "2")
    monkeypatch.setenv("TICKREEL_REDIS_RECOVERY_S", "0.2")
    with RedisServer() as server, RedisTickCache([("127.0.0.1", server.port)]) as cache:
        assert cache.batch_store(EXCHANGE, SYMBOL, ticks(5)) == 5
        server.kill()
        for _ in range(4):
            with pytest.raises(EnvironmentProblem, match=r"firewall|cut"):
                cache.store(EXCHANGE, SYMBOL, T0, {})
            with pytest.raises(EnvironmentProblem):
                cache.get_range(EXCHANGE, SYMBOL, T0, END)
        server.start()
        ends_s = monotonic() + _HANG_S
        while True:
            try:
                assert cache.store(EXCHANGE, SYMBOL, T0, {"id": 1})
                break
            except EnvironmentProblem:
                assert monotonic() < ends_s
                sleep(0.02)
        assert cache.get(EXCHANGE, SYMBOL, T0) == {"id": 1}
    assert capsys.readouterr() == ("", "")


def test_several_servers_that_are_no_cluster_are_refused(server: RedisServer) -> None:
    with RedisServer() as other, pytest.raises(UsageError, match="hash slots"):
        RedisTickCache([("127.0.0.1", server.port), ("127.0.0.1", other.port)])


def test_what_cannot_be_stored_is_refused_before_anything_is_sent(
    server: RedisServer, cache: RedisTickCache
) -> None:
    with pytest.raises(UsageError, match="tick 2"):
        cache.batch_store(EXCHANGE, SYMBOL, [(T0, {"a": 1}), (T0, {"a": object()})])
    with pytest.raises(UsageError, match="data type"):
        cache.store(EXCHANGE, SYMBOL, T0, {}, granularity="tick")
    with server.admin() as admin:
        assert admin.dbsize() == 0


def test_warming_stores_the_rows_of_the_cache(cache: RedisTickCache, home: Path, tmp_path: Path) -> None:
    with Cache(home) as held:
        start_us, end_us = import_walk(held, tmp_path)
        assert cache.warm_cache(FEED_EXCHANGE, FEED_SYMBOL, start_us, end_us, held) == 60
        with pytest.raises(NotHeldError):
            cache.warm_cache(FEED_EXCHANGE, FEED_SYMBOL, "2024-08-01", "2024-08-02", held)
    found = cache.get_range(FEED_EXCHANGE, FEED_SYMBOL, start_us, end_us)
    assert [tick["id"] for tick in found] == [str(n) for n in range(60)]
    assert found[0]["price"] == 100.1


def test_without_hosts_it_is_the_shared_cache_that_is_set(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError):
        RedisTickCache()
    monkeypatch.setenv("TICKREEL_REDIS_URL", server.unix_url)
    with RedisTickCache() as cache:
        assert cache.store(EXCHANGE, SYMBOL, T0, {"id": 1})


@pytest.mark.cluster
def test_on_a_cluster_ticks_of_a_dataset_lie_on_one_node() -> None:
    with RedisCluster() as cluster:
        hosts = [("127.0.0.1", server.port) for server in cluster.servers]
        with RedisTickCache(hosts) as cache:
            assert cache.batch_store(EXCHANGE, SYMBOL, ticks(500, step_us=60_000_000)) == 500
            assert len(cache.get_range(EXCHANGE, SYMBOL, T0, T0 + 500 * 60_000_000)) == 500
