"""Which days of a run are not known to be sound: found before it begins, and kept on its card.

They are run all the same, for a run reads what was recorded; only days that are missing stop it. A rerun
or a comparison has its digests for the data itself: this tells how much the figures can be trusted.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tickreel.store.model import DayState, Grade

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tickreel.backtest.runs.data import RunDay
    from tickreel.store import Cache


class Doubt(StrEnum):
    """Why a day is not known to be sound."""

    BAD = "bad"
    UNCHECKED = "unchecked"
    PARTIAL = "partial"


@dataclass(frozen=True, slots=True)
class UnsoundDay:
    """A day that a run reads, with what speaks against it."""

    one: RunDay
    doubts: tuple[Doubt, ...]
    issues: tuple[str, ...]
    """Kinds of what its health report found; of a bad day alone."""

    def to_form(self) -> dict[str, Any]:
        """Give it as values that JSON knows."""
        form = self.one.to_form()
        del form["rows_sha256"]
        return {**form, "doubts": [doubt.value for doubt in self.doubts], "issues": list(self.issues)}


def unsound_days(cache: Cache, days: Iterable[RunDay]) -> list[UnsoundDay]:
    """List those of the days of a run that are bad, not checked yet, or partly missing, in their order."""
    found = []
    for one in days:
        held = cache.day(one.key.exchange, one.key.symbol, one.key.type, one.day)
        if held is None or not held.state.is_held:  # evicted since: nothing is known of it
            continue
        doubts = []
        if held.grade is Grade.BAD:
            doubts.append(Doubt.BAD)
        elif held.grade is None and held.state is not DayState.ABSENT:
            doubts.append(Doubt.UNCHECKED)
        if held.state is DayState.PARTIAL:
            doubts.append(Doubt.PARTIAL)
        if doubts:
            issues = tuple(held.issues or ()) if held.grade is Grade.BAD else ()
            found.append(UnsoundDay(one, tuple(doubts), issues))
    return found


def unsound_words(told: Mapping[str, Any]) -> str:
    """Say in words what a card tells of a day: ``bad (gap, crossed), partial``."""
    issues = f" ({', '.join(told['issues'])})" if told["issues"] else ""
    return ", ".join(f"{doubt}{issues if doubt == Doubt.BAD else ''}" for doubt in told["doubts"])
