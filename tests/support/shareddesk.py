"""A shared cache over a real server, for tests: lines and tiers, and days to put there."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from support.segmentrows import some_rows

from tickreel.market.block import Block
from tickreel.market.types import DatasetKey, DataType
from tickreel.settings import SharedSettings
from tickreel.shared.address import read_address
from tickreel.shared.line import Line
from tickreel.shared.tier import SharedTier
from tickreel.store import Cache, Provenance, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tickreel.shared.values import DayRecord
    from tickreel.store import Day

NOW_US = 1_722_000_000_000_000


def line_to(url: str, *, password: str | None = None, **settings: Any) -> Line:
    """Make a line to a server, with the settings' defaults but for what is given."""
    return Line(read_address(url), SharedSettings(**settings), password)


@contextmanager
def tier_at(
    url: str, *, password: str | None = None, ttl_s: int = 600, **settings: Any
) -> Iterator[SharedTier]:
    """Open a tier for as long as the block runs, as another machine would."""
    line = line_to(url, password=password, **settings)
    with SharedTier(line, ttl_s=ttl_s, now_us=lambda: NOW_US, chance=lambda: 0.5) as tier:
        yield tier


def blocks_of(tier: SharedTier, day: Day, record: DayRecord) -> Iterator[Block]:
    """Yield all rows of a version of a day, as they come."""
    for part in tier.parts(day.key, day.day, record):
        yield from part.blocks


def stored_day(
    cache: Cache,
    *,
    rows: int = 100_000,
    seed: int = 1,
    data_type: DataType = DataType.TRADES,
    symbol: str = "BTCUSDT",
    replace: bool = False,
) -> Day:
    """Hold a whole day of generated rows."""
    block = some_rows(data_type, rows, seed=seed)
    block = Block(block.schema, block.exchange, symbol, block.columns)
    key = DatasetKey(block.exchange, symbol, data_type)
    with cache.ingest(key) as ingest:
        ingest.append(block)
        (done,) = ingest.commit(Provenance(Source.IMPORT, "cd" * 32, 12_345), complete=True, replace=replace)
    return done.day
