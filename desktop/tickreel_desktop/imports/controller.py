"""Files on their way into the cache: found, queued, imported two at a time, asked about, summed up.

The controller lives on the UI thread; the work is done by the job runner.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from tickreel.errors import UsageError
from tickreel.events import DatasetsChanged
from tickreel.jobs import State
from tickreel.store import ImportRequest, Outcome
from tickreel_desktop.imports.item import ImportBatch, ImportItem, ImportSummary, ItemState, summary_of
from tickreel_desktop.imports.questions import Question
from tickreel_desktop.imports.work import find, import_or_ask

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from tickreel.events import Bus
    from tickreel.jobs import Job, JobRunner
    from tickreel.store import Cache
    from tickreel_desktop.imports.relay import JobRelay

AT_ONCE = 2
"""Files that are imported at the same time."""
TAKEN_AT_ONCE = 200
"""Files of a search that are taken over before the window may do something else."""
_FIND = "import-find"
IMPORT_KIND = "import"
"""The kind of the jobs that import one file each."""


class ImportController(QObject):
    """Import files and folders into a cache, and tell of each file and of the whole."""

    item_changed = Signal(ImportItem)
    """A file was found, moved on or made progress."""
    item_removed = Signal(ImportItem)
    searches_changed = Signal()
    """A search for files began or ended."""
    finished = Signal(ImportSummary)
    """Everything that was given in one go has ended."""

    def __init__(
        self, cache: Cache, runner: JobRunner, bus: Bus, relay: JobRelay, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._cache = cache
        self._runner = runner
        self._bus = bus
        self._items: dict[int, ImportItem] = {}
        self._found: deque[tuple[ImportBatch, ImportRequest]] = deque()
        self._taking = QTimer(self)
        self._taking.setInterval(0)
        self._taking.timeout.connect(self._take_found)
        self._waiting: deque[ImportItem] = deque()
        self._by_job: dict[str, ImportItem] = {}
        self._finding: dict[str, tuple[Job[Any], ImportBatch]] = {}
        self._next_id = 1
        self._is_closed = False
        relay.changed.connect(self._on_jobs_changed)

    @property
    def items(self) -> tuple[ImportItem, ...]:
        """Every file that was not dismissed, oldest first."""
        return tuple(self._items.values())

    @property
    def searches(self) -> tuple[Job[Any], ...]:
        """The jobs that still look for files in what was given."""
        return tuple(job for job, batch in self._finding.values() if not batch.is_cancelled)

    @property
    def is_busy(self) -> bool:
        """Whether anything is being looked for, imported or asked about."""
        return bool(self._finding or self._found) or any(
            not item.state.is_final for item in self._items.values()
        )

    def counts(self) -> Counter[ItemState]:
        """Count the files by state."""
        return Counter(item.state for item in self._items.values())

    def import_paths(self, paths: Iterable[Path]) -> None:
        """Import files, and every vendor CSV file below folders."""
        given = tuple(paths)
        if not given:
            return
        batch = ImportBatch()
        job = self._runner.submit(_FIND, f"Look for files in {given[0].name}", lambda _: find(given))
        self._finding[job.id] = (job, batch)
        self.searches_changed.emit()

    def import_requests(self, requests: Iterable[ImportRequest]) -> None:
        """Import files of which it is known what is asked, as one go."""
        batch = ImportBatch()
        self._take_over(batch, list(requests))

    def answer(self, item: ImportItem, choice: str, *, for_all: bool = False) -> None:
        """Let a file go on with the user's choice; *for_all* holds for the rest of what was given with it."""
        question = item.question
        if item.state is not ItemState.ASKING or question is None:
            return
        if for_all:
            item.batch.answers[question] = choice
        alike = [other for other in item.batch.items if other.question == question] if for_all else [item]
        for each in alike:
            if each.state is ItemState.ASKING:
                self._requeue(each, question.answered(each.request, choice))
        self._go_on()

    def skip(self, item: ImportItem) -> None:
        """Leave a file whose question is not answered; it stays as failed, with the reason."""
        if item.state is ItemState.ASKING and item.question is not None:
            reason = f"{item.question.heading} Not answered. {item.question.reason}"
            self._settle(item, ItemState.FAILED, error=UsageError(reason))

    def retry(self, item: ImportItem) -> None:
        """Try a failed or cancelled file again."""
        if item.state in (ItemState.FAILED, ItemState.CANCELLED):
            self._again(item, item.request)

    def replace_days(self, item: ImportItem) -> None:
        """Import a file that overlaps what is held; the days that it replaces go to the trash."""
        if item.state is ItemState.FAILED:
            self._again(item, replace(item.request, replace=True))

    def cancel(self, item: ImportItem) -> None:
        """Stop a file; one that runs is cancelled when its work has really unwound."""
        if item.state is ItemState.RUNNING and item.job is not None:
            item.is_stopping = True
            self._runner.cancel(item.job)
            self.item_changed.emit(item)
        elif not item.state.is_final:
            if item.state is ItemState.WAITING:
                self._waiting.remove(item)
            self._settle(item, ItemState.CANCELLED)

    def cancel_search(self, job: Job[Any]) -> None:
        """Import nothing of what is still looked for."""
        if job.id in self._finding:
            self._finding[job.id][1].is_cancelled = True
            self.searches_changed.emit()

    def cancel_all(self) -> None:
        """Stop everything."""
        for job in self.searches:
            self.cancel_search(job)
        left = {id(batch): batch for batch, _ in self._found}.values()
        self._found.clear()
        for item in self.items:
            self.cancel(item)
        for batch in left:
            batch.is_found = True
            self._finish_if_ended(batch)

    def close(self) -> None:
        """Stop everything and begin nothing more; the runner may be shut down then."""
        self._is_closed = True
        self.cancel_all()

    def dismiss(self, item: ImportItem) -> None:
        """Forget a file that has ended."""
        if item.state.is_final and self._items.pop(item.id, None) is not None:
            self.item_removed.emit(item)

    def restore(self, items: Iterable[ImportItem]) -> None:
        """Know files again that were dismissed."""
        back = {item.id: item for item in items if item.id not in self._items}
        self._items = dict(sorted((self._items | back).items()))
        for item in back.values():
            self.item_changed.emit(item)

    def _on_jobs_changed(self, jobs: tuple[Job[Any], ...]) -> None:
        changed_keys: dict[str, None] = {}
        for job in jobs:
            if job.id in self._finding:
                if job.state.is_final:
                    self._on_found(self._finding.pop(job.id)[1], job)
                    self.searches_changed.emit()
            elif (item := self._by_job.get(job.id)) is not None:
                changed_keys |= dict.fromkeys(self._on_item_job(item, job))
        if changed_keys:
            self._bus.publish(DatasetsChanged(tuple(changed_keys)))
        self._go_on()

    def _on_found(self, batch: ImportBatch, job: Job[Any]) -> None:
        if job.state is State.SUCCEEDED and not batch.is_cancelled:
            assert job.result is not None  # it succeeded
            files, failures = job.result
            batch.failures += failures
            if files:
                self._take_over(batch, [ImportRequest(path) for path in files])
                return
        batch.is_found = True
        self._finish_if_ended(batch)

    def _take_over(self, batch: ImportBatch, requests: Sequence[ImportRequest]) -> None:
        self._dismiss_failed({request.path for request in requests})
        self._found.extend((batch, request) for request in requests)
        self._take_found()

    def _take_found(self) -> None:
        """Take over files that were found, of a folder of thousands some at a time."""
        for _ in range(TAKEN_AT_ONCE):
            if not self._found:  # at their end, or somebody who was told has cancelled
                break
            batch, request = self._found.popleft()
            item = ImportItem(self._next_id, request, batch)
            self._next_id += 1
            self._items[item.id] = item
            batch.items.append(item)
            batch.is_found = not self._found or self._found[0][0] is not batch
            self._waiting.append(item)
            self.item_changed.emit(item)
        if self._found:
            self._taking.start()
        else:
            self._taking.stop()
        self._go_on()

    def _dismiss_failed(self, paths: set[Path]) -> None:
        """Forget earlier tries of files that are given again."""
        for item in self.items:
            if item.path in paths and item.state in (ItemState.FAILED, ItemState.CANCELLED):
                self.dismiss(item)

    def _on_item_job(self, item: ImportItem, job: Job[Any]) -> Sequence[str]:
        """Take over what a file's job says and give the datasets that changed."""
        if not job.state.is_final:
            self.item_changed.emit(item)
            return ()
        del self._by_job[job.id]
        # Work that was asked to stop may have come to its question before it heard of it.
        is_moot = item.is_stopping and isinstance(job.result, Question)
        if job.state is State.CANCELLED or is_moot:
            self._settle(item, ItemState.CANCELLED)
        elif job.state is State.FAILED:
            self._settle(item, ItemState.FAILED, error=job.error)
        elif isinstance(job.result, Question):
            self._ask(item, job.result)
        else:
            assert job.result is not None  # it succeeded
            item.results = tuple(job.result)
            self._settle(item, ItemState.DONE)
            return [str(each.day.key) for each in item.results if each.outcome is not Outcome.ALREADY_HERE]
        return ()

    def _ask(self, item: ImportItem, question: Question) -> None:
        if (known := item.batch.answers.get(question)) is not None:
            self._requeue(item, question.answered(item.request, known))
            return
        item.question = question
        item.state = ItemState.ASKING
        self.item_changed.emit(item)

    def _requeue(self, item: ImportItem, request: ImportRequest) -> None:
        item.request = request
        item.question = None
        item.error = None
        item.results = ()
        item.is_stopping = False
        item.state = ItemState.WAITING
        self._waiting.appendleft(item)
        self.item_changed.emit(item)

    def _again(self, item: ImportItem, request: ImportRequest) -> None:
        if item.batch.is_ended:
            item.batch = ImportBatch(is_found=True, items=[item])
        self._requeue(item, request)
        self._go_on()

    def _settle(self, item: ImportItem, state: ItemState, *, error: BaseException | None = None) -> None:
        item.state = state
        item.error = error
        item.question = None
        self.item_changed.emit(item)
        self._finish_if_ended(item.batch)

    def _go_on(self) -> None:
        """Begin with waiting files while there is room."""
        while self._waiting and len(self._by_job) < AT_ONCE and not self._is_closed:
            item = self._waiting.popleft()
            item.state = ItemState.RUNNING
            job = self._runner.submit(
                IMPORT_KIND, f"Import {item.path.name}", partial(import_or_ask, self._cache, item.request)
            )
            item.job = job
            self._by_job[job.id] = item
            self.item_changed.emit(item)

    def _finish_if_ended(self, batch: ImportBatch) -> None:
        if not batch.is_found or any(not item.state.is_final for item in batch.items):
            return
        batch.is_ended = True
        self.finished.emit(summary_of(batch))
