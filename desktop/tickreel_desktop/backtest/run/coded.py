"""Columns of a stored table as arrays: words as codes, NaN for unknown numbers, NEVER for no time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tickreel.backtest.outcome import NEVER

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray


class Coded(NamedTuple):
    """A column of words."""

    codes: NDArray[np.int32]
    words: tuple[str, ...]

    def at(self, place: int) -> str:
        """Give the word of a row."""
        return self.words[int(self.codes[place])]


def coded(table: pa.Table, name: str) -> Coded:
    """Give a column of words."""
    column = table[name].combine_chunks().dictionary_encode()
    return Coded(np.asarray(column.indices, np.int32), tuple(column.dictionary.to_pylist()))


def numbers(table: pa.Table, name: str) -> NDArray[np.float64]:
    """Give a column of numbers, float64 (n,)."""
    return np.asarray(table[name].to_numpy(zero_copy_only=False), np.float64)


def times(table: pa.Table, name: str) -> NDArray[np.int64]:
    """Give a column of times, int64 (n,); :data:`NEVER` where there is none."""
    import pyarrow.compute as pc

    return np.asarray(pc.fill_null(table[name], NEVER).to_numpy(), np.int64)


def between(begin_us: NDArray[np.int64], end_us: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give how long it was from one to the other, int64 (n,); :data:`NEVER` where one of them never was."""
    known = (begin_us != NEVER) & (end_us != NEVER)
    return np.where(known, end_us - begin_us, NEVER)
