"""Putting what is held here into the shared cache, past a server that fails for a while; taking it out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from time import monotonic, sleep
from typing import TYPE_CHECKING

from tickreel.errors import ConflictError, DataError, EnvironmentProblem
from tickreel.market.time import US_PER_DAY, day_start_us, days_touched
from tickreel.progress import UNWATCHED
from tickreel.shared.trouble import LineFailed
from tickreel.store import DayState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from tickreel.market.types import DatasetKey
    from tickreel.progress import Monitor
    from tickreel.shared.supply import SharedSupply
    from tickreel.shared.values import DayRecord
    from tickreel.store import Cache, Day
    from tickreel.store.model import DayRange

_PATIENCE_S = 60.0
"""How long a server that fails on the way is tried again: a replica needs a while to take over."""
_LONGEST_WAIT_S = 5.0
_LOOK_EVERY_S = 0.2


class WarmResult(StrEnum):
    """What became of one day."""

    PUT = "put"
    ALREADY_THERE = "already_there"
    FETCHED = "fetched"
    """From the vendor, and then put there."""
    ABSENT = "absent"
    PENDING = "pending"
    MISSING = "missing"
    """Neither here nor there."""
    FAILED = "failed"

    @property
    def is_good(self) -> bool:
        """Whether nothing is left to wish for."""
        return self not in (WarmResult.MISSING, WarmResult.FAILED)


@dataclass(frozen=True, slots=True)
class Warmed:
    """One day, and what became of it."""

    key: DatasetKey
    day: date
    result: WarmResult
    rows: int | None = None
    stored_bytes: int | None = None
    error: str = ""


def put_held(
    cache: Cache, supply: SharedSupply, ranges: Sequence[DayRange], monitor: Monitor = UNWATCHED
) -> list[Warmed]:
    """Put the days of some ranges that are held here into the shared cache, each once; bytes are reported.

    What is there is asked for before anything is put. A server that fails later on is given time to
    recover; a day that does not get there has *failed*.

    Raises:
        EnvironmentProblem: the shared cache cannot be asked what it has; it says what to do.
        Cancelled: the monitor said so; what is there stays.
    """
    asked = [(days.key, day) for days in ranges for day in _days_of(days)]
    recorded = {
        (one.key, one.day): one
        for key in {days.key for days in ranges}
        for one in cache.days(key.exchange, key.symbol, key.type)
    }
    there: dict[tuple[DatasetKey, date], DayRecord] = {}
    try:
        for days in ranges:
            found = supply.tier.records.unbroken(days.key, _days_of(days))
            there |= {(days.key, day): record for day, record in found.items()}
    except LineFailed as failed:
        raise EnvironmentProblem(f"the shared cache at {supply.view().address}: {failed}") from failed
    wanted = [
        recorded[one] for one in asked if one in recorded and not _suffices(there.get(one), recorded[one])
    ]
    work = _Putting(supply, monitor, sum(held.bytes for held in wanted if held.state.is_held))
    done: list[Warmed] = []
    for number, (key, day) in enumerate(asked):
        work.begin(f"{key.symbol} {day}, {number + 1} of {len(asked)} days")
        record, held = there.get((key, day)), recorded.get((key, day))
        if record is not None and _suffices(record, held):
            if held is not None and held.rows_sha256 == record.rows_sha256:
                work.renew(held)
            done.append(Warmed(key, day, WarmResult.ALREADY_THERE, record.rows, record.stored_bytes))
        else:
            done.append(work.put(key, day, held))
    return done


def _days_of(days: DayRange) -> list[date]:
    return days_touched(day_start_us(days.first), day_start_us(days.last) + US_PER_DAY)


class _Putting:
    """Puts days, one after the other; it is the monitor of each, and adds up their bytes."""

    def __init__(self, supply: SharedSupply, monitor: Monitor, total_bytes: int) -> None:
        self._supply = supply
        self._monitor = monitor
        self._done_bytes = 0
        self._total_bytes = total_bytes
        self._is_given_up = False
        self._note = ""

    def begin(self, note: str) -> None:
        """Name the day whose reports follow."""
        self._note = note
        self.report(0, None)

    def report(self, done: int, total: int | None, note: str = "") -> None:
        """Take how many bytes of the present day are there."""
        done_bytes = min(self._done_bytes + done, self._total_bytes)
        self._monitor.report(done_bytes, self._total_bytes, note or self._note)

    def renew(self, held: Day) -> None:
        """Let a day that is there stay for another while; where that fails it stays as long as it did."""
        try:
            self._supply.share(held)
        except (ConflictError, DataError, LineFailed):
            return

    def put(self, key: DatasetKey, day: date, held: Day | None) -> Warmed:
        """Put one day, if it is held; a server that has just failed is tried again."""
        state = DayState.MISSING if held is None else held.state
        if held is None or not state.is_held:
            result = WarmResult.ABSENT if state is DayState.ABSENT else WarmResult.MISSING
            return Warmed(
                key, day, result, error="" if result.is_good else f"neither here ({state}) nor there"
            )
        try:
            self._share(held)
        except (ConflictError, DataError, LineFailed) as error:
            return Warmed(key, day, WarmResult.FAILED, error=str(error))
        self._done_bytes += held.bytes
        return Warmed(key, day, WarmResult.PUT, held.rows, held.bytes)

    def _share(self, held: Day) -> None:
        gives_up_s = monotonic() + (0.0 if self._is_given_up else _PATIENCE_S)
        wait_s = _LOOK_EVERY_S
        while True:
            try:
                self._supply.share(held, monitor=self)
            except LineFailed as failed:
                if not failed.trouble.passes_by_itself or monotonic() >= gives_up_s:
                    self._is_given_up = True  # the other days are not to wait as long as this one did
                    raise
                wait_s = min(2 * wait_s, _LONGEST_WAIT_S)
                self._wait(wait_s, f"{self._note}; the server is tried again: {failed.trouble}")
            else:
                self._is_given_up = False
                return

    def _wait(self, wait_s: float, note: str) -> None:
        """Give a server that failed the time after which it may be asked again."""
        ends_s = monotonic() + max(self._supply.view().breaker.tries_in_s, wait_s)
        while monotonic() < ends_s:
            self.report(0, None, note)
            sleep(_LOOK_EVERY_S)


def _suffices(record: DayRecord | None, held: Day | None) -> bool:
    """Tell whether what is there need not give way to what is held: the same, or a whole day for a part."""
    if record is None:
        return False
    if held is None or not held.state.is_held:
        return True
    if held.state is DayState.PARTIAL and record.is_whole:
        return True
    # The same rows may be known to be all of the day here, and not there.
    return record.rows_sha256 == held.rows_sha256 and (record.is_whole or held.state is DayState.PARTIAL)


@dataclass(frozen=True, slots=True)
class Dropped:
    """One day that was to leave the shared cache."""

    key: DatasetKey
    day: date
    was_there: bool
    rows: int = 0
    stored_bytes: int = 0


def drop(supply: SharedSupply, days: DayRange, monitor: Monitor = UNWATCHED) -> list[Dropped]:
    """Take the days of a range from the shared cache; what is held here stays.

    Raises:
        EnvironmentProblem: the shared cache fails or refuses; it says what to do.
        Cancelled: the monitor said so; what has left has left.
    """
    asked = _days_of(days)
    done: list[Dropped] = []
    try:
        there = supply.tier.records.of_days(days.key, asked)
        for number, day in enumerate(asked):
            monitor.report(number, len(asked), f"{days.key.symbol} {day}")
            record = there.get(day)
            if record is None:
                done.append(Dropped(days.key, day, was_there=False))
                continue
            was_there = supply.tier.drop(days.key, day)
            done.append(Dropped(days.key, day, was_there, record.rows, record.stored_bytes))
    except LineFailed as failed:
        raise EnvironmentProblem(f"the shared cache at {supply.view().address}: {failed}") from failed
    return done
