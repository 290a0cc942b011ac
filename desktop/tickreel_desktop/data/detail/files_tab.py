"""The files of the opened day: which hours each holds, where it came from, its digests and its place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from tickreel.market.units import format_bytes, format_full
from tickreel_desktop.components import EmptyState, button, label
from tickreel_desktop.components.row_delegate import RowDelegate
from tickreel_desktop.components.row_table import ROW_PX, RowTable
from tickreel_desktop.data.detail.day_words import long_day, why_not_held
from tickreel_desktop.data.detail.facts import Facts
from tickreel_desktop.data.detail.plain_table import PlainColumn, PlainModel
from tickreel_desktop.data.detail.reader import DetailReader, Question
from tickreel_desktop.data.detail.reading import files_of
from tickreel_desktop.data.detail.subject import version_of
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from tickreel.store import Part
    from tickreel_desktop.data.detail.reading import DayFiles
    from tickreel_desktop.data.detail.subject import Subject
    from tickreel_desktop.zone import DisplayZone

_FACTS = ("Rows SHA-256", "Source SHA-256", "Source size", "Keyframes", "Stored", "File")
_MOST_ROWS = 8


@dataclass(frozen=True, slots=True)
class _File:
    part: Part
    path: Path


class FilesTab(QFrame):
    """List the files of a day and tell of one of them."""

    reveal_requested = Signal(Path)
    """The user asked for the folder of a file."""

    def __init__(
        self, theme: Theme, zone: DisplayZone, reader: DetailReader, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._theme = theme
        self._zone = zone
        self._reader = reader
        self._shown: tuple[object, ...] = ()
        columns: tuple[PlainColumn[_File], ...] = (
            PlainColumn("Hours", self._span_text, 176),
            PlainColumn("Rows", lambda file: format_full(file.part.rows), 84, is_number=True),
            PlainColumn("Size", lambda file: format_bytes(file.part.bytes), 76, is_number=True),
            PlainColumn("Source", _source_text, 90),
        )
        self.files = PlainModel(columns, self)
        self.table = RowTable(theme, "Files of the day")
        self.table.setModel(self.files)
        self.table.setItemDelegate(RowDelegate(theme, self.table))
        self.table.set_widths([theme.px(column.width) for column in columns])
        self.table.selectionModel().selectionChanged.connect(lambda: self._show_selected())
        self.facts = Facts(theme, _FACTS)
        self._reveal = button(theme, "Show in folder", icon="arrow-square-out")
        self._reveal.clicked.connect(lambda: self._on_reveal())
        foot = QHBoxLayout()
        foot.setContentsMargins(theme.px(12), 0, theme.px(12), theme.px(8))
        foot.addWidget(self._reveal)
        foot.addStretch(1)
        told = QVBoxLayout()
        told.setSpacing(0)
        told.addWidget(self.facts)
        told.addLayout(foot)
        told.addStretch(1)
        held = QWidget()
        self._body = QBoxLayout(QBoxLayout.Direction.TopToBottom, held)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(0)
        self._body.addWidget(self.table, 0, Qt.AlignmentFlag.AlignTop)
        self._body.addLayout(told, 1)
        self._none = EmptyState(theme, "file-text", "", "")
        self._pages = QStackedWidget()
        self._pages.addWidget(held)
        self._pages.addWidget(self._none)
        self.title = label("", Role.SECTION)
        self.title.setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(6))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.title)
        column.addWidget(self._pages, 1)
        zone.changed.connect(self._on_zone_changed)

    def set_wide(self, wide: bool) -> None:
        """Put the facts of a file beside the list, or below it."""
        sideways, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._body.setDirection(sideways if wide else down)
        self._body.setStretch(0, 1 if wide else 0)

    def leave(self) -> None:
        """Let go of what is asked; what is shown next is read, whatever it is."""
        self._shown = ()
        self._reader.drop("files")

    def show_subject(self, subject: Subject) -> None:
        """Show the files of the opened day, also of one that is damaged."""
        wanted = (subject.key, subject.opened, version_of(subject.day), subject.in_span)
        if wanted == self._shown:
            return
        self._shown = wanted
        self.title.setText(long_day(subject.opened))
        self._reader.drop("files")
        day = subject.day
        if day is None or not day.parts:
            heading, text, _ = why_not_held(day, in_span=subject.in_span)
            self._none.set_text(heading, text)
            self._pages.setCurrentWidget(self._none)
            return
        self._reader.ask(
            "files",
            Question(
                work=lambda cache, _monitor: files_of(cache, day),
                done=self._on_files,
                failed=partial(self._on_failed, subject),
            ),
        )

    def _on_failed(self, subject: Subject, text: str) -> None:
        self._shown = ()
        self._none.set_text(f"The files of {subject.opened.isoformat()} are not known", text)
        self._pages.setCurrentWidget(self._none)

    def _on_files(self, files: DayFiles) -> None:
        self._pages.setCurrentIndex(0)
        self.files.replace([_File(*each) for each in zip(files.day.parts, files.paths, strict=True)])
        rows = min(self.files.rowCount(), _MOST_ROWS)
        self.table.setFixedHeight(self._theme.px(ROW_PX) * (rows + 1) + 1)
        self.table.show_row(0)
        self._show_selected()

    def _span_text(self, file: _File) -> str:
        zone = self._zone.zone
        begin, end = (zone.clock(at_us, 0) for at_us in (file.part.start_us, file.part.end_us - 1))
        return f"{begin} to {end} {zone.short_name(file.part.start_us)}"

    def _selected(self) -> _File | None:
        row = self.table.selected_row()
        return None if row is None else self.files.row_at(row)

    def _show_selected(self) -> None:
        file = self._selected()
        self._reveal.setEnabled(file is not None)
        if file is None:
            return
        part = file.part
        zone = self._zone.zone
        texts = (
            part.rows_sha256,
            part.source_sha256 or "",
            "" if part.source_bytes is None else format_bytes(part.source_bytes),
            format_bytes(part.keyframe_bytes),
            f"{zone.stamp(part.imported_us, 0)} {zone.short_name(part.imported_us)}",
            str(file.path),
        )
        for caption, text in zip(_FACTS, texts, strict=True):
            self.facts.set_text(caption, text)

    def _on_reveal(self) -> None:
        file = self._selected()
        if file is not None:
            self.reveal_requested.emit(file.path)

    def _on_zone_changed(self) -> None:
        kept = self.table.selected_row()
        self.files.renew()
        if kept is not None:
            self.table.selectRow(kept)


def _source_text(file: _File) -> str:
    return f"{file.part.source.value}, damaged" if file.part.is_damaged else file.part.source.value
