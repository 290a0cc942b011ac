"""How the cache is used: hits, misses and latency, counted without slowing a read.

A read leaves one note in memory; a thread of the meter's own adds the notes up and writes
them to the catalog every few seconds while there are any. A crash loses the notes since then.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter, deque
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from queue import SimpleQueue
from typing import TYPE_CHECKING

from tickreel.errors import EnvironmentProblem
from tickreel.market.time import day_of
from tickreel.store.model import REFETCHABLE_SQL
from tickreel.store.records.catalog import next_used_order

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from tickreel.filesystem import Disk
    from tickreel.market.types import DatasetKey
    from tickreel.store.records.database import Database

_LOGGER = logging.getLogger(__name__)
_FLUSH_EVERY_S = 3.0
_PATIENCE_S = 0.1
"""How long a flush waits for another program that is writing: the notes can wait, readers cannot."""
_PATIENCE_AT_END_S = 2.0
_FRACTION_BITS = 2
_FRACTIONS = 1 << _FRACTION_BITS


class Tier(StrEnum):
    """Where a read was served from."""

    LOCAL = "local"
    SHARED = "shared"
    ORIGIN = "origin"


@dataclass(frozen=True, slots=True)
class TierUsage:
    """What a tier did since it was first used."""

    since_us: int | None = None
    hits: int = 0
    """Days that reads were served from: each is one for every read."""
    misses: int = 0
    """Days that reads asked for and that were not held."""
    origin_hits: int = 0
    """Hits on days that an origin could have served: the requests that were spared."""
    origin_bytes: int = 0
    """Bytes of the files behind them, as far as the segments name their size."""
    p50_ms: float | None = None
    p99_ms: float | None = None

    @property
    def hit_rate(self) -> float | None:
        """Hits of all calls, or None before the first."""
        return _rate(self.hits, self.misses)


@dataclass(frozen=True, slots=True)
class DayOfUse:
    """What a tier did on one UTC day; a read counts on the day on which it was written down."""

    day: date
    hits: int
    misses: int

    @property
    def hit_rate(self) -> float | None:
        """Hits of all calls, or None without any."""
        return _rate(self.hits, self.misses)


def hit_rate_of(days: Iterable[DayOfUse]) -> float | None:
    """Give the hit rate of several days together: of their calls, not the mean of their rates."""
    together = [(one.hits, one.misses) for one in days]
    return _rate(sum(hits for hits, _ in together), sum(misses for _, misses in together))


def _rate(hits: int, misses: int) -> float | None:
    calls = hits + misses
    return hits / calls if calls else None


def bucket_of(elapsed_ns: int) -> int:
    """Sort a latency into a scale of four steps for every doubling."""
    if elapsed_ns < _FRACTIONS:
        return max(0, elapsed_ns)
    power = elapsed_ns.bit_length() - _FRACTION_BITS - 1
    return _FRACTIONS * power + (elapsed_ns >> power)


def middle_ns(bucket: int) -> float:
    """Give the latency in the middle of a bucket."""
    if bucket < _FRACTIONS:
        return float(bucket)
    power = bucket // _FRACTIONS - 1
    return (bucket % _FRACTIONS + _FRACTIONS + 0.5) * (1 << power)


def percentile_ms(buckets: Mapping[int, int], share: float) -> float | None:
    """Find the latency that *share* of all calls did not exceed, to a tenth or so; None without calls."""
    total = sum(buckets.values())
    passed = 0
    for bucket in sorted(buckets):
        passed += buckets[bucket]
        if passed > share * total or passed == total:
            return middle_ns(bucket) / 1e6
    return None


class UsageMeter:
    """Counts reads of the local tier; may be used from any thread.

    Of a cache that was opened for reading only it counts nothing.
    """

    def __init__(
        self,
        database: Database,
        disk: Disk,
        *,
        read_only: bool = False,
        flush_every_s: float = _FLUSH_EVERY_S,
    ) -> None:
        self._database = database
        self._disk = disk
        self._is_off = read_only
        self._flush_every_s = flush_every_s
        self._notes: deque[tuple[DatasetKey, date, int]] = deque()
        self._misses = 0
        self._flushing = threading.Lock()
        self._wakes: SimpleQueue[None] = SimpleQueue()
        self._is_awake = False
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def hit(self, key: DatasetKey, day: date, elapsed_ns: int) -> None:
        """Note that one read call was served for one day of a dataset, in *elapsed_ns*."""
        if self._is_off:
            return
        self._notes.append((key, day, elapsed_ns))
        if not self._is_awake:
            self._wake()

    def miss(self, count: int = 1) -> None:
        """Note that a read call asked for *count* days that are not held."""
        if self._is_off or not count:
            return
        with self._lock:
            self._misses += count
        self._wake_if_due()

    def _wake_if_due(self) -> None:
        """Wake the thread for what was noted while somebody held the lock."""
        if (self._notes or self._misses) and not self._is_awake:
            self._wake()

    def _wake(self) -> None:
        # A read that was given up is ended by the collector of garbage, perhaps in the middle of this
        # very method, so nobody may wait here. Whoever has the lock wakes the thread, or the next call.
        if not self._lock.acquire(blocking=False):
            return
        try:
            if self._thread is None and not self._ended.is_set():
                thread = threading.Thread(target=self._run, name="tickreel-usage", daemon=True)
                try:
                    thread.start()
                except RuntimeError as error:  # no more threads: a read is not to fail for a note of it
                    _LOGGER.info("the use of the cache is written down later: %s", error)
                    return
                self._thread = thread
            self._is_awake = True
            self._wakes.put(None)
        finally:
            self._lock.release()

    def _run(self) -> None:
        while not self._ended.is_set():
            self._wakes.get()
            if self._ended.wait(self._flush_every_s):
                return
            self._is_awake = False
            self.flush()

    def flush(self, patience_s: float = _PATIENCE_S) -> None:
        """Write the notes to the catalog; when that is not possible now they are kept for later."""
        if self._is_off:
            return
        with self._flushing:
            notes = [self._notes.popleft() for _ in range(len(self._notes))]
            with self._lock:
                misses, self._misses = self._misses, 0
            if not notes and not misses:
                return
            try:
                with self._database.writing(patience_s=patience_s) as connection:
                    self._write(connection, notes, misses)
            except EnvironmentProblem as problem:
                _LOGGER.info("the use of the cache is written down later: %s", problem)
                self._notes.extendleft(reversed(notes))
                with self._lock:
                    self._misses += misses
        self._wake_if_due()

    def _write(
        self, connection: sqlite3.Connection, notes: list[tuple[DatasetKey, date, int]], misses: int
    ) -> None:
        now_us = self._disk.now_us()
        # In the order of their last use, which decides who leaves first.
        last_use = dict.fromkeys((key, day) for key, day, _ in reversed(notes))
        hits = Counter((key, day) for key, day, _ in notes)
        order = next_used_order(connection, len(last_use))
        origin_hits = origin_bytes = 0
        for place, (key, day) in enumerate(reversed(last_use)):
            named = (key.exchange, key.symbol, key.type.value, day.isoformat())
            # The clock may have jumped back: the last use of a day never does.
            row = connection.execute(
                "UPDATE day SET hits = hits + ?, last_used_us = MAX(COALESCE(last_used_us, 0), ?),"
                " used_order = ? WHERE dataset_id ="
                " (SELECT id FROM dataset WHERE exchange = ? AND symbol = ? AND type = ?) AND day = ?"
                " RETURNING (SELECT CASE COUNT(*) WHEN 0 THEN NULL ELSE COALESCE(SUM(source_bytes), 0) END"
                " FROM segment WHERE segment.dataset_id = day.dataset_id AND segment.day = day.day"
                f" AND trashed_us IS NULL AND source IN {REFETCHABLE_SQL})",
                (hits[key, day], now_us, order + place, *named),
            ).fetchone()
            if row is not None and row[0] is not None:
                origin_hits += hits[key, day]
                origin_bytes += hits[key, day] * row[0]
        connection.execute(
            "INSERT INTO tier_statistics (tier, since_us, hits, misses, origin_hits, origin_bytes)"
            " VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (tier) DO UPDATE SET hits = hits + excluded.hits,"
            " misses = misses + excluded.misses, origin_hits = origin_hits + excluded.origin_hits,"
            " origin_bytes = origin_bytes + excluded.origin_bytes",
            (Tier.LOCAL.value, now_us, len(notes), misses, origin_hits, origin_bytes),
        )
        _write_uses(connection, Tier.LOCAL, now_us, [elapsed_ns for _, _, elapsed_ns in notes], misses)

    def close(self) -> None:
        """Write what is left and end; a second call does nothing."""
        with self._lock:
            self._ended.set()
            thread, self._thread = self._thread, None
        self._wakes.put(None)
        if thread is not None:
            thread.join()
        self.flush(_PATIENCE_AT_END_S)
        self._is_off = True


def note_shared(database: Database, now_us: int, took_ns: Sequence[int], misses: int) -> None:
    """Write down days that came from the shared tier, by how long each took, and those that did not.

    Raises:
        EnvironmentProblem: the catalog cannot be written.
    """
    with database.writing(survives_power=False) as connection:
        connection.execute(
            "INSERT INTO tier_statistics (tier, since_us, hits, misses, origin_hits) VALUES (?, ?, ?, ?, 0)"
            " ON CONFLICT (tier) DO UPDATE SET hits = hits + excluded.hits,"
            " misses = misses + excluded.misses",
            (Tier.SHARED.value, now_us, len(took_ns), misses),
        )
        _write_uses(connection, Tier.SHARED, now_us, took_ns, misses)


def _write_uses(
    connection: sqlite3.Connection, tier: Tier, now_us: int, took_ns: Sequence[int], misses: int
) -> None:
    """Add uses to a tier's days and latencies."""
    connection.execute(
        "INSERT INTO tier_day (tier, day, hits, misses) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (tier, day) DO UPDATE SET hits = hits + excluded.hits,"
        " misses = misses + excluded.misses",
        (tier.value, day_of(now_us).isoformat(), len(took_ns), misses),
    )
    connection.executemany(
        "INSERT INTO tier_latency (tier, bucket, count) VALUES (?, ?, ?)"
        " ON CONFLICT (tier, bucket) DO UPDATE SET count = count + excluded.count",
        [(tier.value, bucket, count) for bucket, count in Counter(map(bucket_of, took_ns)).items()],
    )


