"""A home with very many recorded days, made in seconds, and what to fetch and to import beside them.

The last day of every dataset is real: trades that were imported, so that its detail has rows and health to
read. The days before it are records of the catalog alone, copied from that one; to list, sort, filter and
sum up days nothing else is read.
"""

from __future__ import annotations

import gzip
from contextlib import closing
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING

from tickreel.market.time import US_PER_DAY, day_start_us
from tickreel.market.types import SCHEMAS, DatasetKey, DataType
from tickreel.store import open_cache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tickreel.store import Cache

EXCHANGES = ("binance", "binance-futures", "bybit", "deribit", "okex-swap")
DAYS_EACH = 500
LAST = date(2024, 8, 31)
_COPY_DAYS = """
    WITH RECURSIVE back(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM back WHERE n < :before)
    INSERT INTO day (dataset_id, day, state, rows_sha256, grade, issues, hits, last_used_us)
    SELECT dataset_id, date(day, -n || ' day'),
        CASE WHEN n % 53 = 7 THEN 'partial' WHEN n % 97 = 5 THEN 'absent' ELSE state END, rows_sha256,
        CASE n % 11 WHEN 0 THEN 'usable' WHEN 1 THEN 'bad' ELSE 'good' END,
        CASE WHEN n % 11 < 2 THEN 'gap' ELSE '' END, (n * 7 + dataset_id) % 40, :now - n * 86400000000
    FROM day, back WHERE n % 61 <> 9
"""
_COPY_PARTS = """
    WITH RECURSIVE back(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM back WHERE n < :before)
    INSERT INTO segment (id, dataset_id, day, start_us, end_us, row_count, messages, bytes, first_local_us,
        last_local_us, rows_sha256, opens_with_snapshot, source, imported_us, keyframe_bytes, format)
    SELECT lower(hex(randomblob(16))), dataset_id, date(segment.day, -n || ' day'),
        start_us - n * 86400000000, end_us - n * 86400000000, row_count * 9000 + n, messages * 9000,
        bytes * 9000 + n, first_local_us - n * 86400000000, last_local_us - n * 86400000000, rows_sha256,
        opens_with_snapshot, CASE n % 3 WHEN 0 THEN 'import' ELSE 'tardis' END, imported_us, 0, format
    FROM segment, back WHERE n % 61 <> 9 AND n % 97 <> 5
"""


def trades_text(key: DatasetKey, day: date, rows: int) -> bytes:
    """Write trades of a day as the vendor does, evenly over it."""
    return "".join(_trades(key, day, rows)).encode()


def _trades(key: DatasetKey, day: date, rows: int) -> Iterator[str]:
    chance = Random(day.toordinal())
    yield f"{SCHEMAS[key.type].header}\n"
    head, at_us, step_us = f"{key.exchange},{key.symbol}", day_start_us(day) + 1_000, US_PER_DAY // (rows + 1)
    price = 600_000
    for number in range(rows):
        price += chance.randrange(-3, 4)
        side = "buy" if chance.random() < 0.5 else "sell"
        amount = f"0.{chance.randrange(1, 1000):03}".rstrip("0")
        text = f"{price // 10}.{price % 10}".removesuffix(".0")
        yield f"{head},{at_us - 500},{at_us},{number},{side},{text},{amount}\n"
        at_us += step_us


def make_home(home: Path, days: int, scratch: Path) -> None:
    """Record about *days* days of as many datasets as that needs."""
    with open_cache(home) as cache:
        for number in range(max(1, days // DAYS_EACH)):
            name = f"SYM{number // len(EXCHANGES):03}USDT"
            key = DatasetKey(EXCHANGES[number % len(EXCHANGES)], name, DataType.TRADES)
            path = scratch / "day.csv"
            path.write_bytes(trades_text(key, LAST, 500))
            cache.import_file(path, type=DataType.TRADES)
        _copy(cache, DAYS_EACH - 1)


def _copy(cache: Cache, before: int) -> None:
    given = {"before": before, "now": cache.disk.now_us()}
    with closing(cache.connect()) as database, database.writing() as connection:
        connection.execute(_COPY_PARTS, given)
        connection.execute(_COPY_DAYS, given)


def write_vendor(folder: Path, symbols: int, days: int, rows: int) -> tuple[DatasetKey, ...]:
    """Write *days* days of each of *symbols* symbols into the vendor's layout."""
    keys = tuple(DatasetKey("binance-futures", f"V{n}USDT", DataType.TRADES) for n in range(symbols))
    for key in keys:
        for place in range(days):
            day = LAST + timedelta(days=place - days)
            path = folder / f"{key.exchange}/{key.type}/{day:%Y/%m/%d}/{key.symbol}.csv.gz"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(gzip.compress(trades_text(key, day, rows), compresslevel=1, mtime=0))
    return keys
