"""An analysis of before with its figures: whether its rows are still the same, and how true it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tickreel.analysis.history import Query, find_history
from tickreel.analysis.snapshot import Snapshot, take_snapshot
from tickreel.analysis.truth import Binding, check_text
from tickreel.errors import TickreelError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel.analysis.answers import Answer
    from tickreel.analysis.history import Kept
    from tickreel.analysis.truth import Check
    from tickreel.store import Cache
    from tickreel.store.records.database import Database


@dataclass(frozen=True, slots=True)
class KeptAnalysis:
    """An analysis of before, and its window as its rows are now."""

    kept: Kept
    answer: Answer
    snapshot: Snapshot | None
    """None where the window can no longer be measured."""

    @property
    def is_stale(self) -> bool:
        """Whether the rows, or the way in which they are measured, have changed since."""
        return self.snapshot is None or self.snapshot.digest != self.kept.snapshot_sha256

    @property
    def figures(self) -> Snapshot | None:
        """The figures that it was made from; None of a stale one, whose figures are not here any more."""
        return None if self.is_stale else self.snapshot

    @property
    def numbers(self) -> Mapping[Binding, int] | None:
        """How many numbers are so; None of a stale one."""
        if (checks := self.checks) is None:
            return None
        return {binding: sum(check.count(binding) for check in checks) for binding in Binding}

    @property
    def checks(self) -> list[Check] | None:
        """What came of checking the prose and each finding; None of a stale one."""
        if (seen := self.figures) is None:
            return None
        found = [check_text(one.text, seen, cited=one.figures) for one in self.answer.findings]
        return [check_text(self.answer.prose, seen), *found]

    @property
    def is_directed(self) -> bool | None:
        """Whether the directions that the words tell were checked too; None of a stale one."""
        return None if (checks := self.checks) is None else all(check.is_directed for check in checks)

    def to_form(self) -> dict[str, Any]:
        """Give it as values that JSON knows."""
        kept, numbers = self.kept, self.numbers
        marks = [kept.marks.get(number) for number in range(len(self.answer.findings))]
        return {
            "exchange": kept.exchange,
            "symbol": kept.symbol,
            "from_us": kept.from_us,
            "to_us": kept.to_us,
            "question": kept.question,
            "stale": self.is_stale,
            "prose": self.answer.prose,
            "findings": [
                finding.to_form()
                | {
                    "pinned": mark is not None and mark.is_pinned,
                    "rating": 0 if mark is None else mark.rating,
                }
                for finding, mark in zip(self.answer.findings, marks, strict=True)
            ],
            "problems": list(self.answer.problems),
            "whole": kept.is_whole,
            "numbers": None
            if numbers is None
            else {binding.value: count for binding, count in numbers.items()},
            "direction_checked": self.is_directed,
            "windows_of_call": kept.windows,
            "window_of_call": kept.number + 1,
            "groups": None if kept.groups is None else [group.value for group in kept.groups],
            "request_sha256": kept.request_sha256,
            "snapshot_sha256": kept.snapshot_sha256,
            "data": None
            if kept.data is None
            else [
                {"type": one.type.value, "day": one.day, "rows_sha256": one.rows_sha256} for one in kept.data
            ],
            "call": kept.call.to_form(),
        }


def measured_again(cache: Cache, kept: Kept) -> KeptAnalysis | None:
    """Measure the window of an entry as its rows are now; None of one without an answer."""
    if kept.answer is None:
        return None
    try:
        seen = take_snapshot(cache, kept.exchange, kept.symbol, kept.from_us, kept.to_us)
        snapshot = seen if kept.groups is None else seen.only(kept.groups)
    except TickreelError:  # rows that have gone or are damaged: it is stale, and says so
        snapshot = None
    return KeptAnalysis(kept, kept.answer, snapshot)


def kept_analyses(cache: Cache, database: Database, query: Query) -> list[KeptAnalysis]:
    """Find analyses of before by the beginnings of their windows, and measure each anew."""
    found = sorted(find_history(database, query), key=lambda one: (one.from_us, one.to_us, one.call.id))
    measured = (measured_again(cache, kept) for kept in found)
    return [analysis for analysis in measured if analysis is not None]
