"""Work done ahead of whoever asks for it, by one thread that all readers of the process share.

The caller never waits for a piece that the thread has not begun: it does that piece itself. So a
reader that only decodes has both threads decoding, one that is busy with what it got finds the
next pieces ready, and one that finds the thread taken by another loses nothing.
"""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import cache
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

_Answer = TypeVar("_Answer")

_WORTH_SHARING = 8
"""Pieces from which on a second thread is worth its while."""
_AT_ONCE = 4
"""One that its reader uses, one for either thread, and one that is done."""


class _Piece(Generic[_Answer]):
    """One piece of work, and where its answer will be."""

    __slots__ = ("_future", "_work")

    def __init__(self, work: Callable[[], _Answer]) -> None:
        self._work = work
        self._future: Future[_Answer] = _thread().submit(work)

    def is_done(self) -> bool:
        """Tell whether nobody need wait for it."""
        return self._future.done()

    def take_over(self) -> bool:
        """Do it here and now, unless the thread has begun it."""
        if not self._future.cancel():
            return False
        self._future = Future()
        try:
            self._future.set_result(self._work())
        except BaseException as error:  # noqa: BLE001  (raised again when its turn comes)
            self._future.set_exception(error)
        return True

    def answer(self) -> _Answer:
        """Wait for the answer, or raise what the work raised."""
        return self._future.result()

    def end(self) -> None:
        """Return when the thread does nothing of it any more."""
        if not self._future.cancel():
            wait([self._future])


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
            piece.end()


class BegunAhead(Generic[_Answer]):
    """An iteration whose first answer the thread works on already; the rest is made by whoever iterates."""

    def __init__(self, answers: Generator[_Answer]) -> None:
        self._answers = answers
        self._first = None if _cores() < 2 else _Piece(lambda: next(answers, None))

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
        if self._first is not None:
            self._first.end()
        self._answers.close()


def _begin(pieces: deque[_Piece[_Answer]], left: Iterator[Callable[[], _Answer]], at_once: int) -> None:
    while len(pieces) < at_once and (work := next(left, None)) is not None:
        pieces.append(_Piece(work))


@cache
def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "tickreel-decode")


if hasattr(os, "register_at_fork"):
    # A forked process has no such thread, but would believe that it had.
    os.register_at_fork(after_in_child=_thread.cache_clear)


def _cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
