"""Work done ahead by a thread that all readers share."""

from __future__ import annotations

import os
import threading
from functools import partial
from itertools import count, islice
from typing import TYPE_CHECKING

import pytest

from tickreel.store.segments.ahead import BegunAhead, ReadAhead, done_ahead

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

HANG_S = 60.0


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickreel.store.segments.ahead._cores", lambda: 2)


def numbered(number: int) -> Callable[[], int]:
    return lambda: number


@pytest.mark.parametrize("at_once", [1, 2, 3, 4])
def test_answers_come_in_order_and_no_more_is_begun_than_may_be_at_once(at_once: int) -> None:
    begun = count()
    highest = 0

    def works() -> Iterator[Callable[[], int]]:
        nonlocal highest
        for number in range(100):
            highest = next(begun)
            yield numbered(number)

    for wanted, answer in enumerate(done_ahead(works(), at_once)):
        assert answer == wanted
        assert highest < wanted + at_once
    assert highest == 99


def test_the_caller_does_what_the_thread_has_not_begun() -> None:
    is_free, holds = threading.Event(), threading.Event()
    by: list[str] = []

    def held() -> None:
        holds.set()
        assert is_free.wait(HANG_S)

    def note() -> None:
        by.append(threading.current_thread().name)

    other = done_ahead([held, held], 2)
    taker = threading.Thread(target=lambda: list(other))
    taker.start()  # it and the shared thread are both kept busy
    assert holds.wait(HANG_S)
    assert list(done_ahead([note] * 5, 3)) == [None] * 5
    assert by == [threading.current_thread().name] * 5
    is_free.set()
    taker.join()


def test_an_error_is_raised_in_its_turn() -> None:
    def fail() -> int:
        raise LookupError("the second")

    for _ in range(50):
        answers = done_ahead([numbered(0), fail, numbered(2), numbered(3)], 4)
        assert next(answers) == 0
        with pytest.raises(LookupError, match="the second"):
            next(answers)


def test_after_it_is_closed_no_piece_is_begun_any_more() -> None:
    for _ in range(50):
        begun: list[int] = []
        answers = done_ahead((partial(begun.append, number) for number in range(9)), 4)
        list(islice(answers, 2))
        answers.close()
        # One may have been begun already; what is behind it in the thread's queue comes after it.
        count_then = len(begun)
        list(done_ahead([numbered(0)] * 8, 4))
        assert count_then <= len(begun) <= min(count_then + 1, 6)


def test_an_interruption_is_raised_at_once_and_not_kept_for_later() -> None:
    goes_on = threading.Event()

    def hold() -> int:
        assert goes_on.wait(HANG_S)
        return 0

    def interrupt() -> int:
        raise KeyboardInterrupt

    held = done_ahead([hold, numbered(1)], 2)
    taker = threading.Thread(target=lambda: list(held))
    taker.start()
    answers = done_ahead([numbered(0), interrupt, numbered(2)], 3)
    try:
        with pytest.raises(KeyboardInterrupt):
            list(answers)
    finally:
        goes_on.set()
        taker.join()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_has_a_thread_of_its_own() -> None:
    assert list(done_ahead([numbered(1), numbered(2)], 2)) == [1, 2]
    child = os.fork()
    if not child:
        code = 1
        try:
            waits = threading.Event()
            seen: list[str] = []

            def wait() -> None:
                seen.append(threading.current_thread().name)
                waits.wait(0.05)

            list(done_ahead([wait] * 8, 2))
            code = 0 if any(name.startswith("tickreel-decode") for name in seen) else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_the_first_answer_of_an_iteration_is_worked_on_before_it_is_asked_for() -> None:
    begun = threading.Event()
    by: list[str] = []

    def answers() -> Generator[int]:
        by.append(threading.current_thread().name)
        begun.set()
        yield 1
        by.append(threading.current_thread().name)
        yield 2

    ahead = BegunAhead(answers())
    assert begun.wait(HANG_S)
    assert list(ahead) == [1, 2]
    assert by[0].startswith("tickreel-decode")
    assert by[1] == threading.current_thread().name


