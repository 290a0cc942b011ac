"""The digest of a day's rows, the same however the rows were packed.

One SHA-256 runs over each column, so that the digest depends neither on how the rows were
cut into blocks nor on how a segment stores them; the digest of the day is the SHA-256 over
the raw column digests in the vendor's order. The exchange is left out; the symbol counts
only in grouped files, where it tells the instruments apart.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from tickreel.market.block import Texts, Words

if TYPE_CHECKING:
    from tickreel.market.block import Block, ColumnData
    from tickreel.market.types import Schema


class RowsDigest:
    """A running digest over the rows of one day, fed in time order."""

    def __init__(self, schema: Schema, *, grouped: bool) -> None:
        self._columns = [
            (column.name, hashlib.sha256())
            for column in schema.columns
            if column.name != "exchange" and (grouped or column.name != "symbol")
        ]

    def update(self, block: Block) -> None:
        """Take in the rows of *block*, which holds all columns of its type."""
        if len(block):
            for name, digest in self._columns:
                digest.update(_bytes_of(_symbols(block) if name == "symbol" else block.columns[name]))

    def hexdigest(self) -> str:
        """Give the digest of the rows so far, in hexadecimal; more rows may follow."""
        return hashlib.sha256(b"".join(digest.digest() for _, digest in self._columns)).hexdigest()


def _symbols(block: Block) -> Words:
    if isinstance(block.symbol, Words):
        return block.symbol
    return Words(np.zeros(len(block), np.int32), (block.symbol,))


def _bytes_of(column: ColumnData) -> memoryview:
    """Give what the digest sees of a column.

    The arrays of a block have the very bytes that are hashed: missing times and numbers in
    their one spelling, no negative zero, and the codes of ``market.types.SIDES`` (an empty
    side of a trade, of which the vendor's description says nothing, counts as 3).
    """
    match column:
        case Texts():
            return memoryview(_kernels().lay_texts(column.offsets, column.data))
        case Words():
            spelled = Texts.of(column.words)
            codes = np.ascontiguousarray(column.codes)
            return memoryview(_kernels().lay_words(codes, spelled.offsets, spelled.data))
        case _:
            return np.ascontiguousarray(column).data


def _kernels() -> Any:
    from tickreel.store import textkernels  # Numba takes half a second, which numbers alone never need

    return textkernels
