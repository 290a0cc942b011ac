"""The sample as datasets: the simulated feeds in Tickreel's own columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from tickreel.market.arrow import inside_schema, side_array
from tickreel.market.types import SCHEMAS, DatasetKey, DataType, Schema
from tickreel.sample.scenario import INDEX_DECIMALS, SAMPLE_DAY, SAMPLE_EXCHANGE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from numpy.typing import NDArray

    from tickreel.progress import Monitor
    from tickreel.sample.scenario import Instrument

    Integers = NDArray[np.int64]

BATCH_ROWS = 65_536


@dataclass(frozen=True, slots=True)
class SampleDay:
    """One dataset of the sample: all of its rows lie in one UTC day."""

    key: DatasetKey
    day: date
    rows: int
    batches: Iterator[pa.RecordBatch]
    """Batches in `tickreel.market.arrow.inside_schema`; no message is split between two."""


def generate(monitor: Monitor, *, batch_rows: int = BATCH_ROWS) -> Iterator[SampleDay]:
    """Simulate the sample and give its datasets one after the other, always the same bytes.

    A symbol is simulated when its first dataset is asked for; about 150 MB are in use at a time.
    Progress counts simulated seconds over all symbols.

    Args:
        monitor: told of the progress; may cancel.
        batch_rows: rows of a batch, more only where a single message has more.

    Raises:
        tickreel.errors.Cancelled: the monitor asked to stop.
    """
    monitor.report(0, None, "preparing the simulated market")
    # Here and not above, because importing it compiles the market, which takes seconds.
    from tickreel.sample.simulation import simulate

    for instrument, feeds in simulate(monitor):
        for data_type, feed in feeds.items():
            key = DatasetKey(SAMPLE_EXCHANGE, instrument.symbol, data_type)
            yield SampleDay(key, SAMPLE_DAY, len(feed[0]), _batches(instrument, data_type, feed, batch_rows))


def _batches(
    instrument: Instrument, data_type: DataType, feed: tuple[Integers, ...], batch_rows: int
) -> Iterator[pa.RecordBatch]:
    local_us = feed[1]
    start = 0
    while start < len(local_us):
        end = min(start + batch_rows, len(local_us))
        if end < len(local_us):  # go back to where the message begins, or on to where a long one ends
            message = int(np.searchsorted(local_us, local_us[end]))
            end = message if message > start else int(np.searchsorted(local_us, local_us[end], "right"))
        yield _batch(instrument, SCHEMAS[data_type], [column[start:end] for column in feed])
        start = end


def _batch(instrument: Instrument, schema: Schema, feed: list[Integers]) -> pa.RecordBatch:
    timestamp, local, *rest = feed
    count = len(timestamp)
    price, amount = instrument.price_decimals, instrument.amount_decimals
    columns = [
        pa.repeat(pa.scalar(SAMPLE_EXCHANGE), count),
        pa.repeat(pa.scalar(instrument.symbol), count),
        pa.array(timestamp),
        pa.array(local),
    ]
    match schema.type:
        case DataType.INCREMENTAL_BOOK_L2:
            snapshot, side, ticks, lots = rest
            columns += [pa.array(snapshot == 1), _sides(schema, side)]
            columns += [_numbers(ticks, price), _numbers(lots, amount)]
        case DataType.TRADES:
            number, side, ticks, lots = rest
            columns += [pa.array(number).cast(pa.string()), _sides(schema, side)]
            columns += [_numbers(ticks, price), _numbers(lots, amount)]
        case DataType.QUOTES:
            columns += map(_numbers, rest, (amount, price, price, amount))
        case _:
            funding_us, rate, *others = rest
            columns += [pa.array(funding_us), _numbers(rate, INDEX_DECIMALS), pa.nulls(count, pa.float64())]
            columns += map(_numbers, others, (amount, price, INDEX_DECIMALS, INDEX_DECIMALS))
    return pa.record_batch(columns, schema=inside_schema(schema))


def _sides(schema: Schema, codes: Integers) -> pa.DictionaryArray:
    return side_array(schema.column("side"), pa.array(codes.astype(np.int8)))


def _numbers(integers: Integers, decimals: int) -> pa.Array:
    """Divide by a power of ten: both are exact as float64, so every machine rounds to the same."""
    return pa.array(integers / np.float64(10**decimals))
