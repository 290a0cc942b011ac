"""One file of a drop before anything of it is stored: what it is, whether its first rows are good."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from tickreel.market.units import format_full
from tickreel.store import Prospect
from tickreel.vendorcsv import claim_of

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from tickreel.market.types import DatasetKey
    from tickreel.store import FileAhead, ImportRequest
    from tickreel_desktop.imports.questions import Question


class Verdict(StrEnum):
    """What was found of a file, and so whether it can be imported."""

    UNCHECKED = "unchecked"
    GOOD = "good"
    PART = "part"
    """Good, and another part of a day that is held."""
    REPLACES = "replaces"
    """Good, and in place of rows that are held."""
    HERE = "here"
    OVERLAPS = "overlaps"
    """Rows of the same time are held from another file."""
    SECOND = "second"
    """Another file of the drop has a day that only one of them can be."""
    ASKING = "asking"
    REFUSED = "refused"

    @property
    def is_importable(self) -> bool:
        """Whether importing the file makes sense."""
        return self in (Verdict.GOOD, Verdict.PART, Verdict.REPLACES)


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What holds for all files of a drop."""

    replaces: bool = False
    """Swap days that are held; the old ones go to the trash."""
    completes: bool = False
    """Take the days as whole, however early or late their rows end."""


@dataclass(frozen=True, slots=True)
class FilePreview:
    """What is known of one file; exactly one of *ahead*, *question*, *problem* once it was checked."""

    number: int
    """Its place in the drop."""
    request: ImportRequest
    size_bytes: int = 0
    ahead: FileAhead | None = None
    question: Question | None = None
    problem: str = ""
    """Why it is refused, without its path."""

    @property
    def path(self) -> Path:
        """The file."""
        return self.request.path

    def places(self) -> list[tuple[DatasetKey, date]]:
        """List the days of it that are known."""
        return [] if self.ahead is None else [(self.ahead.key, one.day) for one in self.ahead.days]

    def verdict(self, options: ImportOptions, *, is_second: bool = False) -> Verdict:
        """Judge it under the options of the import; *is_second* where an earlier file has a day of it."""
        if self.problem:
            return Verdict.REFUSED
        if self.question is not None:
            return Verdict.ASKING
        if self.ahead is None:
            return Verdict.UNCHECKED
        found = {
            one.prospect.given(replace=options.replaces, complete=options.completes)
            for one in self.ahead.days
        }
        for prospect, verdict in _GRAVEST_FIRST:
            if prospect in found:
                # The second one would take the first one's place, or find none beside it.
                is_left_out = is_second and (options.replaces or options.completes)
                return Verdict.SECOND if is_left_out else verdict
        return Verdict.HERE

    def asked(self, options: ImportOptions) -> ImportRequest:
        """Give what is asked of the cache."""
        return replace(self.request, replace=options.replaces, complete=options.completes)

    def names(self) -> tuple[str, str, str]:
        """Give exchange, symbol and type: of the rows, else as the file's name has them; empty if unknown."""
        if self.ahead is not None:
            key = self.ahead.key
            return key.exchange, key.symbol, key.type.value
        claim = claim_of(self.path)
        data_type = self.request.type or claim.type
        return (
            self.request.exchange or claim.exchange or "",
            self.request.symbol or claim.symbol or "",
            "" if data_type is None else data_type.value,
        )

    def days(self) -> str:
        """Name the days, as far as they are known: ``2024-07-23``, ``from 2024-07-23``."""
        claimed = claim_of(self.path).day
        if self.ahead is None:
            return "" if claimed is None else claimed.isoformat()
        days = [one.day for one in self.ahead.days]
        if len(days) > 1:
            return f"{days[0]} to {days[-1]}" if self.ahead.is_all else f"from {days[0]}"
        return f"{days[0]}" if self.ahead.is_all or claimed == days[0] else f"from {days[0]}"

    def words(self, verdict: Verdict, *, of_day: int = 1) -> str:
        """Say what was found, in one line; *of_day* files of the drop have a day of it."""
        match verdict:
            case Verdict.UNCHECKED:
                return "Not checked yet"
            case Verdict.ASKING:
                return "" if self.question is None else self.question.heading
            case Verdict.REFUSED:
                return self.problem
            case Verdict.HERE:
                return "Already here, the same file"
            case Verdict.OVERLAPS:
                return "Overlaps what is held, from another file"
            case Verdict.SECOND:
                return "Another file of this drop has its day"
            case Verdict.REPLACES:
                return f"{self._checked()}; what is held goes to the trash"
            case Verdict.PART:
                return f"{self._checked()}; another part of a day that is held"
            case Verdict.GOOD:
                return self._checked() if of_day < 2 else f"Good, {format_full(of_day)} files of this day"

    def _checked(self) -> str:
        if self.ahead is None:
            return ""
        rows = f"{format_full(self.ahead.rows)} row{'s' if self.ahead.rows != 1 else ''}"
        return f"Good, all {rows} checked" if self.ahead.is_all else f"Good, first {rows} checked"


