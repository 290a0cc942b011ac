"""The fetch queue of a home in the panel, beside what another program does to it."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest
from support.fetchdesk import SYMBOL, asked, fetch_desk, write_days

from tickreel.fetch.ownership import Ownership
from tickreel.fetch.states import FetchState
from tickreel_desktop.jobs import FetchJobs, JobState, JobVerb
from tickreel_desktop.zone import DisplayZone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot
    from support.fetchdesk import Desk

    from tickreel.fetch.queue import FetchQueue
    from tickreel.fetch.service import FetchService
    from tickreel_desktop.jobs import JobAccount, JobRow


class Stage:
    """A home with a vendor, the panel's look into it, and another program beside it."""

    def __init__(self, qtbot: QtBot, desk: Desk, other: FetchService) -> None:
        self.qtbot = qtbot
        self.desk = desk
        self.other = other
        self.zone = DisplayZone()
        self.jobs = FetchJobs(desk.cache, self.zone)
        self.errors: list[BaseException] = []
        self.jobs.failed.connect(self.errors.append)

    @property
    def queue(self) -> FetchQueue:
        return self.other.queue

    def submit(self, days: int, *symbols: str) -> int:
        request = asked(days, *symbols)
        return self.queue.submit(
            request, [(key, span) for key in request.datasets() for span in request.spans()]
        )

    def wait(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=60_000)

    def rows(self) -> dict[str, JobRow]:
        return {row.id: row for row in self.jobs.rows()}

    def wait_for(self, job_id: int, state: JobState) -> JobRow:
        self.wait(lambda: f"fetch:{job_id}" in self.rows() and self.rows()[f"fetch:{job_id}"].state is state)
        return self.rows()[f"fetch:{job_id}"]

    def wait_for_days(self, job_id: int, count: int) -> JobAccount:
        self.wait(lambda: len(self.jobs.account(f"fetch:{job_id}").parts) == count)
        return self.jobs.account(f"fetch:{job_id}")


@pytest.fixture
def stage(qtbot: QtBot, home: Path, tmp_path: Path) -> Iterator[Stage]:
    with fetch_desk(tmp_path / "vendor", home) as desk, desk.service() as other:
        made = Stage(qtbot, desk, other)
        yield made
        made.jobs.close()
    assert made.errors == []


def test_a_job_of_another_program_appears_with_what_it_asks_for(stage: Stage) -> None:
    job_id = stage.submit(3)
    row = stage.wait_for(job_id, JobState.QUEUED)
    assert row.title == f"Fetch binance-futures {SYMBOL} trades 2024-07-01 to 2024-07-03"
    assert (row.done, row.fraction, row.words) == ("0 of 3 days", 0.0, "Queued, no program is fetching")
    stage.wait(lambda: stage.jobs.is_idle)


def test_days_are_on_their_way_only_while_a_program_fetches_them(stage: Stage) -> None:
    job_id = stage.submit(2)
    stage.wait_for(job_id, JobState.QUEUED)
    ownership = Ownership(stage.desk.cache.home)
    stage.wait(ownership.take)
    (taken,) = stage.queue.take(1)
    stage.queue.note_progress({taken.day.id: (500, 1000)})
    row = stage.wait_for(job_id, JobState.RUNNING)
    stage.wait(lambda: stage.rows()[row.id].fraction == 0.25)
    assert stage.rows()[row.id].words == "Downloading 2024-07-01, 500 B of 1.0 kB"
    stage.wait(lambda: not stage.jobs.is_idle)
    ownership.release()
    assert stage.wait_for(job_id, JobState.QUEUED).words == "Queued, no program is fetching"
    stage.wait(lambda: stage.jobs.is_idle)


