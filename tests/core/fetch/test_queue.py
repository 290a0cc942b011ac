"""The queue: what is asked for once is fetched once, in order, and no end of a process loses it."""

from __future__ import annotations

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tickreel.errors import NotHeldError, UsageError
from tickreel.fetch.control import JobControl
from tickreel.fetch.hold import Hold
from tickreel.fetch.queue import FetchQueue
from tickreel.fetch.request import FetchRequest, Origin
from tickreel.fetch.states import MOVES, UNDER_WAY, FetchState
from tickreel.market.time import US_PER_DAY, day_start_us
from tickreel.market.types import DatasetKey, DataType
from tickreel.store.records.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tickreel.fetch.model import FetchDay

KEY = DatasetKey("binance", "BTCUSDT", DataType.TRADES)
FIRST = date(2024, 7, 1)


class Clock:
    def __init__(self) -> None:
        self.us = 1_700_000_000_000_000

    def __call__(self) -> int:
        self.us += 1
        return self.us


def request(days: int = 3, *, symbol: str = "BTCUSDT", origin: Origin = Origin.DATASETS) -> FetchRequest:
    start = day_start_us(FIRST)
    return FetchRequest((("binance", symbol),), (DataType.TRADES,), start, start + days * US_PER_DAY, origin)


def wanted(asked: FetchRequest) -> list[tuple[DatasetKey, tuple[int, int]]]:
    return [(key, span) for key in asked.datasets() for span in asked.spans()]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(home: Path) -> Iterator[Database]:
    home.mkdir()
    database = Database(home / "catalog.sqlite", read_only=False)
    yield database
    database.close()


@pytest.fixture
def queue(database: Database, clock: Clock) -> FetchQueue:
    return FetchQueue(database, clock)


@pytest.fixture
def control(queue: FetchQueue) -> JobControl:
    return JobControl(queue)


def taken(queue: FetchQueue, count: int, prefer_job: int | None = None) -> list[FetchDay]:
    return [one.day for one in queue.take(count, prefer_job)]


def lift(queue: FetchQueue) -> bool:
    with queue.database.writing() as connection:
        return queue.hold.lift_in(connection)


def submit(queue: FetchQueue, days: int = 3, *, symbol: str = "BTCUSDT", priority: int = 0) -> int:
    asked = request(days, symbol=symbol)
    return queue.submit(asked, wanted(asked), priority=priority)


def test_a_request_is_read_as_it_was_written() -> None:
    asked = FetchRequest(
        (("okex", "BTC-USDT"), ("deribit", "OPTIONS")),
        (DataType.TRADES, DataType.QUOTES),
        5,
        US_PER_DAY + 7,
        Origin.MACHINE,
        refetch=True,
    )
    assert FetchRequest.from_json(asked.to_json()) == asked
    assert asked.spans() == [(5, US_PER_DAY), (US_PER_DAY, US_PER_DAY + 7)]
    json.loads(asked.to_json())
    with pytest.raises(UsageError, match="at least one symbol"):
        FetchRequest((), (DataType.TRADES,), 0, 1)


def test_days_are_taken_in_order_and_once(queue: FetchQueue) -> None:
    submit(queue, 2, symbol="ETHUSDT")
    job = submit(queue, 2)
    hurried = submit(queue, 1, symbol="XRPUSDT", priority=1)
    assert [one.id for one in queue.jobs()] == [hurried, job - 1, job]
    first = taken(queue, 2)
    assert [(day.key.symbol, day.day) for day in first] == [("XRPUSDT", FIRST), ("ETHUSDT", FIRST)]
    rest = taken(queue, 10, prefer_job=job)
    assert [day.key.symbol for day in rest] == ["BTCUSDT", "BTCUSDT", "ETHUSDT"]
    assert taken(queue, 10) == []
    assert queue.job(job).days == {FetchState.RUNNING: 2}


