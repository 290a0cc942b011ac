"""One dataset's rows as a replay consumes them: in order, up to a moment, never splitting a message."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from tickreel.errors import TickreelError
from tickreel.market.block import Block
from tickreel.market.time import day_start_us
from tickreel.market.types import DataType
from tickreel.store.library.booktime import L2_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tickreel.store import Library, RangePlan

_COLUMNS: dict[DataType, tuple[str, ...]] = {
    DataType.INCREMENTAL_BOOK_L2: L2_COLUMNS,
    DataType.TRADES: ("local_timestamp", "side", "price", "amount"),
}
_ONLY_TIMES = ("local_timestamp",)


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


class Stream:
    """The rows of one plan, taken piece by piece as the clock moves on."""

    def __init__(self, library: Library, plan: RangePlan, order: Order) -> None:
        selection = plan.selection
        self.exchange = selection.key.exchange
        self.type = selection.key.type
        self.symbols = library.members(selection)
        self.is_grouped = selection.key.is_grouped and selection.member is None
        self._order = order
        names = list(_COLUMNS.get(self.type, _ONLY_TIMES))
        if order is Order.EXCHANGE:
            names.append("timestamp")
        self._names = tuple(names)
        self._source = self._pieces(library, plan)
        self._failure: TickreelError | None = None
        self._last_key_us = 0
        self._piece: Block | Break | None = None
        self._keys_us: NDArray[np.int64] = np.empty(0, np.int64)
        self._load()

    def _pieces(self, library: Library, plan: RangePlan) -> Iterator[Block | Break]:
        """Put the breaks of a book between the rows of the parts."""
        breaks = list(plan.breaks_us) if self.type is DataType.INCREMENTAL_BOOK_L2 else []
        for day, parts in plan.by_day():
            while breaks and breaks[0] <= day_start_us(day):
                yield Break(breaks.pop(0))
            yield from library.rows(plan, self._names, parts)
        yield from (Break(at_us) for at_us in breaks)

    def _load(self) -> None:
        """Fetch the next piece and the clock reading at which each of its rows is due."""
        if self._failure is not None:
            raise self._failure  # a source that failed is spent, and would say that the range is over
        try:
            self._piece = next(self._source, None)
        except TickreelError as error:
            self._failure = error
            raise
        if isinstance(self._piece, Block):
            local = self._piece.local_us
            if self._order is Order.LOCAL:
                self._keys_us = local
            else:
                self._keys_us = _message_keys(local, self._piece.array("timestamp"), self._last_key_us)
                self._last_key_us = int(self._keys_us[-1])

    @property
    def is_exhausted(self) -> bool:
        """Whether everything was taken."""
        return self._piece is None

    @property
    def horizon_us(self) -> int | None:
        """The moment up to which rows are at hand without touching the disk; None at the end."""
        match self._piece:
            case None:
                return None
            case Break(at_us):
                return at_us
            case _:
                return int(self._keys_us[-1])

    def take(self, to_us: int) -> Iterator[Block | Break]:
        """Take everything that is due up to and including *to_us*, whole messages at a time."""
        while self._piece is not None:
            piece = self._piece
            if isinstance(piece, Break):
                if piece.at_us > to_us:
                    return
                self._load()
                yield piece
                continue
            due = int(np.searchsorted(self._keys_us, to_us, side="right"))
            if due == 0:
                return
            if due == len(piece):
                self._load()
                yield piece
                continue
            self._piece = piece.cut(due, len(piece))
            self._keys_us = self._keys_us[due:]
            yield piece.cut(0, due)
            return


def _message_keys(
    local_us: NDArray[np.int64], exchange_us: NDArray[np.int64], before_us: int
) -> NDArray[np.int64]:
    """Give every row the running maximum of exchange time at the end of its message."""
    running = np.maximum(np.maximum.accumulate(exchange_us), before_us)
    last_row = np.searchsorted(local_us, local_us, side="right") - 1
    return running[last_row]
