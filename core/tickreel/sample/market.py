"""The simulated market itself: fair value, takers, makers and the feed, as integer kernels.

Nothing here is a float: prices are ticks, amounts lots, times milliseconds or microseconds, and
chance comes from a counter run through splitmix64. That makes the result the same bytes on every
machine. All kernels live in this one file because Numba's cache looks only at the file of the
kernel that it compiled: a helper changed elsewhere would go unnoticed.

A book is one array of *cells*, a cell per tick: bids in [0, WIDTH), asks in [WIDTH, 2 WIDTH), the
better price at the lower cell on both sides, so that one code serves both. Two cells face each
other over a spread of one tick when they add up to 2 WIDTH; a bid and an ask that add up to less
would cross. The second half of the array holds the same cells as the feed has last shown them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np
from numba import types

from tickreel.kernels import njit

if TYPE_CHECKING:
    from collections.abc import Callable

    from numba.core.typing.templates import Signature
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

_Function = TypeVar("_Function", bound="Callable[..., object]")

WIDTH = 1 << 16
SHOWN = 2 * WIDTH
"""How far a cell as shown lies behind the cell as it is."""
FINE = 10
"""Fair values count 2**-FINE ticks."""
STEP_MS = 25
"""Milliseconds between two fair values."""
WALL_LOTS = 30_000
"""From this amount on a level is a wall, which small makers leave alone."""
FEWEST, MOST = 225, 385
"""Levels that a side is kept between."""
_THIN = 20
_ROOM = 2_048

# Cells of the state. What the instrument is, set once:
(
    KEY, START_US, END_MS, OFFLINE_MS, ONLINE_MS, BASE_TICK, ROUND_TICKS, SLOT_MS, SLOT_SPREAD_MS,
    MAKER_RATE, TAKER_RATE, NEAR_TICKS, FAR_TICKS, REACH_TICKS,
    # how the market stands, of a pair the bid's first:
    DRAWS, NOW_MS, BEST, BEST_ASK, FARTHEST, _FARTHEST_ASK, COUNT, _COUNT_ASK, TOUCHED, EXCITED,
    IMPACT, TAKER_SIDE, BASIS, INTEREST, TRADE_ID, LAST_CELL,
    # and its feeds:
    IS_ONLINE, LOCAL_US, SPIKE_US, ROWS, MESSAGES, TRADES, TICKERS, STATE_CELLS,
) = range(38)  # fmt: skip

# Columns of what the kernels write.
PATH_FAIR, PATH_ACTIVITY, PATH_STRESS, PATH_COLUMNS = range(4)
(
    MESSAGE_US, MESSAGE_LOCAL_US, MESSAGE_IS_SNAPSHOT, MESSAGE_ROWS,
    MESSAGE_BID, MESSAGE_BID_LOTS, MESSAGE_ASK, MESSAGE_ASK_LOTS, MESSAGE_COLUMNS,
) = range(9)  # fmt: skip
ROW_CELL, ROW_LOTS, ROW_COLUMNS = range(3)
TRADE_US, TRADE_LOCAL_US, TRADE_NUMBER, TRADE_CELL, TRADE_LOTS, TRADE_COLUMNS = range(6)
TICKER_US, TICKER_LOCAL_US, TICKER_FAIR, TICKER_BASIS, TICKER_INTEREST, TICKER_LAST, TICKER_COLUMNS = range(7)

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_BY_27, _BY_30, _BY_31, _BY_33 = np.uint64(27), np.uint64(30), np.uint64(31), np.uint64(33)

# 1024 times -ln(1 - i/64): where the i-th 64th of an exponential distribution begins.
_EXPONENTIAL = np.array(
    [
        0, 16, 33, 49, 66, 83, 101, 119, 137, 155, 174, 193, 213, 233, 253, 274,
        295, 316, 338, 361, 384, 408, 432, 456, 481, 507, 533, 561, 588, 617, 646, 677,
        708, 740, 773, 807, 842, 879, 916, 956, 996, 1039, 1083, 1129, 1177, 1228, 1281, 1337,
        1396, 1459, 1526, 1597, 1673, 1755, 1844, 1941, 2047, 2164, 2296, 2447, 2622, 2831, 3090, 3454,
        4259,
    ],
    np.int64,
)  # fmt: skip

_INTEGER, _ARRAY, _TABLE = types.int64, types.int64[::1], types.int64[:, ::1]


def _kernel(signature: Signature, *, for_python: bool = False) -> Callable[[_Function], _Function]:
    """Compile for one signature, where Numba would else make a form for every literal passed.

    Together with the entry from Python left out where none is needed, that is a third of the time.
    """
    options: dict[str, Any] = {"no_cpython_wrapper": not for_python, "no_cfunc_wrapper": True}
    compiled = njit(signature, cache=True, nogil=True, error_model="numpy", **options)
    return cast("Callable[[_Function], _Function]", compiled)


@_kernel(_INTEGER(_ARRAY, _INTEGER))
def draw(state: Integers, bound: int) -> int:
    """Draw an integer from [0, bound); bound is at most 2**32."""
    state[DRAWS] += 1
    bits = np.uint64(state[KEY]) + np.uint64(state[DRAWS]) * _GOLDEN
    bits = (bits ^ (bits >> _BY_30)) * _MIX_1
    bits = (bits ^ (bits >> _BY_27)) * _MIX_2
    bits = bits ^ (bits >> _BY_31)
    return int((np.int64(bits >> _BY_33) * bound) >> 31)


@_kernel(_INTEGER(_ARRAY, _INTEGER))
def exponential(state: Integers, mean: int) -> int:
    """Draw from an exponential distribution, rounded down."""
    total = 0
    place = draw(state, 1 << 16)
    while place >= 63 << 10:  # without memory: the last 64th is the whole again, farther out
        total += _EXPONENTIAL[64]
        place = draw(state, 1 << 16)
    low = _EXPONENTIAL[place >> 10]
    total += low + (((_EXPONENTIAL[(place >> 10) + 1] - low) * (place & 1_023)) >> 10)
    return int((total * mean) >> 10)


@_kernel(_INTEGER(_ARRAY, _INTEGER))
def bell(state: Integers, deviation: int) -> int:
    """Draw around zero with about this standard deviation and, one time in sixteen, thrice that."""
    total = -2_046
    for _ in range(4):
        total += draw(state, 1_024)
    if draw(state, 16) == 0:
        total *= 3
    return (total * deviation) // 591


@_kernel(types.void(_ARRAY, _TABLE, _INTEGER, _INTEGER, _TABLE, _TABLE), for_python=True)
def fair_values(
    state: Integers, phases: Integers, jump: int, share: int, lead: Integers, path: Integers
) -> None:
    """Fill a symbol's path: fair value in fine ticks, activity and stress (1024 = usual) per step.

    Args:
        state: used for its chance only.
        phases: rows of second, ticks the market has drifted by then, volatility and activity
            from then on; the last row lies beyond the end.
        jump: standard deviation of a usual jump in fine ticks.
        share: how much of the leading symbol's move is followed, of 1024; 0 to follow the phases.
        lead: the leading symbol's path.
        path: out; its first fair value is given.
    """
    start = path[0, PATH_FAIR]
    phase, temper, wanted, pending, moved, lag, own, deviation, drifted = (
        0,
        1_024,
        1_024,
        0,
        0,
        12,
        0,
        jump,
        0,
    )
    for step in range(len(path)):
        second = step * STEP_MS // 1_000
        while second >= phases[phase + 1, 0]:
            phase += 1
        begin, origin = phases[phase, 0], phases[phase, 1]
        drift = origin + (phases[phase + 1, 1] - origin) * (second - begin) // (phases[phase + 1, 0] - begin)
        pending += drift - drifted
        drifted = drift

        if draw(state, 320) == 0:
            wanted = min(300 + exponential(state, 750), 2_600)
            lag = 8 + draw(state, 9)
        temper += (wanted - temper) >> 5
        activity = (temper * phases[phase, 3]) >> 10
        deviation += (((jump * phases[phase, 2]) >> 10) - deviation) >> 7
        # The market rests between jumps, and what has drifted meanwhile comes with the next one.
        if draw(state, 1_024) < min(220, 12 + ((42 * activity) >> 10)):
            leap = bell(state, deviation)
            own += leap
            deviation = min(deviation + (abs(leap) >> 6), 8 * jump)  # unrest breeds unrest
            moved += pending << FINE
            pending = 0
        own -= own >> 12
        followed = moved
        if share > 0:
            followed = ((lead[max(0, step - lag), PATH_FAIR] - lead[0, PATH_FAIR]) * share) >> 10
        path[step, PATH_FAIR] = start + followed + own
        path[step, PATH_ACTIVITY] = activity
        path[step, PATH_STRESS] = max(700, (deviation << 10) // jump)


@_kernel(types.void(_ARRAY, _ARRAY, _ARRAY, _INTEGER, _INTEGER))
def rest(state: Integers, book: Integers, touched: Integers, cell: int, lots: int) -> None:
    """Let *lots* rest in a cell, 0 for none, and keep the cursors of its side."""
    had = book[cell]
    side = cell >> 16
    if lots == 0 and (had == 0 or state[COUNT + side] <= _THIN):
        return
    book[cell] = lots
    touched[state[TOUCHED]] = cell
    state[TOUCHED] += 1
    if had == 0:
        state[COUNT + side] += 1
        state[BEST + side] = min(cell, state[BEST + side])
        state[FARTHEST + side] = max(cell, state[FARTHEST + side])
    elif lots == 0:
        state[COUNT + side] -= 1
        best, farthest = state[BEST + side], state[FARTHEST + side]
        while book[best] == 0:
            best += 1
        while book[farthest] == 0:
            farthest -= 1
        state[BEST + side], state[FARTHEST + side] = best, farthest


@_kernel(_INTEGER(_ARRAY, _INTEGER))
def occupancy(state: Integers, ticks: int) -> int:
    """Say how many of 1024 cells at this distance from the touch are taken."""
    near = state[NEAR_TICKS]
    if ticks < near:
        return 720
    if ticks < 4 * near:
        return 470
    if ticks < 14 * near:
        return 300
    if ticks < state[FAR_TICKS]:
        return 135
    return 42 if ticks < state[REACH_TICKS] else 0


@_kernel(_INTEGER(_ARRAY, _INTEGER))
def round_gap(state: Integers, cell: int) -> int:
    """Count the cells from this one to the next at a round price, away from the touch."""
    even = state[ROUND_TICKS]
    if cell < WIDTH:
        return int((state[BASE_TICK] + WIDTH - 1 - cell) % even)
    return int((WIDTH - cell - state[BASE_TICK]) % even)


@_kernel(_INTEGER(_ARRAY, _INTEGER))
def order_lots(state: Integers, ticks: int) -> int:
    """Draw the amount of a level at this distance: many small, some large, a few round."""
    kind = draw(state, 32)
    mean = 25 if kind < 10 else (320 if kind < 25 else 1_700)
    lots = 1 + exponential(state, mean)
    if kind >= 30:
        lots = 1_000 * (1 + draw(state, 5))
    if ticks > 4 * state[NEAR_TICKS]:
        lots *= 4
    return min(lots, WALL_LOTS >> 1)


@_kernel(_INTEGER(_ARRAY))
def delay_us(state: Integers) -> int:
    """Draw how long a message is under way: a few milliseconds, at times up to 34."""
    if draw(state, 900) == 0:
        state[SPIKE_US] += draw(state, 24_000)
    return min(34_000, int(2_000 + exponential(state, 900) + state[SPIKE_US]))


@_kernel(_INTEGER(_ARRAY, _INTEGER))
def arrival_us(state: Integers, sent_us: int) -> int:
    """Give the local time of the next trade or book message; none overtakes another."""
    state[LOCAL_US] = max(sent_us + delay_us(state), state[LOCAL_US] + 1 + draw(state, 9))
    return int(state[LOCAL_US])


@_kernel(types.void(_ARRAY, _ARRAY, _ARRAY, _TABLE, _INTEGER, _INTEGER, _INTEGER))
def take(
    state: Integers, book: Integers, touched: Integers, trades: Integers, lots: int, limit: int, at_ms: int
) -> None:
    """Trade *lots* from the best cell of the limit's side up to the limit."""
    side = limit >> 16
    sent_us = state[START_US] + at_ms * 1_000
    while lots > 0 and state[COUNT + side] > _THIN and state[BEST + side] <= limit:
        cell = state[BEST + side]
        fill = min(lots, book[cell])
        rest(state, book, touched, cell, book[cell] - fill)
        lots -= fill
        while fill > 0:  # one trade for every resting order that is met
            part = fill if draw(state, 4) > 0 else 1 + draw(state, fill)
            fill -= part
            state[TRADE_ID] += 1
            if state[IS_ONLINE] == 1:
                row = state[TRADES]
                trades[row, TRADE_US] = sent_us
                trades[row, TRADE_LOCAL_US] = arrival_us(state, sent_us)
                trades[row, TRADE_NUMBER] = state[TRADE_ID]
                trades[row, TRADE_CELL] = cell
                trades[row, TRADE_LOTS] = part
                state[TRADES] = row + 1
        state[LAST_CELL] = cell
    state[EXCITED] = min(10_000, state[EXCITED] + 140)


