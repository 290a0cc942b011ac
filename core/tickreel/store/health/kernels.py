"""The compiled survey of an order book: one call for all that is asked of the rows but the book.

Constants are spelled here and not in a module without Numba: its cache on disk looks at this
file alone. For the same reason, and because loading a kernel takes some milliseconds, those that
days of an order book seldom need lie in files of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import types

from tickreel.kernels import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

# What a message of the book holds; of its sides nothing is said when it and those around it are updates.
HAS_UPDATE = 1
HAS_BID = 2
HAS_ASK = 4
IS_REPEATED = 8  # its rows are those of the message before
IS_SPLIT = 16  # a snapshot of one side, right after one of the other

# Slots of what is remembered of an instrument from call to call:
EXCHANGE_US = 0  # of the last row
LOCAL_US = 1  # of the last message
HOLDS = 2  # what the last message holds
# and what the last call has found:
RESETS = 3  # rows that start a snapshot
REPEATED = 4  # messages
SPLITS = 5  # messages
UPDATES = 6  # whether a row is no snapshot row
BACKS = 7  # runs of rows whose exchange time is below that of the row before
AFTERS = 8  # runs of rows whose exchange time is after local time
WAITS = 9  # long waits
LAST_START = 10  # first row of the last message
FINER = 11  # first row whose price seems to need more decimals, or the number of rows
SURVEY_SIZE = 12

NEVER_US = -(2**61)
"""Before every time there can be, and far enough from the end of int64 for a difference."""

_ALL_DIGITS = 2.0**56
"""From here on a number of 17 digits is whole, and no float64 is printed with more."""

_at = np.uint64


def _column(dtype: types.Type) -> types.Array:
    """Describe a column that is only read: such a parameter takes writable arrays as well."""
    return types.Array(dtype, 1, "C", readonly=True)


@njit(
    types.int64(
        _column(types.int64),
        _column(types.int64),
        _column(types.boolean),
        _column(types.int8),
        _column(types.float64),
        _column(types.float64),
        types.float64,
        types.int64,
        types.int64,
        types.int64[::1],
        types.int8[::1],
        types.int64[:, ::1],
        types.int64[:, ::1],
        types.int64[:, ::1],
    ),
    cache=True,
    nogil=True,
    error_model="numpy",
)
def survey_book(
    exchange_us: NDArray[np.int64],
    local_us: NDArray[np.int64],
    is_snapshot: NDArray[np.bool_],
    side: NDArray[np.int8],
    price: NDArray[np.float64],
    amount: NDArray[np.float64],
    power: float,
    long_us: int,
    close_us: int,
    survey: NDArray[np.int64],
    flags: NDArray[np.int8],
    backs: NDArray[np.int64],
    afters: NDArray[np.int64],
    waits: NDArray[np.int64],
) -> int:
    """Look at whole messages of one instrument, at least one; give their number.

    *survey* (SURVEY_SIZE,) carries what later calls need and takes what is found; *flags* takes
    those of each message. *backs* and *afters* (n, 3) take runs of rows less than *close_us*
    apart: first and last local time, and how many. *waits* (n, 2) takes the messages between
    which *long_us* or more lie. They have room for what local times that never go back can fill,
    and *waits* for one more.

    A price needs no more decimals when it is a whole number of 1 / *power*. The first message
    counts as no repetition, and as preceded by no snapshot row of its own time.
    """
    n = local_us.size
    # One pass after the other, because what asks little of a row is done for several at once.
    coarse = 0
    for row in range(n):
        scaled = price[row] * power
        coarse += (np.rint(scaled) / power == price[row]) | (abs(scaled) >= _ALL_DIGITS)
    finer = n
    if coarse < n:
        finer = 0
        while (
            np.rint(price[finer] * power) / power == price[finer] or abs(price[finer] * power) >= _ALL_DIGITS
        ):
            finer += 1
    snapshot_rows = 0
    for row in range(n):
        snapshot_rows += is_snapshot[row]
    late = exchange_us[0] < survey[EXCHANGE_US]
    late |= exchange_us[0] > local_us[0]
    rows_late = np.int64(late)
    for row in range(1, n):
        rows_late += (exchange_us[row] < exchange_us[row - 1]) | (exchange_us[row] > local_us[row])

    back_runs = 0
    after_runs = 0
    if rows_late > 0:
        before_us = survey[EXCHANGE_US]
        back_rows = 0
        back_first = NEVER_US
        back_last = NEVER_US
        after_rows = 0
        after_first = NEVER_US
        after_last = NEVER_US
        for row in range(n):
            us = local_us[row]
            now_us = exchange_us[row]
            # One branch for both questions: the processor cannot guess the first by itself.
            is_back = now_us < before_us
            if is_back & (us - back_last >= close_us):
                if back_rows > 0 and back_runs < backs.shape[0]:
                    backs[back_runs, 0] = back_first
                    backs[back_runs, 1] = back_last
                    backs[back_runs, 2] = back_rows
                    back_runs += 1
                back_first = us
                back_rows = 0
            back_last = us if is_back else back_last
            back_rows += is_back
            before_us = now_us
            is_after = now_us > us
            if is_after & (us - after_last >= close_us):
                if after_rows > 0 and after_runs < afters.shape[0]:
                    afters[after_runs, 0] = after_first
                    afters[after_runs, 1] = after_last
                    afters[after_runs, 2] = after_rows
                    after_runs += 1
                after_first = us
                after_rows = 0
            after_last = us if is_after else after_last
            after_rows += is_after
        if back_rows > 0 and back_runs < backs.shape[0]:
            backs[back_runs, 0] = back_first
            backs[back_runs, 1] = back_last
            backs[back_runs, 2] = back_rows
            back_runs += 1
        if after_rows > 0 and after_runs < afters.shape[0]:
            afters[after_runs, 0] = after_first
            afters[after_runs, 1] = after_last
            afters[after_runs, 2] = after_rows
            after_runs += 1

    previous_us = survey[LOCAL_US]
    held = survey[HOLDS]
    resets = 0
    repeated = 0
    splits = 0
    waited = 0
    messages = 0
    previous = 0
    start = 0
    while start < n:
        us = local_us[_at(start)]
        stop = start + 1
        while stop < n and local_us[_at(stop)] == us:
            stop += 1
        # Written whether it is long or not, which on a quiet market is anybody's guess.
        waits[waited, 0] = previous_us
        waits[waited, 1] = us
        is_long = (us - previous_us >= long_us) & (previous_us > NEVER_US)
        waited += is_long & (waited + 1 < waits.shape[0])
        own = HAS_UPDATE
        if snapshot_rows > 0:
            own = 0
            was_snapshot = False
            for row in range(start, stop):
                snapshot = is_snapshot[_at(row)]
                resets += snapshot and not was_snapshot
                was_snapshot = snapshot
                own |= (HAS_BID << side[_at(row)]) | (0 if snapshot else HAS_UPDATE)
        flag = own
        if own + held == HAS_BID + HAS_ASK and own in (HAS_BID, HAS_ASK):
            flag |= IS_SPLIT
            splits += 1
        length = stop - start
        if (start - previous == length) & (price[_at(start)] == price[_at(previous)]):
            offset = 0
            while offset < length:
                one = start + offset
                other = previous + offset
                if (
                    price[_at(one)] != price[_at(other)]
                    or amount[_at(one)] != amount[_at(other)]
                    or side[_at(one)] != side[_at(other)]
                    or is_snapshot[_at(one)] != is_snapshot[_at(other)]
                    or (
                        exchange_us[_at(one)] != exchange_us[_at(other)]
                        and (
                            exchange_us[_at(one)] != local_us[_at(one)]
                            or exchange_us[_at(other)] != local_us[_at(other)]
                        )
                    )
                ):
                    break
                offset += 1
            if offset == length:
                flag |= IS_REPEATED
                repeated += 1
        flags[messages] = flag
        messages += 1
        held = own
        previous = start
        previous_us = us
        start = stop

    survey[EXCHANGE_US] = exchange_us[n - 1]
    survey[LOCAL_US] = previous_us
    survey[HOLDS] = held
    survey[RESETS] = resets
    survey[REPEATED] = repeated
    survey[SPLITS] = splits
    survey[UPDATES] = snapshot_rows < n
    survey[BACKS] = back_runs
    survey[AFTERS] = after_runs
    survey[WAITS] = waited
    survey[LAST_START] = previous
    survey[FINER] = finer
    return messages
