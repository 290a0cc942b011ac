"""The levels of a book as streams: prices and amounts of the bids, then of the asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tickreel.errors import DataError
from tickreel.store.segments.columns import ColumnEncoder, Laid, laid_out
from tickreel.store.segments.stored import Chunk
from tickreel.store.segments.streams import Form

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BIDS, _ASKS = 0, 2
"""Places of the streams of prices; amounts follow."""


class LevelsEncoder:
    """Encode book after book; what it learns of one serves the next."""

    def __init__(self) -> None:
        self._coders = [ColumnEncoder(place) for place in range(4)]

    def encode(self, bids: NDArray[np.float64], asks: NDArray[np.float64]) -> Laid:
        """Lay out the levels of both sides, each of shape (levels, 2)."""
        streams = [
            coder.numbers(np.ascontiguousarray(column))
            for coder, column in zip(self._coders, (*bids.T, *asks.T), strict=True)
        ]
        return laid_out(len(bids), len(asks), streams)


def decode_levels(
    stored: bytes, payload: bytes, bids: int, asks: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Decode what :class:`LevelsEncoder` laid out; raises DataError."""
    chunk = Chunk(stored, payload, bids)
    if chunk.runs != asks:
        raise DataError("a keyframe has other levels than its table tells")
    return _side(chunk, _BIDS, bids), _side(chunk, _ASKS, asks)


def _side(chunk: Chunk, first: int, levels: int) -> NDArray[np.float64]:
    side = np.empty((levels, 2), np.float64)
    column = np.empty(levels, np.float64)
    for place in range(2):
        chunk.stream(first + place, levels, Form.NUMBERS).numbers(column)
        side[:, place] = column
    return side
