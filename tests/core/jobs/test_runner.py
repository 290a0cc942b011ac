"""The runner does jobs on its own threads, tells of them, and stops them for real."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tickreel.errors import DataError, UsageError
from tickreel.jobs.job import Job, State
from tickreel.jobs.runner import JobRunner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tickreel.progress import Monitor

GUARD_S = 60.0  # only a hang reaches it


class Watcher:
    """Notes what the runner tells, and gives it a clock that moves by hand."""

    def __init__(self) -> None:
        self.told: list[tuple[str, State, int]] = []
        self.now_s = 0.0
        self.runner = JobRunner(self._note, workers=1, clock=lambda: self.now_s)

    def _note(self, job: Job[Any]) -> None:
        self.told.append((job.id, job.state, job.progress.done))

    def states(self, job: Job[Any]) -> list[State]:
        return [state for job_id, state, _ in self.told if job_id == job.id]


@pytest.fixture
def watcher() -> Iterator[Watcher]:
    made = Watcher()
    yield made
    made.runner.shutdown()


class Gate:
    """Work that says when it has begun, then reports each time it is let on, until told to return."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.go = threading.Event()
        self.unwound = threading.Event()

    def __call__(self, monitor: Monitor) -> str:
        self.begun.set()
        try:
            assert self.go.wait(GUARD_S)
            monitor.report(1, 2)
        finally:
            self.unwound.set()
        return "done"


def test_work_that_returns_succeeds_with_its_result(watcher: Watcher) -> None:
    job = watcher.runner.submit("import", "Import a file", lambda _: 42)
    job.join(GUARD_S)
    assert (job.state, job.result, job.error) == (State.SUCCEEDED, 42, None)
    assert watcher.states(job)[-1] is State.SUCCEEDED
    assert watcher.runner.jobs == (job,)
    assert watcher.runner.job(job.id) is job


def test_an_error_for_the_user_is_kept_and_not_logged(watcher: Watcher) -> None:
    def refuse(_: Monitor) -> None:
        raise DataError("row 7: not a number")

    job = watcher.runner.submit("import", "Import a file", refuse)
    job.join(GUARD_S)
    assert job.state is State.FAILED
    assert str(job.error) == "row 7: not a number"


@pytest.mark.logs_warnings
@pytest.mark.parametrize("error", [KeyError("a bug"), SystemExit("a bug")])
def test_a_bug_fails_the_job_and_is_logged_with_its_traceback(
    watcher: Watcher, caplog: pytest.LogCaptureFixture, error: BaseException
) -> None:
    def break_down(_: Monitor) -> None:
        raise error

    job = watcher.runner.submit("import", "Import a file", break_down)
    job.join(GUARD_S)
    assert (job.state, job.error) == (State.FAILED, error)
    assert "Import a file failed" in caplog.text
    assert "break_down" in caplog.text


def test_cancelling_a_running_job_ends_it_only_when_the_work_has_unwound(watcher: Watcher) -> None:
    gate = Gate()
    job = watcher.runner.submit("import", "Import a file", gate)
    assert gate.begun.wait(GUARD_S)
    watcher.runner.cancel(job)
    assert job.state is State.RUNNING
    assert job.is_cancel_asked
    assert not job.ended.done()
    gate.go.set()
    job.join(GUARD_S)
    assert gate.unwound.is_set()
    assert (job.state, job.result, job.error) == (State.CANCELLED, None, None)


def test_cancelling_a_waiting_job_ends_it_at_once_and_its_work_never_begins(watcher: Watcher) -> None:
    gate, never = Gate(), Gate()
    running = watcher.runner.submit("import", "First", gate)
    assert gate.begun.wait(GUARD_S)
    waiting = watcher.runner.submit("import", "Second", never)
    watcher.runner.cancel(waiting)
    waiting.join(GUARD_S)
    assert waiting.state is State.CANCELLED
    gate.go.set()
    running.join(GUARD_S)
    watcher.runner.shutdown()
    assert not never.begun.is_set()
    assert watcher.states(waiting) == [State.QUEUED, State.CANCELLED]


def test_a_cancel_that_comes_after_the_last_report_changes_nothing(watcher: Watcher) -> None:
    begun, go = threading.Event(), threading.Event()

    def finish(_: Monitor) -> str:
        begun.set()
        assert go.wait(GUARD_S)
        return "done"

    job = watcher.runner.submit("import", "Import a file", finish)
    assert begun.wait(GUARD_S)
    watcher.runner.cancel(job)
    go.set()
    job.join(GUARD_S)
    watcher.runner.cancel(job)
    assert (job.state, job.result) == (State.SUCCEEDED, "done")


