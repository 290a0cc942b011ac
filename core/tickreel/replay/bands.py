"""Stretches of a replay whose data is not sound."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tickreel.market.time import US_PER_DAY, day_start_us

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tickreel.market.types import DataType
    from tickreel.store import Cache, RangePlan


class BandKind(StrEnum):
    """Why a stretch is not sound: an interval of a day's health, or what a whole day is."""

    GAP = "gap"
    CROSSED = "crossed"
    EXCHANGE_TIME_BACK = "exchange_time_back"
    EXCHANGE_AFTER_LOCAL = "exchange_after_local"
    RESET = "reset"
    BEFORE_SNAPSHOT = "before_snapshot"
    DUPLICATE = "duplicate"
    PRECISION_CHANGE = "precision_change"
    SPLIT_SNAPSHOT = "split_snapshot"
    SNAPSHOT_MISMATCH = "snapshot_mismatch"
    USABLE = "usable"
    """A day of this grade."""
    BAD = "bad"
    """A day of this grade."""
    MISSING = "missing"
    """A day whose rows should be there and are not."""


class BandAction(StrEnum):
    """What a replay does about a band."""

    PLAY = "play"
    """Nothing."""
    SKIP = "skip"
    """The clock jumps over it; the books go through it."""
    STOP = "stop"
    """The replay stands before it until it is told to go on."""
    WARN = "warn"
    """The frame says so."""


@dataclass(frozen=True, slots=True, order=True)
class Band:
    """A stretch [from_us, to_us) of one dataset's local time."""

    from_us: int
    to_us: int
    kind: BandKind
    exchange: str
    symbol: str
    type: DataType
    note: str = ""


_OF_DAYS = (BandKind.USABLE, BandKind.BAD, BandKind.MISSING)


def find_bands(cache: Cache, plans: Iterable[RangePlan], *, days: bool = True) -> list[Band]:
    """List what is known of the health of the days that some plans play, by time.

    Health that is not known yet is worked out, which takes as long as reading the day. Without
    *days* only the intervals inside days are given, not those that are whole days. Days that are on
    their way are waited for.

    Raises:
        NotHeldError: one of these does not come.
    """
    found = []
    for planned in plans:
        plan = cache.library.arrive(planned, planned.end_us)
        key, asked = plan.selection.key, plan.selection.member or plan.selection.key.symbol

        def band(
            kind: BandKind,
            from_us: int,
            to_us: int,
            note: str = "",
            plan: RangePlan = plan,
            symbol: str = asked,
        ) -> Band:
            of = plan.selection.key
            return Band(from_us, to_us, kind, of.exchange, symbol, of.type, note)

        for day, health in cache.health(key.exchange, key.symbol, key.type, plan.start_us, plan.end_us):
            midnight_us = day_start_us(day.day)
            if health is None:
                if days:  # a damaged day is bad, whatever its rows would say
                    found.append(band(BandKind.BAD, midnight_us, midnight_us + US_PER_DAY, day.state.value))
                continue
            if days and health.grade.value in _OF_DAYS:
                found.append(band(BandKind(health.grade.value), midnight_us, midnight_us + US_PER_DAY))
            found += [band(BandKind(one.kind), one.from_us, one.to_us, one.note) for one in health.intervals]
        if days:
            for missing in plan.missing:
                midnight_us = day_start_us(missing.day)
                found.append(
                    band(BandKind.MISSING, midnight_us, midnight_us + US_PER_DAY, missing.state.value)
                )
    return sorted(one for one in found if one.from_us < one.to_us)