@_kernel(types.void(_ARRAY, _ARRAY, _ARRAY, _TABLE, _INTEGER, _INTEGER, _INTEGER))
def takers(
    state: Integers, book: Integers, touched: Integers, trades: Integers, fair: int, activity: int, at_ms: int
) -> None:
    """Let takers act on the book as it was last shown: by chance, on news, and by sweeps.

    *fair* is the bid's cell at the fair value.
    """
    rate = (state[TAKER_RATE] * activity * (1_024 + state[EXCITED])) >> 20
    for _ in range(min(6, (exponential(state, rate) + draw(state, 1_024)) >> 10)):
        if draw(state, 4) == 0:
            state[TAKER_SIDE] = draw(state, 2)
        kind = draw(state, 32)
        lots = 1 + exponential(state, 50 if kind < 21 else (380 if kind < 30 else 2_600))
        take(state, book, touched, trades, lots, state[BEST + state[TAKER_SIDE]] + 2, at_ms)
        at_ms = min(at_ms + draw(state, 5), state[NOW_MS])
    for side in range(2):
        goal = fair if side == 0 else 2 * WIDTH - fair
        behind = goal - state[BEST + side]
        if behind > 0 and draw(state, 1_024) < 230:
            take(
                state, book, touched, trades, exponential(state, 700 + 130 * min(behind, 90)), goal - 1, at_ms
            )
    if draw(state, 1 << 21) < activity:
        side = draw(state, 2)
        before = state[BEST + side]
        limit = before + state[NEAR_TICKS] + exponential(state, 2 * state[NEAR_TICKS])
        take(state, book, touched, trades, 25_000 + exponential(state, 30_000), limit, state[NOW_MS])
        state[IMPACT] += (2 * side - 1) * ((state[BEST + side] - before) << (FINE - 1))
        state[EXCITED] = min(10_000, state[EXCITED] + 3_000)


