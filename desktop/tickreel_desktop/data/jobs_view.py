"""The strip of files on their way into the cache: progress, failures with their cause, questions.

Files that still wait are counted in the head and have no row, so that a folder
of a thousand files is no more to draw than one of ten.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from tickreel.jobs import fraction_done, rate_per_s, seconds_left
from tickreel.market.units import format_bytes, format_duration_s, format_full
from tickreel.store import Outcome
from tickreel.vendorcsv import claim_of
from tickreel_desktop.components import (
    BarState,
    ButtonKind,
    ElidedLabel,
    Message,
    ProgressRow,
    ProgressText,
    ToastKind,
    button,
    label,
)
from tickreel_desktop.data.import_item import ItemState
from tickreel_desktop.data.question_dialog import QuestionDialog
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tickreel.store import Ingested
    from tickreel_desktop.data.import_item import ImportItem, ImportSummary
    from tickreel_desktop.data.importing import ImportController
    from tickreel_desktop.theme import ColourName
    from tickreel_resources import IconName

ROW_PX = 30
MOST_ROWS_IN_VIEW = 5
MOST_ENDED_ROWS = 100
"""Of files that have ended the newest so many keep a row."""

_LOOKS: dict[ItemState, tuple[IconName, ColourName, BarState]] = {
    ItemState.WAITING: ("clock", "text_2", BarState.WAITING),
    ItemState.RUNNING: ("upload-simple", "text_2", BarState.MOVING),
    ItemState.ASKING: ("question", "warning", BarState.WAITING),
    ItemState.DONE: ("check", "text_2", BarState.MOVING),
    ItemState.FAILED: ("x-circle", "error", BarState.FAILED),
    ItemState.CANCELLED: ("x", "text_2", BarState.WAITING),
}


def _days(count: int) -> str:
    return f"{format_full(count)} {'day' if count == 1 else 'days'}"


def _files(count: int) -> str:
    return f"{format_full(count)} {'file' if count == 1 else 'files'}"


def import_message(summary: ImportSummary) -> Message:
    """Say what became of an import in a heading and a sentence."""
    parts = []
    if summary.already_here_days:
        parts.append(f"{_days(summary.already_here_days)} already here.")
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
            heading += f", {_days(summary.stored_days)} stored"
        return Message(ToastKind.ERROR, heading, text)
    if summary.stored_days:
        return Message(ToastKind.GOOD, f"{_days(summary.stored_days)} stored", text)
    if summary.already_here_days:
        return Message(ToastKind.GOOD, "Nothing new: everything is already here", text)
    return Message(ToastKind.WARNING, "Import cancelled", text or "Nothing was stored.")


class _ImportRow(ProgressRow):
    """One file; the cross cancels it while it goes on and dismisses it once it has ended."""

    mend_requested = Signal()
    """Answer, replace what is held, or try again, whichever the row offers."""

    def __init__(self, theme: Theme, item: ImportItem, parent: QWidget | None = None) -> None:
        super().__init__(theme, "upload-simple", *_names(item.path), parent)
        self.setToolTip(str(item.path))
        self.is_running = False
        self._mend = button(theme, "")
        self._mend.clicked.connect(lambda: self.mend_requested.emit())
        # A place of fixed width, so that a button that comes does not move the columns.
        place = QFrame()
        place.setFixedWidth(theme.px(72))
        place_row = QHBoxLayout(place)
        place_row.setContentsMargins(0, 1, 0, 1)
        place_row.addWidget(self._mend)
        row = self.layout()
        assert isinstance(row, QHBoxLayout)
        row.insertWidget(row.count() - 1, place)
        self.show_item(item)

    def show_item(self, item: ImportItem) -> None:
        """Show how the file stands now."""
        self.is_running = item.state is ItemState.RUNNING
        icon, colour, bar = _LOOKS[item.state]
        fraction, text = _progress(item)
        self.set_progress(fraction, text, bar)
        self._icon.set_icon(icon, colour)
        name = item.path.name
        tip = f"Dismiss {name}" if item.state.is_final else f"Cancel {name}"
        self._cancel.setToolTip(tip)
        self._cancel.setAccessibleName(tip)
        mend = _mend_text(item)
        self._mend.setText(mend)
        self._mend.setAccessibleName(f"{mend} {name}")
        self._mend.setVisible(bool(mend))


def _names(path: Path) -> tuple[str, str]:
    """Name a file by what the vendor's naming says of it, else by its own name and its folder's."""
    claim = claim_of(path)
    if claim.exchange and claim.symbol and claim.type and claim.day:
        return f"{claim.exchange} {claim.symbol}", f"{claim.type} {claim.day.isoformat()}"
    return path.name, path.parent.name


def _progress(item: ImportItem) -> tuple[float | None, ProgressText]:
    """Give how far a file is, and the words of its row."""
    words = _state_words(item)
    progress = None if item.job is None else item.job.progress
    if progress is None or not progress.total:
        return (1.0 if item.state is ItemState.DONE else 0.0), ProgressText(state=words)
    if item.state is not ItemState.RUNNING:
        size = format_bytes(progress.total) if item.state is ItemState.DONE else ""
        return fraction_done(progress), ProgressText(done=size, state=words)
    per_s = rate_per_s(progress)
    left_s = seconds_left(progress, time.monotonic())
    return fraction_done(progress), ProgressText(
        done=f"of {format_bytes(progress.total)}",
        rate="" if per_s is None else f"{format_bytes(round(per_s))}/s",
        left="" if left_s is None else format_duration_s(max(1.0, float(round(left_s)))),
        state=words,
    )


def _state_words(item: ImportItem) -> str:
    match item.state:
        case ItemState.WAITING:
            return "Waiting"
        case ItemState.RUNNING:
            return "Stopping" if item.is_stopping else "Importing"
        case ItemState.ASKING:
            return "" if item.question is None else item.question.heading
        case ItemState.DONE:
            return _result_words(item.results)
        case ItemState.FAILED:
            return item.reason
        case ItemState.CANCELLED:
            return "Cancelled, nothing was stored"


def _result_words(results: Sequence[Ingested]) -> str:
    words = {
        Outcome.STORED: "stored",
        Outcome.ADDED_PART: "added to",
        Outcome.REPLACED: "replaced",
        Outcome.ALREADY_HERE: "already here",
    }
    counts = Counter(each.outcome for each in results)
    parts = [f"{_days(counts[outcome])} {words[outcome]}" for outcome in Outcome if counts[outcome]]
    return ", ".join(parts)


def _mend_text(item: ImportItem) -> str:
    match item.state:
        case ItemState.ASKING:
            return "Answer"
        case ItemState.FAILED:
            return "Replace" if item.can_replace else "Retry"
        case ItemState.CANCELLED:
            return "Retry"
        case _:
            return ""


class ImportStrip(QFrame):
    """Show the imports of this session; it is not there while there are none."""

    def __init__(self, theme: Theme, imports: ImportController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._theme = theme
        self._imports = imports
        self._rows: dict[ImportItem, _ImportRow] = {}
        self._dialog: QuestionDialog | None = None
        self._title = label("Imports", Role.SECTION)
        self._caption = ElidedLabel()
        set_role(self._caption, Role.CAPTION)
        self._cancel = button(theme, "Cancel all", ButtonKind.FLAT)
        self._cancel.clicked.connect(lambda: imports.cancel_all())
        self._clear = button(theme, "Clear", ButtonKind.FLAT)
        self._clear.setToolTip("Take the files that have ended off the list")
        self._clear.clicked.connect(lambda: imports.dismiss_ended())
        head = QFrame()
        set_role(head, Role.DOCK_TITLE)
        head.setFixedHeight(theme.px(32))
        head_row = QHBoxLayout(head)
        head_row.setContentsMargins(theme.px(12), 0, theme.px(8), 1)
        head_row.setSpacing(theme.px(8))
        head_row.addWidget(self._title)
        head_row.addWidget(self._caption, 1)
        head_row.addWidget(self._cancel)
        head_row.addWidget(self._clear)
        body = QFrame()
        set_role(body, Role.PANEL)
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # The place of the bar is kept, so that the columns stay where they are when it comes.
        self._area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(body)
        line = QFrame()
        set_role(line, Role.LINE)
        line.setFixedHeight(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(line)
        column.addWidget(head)
        column.addWidget(self._area)
        self.hide()
        imports.item_changed.connect(self._on_item_changed)
        imports.item_removed.connect(self._on_item_removed)
        for item in imports.items:
            self._on_item_changed(item)

    def _on_item_changed(self, item: ImportItem) -> None:
        row = self._rows.get(item)
        if row is not None:
            if item.state is ItemState.RUNNING and not row.is_running:
                self._column.insertWidget(0, row)
            row.show_item(item)
        elif item.job is not None or item.state is ItemState.FAILED:
            self._add_row(item)
        self._renew()
        if item.state is ItemState.ASKING:
            self._ask_next()
        elif self._dialog is not None and self._dialog.item is item:
            self._dialog.reject()

    def _on_item_removed(self, item: ImportItem) -> None:
        self._drop_row(item)
        self._renew()

    def _add_row(self, item: ImportItem) -> None:
        ended = [old for old in self._rows if old.state.is_final]
        for old in ended[: max(0, len(ended) - MOST_ENDED_ROWS)]:
            self._drop_row(old)
        row = _ImportRow(self._theme, item)
        row.cancel_requested.connect(lambda: self._on_cross(item))
        row.mend_requested.connect(lambda: self._mend(item))
        self._rows[item] = row
        # What has begun last stands on top, so that what moves is in view.
        self._column.insertWidget(0, row)

    def _drop_row(self, item: ImportItem) -> None:
        row = self._rows.pop(item, None)
        if row is not None:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()

    def _renew(self) -> None:
        """Show how many there are of each, and be as high as the rows need."""
        counts = self._imports.counts()
        words = (
            (ItemState.RUNNING, "running"),
            (ItemState.WAITING, "waiting"),
            (ItemState.ASKING, "to be answered"),
            (ItemState.FAILED, "failed"),
            (ItemState.CANCELLED, "cancelled"),
            (ItemState.DONE, "done"),
        )
        self._caption.setText(
            ", ".join(f"{format_full(counts[state])} {word}" for state, word in words if counts[state])
        )
        ended = sum(counts[state] for state in ItemState if state.is_final)
        self._cancel.setVisible(counts.total() > ended)
        self._clear.setVisible(ended > 0)
        shown = min(len(self._rows), MOST_ROWS_IN_VIEW)
        self._area.setFixedHeight(shown * self._theme.px(ROW_PX))
        self.setVisible(bool(self._rows))

    def _on_cross(self, item: ImportItem) -> None:
        if item.state.is_final:
            self._imports.dismiss(item)
        else:
            self._imports.cancel(item)

    def _mend(self, item: ImportItem) -> None:
        if item.state is ItemState.ASKING:
            self._open_question(item)
        elif item.can_replace:
            self._imports.replace_days(item)
        else:
            self._imports.retry(item)

    def _ask_next(self) -> None:
        asking = [item for item in self._imports.items if item.state is ItemState.ASKING]
        if asking and self._dialog is None and self.window().isVisible():
            self._open_question(asking[0])

    def _open_question(self, item: ImportItem) -> None:
        if self._dialog is not None or item.question is None:
            return
        others = sum(not other.state.is_final for other in item.batch.items) - 1
        self._dialog = QuestionDialog(self._theme, item, others, self)
        self._dialog.finished.connect(self._on_question_finished)
        self._dialog.open()

    def _on_question_finished(self) -> None:
        dialog = self._dialog
        if dialog is None:
            return
        self._dialog = None
        dialog.deleteLater()
        if dialog.choice is None:
            self._imports.skip(dialog.item)
        else:
            self._imports.answer(dialog.item, dialog.choice, for_all=dialog.is_for_all)
        self._ask_next()
