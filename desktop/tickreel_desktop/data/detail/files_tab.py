"""The files of the opened day: which hours each holds, where it came from, its digests and its place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from tickreel.market.units import format_bytes, format_full
from tickreel_desktop.components import button
from tickreel_desktop.data.detail.day_words import long_day, why_not_held
from tickreel_desktop.data.detail.facts import Facts
from tickreel_desktop.data.detail.list_tab import ListTab
from tickreel_desktop.data.detail.plain_table import PlainColumn
from tickreel_desktop.data.detail.reader import DetailReader, Question
from tickreel_desktop.data.detail.reading import files_of
from tickreel_desktop.data.detail.subject import version_of

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from tickreel.store import Part
    from tickreel_desktop.data.detail.reading import DayFiles
    from tickreel_desktop.data.detail.subject import Subject
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_FACTS = ("Rows SHA-256", "Source SHA-256", "Source size", "Keyframes", "Stored", "File")


@dataclass(frozen=True, slots=True)
class _File:
    part: Part
    path: Path


class FilesTab(ListTab[_File]):
    """List the files of a day and tell of one of them."""

    reveal_requested = Signal(Path)
    """The user asked for the folder of a file."""

    def __init__(
        self, theme: Theme, zone: DisplayZone, reader: DetailReader, parent: QWidget | None = None
    ) -> None:
        self._zone = zone
        self._reader = reader
        self._shown: tuple[object, ...] = ()
        columns: tuple[PlainColumn[_File], ...] = (
            PlainColumn("Hours", self._span_text, 176),
            PlainColumn("Rows", lambda file: format_full(file.part.rows), 84, is_number=True),
            PlainColumn("Size", lambda file: format_bytes(file.part.bytes), 76, is_number=True),
            PlainColumn("Source", _source_text, 90),
        )
        super().__init__(theme, "Files of the day", columns, icon="file-text", parent=parent)
        self.facts = Facts(theme, _FACTS)
        self._reveal = button(theme, "Show in folder", icon="arrow-square-out")
        self._reveal.clicked.connect(lambda: self._on_reveal())
        self._tell_by((self.facts,), self._reveal)
        zone.changed.connect(self._on_zone_changed)

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
            self._list_none(heading, text)
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
        self._list_none(f"The files of {subject.opened.isoformat()} are not known", text)

    def _on_files(self, files: DayFiles) -> None:
        self._list([_File(*each) for each in zip(files.day.parts, files.paths, strict=True)])

    def _span_text(self, file: _File) -> str:
        zone = self._zone.zone
        begin, end = (zone.clock(at_us, 0) for at_us in (file.part.start_us, file.part.end_us - 1))
        return f"{begin} to {end} {zone.short_name(file.part.start_us)}"

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
        self.listed.renew()
        if kept is not None:
            self.table.selectRow(kept)


def _source_text(file: _File) -> str:
    return f"{file.part.source.value}, damaged" if file.part.is_damaged else file.part.source.value