def test_two_jobs_that_want_one_day_share_it(queue: FetchQueue, control: JobControl) -> None:
    first, second = submit(queue, 3), submit(queue, 2)
    begun = taken(queue, 10)
    assert len(begun) == 3
    assert queue.move(begun[0].id, FetchState.DONE, row_count=7)
    assert queue.job(second).days == {FetchState.DONE: 1, FetchState.RUNNING: 1}
    assert control.cancel(first) == 2
    # The day of both goes on for the second, and has ended for the first.
    assert queue.states([begun[1].id, begun[2].id]) == {
        begun[1].id: FetchState.RUNNING,
        begun[2].id: FetchState.CANCELLED,
    }
    assert queue.job(first).days == {FetchState.DONE: 1, FetchState.CANCELLED: 2}
    assert queue.is_ended(first)
    assert not queue.is_ended(second)
    assert queue.move(begun[1].id, FetchState.DONE)
    assert queue.is_ended(second)


def test_a_day_that_was_cancelled_is_not_moved_by_whoever_fetched_it(
    queue: FetchQueue, control: JobControl
) -> None:
    job = submit(queue, 1)
    (day,) = taken(queue, 1)
    control.cancel(job)
    assert not queue.move(day.id, FetchState.VERIFYING)
    assert not queue.move(day.id, FetchState.QUEUED)
    assert queue.states([day.id]) == {day.id: FetchState.CANCELLED}


def test_a_waiting_day_is_taken_when_its_time_has_come(queue: FetchQueue, clock: Clock) -> None:
    submit(queue, 1)
    (day,) = taken(queue, 1)
    until_us = clock.us + 1_000
    queue.move(day.id, FetchState.WAITING, wait_until_us=until_us, reason="too many requests", attempts=1)
    assert taken(queue, 1) == []
    assert queue.jobs()[0].wait_until_us == until_us
    clock.us = until_us
    (again,) = taken(queue, 1)
    assert (again.id, again.attempts, again.reason) == (day.id, 1, "too many requests")
    assert queue.jobs()[0].wait_until_us is None


def test_pause_lets_what_is_on_its_way_end_and_resume_goes_on(queue: FetchQueue, control: JobControl) -> None:
    job = submit(queue, 3)
    (running,) = taken(queue, 1)
    assert control.pause(job) == 2
    assert taken(queue, 5) == []
    assert queue.move(running.id, FetchState.DONE)
    assert queue.is_idle()
    assert not queue.is_ended(job)
    assert control.resume(job) == 2
    assert len(taken(queue, 5)) == 2


def test_retry_asks_anew_for_what_failed(queue: FetchQueue, control: JobControl, clock: Clock) -> None:
    job = submit(queue, 3)
    failed, waits, done = taken(queue, 3)
    queue.move(failed.id, FetchState.FAILED, reason="no good", evidence=Path("evidence/1"))
    queue.move(waits.id, FetchState.WAITING, wait_until_us=clock.us + 10**12)
    queue.move(done.id, FetchState.DONE)
    assert queue.days(job)[0].evidence == Path("evidence/1")
    assert queue.let_alone(KEY, 0) == {failed.day, waits.day}
    assert queue.let_alone(KEY, clock.us + 1) == {waits.day}
    assert control.retry(job) == 2
    again = taken(queue, 5)
    assert {day.day for day in again} == {failed.day, waits.day}
    assert next(day for day in again if day.day == failed.day).attempts == 0
    assert queue.job(job).total == 3


def test_what_a_dead_process_had_begun_is_queued_again_with_its_whole_file(
    queue: FetchQueue, tmp_path: Path
) -> None:
    submit(queue, 3)
    first, second, _ = taken(queue, 3)
    queue.move(second.id, FetchState.VERIFYING, file=tmp_path / "x")
    (tmp_path / f"{first.id}").touch()
    queue.recover({first.id: tmp_path / f"{first.id}"})
    again = taken(queue, 5)
    assert [day.file for day in again] == [tmp_path / f"{first.id}", None, None]


