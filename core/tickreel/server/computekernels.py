"""Compiled computing of what the vendor's client computes: snapshots of a book, and bars of trades.

A side of a book is a sorted array of prices with its best price last, and the amounts beside it: most
changes are close to the touch, so that few levels move. Times are microseconds; as in JavaScript the
buckets of an interval are counted in whole milliseconds of the exchange's time. What is compiled into
another shares its file, because Numba's cache on disk looks at that file alone.
"""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING

import numpy as np
from numba import types

from tickreel.kernels import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

# What a snapshot's state remembers between calls.
BIDS, ASKS = 0, 1
"""How many levels each side has."""
IS_KNOWN = 2
"""Whether a snapshot has come: changes before it are passed over."""
HAS_CHANGED = 3
"""Whether anything within the depth differs from what was told last."""
IS_BEGUN = 4
"""Whether anything was told at all."""
UPDATED_US = 5
IS_FINE = 6
"""Whether that time is spelled with microseconds."""
SNAPSHOT_SLOTS = 7

# What a bar's state remembers: numbers, and times with how they are spelled.
OPEN, HIGH, LOW, CLOSE, VOLUME, BUY_VOLUME, SELL_VOLUME, TRADES, VWAP = 0, 1, 2, 3, 4, 5, 6, 7, 8
BAR_NUMBERS = 9
OPENED, CLOSED, STAMP = 0, 1, 2
BAR_TIMES = 3
BY_TIME, BY_VOLUME, BY_TICKS = 0, 1, 2
_SAFE = 9007199254740991.0


@njit(
    types.int64(
        types.float64[::1], types.float64[::1], types.int64, types.float64, types.float64, types.float64
    ),
    cache=True,
    nogil=True,
)
def _set_level(
    prices: NDArray[np.float64],
    amounts: NDArray[np.float64],
    count: int,
    sign: float,
    price: float,
    amount: float,
) -> int:
    """Set or remove a level of a side; *sign* times its prices rise. Give how many levels there are."""
    key = sign * price
    low, high = 0, count
    if count and sign * prices[count - 1] < key:
        low = count
    while low < high:
        middle = (low + high) // 2
        if sign * prices[middle] < key:
            low = middle + 1
        else:
            high = middle
    is_there = low < count and prices[low] == price
    if amount == 0.0:
        if is_there:
            for place in range(low, count - 1):
                prices[place], amounts[place] = prices[place + 1], amounts[place + 1]
            return count - 1
        return count
    if is_there:
        amounts[low] = amount
        return count
    for place in range(count, low, -1):
        prices[place], amounts[place] = prices[place - 1], amounts[place - 1]
    prices[low], amounts[low] = price, amount
    return count + 1


@njit(
    types.boolean(types.float64[::1], types.float64[::1], types.int64, types.float64[:, ::1], types.int64),
    cache=True,
    nogil=True,
)
def _take_levels(
    prices: NDArray[np.float64],
    amounts: NDArray[np.float64],
    count: int,
    told: NDArray[np.float64],
    depth: int,
) -> bool:
    """Copy the best levels into what is told, NaN where there are none; tell whether that changed it."""
    changed = False
    for level in range(depth):
        place = count - 1 - level
        if place >= 0:
            price, amount = prices[place], amounts[place]
            if told[level, 0] != price or told[level, 1] != amount:
                told[level, 0], told[level, 1] = price, amount
                changed = True
        elif told[level, 0] == told[level, 0]:
            told[level, 0] = told[level, 1] = np.nan
            changed = True
    return changed


@njit(
    types.boolean(
        types.float64[::1],
        types.float64[::1],
        types.int64,
        types.float64[:, ::1],
        types.int64,
        types.float64,
        types.float64,
        types.boolean,
    ),
    cache=True,
    nogil=True,
    error_model="numpy",
)
def _take_grouped(
    prices: NDArray[np.float64],
    amounts: NDArray[np.float64],
    count: int,
    told: NDArray[np.float64],
    depth: int,
    grouping: float,
    scale: float,
    is_ask: bool,
) -> bool:
    """Sum levels up by steps of *grouping*; as the vendor does, levels that are no more keep their last."""
    changed = False
    current = np.nan
    total = 0.0
    level = 0
    step = grouping * scale
    for place in range(count - 1, -1, -1):
        scaled = prices[place] * scale
        remainder = np.fmod(scaled, step) / scale
        grouped = scaled - remainder * scale
        if is_ask and remainder > 0:
            grouped += step
        grouped /= scale
        if current != current:
            current = grouped
        if current != grouped:
            if told[level, 0] != current or told[level, 1] != total:
                told[level, 0], told[level, 1] = current, total
                changed = True
            level += 1
            if level == depth:
                break
            current, total = grouped, 0.0
        total += amounts[place]
    if level < depth and total > 0 and (told[level, 0] != current or told[level, 1] != total):
        told[level, 0], told[level, 1] = current, total
        changed = True
    return changed


