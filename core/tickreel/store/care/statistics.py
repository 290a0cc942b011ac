"""The cache in figures: what it holds, what room it takes, and what it is used for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.store.records.usage import Tier, TierUsage, tier_usage

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel.store.home import Home
    from tickreel.store.records.catalog import Catalog
    from tickreel.store.records.database import Database


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


def gather_statistics(
    home: Home, database: Database, catalog: Catalog, quota_bytes: int | None
) -> Statistics:
    """Sum up a home."""
    with database.snapshot():
        datasets = catalog.datasets()
        ((days, trash_bytes),) = database.tuples(
            "SELECT (SELECT COUNT(*) FROM day),"
            " (SELECT COALESCE(SUM(bytes + keyframe_bytes), 0) FROM segment WHERE trash_id IS NOT NULL)"
        )
        local = tier_usage(database, Tier.LOCAL)
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
    )


def _size(path: Path) -> int:
    """Give the size of a file, which another program may just have removed."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