def test_a_whole_file_is_found_by_its_name_whatever_was_written_down_of_its_day(
    queue: FetchQueue, tmp_path: Path
) -> None:
    job = submit(queue, 2)
    first, second = queue.days(job)
    file = tmp_path / f"{first.id}"
    file.touch()
    queue.recover({first.id: file, second.id + 1: file})
    assert [day.file for day in taken(queue, 2)] == [file, None]


def test_jobs_are_put_first_and_last(queue: FetchQueue, control: JobControl) -> None:
    jobs = [submit(queue, 1, symbol=symbol) for symbol in ("A", "B", "C")]
    control.place(jobs[2], first=True)
    control.place(jobs[0], first=False)
    assert [job.id for job in queue.jobs()] == [jobs[2], jobs[1], jobs[0]]
    control.place(jobs[0], first=False, priority=5)
    assert queue.jobs()[0].id == jobs[0]
    assert taken(queue, 1)[0].key.symbol == "A"


def test_ended_jobs_are_forgotten_and_running_ones_are_not(queue: FetchQueue, control: JobControl) -> None:
    ended, running = submit(queue, 1), submit(queue, 1, symbol="ETHUSDT")
    (day,) = taken(queue, 1)
    queue.move(day.id, FetchState.DONE)
    assert control.clear() == 1
    assert [job.id for job in queue.jobs()] == [running]
    with pytest.raises(NotHeldError, match=f"no job {ended}"):
        queue.job(ended)
    for act in (control.cancel, control.pause, control.resume, control.retry):
        with pytest.raises(NotHeldError):
            act(ended)


def test_another_part_of_a_day_that_is_under_way_is_refused_and_nothing_is_queued(queue: FetchQueue) -> None:
    start = day_start_us(FIRST)
    part = FetchRequest((("binance", "BTCUSDT"),), (DataType.TRADES,), start + 5, start + 9, Origin.MACHINE)
    queue.submit(part, wanted(part))
    whole = request(2)
    with pytest.raises(UsageError, match="another part of binance BTCUSDT trades 2024-07-01"):
        queue.submit(whole, wanted(whole))
    assert [job.total for job in queue.jobs()] == [1]


def test_changes_of_this_and_of_another_connection_are_noticed(
    queue: FetchQueue, control: JobControl, home: Path, clock: Clock
) -> None:
    job = submit(queue, 1)
    seen = queue.version()
    assert queue.version() == seen
    control.pause(job)
    assert queue.version() != seen
    seen = queue.version()
    other = Database(home / "catalog.sqlite", read_only=False)
    JobControl(FetchQueue(other, clock)).cancel(job)
    other.close()
    assert queue.version() != seen


def test_of_one_day_there_is_one_record_under_way(queue: FetchQueue, database: Database) -> None:
    submit(queue, 1)
    with pytest.raises(Exception, match="UNIQUE"), database.writing() as connection:
        connection.execute(
            "INSERT INTO fetch_day (exchange, symbol, type, day, start_us, end_us, source, state, changed_us)"
            " SELECT exchange, symbol, type, day, 0, 1, source, 'waiting', 0 FROM fetch_day"
        )