@_kernel(types.void(_ARRAY, _ARRAY, _ARRAY, _INTEGER, _INTEGER))
def requote(state: Integers, book: Integers, touched: Integers, fair: int, stress: int) -> None:
    """Let makers pull quotes that the fair value has passed, and close the spread around it."""
    for side in range(2):
        goal = fair if side == 0 else 2 * WIDTH - fair
        for _ in range(min(24, 1 + ((goal - state[BEST + side]) >> 2))):
            cell = state[BEST + side]
            if cell >= goal or book[cell] >= WALL_LOTS or draw(state, 1_024) >= 430:
                break
            rest(state, book, touched, cell, 0)
    for side in range(2):
        # A wall in the way of the other side is quoted against, not crossed.
        goal = max(fair if side == 0 else 2 * WIDTH - fair, 2 * WIDTH - state[BEST_ASK - side])
        ahead = state[BEST + side] - goal
        if ahead > 0 and draw(state, stress) < 900:
            cell = goal if draw(state, 3) > 0 else goal + draw(state, ahead)
            rest(state, book, touched, cell, order_lots(state, 0))


@_kernel(types.void(_ARRAY, _ARRAY, _ARRAY, _INTEGER))
def makers(state: Integers, book: Integers, touched: Integers, orders: int) -> None:
    """Let makers add, change and cancel orders, most of them near the touch."""
    for _ in range(orders):
        side = draw(state, 2)
        kind = draw(state, 64)
        ticks = 0
        if kind >= 14:
            ticks = exponential(state, state[NEAR_TICKS if kind < 54 else FAR_TICKS])
        ticks = min(ticks, state[REACH_TICKS])
        cell = state[BEST + side] + ticks
        if kind >= 62:
            cell += round_gap(state, cell)  # people like round prices
        had = book[cell]
        taken = draw(state, 1_024) < occupancy(state, ticks)
        lots = 0
        if had >= WALL_LOTS:
            fate = draw(state, 800)
            lots = 0 if fate == 0 else (had - exponential(state, 900) if fate < 40 else had)
        elif ticks == 0:
            lots = exponential(state, 420)
            joins = draw(state, 1_024) < (640 if had < 4_000 else 400)
            lots = min(had + lots, WALL_LOTS - 1) if joins else max(had - lots, 1)
        elif taken:
            lots = order_lots(state, ticks)
        if lots != had:
            rest(state, book, touched, cell, lots)


