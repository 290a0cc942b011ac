"""Imports as jobs of the panel, and what is said when they have ended."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tickreel.jobs import fraction_done
from tickreel.market.units import format_bytes, format_full
from tickreel.store import Outcome
from tickreel.vendorcsv import claim_of
from tickreel_desktop.components import Message, ToastKind
from tickreel_desktop.components.sentences import capital
from tickreel_desktop.imports.item import ImportItem, ItemState
from tickreel_desktop.jobs.rates import RateMeter, left_words
from tickreel_desktop.jobs.row import JobAccount, JobRow, JobState, JobVerb
from tickreel_desktop.zone.times import moment_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from typing import Any

    from tickreel.jobs import Job
    from tickreel.market.types import DatasetKey
    from tickreel.store import Ingested
    from tickreel_desktop.imports import ImportController, ImportSummary
    from tickreel_desktop.zone import DisplayZone

_STATES = {
    ItemState.WAITING: JobState.QUEUED,
    ItemState.RUNNING: JobState.RUNNING,
    ItemState.ASKING: JobState.WAITING,
    ItemState.DONE: JobState.DONE,
    ItemState.FAILED: JobState.FAILED,
    ItemState.CANCELLED: JobState.CANCELLED,
}


def days_words(count: int) -> str:
    """Count days."""
    return f"{format_full(count)} {'day' if count == 1 else 'days'}"


def _files(count: int) -> str:
    return f"{format_full(count)} {'file' if count == 1 else 'files'}"


def _datasets_words(keys: Sequence[DatasetKey]) -> str:
    others = len(keys) - 1
    if not others:
        return str(keys[0])
    return f"{keys[0]} and {format_full(others)} other {'dataset' if others == 1 else 'datasets'}"


def import_message(summary: ImportSummary) -> Message:
    """Say what became of an import in a heading and a sentence."""
    parts = []
    if summary.datasets:
        parts.append(f"{_datasets_words(summary.datasets)}.")
    if summary.already_here_days:
        parts.append(f"{days_words(summary.already_here_days)} already here.")
    if summary.cancelled_files:
        parts.append(f"{_files(summary.cancelled_files)} cancelled.")
    if summary.failures:
        path, reason = summary.failures[0]
        parts.append(f"{path.name}: {reason.rstrip('.')}.")
        if (others := len(summary.failures) - 1) > 0:
            parts.append(f"And {format_full(others)} more.")
    text = " ".join(parts)
    failed = len(summary.failures)
    if failed:
        heading = f"{_files(failed)} not imported"
        if summary.stored_days:
            heading += f", {days_words(summary.stored_days)} stored"
        return Message(ToastKind.ERROR, heading, text)
    if summary.stored_days:
        return Message(ToastKind.GOOD, f"{days_words(summary.stored_days)} stored", text)
    if summary.already_here_days:
        return Message(ToastKind.GOOD, "Nothing new: everything is already here", text)
    return Message(ToastKind.WARNING, "Import cancelled", text or "Nothing was stored.")


@dataclass(slots=True)
class _Log:
    """What was seen of one file."""

    meter: RateMeter = field(default_factory=RateMeter)
    state: ItemState | None = None
    tries: int = 0
    began_us: int = 0
    ended_us: int = 0


class ImportJobs(QObject):
    """Tell of the files of an import controller."""

    changed = Signal()
    answer_wanted = Signal(ImportItem)
    """The user wants to answer the question of a file."""

    def __init__(
        self,
        imports: ImportController,
        now_us: Callable[[], int],
        zone: DisplayZone,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._imports = imports
        self._now_us = now_us
        self._zone = zone
        zone.changed.connect(self.changed)
        self._rows: dict[str, JobRow] = {}
        self._items: dict[str, ImportItem] = {}
        self._logs: dict[int, _Log] = {}
        imports.item_changed.connect(self._on_item_changed)
        imports.item_removed.connect(self._on_item_removed)
        imports.searches_changed.connect(self.changed)
        for item in imports.items:
            self._on_item_changed(item)

    def rows(self) -> Sequence[JobRow]:
        """Give all files, and the searches for files."""
        return [*map(_search_row, self._imports.searches), *self._rows.values()]

    def account(self, job_id: str) -> JobAccount:
        """Tell all that is known of a file."""
        item = self._items.get(job_id)
        if item is None:
            return JobAccount(())
        log = self._logs[item.id]
        progress = None if item.job is None else item.job.progress
        facts = [("File", str(item.path))]
        if progress is not None and progress.total:
            facts.append(("Size", format_bytes(progress.total)))
            if item.state in (ItemState.RUNNING, ItemState.FAILED):
                facts.append(("Read", format_bytes(progress.done)))
        if log.began_us:
            facts.append(("Began", moment_text(self._zone.zone, log.began_us)))
        if log.ended_us:
            facts.append(("Ended", moment_text(self._zone.zone, log.ended_us)))
        if log.tries:
            facts.append(("Tried", "once" if log.tries == 1 else f"{format_full(log.tries)} times"))
        facts += [(each.day.key.type.value, _day_words(each)) for each in item.results]
        return JobAccount(tuple(facts), place=item.path)

    def act(self, job_id: str, verb: JobVerb) -> None:
        """Do something with a file, or end a search."""
        for search in self._imports.searches:
            if _search_id(search) == job_id and verb is JobVerb.CANCEL:
                self._imports.cancel_search(search)
        item = self._items.get(job_id)
        if item is None:
            return
        match verb:
            case JobVerb.ANSWER:
                self.answer_wanted.emit(item)
            case JobVerb.REPLACE:
                self._imports.replace_days(item)
            case JobVerb.RETRY:
                self._imports.retry(item)
            case JobVerb.CANCEL:
                self._imports.cancel(item)
            case JobVerb.DISMISS:
                self._imports.dismiss(item)
            case _:
                pass  # an import is not offered the others

    def dismiss(self, job_ids: Sequence[str]) -> Callable[[], None]:
        """Take files that have ended off the list; what is returned brings them back."""
        items = [self._items[each] for each in job_ids if each in self._items]
        logs = {item.id: self._logs[item.id] for item in items}
        for item in items:
            self._imports.dismiss(item)

        def restore() -> None:
            self._logs |= logs
            self._imports.restore(items)

        return restore

    def _on_item_changed(self, item: ImportItem) -> None:
        log = self._logs.setdefault(item.id, _Log())
        if item.state is not log.state:
            if item.state is ItemState.RUNNING:
                log.tries += 1
                log.began_us, log.ended_us = self._now_us(), 0
                log.meter.forget()
            elif item.state.is_final and not log.ended_us:
                log.ended_us = self._now_us()
            log.state = item.state
        job_id = f"import:{item.id}"
        self._items[job_id] = item
        self._rows[job_id] = _row(item, log)
        self.changed.emit()

    def _on_item_removed(self, item: ImportItem) -> None:
        job_id = f"import:{item.id}"
        self._rows.pop(job_id, None)
        self._items.pop(job_id, None)
        self._logs.pop(item.id, None)
        self.changed.emit()


def _search_id(job: Job[Any]) -> str:
    return f"search:{job.id}"


def _search_row(job: Job[Any]) -> JobRow:
    return JobRow(
        _search_id(job),
        "magnifying-glass",
        "",
        job.title,
        "",
        JobState.RUNNING,
        "Looking for files",
        verbs=(JobVerb.CANCEL,),
        order=-1.0,
    )


def _row(item: ImportItem, log: _Log) -> JobRow:
    name, rest = _names(item.path)
    state = _STATES[item.state]
    fraction, done, rate, left_s = 0.0, "", None, None
    progress = None if item.job is None else item.job.progress
    if progress is not None and progress.total and item.state is not ItemState.WAITING:
        done = format_bytes(progress.total)
        if state is JobState.RUNNING:  # a file is stored whole or not at all: otherwise nothing of it is
            fraction = fraction_done(progress) or 0.0
            done = f"{format_bytes(progress.done)} of {done}"
            log.meter.note(progress.updated_s, progress.done)
            rate, left_s = log.meter.per_s(), log.meter.left_s(progress.total - progress.done)
    return JobRow(
        f"import:{item.id}",
        "upload-simple",
        "Import",
        name,
        rest,
        state,
        _words(item),
        1.0 if state is JobState.DONE else fraction,
        done,
        "" if rate is None else f"{format_bytes(round(rate))}/s",
        left_words(left_s),
        rate,
        left_s,
        _verbs(item),
        # What was begun last stands on top, so that what moves is in view.
        -log.began_us if item.state is ItemState.RUNNING else item.id,
        log.ended_us if item.state.is_final else 0,
    )


def _verbs(item: ImportItem) -> tuple[JobVerb, ...]:
    match item.state:
        case ItemState.ASKING:
            return (JobVerb.ANSWER, JobVerb.CANCEL)
        case ItemState.FAILED if item.can_replace:
            return (JobVerb.REPLACE, JobVerb.RETRY, JobVerb.DISMISS)
        case ItemState.FAILED | ItemState.CANCELLED:
            return (JobVerb.RETRY, JobVerb.DISMISS)
        case ItemState.DONE:
            return (JobVerb.DISMISS,)
        case _:
            return () if item.is_stopping else (JobVerb.CANCEL,)


def _names(path: Path) -> tuple[str, str]:
    """Name a file by what the vendor's naming says of it, else by its own name and its folder's."""
    claim = claim_of(path)
    if claim.exchange and claim.symbol and claim.type and claim.day:
        return f"{claim.exchange} {claim.symbol} {claim.type}", claim.day.isoformat()
    return path.name, path.parent.name


def _words(item: ImportItem) -> str:
    match item.state:
        case ItemState.WAITING:
            return "Queued"
        case ItemState.RUNNING:
            return "Stopping" if item.is_stopping else "Importing"
        case ItemState.ASKING:
            return "" if item.question is None else item.question.heading
        case ItemState.DONE:
            return _result_words(item.results)
        case ItemState.FAILED:
            return capital(item.reason)
        case ItemState.CANCELLED:
            return "Cancelled, nothing was stored"


_OUTCOMES = {
    Outcome.STORED: "stored",
    Outcome.ADDED_PART: "added to",
    Outcome.REPLACED: "replaced",
    Outcome.ALREADY_HERE: "already here",
}


def _day_words(result: Ingested) -> str:
    return f"{result.day.day.isoformat()} {_OUTCOMES[result.outcome]}, {format_full(result.day.rows)} rows"


def _result_words(results: Sequence[Ingested]) -> str:
    counts = Counter(each.outcome for each in results)
    parts = [f"{days_words(counts[outcome])} {_OUTCOMES[outcome]}" for outcome in Outcome if counts[outcome]]
    return ", ".join(parts)