class QueueMachine(RuleBasedStateMachine):
    """Any acts in any order: no day is lost, none is under way twice, none leaves its end."""

    def __init__(self) -> None:
        super().__init__()
        import tempfile

        self._folder = tempfile.TemporaryDirectory()
        self._clock = Clock()
        self._database = Database(Path(self._folder.name) / "catalog.sqlite", read_only=False)
        self._queue = FetchQueue(self._database, self._clock)
        self._control = JobControl(self._queue)
        self._asked: dict[int, int] = {}
        self._held: list[int] = []
        self._ended: dict[int, FetchState] = {}

    def teardown(self) -> None:
        self._database.close()
        self._folder.cleanup()

    @rule(symbol=st.sampled_from(["A", "B"]), days=st.integers(1, 3), priority=st.integers(0, 1))
    def submit(self, symbol: str, days: int, priority: int) -> None:
        self._asked[submit(self._queue, days, symbol=symbol, priority=priority)] = days

    @rule(count=st.integers(0, 4))
    def take(self, count: int) -> None:
        taken = [one.day.id for one in self._queue.take(count)]
        assert not set(taken) & set(self._held)
        self._held += taken

    @precondition(lambda self: self._held)
    @rule(data=st.data(), to=st.sampled_from(sorted(FetchState)))
    def move(self, data: st.DataObject, to: FetchState) -> None:
        day_id = data.draw(st.sampled_from(self._held))
        before = self._queue.states([day_id])[day_id]
        wait = {"wait_until_us": self._clock.us + 3} if to is FetchState.WAITING else {}
        assert self._queue.move(day_id, to, **wait) == (to in MOVES[before])
        if self._queue.states([day_id])[day_id] not in (FetchState.RUNNING, FetchState.VERIFYING):
            self._held.remove(day_id)

    @precondition(lambda self: self._asked)
    @rule(data=st.data(), act=st.sampled_from(["cancel", "pause", "resume", "retry"]))
    def control(self, data: st.DataObject, act: str) -> None:
        job = data.draw(st.sampled_from(sorted(self._asked)))
        getattr(self._control, act)(job)
        states = self._queue.states(self._held)
        self._held = [one for one in self._held if states[one] in (FetchState.RUNNING, FetchState.VERIFYING)]
        if act == "cancel":
            assert self._queue.is_ended(job)

    @rule()
    def recover(self) -> None:
        self._queue.recover({})
        self._held = []

    @invariant()
    def every_job_keeps_its_days(self) -> None:
        for job in self._queue.jobs():
            assert job.total == self._asked[job.id]
            days = self._queue.days(job.id)
            assert [day.day for day in days] == [FIRST + timedelta(days=n) for n in range(job.total)]

    @invariant()
    def what_has_ended_stays_so(self) -> None:
        rows = self._database.tuples("SELECT id, state FROM fetch_day")
        states = {day_id: FetchState(state) for day_id, state in rows}
        for day_id, state in self._ended.items():
            assert states[day_id] is state
        self._ended = {day_id: state for day_id, state in states.items() if state not in UNDER_WAY}


TestQueueMachine = QueueMachine.TestCase
TestQueueMachine.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)


def test_what_is_written_is_what_sqlite_holds(queue: FetchQueue, home: Path) -> None:
    job = submit(queue, 1)
    connection = sqlite3.connect(home / "catalog.sqlite")
    (state, symbol) = connection.execute("SELECT state, symbol FROM fetch_day").fetchone()
    connection.close()
    assert (state, symbol, job) == ("queued", "BTCUSDT", 1)


def test_a_paused_day_that_somebody_asks_for_again_goes_on(queue: FetchQueue, control: JobControl) -> None:
    first = submit(queue, 2)
    control.pause(first)
    assert taken(queue, 5) == []
    second = submit(queue, 1)
    assert [day.day for day in taken(queue, 5)] == [FIRST]
    assert queue.job(second).days == {FetchState.RUNNING: 1}
    assert queue.job(first).days == {FetchState.RUNNING: 1, FetchState.PAUSED: 1}


def test_a_running_day_of_a_paused_job_is_not_begun_again(
    queue: FetchQueue, control: JobControl, clock: Clock
) -> None:
    job = submit(queue, 1)
    (day,) = taken(queue, 1)
    assert control.pause(job) == 0
    queue.move(day.id, FetchState.WAITING, wait_until_us=clock.us)
    assert queue.job(job).days == {FetchState.PAUSED: 1}
    assert taken(queue, 1) == []
    control.resume(job)
    assert len(taken(queue, 1)) == 1
    queue.recover({})
    assert queue.job(job).days == {FetchState.QUEUED: 1}


