"""The digest of a day's rows, the same however the rows were packed.

One SHA-256 runs over each column, so that the digest depends neither on how the rows were
cut into blocks nor on how a segment stores them; the digest of the day is the SHA-256 over
the raw column digests in the vendor's order. The exchange is left out; the symbol counts
only in grouped files, where it tells the instruments apart.
"""

from __future__ import annotations

import hashlib
import importlib
from typing import TYPE_CHECKING, Any

import numpy as np

from tickreel.market.block import Texts, Words
from tickreel.market.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from tickreel.market.block import Block, ColumnData
    from tickreel.market.types import Column, Schema
    from tickreel.store.twinhash import TwinSha256


class RowsDigest:
    """A running digest over the rows of one day, fed in time order."""

    def __init__(self, schema: Schema, *, grouped: bool) -> None:
        columns = [
            column
            for column in schema.columns
            if column.name != "exchange" and (grouped or column.name != "symbol")
        ]
        self._names = [column.name for column in columns]
        self._twins = dict(_twins(columns))
        paired = {name for pair in self._twins for name in pair}
        self._others = {name: hashlib.sha256() for name in self._names if name not in paired}

    def update(self, block: Block) -> None:
        """Take in the rows of *block*, which holds all columns of its type."""
        if not len(block):
            return
        for (one, other), twin in self._twins.items():
            twin.update(_raw(block.array(one)), _raw(block.array(other)))
        for name, digest in self._others.items():
            digest.update(_bytes_of(_symbols(block) if name == "symbol" else block.columns[name]))

    def hexdigest(self) -> str:
        """Give the digest of the rows so far, in hexadecimal; more rows may follow."""
        found = {name: digest.digest() for name, digest in self._others.items()}
        for pair, twin in self._twins.items():
            found.update(zip(pair, twin.digests(), strict=True))
        return hashlib.sha256(b"".join(found[name] for name in self._names)).hexdigest()


def _twins(columns: Iterable[Column]) -> Iterator[tuple[tuple[str, str], TwinSha256]]:
    """Pair columns whose cells are of one size, for digests side by side where the processor has those."""
    kernels = _kernels("hashkernels")
    if not kernels.ARE_HERE:
        return
    from tickreel.store.twinhash import TwinSha256

    single: dict[bool, str] = {}
    for column in columns:
        if column.kind is Kind.TEXT:
            continue
        is_wide = column.kind in (Kind.TIME, Kind.NUMBER)
        other = single.pop(is_wide, None)
        if other is None:
            single[is_wide] = column.name
        else:
            yield (other, column.name), TwinSha256()


def _raw(column: NDArray[Any]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(column).view(np.uint8)


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
            return memoryview(_kernels("textkernels").lay_texts(column.offsets, column.data))
        case Words():
            spelled = Texts.of(column.words)
            codes = np.ascontiguousarray(column.codes)
            return memoryview(_kernels("textkernels").lay_words(codes, spelled.offsets, spelled.data))
        case _:
            return np.ascontiguousarray(column).data


def _kernels(name: str) -> Any:
    """Load kernels, which takes half a second where nobody has loaded Numba before."""
    return importlib.import_module(f"tickreel.store.{name}")
