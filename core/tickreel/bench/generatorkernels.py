"""The compiled heart of the generator: a market in integers.

The book is dense, a cell per tick and side, and never crossed: a move of the price first takes
away what it passes. Chance is a counter run through splitmix64 and looked up in tables of
quantiles. They live in one file because Numba's cache looks only at the file of the kernel
that it compiled.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
from numba import types

from tickreel.kernels import njit

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

WIDTH = 1 << 21
"""Ticks of a side, from 0 on: prices reach from 1,000 to 170,000 at a tick of 0.1."""
LARGEST_MESSAGE = 1_024
"""Rows at most that a message after the snapshot can have."""

# Cells of the state of a market.
KEY, BEST_BID, LOCAL_US, END_US, ROWS_LEFT, TRADE_ID, ROWS, TRADES, STATE_CELLS = range(9)
# Cells of its pace.
CLOCK_US, MOOD, PACE_CELLS = range(3)
# Columns of a row, and those of a trade.
EXCHANGE_US, ROW_LOCAL_US, IS_SNAPSHOT, IS_ASK, TICK, LOTS, ROW_COLUMNS = range(7)
TRADE_US, TRADE_LOCAL_US, ID, IS_SELL, TRADE_TICK, TRADE_LOTS, TRADE_COLUMNS = range(7)

_LOWEST, _HIGHEST = 560_000, 680_000
"""Ticks between which the price is held, so that far levels stay far."""
_ROWS_OF_MESSAGE = 12.8
"""What a message has on average, for the pace of messages."""
_MEAN_GAP = 1.03
"""Mean of the gaps as drawn, before the pace is set."""
_CUTS = 1_024

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_BY_27, _BY_30, _BY_31 = np.uint64(27), np.uint64(30), np.uint64(31)


def _quantiles(quantile: Callable[[float], float], scale: float) -> NDArray[np.int64]:
    """Tabulate a distribution at _CUTS equal shares; the ends are drawn in to where it is finite."""
    shares = [min(max(cut / _CUTS, 1e-9), 1 - 1 / (8 * _CUTS)) for cut in range(_CUTS + 1)]
    return np.array([round(scale * quantile(share)) for share in shares], np.int64)


def _lognormal(mu: float, sigma: float) -> Callable[[float], float]:
    normal = NormalDist(mu, sigma)
    return lambda share: float(np.exp(normal.inv_cdf(share)))


_EXPONENTIAL = _quantiles(lambda share: float(-np.log1p(-share)), 65_536.0)
_LOT_SIZES = _quantiles(_lognormal(4.0, 1.7), 1.0)
_LATENCIES_US = _quantiles(_lognormal(8.3, 0.4), 1.0)


@njit(types.uint64(types.uint64), cache=True, nogil=True)
def _mixed(counter: np.uint64) -> np.uint64:
    z = counter
    z = (z ^ (z >> _BY_30)) * _MIX_1
    z = (z ^ (z >> _BY_27)) * _MIX_2
    return z ^ (z >> _BY_31)


@njit(types.int64(types.Array(types.int64, 1, "C", readonly=True), types.uint64), cache=True, nogil=True)
def _drawn(quantiles: NDArray[np.int64], bits: np.uint64) -> int:
    """Draw from a tabulated distribution."""
    place = np.int64(bits >> np.uint64(54))
    part = np.int64((bits >> np.uint64(22)) & np.uint64(0xFFFF))
    low = quantiles[place]
    return int(low + (((quantiles[place + 1] - low) * part) >> 16))


@njit(types.int64(types.uint64), cache=True, nogil=True)
def _exponential(bits: np.uint64) -> int:
    """Draw from the exponential distribution of mean 65,536."""
    return int(_drawn(_EXPONENTIAL, bits))


@njit(types.int64(types.uint64), cache=True, nogil=True)
def _lots(bits: np.uint64) -> int:
    """Draw the amount of a level."""
    return int(1 + _drawn(_LOT_SIZES, bits))


@njit(types.int64(types.uint64), cache=True, nogil=True)
def _latency_us(bits: np.uint64) -> int:
    return int(1_500 + _drawn(_LATENCIES_US, bits))


@njit(types.float64(types.uint64), cache=True, nogil=True)
def _share(bits: np.uint64) -> float:
    """Draw evenly from [0, 1)."""
    return float(bits >> np.uint64(11)) * 2.0**-53


@njit(
    types.void(types.int64[::1], types.int32[:, ::1], types.int64[:, ::1], types.int64, types.int64),
    cache=True,
    nogil=True,
)
def open_day(
    state: NDArray[np.int64],
    book: NDArray[np.int32],
    rows: NDArray[np.int64],
    exchange_us: int,
    levels: int,
) -> None:
    """Write the snapshot with which a day opens: *levels* a side, first in *rows*."""
    key = np.uint64(state[KEY])
    local_us = exchange_us + 3_000
    n = 0
    for side in range(2):
        tick = int(state[BEST_BID]) + side
        for _ in range(levels):
            key += _GOLDEN
            lots = _lots(_mixed(key))
            book[side, tick] = lots
            rows[n, EXCHANGE_US] = exchange_us
            rows[n, ROW_LOCAL_US] = local_us
            rows[n, IS_SNAPSHOT] = 1
            rows[n, IS_ASK] = side
            rows[n, TICK] = tick
            rows[n, LOTS] = lots
            n += 1
            key += _GOLDEN
            gap = 1 + ((_exponential(_mixed(key)) * 71_500) >> 32)
            tick += gap if side else -gap
    state[KEY] = np.int64(key)
    state[LOCAL_US] = local_us
    state[ROWS_LEFT] -= n
    state[ROWS] = n


@njit(
    types.void(
        types.int64[::1],
        types.float64[::1],
        types.int32[:, ::1],
        types.int64[::1],
        types.int64[:, ::1],
        types.int64[:, ::1],
    ),
    cache=True,
    nogil=True,
)
def carry_on(
    state: NDArray[np.int64],
    pace: NDArray[np.float64],
    book: NDArray[np.int32],
    touched: NDArray[np.int64],
    rows: NDArray[np.int64],
    trades: NDArray[np.int64],
) -> None:
    """Write whole messages behind state[ROWS] until the rows are nearly full or the day has all of its own.

    *touched* has LARGEST_MESSAGE cells of scratch. A message's rows are its bids, then its asks,
    each by price; the trades that moved the price go to *trades*, behind state[TRADES].
    """
    key = np.uint64(state[KEY])
    bid = int(state[BEST_BID])
    left = int(state[ROWS_LEFT])
    local_us = int(state[LOCAL_US])
    end_us = int(state[END_US])
    n = int(state[ROWS])
    sold = int(state[TRADES])
    trade_id = int(state[TRADE_ID])
    clock_us = float(pace[CLOCK_US])
    mood = float(pace[MOOD])
    room = len(rows) - LARGEST_MESSAGE

    while left > 0 and n < room and sold < len(trades) - 8:
        # How many rows the message wants, and when it comes.
        key += _GOLDEN
        wanted = 1 + min(((_exponential(_mixed(key)) * 9) >> 16), LARGEST_MESSAGE // 4)
        is_last = left <= LARGEST_MESSAGE and wanted >= left
        wanted = min(wanted, left)
        key += _GOLDEN
        noise = _share(_mixed(key))
        key += _GOLDEN
        noise += _share(_mixed(key))
        key += _GOLDEN
        noise += _share(_mixed(key))
        mood = 0.9995 * mood + 0.06 * (noise - 1.5)
        key += _GOLDEN
        gap = _exponential(_mixed(key)) / 65_536.0 * np.exp(-mood) / _MEAN_GAP
        key += _GOLDEN
        if _share(_mixed(key)) < 0.35:
            gap *= 0.02
        # What is left of the day is shared out over what is left of the rows.
        clock_us += gap * (end_us - clock_us) * min(1.0, _ROWS_OF_MESSAGE / left)
        if is_last or clock_us > end_us:
            clock_us = float(end_us)
        exchange_us = int(clock_us) // 1_000 * 1_000
        key += _GOLDEN
        local_us = max(exchange_us + _latency_us(_mixed(key)), local_us + 1)

        bids = 0  # touched cells of bids grow from the front, those of asks from the back
        asks = 0
        last_place = LARGEST_MESSAGE - 1
        key += _GOLDEN
        chance = _share(_mixed(key))
        takes = 0
        is_sell = chance < 0.15
        if chance < 0.20 and left > LARGEST_MESSAGE:
            # The price moves: what it passes is taken, and levels follow behind it.
            key += _GOLDEN
            reach = 1 + ((_exponential(_mixed(key)) * 6) >> 16)
            key += _GOLDEN
            is_sell = (_mixed(key) & np.uint64(1)) == 1
            if bid < _LOWEST:
                is_sell = False
            elif bid > _HIGHEST:
                is_sell = True
            fallen = 0 if is_sell else 1  # the side that is eaten
            step = -1 if is_sell else 1
            best = bid + fallen
            for i in range(reach):
                tick = best + step * i
                if book[fallen, tick] > 0:
                    book[fallen, tick] = 0
                    if fallen == 0:
                        touched[bids] = tick
                        bids += 1
                    else:
                        touched[last_place - asks] = tick
                        asks += 1
            new = best + step * reach
            for _ in range(3):
                if book[fallen, new] == 0:
                    new += step
            if book[fallen, new] == 0:
                key += _GOLDEN
                book[fallen, new] = _lots(_mixed(key))
                if fallen == 0:
                    touched[bids] = new
                    bids += 1
                else:
                    touched[last_place - asks] = new
                    asks += 1
            behind = new - step
            follower = best
            while True:
                key += _GOLDEN
                bits = _mixed(key)
                if follower == behind or _share(bits) < 0.35:
                    key += _GOLDEN
                    book[1 - fallen, follower] = _lots(_mixed(key))
                    if fallen == 1:
                        touched[bids] = follower
                        bids += 1
                    else:
                        touched[last_place - asks] = follower
                        asks += 1
                if follower == behind:
                    break
                follower += step
            takes = 1 + reach // 4
            trade_tick = best
            bid = new if fallen == 0 else new - 1
        elif chance < 0.20 + 0.28:
            takes = 1
            is_sell = chance < 0.34
            trade_tick = bid if is_sell else bid + 1

        for i in range(min(takes, 6)):
            key += _GOLDEN
            trades[sold, TRADE_US] = exchange_us
            trades[sold, TRADE_LOCAL_US] = local_us
            trades[sold, ID] = trade_id
            trades[sold, IS_SELL] = 1 if is_sell else 0
            trades[sold, TRADE_TICK] = trade_tick + (-i if is_sell else i)
            trades[sold, TRADE_LOTS] = 1 + (_lots(_mixed(key)) >> 1)
            trade_id += 1
            sold += 1

        for _ in range(wanted):
            key += _GOLDEN
            chance = _share(_mixed(key))
            key += _GOLDEN
            bits = _mixed(key)
            side = np.int64(bits & np.uint64(1))
            if chance < 0.70:
                away = (_exponential(bits) * 14) >> 16
            elif chance < 0.95:
                away = (_exponential(bits) * 166) >> 16
            elif chance < 0.99:
                away = int(np.int64((bits >> np.uint64(33)) % np.uint64(5_000)))
            else:
                # Some quote round prices a world away.
                round_tick = 10_000 * (1 + int(np.int64((bits >> np.uint64(33)) % np.uint64(50))))
                away = (bid - round_tick) if side == 0 else (700_000 + 2 * round_tick - bid - 1)
            tick = bid - away if side == 0 else bid + 1 + away
            key += _GOLDEN
            bits = _mixed(key)
            if book[side, tick] > 0 and away > 0 and (bits & np.uint64(1_023)) < np.uint64(96):
                book[side, tick] = 0
            else:
                book[side, tick] = _lots(bits)
            if side == 0:
                touched[bids] = tick
                bids += 1
            else:
                touched[last_place - asks] = tick
                asks += 1

        for written in range(2):
            cells = touched[:bids] if written == 0 else touched[LARGEST_MESSAGE - asks :]
            cells.sort()
            previous = -1
            for i in range(len(cells)):
                tick = int(cells[i])
                if tick == previous:
                    continue
                previous = tick
                rows[n, EXCHANGE_US] = exchange_us
                rows[n, ROW_LOCAL_US] = local_us
                rows[n, IS_SNAPSHOT] = 0
                rows[n, IS_ASK] = written
                rows[n, TICK] = tick
                rows[n, LOTS] = book[written, tick]
                n += 1
                left -= 1

    state[KEY] = np.int64(key)
    state[BEST_BID] = bid
    state[ROWS_LEFT] = left
    state[LOCAL_US] = local_us
    state[ROWS] = n
    state[TRADES] = sold
    state[TRADE_ID] = trade_id
    pace[CLOCK_US] = clock_us
    pace[MOOD] = mood
