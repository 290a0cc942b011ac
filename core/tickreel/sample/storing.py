"""The sample into the cache, where it is a dataset like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.market.types import DataType
from tickreel.sample.extract import generate
from tickreel.sample.scenario import SAMPLE_DAY, SAMPLE_EXCHANGE, SAMPLE_SYMBOLS
from tickreel.store import Ingested, Outcome, Provenance, Source

if TYPE_CHECKING:
    from tickreel.progress import Monitor
    from tickreel.store import Cache

SAMPLE_TYPES = (
    DataType.INCREMENTAL_BOOK_L2,
    DataType.TRADES,
    DataType.QUOTES,
    DataType.DERIVATIVE_TICKER,
)


def store_sample(cache: Cache, monitor: Monitor) -> list[Ingested]:
    """Make the sample and store it, a day for each dataset; quick when all of it is held already.

    Raises:
        Cancelled: the monitor said so; datasets that were complete by then stay.
    """
    held = _held(cache)
    if len(held) == len(SAMPLE_SYMBOLS) * len(SAMPLE_TYPES):
        return held
    stored: list[Ingested] = []
    for sample in generate(monitor):
        with cache.ingest(sample.key) as ingest:
            for block in sample.blocks:
                ingest.append(block)
            # Rows of an older version of the sample give way.
            stored += ingest.commit(Provenance(Source.SAMPLE, None), replace=True)
    return stored


def _held(cache: Cache) -> list[Ingested]:
    return [
        Ingested(day, Outcome.ALREADY_HERE, day.rows)
        for symbol in SAMPLE_SYMBOLS
        for data_type in SAMPLE_TYPES
        for day in cache.days(SAMPLE_EXCHANGE, symbol, data_type)
        if day.day == SAMPLE_DAY and day.state.is_held
    ]
