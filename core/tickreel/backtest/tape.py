"""One dataset of one instrument on its way into a run: when each message is published, and when known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tickreel.backtest.following import Shown
from tickreel.backtest.piece import NOTHING, Piece
from tickreel.book import BookBuilder, L2Rows
from tickreel.market.types import MISSING_INTEGER, DataType
from tickreel.replay.arrivals import Arrivals, Reached
from tickreel.replay.stream import Break, Mark, Order, Stream
from tickreel.store.library.booktime import L2_COLUMNS, books_before

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tickreel.book import Book, Touch
    from tickreel.market.block import Block
    from tickreel.replay.arrivals import MessageTimes
    from tickreel.replay.latency import LatencyModel
    from tickreel.store import Library, RangePlan

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

_COLUMNS = {
    DataType.INCREMENTAL_BOOK_L2: (*L2_COLUMNS, "timestamp"),
    DataType.TRADES: ("local_timestamp", "timestamp", "side", "price", "amount"),
    DataType.DERIVATIVE_TICKER: (
        *("local_timestamp", "timestamp"),
        *("funding_timestamp", "funding_rate", "mark_price"),
    ),
}
PLAYED = tuple(_COLUMNS)
"""The types that a run plays."""


class Tape:
    """The messages of one plan, piece by piece, and two places in it: of the exchange, and of the strategy.

    At first both know what came before the range. Raises, from what reads: as
    :class:`~tickreel.replay.arrivals.Arrivals` and :meth:`Library.rows`.
    """

    def __init__(
        self,
        library: Library,
        plan: RangePlan,
        model: LatencyModel,
        who: int,
        pair: tuple[str, str],
        levels: int = 0,
    ) -> None:
        """Begin before the range; of a book, *levels* are laid out after each message."""
        self._levels = levels
        self.who = who
        """The instrument's place in the run."""
        self.exchange_name, self.symbol = pair
        self.type = plan.selection.key.type
        self.arrivals = Arrivals(library, plan.selection, model)
        self.held = NOTHING._replace(depth=np.empty((0, 4 * levels)))
        """What was read and is not yet both published and known."""
        self.published = 0
        """How many of these messages are published, and how many are known."""
        self.known = 0
        self._reached = Reached()
        start = Mark(plan.start_us - 1, plan.start_us - 1)
        names = _COLUMNS[self.type]
        self._pieces = self._read(Stream(library, plan, Order.LOCAL, start, columns=names), plan.end_us)
        self.is_exhausted = False
        self.is_book = self.type is DataType.INCREMENTAL_BOOK_L2
        builder = BookBuilder()
        if self.is_book:
            (builder,) = books_before(library, plan.selection, plan.start_us).values()
        self._ahead = builder
        """The book after all that was read."""
        self._starts: list[tuple[int, BookBuilder]] = [(0, builder.copy())] if self.is_book else []
        """Of the pieces held: their first message, and the book before it."""
        book = builder.view()
        none = (np.nan, np.nan)
        (bid, bid_amount), (ask, ask_amount) = book.best_bid or none, book.best_ask or none
        self.first_quad = (bid, ask, bid_amount, ask_amount)
        """Best prices and their amounts before the first message."""
        self._depth = _depth_of(book, levels)
        """The levels that the builder gave last, a line of :attr:`Piece.depth`: it gives what differs."""
        self.first_depth = self._depth
        self._first = 0
        """The number of the first message held."""

    @property
    def horizon_us(self) -> int:
        """What is published before this instant is at hand; there must be a message, or more to read."""
        return int(self.held.published_us[-1])

    @property
    def is_at_hand(self) -> bool:
        """Whether messages that are not published were read."""
        return self.published < len(self.held.published_us)

    def shown(self) -> Shown:
        """Give what is held as it is now."""
        return Shown(self.held, self._first, tuple(self._starts))

    def load(self) -> None:
        """Read one piece more, and let go of what is both published and known."""
        before = self._ahead.copy() if self.is_book else None
        piece = next(self._pieces, None)
        if piece is not None and before is not None and len(self.held.published_us):
            self._starts.append((len(self.held.published_us), before))
        gone = min(self.published, self.known)
        if self.is_book:
            # Whoever wants the whole book builds it from where a piece began: pieces go as a whole.
            while len(self._starts) > 1 and self._starts[1][0] <= gone:
                del self._starts[0]
            gone = self._starts[0][0]
            self._starts = [(message - gone, builder) for message, builder in self._starts]
        self._first += gone
        self.published -= gone
        self.known -= gone
        rest = self.held.since(gone)
        if piece is None:
            self.is_exhausted = True
            self.held = rest
        else:
            self.held = rest.then(piece)

    def _read(self, stream: Stream, end_us: int) -> Iterator[Piece]:
        for content in stream.take(end_us):
            if isinstance(content, Break):
                times = self.arrivals.times_of_break(content.at_us, self._reached)
                self._ahead.forget()
                piece = NOTHING._replace(
                    published_us=times.published_us,
                    known_us=times.known_us,
                    is_break=np.ones(1, np.bool_),
                    first_row=np.zeros(2, np.int64),
                    quads=np.full((1, 4), np.nan),
                    depth=_nothing_known(self._levels),
                )
            else:
                times = self.arrivals.times(content, self._reached)
                piece = self._laid_out(content, times)
            self._reached = times.reached
            yield piece

    def _laid_out(self, block: Block, times: MessageTimes) -> Piece:
        count, first_row = len(times), times.first_row
        price, amount = np.zeros(0), np.zeros(0)
        mark, is_snapshot = np.zeros(0, np.int8), np.zeros(0, np.bool_)
        quads, depth = np.zeros((count, 4)), np.zeros((count, 4 * self._levels))
        if self.type is DataType.INCREMENTAL_BOOK_L2:
            price, amount = block.array("price"), block.array("amount")
            is_snapshot, side = block.array("is_snapshot"), block.array("side")
            follows = np.concatenate(([False], is_snapshot[:-1]))
            follows[first_row[:-1]] = False
            mark = (side + 2 * (is_snapshot & ~follows)).astype(np.int8)
            rows = L2Rows(block.local_us, is_snapshot, side, price, amount)
            touch, depth = self._applied(rows)
            quads = np.stack([touch.bid, touch.ask, touch.bid_amount, touch.ask_amount], axis=1)
        elif self.type is DataType.TRADES:
            price, amount, mark = block.array("price"), block.array("amount"), block.array("side")
        else:
            last = first_row[1:] - 1
            due_us = block.array("funding_timestamp")[last]
            quads[:, 0] = block.array("funding_rate")[last]
            quads[:, 1] = block.array("mark_price")[last]
            quads[:, 2] = np.where(due_us == MISSING_INTEGER, -1, due_us)
            first_row = np.zeros(count + 1, np.int64)
        return Piece(
            times.published_us,
            times.known_us,
            np.zeros(count, np.bool_),
            first_row,
            quads,
            price,
            amount,
            mark,
            block.local_us if len(price) else np.empty(0, np.int64),
            is_snapshot if len(is_snapshot) else np.zeros(len(price), np.bool_),
            depth,
        )

    def _applied(self, rows: L2Rows) -> tuple[Touch, Floats]:
        """Build on; give the best prices after each message, and the levels that are asked for."""
        if not self._levels:
            touch = self._ahead.apply_with_touch(rows)
            return touch, np.empty((len(touch.time_us), 0))
        touch, tops = self._ahead.apply_with_tops(rows, self._levels)
        lines = np.stack([tops.price, tops.amount], axis=1).reshape(len(tops.time_us), -1)
        lines = np.vstack([self._depth, lines])
        depth = lines[np.searchsorted(tops.time_us, touch.time_us, side="right")]
        self._depth = depth[-1]
        return touch, depth


def _nothing_known(levels: int) -> Floats:
    """Give one line of :attr:`Piece.depth` of an empty book."""
    return np.concatenate([np.full(2 * levels, np.nan), np.zeros(2 * levels)])[np.newaxis]


def _depth_of(book: Book, levels: int) -> Floats:
    """Give the line of a book."""
    line = _nothing_known(levels).reshape(2, 2, levels)
    for side, own in enumerate((book.bids[:levels], book.asks[:levels])):
        line[0, side, : len(own)], line[1, side, : len(own)] = own[:, 0], own[:, 1]
    return np.asarray(line.reshape(-1))
