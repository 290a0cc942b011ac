"""Compiled forms of ids: texts of digits to integers, UUIDs to their 16 bytes, and back.

Only a text that is exactly what the way back gives is taken: ``007``, ``-0`` and a UUID in
capitals are not. Texts lie as Arrow lays them out: offsets into bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import types

from tickreel.kernels import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MINUS = 0x2D
_ZERO = 0x30
_NINE = 0x39
_LETTER_A = 0x61
_LETTER_F = 0x66
_MOST_DIGITS = 19
_UUID_CHARACTERS = 36
_UUID_BYTES = 16
_PACKED, _VALUES, _PLAIN_AT, _PACKED_AT = 5, 6, 10, 11  # fields of a stream

_u = np.uint64

_OFFSETS = types.Array(types.int32, 1, "C", readonly=True)
_BYTES = types.Array(types.uint8, 1, "C", readonly=True)


@njit(types.boolean(_OFFSETS, _BYTES, types.int64[::1]), nogil=True, cache=True)
def parse_decimals(offsets: NDArray[np.int32], data: NDArray[np.uint8], out: NDArray[np.int64]) -> bool:
    """Read every text as a canonical decimal int64; tell whether all are."""
    for row in range(offsets.size - 1):
        at = np.int64(offsets[row])
        end = np.int64(offsets[row + 1])
        is_negative = at < end and data[at] == _MINUS
        at += is_negative
        digits = end - at
        if digits < 1 or digits > _MOST_DIGITS:
            return False
        if data[at] == _ZERO and (digits > 1 or is_negative):
            return False
        value = _u(0)
        for place in range(at, end):
            digit = data[place]
            if digit < _ZERO or digit > _NINE:
                return False
            value = value * _u(10) + _u(digit - _ZERO)
        if value > _u(2**63 - 1) + _u(is_negative):
            return False
        out[row] = np.int64(_u(0) - value) if is_negative else np.int64(value)
    return True


@njit(types.int64(_BYTES, types.int64[::1], types.int32[::1], types.uint8[::1]), nogil=True, cache=True)
def format_decimals(
    digits: NDArray[np.uint8],
    values: NDArray[np.int64],
    offsets: NDArray[np.int32],
    data: NDArray[np.uint8],
) -> int:
    """Write every integer as text to *data*, of 20 bytes a value; give the bytes used.

    *digits* are the two digits of every number below 100, one after the other.
    """
    at = 0
    offsets[0] = 0
    text = np.empty(20, np.uint8)
    for row in range(values.size):
        value = values[row]
        rest = _u(0) - _u(value) if value < 0 else _u(value)
        first = 20
        while rest >= _u(100):
            pair = (rest % _u(100)) * _u(2)
            rest //= _u(100)
            first -= 2
            text[first] = digits[pair]
            text[first + 1] = digits[pair + _u(1)]
        if rest >= _u(10):
            first -= 2
            text[first] = digits[rest * _u(2)]
            text[first + 1] = digits[rest * _u(2) + _u(1)]
        else:
            first -= 1
            text[first] = _ZERO + rest
        if value < 0:
            first -= 1
            text[first] = _MINUS
        for place in range(first, 20):
            data[at] = text[place]
            at += 1
        offsets[row + 1] = at
    return at


@njit(types.boolean(_OFFSETS, _BYTES, types.uint8[::1]), nogil=True, cache=True)
def parse_uuids(offsets: NDArray[np.int32], data: NDArray[np.uint8], out: NDArray[np.uint8]) -> bool:
    """Read every text as a UUID in lower case, into 16 byte planes; tell whether all are."""
    count = offsets.size - 1
    for row in range(count):
        at = np.int64(offsets[row])
        if offsets[row + 1] - at != _UUID_CHARACTERS:
            return False
        half = 0
        byte = 0
        for place in range(_UUID_CHARACTERS):
            character = data[at + place]
            if place == 8 or place == 13 or place == 18 or place == 23:
                if character != _MINUS:
                    return False
                continue
            if _ZERO <= character <= _NINE:
                digit = character - _ZERO
            elif _LETTER_A <= character <= _LETTER_F:
                digit = character - _LETTER_A + 10
            else:
                return False
            byte = byte * 16 + digit
            half += 1
            if half % 2 == 0:
                out[(half // 2 - 1) * count + row] = byte
                byte = 0
    return True


@njit(types.void(_BYTES, _BYTES, types.int64[::1], types.uint8[::1]), nogil=True, cache=True)
def format_uuids(
    plain: NDArray[np.uint8], packed: NDArray[np.uint8], stream: NDArray[np.int64], data: NDArray[np.uint8]
) -> None:
    """Write the UUIDs of the 16 byte planes of a stream as text, 36 bytes each."""
    plain_at, packed_at = stream[_PLAIN_AT], stream[_PACKED_AT]
    count = stream[_VALUES]
    for byte in range(_UUID_BYTES):
        if stream[_PACKED] >> byte & 1:
            plane = packed[packed_at : packed_at + count]
            packed_at += count
        else:
            plane = plain[plain_at : plain_at + count]
            plain_at += count
        place = 2 * byte + (byte >= 4) + (byte >= 6) + (byte >= 8) + (byte >= 10)
        is_last = byte == 3 or byte == 5 or byte == 7 or byte == 9
        for row in range(count):
            value = np.int64(plane[row])
            high, low = value >> 4, value & 15
            at = row * _UUID_CHARACTERS + place
            data[at] = high + (_ZERO if high < 10 else _LETTER_A - 10)
            data[at + 1] = low + (_ZERO if low < 10 else _LETTER_A - 10)
            if is_last:
                data[at + 2] = _MINUS
