"""Work done ahead of whoever asks for it, by one thread that all readers of the process share.

The caller never waits for a piece that the thread has not begun: it does that piece itself. So a
reader that only decodes has both threads decoding, one that is busy with what it got finds the
next pieces ready, and one that finds the thread taken by another loses nothing.

An iteration may be ended by a search for garbage, at any moment and on any thread, also in the
middle of a piece of the same iteration. So nothing here waits when it ends: a piece that goes on
then works on memory of its own, and nobody looks at what comes of it. Only :meth:`ReadAhead.close`
waits, which whoever reads calls by hand.
"""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from functools import cache
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

_Answer = TypeVar("_Answer")

_WORTH_SHARING = 8
"""Pieces from which on a second thread is worth its while."""
_AT_ONCE = 4
"""One that its reader uses, one for either thread, and one that is done."""


class _Piece(Generic[_Answer]):
    """One piece of work, and where its answer will be."""

    __slots__ = ("_future", "_pid", "_waiting", "_work")

    def __init__(self, work: Callable[[], _Answer]) -> None:
        self._work = work
        self._pid = os.getpid()
        self._future: Future[_Answer] = Future()
        # Whoever takes the work out of the list does it; to take is one step that nothing can come between.
        self._waiting: list[Callable[[], _Answer]] = [work]
        _queue().put((self._waiting, self._future))

    def is_done(self) -> bool:
        """Tell whether nobody need wait for it."""
        return self._future.done()

    def take_over(self) -> bool:
        """Do it here and now, unless the thread has begun it."""
        work = _taken(self._waiting)
        if work is None:
            return False
        self._future = Future()  # the thread's queue keeps the other one for a while
        _do(work, self._future)
        return True

    def answer(self) -> _Answer:
        """Wait for the answer, or raise what the work raised."""
        if not self._future.done() and os.getpid() != self._pid:
            return self._work()  # the thread that had begun it is not in this process
        return self._future.result()

    def give_up(self) -> bool:
        """See to it that it is not begun any more; tell whether nothing of it goes on."""
        return _taken(self._waiting) is not None or self._future.done()


def _taken(waiting: list[Callable[[], _Answer]]) -> Callable[[], _Answer] | None:
    try:
        return waiting.pop()
    except IndexError:
        return None


def _do(work: Callable[[], _Answer], future: Future[_Answer]) -> None:
    try:
        future.set_result(work())
    except Exception as error:  # noqa: BLE001  (raised again when its turn comes)
        future.set_exception(error)
    except BaseException as error:
        future.set_exception(error)
        raise


@cache
def _queue() -> SimpleQueue[tuple[list[Callable[[], Any]], Future[Any]]]:
    """Begin the thread, which ends with the process, and give where it finds its work."""
    queue: SimpleQueue[tuple[list[Callable[[], Any]], Future[Any]]] = SimpleQueue()
    Thread(target=_work_off, args=(queue,), name="tickreel-decode", daemon=True).start()
    return queue


def _work_off(queue: SimpleQueue[tuple[list[Callable[[], Any]], Future[Any]]]) -> None:
    while True:
        waiting, future = queue.get()
        work = _taken(waiting)
        if work is not None:
            _do(work, future)
        del waiting, future, work  # nothing is kept while there is nothing to do


if hasattr(os, "register_at_fork"):
    # A forked process has no such thread, but would believe that it had.
    os.register_at_fork(after_in_child=_queue.cache_clear)


def most_at_once(pieces: int) -> int:
    """Tell how many of some pieces of work are worth being begun, or in use, at the same time.

    On a single core that is one, whose memory then stays in the processor's cache; and for a few
    pieces, because to wake a thread takes about as long as it would save.
    """
    return _AT_ONCE if pieces >= _WORTH_SHARING and _cores() > 1 else min(pieces, 1)


def done_ahead(works: Iterable[Callable[[], _Answer]], at_once: int) -> Generator[_Answer]:
    """Yield the answer of each piece of work, in order.

    At most *at_once* pieces are begun whose answers were not yet given up: a new one is taken from
    *works* when the caller asks on, and is done with the answer before. With a single one at once
    nothing is done ahead.
    """
    left = iter(works)
    if at_once < 2:
        for work in left:
            yield work()
        return
    pieces: deque[_Piece[_Answer]] = deque()
    try:
        _begin(pieces, left, at_once)
        while pieces:
            first = pieces[0]
            if not first.is_done():
                any(piece.take_over() for piece in pieces)
            answer = first.answer()
            yield answer
            del answer
            pieces.popleft()
            _begin(pieces, left, at_once)
    finally:
        for piece in pieces:
            piece.give_up()


class BegunAhead(Generic[_Answer]):
    """An iteration whose first answer the thread works on already; the rest is made by whoever iterates."""

    def __init__(self, answers: Generator[_Answer]) -> None:
        self._answers = answers
        self._is_given_up = False
        self._first = None if _cores() < 2 else _Piece(self._begin)

    def _begin(self) -> _Answer | None:
        first = next(self._answers, None)
        if self._is_given_up:
            self._answers.close()
        return first

    def __iter__(self) -> Iterator[_Answer]:
        """Go through the answers; once."""
        if self._first is not None:
            self._first.take_over()
            first = self._first.answer()
            self._first = None
            if first is None:
                return
            yield first
            del first
        yield from self._answers

    def close(self) -> None:
        """End the iteration where it is; again is nothing."""
        self._is_given_up = True
        if self._first is None or self._first.give_up():
            self._answers.close()  # else the thread does


class ReadAhead(Generic[_Answer]):
    """An iteration of which the thread works on the answer that comes after the one that was given last."""

    def __init__(self, answers: Generator[_Answer]) -> None:
        self._answers = answers
        self._error: BaseException | None = None
        self._next = self._begun()

    def _begun(self) -> _Piece[_Answer | None] | None:
        return None if _cores() < 2 else _Piece(self._make)

    def _make(self) -> _Answer | None:
        return next(self._answers, None)

    def __iter__(self) -> Iterator[_Answer]:
        return self

    def __next__(self) -> _Answer:
        """Give the next answer; an error is raised in its turn, and once more when asked on."""
        if self._error is not None:
            raise self._error  # a generator that failed would look like one that is at its end
        try:
            answer = self._awaited()
        except BaseException as error:
            self._error = error
            raise
        if answer is None:
            raise StopIteration
        self._next = self._begun()
        return answer

    def _awaited(self) -> _Answer | None:
        if self._next is None:
            return self._make()
        self._next.take_over()
        return self._next.answer()

    def close(self) -> None:
        """End the iteration where it is; again is nothing.

        What the thread is at comes to its end first, so that nothing is read once this has returned. It is
        given to nobody, and nor is its error.
        """
        begun, self._next = self._next, None
        if begun is not None and not begun.give_up():
            with suppress(Exception):
                begun.answer()
        self._answers.close()


def _begin(pieces: deque[_Piece[_Answer]], left: Iterator[Callable[[], _Answer]], at_once: int) -> None:
    while len(pieces) < at_once and (work := next(left, None)) is not None:
        pieces.append(_Piece(work))


def _cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
