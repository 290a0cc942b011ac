"""One gate stands before all calls of a home in a process, whoever opens what asks."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest
from support.chatbench import awaited
from support.fakechat import FakeChat, refuses, streams
from support.snapshots import snapshot

from tickreel.analysis import opened_service
from tickreel.analysis.limits import Gate, gate_of
from tickreel.store import open_cache

if TYPE_CHECKING:
    from pathlib import Path


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


def test_a_home_has_one_gate_with_the_limits_that_are_set_last(tmp_path: Path) -> None:
    async def work() -> int:
        gate = gate_of(tmp_path / "." / "home", 1, 100)
        assert gate is gate_of(tmp_path / "home", 1, 100)
        assert gate is not gate_of(tmp_path / "other", 1, 100)
        inside = [0]

        async def stay() -> None:
            async with gate.passed():
                inside[0] += 1
                await asyncio.Event().wait()

        tasks = [asyncio.create_task(stay()) for _ in range(5)]
        await asyncio.sleep(0.05)
        assert inside == [1]
        gate_of(tmp_path / "home", 3, 100)
        await asyncio.sleep(0.05)
        assert inside == [3]
        tasks[4].cancel()  # it waits; nobody else is let in by that
        await asyncio.sleep(0.05)
        assert inside == [3]
        tasks[0].cancel()
        await asyncio.sleep(0.05)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        async with asyncio.timeout(5), gate.passed(), gate.passed(), gate.passed():
            return inside[0]

    assert awaited(work()) == 4


def test_calls_of_several_threads_share_the_minute() -> None:
    now, lock = [0.0], threading.Lock()

    async def sleep(seconds: float) -> None:
        with lock:
            now[0] += seconds
        await asyncio.sleep(0)

    gate = Gate(50, 5, now=lambda: now[0], sleep=sleep)

    async def work() -> None:
        for _ in range(5):
            async with gate.passed():
                begun.append(now[0])

    begun: list[float] = []
    threads = [threading.Thread(target=lambda: awaited(work())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(begun) == 20
    assert now[0] >= 180, "twenty calls, five in a minute"
