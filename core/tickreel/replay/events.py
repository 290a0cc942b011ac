"""What a replay tells message by message: frozen values, and the books as they were at each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import msgspec
import numpy as np

from tickreel.errors import NotHeldError, UsageError
from tickreel.market.types import SIDES, DataType, Kind
from tickreel.store.library.booktime import l2_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from tickreel.book import Book, BookBuilder, L2Rows
    from tickreel.market.block import Block
    from tickreel.replay.merging import BatchPart, MessageBatch

_TRADE_SIDES = SIDES[Kind.TRADE_SIDE]


class Event(msgspec.Struct, frozen=True, eq=False):
    """Something that happened to one instrument."""

    # A Struct and not a dataclass: one is made for every message, and takes a fifteenth of the time.
    exchange: str
    symbol: str
    local_us: int
    """When it reached the recorder, in microseconds since 1970 UTC."""
    _books: Books
    _number: int

    def book(self, exchange: str | None = None, symbol: str | None = None) -> Book:
        """Give the book just after this event: of its instrument, or of another of the same replay.

        Only the newest event can tell; a book takes the time of copying its levels.

        Raises:
            NotHeldError: the replay plays no order book of it.
            UsageError: the replay has gone on.
        """
        return self._books.after(self._number, exchange or self.exchange, symbol or self.symbol)

    def __repr__(self) -> str:
        told = (name for name in self.__struct_fields__ if not name.startswith("_"))
        cells = ", ".join(f"{name}={getattr(self, name)!r}" for name in told)
        return f"{type(self).__name__}({cells})"


class BookMessage(Event, frozen=True, eq=False):
    """A message of an order book; :meth:`book` holds it already."""

    exchange_us: int
    """The exchange's time of its last row."""
    _rows: Block
    _start: int
    _stop: int

    @property
    def rows(self) -> L2Rows:
        """Its rows, as arrays."""
        return l2_rows(self._rows.cut(self._start, self._stop))

    @property
    def is_snapshot(self) -> bool:
        """Whether it holds rows of a snapshot, with which a book begins anew."""
        return bool(self._rows.array("is_snapshot")[self._start : self._stop].any())


class BookGap(Event, frozen=True, eq=False):
    """A day begins that is not held: the book is unknown until the next snapshot, and empty so long."""


class Trade(Event, frozen=True, eq=False):
    """A trade, or a liquidation; a message that has several rows is as many events."""

    exchange_us: int
    type: DataType
    id: str
    side: str
    """``buy``, ``sell``, ``unknown``, or empty where the vendor gave none."""
    price: float
    """NaN where the vendor gave none."""
    amount: float
    """NaN where the vendor gave none."""


class Quote(Event, frozen=True, eq=False):
    """Best bid and ask as the exchange says them: a row of quotes or of book_ticker."""

    exchange_us: int
    type: DataType
    bid_price: float
    """This and the others are NaN where the vendor gave none."""
    bid_amount: float
    ask_price: float
    ask_amount: float


class RowsMessage(Event, frozen=True, eq=False):
    """A message of any other type, as its rows."""

    exchange_us: int
    """The exchange's time of its last row."""
    type: DataType
    _rows: Block
    _start: int
    _stop: int

    @property
    def rows(self) -> Block:
        """Its rows: ``rows.array(name)`` gives a column by the vendor's name."""
        return self._rows.cut(self._start, self._stop)


Maker: TypeAlias = "Callable[[int, int, int, int, int], Sequence[Event]]"
"""Makes the events of a message from its number, its rows [start, stop), its local and exchange time."""


class Books:
    """The books of a replay, as they were just after the newest event.

    Rows are applied when a book is asked for, or when the batch is done. One thread at a time.
    """

    def __init__(self, builders: dict[tuple[str, str], BookBuilder]) -> None:
        self.builders = builders
        self._batch: MessageBatch | None = None
        self._parts: dict[tuple[str, str], list[_BookPart]] = {}
        self._first = 0
        self.newest = -1
        """The number of the newest event's message, counted over all batches; -1 while there is none."""

    def begin(self, batch: MessageBatch) -> int:
        """Take a batch whose messages are numbered from the answer on."""
        self._batch = batch
        self._parts = {}
        for place, part in enumerate(batch.parts):
            if part.type is DataType.INCREMENTAL_BOOK_L2:
                own = self._parts.setdefault((part.exchange, part.symbol), [])
                own.append(_BookPart(place, None if part.rows is None else l2_rows(part.rows)))
        return self._first

    def after(self, number: int, exchange: str, symbol: str) -> Book:
        """Give a book just after a message, which must be the newest that was told.

        Raises:
            NotHeldError: the replay plays no order book of it.
            UsageError: it is not the newest.
        """
        if number != self.newest or number < 0:
            raise UsageError("the replay has gone on: ask for the book of an event before the next one")
        builder = self.builders.get((exchange, symbol))
        if builder is None:
            raise NotHeldError(f"this replay plays no order book of {exchange} {symbol}")
        if self._batch is not None:
            for part in self._parts.get((exchange, symbol), ()):
                part.apply(builder, self._batch, number - self._first)
        return builder.view()

    def finish(self) -> None:
        """Apply what is left of the batch; nobody may ask for a book meanwhile."""
        if self._batch is None:
            return
        self._first += len(self._batch)
        for name, parts in self._parts.items():
            for part in parts:
                part.apply_rest(self.builders[name])
        self._batch = None