def test_an_iteration_begun_ahead_may_be_empty_or_fail_and_is_ended_when_it_is_given_up() -> None:
    ended = threading.Semaphore(0)

    def answers(*numbers: int) -> Generator[int]:
        try:
            for number in numbers:
                yield 1 // number
        finally:
            ended.release()

    assert list(BegunAhead(answers())) == []
    assert ended.acquire(timeout=HANG_S)
    with pytest.raises(ZeroDivisionError):
        list(BegunAhead(answers(0)))
    assert ended.acquire(timeout=HANG_S)
    begun = BegunAhead(answers(1, 1))
    assert next(iter(begun)) == 1
    begun.close()
    begun.close()
    assert ended.acquire(timeout=HANG_S)

    goes_on, holds = threading.Event(), threading.Event()

    def held() -> Generator[int]:
        try:
            holds.set()
            assert goes_on.wait(HANG_S)
            yield 1
        finally:
            ended.release()

    given_up = BegunAhead(held())
    assert holds.wait(HANG_S)
    given_up.close()  # and does not wait
    goes_on.set()
    assert ended.acquire(timeout=HANG_S)


@pytest.mark.parametrize("cores", [1, 2])
def test_an_iteration_read_ahead_gives_the_same_and_is_one_answer_ahead_at_most(
    monkeypatch: pytest.MonkeyPatch, cores: int
) -> None:
    monkeypatch.setattr("tickreel.store.segments.ahead._cores", lambda: cores)
    made: list[int] = []

    def answers() -> Generator[int]:
        for number in range(100):
            made.append(number)
            yield number

    for wanted, answer in enumerate(ReadAhead(answers())):
        assert answer == wanted
        assert len(made) <= wanted + cores
    assert len(made) == 100
    assert list(ReadAhead(answers())) == list(range(100))


@pytest.mark.parametrize("cores", [1, 2])
def test_an_iteration_read_ahead_fails_in_its_turn_and_never_looks_ended(
    monkeypatch: pytest.MonkeyPatch, cores: int
) -> None:
    monkeypatch.setattr("tickreel.store.segments.ahead._cores", lambda: cores)

    def failing() -> Generator[int]:
        yield 1
        yield 2
        raise LookupError("the third")

    ahead = ReadAhead(failing())
    assert [next(ahead), next(ahead)] == [1, 2]
    for _ in range(2):
        with pytest.raises(LookupError, match="the third"):
            next(ahead)
    ahead.close()


def test_an_iteration_read_ahead_is_over_once_it_is_closed() -> None:
    events: list[str] = []
    goes_on, holds = threading.Event(), threading.Event()

    def held() -> Generator[int]:
        try:
            yield 1
            holds.set()
            assert goes_on.wait(HANG_S)
            events.append("read")
            raise LookupError("of what nobody asked for")
        finally:
            events.append("ended")

    ahead = ReadAhead(held())
    assert next(ahead) == 1
    assert holds.wait(HANG_S)
    threading.Timer(0.05, goes_on.set).start()
    ahead.close()
    events.append("closed")
    ahead.close()
    assert events == ["read", "ended", "closed"]
    unread = ReadAhead(held())
    unread.close()
    unread.close()


def test_an_iteration_that_is_collected_on_the_thread_does_not_wait_for_itself() -> None:
    kept: list[object] = []
    goes_on, is_over = threading.Event(), threading.Event()

    def forget() -> None:
        assert goes_on.wait(HANG_S)
        kept.clear()  # as a search for garbage may, in the middle of a piece of the same iteration
        is_over.set()

    answers = done_ahead([numbered(0), forget, numbered(2)], 3)
    kept.append(answers)
    assert next(answers) == 0
    del answers
    goes_on.set()
    assert is_over.wait(HANG_S)
    assert list(done_ahead([numbered(1), numbered(2)], 2)) == [1, 2]
