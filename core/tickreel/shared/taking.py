"""Storing a day as it comes from the server: all of its parts, or nothing of it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from tickreel.errors import ConflictError, DataError
from tickreel.market.types import SCHEMAS
from tickreel.store import DayState, Provenance, Source
from tickreel.store.digest import RowsDigest

if TYPE_CHECKING:
    from tickreel.progress import Monitor
    from tickreel.shared.known import ComingPart
    from tickreel.shared.naming import DayKeys
    from tickreel.shared.tier import SharedTier
    from tickreel.shared.values import DayRecord
    from tickreel.store import Cache, Ingested
    from tickreel.store.intake.ingest import Ingest

_LOGGER = logging.getLogger(__name__)


class ManyDays:
    """The monitor of each of several days that are brought: adds up their rows, and names the one at hand."""

    def __init__(self, monitor: Monitor, days: int, rows: int) -> None:
        self._monitor = monitor
        self._days, self._rows = days, rows
        self._number = self._before = self._own = 0
        self._note = ""

    def begin(self, name: str, rows: int) -> None:
        """Begin with a day of so many rows; the one before has come, or does not."""
        self._number += 1
        self._before, self._own = self._before + self._own, rows
        self._note = f"{name} from the shared cache, {self._number} of {self._days} days"
        self.report(0, None)

    def report(self, done: int, total: int | None, note: str = "") -> None:
        """Take how many rows of the day at hand are here; raises Cancelled as the monitor does."""
        self._monitor.report(self._before + min(done, self._own), self._rows, note or self._note)


def take(
    cache: Cache, tier: SharedTier, keys: DayKeys, record: DayRecord, *, replace: bool, monitor: Monitor
) -> Ingested | None:
    """Store a day as it comes; None where it is not there any more, or others have stored it meanwhile.

    Nothing of it is kept unless it is the very rows that were put there.

    Raises:
        LineFailed: the server failed.
        EnvironmentProblem: this machine cannot store it.
        Cancelled: the monitor said so.
    """
    key, day = keys.key, keys.day
    held = cache.day(key.exchange, key.symbol, key.type, day)
    is_damaged = held is not None and held.state is DayState.DAMAGED
    try:
        with cache.ingest(key) as ingest:
            told = _taken_in(ingest, tier, keys, record, monitor)
            return ingest.commit_parts(told, replace=replace or is_damaged, complete=record.is_whole)
    except DataError as error:
        _LOGGER.info("%s %s is not taken from the shared cache: %s", key, day, error)
        return None
    except ConflictError as conflict:  # somebody has stored the day meanwhile
        _LOGGER.info("%s %s is not taken from the shared cache: %s", key, day, conflict)
        return None


def _taken_in(
    ingest: Ingest, tier: SharedTier, keys: DayKeys, record: DayRecord, monitor: Monitor
) -> list[tuple[Provenance, str]]:
    """Take all parts of a day in, and give what is told of each.

    Raises:
        DataError: they are not the rows of the day.
    """
    told: list[tuple[Provenance, str]] = []
    digest = (
        RowsDigest(SCHEMAS[keys.key.type], grouped=keys.key.is_grouped) if len(record.parts) > 1 else None
    )
    done = 0
    for part in tier.parts(keys.key, keys.day, record):
        ingest.begin_part()
        for block in part.blocks:
            ingest.append(block)
            if digest is not None:
                digest.update(block)
            done += len(block)
            monitor.report(done, record.rows)
        if not part.record.rows:
            ingest.append_empty_day(keys.day)
        told.append((_provenance(part), part.record.rows_sha256))
    told_sha256 = record.parts[0].rows_sha256 if digest is None else digest.hexdigest()
    if told_sha256 != record.rows_sha256:
        raise DataError("its parts are together not the rows that were told of")
    return told


def _provenance(part: ComingPart) -> Provenance:
    """Tell where the rows of a part came from."""
    record = part.record
    source = Source.SHARED_TARDIS if record.source == Source.TARDIS else Source.SHARED
    return Provenance(source, record.source_sha256, record.source_bytes, disconnects_us=part.disconnects_us)