_GRAVEST_FIRST = (
    (Prospect.OVERLAPS, Verdict.OVERLAPS),
    (Prospect.WOULD_REPLACE, Verdict.REPLACES),
    (Prospect.WOULD_ADD_PART, Verdict.PART),
    (Prospect.WOULD_STORE, Verdict.GOOD),
)

_LEFT_OUT = {
    Verdict.REFUSED: "refused",
    Verdict.OVERLAPS: "overlapping",
    Verdict.SECOND: "second of its day",
    Verdict.HERE: "already here",
    Verdict.ASKING: "not answered",
    Verdict.UNCHECKED: "not checked",
}


@dataclass(frozen=True, slots=True)
class PreviewSums:
    """A drop in figures."""

    files: int
    unchecked: int
    chosen: int
    chosen_bytes: int
    left_out: str
    """What is left out and why, in words; empty where nothing is."""


class Tally:
    """Keeps the sums of a drop while its files are found out about, so that nobody counts them all anew."""

    def __init__(self) -> None:
        self._verdicts: Counter[Verdict] = Counter()
        self._unticked = 0
        self._chosen_bytes = 0
        self.questions: dict[Question, dict[int, FilePreview]] = {}
        """What must be asked, each with the files that it is about, by number."""

    def add(self, preview: FilePreview, verdict: Verdict, *, is_ticked: bool) -> None:
        """Count a file."""
        self._count(preview, verdict, is_ticked=is_ticked, times=1)
        if preview.question is not None:
            self.questions.setdefault(preview.question, {})[preview.number] = preview

    def remove(self, preview: FilePreview, verdict: Verdict, *, is_ticked: bool) -> None:
        """Count a file no more that was counted as this."""
        self._count(preview, verdict, is_ticked=is_ticked, times=-1)
        if preview.question is not None:
            alike = self.questions[preview.question]
            del alike[preview.number]
            if not alike:
                del self.questions[preview.question]

    def _count(self, preview: FilePreview, verdict: Verdict, *, is_ticked: bool, times: int) -> None:
        self._verdicts[verdict] += times
        if verdict.is_importable and is_ticked:
            self._chosen_bytes += times * preview.size_bytes
        elif verdict.is_importable:
            self._unticked += times

    def sums(self) -> PreviewSums:
        """Sum everything up."""
        counts = {word: self._verdicts[verdict] for verdict, word in _LEFT_OUT.items()}
        counts["unticked"] = self._unticked
        files = self._verdicts.total()
        return PreviewSums(
            files=files,
            unchecked=self._verdicts[Verdict.UNCHECKED],
            chosen=files - sum(counts.values()),
            chosen_bytes=self._chosen_bytes,
            left_out=", ".join(f"{format_full(count)} {word}" for word, count in counts.items() if count),
        )
