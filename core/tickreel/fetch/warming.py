"""Filling the shared cache: days that are held here go there, and those of neither place are asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from tickreel.errors import ConflictError, DataError, EnvironmentProblem
from tickreel.fetch.preflight import Action
from tickreel.fetch.request import FetchRequest
from tickreel.market.time import US_PER_DAY, day_start_us, days_touched
from tickreel.progress import UNWATCHED
from tickreel.shared.trouble import LineFailed
from tickreel.store import DayState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from tickreel.fetch.preflight import FetchPlan
    from tickreel.market.types import DatasetKey
    from tickreel.progress import Monitor
    from tickreel.shared.supply import SharedSupply
    from tickreel.shared.values import DayRecord
    from tickreel.store import Cache, Day
    from tickreel.store.model import DayRange


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
    cache: Cache, supply: SharedSupply, days: DayRange, monitor: Monitor = UNWATCHED
) -> list[Warmed]:
    """Put the days of a range that are held here into the shared cache, each once.

    Raises:
        EnvironmentProblem: the shared cache fails or refuses; it says what to do.
        Cancelled: the monitor said so; what is there stays.
    """
    start_us, end_us = day_start_us(days.first), day_start_us(days.last) + US_PER_DAY
    asked = days_touched(start_us, end_us)
    recorded = {one.day: one for one in cache.days(days.key.exchange, days.key.symbol, days.key.type)}
    try:
        there = supply.tier.records.unbroken(days.key, asked)
        done: list[Warmed] = []
        for number, day in enumerate(asked):
            monitor.report(number, len(asked), f"{days.key.symbol} {day}")
            record, held = there.get(day), recorded.get(day)
            if record is not None and _suffices(record, held):
                warmed = Warmed(days.key, day, WarmResult.ALREADY_THERE, record.rows, record.stored_bytes)
                if held is not None and held.rows_sha256 == record.rows_sha256:
                    supply.share(held)  # it stays for another while
            else:
                warmed = _put(supply, days.key, day, held, monitor)
            done.append(warmed)
    except LineFailed as failed:
        raise EnvironmentProblem(f"the shared cache at {supply.view().address}: {failed}") from failed
    return done


def _suffices(record: DayRecord, held: Day | None) -> bool:
    """Tell whether what is there need not give way to what is held: the same, or a whole day for a part."""
    if held is None or not held.state.is_held:
        return True
    return record.rows_sha256 == held.rows_sha256 or (record.is_whole and held.state is DayState.PARTIAL)


def _put(supply: SharedSupply, key: DatasetKey, day: date, held: Day | None, monitor: Monitor) -> Warmed:
    state = DayState.MISSING if held is None else held.state
    if held is None or not state.is_held:
        result = {DayState.ABSENT: WarmResult.ABSENT}.get(state, WarmResult.MISSING)
        return Warmed(key, day, result, error="" if result.is_good else f"neither here ({state}) nor there")
    try:
        supply.share(held, monitor=monitor)
    except (ConflictError, DataError) as error:
        return Warmed(key, day, WarmResult.FAILED, error=str(error))
    return Warmed(key, day, WarmResult.PUT, held.rows, held.bytes)


def requests_for(warmed: Iterable[Warmed]) -> list[FetchRequest]:
    """Ask the vendor for the days that are neither here nor there, in as few requests as there are runs."""
    requests: list[FetchRequest] = []
    for one in warmed:
        if one.result is not WarmResult.MISSING:
            continue
        start_us = day_start_us(one.day)
        if requests and requests[-1].to_us == start_us:
            requests[-1] = replace(requests[-1], to_us=start_us + US_PER_DAY)
        else:
            instrument = ((one.key.exchange, one.key.symbol),)
            requests.append(FetchRequest(instrument, (one.key.type,), start_us, start_us + US_PER_DAY))
    return requests


def after_fetch(
    before: Sequence[Warmed], after: Sequence[Warmed], plans: Iterable[FetchPlan]
) -> list[Warmed]:
    """Tell what became of days of which the missing ones were fetched, by the plans with their ends."""
    ends = {item.day: item for plan in plans for item in plan.items}
    done: list[Warmed] = []
    for was, now in zip(before, after, strict=True):
        end = ends.get(was.day)
        if end is None:
            done.append(was)
        elif now.result in (WarmResult.PUT, WarmResult.ALREADY_THERE):
            done.append(replace(now, result=WarmResult.FETCHED))
        elif end.action in (Action.ABSENT, Action.PENDING):
            done.append(replace(now, result=WarmResult(end.action.value), error=""))
        else:
            why = end.reason or now.error
            done.append(replace(now, result=WarmResult.FAILED, error=f"{end.action}: {why}"))
    return done
