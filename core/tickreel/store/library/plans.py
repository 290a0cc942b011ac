"""What a reader asks for, which parts hold it, and which of its days are missing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from tickreel.errors import NotHeldError
from tickreel.market.time import US_PER_DAY, day_start_us

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from tickreel.market.types import DatasetKey
    from tickreel.store.model import DayState, Part


@dataclass(frozen=True, slots=True)
class Selection:
    """What a reader asks for: a dataset, or one instrument inside a grouped one."""

    key: DatasetKey
    member: str | None = None

    def __str__(self) -> str:
        return f"{self.key} ({self.member})" if self.member else str(self.key)


@dataclass(frozen=True, slots=True)
class MissingDay:
    """A day that a range touches and whose rows should be there but are not."""

    selection: Selection
    day: date
    state: DayState

    def __str__(self) -> str:
        return f"{self.selection} {self.day} ({self.state})"


@dataclass(frozen=True, slots=True)
class RangePlan:
    """The parts that hold a range, and the days of it that are missing."""

    selection: Selection
    start_us: int
    end_us: int
    parts: tuple[Part, ...]
    missing: tuple[MissingDay, ...]
    breaks_us: tuple[int, ...]
    """Midnights in [start_us, end_us) at which a day begins that is not held: no book is carried into it."""
    promised: tuple[date, ...] = ()
    """Days that are on their way here, in order: no parts yet, and not missing either."""

    def by_day(self) -> Iterator[tuple[date, tuple[Part, ...]]]:
        """Give the parts day by day."""
        for day, parts in groupby(self.parts, key=lambda part: part.day):
            yield day, tuple(parts)

    def since(self, from_us: int) -> RangePlan:
        """Give what is left of the plan from an instant on."""
        return replace(
            self,
            start_us=from_us,
            parts=tuple(part for part in self.parts if part.end_us > from_us),
            breaks_us=tuple(at_us for at_us in self.breaks_us if at_us >= from_us),
            promised=tuple(day for day in self.promised if day_start_us(day) + US_PER_DAY > from_us),
        )

    @property
    def promised_us(self) -> int | None:
        """The instant at which the first day begins that is on its way, or the range if that is later."""
        return max(self.start_us, day_start_us(self.promised[0])) if self.promised else None

    def until(self, last_us: int) -> RangePlan:
        """Give what of the plan lies before an instant, or at it."""
        return replace(
            self,
            end_us=min(self.end_us, last_us + 1),
            parts=tuple(part for part in self.parts if part.start_us <= last_us),
            breaks_us=tuple(at_us for at_us in self.breaks_us if at_us <= last_us),
            promised=tuple(day for day in self.promised if day_start_us(day) <= last_us),
        )


def refuse_missing(missing: Iterable[MissingDay], *, can_be_allowed: bool = True) -> None:
    """Stop before any output when days of a range are missing.

    *can_be_allowed* tells whether the same call can read over them.

    Raises:
        NotHeldError: names every one of them.
    """
    named = [str(day) for day in missing]
    if named:
        shown = ", ".join(named[:20]) + (f" and {len(named) - 20} more" if len(named) > 20 else "")
        way_over = ""
        if can_be_allowed:
            way_over = ", or read over the gap with --allow-missing (in Python allow_missing=True)"
        raise NotHeldError(
            f"{len(named)} day{'s are' if len(named) > 1 else ' is'} missing: {shown}; "
            f"import or fetch {'them' if len(named) > 1 else 'it'}{way_over}"
        )
