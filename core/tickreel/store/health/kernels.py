"""The compiled counts of a day's health: each looks at every row once.

Constants are spelled here and not in a module without Numba: its cache on disk looks at this
file alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit, types

if TYPE_CHECKING:
    from numpy.typing import NDArray

# What a message of the book holds.
HAS_UPDATE = 1
HAS_BID = 2
HAS_ASK = 4
IS_REPEATED = 8  # its rows are those of the message before

_ALL_DIGITS = 2.0**56
"""From here on a number of 17 digits is whole, and no float64 is printed with more."""

_at = np.uint64
_PAIR = types.UniTuple(types.int64, 2)  # type: ignore[no-untyped-call]
_TRIPLE = types.UniTuple(types.int64, 3)  # type: ignore[no-untyped-call]


def _column(dtype: types.Type) -> types.Array:
    """Describe a column that is only read: such a parameter takes writable arrays as well."""
    return types.Array(dtype, 1, "C", readonly=True)


@njit(
    _PAIR(_column(types.int64), _column(types.int64), types.int64),
    cache=True,
    nogil=True,
)
def count_times(
    exchange_us: NDArray[np.int64], local_us: NDArray[np.int64], before_us: int
) -> tuple[int, int]:
    """Count rows whose exchange time is below that of the row before, and rows where it is after local time.

    *before_us* is the exchange time of the row before the first.
    """
    back = 0
    after = 0
    for row in range(local_us.size):
        us = exchange_us[row]
        back += us < before_us
        after += us > local_us[row]
        before_us = us
    return back, after


@njit(
    _PAIR(_column(types.int64), types.int64, types.int64),
    cache=True,
    nogil=True,
)
def count_waits(local_us: NDArray[np.int64], before_us: int, long_us: int) -> tuple[int, int]:
    """Count rows whose local time is not that of the row before, and those *long_us* or more after it."""
    changes = 0
    waits = 0
    for row in range(local_us.size):
        us = local_us[row]
        changes += us != before_us
        waits += us - before_us >= long_us
        before_us = us
    return changes, waits


@njit(
    types.int64(_column(types.float64), types.int64, types.float64),
    cache=True,
    nogil=True,
    error_model="numpy",
)
def first_finer(price: NDArray[np.float64], start: int, power: float) -> int:
    """Find the first row from *start* whose price seems to need more decimals than *power* = 10^n has.

    Gives the number of rows when there is none. Missing prices need none.
    """
    for row in range(start, price.size):
        scaled = price[_at(row)] * power
        is_fine = np.rint(scaled) / power == price[_at(row)] or abs(scaled) >= _ALL_DIGITS
        if not is_fine and price[_at(row)] == price[_at(row)]:
            return row
    return price.size


@njit(
    types.int64(_column(types.float64), types.int64),
    cache=True,
    nogil=True,
)
def first_given(price: NDArray[np.float64], start: int) -> int:
    """Find the first row from *start* that has a price; gives the number of rows when there is none."""
    for row in range(start, price.size):
        if price[row] == price[row]:
            return row
    return price.size


@njit(
    types.int64(
        _column(types.int64),
        _column(types.int64),
        _column(types.boolean),
        _column(types.int8),
        _column(types.float64),
        _column(types.float64),
        types.int64[::1],
        types.int8[::1],
    ),
    cache=True,
    nogil=True,
)
def survey_messages(
    exchange_us: NDArray[np.int64],
    local_us: NDArray[np.int64],
    is_snapshot: NDArray[np.bool_],
    side: NDArray[np.int8],
    price: NDArray[np.float64],
    amount: NDArray[np.float64],
    starts: NDArray[np.int64],
    flags: NDArray[np.int8],
) -> int:
    """Write the first row and the flags of every message; give the number of rows that start a snapshot.

    *starts* has an entry more than there are messages: the number of rows. The first message
    counts as no repetition, and as preceded by no snapshot row of its own time.
    """
    n = local_us.size
    messages = 0
    resets = 0
    flag = 0
    was_snapshot = False
    previous = 0
    start = 0
    for row in range(n):
        if is_snapshot[row]:
            resets += not was_snapshot
            was_snapshot = True
        else:
            flag |= HAS_UPDATE
            was_snapshot = False
        flag |= HAS_BID << side[row]
        if row + 1 == n or local_us[row + 1] != local_us[row]:
            length = row + 1 - start
            if start - previous == length:
                offset = 0
                while offset < length:
                    one = start + offset
                    other = previous + offset
                    if (
                        price[one] != price[other]
                        or amount[one] != amount[other]
                        or side[one] != side[other]
                        or is_snapshot[one] != is_snapshot[other]
                        or (
                            exchange_us[one] != exchange_us[other]
                            and (exchange_us[one] != local_us[one] or exchange_us[other] != local_us[other])
                        )
                    ):
                        break
                    offset += 1
                if offset == length:
                    flag |= IS_REPEATED
            starts[messages] = start
            flags[messages] = flag
            messages += 1
            previous = start
            start = row + 1
            flag = 0
            was_snapshot = False
    starts[messages] = n
    return resets


@njit(
    _TRIPLE(
        _column(types.int32),
        _column(types.uint8),
        types.int64,
        types.int64,
        types.int64[::1],
        types.int64[::1],
    ),
    cache=True,
    nogil=True,
)
def take_rising(
    offsets: NDArray[np.int32],
    data: NDArray[np.uint8],
    start: int,
    highest: int,
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
) -> tuple[int, int, int]:
    """Take ids from row *start* on, for as long as each is a whole number above all before.

    Writes runs of consecutive numbers to *firsts* and *lasts*, which have room for one per row;
    gives the row it stopped at, the highest number, and the number of runs. Empty ids are passed
    over; a number has no sign, no leading zero and at most 18 digits.
    """
    runs = 0
    row = start
    while row < offsets.size - 1:
        low = offsets[row]
        length = offsets[row + 1] - low
        if length > 0:
            if length > 18 or (data[low] == 48 and length > 1):
                break
            value = np.int64(0)
            at = 0
            while at < length and 48 <= data[low + at] <= 57:
                value = value * 10 + (np.int64(data[low + at]) - 48)
                at += 1
            if at < length or value <= highest:
                break
            if runs > 0 and value == highest + 1:
                lasts[runs - 1] = value
            else:
                firsts[runs] = value
                lasts[runs] = value
                runs += 1
            highest = int(value)
        row += 1
    return row, highest, runs
