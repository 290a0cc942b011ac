"""The form before an export: which days, in which form, where to, and what that makes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QCheckBox, QFileDialog, QGridLayout, QHBoxLayout, QLineEdit
from shiboken6 import isValid

from tickreel.errors import TickreelError, UsageError
from tickreel.market.time import parse_day
from tickreel.market.units import format_bytes, format_count
from tickreel.store.library.exporting import taken_words
from tickreel.store.library.forms import RowsForm
from tickreel.store.model import DayRange
from tickreel_desktop.care.commands import export_commands
from tickreel_desktop.care.dialog import CareDialog, HeadedCommand
from tickreel_desktop.care.prospect import Prospect, read_prospect, usual_folder
from tickreel_desktop.care.survey import counted, days_do
from tickreel_desktop.components import ButtonKind, Segment, Segments, button, label
from tickreel_desktop.components.sentences import capital
from tickreel_desktop.theme import FontRole, Role
from tickreel_desktop.theme.roles import set_style_property

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from tickreel.store import Cache
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.theme import Theme

_WIDTH_PX = 620
_READ_AFTER_MS = 150
_NAMED_AT_MOST = 4


class ExportDialog(CareDialog):
    """Ask how to export; :attr:`prospect`, :attr:`folder` and :attr:`replaces` hold the answer."""

    def __init__(
        self,
        theme: Theme,
        cache: Cache,
        tasks: Tasks,
        ranges: Sequence[DayRange],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, "Export days", parent)
        self._cache = cache
        self._tasks = tasks
        self._ranges = tuple(ranges)
        self._asked = 0
        self._problem = ""
        self.prospect: Prospect | None = None
        """What is shown; None while it is read, or where it cannot be told."""
        first, last = min(one.first for one in ranges), max(one.last for one in ranges)
        self._span = (first, last)
        self.first_field = self._field(first.isoformat(), "First UTC day to export, YYYY-MM-DD")
        self.last_field = self._field(last.isoformat(), "Last UTC day to export, YYYY-MM-DD")
        self.form = Segments(
            theme,
            "Format",
            (Segment("csv", "CSV"), Segment("parquet", "Parquet"), Segment("arrow", "Arrow")),
        )
        self.files = Segments(
            theme, "Files", (Segment("day", "One per day"), Segment("dataset", "One per dataset"))
        )
        self.folder_field = QLineEdit(str(usual_folder()))
        self.folder_field.setAccessibleName("Folder to write to")
        self.choose_button = button(theme, "Choose...")
        self.choose_button.clicked.connect(lambda: self._choose_folder())
        self._sums = label("", Role.SECTION)
        self._trouble = label("", Role.ERROR, wrap=True)
        self._form_note = label("", Role.CAPTION)
        self.leave_out = QCheckBox("Leave them out")
        self._missing = label("", Role.SECONDARY, wrap=True)
        self.replace = QCheckBox("Replace them")
        self._taken = label("", Role.SECONDARY, wrap=True)
        self._command = HeadedCommand(theme)
        self.add_cancel()
        self.export_button = self.add_button("Export", ButtonKind.PRIMARY)
        self.export_button.clicked.connect(self.accept)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_READ_AFTER_MS)
        self._later.timeout.connect(self._begin)
        self._lay_out()
        self._connect()
        self.fit(_WIDTH_PX)
        self._begin()

    def _field(self, text: str, name: str) -> QLineEdit:
        made = QLineEdit(text)
        made.setAccessibleName(name)
        made.setFont(self._theme.font(FontRole.MONO))
        made.setFixedWidth(self._theme.px(104))
        return made

    def _lay_out(self) -> None:
        px = self._theme.px
        grid = QGridLayout()
        grid.setHorizontalSpacing(px(16))
        grid.setVerticalSpacing(px(10))
        grid.setColumnStretch(1, 1)
        days = _row(px(8), self.first_field, label("to", Role.SECONDARY), self.last_field)
        days.addWidget(label("UTC days, both included", Role.CAPTION))
        days.addStretch(1)
        form = _row(px(8), self.form, self._form_note)
        form.addStretch(1)
        files = _row(px(8), self.files)
        files.addStretch(1)
        folder = _row(px(8), self.folder_field, self.choose_button)
        rows = (("Days", days), ("Format", form), ("Files", files), ("Folder", folder))
        for place, (caption, row) in enumerate(rows):
            grid.addWidget(label(caption, Role.SECONDARY), place, 0)
            grid.addLayout(row, place, 1)
        keys = list(dict.fromkeys(one.key for one in self._ranges))
        what = str(keys[0]) if len(keys) == 1 else counted(len(keys), "dataset")
        self.body.addWidget(label(f"Export {what}", Role.TITLE, wrap=True))
        self.body.addSpacing(px(4))
        self.body.addLayout(grid)
        self.body.addSpacing(px(4))
        self.body.addWidget(self._sums)
        self.body.addWidget(self._trouble)
        for text, box in ((self._missing, self.leave_out), (self._taken, self.replace)):
            self.body.addWidget(text)
            self.body.addWidget(box)
            text.hide()
            box.hide()
        self.body.addSpacing(px(4))
        self.body.addWidget(self._command)

    def _connect(self) -> None:
        for field in (self.first_field, self.last_field, self.folder_field):
            field.textEdited.connect(lambda _text: self._begin_soon())
        for segments in (self.form, self.files):
            segments.chosen.connect(lambda _key: self._begin())
        for box in (self.leave_out, self.replace):
            box.toggled.connect(lambda _is_on: self._renew())

    @property
    def folder(self) -> Path:
        """Where to write."""
        return Path(self.folder_field.text().strip()).expanduser()

    @property
    def replaces(self) -> bool:
        """Whether files of the same names give way."""
        return self.prospect is not None and bool(self.prospect.taken) and self.replace.isChecked()

    def command(self) -> str:
        """Give the command lines that do the same."""
        return self._command.command()

    def _choose_folder(self) -> None:
        chooser = QFileDialog(self, "Export to", str(self.folder))
        chooser.setFileMode(QFileDialog.FileMode.Directory)
        chooser.setOption(QFileDialog.Option.ShowDirsOnly)
        chooser.fileSelected.connect(self.set_folder)
        chooser.finished.connect(chooser.deleteLater)
        chooser.open()

    def set_folder(self, path: str) -> None:
        """Write there."""
        self.folder_field.setText(path)
        self._begin()

    def _begin_soon(self) -> None:
        self.export_button.setEnabled(False)
        self._later.start()

    def _begin(self) -> None:
        """Read anew what the form amounts to."""
        self._later.stop()
        self._asked += 1
        self.prospect = None
        self._problem = ""
        try:
            ranges = self._chosen_ranges()
        except UsageError as error:
            self._problem = capital(str(error))
            self._renew()
            return
        self._renew()
        self._tasks.start(self._read(self._asked, ranges), "plan an export")

    def _chosen_ranges(self) -> list[DayRange]:
        days = []
        for field in (self.first_field, self.last_field):
            set_style_property(field, "error", False)
            try:
                days.append(parse_day(field.text().strip()))
            except UsageError:
                set_style_property(field, "error", True)
                raise
        first, last = days
        if first > last:
            set_style_property(self.last_field, "error", True)
            raise UsageError("the last day lies before the first")
        cut = [
            DayRange(one.key, max(one.first, first), min(one.last, last))
            for one in self._ranges
            if one.first <= last and first <= one.last
        ]
        if not cut:
            low, high = self._span
            raise UsageError(f"the selection goes from {low} to {high}: choose days of it")
        return cut

    async def _read(self, asked: int, ranges: Sequence[DayRange]) -> None:
        form, is_per_day, folder = RowsForm(self.form.value()), self.files.value() == "day", self.folder
        prospect, problem = None, ""
        try:
            prospect = await asyncio.to_thread(
                read_prospect, self._cache, ranges, form, folder, is_per_day=is_per_day
            )
        except (TickreelError, OSError) as error:
            problem = str(error)
        if isValid(self) and asked == self._asked:
            self.prospect, self._problem = prospect, problem
            self._renew()

    def _renew(self) -> None:
        """Say what the form amounts to."""
        found = self.prospect
        notes = {"csv": "the vendor's own, byte for byte", "parquet": "zstd", "arrow": "IPC stream"}
        self._form_note.setText(notes[self.form.value()])
        missing = () if found is None else found.plan.missing
        taken = () if found is None else found.taken
        self.leave_out.setVisible(bool(missing))
        self._missing.setVisible(bool(missing))
        self.replace.setVisible(bool(taken))
        self._taken.setVisible(bool(taken))
        if missing:
            named = ", ".join(f"{one.day} ({one.state})" for one in missing[:_NAMED_AT_MOST])
            more = len(missing) - _NAMED_AT_MOST
            also = f" and {more} more" if more > 0 else ""
            self._missing.setText(f"{days_do(len(missing), 'is', 'are')} missing: {named}{also}.")
        if taken:
            self._taken.setText(f"{taken_words(taken)}.")
        self._trouble.setText(self._problem)
        self._trouble.setVisible(bool(self._problem))
        self._sums.setVisible(not self._problem)
        reason = self._reason()
        is_reading = found is None and not self._problem
        self.say("Reading" if is_reading else reason, is_warning=bool(reason))
        self.export_button.setEnabled(not is_reading and not reason)
        if found is None:
            self._sums.setText("" if self._problem else "Measuring the first rows")
            self._command.set_command("")
            self.export_button.setText("Export")
            self.refit()
            return
        files, size = counted(len(found.plan.files), "file"), format_bytes(found.bytes)
        free = "" if found.free_bytes is None else f", {format_bytes(found.free_bytes)} free there"
        self._sums.setText(f"{files}, {format_count(found.plan.rows)} rows, about {size}{free}")
        self.export_button.setText(f"Export {files}")
        lines = export_commands(found.plan, str(self.folder))
        also = f"   and {len(lines) - 1} more lines" if len(lines) > 1 else ""
        self._command.set_command("\n".join(lines), f"{lines[0]}{also}" if lines else "")
        self.refit()

    def _reason(self) -> str:
        """Say why it cannot be exported as it is; empty when it can."""
        found = self.prospect
        if self._problem:
            return "It cannot be exported like this"
        if found is None:
            return ""
        if not found.plan.files:
            return "Nothing is held of these days"
        if found.free_bytes is None:
            return "There is no such folder"
        if found.plan.missing and not self.leave_out.isChecked():
            count = len(found.plan.missing)
            return f"{days_do(count, 'is', 'are')} missing"
        if found.taken and not self.replace.isChecked():
            return f"{counted(len(found.taken), 'file')} {_is(len(found.taken))} already there"
        if found.bytes > found.free_bytes:
            return "The disk has not enough room"
        return ""


def _row(spacing: int, *widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(spacing)
    for each in widgets:
        row.addWidget(each)
    return row


def _is(count: int) -> str:
    return "is" if count == 1 else "are"