def tier_usage(database: Database, tier: Tier) -> TierUsage:
    """Read what a tier did, as far as it was written down."""
    with database.snapshot():
        rows = database.rows("SELECT * FROM tier_statistics WHERE tier = ?", (tier.value,))
        counted = database.tuples("SELECT bucket, count FROM tier_latency WHERE tier = ?", (tier.value,))
    if not rows:
        return TierUsage()
    (row,) = rows
    buckets: dict[int, int] = dict(counted)
    return TierUsage(
        since_us=row["since_us"],
        hits=row["hits"],
        misses=row["misses"],
        origin_hits=row["origin_hits"],
        origin_bytes=row["origin_bytes"],
        p50_ms=percentile_ms(buckets, 0.5),
        p99_ms=percentile_ms(buckets, 0.99),
    )


def use_by_day(database: Database, tier: Tier, first: date, last: date) -> tuple[DayOfUse, ...]:
    """Read what a tier did on each UTC day from *first* to *last*; days without a call are left out."""
    rows = database.tuples(
        "SELECT day, hits, misses FROM tier_day WHERE tier = ? AND day BETWEEN ? AND ? ORDER BY day",
        (tier.value, first.isoformat(), last.isoformat()),
    )
    return tuple(DayOfUse(date.fromisoformat(day), hits, misses) for day, hits, misses in rows)
