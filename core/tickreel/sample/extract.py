"""The sample as datasets: the simulated feeds in Tickreel's own columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tickreel.market.block import Block, Texts
from tickreel.market.types import SCHEMAS, DatasetKey, DataType
from tickreel.sample.scenario import INDEX_DECIMALS, SAMPLE_DAY, SAMPLE_EXCHANGE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from numpy.typing import NDArray

    from tickreel.market.block import ColumnData
    from tickreel.progress import Monitor
    from tickreel.sample.scenario import Instrument

    Integers = NDArray[np.int64]

BLOCK_ROWS = 65_536


@dataclass(frozen=True, slots=True)
class SampleDay:
    """One dataset of the sample: all of its rows lie in one UTC day."""

    key: DatasetKey
    day: date
    rows: int
    blocks: Iterator[Block]
    """All columns, in file order; no message is split between two."""


def generate(monitor: Monitor, *, block_rows: int = BLOCK_ROWS) -> Iterator[SampleDay]:
    """Simulate the sample and give its datasets one after the other, always the same bytes.

    A symbol is simulated when its first dataset is asked for; about 150 MB are in use at a time.
    Progress counts simulated seconds over all symbols.

    Args:
        monitor: told of the progress; may cancel.
        block_rows: rows of a block, more only where a single message has more.

    Raises:
        tickreel.errors.Cancelled: the monitor asked to stop.
    """
    monitor.report(0, None, "preparing the simulated market")
    # Here and not above, because importing it compiles the market, which takes seconds.
    from tickreel.sample.simulation import simulate

    for instrument, feeds in simulate(monitor):
        for data_type, feed in feeds.items():
            key = DatasetKey(SAMPLE_EXCHANGE, instrument.symbol, data_type)
            yield SampleDay(key, SAMPLE_DAY, len(feed[0]), _blocks(instrument, data_type, feed, block_rows))


def _blocks(
    instrument: Instrument, data_type: DataType, feed: tuple[Integers, ...], block_rows: int
) -> Iterator[Block]:
    local_us = feed[1]
    start = 0
    while start < len(local_us):
        end = min(start + block_rows, len(local_us))
        if end < len(local_us):  # go back to where the message begins, or on to where a long one ends
            message = int(np.searchsorted(local_us, local_us[end]))
            end = message if message > start else int(np.searchsorted(local_us, local_us[end], "right"))
        yield _block(instrument, data_type, [np.ascontiguousarray(column[start:end]) for column in feed])
        start = end


def _block(instrument: Instrument, data_type: DataType, feed: list[Integers]) -> Block:
    schema = SCHEMAS[data_type]
    price, amount = instrument.price_decimals, instrument.amount_decimals
    timestamp, local, *rest = feed
    columns: list[ColumnData] = [timestamp, local]
    match data_type:
        case DataType.INCREMENTAL_BOOK_L2:
            snapshot, side, ticks, lots = rest
            columns += [snapshot == 1, side.astype(np.int8), _numbers(ticks, price), _numbers(lots, amount)]
        case DataType.TRADES:
            number, side, ticks, lots = rest
            columns += [Texts.of([str(one) for one in number.tolist()]), side.astype(np.int8)]
            columns += [_numbers(ticks, price), _numbers(lots, amount)]
        case DataType.QUOTES:
            columns += map(_numbers, rest, (amount, price, price, amount))
        case _:
            funding_us, rate, *others = rest
            columns += [funding_us, _numbers(rate, INDEX_DECIMALS), np.full(len(local), np.nan)]
            columns += map(_numbers, others, (amount, price, INDEX_DECIMALS, INDEX_DECIMALS))
    return Block(
        schema, SAMPLE_EXCHANGE, instrument.symbol, dict(zip(schema.names[2:], columns, strict=True))
    )


def _numbers(integers: Integers, decimals: int) -> NDArray[np.float64]:
    """Divide by a power of ten: both are exact as float64, so every machine rounds to the same."""
    return integers / np.float64(10**decimals)
