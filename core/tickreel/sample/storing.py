"""The sample into the cache, where it is a dataset like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.instruments import InstrumentTable
from tickreel.market.types import DataType
from tickreel.sample.extract import generate
from tickreel.sample.scenario import (
    INSTRUMENTS,
    SAMPLE_DAY,
    SAMPLE_EXCHANGE,
    SAMPLE_START_US,
    SAMPLE_SYMBOLS,
)
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
_QUOTE = "USDT"


def store_sample(cache: Cache, monitor: Monitor) -> list[Ingested]:
    """Make the sample and store it, a day for each dataset; quick when all of it is held already.

    Raises:
        Cancelled: the monitor said so; datasets that were complete by then stay.
    """
    _describe(cache)
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


def _describe(cache: Cache) -> None:
    """Say what the instruments of the sample are, which a backtest asks; what somebody typed in stays."""
    with InstrumentTable(cache) as table:
        for one in INSTRUMENTS:
            if table.at(SAMPLE_EXCHANGE, one.symbol, SAMPLE_START_US).tick is None:
                facts = {
                    "type": "perpetual",
                    "tick": 10.0**-one.price_decimals,
                    "lot": 10.0**-one.amount_decimals,
                    "multiplier": 1.0,
                    "inverse": False,
                    "base": one.symbol.removesuffix(_QUOTE),
                    "quote": _QUOTE,
                }
                table.type_in(SAMPLE_EXCHANGE, one.symbol, facts)


def _held(cache: Cache) -> list[Ingested]:
    return [
        Ingested(day, Outcome.ALREADY_HERE, day.rows)
        for symbol in SAMPLE_SYMBOLS
        for data_type in SAMPLE_TYPES
        for day in cache.days(SAMPLE_EXCHANGE, symbol, data_type)
        if day.day == SAMPLE_DAY and day.state.is_held
    ]
