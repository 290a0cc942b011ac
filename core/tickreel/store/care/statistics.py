"""The cache in figures: what it holds, what room it takes, and what it is used for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING

from tickreel.market.time import day_of
from tickreel.store.model import REFETCHABLE_SQL
from tickreel.store.records.usage import DayOfUse, Tier, TierUsage, tier_usage, use_by_day

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from tickreel.store.home import Home
    from tickreel.store.records.catalog import Catalog
    from tickreel.store.records.database import Database

DAYS_OF_USE = 30
"""Of how many UTC days, today the last of them, the use is told day by day."""

# A range that a tardis-machine served is no day, and takes the time of its length.
_WHOLE_DAYS = "fetched WHERE source = 'datasets'"


@dataclass(frozen=True, slots=True)
class OriginUsage:
    """What was asked of the vendor, and how long the whole days took that came from it."""

    requests: int = 0
    """Also those that failed."""
    bytes: int = 0
    """Also of those that failed."""
    days: int = 0
    """Whole days that came and were stored, each as often as it came."""
    rows: int = 0
    """Of those days."""
    seconds: float = 0.0
    """Download and storing, added up over the days of which both are known, also where they overlapped."""
    since_us: int | None = None
    """When the first of them was begun, or None before it."""
    fetch_s: float | None = None
    """The median of what one of them took, download and storing, or None before the first."""
    p50_ms: float | None = None
    """Of the downloads alone: half of all took no longer."""
    p99_ms: float | None = None

    @property
    def is_used(self) -> bool:
        """Whether anything was ever asked of it."""
        return bool(self.requests or self.days)


@dataclass(frozen=True, slots=True)
class Shares:
    """What held days take with their keyframes, in bytes, by what may become of them."""

    pinned: int = 0
    own: int = 0
    """Not pinned, and no origin serves them again: they leave by hand alone."""
    evictable: int = 0
    """Not pinned, and fetched: they may leave by themselves."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """Sums over a whole home."""

    home: Path
    datasets: int
    days: int
    """Recorded days, those without rows included."""
    rows: int
    bytes: int
    """Of segments that are held, without keyframes."""
    keyframe_bytes: int
    trash_bytes: int
    derived_bytes: int
    """Of files that were computed from rows and may be removed at any time."""
    quota_bytes: int | None
    disk_free_bytes: int
    pinned_days: int
    local: TierUsage
    shared: TierUsage
    local_days: tuple[DayOfUse, ...]
    """The use of the last :data:`DAYS_OF_USE` days on which there was any, oldest first."""
    today: date
    """The UTC day on which this was summed up."""
    origin: OriginUsage
    shares: Shares

    @property
    def used_bytes(self) -> int:
        """What counts against the quota: days, keyframes and trash."""
        return self.bytes + self.keyframe_bytes + self.trash_bytes


def gather_statistics(
    home: Home, database: Database, catalog: Catalog, quota_bytes: int | None
) -> Statistics:
    """Sum up a home."""
    today = day_of(home.disk.now_us())
    with database.snapshot():
        datasets = catalog.datasets()
        ((days, trash_bytes),) = database.tuples(
            "SELECT (SELECT COUNT(*) FROM day),"
            " (SELECT COALESCE(SUM(bytes + keyframe_bytes), 0) FROM segment WHERE trash_id IS NOT NULL)"
        )
        shares = _shares(database)
        local = tier_usage(database, Tier.LOCAL)
        shared = tier_usage(database, Tier.SHARED)
        days_of_use = use_by_day(database, Tier.LOCAL, today - timedelta(days=DAYS_OF_USE - 1), today)
        origin = origin_usage(database)
    return Statistics(
        home=home.root,
        datasets=len(datasets),
        days=days,
        rows=sum(one.rows for one in datasets),
        bytes=sum(one.bytes for one in datasets),
        keyframe_bytes=sum(one.keyframe_bytes for one in datasets),
        trash_bytes=trash_bytes,
        derived_bytes=sum(map(_size, home.derived_files())),
        quota_bytes=quota_bytes,
        disk_free_bytes=home.disk.free_bytes(home.root),
        pinned_days=sum(one.pinned_days for one in datasets),
        local=local,
        shared=shared,
        local_days=days_of_use,
        today=today,
        origin=origin,
        shares=shares,
    )


def _shares(database: Database) -> Shares:
    ((pinned, own, evictable),) = database.tuples(
        "SELECT TOTAL(size * pinned), TOTAL(size * (own AND NOT pinned)),"
        " TOTAL(size * (NOT (own OR pinned))) FROM ("
        "  SELECT SUM(bytes + keyframe_bytes) AS size, "
        f" MAX(source NOT IN {REFETCHABLE_SQL}) AS own,"
        "   (dataset_id, day) IN (SELECT pin.dataset_id, pin.day FROM pin JOIN day"
        "    ON day.dataset_id = pin.dataset_id AND day.day = pin.day"
        "    AND (holder = '' OR pin.rows_sha256 = day.rows_sha256)) AS pinned"
        "  FROM segment WHERE trashed_us IS NULL GROUP BY dataset_id, day)"
    )
    return Shares(int(pinned), int(own), int(evictable))


def origin_usage(database: Database) -> OriginUsage:
    """Sum up what was asked of the vendor, as far as it was written down."""
    with database.snapshot():
        ((requests, size),) = database.tuples("SELECT TOTAL(requests), TOTAL(bytes) FROM origin_month")
        ((days, rows, since_us),) = database.tuples(
            f"SELECT COUNT(*), TOTAL(row_count), MIN(began_us) FROM {_WHOLE_DAYS}"
        )
        # Of a day whose download outlived the process that began it, nobody knows how long it took.
        times = database.tuples(
            f"SELECT download_s, store_s FROM {_WHOLE_DAYS} AND download_s IS NOT NULL ORDER BY download_s"
        )
    downloads_ms = [1000 * download_s for download_s, _ in times]
    fetches_s = [download_s + store_s for download_s, store_s in times]
    return OriginUsage(
        requests=int(requests),
        bytes=int(size),
        days=days,
        rows=int(rows),
        seconds=sum(fetches_s),
        since_us=since_us,
        fetch_s=median(fetches_s) if fetches_s else None,
        p50_ms=_not_exceeded(downloads_ms, 0.5),
        p99_ms=_not_exceeded(downloads_ms, 0.99),
    )


def _not_exceeded(ordered: Sequence[float], share: float) -> float | None:
    """Give the value at place floor(share x n), as everywhere in this project; None of nothing."""
    return ordered[int(share * len(ordered))] if ordered else None


def _size(path: Path) -> int:
    """Give the size of a file, which another program may just have removed."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