class _BookPart:
    """One part of a batch on its way into a book."""

    __slots__ = ("_applied_rows", "_is_done", "_messages", "_place", "_rows")

    def __init__(self, place: int, rows: L2Rows | None) -> None:
        self._place = place
        self._rows = rows
        self._messages: NDArray[np.intp] | None = None
        self._applied_rows = 0
        self._is_done = False

    def apply(self, builder: BookBuilder, batch: MessageBatch, number: int) -> None:
        """Apply what came up to and including message *number* of the batch."""
        if self._messages is None:
            self._messages = np.flatnonzero(batch.part == self._place)
        count = int(np.searchsorted(self._messages, number, side="right"))
        if count == 0 or self._is_done:
            return
        if self._rows is None:
            self.apply_rest(builder)
            return
        stop = int(batch.stop[self._messages[count - 1]])
        if stop > self._applied_rows:
            builder.apply(self._rows.part(self._applied_rows, stop))
            self._applied_rows = stop

    def apply_rest(self, builder: BookBuilder) -> None:
        """Apply all that is left."""
        if self._is_done:
            return
        self._is_done = True
        if self._rows is None:
            builder.forget()
        elif self._applied_rows < len(self._rows):
            builder.apply(self._rows.part(self._applied_rows, len(self._rows)))


def makers_of(batch: MessageBatch, books: Books) -> tuple[Maker, ...]:
    """Make ready what turns the messages of each part of a batch into events."""
    return tuple(_maker(part, books) for part in batch.parts)


def events_of(
    batch: MessageBatch, makers: Sequence[Maker], first_number: int, shown: NDArray[np.intp]
) -> Iterator[Event]:
    """Make the events of the *shown* messages of a batch, which are numbered from *first_number*."""
    messages = zip(
        (shown + first_number).tolist(),
        batch.part[shown].tolist(),
        batch.start[shown].tolist(),
        batch.stop[shown].tolist(),
        batch.local_us[shown].tolist(),
        batch.exchange_us[shown].tolist(),
        strict=True,
    )
    for number, part, start, stop, local_us, exchange_us in messages:
        yield from makers[part](number, start, stop, local_us, exchange_us)


def _maker(part: BatchPart, books: Books) -> Maker:
    rows = part.rows
    if rows is None:
        return _gap_maker(part, books)
    match part.type:
        case DataType.INCREMENTAL_BOOK_L2:
            return _book_maker(part, rows, books)
        case DataType.TRADES | DataType.LIQUIDATIONS:
            return _trade_maker(part, rows, books)
        case DataType.QUOTES | DataType.BOOK_TICKER:
            return _quote_maker(part, rows, books)
        case _:
            return _rows_maker(part, rows, books)


def _gap_maker(part: BatchPart, books: Books) -> Maker:
    exchange, symbol = part.exchange, part.symbol

    def make(number: int, _start: int, _stop: int, local_us: int, _exchange_us: int) -> Sequence[Event]:
        return (BookGap(exchange, symbol, local_us, books, number),)

    return make


def _book_maker(part: BatchPart, rows: Block, books: Books) -> Maker:
    exchange, symbol = part.exchange, part.symbol

    def make(number: int, start: int, stop: int, local_us: int, exchange_us: int) -> Sequence[Event]:
        return (BookMessage(exchange, symbol, local_us, books, number, exchange_us, rows, start, stop),)

    return make


def _trade_maker(part: BatchPart, rows: Block, books: Books) -> Maker:
    head = (part.exchange, part.symbol)
    ids = rows.columns["id"]
    assert not isinstance(ids, np.ndarray)
    cells = list(
        zip(
            rows.array("timestamp").tolist(),
            [part.type] * len(rows),
            ids.texts(),
            [_TRADE_SIDES[side] for side in rows.array("side").tolist()],
            rows.array("price").tolist(),
            rows.array("amount").tolist(),
            strict=True,
        )
    )

    def make(number: int, start: int, stop: int, local_us: int, _exchange_us: int) -> Sequence[Event]:
        return [Trade(*head, local_us, books, number, *cells[row]) for row in range(start, stop)]

    return make


def _quote_maker(part: BatchPart, rows: Block, books: Books) -> Maker:
    head = (part.exchange, part.symbol)
    names = ("bid_price", "bid_amount", "ask_price", "ask_amount")
    cells = list(
        zip(
            rows.array("timestamp").tolist(),
            [part.type] * len(rows),
            *(rows.array(name).tolist() for name in names),
            strict=True,
        )
    )

    def make(number: int, start: int, stop: int, local_us: int, _exchange_us: int) -> Sequence[Event]:
        return [Quote(*head, local_us, books, number, *cells[row]) for row in range(start, stop)]

    return make


def _rows_maker(part: BatchPart, rows: Block, books: Books) -> Maker:
    head = (part.exchange, part.symbol)

    def make(number: int, start: int, stop: int, local_us: int, exchange_us: int) -> Sequence[Event]:
        return (RowsMessage(*head, local_us, books, number, exchange_us, part.type, rows, start, stop),)

    return make
