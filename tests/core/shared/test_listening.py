"""Programs that run on hear what others change, and what is not heard harms nobody."""

from __future__ import annotations

import signal
import subprocess
import sys
from time import monotonic, sleep
from typing import TYPE_CHECKING

import pytest
from support.redisserver import RedisCluster, RedisServer
from support.shareddesk import stored_day, tier_at

from tickreel import Replay, open_cache
from tickreel.errors import NotHeldError
from tickreel.shared.naming import CHANNEL, DayKeys
from tickreel.shared.opening import supply_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tickreel.shared.supply import SharedSupply
    from tickreel.store import Cache

_HANG_S = 120.0


@pytest.fixture
def desk(server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> RedisServer:
    """Set the server as the shared cache of every home."""
    monkeypatch.setenv("TICKREEL_REDIS_URL", server.url)
    monkeypatch.setenv("TICKREEL_REDIS_TIMEOUT_S", "1")
    return server


def supply(cache: Cache) -> SharedSupply:
    found = supply_of(cache)
    assert found is not None
    return found


def share_all(cache: Cache) -> None:
    for day in cache.all_days():
        supply(cache).share(day)


def until(is_so: Callable[[], bool]) -> None:
    ends_s = monotonic() + _HANG_S
    while not is_so():
        assert monotonic() < ends_s
        sleep(0.02)


def listeners(server: RedisServer) -> int:
    with server.admin() as admin:
        return int(admin.pubsub_numsub(CHANNEL)[0][1])


def test_who_looks_after_standing_orders_listens_until_it_is_stopped(
    desk: RedisServer, tmp_path: Path
) -> None:
    words = [sys.executable, "-m", "tickreel", "jobs", "run", "--watch", "--home", str(tmp_path / "home")]
    process = subprocess.Popen(words, stderr=subprocess.PIPE)
    try:
        until(lambda: listeners(desk) == 1)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=_HANG_S)
        assert process.returncode == 130, told
        assert listeners(desk) == 0
    finally:
        process.kill()
        process.wait()


def test_a_message_that_is_lost_lets_nobody_read_what_was_replaced(desk: RedisServer, tmp_path: Path) -> None:
    with open_cache(tmp_path / "one") as one, tier_at(desk.url) as there:
        first = stored_day(one, rows=66_000)
        share_all(one)
        known = there.read(first.key, first.day, first.first_local_us or 0, (first.last_local_us or 0) + 1)
        assert known is not None
        assert len(known) == 66_000
        calls: list[DayKeys | None] = []
        with open_cache(tmp_path / "two", listens=True) as two:
            tier = supply(two).tier
            forget = tier.forget

            def forgetting(keys: DayKeys | None = None) -> None:
                calls.append(keys)
                forget(keys)

            tier.forget = forgetting  # type: ignore[method-assign]
            until(lambda: listeners(desk) == 1)
            second = stored_day(one, rows=40_000, seed=2, replace=True)
            supply(one).share(second)
            until(lambda: DayKeys(second.key, second.day) in calls)  # whoever listens forgets at once
        # And whoever heard nothing asks for the version with each read.
        block = there.read(
            second.key, second.day, second.first_local_us or 0, (second.last_local_us or 0) + 1
        )
        assert block is not None
        assert len(block) == 40_000


def test_a_server_that_fails_does_so_once_for_all_that_a_replay_asks_of_it(
    desk: RedisServer, tmp_path: Path
) -> None:
    with open_cache(tmp_path / "home") as cache:
        supply(cache).state()
        desk.pause()
        try:
            with pytest.raises(NotHeldError):
                Replay(
                    cache,
                    [("binance", f"S{number}") for number in range(4)],
                    "2024-07-01",
                    "2024-07-05",
                    types=["trades", "quotes", "incremental_book_L2"],
                )
            with pytest.raises(NotHeldError):  # at once, for it has just failed
                cache.book("binance", "S1", "2024-07-01")
        finally:
            desk.go_on()
        assert supply(cache).tier.counts.failures == 1


@pytest.mark.cluster
def test_changes_are_heard_from_all_nodes_of_a_cluster_also_after_one_has_died(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKREEL_REDIS_TIMEOUT_S", "1")
    monkeypatch.setenv("TICKREEL_REDIS_RECOVERY_S", "0.2")
    with RedisCluster() as cluster:
        monkeypatch.setenv("TICKREEL_REDIS_URL", cluster.url)
        heard: set[str] = set()
        with open_cache(tmp_path / "one") as one, open_cache(tmp_path / "two", listens=True) as two:
            tier = supply(two).tier
            forget = tier.forget

            def forgetting(keys: DayKeys | None = None) -> None:
                if keys is not None:
                    heard.add(keys.key.symbol)
                forget(keys)

            tier.forget = forgetting  # type: ignore[method-assign]
            days = [stored_day(one, rows=500, seed=n, symbol=f"S{n}") for n in range(12)]
            names = {day.key.symbol for day in days}

            def hears_all() -> bool:
                for day in days:
                    if day.key.symbol not in heard:
                        try:
                            supply(one).tier.drop(day.key, day.day)
                            supply(one).share(day)
                        except Exception:  # noqa: BLE001  (a node is away for a while)
                            sleep(0.1)
                sleep(0.05)
                return heard == names

            until(hears_all)
            cluster.servers[0].kill()
            cluster.wait_until_ok()
            heard.clear()
            until(hears_all)