@njit(
    types.boolean(types.int64[::1], types.float64, types.int64),
    cache=True,
    nogil=True,
    error_model="numpy",
)
def _is_due(state: NDArray[np.int64], interval_ms: float, time_us: int) -> bool:
    """Tell whether a snapshot is to be told at an exchange time, and stamp it then."""
    if not state[HAS_CHANGED]:
        return False
    if interval_ms == 0 or not state[IS_BEGUN]:
        return True
    told = floor((state[UPDATED_US] // 1000) / interval_ms)
    if floor((time_us // 1000) / interval_ms) <= told:
        return False
    state[UPDATED_US] = np.int64((told + 1) * interval_ms) * 1000
    state[IS_FINE] = 0
    return True


@njit(
    types.int64(
        types.int64,
        types.int64[::1],
        types.int64,
        types.float64[:, :, ::1],
        types.float64[:, :, :, ::1],
        types.int64[:, ::1],
    ),
    cache=True,
    nogil=True,
)
def _tell(
    count: int,
    state: NDArray[np.int64],
    message: int,
    told: NDArray[np.float64],
    levels: NDArray[np.float64],
    facts: NDArray[np.int64],
) -> int:
    levels[count] = told
    facts[count, 0], facts[count, 1], facts[count, 2] = message, state[UPDATED_US], state[IS_FINE]
    state[HAS_CHANGED] = 0
    return count + 1


@njit(
    types.UniTuple(types.int64, 2)(  # type: ignore[no-untyped-call]
        types.int64,
        types.int64[::1],
        types.int64[::1],
        types.boolean[::1],
        types.int64[::1],
        types.boolean[::1],
        types.int8[::1],
        types.float64[::1],
        types.float64[::1],
        types.float64[:, ::1],
        types.float64[:, ::1],
        types.int64[::1],
        types.float64[:, :, ::1],
        types.float64,
        types.float64,
        types.float64,
        types.float64[:, :, :, ::1],
        types.int64[:, ::1],
    ),
    cache=True,
    nogil=True,
)
def snapshots(
    first: int,
    starts: NDArray[np.int64],
    stops: NDArray[np.int64],
    is_snapshot: NDArray[np.bool_],
    times_us: NDArray[np.int64],
    is_fine: NDArray[np.bool_],
    sides: NDArray[np.int8],
    prices: NDArray[np.float64],
    amounts: NDArray[np.float64],
    bids: NDArray[np.float64],
    asks: NDArray[np.float64],
    state: NDArray[np.int64],
    told: NDArray[np.float64],
    interval_ms: float,
    grouping: float,
    scale: float,
    levels: NDArray[np.float64],
    facts: NDArray[np.int64],
) -> tuple[int, int]:
    """Apply messages of a book from number *first* on, and compute its snapshots.

    *bids* and *asks* are (2, room), prices and amounts, with room for a level more for every row;
    *told* (2, depth, 2) is what was told last, bids and asks by price and amount. Snapshot ``i`` goes to
    levels[i] and facts[i]: the message that it follows, its time and whether that is a fine one. Gives
    how many there are, and the message to go on with, which is none where all was done.
    """
    count = 0
    depth = told.shape[1]
    for message in range(first, len(starts)):
        if count + 2 > len(facts):
            return count, message
        time_us = times_us[message]
        if _is_due(state, interval_ms, time_us):
            count = _tell(count, state, message, told, levels, facts)
        start, stop = starts[message], stops[message]
        if is_snapshot[message]:
            state[BIDS] = state[ASKS] = 0
            state[IS_KNOWN] = 1
        if state[IS_KNOWN]:
            for row in range(start, stop):
                if sides[row] == 0:
                    state[BIDS] = _set_level(bids[0], bids[1], state[BIDS], 1.0, prices[row], amounts[row])
                else:
                    state[ASKS] = _set_level(asks[0], asks[1], state[ASKS], -1.0, prices[row], amounts[row])
            if state[BIDS] and state[ASKS] and bids[0, state[BIDS] - 1] >= asks[0, state[ASKS] - 1]:
                # What was not updated just now is what the exchange forgot to delete.
                best = asks[0, state[ASKS] - 1]
                drops_bids = False
                for row in range(start, stop):
                    drops_bids = drops_bids or (sides[row] == 1 and prices[row] == best)
                side = BIDS if drops_bids else ASKS
                while state[BIDS] and state[ASKS] and bids[0, state[BIDS] - 1] >= asks[0, state[ASKS] - 1]:
                    state[side] -= 1
        if grouping > 0:
            changed = _take_grouped(bids[0], bids[1], state[BIDS], told[0], depth, grouping, scale, False)
            changed |= _take_grouped(asks[0], asks[1], state[ASKS], told[1], depth, grouping, scale, True)
        else:
            changed = _take_levels(bids[0], bids[1], state[BIDS], told[0], depth)
            changed |= _take_levels(asks[0], asks[1], state[ASKS], told[1], depth)
        if changed:
            state[HAS_CHANGED] = 1
        state[UPDATED_US], state[IS_FINE] = time_us, is_fine[message]
        if _is_due(state, interval_ms, time_us):
            count = _tell(count, state, message, told, levels, facts)
            state[IS_BEGUN] = 1
    return count, len(starts)


@njit(types.void(types.float64[::1], types.int64[::1]), cache=True, nogil=True)
def begin_bar(numbers: NDArray[np.float64], times_us: NDArray[np.int64]) -> None:
    """Forget a bar."""
    numbers[:] = 0.0
    numbers[HIGH], numbers[LOW] = -_SAFE, _SAFE
    times_us[:] = 0


@njit(
    types.boolean(types.float64[::1], types.int64[:, ::1], types.int64, types.float64, types.int64),
    cache=True,
    nogil=True,
    error_model="numpy",
)
def _is_over(
    numbers: NDArray[np.float64], stamps: NDArray[np.int64], kind: int, interval: float, time_us: int
) -> bool:
    if numbers[TRADES] == 0:
        return False
    if kind != BY_TIME:
        return bool(numbers[VOLUME if kind == BY_VOLUME else TRADES] >= interval)
    opened = floor((stamps[0, OPENED] // 1000) / interval)
    if floor((time_us // 1000) / interval) <= opened:
        return False
    stamps[0, STAMP] = np.int64((opened + 1) * interval) * 1000
    stamps[1, STAMP] = 0
    return True


@njit(
    types.int64(
        types.int8[::1],
        types.float64[::1],
        types.float64[::1],
        types.int64[::1],
        types.boolean[::1],
        types.int64,
        types.float64,
        types.float64[::1],
        types.int64[:, ::1],
        types.float64[:, ::1],
        types.int64[:, :, ::1],
        types.int64[::1],
    ),
    cache=True,
    nogil=True,
    error_model="numpy",
)
def bars(
    sides: NDArray[np.int8],
    prices: NDArray[np.float64],
    amounts: NDArray[np.float64],
    times_us: NDArray[np.int64],
    is_fine: NDArray[np.bool_],
    kind: int,
    interval: float,
    numbers: NDArray[np.float64],
    stamps: NDArray[np.int64],
    told: NDArray[np.float64],
    told_stamps: NDArray[np.int64],
    after: NDArray[np.int64],
) -> int:
    """Take trades, and compute bars; as the vendor has it, a trade of a later interval ends one of time.

    *numbers* and *stamps*, (2, BAR_TIMES) of times and whether each is a fine one, are the bar in the
    making. Bar ``i`` goes to told[:, i], told_stamps[:, :, i] and after[i], the trade that it follows; there
    is room for two bars a trade. Gives how many there are.
    """
    count = 0
    for trade in range(len(sides)):
        if _is_over(numbers, stamps, kind, interval, times_us[trade]):
            told[:, count], told_stamps[:, :, count], after[count] = numbers, stamps, trade
            count += 1
            begin_bar(numbers, stamps[0])
        side = sides[trade]
        price, amount = prices[trade], amounts[trade]
        if numbers[TRADES] == 0:
            numbers[OPEN] = price
            stamps[0, OPENED], stamps[1, OPENED] = times_us[trade], is_fine[trade]
        if numbers[HIGH] < price:
            numbers[HIGH] = price
        if numbers[LOW] > price:
            numbers[LOW] = price
        numbers[CLOSE] = price
        stamps[0, CLOSED], stamps[1, CLOSED] = times_us[trade], is_fine[trade]
        numbers[BUY_VOLUME] += amount if side == 0 else 0.0
        numbers[SELL_VOLUME] += amount if side == 1 else 0.0
        numbers[TRADES] += 1
        volume = numbers[VOLUME]
        numbers[VWAP] = (numbers[VWAP] * volume + price * amount) / (volume + amount)
        numbers[VOLUME] = volume + amount
        stamps[0, STAMP], stamps[1, STAMP] = times_us[trade], is_fine[trade]
        if _is_over(numbers, stamps, kind, interval, times_us[trade]):
            told[:, count], told_stamps[:, :, count], after[count] = numbers, stamps, trade
            count += 1
            begin_bar(numbers, stamps[0])
    return count
