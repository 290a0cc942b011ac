"""One dataset of a replay: where in it the clock stands, and its stream from any instant on."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from tickreel.replay.stream import ONLY_TIMES, Mark, Order, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tickreel.store import Library, RangePlan

_FIRST_KEY = 0
"""Before every exchange time, as a stream begins."""
_LEAST_SPAN_US = 10_000
_GROWTH = 8


class Source:
    """The rows of one plan, from any instant of the replay on, forward or back.

    By arrival an instant is a place in the file. By the exchange's clock it is found from marks, the
    running maximum at the end of each piece that was ever read: those not yet read are, times only.
    """

    def __init__(self, library: Library, plan: RangePlan, order: Order) -> None:
        self.library = library
        self.plan = plan
        self.order = order
        self._marks = [Mark(plan.start_us - 1, _FIRST_KEY)]

    def _note(self, mark: Mark) -> None:
        if mark.local_us > self._marks[-1].local_us:
            self._marks.append(mark)

    def arrive(self, at_us: int) -> None:
        """Wait for the days up to a local time that are on their way; raises as :meth:`Library.arrive`."""
        self.plan = self.library.arrive(self.plan, at_us)

    def stream_from(self, mark: Mark, *, with_exchange_times: bool = False) -> Stream:
        """Open the stream at a mark; exchange times are read where they order it, or are asked for."""
        return Stream(
            self.library,
            self.plan,
            self.order,
            mark,
            on_mark=self._note,
            with_exchange_times=with_exchange_times,
        )

    def stream_between(self, low: Mark, high: Mark, columns: tuple[str, ...]) -> Stream:
        """Open the stream at a mark, with some columns and no further than another mark."""
        return Stream(self.library, self.plan, self.order, low, until_us=high.local_us, columns=columns)

    def moment(self, key_us: int) -> int:
        """Give the instant of the replay at which a key is due."""
        if self.order is Order.LOCAL:
            return key_us
        return min(max(key_us, self.plan.start_us), self.plan.end_us)

    def mark_at(self, at_us: int) -> Mark:
        """Find a mark from which the state at an instant is reached by playing up to it."""
        if self.order is Order.LOCAL:
            last_us = min(at_us, self.plan.end_us - 1)  # what lies behind the range is not played at its end
            return Mark(last_us, last_us)
        self._read_up_to(at_us)
        return self._marks[self._place(at_us)]

    def spans_back(self, at_us: int, messages: int) -> Iterator[tuple[Mark, Mark]]:
        """Part what was played up to an instant into spans, the newest first.

        The first is meant to hold so many *messages*. What is keyed after the instant may be
        among them.
        """
        first_us = self.plan.start_us - 1
        if self.order is Order.LOCAL:
            high_us, width_us = at_us, self._width_of(at_us, messages)
            while high_us > first_us:
                low_us = max(first_us, high_us - width_us)
                yield Mark(low_us, low_us), Mark(high_us, high_us)
                high_us, width_us = low_us, width_us * _GROWTH
            return
        self._read_up_to(at_us)
        for place in range(min(self._place(at_us) + 1, len(self._marks) - 1), 0, -1):
            yield self._marks[place - 1], self._marks[place]

    def messages_before(self, at_us: int) -> int:
        """Estimate how dense it is: the messages of the part around an instant, or of the last before."""
        return next((p.messages for p in reversed(self.plan.parts) if p.start_us <= at_us), 0)

    def _width_of(self, at_us: int, messages: int) -> int:
        """Estimate how far before an instant so many messages reach."""
        for part in reversed(self.plan.parts):
            if part.first_local_us is None or part.last_local_us is None or part.first_local_us > at_us:
                continue
            span_us = part.last_local_us - part.first_local_us
            silent_us = max(0, at_us - part.last_local_us)
            return silent_us + max(_LEAST_SPAN_US, 2 * messages * span_us // part.messages)
        return at_us - self.plan.start_us + 1

    def _place(self, at_us: int) -> int:
        """Number the last mark at which nothing has been read that is due after an instant."""
        limit_us = self._limit(at_us)
        return max(0, bisect_right(self._marks, limit_us, key=lambda mark: mark.key_us) - 1)

    def _limit(self, at_us: int) -> int:
        if at_us >= self.plan.end_us:
            return max(at_us, self._marks[-1].key_us)
        return at_us if at_us >= self.plan.start_us else _FIRST_KEY

    def _read_up_to(self, at_us: int) -> None:
        """Read on until a mark is due after an instant, or everything was read."""
        if at_us < self.plan.start_us or (self._marks[-1].key_us > at_us and at_us < self.plan.end_us):
            return
        ahead = Stream(
            self.library, self.plan, self.order, self._marks[-1], columns=ONLY_TIMES, on_mark=self._note
        )
        for _ in ahead.take(at_us):
            pass
