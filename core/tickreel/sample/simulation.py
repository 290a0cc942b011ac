"""Runs the market for one symbol after the other and gives the rows of its feeds as integers.

Importing this module compiles the market, or loads it from Numba's cache.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tickreel.market.types import DataType
from tickreel.sample import market, scenario

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tickreel.progress import Monitor
    from tickreel.sample.scenario import Instrument

    Integers = NDArray[np.int64]
    Feed = tuple[Integers, ...]

_CHUNK_ROWS = 32_768
"""Book rows that the market may write at a time: a few minutes, and the pace of progress."""


def simulate(monitor: Monitor) -> Iterator[tuple[Instrument, dict[DataType, Feed]]]:
    """Give every instrument with its feeds, each as the integer columns that follow the symbol's.

    Times are microseconds, prices ticks, amounts lots; index and mark prices and funding rates
    count 10**-INDEX_DECIMALS. A side is its code in :data:`tickreel.market.types.SIDES`.

    Raises:
        tickreel.errors.Cancelled: the monitor asked to stop.
    """
    paths: list[Integers] = []
    for number, instrument in enumerate(scenario.INSTRUMENTS):
        paths.append(_path(instrument, number, paths))
        rows, messages, trades, tickers = _run(instrument, number, paths[number], monitor)
        yield (
            instrument,
            {
                DataType.INCREMENTAL_BOOK_L2: _book_feed(instrument, rows, messages),
                DataType.TRADES: _trade_feed(instrument, trades),
                DataType.QUOTES: _quote_feed(instrument, messages),
                DataType.DERIVATIVE_TICKER: _ticker_feed(instrument, tickers),
            },
        )


def _base_tick(instrument: Instrument) -> int:
    return instrument.start_tick - market.WIDTH // 2


def _state(instrument: Instrument, number: int, stream: int) -> Integers:
    """Lay out an instrument for the kernels, with a stream of chance that no other part shifts."""
    cells = {
        market.KEY: (scenario.SAMPLE_SEED << 16) + (number << 8) + stream,
        market.START_US: scenario.SAMPLE_START_US,
        market.END_MS: scenario.END_MS,
        market.OFFLINE_MS: scenario.OFFLINE_MS,
        market.ONLINE_MS: scenario.ONLINE_MS,
        market.BASE_TICK: _base_tick(instrument),
        market.ROUND_TICKS: instrument.round_ticks,
        market.SLOT_MS: instrument.slot_ms,
        market.SLOT_SPREAD_MS: instrument.slot_spread_ms,
        market.MAKER_RATE: instrument.maker_rate,
        market.TAKER_RATE: instrument.taker_rate,
        market.NEAR_TICKS: instrument.near_ticks,
        market.FAR_TICKS: instrument.far_ticks,
        market.REACH_TICKS: instrument.reach_ticks,
        market.LAST_CELL: market.WIDTH + market.WIDTH // 2,
        market.TRADE_ID: instrument.first_trade,
        market.INTEREST: instrument.interest_lots,
    }
    return np.array([cells.get(cell, 0) for cell in range(market.STATE_CELLS)], np.int64)


def _path(instrument: Instrument, number: int, before: list[Integers]) -> Integers:
    path = np.zeros((scenario.END_MS // market.STEP_MS + 8, market.PATH_COLUMNS), np.int64)
    path[0, market.PATH_FAIR] = instrument.start_tick << market.FINE
    lead = before[0] if before else path
    jump = instrument.jump_ticks << market.FINE
    market.fair_values(_state(instrument, number, 1), scenario.PHASES, jump, instrument.share, lead, path)
    return path


def _run(instrument: Instrument, number: int, path: Integers, monitor: Monitor) -> list[Integers]:
    """Run the market of one symbol; give its book rows, book messages, trades and tickers."""
    state = _state(instrument, number, 2)
    book = np.zeros(2 * market.SHOWN, np.int64)
    touched = np.zeros(1 << 14, np.int64)
    tables = {
        market.ROWS: market.ROW_COLUMNS,
        market.MESSAGES: market.MESSAGE_COLUMNS,
        market.TRADES: market.TRADE_COLUMNS,
        market.TICKERS: market.TICKER_COLUMNS,
    }
    buffers = [np.zeros((_CHUNK_ROWS, columns), np.int64) for columns in tables.values()]
    chunks: list[list[Integers]] = [[] for _ in tables]
    total_s = len(scenario.INSTRUMENTS) * scenario.END_MS // 1_000
    note = f"simulating {instrument.symbol}"
    market.open_book(state, book, touched, market.WIDTH // 2 - 1)
    while state[market.NOW_MS] < scenario.END_MS:
        monitor.report((number * scenario.END_MS + int(state[market.NOW_MS])) // 1_000, total_s, note)
        market.run(state, path, book, touched, *buffers)
        for count, buffer, parts in zip(tables, buffers, chunks, strict=True):
            parts.append(buffer[: state[count]].copy())
    monitor.report((number + 1) * scenario.END_MS // 1_000, total_s, note)
    return [np.concatenate(parts) for parts in chunks]


def _ticks(instrument: Instrument, cells: Integers) -> Integers:
    above = np.where(cells < market.WIDTH, market.WIDTH - 1 - cells, cells - market.WIDTH)
    return above + _base_tick(instrument)


def _book_feed(instrument: Instrument, rows: Integers, messages: Integers) -> Feed:
    times = messages[:, [market.MESSAGE_US, market.MESSAGE_LOCAL_US, market.MESSAGE_IS_SNAPSHOT]]
    timestamp, local, snapshot = np.repeat(times, messages[:, market.MESSAGE_ROWS], axis=0).T
    cells = rows[:, market.ROW_CELL]
    sides = cells // market.WIDTH
    return timestamp, local, snapshot, sides, _ticks(instrument, cells), rows[:, market.ROW_LOTS]


def _trade_feed(instrument: Instrument, trades: Integers) -> Feed:
    timestamp, local, number, cells, lots = trades.T
    # Who takes from the asks buys.
    return timestamp, local, number, 1 - cells // market.WIDTH, _ticks(instrument, cells), lots


def _quote_feed(instrument: Instrument, messages: Integers) -> Feed:
    touch = messages[:, market.MESSAGE_BID :]
    moved = np.ones(len(messages), np.bool_)
    moved[1:] = (touch[1:] != touch[:-1]).any(axis=1)
    timestamp, local, _, _, bid, bid_lots, ask, ask_lots = messages[moved].T
    return timestamp, local, ask_lots, _ticks(instrument, ask), _ticks(instrument, bid), bid_lots


def _ticker_feed(instrument: Instrument, tickers: Integers) -> Feed:
    timestamp, local, fair, basis, interest, last = tickers.T
    funding_us = (timestamp // scenario.FUNDING_US + 1) * scenario.FUNDING_US
    rate = 4_200 + (basis >> 2)
    unit = 10 ** (scenario.INDEX_DECIMALS - instrument.price_decimals)
    index, mark = ((fair + part * basis) * unit >> market.FINE for part in (2, 1))
    return timestamp, local, funding_us, rate, interest, _ticks(instrument, last), index, mark
