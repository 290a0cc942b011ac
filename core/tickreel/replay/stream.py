"""One dataset's rows as a replay consumes them: in order, up to a moment, never splitting a message."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from tickreel.errors import TickreelError
from tickreel.market.block import Block
from tickreel.market.types import DataType
from tickreel.store.library.booktime import L2_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from tickreel.store import Library, RangePlan

_COLUMNS: dict[DataType, tuple[str, ...]] = {
    DataType.INCREMENTAL_BOOK_L2: L2_COLUMNS,
    DataType.TRADES: ("local_timestamp", "side", "price", "amount"),
}
ONLY_TIMES = ("local_timestamp",)
EXCHANGE_TIME = "timestamp"
_CLOCK = "clock"
"""The column in which a block carries its rows' keys where those are not their local times."""
_FIRST_KEY, _LAST_KEY = -(2**63), 2**63 - 1


class Order(StrEnum):
    """By which clock streams are interleaved."""

    LOCAL = "local"
    """Arrival at the recorder."""
    EXCHANGE = "exchange"
    """The running maximum of each stream's exchange time; inside a stream file order stays."""


@dataclass(frozen=True, slots=True)
class Break:
    """A moment from which on no book is known until the next snapshot."""

    at_us: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A place between two messages of a stream, at which it can be taken up again."""

    local_us: int
    """What has this local time or an earlier one lies before it."""
    key_us: int
    """The clock there: nothing that lies before has a later key."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole messages, or a break, with the clock's reading at which each row is due; never empty."""

    content: Block | Break
    keys_us: NDArray[np.int64]
    """One for each row, one for a break; they never go back."""

    def cut(self, low: int, high: int) -> Piece:
        """View rows [low, high) of a piece that has rows."""
        assert isinstance(self.content, Block)
        return Piece(self.content.cut(low, high), self.keys_us[low:high])

    def due(self, limit_us: int) -> int:
        """Count the rows whose key is at most *limit_us*."""
        return int(np.searchsorted(self.keys_us, limit_us, side="right"))


def keys_of(block: Block) -> NDArray[np.int64]:
    """Give the keys of a block's rows, of one instrument or of several."""
    return block.array(_CLOCK) if _CLOCK in block.columns else block.local_us


