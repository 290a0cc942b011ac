"""What a fetch would do, day by day, before anything is downloaded."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from tickreel.fetch.ranges import is_covered
from tickreel.fetch.request import FetchRequest, Origin
from tickreel.market.time import US_PER_DAY, US_PER_SECOND, day_of, format_us
from tickreel.sources.access import is_free, may_fetch
from tickreel.sources.incidents import why_bad
from tickreel.sources.metadata import Coverage
from tickreel.store.model import DayState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence, Set
    from datetime import date

    from tickreel.fetch.history import Estimates
    from tickreel.keys import Key
    from tickreel.market.types import DatasetKey
    from tickreel.sources.access import Access
    from tickreel.sources.metadata import ExchangeInfo
    from tickreel.store.model import Day


METADATA_AGE_S = 300.0
"""Age up to which the vendor's lists are taken as they were read before."""
_FRESH_S = 2 * METADATA_AGE_S


class Action(StrEnum):
    """What becomes of one day."""

    HAVE = "have"
    FETCH = "fetch"
    REPLACE = "replace"
    SHARED = "shared"
    ABSENT = "absent"
    PENDING = "pending"
    DENIED = "denied"
    LEFT = "left"
    """Left out, as was asked."""
    FETCHED = "fetched"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def downloads(self) -> bool:
        """Whether the day is still to be downloaded."""
        return self in (Action.FETCH, Action.REPLACE)

    @property
    def is_queued(self) -> bool:
        """Whether there is anything to bring, from the vendor or from the shared cache."""
        return self.downloads or self is Action.SHARED

    @property
    def is_good(self) -> bool:
        """Whether a fetch that ends with it has succeeded."""
        return self in _GOOD


_ENDS = (Action.FETCHED, Action.FAILED, Action.CANCELLED)
_GOOD = (Action.HAVE, Action.FETCHED, Action.ABSENT, Action.PENDING, Action.SHARED, Action.LEFT)


@dataclass(frozen=True, slots=True)
class PlannedDay:
    """One day of one dataset, and what is to become of it."""

    key: DatasetKey
    day: date
    span: tuple[int, int]
    """Local time [start, end) in microseconds that is asked for."""
    action: Action
    free: bool
    """Whether the vendor gives it without a key."""
    estimated_bytes: int | None
    reason: str
    """Why; empty where the action says it."""
    flaw: str = ""
    """Why it is known to be bad before it is asked for; of days that are neither held nor denied."""


@dataclass(frozen=True, slots=True)
class FetchPlan:
    """A whole fetch, day by day, with what it is likely to take."""

    request: FetchRequest
    items: tuple[PlannedDay, ...]
    key: Key
    metadata_age_us: int | None
    """Age of the oldest metadata it rests on; None without any."""
    estimated_bytes: int | None
    estimated_seconds: float | None
    disk_free_bytes: int
    disk_free_after_bytes: int | None
    quota_free_after_bytes: int | None
    requests: int
    """Downloads it takes."""
    notes: tuple[str, ...] = ()
    """What the asker should know before the start."""
    accesses: tuple[Access, ...] | None = None
    """What the key includes; None where that is not known."""
    is_fresh: bool = True
    """Whether it rests on what the vendor has just said of all exchanges."""

    @property
    def days(self) -> dict[str, int]:
        """Days by what becomes of them; *partial* are held in part, *total* is the sum of the others."""
        counted = Counter(item.action for item in self.items)
        named = (Action.SHARED, Action.ABSENT, Action.PENDING, Action.DENIED, Action.LEFT, Action.FETCH)
        return {
            "total": len(self.items),
            "have": counted[Action.HAVE],
            "partial": counted[Action.REPLACE],
            **{action.value: counted[action] for action in (*named, *_ENDS)},
        }

    @property
    def wanted(self) -> list[PlannedDay]:
        """The days that are to be downloaded."""
        return [item for item in self.items if item.action.downloads]


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known when a fetch is planned."""

    held: Mapping[tuple[DatasetKey, date], Day]
    exchanges: Mapping[str, ExchangeInfo | None]
    """Metadata by exchange; None where there is none to be had."""
    accesses: tuple[Access, ...] | None
    """What the key may fetch; None where the vendor does not tell."""
    key: Key
    estimates: Estimates
    now_us: int
    disk_free_bytes: int
    quota_free_bytes: int | None
    """Room left under the quota; None without one."""
    ranges: Mapping[tuple[DatasetKey, date], Sequence[tuple[int, int]]] = field(default_factory=dict)
    """Spans of local time [start, end) of which all rows are held, where ranges are asked for."""
    failed: Mapping[tuple[DatasetKey, date], str] = field(default_factory=dict)
    """Why days are known to be bad here: the vendor's files of them were refused as often as it was worth."""
    shared: Set[tuple[DatasetKey, date]] = frozenset()
    """Days that the shared cache has as a whole."""


def is_fresh_list(info: ExchangeInfo, now_us: int) -> bool:
    """Tell whether the vendor has just said so.

    From an older list, which serves when the vendor cannot be reached, nothing follows for a day: it is
    asked for, and never recorded as absent.
    """
    return now_us - info.fetched_us <= _FRESH_S * US_PER_SECOND


