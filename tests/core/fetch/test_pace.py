"""How fast the vendor is asked: by a clock of the test's own."""

from __future__ import annotations

import asyncio

import pytest

from tickreel.fetch.pace import Bandwidth, Concurrency


class Clock:
    def __init__(self) -> None:
        self.s = 100.0

    def __call__(self) -> float:
        return self.s


def test_bytes_are_spread_over_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()

    async def sleep(seconds: float) -> None:
        clock.s += seconds

    monkeypatch.setattr(asyncio, "sleep", sleep)
    limit = Bandwidth(1_000, clock)

    async def take() -> None:
        for _ in range(50):
            await limit.take(100)

    asyncio.run(take())
    # 5,000 bytes at 1,000 a second, less what may be taken at once.
    assert clock.s == pytest.approx(100 + 5.0 - 0.25, abs=0.26)
    clock.s += 60
    before = clock.s
    asyncio.run(limit.take(100))
    assert clock.s == before  # what was not used for a minute is not saved up, but for a moment
    asyncio.run(limit.take(1_000))
    assert clock.s > before


def test_without_a_limit_nothing_waits() -> None:
    clock = Clock()
    asyncio.run(Bandwidth(None, clock).take(10**12))
    assert clock.s == 100


def test_more_is_asked_after_success_and_half_after_trouble() -> None:
    clock = Clock()
    concurrency = Concurrency(8, clock)
    assert concurrency.limit == 2
    for _ in range(200):
        concurrency.went_well()
    assert concurrency.limit == 8
    concurrency.met_trouble()
    concurrency.met_trouble()  # of the same cause
    assert concurrency.limit == 4
    for _ in range(5):
        clock.s += 2
        concurrency.met_trouble()
    assert concurrency.limit == 1


def test_it_never_asks_for_more_than_it_may() -> None:
    concurrency = Concurrency(1)
    concurrency.went_well()
    assert concurrency.limit == 1