def test_a_whole_day_is_not_taken_for_what_a_machine_replays(queue: FetchQueue) -> None:
    machine = request(1, origin=Origin.MACHINE)
    queue.submit(machine, wanted(machine))
    with pytest.raises(UsageError, match="another part"):
        submit(queue, 1)


def test_a_range_of_a_day_that_is_fetched_whole_waits_for_that(queue: FetchQueue) -> None:
    submit(queue, 1)
    start = day_start_us(FIRST)
    part = FetchRequest((("binance", "BTCUSDT"),), (DataType.TRADES,), start + 5, start + 9, Origin.MACHINE)
    queue.submit(part, wanted(part))
    assert [day.origin for day in taken(queue, 5)] == [Origin.DATASETS]


def test_while_the_vendor_is_held_only_what_asks_nothing_of_it_is_taken(
    queue: FetchQueue, tmp_path: Path, clock: Clock
) -> None:
    submit(queue, 2)
    (day, _) = taken(queue, 2)
    queue.move(day.id, FetchState.WAITING, wait_until_us=clock.us, file=tmp_path / "whole")
    machine = request(1, symbol="ETHUSDT", origin=Origin.MACHINE)
    queue.submit(machine, wanted(machine))
    submit(queue, 1, symbol="XRPUSDT")
    queue.hold.extend(clock.us + US_PER_DAY, "quota")
    assert [one.key.symbol for one in taken(queue, 9)] == ["BTCUSDT", "ETHUSDT"]
    lift(queue)
    assert [one.key.symbol for one in taken(queue, 9)] == ["XRPUSDT"]


def test_a_hold_lasts_as_long_as_the_longest_asked_for_and_every_program_sees_it(
    queue: FetchQueue, home: Path, clock: Clock
) -> None:
    assert queue.hold.current() is None
    until_us = clock() + US_PER_DAY
    queue.hold.extend(until_us, "quota")
    queue.hold.extend(until_us - 20, "rate")
    other = Database(home / "catalog.sqlite", read_only=False)
    elsewhere = FetchQueue(other, clock)
    assert elsewhere.hold.current() == Hold(until_us, "quota")
    assert lift(elsewhere)
    assert queue.hold.current() is None
    assert not lift(queue)
    queue.hold.extend(until_us, "quota")
    clock.us = until_us
    assert elsewhere.hold.current() is None
    other.close()


def test_a_retry_that_ends_the_hold_ends_the_waiting_of_other_jobs(
    queue: FetchQueue, control: JobControl, clock: Clock
) -> None:
    job = submit(queue, 1)
    submit(queue, 1, symbol="ETHUSDT")
    for day in taken(queue, 2):
        queue.move(day.id, FetchState.WAITING, wait_until_us=clock() + US_PER_DAY)
    control.retry(job)
    assert [day.key.symbol for day in taken(queue, 2)] == ["BTCUSDT"]  # there was no hold
    queue.hold.extend(clock() + US_PER_DAY, "quota")
    control.retry(job)
    assert [day.key.symbol for day in taken(queue, 2)] == ["ETHUSDT"]


def test_two_equal_requests_at_one_moment_share_each_day(queue: FetchQueue, home: Path) -> None:
    other = FetchQueue(Database(home / "catalog.sqlite", read_only=False), Clock())
    begin = Barrier(2)

    def ask(of: FetchQueue) -> int:
        begin.wait()
        return submit(of, 20)

    with ThreadPoolExecutor(2) as threads:
        jobs = list(threads.map(ask, (queue, other)))
    other.database.close()
    ids = [[day.id for day in queue.days(job)] for job in jobs]
    assert ids[0] == ids[1]
    assert len(taken(queue, 50)) == len(ids[0]) == 20


def test_a_retry_ends_the_hold(queue: FetchQueue, control: JobControl, clock: Clock) -> None:
    job = submit(queue, 1)
    queue.hold.extend(clock() + US_PER_DAY, "quota")
    assert taken(queue, 1) == []
    control.retry(job)
    assert len(taken(queue, 1)) == 1
