"""The compiled looks at rows that a writer takes: their order, their runs, and whether they are the same.

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

_PIECE = 1_024
"""Rows that are looked at at a time."""
_COMPILED: dict[str, Any] = {"error_model": "numpy", "nogil": True, "cache": True}

_u = np.uint64


def _read(dtype: types.Type) -> types.Array:
    """Describe an array that is only read: such a parameter takes writable arrays as well."""
    return types.Array(dtype, 1, "C", readonly=True)


@njit(types.int64(_read(types.int64), _read(types.int32), types.int64[::1]), **_COMPILED)
def count_messages(local_us: NDArray[np.int64], symbols: NDArray[np.int32], last: NDArray[np.int64]) -> int:
    """Count the distinct pairs of symbol and local time; *last* has an entry for every symbol.

    *symbols* are empty where there is but one.
    """
    messages = 0
    if symbols.size == 0:
        after, before = local_us[1:], local_us[:-1]
        for row in range(after.size):
            messages += after[row] != before[row]
        return messages + (local_us.size > 0)
    instant = 0
    last[:] = -1
    for row in range(local_us.size):
        if row > 0 and local_us[row] != local_us[row - 1]:
            instant += 1
        symbol = _u(symbols[row])
        if last[symbol] != instant:
            last[symbol] = instant
            messages += 1
    return messages


@njit(
    types.int64(
        _read(types.int64), _read(types.int64), _read(types.boolean), _read(types.int32), types.int64[::1]
    ),
    **_COMPILED,
)
def find_runs(
    local_us: NDArray[np.int64],
    exchange_us: NDArray[np.int64],
    flags: NDArray[np.bool_],
    symbols: NDArray[np.int32],
    starts: NDArray[np.int64],
) -> int:
    """Find the rows at which anything changes that is stored once a run; give how many they are.

    *symbols* are empty where there is but one.
    """
    rows = local_us.size
    if rows == 0:
        return 0
    starts[0] = 0
    found = 1
    changed = np.empty(_PIECE, np.uint8)
    for low in range(1, rows, _PIECE):
        n = min(_PIECE, rows - low)
        local, local_before = local_us[low : low + n], local_us[low - 1 : low - 1 + n]
        exchange, exchange_before = exchange_us[low : low + n], exchange_us[low - 1 : low - 1 + n]
        flag, flag_before = flags[low : low + n], flags[low - 1 : low - 1 + n]
        for i in range(n):
            changed[i] = (
                (local[i] != local_before[i])
                | (exchange[i] != exchange_before[i])
                | (flag[i] != flag_before[i])
            )
        if symbols.size:
            symbol, symbol_before = symbols[low : low + n], symbols[low - 1 : low - 1 + n]
            for i in range(n):
                changed[i] |= symbol[i] != symbol_before[i]
        for i in range(n):
            if found < rows:
                starts[_u(found)] = low + i
            found += changed[i]
    return found


@njit(
    types.void(
        _read(types.int64),
        _read(types.int64),
        _read(types.int64),
        _read(types.boolean),
        types.int64[:, ::1],
    ),
    **_COMPILED,
)
def take_runs(
    starts: NDArray[np.int64],
    local_us: NDArray[np.int64],
    exchange_us: NDArray[np.int64],
    flags: NDArray[np.bool_],
    told: NDArray[np.int64],
) -> None:
    """Fill the rows of *told*, an entry for each run: its length, local and exchange time, and flag."""
    runs = starts.size
    for run in range(runs):
        row = _u(starts[run])
        told[0, run] = (starts[run + 1] if run + 1 < runs else local_us.size) - starts[run]
        told[1, run] = local_us[row]
        told[2, run] = exchange_us[row]
        told[3, run] = flags[row]


@njit([types.boolean(_read(kind), _read(kind)) for kind in (types.int64, types.int8)], **_COMPILED)
def are_same(one: NDArray[Any], other: NDArray[Any]) -> bool:
    """Tell whether two arrays have the same bits."""
    if one.size != other.size:
        return False
    differing = one.dtype.type(0)
    for i in range(one.size):
        differing |= one[i] ^ other[i]
    return bool(differing == 0)


_WIDE, _NARROW = _read(types.int64), _read(types.int8)
_BOOK_BITS = (_WIDE, _WIDE, _NARROW, _NARROW, _WIDE, _WIDE)


@njit(types.boolean(*_BOOK_BITS, *_BOOK_BITS), **_COMPILED)
def are_same_books(
    exchange_us: NDArray[np.int64],
    local_us: NDArray[np.int64],
    flags: NDArray[np.int8],
    sides: NDArray[np.int8],
    prices: NDArray[np.int64],
    amounts: NDArray[np.int64],
    other_exchange_us: NDArray[np.int64],
    other_local_us: NDArray[np.int64],
    other_flags: NDArray[np.int8],
    other_sides: NDArray[np.int8],
    other_prices: NDArray[np.int64],
    other_amounts: NDArray[np.int64],
) -> bool:
    """Tell whether the columns of an order book's rows have the same bits as others.

    All in one call: a short kernel takes less time than to be given the interpreter's lock back.
    """
    return bool(
        are_same(exchange_us, other_exchange_us)
        and are_same(local_us, other_local_us)
        and are_same(flags, other_flags)
        and are_same(sides, other_sides)
        and are_same(prices, other_prices)
        and are_same(amounts, other_amounts)
    )


@njit(types.boolean(_read(types.int64)), **_COMPILED)
def ascends(local_us: NDArray[np.int64]) -> bool:
    """Tell whether times never go back."""
    good = True
    for i in range(1, local_us.size):
        good &= local_us[i] >= local_us[i - 1]
    return good