def test_progress_is_told_at_most_ten_times_a_second_and_the_end_always(watcher: Watcher) -> None:
    def work(monitor: Monitor) -> None:
        for step in range(1, 1001):
            watcher.now_s = step / 1000
            monitor.report(step, 1000)

    job = watcher.runner.submit("import", "Import a file", work)
    job.join(GUARD_S)
    running = [done for _, state, done in watcher.told if state is State.RUNNING]
    assert running[0] == 0
    assert len(running) <= 11
    assert len(running) >= 9
    assert watcher.told[-1] == (job.id, State.SUCCEEDED, 1000)


def test_jobs_are_held_back_each_by_their_own_clock_mark(watcher: Watcher) -> None:
    watcher.now_s = 5.0
    first = watcher.runner.submit("a", "First", lambda monitor: monitor.report(1, 1))
    second = watcher.runner.submit("b", "Second", lambda monitor: monitor.report(1, 1))
    second.join(GUARD_S)
    for job in (first, second):
        assert watcher.states(job) == [State.QUEUED, State.RUNNING, State.SUCCEEDED]


@pytest.mark.logs_warnings
def test_a_listener_that_fails_harms_no_job(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: Job[Any]) -> None:
        raise RuntimeError("the window is gone")

    runner = JobRunner(fail)
    job = runner.submit("import", "Import a file", lambda monitor: monitor.report(1, 1))
    job.join(GUARD_S)
    runner.shutdown()
    assert job.state is State.SUCCEEDED
    assert "the window is gone" in caplog.text


def test_the_end_can_be_awaited_on_a_loop_and_giving_up_waiting_leaves_the_job_alone(
    watcher: Watcher,
) -> None:
    gate = Gate()
    job = watcher.runner.submit("import", "Import a file", gate)

    async def wait() -> None:
        impatient = asyncio.create_task(watcher.runner.await_end(job))
        await asyncio.sleep(0)
        impatient.cancel()
        with pytest.raises(asyncio.CancelledError):
            await impatient
        assert not job.ended.done()
        gate.go.set()
        await asyncio.wait_for(watcher.runner.await_end(job), GUARD_S)

    asyncio.run(wait())
    assert job.state is State.SUCCEEDED


def test_shutdown_cancels_everything_and_returns_when_all_has_ended() -> None:
    runner = JobRunner(lambda _: None, workers=2)
    barrier = threading.Barrier(3)

    def endless(monitor: Monitor) -> None:
        barrier.wait(GUARD_S)
        while True:
            monitor.report(0, None)

    running = [runner.submit("import", f"Import {n}", endless) for n in range(2)]
    waiting = runner.submit("import", "Import later", endless)
    barrier.wait(GUARD_S)
    runner.shutdown()
    assert {job.state for job in (*running, waiting)} == {State.CANCELLED}
    assert all(job.ended.done() for job in (*running, waiting))


def test_after_shutdown_nothing_is_taken_and_a_second_shutdown_is_harmless() -> None:
    runner = JobRunner(lambda _: None)
    runner.shutdown()
    runner.shutdown()
    with pytest.raises(RuntimeError, match="shut down"):
        runner.submit("import", "Import a file", lambda _: None)


def test_a_job_that_is_not_there_is_named(watcher: Watcher) -> None:
    with pytest.raises(UsageError, match="job-9"):
        watcher.runner.job("job-9")


def _cancel_from_the_listener(runner: Callable[[], JobRunner]) -> Callable[[Job[Any]], None]:
    def cancel(job: Job[Any]) -> None:
        if job.progress.done == 1 and not job.state.is_final:
            runner().cancel(job)

    return cancel


def test_a_listener_may_cancel_the_job_it_hears_of() -> None:
    made: list[JobRunner] = []
    clock = iter(range(1000))
    made.append(JobRunner(_cancel_from_the_listener(lambda: made[0]), clock=lambda: float(next(clock))))

    def work(monitor: Monitor) -> None:
        for step in range(1, 4):
            monitor.report(step, 3)

    job = made[0].submit("import", "Import a file", work)
    job.join(GUARD_S)
    made[0].shutdown()
    assert job.state is State.CANCELLED
    assert job.progress.done == 1
