"""Messages of several streams in the order of one clock, as arrays: what events are made of.

At equal readings of the clock come the instruments in the order asked for, of each the types
in the order of :class:`~tickreel.market.types.DataType`, and of each type the file's order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from tickreel.market.types import SCHEMAS, DataType
from tickreel.replay.stream import Break, Mark, Order, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from tickreel.market.block import Block
    from tickreel.store import Library, RangePlan

    _Columns: TypeAlias = tuple[NDArray[Any], ...]


def whole_stream(library: Library, plan: RangePlan, order: Order, start: Mark) -> Stream:
    """Open a stream with every column of its type.

    Raises:
        DataError: its first rows cannot be read.
    """
    # Under the exchange's clock a stream brings the exchange's time by itself.
    own = "" if order is Order.LOCAL else "timestamp"
    names = tuple(name for name in SCHEMAS[plan.selection.key.type].names[2:] if name != own)
    return Stream(library, plan, order, start, columns=names)


@dataclass(frozen=True, slots=True, eq=False)
class BatchPart:
    """Rows of one instrument and type in file order, or a moment from which no book of it is known."""

    exchange: str
    symbol: str
    type: DataType
    rows: Block | None
    """None for a gap: the book is unknown until the next snapshot."""

    def array(self, name: str) -> NDArray[Any]:
        """Give a column that is no text, by the vendor's name; raises KeyError when it is not there."""
        if self.rows is None:
            raise KeyError(name)
        return self.rows.array(name)


@dataclass(frozen=True, slots=True, eq=False)
class MessageBatch:
    """Whole messages in the order of the clock; the arrays have one length, and no moment is split.

    So by the exchange's clock, which never goes back, a broken stamp far ahead puts all later messages
    of its file into one batch.

    Message ``i`` is rows [start[i], stop[i]) of ``parts[part[i]]``. Several parts may be of one
    instrument and type: their rows follow one another.
    """

    parts: tuple[BatchPart, ...]
    part: NDArray[np.int32]
    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    """Equal to *start* for a gap, which has no rows."""
    local_us: NDArray[np.int64]
    exchange_us: NDArray[np.int64]
    """The exchange's time of its last row; for a gap its local time."""
    clock_us: NDArray[np.int64]
    """When each is due: its local time, or the exchange's clock; never goes back."""
    to_us: int
    """The clock: everything up to and including this microsecond is in this batch or was before."""

    def __len__(self) -> int:
        return len(self.clock_us)

    @property
    def rows(self) -> int:
        """How many rows its messages have."""
        return int((self.stop - self.start).sum())

    def only(self, messages: NDArray[np.intp]) -> MessageBatch:
        """Keep some messages, in their order; the rows of the parts stay."""
        return MessageBatch(
            self.parts,
            self.part[messages],
            self.start[messages],
            self.stop[messages],
            self.local_us[messages],
            self.exchange_us[messages],
            self.clock_us[messages],
            self.to_us,
        )

    def split(self, at_us: int) -> tuple[MessageBatch | None, MessageBatch | None]:
        """Part what is due up to and including *at_us* from what comes later; None where nothing is."""
        count = int(np.searchsorted(self.clock_us, at_us, side="right"))
        if count == 0:
            return None, self
        if count == len(self):
            return self, None
        # The rows of a part that come first end with its last message among the first.
        edges = np.zeros(len(self.parts), np.int64)
        np.maximum.at(edges, self.part[:count], self.stop[:count])
        ends = np.array([0 if part.rows is None else len(part.rows) for part in self.parts], np.int64)
        first = self._cut(slice(0, count), np.zeros_like(edges), edges, at_us)
        return first, self._cut(slice(count, None), edges, ends, self.to_us)

    def _cut(
        self, messages: slice, low: NDArray[np.int64], high: NDArray[np.int64], to_us: int
    ) -> MessageBatch:
        """Keep some messages, and of each part that they need the rows [low, high)."""
        kept, number = np.unique(self.part[messages], return_inverse=True)
        shift = low[self.part[messages]]
        return MessageBatch(
            tuple(_cut(self.parts[place], int(low[place]), int(high[place])) for place in kept.tolist()),
            number.astype(np.int32),
            self.start[messages] - shift,
            self.stop[messages] - shift,
            self.local_us[messages],
            self.exchange_us[messages],
            self.clock_us[messages],
            to_us,
        )


def _cut(part: BatchPart, low: int, high: int) -> BatchPart:
    rows = None if part.rows is None else part.rows.cut(low, high)
    return BatchPart(part.exchange, part.symbol, part.type, rows)


