"""The compiled reading of descriptors: no other kernel may be called for what this one refuses.

Constants are spelled here and not in a module without Numba: its cache on disk looks at this
file alone, and would keep kernels compiled for the constants of an older version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import types

from tickreel.kernels import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A stream as a row of int64, in the order of its descriptor, and where its planes begin.
COLUMN, FORM, TRANSFORM, WIDTH, DECIMALS, PACKED, VALUES, TAIL, BASE, UNIT = range(10)
PLAIN_AT, PACKED_AT = 10, 11
FIELDS = 12

FORM_FAULT, TAIL_FAULT, LENGTH_FAULT = 1, 2, 3
"""What :func:`read_streams` may find."""

_SIZES = (2, 1, 1, 1, 1, 2, 4, 4, 8, 8)
_HEAD_BYTES = 16
_DESCRIPTOR_BYTES = 32
_INTEGERS, _NUMBERS, _SIDED, _UUIDS, _TEXTS = 1, 2, 3, 6, 7
_UUID_BYTES = 16
_MAX_DECIMALS = 22
_LAST_TRANSFORM = 3

_COMPILED: dict[str, Any] = {"error_model": "numpy", "nogil": False, "cache": True}
"""They keep the interpreter's lock: what they do takes less time than to be given it back."""

_u = np.uint64  # mixed with int64 it would become float64, so every operand is cast
_BYTES = types.Array(types.uint8, 1, "C", readonly=True)  # takes writable arrays as well


@njit(types.int64(_BYTES, types.int64, types.int64), **_COMPILED)
def _integer(data: NDArray[np.uint8], at: int, size: int) -> int:
    value = _u(0)
    for i in range(size):
        value |= _u(data[at + i]) << _u(8 * i)
    return int(np.int64(value))


@njit(
    types.int64(_BYTES, types.int64, types.int64, types.int64, types.int64, types.int64[:, ::1]), **_COMPILED
)
def read_streams(
    plain: NDArray[np.uint8],
    frame_at: int,
    payload_bytes: int,
    rows: int,
    runs: int,
    streams: NDArray[np.int64],
) -> int:
    """Read the descriptors into a row each, and refuse those that would lead a kernel astray.

    *plain* must hold at least *frame_at* bytes, of which head and descriptors are a part.
    Gives 0, or which fault was found.
    """
    count = streams.shape[0]
    plain_at = _HEAD_BYTES + count * _DESCRIPTOR_BYTES
    packed_at = 0
    for place in range(count):
        at = _HEAD_BYTES + place * _DESCRIPTOR_BYTES
        stream = streams[place]
        for field, size in enumerate(_SIZES):
            stream[field] = _integer(plain, at, size)
            at += size
        form, width, values, tail = stream[FORM], stream[WIDTH], stream[VALUES], stream[TAIL]
        if (
            form < _INTEGERS
            or form > _TEXTS
            or stream[TRANSFORM] > _LAST_TRANSFORM
            or (width != _UUID_BYTES if form == _UUIDS else width > 8)
            or stream[PACKED] >> width != 0
            or stream[DECIMALS] > _MAX_DECIMALS
            or (values != rows and values != runs)
        ):
            return FORM_FAULT
        stream[PLAIN_AT] = plain_at
        stream[PACKED_AT] = packed_at
        for plane in range(width):
            if stream[PACKED] >> plane & 1:
                packed_at += values
            else:
                plain_at += values
        if tail:
            if form == _TEXTS:
                packed_at += tail
            elif form in (_NUMBERS, _SIDED) and tail <= values and width > 0:
                packed_at += 8 * tail
            else:
                return TAIL_FAULT
    return 0 if plain_at == frame_at and packed_at == payload_bytes else LENGTH_FAULT
