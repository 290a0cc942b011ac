"""A job makes no move but those of the table, whatever is asked of it and in which order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tickreel.errors import Cancelled, DataError
from tickreel.jobs.job import MOVES, Job, Progress, State, fraction_done, rate_per_s, seconds_left


def _job(clock: list[float] | None = None) -> Job[int]:
    times = clock if clock is not None else [0.0]
    return Job("job-1", "import", "Import a file", clock=lambda: times[0], on_progress=lambda _: None)


class JobMachine(RuleBasedStateMachine):
    """Ask anything at any time; the model is a state and whether a cancel was asked in time."""

    def __init__(self) -> None:
        super().__init__()
        self.job = _job()
        self.state = State.QUEUED
        self.is_cancel_asked = False

    def _expect(self, to: State, move: object) -> None:
        assert callable(move)
        if to in MOVES[self.state]:
            move()
            self.state = to
        else:
            with pytest.raises(RuntimeError, match="cannot move"):
                move()

    @rule()
    def begin(self) -> None:
        if self.is_cancel_asked:
            assert not self.job.begin()
        else:
            self._expect(State.RUNNING, self.job.begin)

    @rule(result=st.integers())
    def succeed(self, result: int) -> None:
        self._expect(State.SUCCEEDED, lambda: self.job.succeed(result))

    @rule()
    def fail(self) -> None:
        self._expect(State.FAILED, lambda: self.job.fail(DataError("row 3")))

    @rule()
    def stop(self) -> None:
        self._expect(State.CANCELLED, self.job.stop)

    @rule()
    def ask_cancel(self) -> None:
        was_waiting = self.state is State.QUEUED
        assert self.job.ask_cancel() is was_waiting
        if not self.state.is_final:
            self.is_cancel_asked = True
        if was_waiting:
            self.state = State.CANCELLED

    @precondition(lambda self: self.state is State.RUNNING)
    @rule(done=st.integers(0, 100))
    def report(self, done: int) -> None:
        if self.is_cancel_asked:
            with pytest.raises(Cancelled):
                self.job.report(done, 100)
        else:
            self.job.report(done, 100)
            assert self.job.progress.done == done

    @invariant()
    def the_job_is_where_the_table_says(self) -> None:
        assert self.job.state is self.state
        assert (self.job.result is not None) <= (self.state is State.SUCCEEDED)
        assert (self.job.error is not None) == (self.state is State.FAILED)


TestJobMachine = JobMachine.TestCase


def test_the_table_has_every_state_and_ends_in_exactly_three() -> None:
    assert set(MOVES) == set(State)
    assert {state for state in State if state.is_final} == {
        State.SUCCEEDED,
        State.FAILED,
        State.CANCELLED,
    }


def test_progress_carries_when_the_work_began_and_when_it_last_spoke() -> None:
    clock = [10.0]
    job = _job(clock)
    clock[0] = 12.0
    job.begin()
    clock[0] = 15.0
    job.report(30, 90, "reading")
    assert job.progress == Progress(30, 90, "reading", started_s=12.0, updated_s=15.0)


def test_rate_and_time_left_follow_from_the_snapshot() -> None:
    progress = Progress(200, 1000, "", started_s=100.0, updated_s=104.0)
    assert rate_per_s(progress) == 50.0
    assert seconds_left(progress, now_s=104.0) == 16.0
    assert seconds_left(progress, now_s=110.0) == 10.0
    assert fraction_done(progress) == 0.2


def test_time_left_is_not_guessed_early_without_a_total_or_without_progress() -> None:
    assert seconds_left(Progress(200, 1000, "", 100.0, 102.0), now_s=102.0) is None
    assert seconds_left(Progress(200, None, "", 100.0, 110.0), now_s=110.0) is None
    assert seconds_left(Progress(0, 1000, "", 100.0, 110.0), now_s=110.0) is None
    assert rate_per_s(Progress(5, 10, "", 100.0, 100.0)) is None
    assert fraction_done(Progress(5, 0, "", 0.0, 1.0)) is None


@given(
    done=st.integers(0, 10**12),
    total=st.integers(0, 10**12),
    worked_s=st.floats(0, 1e6),
    silent_s=st.floats(0, 1e6),
)
def test_time_left_is_never_negative_and_the_share_stays_within_one(
    done: int, total: int, worked_s: float, silent_s: float
) -> None:
    progress = Progress(done, total, "", 0.0, worked_s)
    left_s = seconds_left(progress, worked_s + silent_s)
    assert left_s is None or left_s >= 0
    fraction = fraction_done(progress)
    assert fraction is None or 0 <= fraction <= 1
