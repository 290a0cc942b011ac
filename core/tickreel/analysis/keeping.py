"""Analyses that were made before, by the window they are about, and whether its rows are still the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tickreel.analysis.answers import Answer, read_answer, unpacked
from tickreel.analysis.snapshot import Snapshot, take_snapshot
from tickreel.analysis.truth import Binding, check_text
from tickreel.errors import TickreelError
from tickreel.market.time import parse_range

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel.analysis.calls import Kept
    from tickreel.analysis.ledger import Ledger
    from tickreel.market.time import Instant
    from tickreel.store import Cache


@dataclass(frozen=True, slots=True)
class KeptAnalysis:
    """An analysis of before."""

    kept: Kept
    answer: Answer
    snapshot: Snapshot | None
    """The window as its rows are now; None where it can no longer be measured."""

    @property
    def is_stale(self) -> bool:
        """Whether the rows, or the way in which they are measured, have changed since."""
        return self.snapshot is None or self.snapshot.digest != self.kept.snapshot_sha256

    @property
    def numbers(self) -> Mapping[Binding, int] | None:
        """How many numbers are so; None of a stale one, whose figures are not here any more."""
        if self.snapshot is None or self.is_stale:
            return None
        checks = [check_text(self.answer.prose, self.snapshot)]
        checks += [check_text(one.text, self.snapshot, cited=one.figures) for one in self.answer.findings]
        return {binding: sum(check.count(binding) for check in checks) for binding in Binding}

    def to_form(self) -> dict[str, Any]:
        """Give it as values that JSON knows."""
        numbers = self.numbers
        return {
            "from_us": self.kept.from_us,
            "to_us": self.kept.to_us,
            "stale": self.is_stale,
            "prose": self.answer.prose,
            "findings": [finding.to_form() for finding in self.answer.findings],
            "numbers": None
            if numbers is None
            else {binding.value: count for binding, count in numbers.items()},
            "windows_of_call": self.kept.windows,
            "call": self.kept.call.to_form(),
        }


def kept_analyses(
    cache: Cache, ledger: Ledger, exchange: str, symbol: str, start: Instant, end: Instant
) -> list[KeptAnalysis]:
    """Find the analyses of windows that overlap [start, end), by their beginnings, and measure each anew.

    Raises:
        UsageError: a time that there is not.
    """
    snapshots: dict[tuple[int, int], Snapshot | None] = {}
    found = []
    for kept in ledger.about(exchange, symbol, *parse_range(start, end)):
        window = kept.from_us, kept.to_us
        if window not in snapshots:
            try:
                snapshots[window] = take_snapshot(cache, exchange, symbol, *window)
            except TickreelError:  # rows that have gone or are damaged: it is stale, and says so
                snapshots[window] = None
        text, _ = unpacked(kept.answer)
        found.append(KeptAnalysis(kept, read_answer(text, kept.windows)[kept.number], snapshots[window]))
    return found
