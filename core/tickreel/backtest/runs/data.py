"""Which days a run reads: refused where some are missing, told on its card by digest, and pinned for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from tickreel.backtest.tape import PLAYED
from tickreel.errors import NotHeldError
from tickreel.market.time import days_touched
from tickreel.market.types import DatasetKey, DataType
from tickreel.progress import UNWATCHED
from tickreel.store import refuse_missing
from tickreel.store.model import DayRange

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tickreel.backtest.request import BacktestRequest
    from tickreel.progress import Monitor
    from tickreel.store import Cache, MissingDay


@dataclass(frozen=True, slots=True)
class RunDay:
    """A day that a run reads, in the version that is held now."""

    key: DatasetKey
    day: date
    rows_sha256: str

    def to_form(self) -> dict[str, Any]:
        """Give it as values that JSON knows."""
        return {
            "exchange": self.key.exchange,
            "symbol": self.key.symbol,
            "type": self.key.type.value,
            "day": self.day.isoformat(),
            "rows_sha256": self.rows_sha256,
        }


def days_of(cache: Cache, request: BacktestRequest, monitor: Monitor = UNWATCHED) -> list[RunDay]:
    """List the days that a run reads, by exchange, symbol, type and day.

    Those from which the book at its start follows are among them. What is missing is first looked for in
    the shared cache, if there is one, of which the monitor hears: all of it, for the run is known by the
    digests of the days that it reads.

    Raises:
        NotHeldError: no book is held of an instrument, or days are missing and the request does not
            run over them; they are named.
        Cancelled: the monitor said so; days that came before stay.
    """
    found: dict[tuple[DatasetKey, date], RunDay] = {}
    missing: list[MissingDay] = []
    touched = days_touched(request.start_us, request.end_us)
    cache.library.bring(request.instruments, PLAYED, request.start_us, request.end_us, monitor)
    for exchange, symbol in request.instruments:
        cache.book_selection(exchange, symbol)
        for data_type in cache.library.held_types(exchange, symbol, PLAYED):
            selection = cache.library.select(exchange, symbol, data_type)
            plan = cache.library.plan(selection, request.start_us, request.end_us)
            missing += plan.missing
            numbers = {part.day for part in plan.parts}
            if data_type is DataType.INCREMENTAL_BOOK_L2:
                numbers |= {part.day for part in cache.library.chain_before(selection, request.start_us + 1)}
            for number in numbers:
                day = cache.library.day(selection, number)
                found[selection.key, number] = RunDay(selection.key, number, day.rows_sha256)
    if not request.allow_missing:
        refuse_missing(missing)
    if touched and not any(touched[0] <= one.day <= touched[-1] for one in found.values()):
        names = ", ".join(f"{exchange} {symbol}" for exchange, symbol in request.instruments)
        raise NotHeldError(
            f"nothing is held of {names} from {touched[0]} to {touched[-1]}: "
            "`tickreel datasets` lists what is"
        )
    return sorted(
        found.values(), key=lambda one: (one.key.exchange, one.key.symbol, one.key.type.value, one.day)
    )


def pin(cache: Cache, days: Iterable[RunDay], holder: str) -> None:
    """Keep the versions of days for a holder, also in the trash when they are replaced.

    Raises:
        UsageError: the home was opened for reading only.
    """
    for key, first, last in _ranges(days):
        cache.life.pins.pin(DayRange(key, first, last), holder)


def pin_again(cache: Cache, told: Iterable[Mapping[str, Any]], holder: str) -> None:
    """Keep for a holder what is still held, in the very version, of the days that a card tells of."""
    pin(cache, [one for one in told_days(told) if _is_held(cache, one)], holder)


def told_days(told: Iterable[Mapping[str, Any]]) -> list[RunDay]:
    """Read the days that a card tells of; raises ValueError and KeyError where they are none."""
    return [
        RunDay(
            DatasetKey(one["exchange"], one["symbol"], DataType(one["type"])),
            date.fromisoformat(one["day"]),
            one["rows_sha256"],
        )
        for one in told
    ]


def _is_held(cache: Cache, wanted: RunDay) -> bool:
    held = cache.day(wanted.key.exchange, wanted.key.symbol, wanted.key.type, wanted.day)
    return held is not None and held.rows_sha256 == wanted.rows_sha256


def _ranges(days: Iterable[RunDay]) -> list[tuple[DatasetKey, date, date]]:
    """Join days that follow one another; a run reads every held day between its first and its last."""
    ranges: list[tuple[DatasetKey, date, date]] = []
    for one in days:
        if ranges and ranges[-1][0] == one.key and (one.day - ranges[-1][2]).days == 1:
            ranges[-1] = one.key, ranges[-1][1], one.day
        else:
            ranges.append((one.key, one.day, one.day))
    return ranges
