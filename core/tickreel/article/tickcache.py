"""The article's cache of single ticks, over :mod:`tickreel.ticks`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tickreel.errors import UsageError
from tickreel.market.types import DatasetKey, DataType
from tickreel.ticks import TickStore, open_ticks
from tickreel.ticks.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator
    from pathlib import Path

    import pandas as pd

    from tickreel.market.time import Instant
    from tickreel.ticks import Tick

_BYTES_PER_MB = 1024 * 1024


class TardisTickCache:
    """Single ticks in a SQLite file: *db_path*, else ``ticks.sqlite`` in Tickreel's home.

    A tick is a dict of what JSON knows; ``granularity`` is its data type. Times are
    microseconds since 1970 or anything else that Tickreel reads as a time, ranges are
    half-open [start_ts, end_ts). Errors are raised, never printed. A context manager.
    """

    def __init__(
        self,
        db_path: str | Path | None = None,
        *,
        read_only: bool = False,
        ttl_seconds: float | None = None,
        max_bytes: int | None = None,
    ) -> None:
        self._store = (
            open_ticks(read_only=read_only, ttl_s=ttl_seconds, budget_bytes=max_bytes)
            if db_path is None
            else TickStore(db_path, read_only=read_only, ttl_s=ttl_seconds, budget_bytes=max_bytes)
        )

    def __enter__(self) -> TardisTickCache:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        self._store.close()

    def store_tick(
        self,
        exchange: str,
        symbol: str,
        timestamp: Instant,
        tick_data: dict[str, Any],
        *,
        granularity: str = DataType.TRADES,
        ttl_seconds: float | None = None,
    ) -> bool:
        """Store a tick; give False when the same tick of that time is held already."""
        key = dataset_key(exchange, symbol, granularity)
        return self._store.store(key, timestamp, tick_data, ttl_s=ttl_seconds).stored == 1

    def batch_store(
        self,
        exchange: str,
        symbol: str,
        ticks: Iterable[dict[str, Any]],
        *,
        granularity: str = DataType.TRADES,
        ttl_seconds: float | None = None,
    ) -> int:
        """Store ticks, all or none, each with its time under ``timestamp``; give how many are new.

        Raises:
            UsageError: a tick without a time, or with a value that cannot be stored.
        """
        key = dataset_key(exchange, symbol, granularity)
        return self._store.batch_store(key, _timed(ticks), ttl_s=ttl_seconds).stored

    def get_tick(
        self,
        exchange: str,
        symbol: str,
        timestamp: Instant,
        *,
        sequence: int | None = None,
        granularity: str = DataType.TRADES,
    ) -> dict[str, Any] | None:
        """Get the tick of a microsecond: of several the one that came last, else the one at *sequence*."""
        ticks = self._store.at(dataset_key(exchange, symbol, granularity), timestamp)
        for tick in reversed(ticks):
            if sequence is None or tick.sequence == sequence:
                return dict(tick.value)
        return None

    def get_range(
        self,
        exchange: str,
        symbol: str,
        start_ts: Instant,
        end_ts: Instant,
        limit: int | None = None,
        *,
        cursor: str | None = None,
        granularity: str = DataType.TRADES,
    ) -> pd.DataFrame:
        """Read [start_ts, end_ts) as a frame with columns timestamp, sequence and data.

        Without *limit* it is the whole range. With one it is a page, and the frame's
        ``attrs["next_cursor"]`` is the *cursor* of the next: None when there is no more.
        """
        key = dataset_key(exchange, symbol, granularity)
        if limit is not None:
            page = self._store.page(key, start_ts, end_ts, limit=limit, cursor=cursor)
            return _frame(page.ticks, page.next_cursor)
        if cursor is not None:
            raise UsageError("a cursor belongs to pages: give a limit with it")
        return _frame(self._store.ticks(key, start_ts, end_ts), None)

    get_range_async = in_thread(get_range)  # the same without blocking the loop

    async def tick_generator(
        self,
        exchange: str,
        symbol: str,
        start_ts: Instant,
        end_ts: Instant,
        *,
        chunk_size: int = 10_000,
        granularity: str = DataType.TRADES,
    ) -> AsyncIterator[dict[str, Any]]:
        """Yield the ticks of [start_ts, end_ts) one by one, *chunk_size* of them in memory at a time."""
        key = dataset_key(exchange, symbol, granularity)
        async for tick in self._store.aticks(key, start_ts, end_ts, page_ticks=chunk_size):
            yield dict(tick.value)

    def get_stats(self) -> dict[str, Any]:
        """Give the store in figures; rates and ratios are computed, and None when there is nothing yet."""
        stats = self._store.stats()
        return {
            "total_ticks": stats.ticks,
            "cache_size_mb": stats.file_bytes / _BYTES_PER_MB,
            "raw_bytes": stats.raw_bytes,
            "compressed_bytes": stats.value_bytes,
            "compression_ratio": stats.compression_ratio,
            "hits": stats.hits,
            "misses": stats.misses,
            "hit_rate": stats.hit_rate,
            "evicted_ticks": stats.evicted_ticks,
            "expired_ticks": stats.expired_ticks,
        }


def dataset_key(exchange: str, symbol: str, granularity: str) -> DatasetKey:
    """Name a dataset by the article's words; raises UsageError for what is no data type."""
    try:
        return DatasetKey(exchange, symbol, DataType(granularity))
    except ValueError:
        names = ", ".join(DataType)
        raise UsageError(f"{granularity!r} is no data type: give one of {names}") from None


def _timed(ticks: Iterable[dict[str, Any]]) -> Iterator[tuple[Instant, dict[str, Any]]]:
    for number, tick in enumerate(ticks, 1):
        if "timestamp" not in tick:
            raise UsageError(f"tick {number} has no timestamp: every tick of a batch carries its own")
        yield tick["timestamp"], tick


def _frame(ticks: Iterable[Tick], next_cursor: str | None) -> pd.DataFrame:
    import pandas as pd

    held = [(tick.time_us, tick.sequence, dict(tick.value)) for tick in ticks]
    frame = pd.DataFrame(
        {
            "timestamp": pd.Series([time_us for time_us, _, _ in held], dtype="int64"),
            "sequence": pd.Series([sequence for _, sequence, _ in held], dtype="int64"),
            "data": pd.Series([value for _, _, value in held], dtype="object"),
        }
    )
    frame.attrs["next_cursor"] = next_cursor
    return frame
