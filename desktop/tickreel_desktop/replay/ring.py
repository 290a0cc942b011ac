"""Columns of which the newest entries are kept, in memory that does not grow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FIRST = 1_024


class Ring:
    """Keeps the last so many entries of some columns, each a plain array from the oldest to the newest.

    To append costs what is appended: only when the room behind the newest is used up, all move.
    """

    def __init__(self, limit: int, *types: type[np.generic]) -> None:
        """Keep *limit* entries of columns of these types."""
        self._limit = limit
        self._columns: list[NDArray[Any]] = [np.empty(min(_FIRST, 2 * limit), each) for each in types]
        self._first = self._end = 0
        self.taken = 0
        """Entries appended since it was made or cleared, those that are no longer kept among them."""

    def __len__(self) -> int:
        return self._end - self._first

    @property
    def has_dropped(self) -> bool:
        """Whether entries are no longer kept."""
        return self.taken > len(self)

    def column(self, number: int) -> NDArray[Any]:
        """Give what is kept of a column, oldest first; to be read before the next append."""
        return self._columns[number][self._first : self._end]

    def clear(self) -> None:
        """Forget all entries."""
        self._first = self._end = self.taken = 0

    def append(self, *columns: NDArray[Any]) -> None:
        """Add entries, a piece of each column."""
        added = len(columns[0])
        self.taken += added
        kept = min(added, self._limit)
        self._make_room(kept)
        begin, self._end = self._end, self._end + kept
        for own, fresh in zip(self._columns, columns, strict=True):
            own[begin : self._end] = fresh[added - kept :]
        self._first = max(self._first, self._end - self._limit)

    def _make_room(self, wanted: int) -> None:
        capacity = len(self._columns[0])
        if self._end + wanted <= capacity:
            return
        first = max(self._first, self._end + wanted - self._limit)
        held = max(0, self._end - first)
        grown = min(2 * self._limit, max(capacity, 2 * (held + wanted)))
        for place, own in enumerate(self._columns):
            moved = own[first : first + held]
            target = own if grown == capacity else np.empty(grown, own.dtype)
            target[:held] = moved.copy() if target is own else moved
            self._columns[place] = target
        self._first, self._end = 0, held
