"""What becomes of a day's rows that arrive: beside what is held, instead of it, or not needed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tickreel.errors import ConflictError
from tickreel.market.time import US_PER_DAY, day_start_us, format_us
from tickreel.store.model import DayState, state_of_rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from tickreel.market.types import DatasetKey
    from tickreel.store.model import Day, Part


class Outcome(StrEnum):
    """What became of one day of a file."""

    STORED = "stored"
    ALREADY_HERE = "already_here"
    ADDED_PART = "added_part"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Arrival:
    """The rows of one day that want in, before their file is sealed."""

    key: DatasetKey
    day: date
    first_local_us: int | None
    last_local_us: int | None
    rows_sha256: str

    @property
    def rows_span(self) -> tuple[int, int]:
        """From the first row to just after the last; the whole day when there is none."""
        if self.first_local_us is None or self.last_local_us is None:
            return self.day_span
        return self.first_local_us, self.last_local_us + 1

    @property
    def day_span(self) -> tuple[int, int]:
        """The UTC day."""
        start_us = day_start_us(self.day)
        return start_us, start_us + US_PER_DAY


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be recorded of an arrival."""

    outcome: Outcome
    held: Day | None
    """What was held when it was decided; the decision is void when that has changed."""
    span: tuple[int, int]
    """Local time [start, end) in microseconds that the new part stands for."""
    state: DayState
    """Of the day, afterwards."""
    trashed: tuple[Part, ...] = ()

    @property
    def stores(self) -> bool:
        """Whether the new rows are kept."""
        return self.outcome is not Outcome.ALREADY_HERE

    @property
    def is_whole(self) -> bool:
        """Whether the new part is the whole day."""
        return self.state is DayState.PRESENT


def settle(
    arrival: Arrival,
    held: Day | None,
    *,
    replace: bool,
    complete: bool,
    is_sound: Callable[[Part], bool],
    is_fetched: bool = False,
) -> Decision:
    """Decide what becomes of *arrival* where *held* is what the cache has of its day.

    *complete* takes its rows as the whole day however early they end; *is_sound* reads a
    part through and tells whether every row of it can still be read. *is_fetched* rows are all
    that the origin has of the day: they complete one that is held in part, even by the same rows.

    Raises:
        ConflictError: they differ from what is held of the same time, and *replace* is not asked for.
    """
    is_whole = (
        complete
        or state_of_rows(arrival.day, arrival.first_local_us, arrival.last_local_us) is DayState.PRESENT
    )
    state = DayState.PRESENT if is_whole else DayState.PARTIAL
    span = arrival.day_span if is_whole else arrival.rows_span
    if held is None or not held.parts:
        return Decision(Outcome.STORED, held, span, state)
    equal = _equal_parts(held, arrival)
    # The whole day's file of a day that was held as partial: the same rows, and now they are all there are.
    completes = is_fetched and held.state is DayState.PARTIAL
    if equal and not completes and all(not part.is_damaged and is_sound(part) for part in equal):
        return Decision(Outcome.ALREADY_HERE, held, span, held.state)
    if equal and not replace:
        # The same rows once more are the cure of a damaged file.
        old = (equal[0].start_us, equal[-1].end_us)
        mended = DayState.PRESENT if old == arrival.day_span else DayState.PARTIAL
        return Decision(Outcome.REPLACED, held, old, mended, tuple(equal))
    if replace:
        return Decision(Outcome.REPLACED, held, span, state, held.parts)
    if not complete:
        # Beside other parts it is no whole day, however early and late its rows end.
        span = arrival.rows_span
    lost = [part for part in held.parts if part.is_damaged]
    for old_part in held.parts:
        if old_part not in lost and _overlap(span, old_part):
            raise ConflictError(
                f"{arrival.key} {arrival.day}: the new rows cover {_spelled(span)}, which overlaps "
                f"{_spelled((old_part.start_us, old_part.end_us))} held already, and they differ: use "
                "--replace to swap the day (the old one goes to the trash)"
            )
    if len(lost) == len(held.parts):
        # Of a day that cannot be read nothing stands in the way, but what is beside the new rows stays.
        whole_span = arrival.day_span if is_whole else arrival.rows_span
        gone = tuple(part for part in lost if _overlap(whole_span, part))
        if len(gone) == len(lost):
            return Decision(Outcome.REPLACED, held, whole_span, state, gone)
    gone = tuple(part for part in lost if _overlap(span, part))
    outcome = Outcome.REPLACED if gone else Outcome.ADDED_PART
    return Decision(outcome, held, span, DayState.PARTIAL, gone)


def _overlap(span: tuple[int, int], part: Part) -> bool:
    return span[0] < part.end_us and part.start_us < span[1]


def _equal_parts(held: Day, arrival: Arrival) -> list[Part]:
    """Find what is held of exactly these rows: all parts of the day, one of them, or nothing."""
    if arrival.rows_sha256 == held.rows_sha256:
        return list(held.parts)
    return [part for part in held.parts if part.rows_sha256 == arrival.rows_sha256][:1]


def _spelled(span: tuple[int, int]) -> str:
    return f"{format_us(span[0])} to {format_us(span[1])}"