@_kernel(types.void(_ARRAY, _ARRAY, _ARRAY))
def walls_and_ends(state: Integers, book: Integers, touched: Integers) -> None:
    """Put up and pull walls at round prices, and keep the far ends of the book in bounds."""
    side = draw(state, 2)
    best = state[BEST + side]
    if draw(state, 2_800) == 0:
        cell = best + 4 * state[NEAR_TICKS] + draw(state, state[REACH_TICKS] >> 1)
        cell += round_gap(state, cell)
        rest(state, book, touched, cell, book[cell] + 1_000 * (35 + exponential(state, 45)))
    if draw(state, 8) == 0:
        # Every third wall is only for show, and goes before it is met.
        cell = best + draw(state, 4 * state[NEAR_TICKS])
        if book[cell] >= WALL_LOTS and cell // state[ROUND_TICKS] % 3 == 0:
            rest(state, book, touched, cell, 0)
    for side in range(2):
        for _ in range(4):  # what the market has left behind thins out
            ticks = exponential(state, state[FAR_TICKS] >> 1)
            lots = book[state[BEST + side] + ticks]
            if state[COUNT + side] < 320 or draw(state, 1_024) < occupancy(state, ticks):
                break
            if ticks > 0 and 0 < lots < WALL_LOTS:
                rest(state, book, touched, state[BEST + side] + ticks, 0)
        while state[COUNT + side] > FEWEST and (
            state[COUNT + side] > MOST or state[FARTHEST + side] - state[BEST + side] > state[REACH_TICKS]
        ):
            rest(state, book, touched, state[FARTHEST + side], 0)
        while state[COUNT + side] < FEWEST:
            ticks = min(exponential(state, state[FAR_TICKS]), state[REACH_TICKS])
            cell = state[BEST + side] + ticks
            if book[cell] == 0:
                rest(state, book, touched, cell, order_lots(state, ticks))


