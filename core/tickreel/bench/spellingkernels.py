"""Compiled spelling: the rows of a generated market as lines of CSV.

A table has a row a line: exchange time and local time in microseconds, the snapshot flag or the id
of a trade, 1 for the second of two sides, the price in tenths and the amount in thousandths.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from numba import types

from tickreel.kernels import njit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@njit(types.int64(types.uint8[::1], types.int64, types.int64), cache=True, nogil=True)
def _put_integer(text: NDArray[np.uint8], at: int, value: int) -> int:
    """Write the digits of a number that is not negative; give the place after them."""
    end = at + 1
    limit = 10
    while value >= limit:
        limit *= 10
        end += 1
    place = end - 1
    while place >= at:
        text[place] = 48 + value % 10
        value //= 10
        place -= 1
    return end


@njit(types.int64(types.uint8[::1], types.int64, types.int64, types.int64), cache=True, nogil=True)
def _put_decimal(text: NDArray[np.uint8], at: int, value: int, unit: int) -> int:
    """Write *value* / *unit*, a power of ten, in shortest form."""
    at = _put_integer(text, at, value // unit)
    rest = value % unit
    if rest:
        text[at] = 46
        at += 1
        while rest:
            unit //= 10
            text[at] = 48 + rest // unit
            rest %= unit
            at += 1
    return at


@njit(types.int64(types.uint8[::1], types.int64, types.uint8[::1]), cache=True, nogil=True)
def _put_word(text: NDArray[np.uint8], at: int, word: NDArray[np.uint8]) -> int:
    for i in range(len(word)):
        text[at + i] = word[i]
    return at + len(word)


@njit(
    types.int64(
        types.int64[:, ::1],
        types.int64,
        types.uint8[::1],
        types.uint8[::1],
        types.uint8[::1],
        types.uint8[::1],
        types.boolean,
        types.uint8[::1],
    ),
    cache=True,
    nogil=True,
)
def spell(
    table: NDArray[np.int64],
    rows: int,
    opening: NDArray[np.uint8],
    first: NDArray[np.uint8],
    second: NDArray[np.uint8],
    truth: NDArray[np.uint8],
    has_id: bool,
    text: NDArray[np.uint8],
) -> int:
    """Spell the first *rows* of a table as CSV lines into *text*; give the number of bytes.

    *opening* are the cells before the times; *first* and *second* the words of the side with their
    comma; *truth* what stands for a snapshot flag: ``true,`` then ``false,``. A trade has its id there.
    """
    at = 0
    stamp = 0  # where the last line's times began
    length = 0
    for row in range(rows):
        at = _put_word(text, at, opening)
        is_repeated = row > 0 and table[row, 0] == table[row - 1, 0] and table[row, 1] == table[row - 1, 1]
        begin = at
        if is_repeated:
            for i in range(length):
                text[at + i] = text[stamp + i]
            at += length
        else:
            at = _put_integer(text, at, table[row, 0])
            text[at] = 44
            at = _put_integer(text, at + 1, table[row, 1])
            text[at] = 44
            at += 1
            length = at - begin
        stamp = begin
        if has_id:
            at = _put_integer(text, at, table[row, 2])
            text[at] = 44
            at += 1
        elif table[row, 2]:
            at = _put_word(text, at, truth[:5])
        else:
            at = _put_word(text, at, truth[5:])
        at = _put_word(text, at, second if table[row, 3] else first)
        at = _put_decimal(text, at, table[row, 4], 10)
        text[at] = 44
        at = _put_decimal(text, at + 1, table[row, 5], 1_000)
        text[at] = 10
        at += 1
    return at
