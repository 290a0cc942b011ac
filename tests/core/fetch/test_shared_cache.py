"""A desk of several machines over one shared cache: each day is downloaded once, by one of them."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from contextlib import ExitStack, closing
from datetime import timedelta
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import pytest
from support.fetchdesk import EXCHANGE, FIRST, SYMBOL, Desk, asked, fetch_desk, hurry, path_of, write_days
from support.redisserver import RedisServer
from support.shareddesk import stored_day

from tickreel.cli.jsonform import day_form
from tickreel.fetch import delivery, filling
from tickreel.fetch.preflight import Action
from tickreel.market.time import day_start_us
from tickreel.market.types import DatasetKey, DataType
from tickreel.settings import load
from tickreel.shared.naming import DayKeys
from tickreel.shared.opening import open_supply
from tickreel.store import Cache, DayState, Source
from tickreel.store.model import DayRange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_HANG_S = 120.0
KEY = DatasetKey(EXCHANGE, SYMBOL, DataType.TRADES)


@pytest.fixture(scope="module")
def one_server() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


@pytest.fixture
def server(one_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> RedisServer:
    hurry(monkeypatch)
    monkeypatch.setattr(delivery, "_ELSEWHERE_S", 0.1)
    with one_server.admin() as admin:
        admin.flushall()
    return one_server


@pytest.fixture
def one(tmp_path: Path, server: RedisServer) -> Iterator[Desk]:
    """Give a machine of the desk, whose vendor has four days."""
    write_days(tmp_path / "vendor", 4)
    with fetch_desk(tmp_path / "vendor", tmp_path / "one") as desk:
        desk.environ["TICKREEL_REDIS_URL"] = server.url
        yield desk


@pytest.fixture
def two(one: Desk, tmp_path: Path) -> Iterator[Desk]:
    """Give another machine, with a home of its own."""
    with Cache(tmp_path / "two") as cache:
        yield Desk(one.fake, cache, one.environ)


def actions(desk: Desk, days: int = 4, **given: Any) -> list[tuple[Action, str]]:
    return [(item.action, item.reason) for item in desk.fetch(asked(days, **given)).items]


def digests(desk: Desk) -> list[tuple[str, DayState]]:
    return [(day.rows_sha256, day.state) for day in desk.cache.all_days()]


def until(is_so: Callable[[], bool]) -> None:
    ends_s = monotonic() + _HANG_S
    while not is_so():
        assert monotonic() < ends_s
        sleep(0.02)


def test_what_one_machine_fetched_another_takes_from_the_shared_cache(one: Desk, two: Desk) -> None:
    assert actions(one, 3) == [(Action.FETCHED, "")] * 3
    plan = two.plan(asked(4))
    assert [item.action for item in plan.items] == [Action.SHARED] * 3 + [Action.FETCH]
    assert (plan.days["shared"], plan.days["fetch"], plan.requests) == (3, 1, 1)
    assert actions(two) == [(Action.FETCHED, "from the shared cache")] * 3 + [(Action.FETCHED, "")]
    assert set(one.fake.downloads.values()) == {1}
    assert len(one.fake.downloads) == 4
    assert digests(two)[:3] == digests(one)
    sources = [day.source for day in two.cache.all_days()]
    assert sources == [Source.SHARED_TARDIS] * 3 + [Source.TARDIS]
    assert [action for action, _ in actions(two)] == [Action.HAVE] * 4


def test_a_key_is_not_needed_for_what_the_desk_has(one: Desk, two: Desk) -> None:
    one.fetch(asked(2))
    del two.environ["TARDIS_API_KEY"]
    assert [item.action for item in two.plan(asked(3)).items] == [Action.SHARED] * 2 + [Action.DENIED]
    assert actions(two, 2) == [(Action.FETCHED, "from the shared cache")] * 2


def test_the_vendor_need_not_be_reached_for_what_the_desk_has(one: Desk, two: Desk) -> None:
    one.fetch(asked(2))
    with two.service() as service:
        plan = asyncio.run(service.preflight(asked(3), is_offline=True))
        assert [item.action for item in plan.items][:2] == [Action.SHARED] * 2
        plan = asyncio.run(service.preflight(asked(3), is_offline=True, asks_shared=False))
        assert Action.SHARED not in [item.action for item in plan.items]


def test_a_refetch_asks_the_vendor_and_its_rows_hold_for_all(one: Desk, two: Desk, tmp_path: Path) -> None:
    one.fetch(asked(1))
    two.fetch(asked(1))
    write_days(tmp_path / "vendor", 1)
    assert actions(one, 1, refetch=True)[0][0] is Action.FETCHED
    assert one.fake.downloads[path_of(FIRST)] == 2


def test_a_day_that_left_the_shared_cache_after_the_plan_is_downloaded(
    one: Desk, two: Desk, server: RedisServer
) -> None:
    import asyncio

    one.fetch(asked(1))
    with two.service() as service:
        plan = asyncio.run(service.preflight(asked(1)))
        assert [item.action for item in plan.items] == [Action.SHARED]
        with server.admin() as admin:
            admin.flushall()
        job_id = service.submit(plan)
        assert job_id is not None
        asyncio.run(asyncio.wait_for(service.work(job_id), 60))
        (item,) = service.outcome(plan, job_id).items
    assert (item.action, item.reason) == (Action.FETCHED, "")
    assert one.fake.downloads[path_of(FIRST)] == 2


def test_without_an_answer_of_the_shared_server_the_vendor_is_asked(one: Desk, two: Desk) -> None:
    one.environ |= {"TICKREEL_REDIS_URL": "redis://127.0.0.1:1", "TICKREEL_REDIS_FAILURES": "1"}
    assert actions(one, 2) == [(Action.FETCHED, "")] * 2
    assert actions(two, 2) == [(Action.FETCHED, "")] * 2


def test_who_waits_sees_who_fetches_and_how_far(one: Desk, two: Desk, server: RedisServer) -> None:
    import asyncio

    from support.shareddesk import line_to

    from tickreel.shared.leases import Lease, Leases

    line = line_to(server.url)
    leases = Leases(line, lease_s=0.4)
    lease = leases.claim(KEY, FIRST)
    assert isinstance(lease, Lease)
    lease.tell(25, 100)

    async def watched() -> str:
        with two.service() as service:
            job_id = service.submit(await service.preflight(asked(1)))
            assert job_id is not None
            task = asyncio.create_task(service.work(job_id))
            ends_s = monotonic() + _HANG_S
            reason = ""
            while not reason.endswith("25 %"):
                assert monotonic() < ends_s
                reason = "".join(service.queue.reasons(job_id))
                await asyncio.sleep(0.02)
            lease.release()
            await asyncio.wait_for(task, 60)
            return reason

    assert asyncio.run(watched()).startswith("another machine is fetching it: ")
    leases.close()
    line.close()
    assert one.fake.downloads[path_of(FIRST)] == 1


def program(desk: Desk, home: Path, *words: str) -> subprocess.Popen[str]:
    """Start a machine of the desk as a process of its own."""
    environ = {**os.environ, **desk.environ, "TICKREEL_HOME": str(home)}
    return subprocess.Popen(
        [sys.executable, "-m", "tickreel", *words],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    ("machines", "days"), [(4, 3), pytest.param(20, 10, marks=pytest.mark.cluster, id="a desk of 20")]
)
def test_of_several_machines_that_ask_at_once_one_downloads_each_day(
    one: Desk, tmp_path: Path, machines: int, days: int
) -> None:
    write_days(tmp_path / "vendor", days)
    one.fake.latency_s = 0.3
    last = FIRST + timedelta(days=days)
    words = ("fetch", EXCHANGE, SYMBOL, "trades", f"{FIRST}", f"{last}", "--json", "--quiet")
    with ExitStack() as stack:
        running = [
            stack.enter_context(program(one, tmp_path / f"machine{number}", *words))
            for number in range(machines)
        ]
        for process in running:
            out, err = process.communicate(timeout=_HANG_S)
            assert process.returncode == 0, err
            assert {item["action"] for item in json.loads(out)["items"]} == {"fetched"}
    assert dict(one.fake.downloads) == {path_of(FIRST + timedelta(days=n)): 1 for n in range(days)}
    held = set()
    for number in range(machines):
        with Cache(tmp_path / f"machine{number}", read_only=True) as cache:
            held.add(tuple(day.rows_sha256 for day in cache.all_days()))
    assert len(held) == 1
    assert len(held.pop()) == days


def test_a_machine_that_is_killed_while_it_fetches_is_replaced(
    one: Desk, two: Desk, tmp_path: Path, server: RedisServer
) -> None:
    one.fake.bytes_per_s = 20.0  # the file would take a good while
    words = ("fetch", EXCHANGE, SYMBOL, "trades", f"{FIRST}", f"{FIRST + timedelta(days=1)}", "--quiet")
    with program(one, tmp_path / "dying", *words) as dying, server.admin() as admin:
        until(lambda: bool(admin.exists(DayKeys(KEY, FIRST).lease)))
        until(lambda: bool(one.fake.requests))
        dying.kill()
        dying.wait()
        one.fake.bytes_per_s = None
        assert admin.exists(DayKeys(KEY, FIRST).lease)
        admin.pexpire(DayKeys(KEY, FIRST).lease, 300)  # not the whole ten seconds of a lease
        assert actions(two, 1) == [(Action.FETCHED, "")]
    assert one.fake.downloads[path_of(FIRST)] == 1


def test_a_standing_order_keeps_its_newest_days_in_the_shared_cache(
    one: Desk, two: Desk, server: RedisServer
) -> None:
    one.fetch(asked(3))
    one.cache.disk.now_us = lambda: day_start_us(FIRST + timedelta(days=20))  # type: ignore[method-assign]
    with one.service() as service, server.admin() as admin:
        assert asyncio.run(service.warm_standing()) == 0
        service.standing.add(KEY, FIRST + timedelta(days=1))
        admin.flushall()
        assert asyncio.run(service.warm_standing()) == 2  # what lies before the order is not its affair
        assert admin.exists(DayKeys(KEY, FIRST).day_name) == 0
        name = DayKeys(KEY, FIRST + timedelta(days=1)).day_name
        admin.expire(name, 5)
        assert asyncio.run(service.warm_standing()) == 0
        assert admin.ttl(name) > 1_000
        one.cache.disk.now_us = lambda: day_start_us(FIRST + timedelta(days=60))  # type: ignore[method-assign]
        admin.flushall()
        assert asyncio.run(service.warm_standing()) == 0  # they are not among the newest any more


def test_the_watch_keeps_days_warm_and_a_server_that_is_away_does_not_end_it(
    one: Desk, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filling, "_PATIENCE_S", 0.5)
    one.fetch(asked(2))
    later_us = day_start_us(FIRST + timedelta(days=20)) - round(monotonic() * 1e6)
    one.cache.disk.now_us = lambda: later_us + round(monotonic() * 1e6)  # type: ignore[method-assign]
    checks = 0

    def on_check() -> None:
        nonlocal checks
        checks += 1

    async def watched() -> None:
        with one.service() as service, server.admin() as admin:
            service.standing.add(KEY, FIRST)
            admin.flushall()
            watch = asyncio.create_task(service.watch(0.2, on_check))
            while not admin.exists(DayKeys(KEY, FIRST).day_name):
                await asyncio.sleep(0.02)
            server.kill()
            before = checks
            while checks < before + 3:
                await asyncio.sleep(0.02)
            assert not watch.done()
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)

    try:
        asyncio.run(asyncio.wait_for(watched(), _HANG_S))
    finally:
        server.start()


def test_days_that_the_vendor_can_serve_again_leave_by_the_policy_wherever_they_came_from(
    one: Desk, two: Desk
) -> None:
    assert actions(one, 2) == [(Action.FETCHED, "")] * 2
    imported = stored_day(one.cache, rows=1_000, symbol="OWN")
    supply = open_supply(one.cache, load(one.cache.home, environ=one.environ), one.environ)
    assert supply is not None
    with closing(supply):
        supply.share(imported)
    two.fetch(asked(2))
    supply = open_supply(two.cache, load(two.cache.home, environ=two.environ), two.environ)
    assert supply is not None
    with closing(supply):
        assert supply.bring({imported.key: [imported.day]})
        days = two.cache.all_days()
        assert [day.source for day in days if day.key == KEY] == [Source.SHARED_TARDIS] * 2
        assert {day_form(day)["source"] for day in days} == {"shared"}
        ranges = [DayRange(day.key, day.day, day.day) for day in days]
        plan = two.cache.life.eviction.run(ranges)
        assert {choice.day.key for choice in plan.evict} == {KEY}
        assert [choice.day.key for choice in plan.keep] == [imported.key]
        assert "by hand" in plan.keep[0].reason
        # What left can come back, and what is put there again still says that the vendor serves it.
        assert supply.bring({KEY: [FIRST]})
        (again,) = two.cache.days(EXCHANGE, SYMBOL, DataType.TRADES)
        supply.tier.drop(KEY, FIRST)
        supply.share(again)
        record = supply.tier.records.of_day(KEY, FIRST)
        assert record is not None
        assert [part.source for part in record.parts] == ["tardis"]