@_kernel(types.void(_ARRAY, _ARRAY, _ARRAY, _TABLE, _TABLE, _INTEGER))
def show(
    state: Integers, book: Integers, touched: Integers, rows: Integers, messages: Integers, snapshot: int
) -> None:
    """Send the touched cells that differ from what was last shown; for a snapshot, every level."""
    if snapshot == 1:
        state[TOUCHED] = 0
        for cell in range(SHOWN):
            book[SHOWN + cell] = 0
            if book[cell] > 0:
                touched[state[TOUCHED]] = cell
                state[TOUCHED] += 1
    row = first = state[ROWS]
    for place in range(state[TOUCHED]):  # bids from the best down, then asks from the best up
        cell = touched[place]
        while place > 0 and touched[place - 1] > cell:
            touched[place] = touched[place - 1]
            place -= 1
        touched[place] = cell
    for place in range(state[TOUCHED]):
        cell = touched[place]
        lots = book[cell]
        if lots != book[SHOWN + cell]:
            book[SHOWN + cell] = lots
            rows[row, ROW_CELL] = cell
            rows[row, ROW_LOTS] = lots
            row += 1
    if row > first:
        message = state[MESSAGES]
        sent_us = state[START_US] + state[NOW_MS] * 1_000
        messages[message, MESSAGE_US] = sent_us
        messages[message, MESSAGE_LOCAL_US] = arrival_us(state, sent_us)
        messages[message, MESSAGE_IS_SNAPSHOT] = snapshot
        messages[message, MESSAGE_ROWS] = row - first
        messages[message, MESSAGE_BID] = state[BEST]
        messages[message, MESSAGE_BID_LOTS] = book[state[BEST]]
        messages[message, MESSAGE_ASK] = state[BEST_ASK]
        messages[message, MESSAGE_ASK_LOTS] = book[state[BEST_ASK]]
        state[MESSAGES] = message + 1
        state[ROWS] = row