def test_a_job_is_paused_resumed_moved_and_cancelled_from_the_panel(stage: Stage) -> None:
    first, second = stage.submit(2), stage.submit(2, "ETHUSDT")
    stage.wait_for(second, JobState.QUEUED)
    stage.jobs.act(f"fetch:{first}", JobVerb.PAUSE)
    assert JobVerb.RESUME in stage.wait_for(first, JobState.PAUSED).verbs
    stage.jobs.act(f"fetch:{first}", JobVerb.RESUME)
    stage.wait_for(first, JobState.QUEUED)
    stage.jobs.act(f"fetch:{second}", JobVerb.FIRST)
    stage.wait(lambda: [job.id for job in stage.queue.jobs()] == [second, first])
    stage.wait(lambda: stage.rows()[f"fetch:{second}"].order < stage.rows()[f"fetch:{first}"].order)
    stage.jobs.act(f"fetch:{second}", JobVerb.DOWN)
    stage.wait(lambda: [job.id for job in stage.queue.jobs()] == [first, second])
    stage.jobs.act(f"fetch:{second}", JobVerb.UP)
    stage.wait(lambda: [job.id for job in stage.queue.jobs()] == [second, first])
    stage.jobs.act(f"fetch:{first}", JobVerb.CANCEL)
    row = stage.wait_for(first, JobState.CANCELLED)
    assert (row.words, row.verbs) == ("2 cancelled", (JobVerb.RETRY, JobVerb.DISMISS))
    stage.jobs.act(f"fetch:{first}", JobVerb.RETRY)
    stage.wait_for(first, JobState.QUEUED)


def test_a_failed_day_is_told_with_its_cause_and_what_was_kept(stage: Stage, tmp_path: Path) -> None:
    job_id = stage.submit(2)
    days = stage.queue.days(job_id)
    stage.queue.take(2)
    kept = tmp_path / "kept.csv.gz"
    trouble = {"reason": "row 3: no price", "evidence": kept, "attempts": 3, "troubles": '{"wrong data": 3}'}
    stage.queue.move(days[1].id, FetchState.FAILED, **trouble)
    stage.queue.move(days[0].id, FetchState.VERIFYING)
    stage.queue.move(days[0].id, FetchState.DONE, bytes=1000, total_bytes=1000, row_count=7)
    row = stage.wait_for(job_id, JobState.FAILED)
    assert row.words == "2024-07-02: row 3: no price"
    account = stage.wait_for_days(job_id, 2)
    failed, done = account.parts
    assert (failed.state, failed.tries, failed.evidence) == (JobState.FAILED, "3 failed: wrong data", kept)
    assert (done.state_words, done.size) == ("done", "1.0 kB")
    assert account.place == kept
    assert dict(account.facts)["Received"] == "1.0 kB"


def test_jobs_taken_off_the_list_come_back_or_are_forgotten_at_the_end(stage: Stage) -> None:
    first, second = stage.submit(1), stage.submit(1, "ETHUSDT")
    for job_id in (first, second):
        stage.other.control.cancel(job_id)
        stage.wait_for(job_id, JobState.CANCELLED)
    bring_back = stage.jobs.dismiss([f"fetch:{first}", f"fetch:{second}"])
    assert stage.jobs.rows() == []
    bring_back()
    assert len(stage.jobs.rows()) == 2
    stage.jobs.dismiss([f"fetch:{first}"])
    stage.jobs.close()
    assert [job.id for job in stage.queue.jobs()] == [second]
    stage.jobs = FetchJobs(stage.desk.cache, stage.zone)  # the fixture closes it


def test_a_job_that_another_program_forgot_meanwhile_is_let_be(stage: Stage) -> None:
    job_id = stage.submit(1)
    stage.wait_for(job_id, JobState.QUEUED)
    stage.other.control.cancel(job_id)
    stage.other.control.clear()
    stage.jobs.act(f"fetch:{job_id}", JobVerb.PAUSE)
    stage.wait(lambda: stage.jobs.rows() == [])


def test_a_whole_fetch_by_another_program_is_seen_to_its_end(stage: Stage, tmp_path: Path) -> None:
    write_days(tmp_path / "vendor", 2)
    plan = stage.desk.plan(asked(2))
    job_id = stage.other.submit(plan)
    assert job_id is not None
    seen: set[JobState] = set()
    stage.jobs.changed.connect(lambda: seen.update(row.state for row in stage.jobs.rows()))

    def work() -> None:
        with stage.desk.service() as service:
            asyncio.run(asyncio.wait_for(service.work(job_id), 60))

    worker = threading.Thread(target=work)
    worker.start()
    row = stage.wait_for(job_id, JobState.DONE)
    worker.join()
    assert (row.words, row.done, row.fraction) == ("2 fetched", "2 of 2 days", 1.0)
    assert row.ended_us > 0
    assert JobState.FAILED not in seen
