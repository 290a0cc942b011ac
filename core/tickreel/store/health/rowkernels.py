"""The compiled counts over the rows of every type but the book, which is surveyed in ``kernels``.

Constants are spelled here: Numba's cache on disk looks at this file alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import types

from tickreel.kernels import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEVER_US = -(2**61)
"""Before every time there can be, and far enough from the end of int64 for a difference."""

_ALL_DIGITS = 2.0**56
"""From here on a number of 17 digits is whole, and no float64 is printed with more."""

_at = np.uint64
_QUADRUPLE = types.UniTuple(types.int64, 4)  # type: ignore[no-untyped-call]


def _column(dtype: types.Type) -> types.Array:
    """Describe a column that is only read: such a parameter takes writable arrays as well."""
    return types.Array(dtype, 1, "C", readonly=True)


@njit(
    _QUADRUPLE(
        _column(types.int64),
        _column(types.int64),
        types.int64,
        types.int64,
        types.int64,
        types.int64[:, ::1],
    ),
    cache=True,
    nogil=True,
)
def survey_times(
    exchange_us: NDArray[np.int64],
    local_us: NDArray[np.int64],
    before_us: int,
    previous_us: int,
    long_us: int,
    waits: NDArray[np.int64],
) -> tuple[int, int, int, int]:
    """Count times that go back, that lie after local time and that change; write the long waits.

    Counted are rows whose exchange time is below that of the row before, rows whose exchange time
    is after their local time, and rows whose local time is not that of the row before. *before_us*
    and *previous_us* are the exchange and local time of the row before the first, NEVER_US without
    one. *waits* (n, 2) takes the local times on either side of a wait of *long_us* or more and has
    room for one more than local times that never go back can hold; their number comes last.
    """
    back = 0
    after = 0
    changes = 0
    waited = 0
    for row in range(local_us.size):
        us = local_us[_at(row)]
        now_us = exchange_us[_at(row)]
        back += now_us < before_us
        after += now_us > us
        before_us = now_us
        changes += us != previous_us
        if us - previous_us >= long_us and previous_us > NEVER_US and waited < waits.shape[0]:
            waits[waited, 0] = previous_us
            waits[waited, 1] = us
            waited += 1
        previous_us = us
    return back, after, changes, waited


@njit(
    types.int64(_column(types.float64), types.int64, types.float64),
    cache=True,
    nogil=True,
    error_model="numpy",
)
def first_finer(price: NDArray[np.float64], start: int, power: float) -> int:
    """Find the first row from *start* whose price seems to need more decimals than *power* = 10^n has.

    Gives the number of rows when there is none. Missing prices need none; a *power* of 0 suits no
    price, so that the first one given is found.
    """
    for row in range(start, price.size):
        scaled = price[_at(row)] * power
        is_fine = np.rint(scaled) / power == price[_at(row)] or abs(scaled) >= _ALL_DIGITS
        if not is_fine and price[_at(row)] == price[_at(row)]:
            return row
    return price.size
