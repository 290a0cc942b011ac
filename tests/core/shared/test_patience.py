"""What a read loses to a slow server: one deadline in all, over all its calls, days and threads."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest
from support.faultyproxy import FaultyProxy, Harm
from support.shareddesk import stored_day

from tickreel.shared.deadline import DeadlineSocket, Patience, patience_of_read, patient, within
from tickreel.shared.line import Line
from tickreel.shared.opening import open_cache
from tickreel.shared.supply import SharedSupply
from tickreel.store import Cache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date
    from pathlib import Path

    from support.redisserver import RedisServer

    from tickreel.market.types import DatasetKey

_HANG_S = 30.0
_DEADLINE_S = 1.0
_DAYS = 8
_MARGIN_S = 0.6
"""What a busy machine may take beside."""


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def proxy(server: RedisServer) -> Iterator[FaultyProxy]:
    with FaultyProxy(server.port) as proxy:
        yield proxy


@pytest.fixture
def shared(
    server: RedisServer, proxy: FaultyProxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> list[DatasetKey]:
    """Put days on the server, which a machine reaches by the proxy only."""
    monkeypatch.setenv("TICKREEL_REDIS_TIMEOUT_S", str(_DEADLINE_S))
    monkeypatch.setenv("TICKREEL_REDIS_RECOVERY_S", "0.1")
    monkeypatch.setenv("TICKREEL_REDIS_URL", server.url)
    with open_cache(tmp_path / "one") as one:
        days = [stored_day(one, rows=3_000, seed=n, symbol=f"S{n}") for n in range(_DAYS)]
        for day in days:
            supply_of(one).share(day)
    monkeypatch.setenv("TICKREEL_REDIS_URL", proxy.url)
    return [day.key for day in days]


def supply_of(cache: Cache) -> SharedSupply:
    assert isinstance(cache.farther, SharedSupply)
    return cache.farther


def asked(keys: list[DatasetKey], cache: Cache) -> dict[DatasetKey, list[date]]:
    (day,) = {day.day for day in cache.all_days()}
    return {key: [day] for key in keys}


def test_good_calls_cost_nothing_and_slow_ones_all_that_they_take() -> None:
    clock = Clock()
    patience = Patience(1.0, now_s=clock)
    for _ in range(100):
        with patience.call():
            clock.now_s += 0.09
    assert patience.left_s == 1.0
    with patience.call():
        clock.now_s += 0.3
    assert patience.left_s == pytest.approx(0.7)
    with patience.call(2_000_000):  # what brings much may take longer
        clock.now_s += 0.3
    assert patience.left_s == pytest.approx(0.7)
    with patience.call(2_000_000):
        clock.now_s += 0.4
    assert patience.left_s == pytest.approx(0.3)

    def fail() -> None:
        with patience.call():
            clock.now_s += 0.5
            raise ConnectionError("cut")

    with pytest.raises(ConnectionError):
        fail()
    assert patience.left_s == 0.0


def test_a_read_within_a_read_has_no_patience_of_its_own() -> None:
    own = patience_of_read(1.0)
    with patient(Patience(1.0)) as outer:
        assert patience_of_read(1.0) is outer
        with patient(Patience(1.0)) as inner:
            assert inner is outer
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(patience_of_read, 1.0).result() is not outer
    assert patience_of_read(1.0) not in (own, outer)


def test_what_is_sent_to_one_who_does_not_take_it_ends_with_the_deadline() -> None:
    near, far = socket.socketpair()
    with near, far:
        waits = DeadlineSocket(near)
        waits.settimeout(_HANG_S)
        with pytest.raises(TimeoutError), within(0.05):
            waits.sendall(b"x" * 50_000_000)
        taken = threading.Thread(target=lambda: [None for _ in iter(lambda: len(far.recv(1 << 20)), 0)])
        taken.start()
        waits.sendall(b"y" * 5_000_000)
        near.shutdown(socket.SHUT_WR)
        taken.join()


def test_a_server_whose_every_call_is_slow_is_left_when_they_add_up(
    proxy: FaultyProxy, shared: list[DatasetKey], tmp_path: Path
) -> None:
    with open_cache(tmp_path / "two") as two, Cache(tmp_path / "one") as one:
        supply = supply_of(two)
        assert supply.state() == "ok"
        proxy.latency_s, proxy.harm = 0.3 * _DEADLINE_S, Harm.LATENCY
        came = supply.bring(asked(shared, one))
        assert len(came) < _DAYS
        assert proxy.harmed <= 4  # of the 1 + 2 * 8 calls for which each day's own deadline had time
        harmed = proxy.harmed
        assert supply.bring(asked(shared, one)) == set()  # and who asks on at once does not wait again
        assert proxy.harmed == harmed
        proxy.harm = Harm.NONE


def test_who_waited_for_another_that_waited_in_vain_does_not_wait_as_well(
    proxy: FaultyProxy, shared: list[DatasetKey], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits, begun = threading.Event(), threading.Event()

    class Second:
        told = 0

        def report(self, done: int, total: int | None, note: str = "") -> None:
            self.told += 1
            if self.told > 1:  # the first is that it begins
                waits.set()

    bring = SharedSupply._bring

    def held_up(self: SharedSupply, *args: Any, **given: Any) -> Any:
        begun.set()
        assert waits.wait(_HANG_S)
        proxy.harm = Harm.HALF_OPEN
        return bring(self, *args, **given)

    monkeypatch.setattr(SharedSupply, "_bring", held_up)
    with open_cache(tmp_path / "two") as two, Cache(tmp_path / "one") as one, ThreadPoolExecutor(2) as pool:
        supply, wanted = supply_of(two), asked(shared[:1], one)
        first = pool.submit(supply.bring, wanted)
        assert begun.wait(_HANG_S)
        second = pool.submit(supply.bring, wanted, Second())
        assert first.result(_HANG_S) == second.result(_HANG_S) == set()
        assert supply.tier.counts.failures == 1


@pytest.mark.long
@pytest.mark.parametrize("harm", [Harm.LATENCY, Harm.CUT, Harm.HALF_OPEN, Harm.DRIP])
def test_wherever_a_server_fails_a_read_loses_one_deadline(
    proxy: FaultyProxy,
    shared: list[DatasetKey],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
    harm: Harm,
) -> None:
    """Fail at each call of a read in turn, and look at the clock beside a read over a good line."""
    calls = [0]
    do = Line._do
    fails_at = -1

    def counted(self: Line, *args: Any) -> Any:
        if calls[0] == fails_at:
            proxy.harm = harm
        calls[0] += 1
        return do(self, *args)

    monkeypatch.setattr(Line, "_do", counted)

    def timed(number: int) -> tuple[float, int]:
        with Cache(tmp_path / "one") as one, open_cache(tmp_path / f"home{number}") as two:
            calls[0] = 0
            began_s = monotonic()
            came = supply_of(two).bring(asked(shared, one))
            took_s = monotonic() - began_s
            proxy.harm = Harm.NONE
            return took_s, len(came)

    proxy.cut_after = 0
    proxy.latency_s = 0.6 * _DEADLINE_S  # so that a call is slow, and the next one fails
    good_s, came = timed(-1)
    assert came == _DAYS
    total, worst_s = calls[0], 0.0
    for fails_at in range(total):
        took_s, _ = timed(fails_at)
        worst_s = max(worst_s, took_s)
        assert took_s <= good_s + _DEADLINE_S + _MARGIN_S, fails_at
    record_property("a good read", round(good_s, 3))
    record_property("the worst", round(worst_s, 3))