@_kernel(types.void(_ARRAY, _TABLE, _INTEGER))
def tell_ticker(state: Integers, tickers: Integers, fair: int) -> None:
    """Send the once-a-second figures of the contract; *fair* counts fine ticks."""
    state[BASIS] += bell(state, 1 << (FINE - 2)) - (state[BASIS] >> 6)
    state[INTEREST] += bell(state, 2_500)
    sent_us = state[START_US] + (state[NOW_MS] // 1_000 * 1_000 + draw(state, 4)) * 1_000
    row = state[TICKERS]
    tickers[row, TICKER_US] = sent_us
    tickers[row, TICKER_LOCAL_US] = sent_us + delay_us(state)
    tickers[row, TICKER_FAIR] = fair
    tickers[row, TICKER_BASIS] = state[BASIS]
    tickers[row, TICKER_INTEREST] = state[INTEREST]
    tickers[row, TICKER_LAST] = state[LAST_CELL]
    state[TICKERS] = row + 1


@_kernel(types.void(_ARRAY, _ARRAY, _ARRAY, _INTEGER), for_python=True)
def open_book(state: Integers, book: Integers, touched: Integers, fair: int) -> None:
    """Fill the book as it stands before the first message; *fair* is the bid's cell."""
    for side in range(2):
        best = fair if side == 0 else 2 * WIDTH - fair
        state[BEST + side] = state[FARTHEST + side] = best
        for ticks in range(state[REACH_TICKS]):
            lots = order_lots(state, ticks)
            if ticks > 60 and draw(state, 3) == 0 and round_gap(state, best + ticks) == 0:
                lots = 1_000 * (35 + exponential(state, 35))
            elif ticks > 0 and draw(state, 1_024) >= occupancy(state, ticks):
                lots = 0
            rest(state, book, touched, best + ticks, lots)
    walls_and_ends(state, book, touched)


@_kernel(types.void(_ARRAY, _TABLE, _ARRAY, _ARRAY, _TABLE, _TABLE, _TABLE, _TABLE), for_python=True)
def run(
    state: Integers, path: Integers, book: Integers, touched: Integers,
    rows: Integers, messages: Integers, trades: Integers, tickers: Integers,
) -> None:  # fmt: skip
    """Carry the market on until a buffer is nearly full or the extract ends (NOW_MS >= END_MS)."""
    state[ROWS] = state[MESSAGES] = state[TRADES] = state[TICKERS] = 0
    limit = len(rows) - _ROOM
    while state[NOW_MS] < state[END_MS] and state[ROWS] < limit and state[TRADES] < limit:
        before_ms = state[NOW_MS]
        now_ms = before_ms + state[SLOT_MS] + draw(state, state[SLOT_SPREAD_MS])
        state[NOW_MS] = now_ms
        state[IMPACT] -= state[IMPACT] >> 8
        state[EXCITED] -= state[EXCITED] >> 5
        state[SPIKE_US] -= state[SPIKE_US] >> 3
        state[TOUCHED] = 0
        snapshot = 0
        if state[OFFLINE_MS] <= now_ms < state[ONLINE_MS]:
            state[IS_ONLINE] = 0
        elif state[IS_ONLINE] == 0:
            state[IS_ONLINE] = snapshot = 1
        step = now_ms // STEP_MS
        activity = path[step, PATH_ACTIVITY]
        fair = path[step, PATH_FAIR] + state[IMPACT]
        cell = WIDTH - 1 - ((fair >> FINE) - state[BASE_TICK])
        if snapshot == 0:
            if state[IS_ONLINE] == 1 and now_ms // 1_000 > before_ms // 1_000:
                tell_ticker(state, tickers, fair)
            takers(state, book, touched, trades, cell, activity, before_ms + 1 + draw(state, 8))
            requote(state, book, touched, cell, path[step, PATH_STRESS])
            pace = (state[MAKER_RATE] * activity * (1_024 + (state[EXCITED] >> 1))) >> 20
            makers(state, book, touched, min(90, exponential(state, pace + 1_024) >> 10))
            walls_and_ends(state, book, touched)
        if state[IS_ONLINE] == 1:
            show(state, book, touched, rows, messages, snapshot)
