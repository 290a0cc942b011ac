"""The article's cache of single ticks on Redis, over :mod:`tickreel.shared`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from tickreel.article.tickcache import dataset_key
from tickreel.errors import EnvironmentProblem, UsageError
from tickreel.market.types import DataType
from tickreel.settings import home_dir, load
from tickreel.shared.address import Address
from tickreel.shared.line import Line
from tickreel.shared.opening import line_of
from tickreel.shared.ticks import SharedTicks
from tickreel.shared.trouble import LineFailed, Trouble
from tickreel.ticks.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tickreel.market.time import Instant
    from tickreel.store import Cache

_BATCH_ROWS = 10_000


class RedisTickCache:
    """Single ticks on a Redis server, or on the nodes of one Redis Cluster; a context manager.

    *hosts* are a server, or nodes of one Cluster, whose hash slots are its consistent hashing; without
    them it is the shared cache of the settings. Times are microseconds since 1970 or anything else that
    Tickreel reads as a time, ranges are half-open, ``granularity`` is the data type. Pool, times and
    breaker are those of the settings. Errors are raised, never printed.

    Raises:
        EnvironmentProblem: from any call that the server fails; it says what to do.
        UsageError: several hosts that are no Cluster, or a value that cannot be stored.
    """

    def __init__(
        self,
        hosts: Sequence[tuple[str, int]] | None = None,
        password: str | None = None,
        db: int = 0,
        *,
        ttl_seconds: int | None = None,
        compression_threshold: int | None = None,
    ) -> None:
        loaded = load(home_dir())
        settings = loaded.values.shared
        if hosts is None:
            self._line = line_of(loaded.values.shared, os.environ)
        else:
            address = Address(tuple(hosts), None, db, False, settings.username, password)
            self._line = Line(address, settings, None)
        self._ticks = SharedTicks(
            self._line,
            ttl_s=settings.ttl_s if ttl_seconds is None else ttl_seconds,
            compress_from_bytes=(
                settings.compress_from_bytes if compression_threshold is None else compression_threshold
            ),
        )
        if hosts is not None and len(hosts) > 1:
            self._refuse_several()

    def _refuse_several(self) -> None:
        """Find out at once whether several hosts are one Cluster."""
        try:
            self._line.ping_s()
        except LineFailed as failed:
            self.close()
            if failed.trouble is Trouble.SEVERAL_SERVERS:
                raise UsageError(failed.trouble.advice) from failed
            raise EnvironmentProblem(f"the shared cache at {self._line.address}: {failed}") from failed

    def __enter__(self) -> RedisTickCache:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the server; a second call does nothing."""
        self._line.close()

    def store(
        self,
        exchange: str,
        symbol: str,
        timestamp: Instant,
        tick_data: dict[str, Any],
        ttl_seconds: int | None = None,
        *,
        granularity: str = DataType.TRADES,
    ) -> bool:
        """Store a tick beside those of the same microsecond; True when the server has it."""
        key = dataset_key(exchange, symbol, granularity)
        return self._ticks.store(key, [(timestamp, tick_data)], ttl_s=ttl_seconds) == 1

    def batch_store(
        self,
        exchange: str,
        symbol: str,
        ticks: Iterable[tuple[Instant, dict[str, Any]]],
        ttl_seconds: int | None = None,
        *,
        granularity: str = DataType.TRADES,
    ) -> int:
        """Store ticks, each with its time; give how many the server took, counted by its answers."""
        return self._ticks.store(dataset_key(exchange, symbol, granularity), ticks, ttl_s=ttl_seconds)

    def get(
        self, exchange: str, symbol: str, timestamp: Instant, *, granularity: str = DataType.TRADES
    ) -> dict[str, Any] | None:
        """Get the tick of a microsecond, of several the one that came last; None where there is none."""
        found = self._ticks.at(dataset_key(exchange, symbol, granularity), timestamp)
        return dict(found[-1].value) if found else None

    def get_range(
        self,
        exchange: str,
        symbol: str,
        start_ts: Instant,
        end_ts: Instant,
        *,
        granularity: str = DataType.TRADES,
    ) -> list[dict[str, Any]]:
        """Get all ticks of [start_ts, end_ts), by time and arrival, each with its time as ``_ts``."""
        key = dataset_key(exchange, symbol, granularity)
        return [dict(tick.value) | {"_ts": tick.time_us} for tick in self._ticks.ticks(key, start_ts, end_ts)]

    get_range_async = in_thread(get_range)  # the same without blocking the loop

    def warm_cache(
        self,
        exchange: str,
        symbol: str,
        start_ts: Instant,
        end_ts: Instant,
        cache: Cache,
        *,
        granularity: str = DataType.TRADES,
    ) -> int:
        """Store the rows that *cache* holds of [start_ts, end_ts) as ticks; give how many the server took.

        Raises:
            NotHeldError: days of the range are missing.
        """
        key = dataset_key(exchange, symbol, granularity)
        warmed = 0
        for batch in cache.batches(exchange, symbol, key.type, start_ts, end_ts, rows=_BATCH_ROWS):
            rows = batch.to_pylist()
            warmed += self._ticks.store(key, [(row["local_timestamp"], row) for row in rows])
        return warmed

    def get_stats(self) -> dict[str, Any]:
        """Give what this process met: gets that found something, those that did not, and damaged ticks."""
        counts = self._ticks.counts
        gets = counts.hits + counts.misses
        return {
            "hits": counts.hits,
            "misses": counts.misses,
            "damaged": counts.damaged,
            "hit_rate": counts.hits / gets if gets else None,
        }
