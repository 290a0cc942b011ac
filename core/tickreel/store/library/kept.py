"""Rows that were read and stay in memory, for whoever reads the same range again and again.

A worker of a sweep plays the same days with other parameters each time; decoding them once is enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.market.block import Texts, Words

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

    from tickreel.market.block import Block, ColumnData


class KeptRows:
    """Blocks by what was asked for, up to a size; what has no room is read each time. For one thread.

    Whoever gets kept blocks must not write to their arrays.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._blocks: dict[Hashable, list[Block]] = {}
        self._bytes: dict[Hashable, int] = {}
        self._used: set[Hashable] = set()

    @property
    def size_bytes(self) -> int:
        """How much is kept."""
        return sum(self._bytes.values())

    def forget_unused(self) -> None:
        """Let go of what was not asked for since the last call: the next reader begins."""
        for key in set(self._blocks) - self._used:
            del self._blocks[key], self._bytes[key]
        self._used.clear()

    def rows(self, key: Hashable, read: Iterable[Block]) -> Iterator[Block]:
        """Give what is kept under *key*; else go through *read*, and keep it when all of it was read."""
        self._used.add(key)
        known = self._blocks.get(key)
        if known is not None:
            yield from known
            return
        found: list[Block] | None = []
        size = 0
        for block in read:
            if found is not None:
                size += sum(_size_of(column) for column in block.columns.values())
                found.append(block)
                if self.size_bytes + size > self._most_bytes:
                    found = None
            yield block
        if found is not None:
            self._blocks[key], self._bytes[key] = found, size


def _size_of(column: ColumnData) -> int:
    match column:
        case Texts():
            return column.offsets.nbytes + column.data.nbytes
        case Words():
            return column.codes.nbytes
        case _:
            return column.nbytes
