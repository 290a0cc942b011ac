"""Days that go, or stay, with the reason of each: the table under every preview of eviction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.market.units import format_bytes, format_full
from tickreel.store.care.eviction import size_of
from tickreel_desktop.care.survey import days_do, place_of
from tickreel_desktop.care.table import Column

if TYPE_CHECKING:
    from datetime import date

    from tickreel.market.types import DatasetKey
    from tickreel.store.care.eviction import Choice, EvictionPlan

_ROOM = "there is room for it"
"""The core's word for what stays for no reason of its own."""


@dataclass(frozen=True, slots=True)
class Fate:
    """A day, or a version of one in the trash, and why it goes or stays."""

    key: DatasetKey
    day: date
    rows: int
    bytes: int
    reason: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a plan comes to, ready to be shown; :func:`outlook_of` makes it on a worker thread."""

    plan: EvictionPlan
    going: tuple[Fate, ...]
    """In the order in which they go: what is held, then what lies in the trash."""
    staying: tuple[Fate, ...]
    freed_bytes: int
    over_bytes: int
    stays_words: str
    """What stays for a reason of its own, counted."""


def outlook_of(plan: EvictionPlan) -> Outlook:
    """Sum a plan up."""
    trashed = [
        Fate(entry.key, entry.day, entry.rows, entry.bytes, "in the trash, can be fetched again")
        for entry in plan.purge
    ]
    counts: dict[str, int] = {}
    for choice in plan.keep:
        short = choice.reason.partition(":")[0]
        if short != _ROOM:
            counts[short] = counts.get(short, 0) + 1
    return Outlook(
        plan,
        going=(*map(_fate, plan.evict), *trashed),
        staying=tuple(map(_fate, plan.keep)),
        freed_bytes=plan.freed_bytes,
        over_bytes=plan.over_bytes,
        stays_words=" ".join(
            f"{days_do(count, 'stays', 'stay')}: {reason}." for reason, count in counts.items()
        ),
    )


def _fate(choice: Choice) -> Fate:
    day = choice.day
    return Fate(day.key, day.day, day.rows, size_of(day), choice.reason)


COLUMNS = (
    Column[Fate]("Dataset", 290, lambda one: str(one.key), lambda one: place_of(one.key, one.day)),
    Column[Fate]("Day", 96, lambda one: one.day.isoformat(), lambda one: one.day),
    Column[Fate](
        "Rows", 92, lambda one: format_full(one.rows), lambda one: one.rows, is_right=True, is_secondary=True
    ),
    Column[Fate]("Size", 84, lambda one: format_bytes(one.bytes), lambda one: one.bytes, is_right=True),
    Column[Fate]("Why", 240, lambda one: one.reason, lambda one: one.reason, is_secondary=True),
)
