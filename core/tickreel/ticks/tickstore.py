"""The tick store: single ticks by id, by time and by range, in one file."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tickreel.errors import DataError, EnvironmentProblem, UsageError
from tickreel.filesystem import Disk
from tickreel.market.time import US_PER_SECOND, format_us, parse_instant, parse_range
from tickreel.market.types import DatasetKey, DataType
from tickreel.settings import home_dir
from tickreel.ticks.datasets import Datasets
from tickreel.ticks.model import Page, Removed, Stored, Tick, TickStats
from tickreel.ticks.removal import remove_expired, remove_least_used
from tickreel.ticks.threads import in_thread
from tickreel.ticks.tickfile import TickFile
from tickreel.ticks.use import UseNotes
from tickreel.ticks.values import MOST_BYTES, digest, unpack
from tickreel.ticks.writing import Terms, insert, pack_all

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping

    from tickreel.market.time import Instant
    from tickreel.ticks.model import Value

_log = logging.getLogger(__name__)

DEFAULT_PAGE_TICKS = 10_000
_MOST_TTL_S = 100 * 366 * 86_400
_PAGE_USE_US = 3600 * US_PER_SECOND
"""How old a last use must be for a page to renew it: as with files, to the hour is enough."""

_COLUMNS = (
    "tick.id, time_us, sequence, stored_us, expires_us, hits, last_used_us, "
    "tick.dictionary_id, tick.raw_bytes, digest, value"
)
_ALIVE = "(expires_us IS NULL OR expires_us > max(?, (SELECT latest_us FROM state)))"
_CURSOR = re.compile(r"(\d{1,16}):(\d{1,16})", re.ASCII)


class TickStore:
    """Ticks in the SQLite file *path*, made on first use unless *read_only*.

    Ticks are kept *ttl_s* seconds when stored, without end when that is None. When the file
    fills more than *budget_bytes*, ticks whose last use is longest ago are evicted. The time
    by which ticks expire never goes back, whatever the system's clock does.

    May be shared by threads, and by processes with a store each. A context manager.

    Raises:
        DataError: the file is damaged, or another program's.
        EnvironmentProblem: it cannot be opened.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        read_only: bool = False,
        ttl_s: float | None = None,
        budget_bytes: int | None = None,
        disk: Disk | None = None,
    ) -> None:
        self._ttl_s = _checked_ttl(ttl_s)
        if budget_bytes is not None and budget_bytes <= 0:
            raise UsageError(f"a budget of {budget_bytes} bytes holds nothing: give more than 0")
        self._budget_bytes = budget_bytes
        self._disk = disk or Disk()
        self._file = TickFile(Path(path), self._disk, read_only=read_only)
        self._datasets = Datasets(self._file)
        self._use = UseNotes()
        self._latest_us = 0

    def __enter__(self) -> TickStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """The file."""
        return self._file.path

    def close(self) -> None:
        """Write what is noted of uses, and close the file; a second call does nothing."""
        if self._file.is_closed:
            return
        try:
            if not self._file.read_only:
                self._write_use()
        finally:
            self._file.close()

    def store(
        self, key: DatasetKey, time: Instant, value: Mapping[str, Value], *, ttl_s: float | None = None
    ) -> Stored:
        """Store one tick; see :meth:`batch_store`."""
        return self.batch_store(key, [(time, value)], ttl_s=ttl_s)

    def batch_store(
        self,
        key: DatasetKey,
        ticks: Iterable[tuple[Instant, Mapping[str, Value]]],
        *,
        ttl_s: float | None = None,
    ) -> Stored:
        """Store ticks (time, value) in the order given, in one transaction: all of them or none.

        A tick that is held already, with the same time and value (keys in the same order), is not
        stored again but lives on as if it were. Ticks of one microsecond are all kept; two equal
        ones in one call are two ticks. *ttl_s* replaces the store's own.

        Raises:
            UsageError: a time or value that cannot be stored; the message names tick and key.
            EnvironmentProblem: the disk is full, or the file cannot be written.
        """
        lifetime_s = self._ttl_s if ttl_s is None else _checked_ttl(ttl_s)
        packed = pack_all(ticks)
        if not packed:
            return Stored(0, 0, (), Removed(0, 0))
        with self._file.writing() as connection:
            now_us = self._advance(connection)
            remove_expired(connection, now_us)
            dataset = self._datasets.for_writing(connection, key, [tick.raw for tick in packed])
            expires_us = None if lifetime_s is None else now_us + round(lifetime_s * US_PER_SECOND)
            ids, new = insert(connection, packed, Terms(*dataset, now_us, expires_us))
            evicted = Removed(0, 0)
            if self._budget_bytes is not None:
                evicted = remove_least_used(connection, self._budget_bytes)
        return Stored(new, len(packed) - new, tuple(ids), evicted)

    def get(self, tick_id: int) -> Tick | None:
        """Get a tick by its row id; None when it is not held, or its time is over.

        Raises:
            DataError: its value is damaged.
        """
        found = self._file.rows(
            f"SELECT {_COLUMNS}, exchange, symbol, granularity "
            f"FROM tick JOIN dataset ON dataset.id = dataset_id WHERE tick.id = ? AND {_ALIVE}",
            (tick_id, self._now_us()),
        )
        ticks = [self._tick(row[:-3], DatasetKey(row[-3], row[-2], DataType(row[-1]))) for row in found]
        return next(iter(self._got(ticks)), None)

    def at(self, key: DatasetKey, time: Instant) -> tuple[Tick, ...]:
        """Get all ticks of a dataset at one microsecond, in order of arrival.

        Raises:
            UsageError: no such time.
            DataError: a value is damaged.
        """
        time_us = parse_instant(time)
        dataset_id = self._datasets.find(key)
        found = self._file.rows(
            f"SELECT {_COLUMNS} FROM tick WHERE dataset_id = ? AND time_us = ? AND {_ALIVE} "
            "ORDER BY sequence",
            (dataset_id, time_us, self._now_us()),
        )
        return self._got([self._tick(row, key) for row in found])

    def page(
        self,
        key: DatasetKey,
        start: Instant,
        end: Instant,
        *,
        limit: int = DEFAULT_PAGE_TICKS,
        cursor: str | None = None,
    ) -> Page:
        """Read up to *limit* ticks of [start, end), from the begin or where *cursor* stands.

        The page's ``next_cursor`` tells whether there are more. Ticks that arrive meanwhile
        behind a cursor are met by later pages; none is met twice.

        Raises:
            UsageError: no such range, limit or cursor.
            DataError: a value is damaged.
        """
        start_us, end_us = parse_range(start, end)
        if limit < 1:
            raise UsageError(f"a page of {limit} ticks cannot be read: ask for 1 or more")
        after = (start_us, -1) if cursor is None else _position(cursor, start_us, end_us)
        now_us = self._now_us()
        found = self._file.rows(
            f"SELECT {_COLUMNS} FROM tick WHERE dataset_id = ? AND (time_us, sequence) > (?, ?) "
            f"AND time_us < ? AND {_ALIVE} ORDER BY time_us, sequence LIMIT ?",
            (self._datasets.find(key), *after, end_us, now_us, limit + 1),
        )
        ticks = tuple(self._tick(row, key) for row in found[:limit])
        self._use.lookup(found=bool(ticks))
        stale = (tick.id for tick in ticks if now_us - tick.last_used_us > _PAGE_USE_US)
        self._use.use(stale, now_us, hits=0)
        self._write_use_if_many()
        has_more = len(found) > limit
        return Page(ticks, f"{ticks[-1].time_us}:{ticks[-1].sequence}" if has_more else None)

    def ticks(
        self, key: DatasetKey, start: Instant, end: Instant, *, page_ticks: int = DEFAULT_PAGE_TICKS
    ) -> Iterator[Tick]:
        """Yield all ticks of [start, end), a page at a time in memory."""
        cursor = None
        while True:
            page = self.page(key, start, end, limit=page_ticks, cursor=cursor)
            yield from page.ticks
            cursor = page.next_cursor
            if cursor is None:
                return

    # Each does as the method it is made of, without blocking the loop.
    abatch_store = in_thread(batch_store)
    aget = in_thread(get)
    aat = in_thread(at)
    apage = in_thread(page)

    async def aticks(
        self, key: DatasetKey, start: Instant, end: Instant, *, page_ticks: int = DEFAULT_PAGE_TICKS
    ) -> AsyncIterator[Tick]:
        """Do as :meth:`ticks` without blocking the loop."""
        cursor = None
        while True:
            page = await self.apage(key, start, end, limit=page_ticks, cursor=cursor)
            for tick in page.ticks:
                yield tick
            cursor = page.next_cursor
            if cursor is None:
                return

    def expire(self) -> Removed:
        """Remove the ticks whose time is over; they were not served any more."""
        with self._file.writing() as connection:
            return remove_expired(connection, self._advance(connection))

    def evict(self, budget_bytes: int) -> Removed:
        """Remove expired ticks, then those least recently used while the file fills more than a budget."""
        self._write_use()
        with self._file.writing() as connection:
            remove_expired(connection, self._advance(connection))
            return remove_least_used(connection, budget_bytes)

    def stats(self) -> TickStats:
        """Count ticks, bytes and lookups, with those of this store that are not written yet."""
        (state,) = self._file.rows("SELECT hits, misses, evicted, expired FROM state")
        (held,) = self._file.rows(
            "SELECT count(*), coalesce(sum(ticks), 0), coalesce(sum(raw_bytes), 0), "
            "coalesce(sum(value_bytes), 0) FROM dataset"
        )
        (over,) = self._file.rows(
            "SELECT count(*), coalesce(sum(raw_bytes), 0), coalesce(sum(length(value)), 0) FROM tick "
            "WHERE expires_us <= max(?, (SELECT latest_us FROM state))",
            (self._now_us(),),
        )
        hits, misses = self._use.lookups()
        return TickStats(
            datasets=held[0],
            ticks=held[1] - over[0],
            raw_bytes=held[2] - over[1],
            value_bytes=held[3] - over[2],
            used_bytes=self._file.used_bytes(),
            file_bytes=self._file.file_bytes(),
            hits=state[0] + hits,
            misses=state[1] + misses,
            evicted_ticks=state[2],
            expired_ticks=state[3] + over[0],
        )

    def _now_us(self) -> int:
        """Tell the time, which never goes back."""
        self._latest_us = max(self._latest_us, self._disk.now_us())
        return self._latest_us

    def _advance(self, connection: sqlite3.Connection) -> int:
        """Bring the file's own time forward inside a transaction, and tell it."""
        (now_us,) = connection.execute(
            "UPDATE state SET latest_us = max(latest_us, ?) RETURNING latest_us", (self._now_us(),)
        ).fetchone()
        assert isinstance(now_us, int)
        return now_us

    def _tick(self, row: tuple[Any, ...], key: DatasetKey) -> Tick:
        tick_id, time_us, sequence, stored_us, expires_us, hits, last_used_us = row[:7]
        dictionary_id, raw_bytes, noted, stored = row[7:]
        try:
            if raw_bytes > MOST_BYTES:
                raise ValueError(f"it claims {raw_bytes:,} bytes")
            raw = stored
            if dictionary_id is not None:
                raw = self._datasets.compression(dictionary_id).decompress(stored, raw_bytes)
            if digest(raw) != noted:
                raise ValueError("its checksum differs")
            value = unpack(raw)
        except ValueError as error:
            raise DataError(
                f"the tick store {self.path} is damaged: row {tick_id} ({key} at {format_us(time_us)}) is "
                f"not what was written ({error}); move the file away and store anew"
            ) from error
        more_hits, used_us = self._use.of_tick(tick_id)
        return Tick(
            id=tick_id,
            key=key,
            time_us=time_us,
            sequence=sequence,
            value=value,
            stored_us=stored_us,
            expires_us=expires_us,
            hits=hits + more_hits,
            last_used_us=max(last_used_us, used_us),
        )

    def _got(self, ticks: list[Tick]) -> tuple[Tick, ...]:
        """Note a lookup of single ticks, and give them."""
        self._use.lookup(found=bool(ticks))
        self._use.use((tick.id for tick in ticks), self._now_us(), hits=1)
        self._write_use_if_many()
        return tuple(ticks)

    def _write_use_if_many(self) -> None:
        if not self._use.are_many or self._file.read_only:
            return
        # A read must not wait for a writer, nor fail because the disk is full: the notes are kept.
        try:
            self._write_use(must=False)
        except EnvironmentProblem as error:
            _log.warning("uses of ticks are not written for now: %s", error)

    def _write_use(self, *, must: bool = True) -> None:
        """Write what is noted of uses; unless it *must* be, only when nobody else writes."""
        noted = self._use.take()
        is_written = False
        try:
            with self._file.writing() if must else self._file.writing_if_free() as connection:
                if connection is not None:
                    noted.write(connection)
            is_written = connection is not None
        finally:
            if not is_written:
                self._use.restore(noted)


def open_ticks(
    home: str | Path | None = None,
    *,
    read_only: bool = False,
    ttl_s: float | None = None,
    budget_bytes: int | None = None,
) -> TickStore:
    """Open the tick store of a home, ``ticks.sqlite`` in it.

    Without *home* it is ``TICKREEL_HOME``, else the system's place for application data.
    """
    path = home_dir(flag=home) / "ticks.sqlite"
    return TickStore(path, read_only=read_only, ttl_s=ttl_s, budget_bytes=budget_bytes)


def _checked_ttl(ttl_s: float | None) -> float | None:
    # Written so that a NaN is refused as well.
    if ttl_s is not None and not 0 < ttl_s <= _MOST_TTL_S:
        raise UsageError(f"a time to live of {ttl_s} s cannot be kept: give 0 to {_MOST_TTL_S:,} s")
    return ttl_s


def _position(cursor: str, start_us: int, end_us: int) -> tuple[int, int]:
    """Read a cursor; it stands on the last tick of the page before."""
    match = _CURSOR.fullmatch(cursor)
    if match is None or not start_us <= int(match[1]) < end_us:
        raise UsageError(f"{cursor!r} is no cursor of this range: give the one that the page before named")
    return int(match[1]), int(match[2])
