"""What the queue tells those who look at all jobs at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.fetchdesk import asked

from tickreel.fetch.control import JobControl
from tickreel.fetch.queue import FetchQueue
from tickreel.fetch.states import FetchState
from tickreel.store import open_cache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def queue(home: Path) -> Iterator[FetchQueue]:
    with open_cache(home) as cache:
        made = FetchQueue(cache.connect(), cache.disk.now_us)
        yield made
        made.database.close()


def submit(queue: FetchQueue, days: int, symbol: str) -> int:
    request = asked(days, symbol)
    return queue.submit(request, [(key, span) for key in request.datasets() for span in request.spans()])


def test_of_each_job_the_day_that_says_most_is_told(queue: FetchQueue) -> None:
    busy, stuck, idle = submit(queue, 3, "BTCUSDT"), submit(queue, 2, "ETHUSDT"), submit(queue, 1, "XRPUSDT")
    first, second, third = queue.days(busy)
    held, bad = queue.days(stuck)
    queue.take(5)
    queue.move(first.id, FetchState.FAILED, reason="no")
    queue.move(second.id, FetchState.VERIFYING)
    queue.move(bad.id, FetchState.FAILED, reason="no")
    queue.move(held.id, FetchState.WAITING, reason="busy", wait_until_us=1)
    foremost = queue.foremost()
    assert {job_id: day.id for job_id, day in foremost.items()} == {busy: third.id, stuck: held.id}
    assert idle not in foremost
    assert queue.last_changes()[busy] >= queue.job(busy).created_us


def test_only_jobs_that_are_named_are_forgotten_and_only_if_they_have_ended(queue: FetchQueue) -> None:
    control = JobControl(queue)
    first, second, going = (submit(queue, 1, symbol) for symbol in ("A", "B", "C"))
    control.cancel(first)
    control.cancel(second)
    assert control.clear([first, going]) == 1
    assert [job.id for job in queue.jobs()] == [second, going]
    assert control.clear([]) == 0
    assert control.clear() == 1


def test_a_job_says_that_it_is_paused_while_its_days_come_to_their_end(queue: FetchQueue) -> None:
    job_id = submit(queue, 1, "BTCUSDT")
    queue.take(1)
    JobControl(queue).pause(job_id)
    assert queue.job(job_id).is_paused
    assert queue.job(job_id).state is FetchState.RUNNING
    JobControl(queue).resume(job_id)
    assert not queue.job(job_id).is_paused