class Stream:
    """The rows of one plan from a mark on, taken piece by piece as the clock moves on.

    Under the exchange's clock, what is keyed before the range is due with its first moment, and
    what is keyed after it when it is over. *columns* are those that the type plays unless given;
    *until_us* is the last local time of interest; *on_mark* hears of places passed while reading.

    Raises:
        DataError: as :meth:`Library.rows`, also later from every method that reads.
        NotHeldError: later, from these: a day that was on its way does not come.
    """

    def __init__(
        self,
        library: Library,
        plan: RangePlan,
        order: Order,
        start: Mark,
        *,
        until_us: int | None = None,
        columns: tuple[str, ...] | None = None,
        on_mark: Callable[[Mark], None] | None = None,
        with_exchange_times: bool = False,
    ) -> None:
        selection = plan.selection
        self.selection = selection
        self.exchange = selection.key.exchange
        self.type = selection.key.type
        self.symbols = library.members(selection)
        self.is_grouped = selection.key.is_grouped and selection.member is None
        self.range_us = (plan.start_us, plan.end_us)
        self._order = order
        names = list(columns or _COLUMNS.get(self.type, ONLY_TIMES))
        if order is Order.EXCHANGE or with_exchange_times:
            names.append(EXCHANGE_TIME)
        self._on_mark = on_mark
        self._key_us = start.key_us
        self._library = library
        self._names = tuple(names)
        rest = plan.since(start.local_us + 1)
        self._plan = rest if until_us is None else rest.until(until_us)
        self._source = _contents(library, self._plan, self._names)
        self._read_us = start.local_us
        """The last local time that was read."""
        self._failure: TickreelError | None = None
        self._loaded: deque[Piece] = deque()

    @property
    def _pieces(self) -> deque[Piece]:
        """What is at hand, some of it if there is any; nothing is read before it is asked for."""
        if not self._loaded:
            self._load()
        return self._loaded

    def _load(self) -> bool:
        """Fetch one piece more; tell whether there was one."""
        if self._failure is not None:
            raise self._failure  # a source that failed is spent, and would say that the range is over
        while (content := self._next()) is None:
            if not self._plan.promised:
                return False
            self._take_up_promised()
        if isinstance(content, Break):
            keys_us = np.array([content.at_us], np.int64)
            self._read_us = max(self._read_us, content.at_us - 1)
        else:
            keys_us = content.local_us
            self._read_us = int(keys_us[-1])
        last_us = int(keys_us[-1])
        if self._order is Order.EXCHANGE:
            if isinstance(content, Break):
                keys_us = np.maximum(keys_us, self._key_us)
            else:
                keys_us = _message_keys(content.local_us, content.array(EXCHANGE_TIME), self._key_us)
                content = replace(content, columns={**content.columns, _CLOCK: keys_us})
            self._key_us = int(keys_us[-1])
            if self._on_mark is not None:
                self._on_mark(Mark(last_us, self._key_us))
        self._loaded.append(Piece(content, keys_us))
        return True

    def _next(self) -> Block | Break | None:
        """Read on in the days that are here, up to the first that is on its way."""
        try:
            return next(self._source, None)
        except TickreelError as error:
            self._failure = error
            raise

    def _take_up_promised(self) -> None:
        """Wait for the first day that is on its way, and read on with it.

        Where it does not come everything is as before, so that it can be asked for again.
        """
        at_us = self._plan.promised_us
        assert at_us is not None
        self._plan = self._library.arrive(self._plan.since(at_us), at_us)
        self._source = _contents(self._library, self._plan, self._names)

    @property
    def is_exhausted(self) -> bool:
        """Whether everything was taken."""
        return not (self._loaded or self._unread_us is not None or self._pieces)

    @property
    def _unread_us(self) -> int | None:
        """The first local time at which there may be rows that were not read; None if only reading can tell.

        What is surely there, and surely later, need not be read: it may be damaged.
        """
        plan = self._plan
        if plan.selection.member is not None:
            return None
        for part in _here(plan).parts:
            if part.first_local_us is None or part.last_local_us is None:
                continue
            if max(plan.start_us, self._read_us + 1) <= part.last_local_us < plan.end_us:
                return max(part.first_local_us, self._read_us + 1)
        return None if plan.promised_us is None else max(plan.promised_us, self._read_us + 1)

    def _needs_reading(self, limit_us: int) -> bool:
        """Tell whether something not at hand may be due up to a key."""
        if self._loaded:
            return False
        if self._order is not Order.LOCAL:
            return True
        unread_us = self._unread_us
        breaks_us = (us for us in self._plan.breaks_us if us > self._read_us)
        return unread_us is None or min(unread_us, next(breaks_us, unread_us)) <= limit_us

    def ready_until(self, to_us: int, played_us: int) -> int:
        """Bring something to hand if anything more may be due at *to_us*; tell up to when all is at hand.

        For a day that is on its way it waits when all streams were *played_us* up to there.
        """
        if self._needs_reading(self.limit(to_us)):
            day_us = self.awaited_us
            if day_us is not None and played_us < day_us - 1:
                return day_us - 1
            self._load()
        return self.moment(int(self._loaded[-1].keys_us[-1])) if self._loaded else to_us

    @property
    def awaited_us(self) -> int | None:
        """Where a day begins that is on its way, if nothing comes before it; None where that is not known."""
        day_us = self._plan.promised_us
        if self._loaded or self._order is not Order.LOCAL or day_us is None or self._unread_us != day_us:
            return None
        return None if any(self._read_us < us < day_us for us in self._plan.breaks_us) else day_us

    @property
    def next_us(self) -> int | None:
        """The moment of what comes next; None at the end."""
        return self.moment(int(self._pieces[0].keys_us[0])) if self._pieces else None

    @property
    def horizon_us(self) -> int | None:
        """The moment up to which rows are at hand without touching the disk; None at the end."""
        return self.moment(int(self._pieces[-1].keys_us[-1])) if self._pieces else None

    def moment(self, key_us: int) -> int:
        """Give the instant of the replay at which a key is due."""
        if self._order is Order.LOCAL:
            return key_us
        start_us, end_us = self.range_us
        return min(max(key_us, start_us), end_us)

    def moments(self, keys_us: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give the instants of several keys."""
        return keys_us if self._order is Order.LOCAL else np.clip(keys_us, *self.range_us)

    def limit(self, at_us: int) -> int:
        """Give the last key that is due at an instant of the replay."""
        if self._order is Order.LOCAL:
            return at_us
        start_us, end_us = self.range_us
        if at_us < start_us:
            return _FIRST_KEY
        return _LAST_KEY if at_us >= end_us else at_us

    def take(self, to_us: int) -> Iterator[Block | Break]:
        """Take everything that is due up to and including *to_us*, whole messages at a time."""
        return (piece.content for piece in self.take_pieces(to_us))

    def take_pieces(self, to_us: int) -> Iterator[Piece]:
        """Take as :meth:`take`, with the keys of what is taken."""
        limit_us = self.limit(to_us)
        while not self._needs_reading(limit_us) or self._load():
            if not self._loaded:
                return
            piece = self._loaded[0]
            due = piece.due(limit_us)
            if due == 0:
                return
            if due < len(piece.keys_us):
                self._loaded[0] = piece.cut(due, len(piece.keys_us))
                yield piece.cut(0, due)
                return
            self._loaded.popleft()
            yield piece

    def give_back(self, pieces: Sequence[Piece]) -> None:
        """Take back what was taken last, in the order in which it was taken."""
        self._loaded.extendleft(reversed(pieces))

    def look_ahead(self, rows: int) -> int | None:
        """Bring some *rows* to hand; give the moment up to which all is at hand, None for all there is."""
        if not self._pieces:
            return None
        first = self._pieces[0]
        key_us = int(first.keys_us[min(rows, len(first.keys_us)) - 1])
        moment_us = self.moment(key_us)
        # By the exchange's clock what follows may be due at the very same moment.
        while self._order is Order.EXCHANGE and self.horizon_us == moment_us:
            if not self._load():
                break
        return moment_us

    def at_hand(self, to_us: int) -> Iterator[Piece]:
        """View what is at hand and due up to and including *to_us*, without taking it."""
        limit_us = self.limit(to_us)
        for piece in self._pieces:
            due = piece.due(limit_us)
            if due == 0:
                return
            yield piece if due == len(piece.keys_us) else piece.cut(0, due)


def _contents(library: Library, plan: RangePlan, names: tuple[str, ...]) -> Iterator[Block | Break]:
    """Put the breaks of a book between the rows of the parts.

    No method of the stream: a stream that its own iteration held would not be let go of before the
    next search for such circles.
    """
    plan = _here(plan)
    is_book = plan.selection.key.type is DataType.INCREMENTAL_BOOK_L2
    breaks = deque(plan.breaks_us if is_book else ())
    for block in library.rows(plan, names):
        while breaks and breaks[0] <= block.local_us[0]:
            yield Break(breaks.popleft())
        yield block
    yield from (Break(at_us) for at_us in breaks)


def _here(plan: RangePlan) -> RangePlan:
    """Give what of a plan lies before the first day that is on its way."""
    return plan if plan.promised_us is None else plan.until(plan.promised_us - 1)


def _message_keys(
    local_us: NDArray[np.int64], exchange_us: NDArray[np.int64], before_us: int
) -> NDArray[np.int64]:
    """Give every row the running maximum of exchange time at the end of its message."""
    running = np.maximum(np.maximum.accumulate(exchange_us), before_us)
    last_rows = np.append(np.flatnonzero(local_us[1:] != local_us[:-1]), len(local_us) - 1)
    return np.repeat(running[last_rows], np.diff(last_rows, prepend=-1))
