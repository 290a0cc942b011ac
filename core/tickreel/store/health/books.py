"""The health of one order book: what its messages, and the book they build, tell of the feed."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tickreel.book import BookBuilder, L2Rows
from tickreel.book.series import Touch
from tickreel.market.time import US_PER_SECOND
from tickreel.store.health.gaps import LONG_WAIT_US, room_for_waits, silence
from tickreel.store.health.model import Kind
from tickreel.store.health.prices import Decimals

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from tickreel.market.block import Block
    from tickreel.store.health.gaps import Waits
    from tickreel.store.health.intervals import Intervals

    KeyframeQuestion = Callable[[int], bool]
    KeyframeHook = Callable[[int, NDArray[np.float64], NDArray[np.float64]], None]

KEYFRAME_ROWS = 65_536
"""Rows of a part between two moments at which a keyframe may be taken: what a seek has to pass at least.

Counted in rows and not in time, so that a seek into a burst takes no longer than any other.
"""


class _Rows(NamedTuple):
    """Rows of one instrument, column by column; the last five are those of :class:`L2Rows`."""

    exchange_us: NDArray[Any]
    local_us: NDArray[Any]
    is_snapshot: NDArray[Any]
    side: NDArray[Any]
    price: NDArray[Any]
    amount: NDArray[Any]

    def cut(self, low: int, high: int) -> _Rows:
        return _Rows(*(column[low:high] for column in self))

    def copied(self) -> _Rows:
        return _Rows(*(column.copy() for column in self))


_NAMES = ("timestamp", "local_timestamp", "is_snapshot", "side", "price", "amount")


def _joined(pieces: list[_Rows]) -> _Rows:
    return _Rows(*(np.concatenate(columns) for columns in zip(*pieces, strict=True)))


class BookWatch:
    """Builds the book of one instrument over a day and counts on the way.

    Blocks may be cut anywhere: the last message is held back until it is known to be whole.
    """

    def __init__(
        self,
        found: Mapping[Kind, Intervals],
        waits: Waits | None,
        carried: BookBuilder | None,
        on_keyframe: KeyframeHook | None,
        wants_keyframe: KeyframeQuestion | None,
    ) -> None:
        """Begin a day; *waits* takes the times between messages, where they are wanted."""
        from tickreel.store.health import kernels

        self.builder = BookBuilder() if carried is None else carried
        self.messages = 0
        self.crossed_us = 0
        """Time during which the book stood crossed."""
        self.has_updates = False
        """Whether a row was met that is no snapshot row."""
        self.first_us: int | None = None
        self.last_us = 0
        self._found = found
        self._waits = waits
        self._on_keyframe = on_keyframe
        self._wants_keyframe = wants_keyframe
        self._decimals = Decimals()
        self._survey = np.zeros(kernels.SURVEY_SIZE, np.int64)
        self._survey[[kernels.EXCHANGE_US, kernels.LOCAL_US]] = kernels.NEVER_US
        self._pending: list[_Rows] = []
        self._previous: _Rows | None = None
        """The last whole message of the day."""
        self._is_crossed = False
        self._crossed_since_us = 0
        self._crossed_messages = 0
        self._part_resets = 0
        self._part_rows = 0
        self.begin_part()

    def begin_part(self) -> None:
        """Begin a part: its keyframes wait for its own first snapshot."""
        self._flush()
        self._part_resets = self.builder.counts.resets
        self._part_rows = 0

    def update(self, block: Block) -> None:
        """Take the next rows of the instrument."""
        rows = _Rows(*(block.array(name) for name in _NAMES))
        local_us = rows.local_us
        if not len(local_us):
            return
        low = 0
        if self._pending:
            pending_us = self._pending[0].local_us[0]
            low = int(np.searchsorted(local_us, pending_us, side="right"))
            if low:
                self._pending.append(rows.cut(0, low).copied())
            if low == len(local_us):
                return
            self._flush()
        high = int(np.searchsorted(local_us, local_us[-1], side="left"))
        if low < high:
            self._take(rows.cut(low, high))
        self._pending = [rows.cut(high, len(local_us)).copied()]

    def finish(self) -> None:
        """Take what is held back, and end what still goes on."""
        self._flush()
        if self._is_crossed:
            self._end_crossing(self.last_us)

    def _flush(self) -> None:
        if self._pending:
            pieces, self._pending = self._pending, []
            self._take(pieces[0] if len(pieces) == 1 else _joined(pieces))

    def _take(self, rows: _Rows) -> None:
        """Take whole messages."""
        from tickreel.store.health import kernels

        local_us = rows.local_us
        if self.first_us is None:
            self.first_us = int(local_us[0])
            self._decimals.begin([float(rows.price[0])])
        survey, waits = self._survey, room_for_waits(local_us)
        flags = np.empty(len(local_us), np.int8)
        # As many runs as seconds between them, which is less than there may be waits.
        backs, afters = np.empty((len(waits), 3), np.int64), np.empty((len(waits), 3), np.int64)
        messages = kernels.survey_book(
            *rows, self._decimals.power, LONG_WAIT_US, US_PER_SECOND, survey, flags, backs, afters, waits
        )
        first_end = int(np.searchsorted(local_us, local_us[0], side="right"))
        if self._previous is not None and _is_repetition(rows.cut(0, first_end), self._previous):
            flags[0] |= kernels.IS_REPEATED
            survey[kernels.REPEATED] += 1
        self._previous = rows.cut(int(survey[kernels.LAST_START]), len(local_us)).copied()
        self.has_updates = self.has_updates or bool(survey[kernels.UPDATES])
        touch = self._apply(L2Rows(*rows[1:]), messages, int(survey[kernels.RESETS]))
        for kind, slot, flag in (
            (Kind.DUPLICATE, kernels.REPEATED, kernels.IS_REPEATED),
            (Kind.SPLIT_SNAPSHOT, kernels.SPLITS, kernels.IS_SPLIT),
        ):
            if survey[slot]:
                self._found[kind].add_instants(touch.time_us[flags[:messages] & flag != 0])
        self._found[Kind.EXCHANGE_TIME_BACK].add_runs(backs[: survey[kernels.BACKS]])
        self._found[Kind.EXCHANGE_AFTER_LOCAL].add_runs(afters[: survey[kernels.AFTERS]])
        if self._waits is not None:
            self._waits.add(waits[: survey[kernels.WAITS]])
        if survey[kernels.FINER] < len(local_us):
            self._find_finer(rows.cut(int(survey[kernels.FINER]), len(local_us)))
        self._find_crossings(touch)
        self.messages += messages
        self.last_us = int(local_us[-1])

    def _find_finer(self, rows: _Rows) -> None:
        for row, note in self._decimals.finer_rows([rows.price]):
            at_us = int(rows.local_us[row])
            self._found[Kind.PRECISION_CHANGE].add(at_us, at_us + 1, 1, note)

    def _apply(self, rows: L2Rows, messages: int, resets: int) -> Touch:
        """Apply all rows, stopping where a snapshot is to be compared or a keyframe to be taken."""
        builder = self.builder
        touch = Touch.for_messages(messages)
        before = builder.counts
        compared = _snapshot_starts(rows) if resets else set()
        framed = self._frame_ends(rows)
        for start, stop in pairwise(sorted({0, len(rows)} | compared | framed)):
            if start in compared:
                self._compare(rows, start)
            builder.apply_stretch(rows, start, stop, touch, before.messages)
            if stop in framed:
                self._emit_keyframe()
        skipped = builder.counts.skipped_rows - before.skipped_rows
        if skipped:
            self._found[Kind.BEFORE_SNAPSHOT].add_instants(rows.local_us[:skipped])
        return touch

    def _compare(self, rows: L2Rows, start: int) -> None:
        """Hold the book against the snapshot that begins at *start*."""
        at_us = int(rows.local_us[start])
        self._found[Kind.RESET].add(at_us, at_us + 1, 1)
        stop = int(np.searchsorted(rows.local_us, at_us, side="right"))
        is_other = np.flatnonzero(~rows.is_snapshot[start:stop])
        if len(is_other):
            stop = start + int(is_other[0])
        differing = self.builder.mismatches(rows, start, stop)
        if differing:
            # Where the feed fell silent before, that is where the updates were lost.
            quiet_us = at_us - (self.builder.message_us or at_us)
            note = f"after {silence(quiet_us)}" if quiet_us >= US_PER_SECOND else ""
            self._found[Kind.SNAPSHOT_MISMATCH].add(at_us, at_us + 1, differing, note)

    def _frame_ends(self, rows: L2Rows) -> set[int]:
        """Find the ends of messages after which a keyframe is due: the part's rows alone decide."""
        before, self._part_rows = self._part_rows, self._part_rows + len(rows)
        if self._on_keyframe is None:
            return set()
        due = range((before // KEYFRAME_ROWS + 1) * KEYFRAME_ROWS, self._part_rows + 1, KEYFRAME_ROWS)
        return {int(np.searchsorted(rows.local_us, rows.local_us[row - before - 1], "right")) for row in due}

    def _emit_keyframe(self) -> None:
        message_us = self.builder.message_us
        if self._on_keyframe is None or message_us is None:
            return
        if self.builder.counts.resets == self._part_resets:
            return
        if self._wants_keyframe is None or self._wants_keyframe(sum(self.builder.levels)):
            book = self.builder.view()
            self._on_keyframe(message_us, book.bids, book.asks)

    def _find_crossings(self, touch: Touch) -> None:
        """Find the messages after which the best bid is not below the best ask."""
        crossed = touch.bid >= touch.ask
        if not self._is_crossed and not crossed.any():
            return
        turns = np.flatnonzero(np.append(self._is_crossed, crossed[:-1]) != crossed).tolist()
        edges = [*turns, len(crossed)]
        if self._is_crossed:
            self._crossed_messages += edges[0]
        for start, stop in pairwise(edges):
            at_us = int(touch.time_us[start])
            if crossed[start]:
                self._is_crossed, self._crossed_since_us, self._crossed_messages = True, at_us, stop - start
            else:
                self._end_crossing(at_us)

    def _end_crossing(self, at_us: int) -> None:
        since_us = self._crossed_since_us
        self.crossed_us += at_us - since_us
        self._found[Kind.CROSSED].add(since_us, max(at_us, since_us + 1), self._crossed_messages)
        self._is_crossed = False


def _is_repetition(message: _Rows, previous: _Rows) -> bool:
    if len(message.local_us) != len(previous.local_us):
        return False
    is_untimed = (message.exchange_us == message.local_us) & (previous.exchange_us == previous.local_us)
    return bool(np.all((message.exchange_us == previous.exchange_us) | is_untimed)) and all(
        np.array_equal(own, other) for own, other in zip(message[2:], previous[2:], strict=True)
    )


def _snapshot_starts(rows: L2Rows) -> set[int]:
    """Find the rows that reset the book; the messages before are whole, so the first row may be one."""
    goes_on = rows.is_snapshot[:-1] & (rows.local_us[1:] == rows.local_us[:-1])
    return set(np.flatnonzero(rows.is_snapshot & ~np.append(False, goes_on)).tolist())
