"""How many calls a home makes at a time and in a minute, whoever opens what asks."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest
from support.chatbench import awaited
from support.fakechat import FakeChat, refuses, streams
from support.snapshots import snapshot

from tickreel.analysis import opened_service
from tickreel.analysis.limits import Gate
from tickreel.store import open_cache

if TYPE_CHECKING:
    from tickreel.store.records.database import Database


@pytest.fixture
def chat(monkeypatch: pytest.MonkeyPatch) -> FakeChat:
    monkeypatch.setenv("TICKREEL_LLM_CONCURRENCY", "2")
    return FakeChat(streams(before_s=0.15))


def asked(number: int, url: str) -> None:
    async def work() -> None:
        environ = {"TICKREEL_LLM_BASE_URL": url, "TICKREEL_LLM_CONCURRENCY": "2"}
        async with opened_service(cache, model="gpt-4.1", environ=environ) as service:
            await service.analyse(snapshot(number, spread_mean=0.42))

    with open_cache() as cache:
        awaited(work())


def test_services_of_several_threads_share_the_limit_of_calls_at_a_time(chat: FakeChat) -> None:
    with open_cache(), chat as fake:
        threads = [threading.Thread(target=asked, args=(number, fake.url)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert (len(fake.requests), fake.most_at_once) == (6, 2)


def test_what_was_learnt_of_a_server_is_known_to_the_next_service() -> None:
    unknown = refuses(400, {"error": {"message": "response_format is not supported"}})
    with open_cache(), FakeChat(unknown, streams()) as fake:
        asked(1, fake.url)
        asked(2, fake.url)
    assert ["response_format" in request.body for request in fake.requests] == [True, False, False]


def test_requests_are_begun_no_faster_than_a_minute_allows(database: Database) -> None:
    now, slept = [0], []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += round(seconds * 1e6)

    async def work() -> None:
        gate = Gate(database, lambda: now[0], 3, sleep=sleep)
        for _ in range(7):
            await gate.turn()
            now[0] += 1_000_000
        now[0] -= 3_600_000_000  # a clock that is put right counts nobody's request for an hour
        await gate.turn()

    awaited(work())
    assert slept == [57.0, 57.0]


def test_connections_and_threads_share_the_minute(database: Database) -> None:
    now, lock = [0], threading.Lock()
    begun: list[int] = []

    async def sleep(seconds: float) -> None:
        with lock:
            now[0] += round(seconds * 1e6)
        await asyncio.sleep(0)

    def begin() -> None:
        with open_cache() as cache:
            elsewhere = cache.connect()
            gate = Gate(elsewhere, lambda: now[0], 5, sleep=sleep)

            async def work() -> None:
                for _ in range(5):
                    await gate.turn()
                    begun.append(now[0])

            awaited(work())
            elsewhere.close()

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(begun) == 20
    assert now[0] >= 180_000_000, "twenty requests, five in a minute"


def test_a_lower_limit_of_another_program_is_kept_to_as_well(database: Database) -> None:
    now = [0]
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += round(seconds * 1e6)

    async def work() -> None:
        many, few = (Gate(database, lambda: now[0], limit, sleep=sleep) for limit in (10, 2))
        for _ in range(6):
            await many.turn()
            now[0] += 1_000_000
        await few.turn()

    awaited(work())
    assert slept == [58.0], "until four of the six are a minute old, and the fifth"