def plan_fetch(request: FetchRequest, facts: Facts) -> FetchPlan:
    """Decide on every day of a request."""
    items = [_planned(request, facts, key, span) for key in request.datasets() for span in request.spans()]
    wanted = [item for item in items if item.action.downloads]
    # Without any history nothing is estimated, not even that nothing takes nothing.
    has_history = facts.estimates.overall is not None
    size = _sum([item.estimated_bytes for item in wanted]) if has_history else None
    stored = facts.estimates.stored_bytes(size)
    ages = [facts.now_us - info.fetched_us for info in facts.exchanges.values() if info is not None]
    return FetchPlan(
        request=request,
        items=tuple(items),
        key=facts.key,
        metadata_age_us=max(ages, default=None),
        estimated_bytes=size,
        estimated_seconds=facts.estimates.seconds(size),
        disk_free_bytes=facts.disk_free_bytes,
        disk_free_after_bytes=None if stored is None else facts.disk_free_bytes - stored,
        quota_free_after_bytes=(
            None if stored is None or facts.quota_free_bytes is None else facts.quota_free_bytes - stored
        ),
        requests=len(wanted),
        notes=_notes(facts, request),
        accesses=facts.accesses,
        is_fresh=all(
            info is not None and is_fresh_list(info, facts.now_us) for info in facts.exchanges.values()
        ),
    )


def with_actions(plan: FetchPlan, actions: Mapping[tuple[DatasetKey, date], tuple[Action, str]]) -> FetchPlan:
    """Give a plan with what became of its days."""
    items = [
        replace(item, action=actions[item.key, item.day][0], reason=actions[item.key, item.day][1])
        if (item.key, item.day) in actions
        else item
        for item in plan.items
    ]
    return replace(plan, items=tuple(items))


def _notes(facts: Facts, request: FetchRequest) -> tuple[str, ...]:
    if request.origin is Origin.MACHINE:
        return ()
    return tuple(
        f"the vendor's list of {exchange} could not be read, now or before: what it has of these days is "
        "found out by asking for them"
        for exchange, info in sorted(facts.exchanges.items())
        if info is None
    )


def _planned(request: FetchRequest, facts: Facts, key: DatasetKey, span: tuple[int, int]) -> PlannedDay:
    day = day_of(span[0])
    decide = _decide_day if request.origin is Origin.DATASETS else _decide_range
    action, reason = decide(request, facts, key, span)
    is_from_vendor = request.origin is Origin.DATASETS
    flaw = _flaw(facts, key, day) if is_from_vendor and action.downloads else ""
    if flaw and request.leave_out_bad:
        action, reason = Action.LEFT, f"known to be bad: {flaw}"
    elif action is Action.REPLACE and request.keep_partial and not request.refetch:
        action, reason = Action.LEFT, "held in part, and left as it is"
    return PlannedDay(
        key=key,
        day=day,
        span=span,
        action=action,
        free=is_from_vendor and is_free(day),
        estimated_bytes=facts.estimates.day_bytes(key) if action.downloads and is_from_vendor else None,
        reason=reason,
        flaw=flaw,
    )


def _flaw(facts: Facts, key: DatasetKey, day: date) -> str:
    """Say why a day is known to be bad; empty when nothing is known against it."""
    info = facts.exchanges.get(key.exchange)
    failed = facts.failed.get((key, day))
    if failed:
        return f"the file was refused here: {failed}"
    return "" if info is None else why_bad(info.incidents, day)


def _decide_range(
    request: FetchRequest, facts: Facts, key: DatasetKey, span: tuple[int, int]
) -> tuple[Action, str]:
    """Decide on a range of a day, which is added as a part."""
    if not request.refetch and is_covered(span, facts.ranges.get((key, day_of(span[0])), ())):
        return Action.HAVE, ""
    if span[0] >= facts.now_us:
        return Action.PENDING, "it lies in the future"
    return Action.FETCH, ""


def _decide_day(
    request: FetchRequest, facts: Facts, key: DatasetKey, span: tuple[int, int]
) -> tuple[Action, str]:
    """Decide on a whole day of the vendor's files."""
    day = day_of(span[0])
    held = facts.held.get((key, day))
    state = DayState.MISSING if held is None else held.state
    if state is DayState.PRESENT and not request.refetch:
        return Action.HAVE, ""
    if (key, day) in facts.shared and not request.refetch:
        return Action.SHARED, "the shared cache has it"
    if state is DayState.ABSENT and not request.refetch:
        return Action.ABSENT, "recorded as absent; --refetch asks again"
    info = facts.exchanges.get(key.exchange)
    is_fresh = info is not None and is_fresh_list(info, facts.now_us)
    coverage = info.coverage(key, day) if info is not None and is_fresh else Coverage.UNKNOWN
    if coverage is Coverage.OUTSIDE and info is not None:
        return Action.ABSENT, info.why_outside(key)
    if coverage is Coverage.UNPUBLISHED and info is not None and info.exported_until_us is not None:
        return Action.PENDING, f"published so far: up to {format_us(info.exported_until_us)}"
    if coverage is Coverage.UNKNOWN and span[0] + US_PER_DAY > facts.now_us:
        return Action.PENDING, "the day is not over"
    if not may_fetch(facts.accesses, facts.key, key, day):
        return Action.DENIED, _why_denied(facts.key, day)
    if state is DayState.PARTIAL:
        return Action.REPLACE, "held in part: the parts go to the trash once the whole day is here"
    if state is DayState.PRESENT:
        return Action.REPLACE, "held already, asked for again"
    if state is DayState.DAMAGED:
        return Action.FETCH, "what is held is damaged"
    return Action.FETCH, ""


def _why_denied(key: Key, day: date) -> str:
    if key.value is None:
        first = day.replace(day=1)
        return (
            f"only the first day of a month ({first}) is free without a key: set TARDIS_API_KEY, or "
            "`tickreel key set tardis`"
        )
    return "the vendor refuses the key, or its plan does not include it (`tickreel key status`)"


def _sum(sizes: Sequence[int | None]) -> int | None:
    known = [size for size in sizes if size is not None]
    return sum(known) if len(known) == len(sizes) else None
