"""Text columns laid out for the digest: every cell, then the byte 0x1F."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import types

from tickreel.kernels import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

_END = 0x1F

_OFFSETS = types.Array(types.int32, 1, "C", readonly=True)
_DATA = types.Array(types.uint8, 1, "C", readonly=True)


@njit(types.uint8[::1](_OFFSETS, _DATA), cache=True, nogil=True)
def lay_texts(offsets: NDArray[np.int32], data: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Lay out the texts of Arrow's offsets and data."""
    rows = offsets.size - 1
    laid = np.empty(offsets[rows] - offsets[0] + rows, np.uint8)
    place = 0
    for row in range(rows):
        for source in range(offsets[row], offsets[row + 1]):
            laid[place] = data[source]
            place += 1
        laid[place] = _END
        place += 1
    return laid


@njit(types.uint8[::1](_OFFSETS, _OFFSETS, _DATA), cache=True, nogil=True)
def lay_words(
    codes: NDArray[np.int32], offsets: NDArray[np.int32], data: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Lay out the words that *codes* name, words being given by Arrow's offsets and data."""
    size = codes.size
    for row in range(codes.size):
        size += offsets[codes[row] + 1] - offsets[codes[row]]
    laid = np.empty(size, np.uint8)
    place = 0
    for row in range(codes.size):
        for source in range(offsets[codes[row]], offsets[codes[row] + 1]):
            laid[place] = data[source]
            place += 1
        laid[place] = _END
        place += 1
    return laid
