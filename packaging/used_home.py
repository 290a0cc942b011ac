"""Writes into a home's catalog what a month of fetching and reading would have left there, for pictures."""

from __future__ import annotations

import math
from contextlib import closing
from datetime import date, timedelta
from typing import TYPE_CHECKING

from tickreel.fetch.economics import PRESETS, PriceTable, Rates, adopt
from tickreel.fetch.history import Fetched, History, count_requests
from tickreel.fetch.request import Origin
from tickreel.market.time import US_PER_DAY, day_of
from tickreel.market.types import DatasetKey, DataType
from tickreel.store.records.usage import bucket_of

if TYPE_CHECKING:
    from tickreel.store import Cache

_KEY = DatasetKey("binance-futures", "BTCUSDT", DataType.TRADES)
_FETCHED_DAYS = 180
_FILE_BYTES = 231_000_000
_HITS_A_DAY = 600


def use_home(cache: Cache) -> None:
    """Pretend that the last 35 days were worked in, one of them a Sunday off."""
    now_us = cache.disk.now_us()
    today = day_of(now_us)
    hits = misses = 0
    with closing(cache.connect()) as database, database.writing() as connection:
        for back in range(34, -1, -1):
            if back == 12:
                continue
            served = _HITS_A_DAY + back * 7 % 90
            missed = round(served * (0.03 + 0.25 * math.exp(-(34 - back) / 9)))
            hits, misses = hits + served, misses + missed
            connection.execute(
                "INSERT INTO tier_day VALUES ('local', ?, ?, ?) ON CONFLICT DO UPDATE SET"
                " hits = excluded.hits, misses = excluded.misses",
                ((today - timedelta(days=back)).isoformat(), served, missed),
            )
        connection.execute(
            "INSERT INTO tier_statistics (tier, since_us, hits, misses, origin_hits, origin_bytes)"
            " VALUES ('local', ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET since_us = excluded.since_us,"
            " hits = excluded.hits, misses = excluded.misses, origin_hits = excluded.origin_hits,"
            " origin_bytes = excluded.origin_bytes",
            (now_us - 35 * US_PER_DAY, hits, misses, hits * 9 // 10, hits * 9 // 10 * _FILE_BYTES),
        )
        for elapsed_ms, calls in ((0.6, hits * 98 // 100), (1.7, hits * 2 // 100)):
            connection.execute(
                "INSERT INTO tier_latency VALUES ('local', ?, ?) ON CONFLICT DO UPDATE SET"
                " count = excluded.count",
                (bucket_of(round(elapsed_ms * 1e6)), calls),
            )
        history = History(database)
        for number in range(_FETCHED_DAYS):
            began_us = now_us - 34 * US_PER_DAY + number * 60_000_000
            download_s = 1.9 if number % 40 else 7.4
            ended_us = began_us + round(1e6 * (download_s + 2.2))
            history.add(
                connection,
                Fetched(
                    *(_KEY, date(2024, 1, 1) + timedelta(days=number), Origin.DATASETS, began_us, ended_us),
                    *(download_s, 2.2, _FILE_BYTES, 190_000_000, 62_000_000),
                ),
            )
        count_requests(connection, f"{today:%Y-%m}", _FETCHED_DAYS + 6, _FETCHED_DAYS * _FILE_BYTES)
    rates = Rates(usd_per_gb=0.10, usd_per_waiting_hour=12.0)
    adopt(cache.home, PriceTable(PRESETS["professional"], rates), cache.disk)
