"""One file on its way into the cache, what it was given with, and what became of it all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tickreel.errors import ConflictError
from tickreel.store import Outcome

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel.jobs import Job
    from tickreel.market.types import DatasetKey
    from tickreel.store import ImportRequest, Ingested
    from tickreel_desktop.imports.questions import Question


class ItemState(StrEnum):
    """Where a file stands."""

    WAITING = "waiting"
    RUNNING = "running"
    ASKING = "asking"
    """It goes on when the user has answered its question."""
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether the file's import has ended, one way or the other."""
        return self in (ItemState.DONE, ItemState.FAILED, ItemState.CANCELLED)


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What became of everything that was given in one go."""

    files: int
    stored_days: int
    """Days that are new, got another part, or were replaced."""
    already_here_days: int
    cancelled_files: int
    failures: tuple[tuple[Path, str], ...]
    """File (or folder) and the reason."""
    datasets: tuple[DatasetKey, ...] = ()
    """Those whose days were stored, as they came."""


@dataclass(eq=False, slots=True)
class ImportBatch:
    """What was given in one go."""

    is_found: bool = False
    is_cancelled: bool = False
    is_ended: bool = False
    """Whether it was summed up; a file that is tried again after that is a batch of its own."""
    items: list[ImportItem] = field(default_factory=list)
    failures: list[tuple[Path, str]] = field(default_factory=list)
    answers: dict[Question, str] = field(default_factory=dict)
    """Answers that hold for every file of the batch."""


@dataclass(eq=False, slots=True)
class ImportItem:
    """One file; only the controller changes it."""

    id: int
    request: ImportRequest
    batch: ImportBatch
    state: ItemState = ItemState.WAITING
    job: Job[Any] | None = None
    """The job that imports it now or did so last."""
    is_stopping: bool = False
    """Whether the user has cancelled it; it may run on for a moment."""
    question: Question | None = None
    results: tuple[Ingested, ...] = ()
    error: BaseException | None = None

    @property
    def path(self) -> Path:
        """The file."""
        return self.request.path

    @property
    def reason(self) -> str:
        """Say in one line why it failed, without the name of the file; empty when it did not."""
        if self.error is None:
            return ""
        text = str(self.error) or type(self.error).__name__
        return text.removeprefix(f"{self.path}: ").removeprefix(f"{self.path} ")

    @property
    def can_replace(self) -> bool:
        """Whether it failed only because other rows of its days are held."""
        return isinstance(self.error, ConflictError) and not self.request.replace


def summary_of(batch: ImportBatch) -> ImportSummary:
    """Sum up a batch whose files have all ended."""
    results = [each for item in batch.items for each in item.results]
    outcomes = Counter(each.outcome for each in results)
    already_here = outcomes.pop(Outcome.ALREADY_HERE, 0)
    stored = (each.day.key for each in results if each.outcome is not Outcome.ALREADY_HERE)
    failed = ((item.path, item.reason) for item in batch.items if item.state is ItemState.FAILED)
    return ImportSummary(
        files=len(batch.items),
        stored_days=outcomes.total(),
        already_here_days=already_here,
        cancelled_files=sum(item.state is ItemState.CANCELLED for item in batch.items),
        failures=(*batch.failures, *failed),
        datasets=tuple(dict.fromkeys(stored)),
    )
