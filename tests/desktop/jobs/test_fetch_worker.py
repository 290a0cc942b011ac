"""Fetching inside the window, from the vendor that is stood in for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from support.fetchdesk import asked, fetch_desk, write_days

from tickreel.errors import UsageError
from tickreel.fetch.ownership import Ownership
from tickreel.fetch.states import FetchState
from tickreel_desktop.jobs import FetchWorker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot
    from support.fetchdesk import Desk

    from tickreel.fetch.service import FetchService
    from tickreel.store import Cache

GUARD_MS = 60_000


@pytest.fixture
def desk(home: Path, tmp_path: Path) -> Iterator[Desk]:
    write_days(tmp_path / "vendor", 3)
    with fetch_desk(tmp_path / "vendor", home) as made:
        yield made


@pytest.fixture
def worker(desk: Desk, qtbot: QtBot) -> Iterator[FetchWorker]:
    made = FetchWorker(desk.cache, lambda _cache: desk.service())
    yield made
    made.close()


def submit(service: FetchService, desk: Desk, days: int) -> int:
    job_id = service.submit(desk.plan(asked(days)))
    assert job_id is not None
    return job_id


def test_what_is_queued_is_fetched_and_what_is_queued_later_as_well(
    worker: FetchWorker, desk: Desk, qtbot: QtBot
) -> None:
    with desk.service() as other:
        for days in (1, 3):
            job_id = submit(other, desk, days)
            worker.start()
            qtbot.waitUntil(lambda job_id=job_id: other.queue.is_ended(job_id), timeout=GUARD_MS)  # type: ignore[misc]
            assert other.queue.job(job_id).state is FetchState.DONE
    assert worker.is_working
    assert len(desk.cache.all_days()) == 3


def test_while_another_program_fetches_it_looks_on_and_closing_does_not_wait_for_that(
    worker: FetchWorker, desk: Desk, qtbot: QtBot
) -> None:
    ownership = Ownership(desk.cache.home)
    assert ownership.take()
    with desk.service() as other:
        job_id = submit(other, desk, 1)
        worker.start()
        qtbot.waitUntil(lambda: worker._stop is not None, timeout=GUARD_MS)
        worker.close()
        assert other.queue.job(job_id).state is FetchState.QUEUED
    ownership.release()
    worker.start()
    assert not worker._thread.is_alive()  # type: ignore[union-attr]


def test_what_keeps_it_from_fetching_is_told_and_it_can_be_started_anew(desk: Desk, qtbot: QtBot) -> None:
    def refuse(_cache: Cache) -> FetchService:
        raise UsageError("the settings cannot be read")

    worker = FetchWorker(desk.cache, refuse)
    for _ in range(2):
        with qtbot.waitSignal(worker.failed, timeout=GUARD_MS) as told:
            worker.start()
        assert str(told.args[0]) == "the settings cannot be read"
        qtbot.waitUntil(lambda: not worker.is_working)
    worker.close()


def test_a_cancellation_that_is_lost_is_not_the_last_one(
    worker: FetchWorker, desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost: list[bool] = []

    async def deaf(_service: FetchService) -> None:
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                lost.append(True)
                if len(lost) > 1:
                    raise

    monkeypatch.setattr("tickreel.fetch.service.FetchService.work_all", deaf)
    with desk.service() as other:
        submit(other, desk, 1)
    worker.start()
    qtbot.wait(800)
    worker.close()
    assert lost == [True, True]