class Merge:
    """Take the messages of streams in the order of the clock, batch by batch.

    Streams are given in the order in which equal times are played.
    """

    def __init__(self, streams: Sequence[Stream]) -> None:
        self._streams = streams
        self._rest: MessageBatch | None = None

    def read(self) -> MessageBatch | None:
        """Take the next messages, as many as are at hand; None at the end.

        Raises:
            DataError: the rows behind them cannot be read.
        """
        if self._rest is not None:
            batch, self._rest = self._rest, None
            return batch
        while horizons := [h for stream in self._streams if (h := stream.horizon_us) is not None]:
            to_us = min(horizons)
            lanes = [_lane(stream, to_us) for stream in self._streams]
            used = [lane for lane in lanes if lane.parts]
            if used:
                return _joined(used, to_us)
        return None

    def skip(self, to_us: int) -> Iterator[MessageBatch]:
        """Take what is due up to and including *to_us*; :meth:`read` goes on behind it."""
        while (batch := self.read()) is not None:
            due, self._rest = batch.split(to_us)
            if due is not None:
                yield due
            if self._rest is not None:
                return


def _lane(stream: Stream, to_us: int) -> _Lane:
    """Take what one stream adds to a batch."""
    lane, taken = _Lane(), 0
    for piece in stream.take_pieces(to_us):
        content, clock_us = piece.content, stream.moments(piece.keys_us)
        if isinstance(content, Break):
            nothing, at_us = np.zeros(1, np.int64), np.array([content.at_us])
            for symbol in stream.symbols:
                gap = BatchPart(stream.exchange, symbol, stream.type, None)
                lane.add(gap, nothing + taken, (nothing, nothing, at_us, at_us, clock_us))
        else:
            for symbol, rows, places in _by_symbol(stream, content):
                local_us = rows.local_us
                start = np.append(0, np.flatnonzero(local_us[1:] != local_us[:-1]) + 1)
                stop = np.append(start[1:], len(rows))
                first = start if places is None else places[start]
                exchange_us = rows.array("timestamp")[stop - 1]
                part = BatchPart(stream.exchange, symbol, stream.type, rows)
                lane.add(part, first + taken, (start, stop, local_us[start], exchange_us, clock_us[first]))
        taken += len(clock_us)
    return lane


def _by_symbol(stream: Stream, piece: Block) -> Iterator[tuple[str, Block, NDArray[np.intp] | None]]:
    """Part the rows by instrument, and say where in the piece they stood; None when it has only one."""
    if isinstance(piece.symbol, str):
        yield piece.symbol, piece, None
        return
    if not stream.is_grouped:
        yield stream.symbols[0], piece, None
        return
    codes = piece.symbol.codes
    for code in np.unique(codes).tolist():
        places = np.flatnonzero(codes == code)
        yield piece.symbol.words[code], piece.take(places), places


@dataclass(slots=True)
class _Lane:
    """The messages of one stream in a batch."""

    parts: list[BatchPart] = field(default_factory=list)
    columns: list[_Columns] = field(default_factory=list)
    """For each part: its number, and the columns of a batch from start to clock_us."""
    places: list[NDArray[np.int64]] = field(default_factory=list)
    """Where each message begins, counted in rows of the stream."""

    def add(self, part: BatchPart, places: NDArray[np.int64], columns: _Columns) -> None:
        number = np.full(len(places), len(self.parts), np.int32)
        self.parts.append(part)
        self.places.append(places)
        self.columns.append((number, *columns))

    def joined(self, first_number: int) -> _Columns:
        """Give the columns of all messages in file order, its parts numbered from *first_number*."""
        number, *others = (np.concatenate(column) for column in zip(*self.columns, strict=True))
        columns = (number + np.int32(first_number), *others)
        if len(self.parts) == 1:
            return columns
        order = np.argsort(np.concatenate(self.places), kind="stable")
        return tuple(column[order] for column in columns)


def _joined(lanes: list[_Lane], to_us: int) -> MessageBatch:
    parts: list[BatchPart] = []
    found: list[_Columns] = []
    for lane in lanes:
        found.append(lane.joined(len(parts)))
        parts += lane.parts
    columns = tuple(np.concatenate(column) for column in zip(*found, strict=True))
    if len(lanes) > 1:
        # Every lane rises, and they stand in the order of equal times: a stable sort keeps both.
        order = np.argsort(columns[-1], kind="stable")
        columns = tuple(column[order] for column in columns)
    part, start, stop, local_us, exchange_us, clock_us = columns
    return MessageBatch(tuple(parts), part, start, stop, local_us, exchange_us, clock_us, to_us)
