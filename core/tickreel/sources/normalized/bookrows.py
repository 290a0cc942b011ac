"""Changes of a book as rows of ``incremental_book_L2``, so that the book is the same after each message.

A message makes one row a level: bids, then asks, each in the order given. Two things that a message
can say have no such row, and get one of amount 0, which sets nothing:

- A snapshot without levels empties the book. Its row is a snapshot row: a bid at price 0.
- A snapshot that follows a snapshot of the same symbol and local time replaces it, whereas two such
  groups of rows are one snapshot. Between them goes a row that is no snapshot, at the first level
  of the second: it ends the first, and what it removes the second clears anyway.

A change without levels changes nothing and has no row.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from tickreel.sources.normalized.columns import Batch, refuse_negative, times_of
from tickreel.sources.normalized.messages import Level

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tickreel.sources.normalized.columns import Columns
    from tickreel.sources.normalized.messages import BookChange

_EMPTIES = Level(0.0, 0.0)
_BID, _ASK = 0, 1


class BookRows:
    """Makes rows of the changes of any number of books, batch by batch, in order."""

    def __init__(self) -> None:
        self.added_rows = 0
        """Rows that stand for no level of a message."""
        self._open_us: dict[int, int] = {}
        """Local time of the last row by symbol, where that row is a snapshot's."""

    def columns_of(self, batch: Batch) -> tuple[Columns, NDArray[np.intp]]:
        """Make all columns but exchange and symbol, and tell of each row which message it is of.

        Raises:
            LineError: a time cannot be read, a level has no price or amount, or a negative one.
        """
        messages: Sequence[BookChange] = batch.messages
        levels: list[list[Level]] = []
        runs: list[tuple[int, bool, int, int]] = []
        """Of each run of rows: its message, whether it is a snapshot, its side and its length."""
        given = zip(messages, batch.symbols, batch.local_us, strict=True)
        for index, (message, symbol, local_us) in enumerate(given):
            bids, asks, is_snapshot = message.bids, message.asks, message.is_snapshot
            if is_snapshot:
                if not bids and not asks:
                    bids = [_EMPTIES]
                    self.added_rows += 1
                if self._open_us.get(symbol) == local_us:
                    side, first = (_BID, bids[0]) if bids else (_ASK, asks[0])
                    levels.append([Level(first.price, 0.0)])
                    runs.append((index, False, side, 1))
                    self.added_rows += 1
                self._open_us[symbol] = local_us
            elif bids or asks:
                self._open_us.pop(symbol, None)
            if bids:
                levels.append(bids)
                runs.append((index, is_snapshot, _BID, len(bids)))
            if asks:
                levels.append(asks)
                runs.append((index, is_snapshot, _ASK, len(asks)))
        return _rows_of(batch, runs, levels)


def _rows_of(
    batch: Batch, runs: list[tuple[int, bool, int, int]], levels: list[list[Level]]
) -> tuple[Columns, NDArray[np.intp]]:
    each = np.array(runs, np.int64).reshape(-1, 4)
    indices, flags, sides = (np.repeat(each[:, place], each[:, 3]) for place in range(3))
    flat = list(chain.from_iterable(levels))
    columns: Columns = {
        "timestamp": times_of(batch, "timestamp")[indices],
        "local_timestamp": np.array(batch.local_us, np.int64)[indices],
        "is_snapshot": flags.astype(np.bool_),
        "side": sides.astype(np.int8),
    }
    for name, cells in (
        ("price", [level.price for level in flat]),
        ("amount", [level.amount for level in flat]),
    ):
        numbers = np.array(cells, np.float64) + 0.0
        is_missing = np.isnan(numbers)
        if is_missing.any():
            raise batch.refuse(int(indices[is_missing.argmax()]), f"a level has no {name}")
        columns[name] = numbers
    refuse_negative(batch, "the amount of a level", numbers, indices)
    return columns, indices
