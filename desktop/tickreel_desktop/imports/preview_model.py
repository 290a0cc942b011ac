"""The files of a drop as a table, with those that are to be imported ticked."""

from __future__ import annotations

from collections import defaultdict
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from tickreel.market.units import format_bytes
from tickreel_desktop.imports.preview import FilePreview, ImportOptions, PreviewSums, Tally, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from tickreel.market.types import DatasetKey
    from tickreel.store import ImportRequest
    from tickreel_desktop.imports.questions import Question

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_ALIGN = int(Qt.ItemDataRole.TextAlignmentRole)
_TICK = int(Qt.ItemDataRole.CheckStateRole)
_ACCESSIBLE = int(Qt.ItemDataRole.AccessibleTextRole)
_LEFT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
_RIGHT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)

TITLES = ("", "File", "Exchange", "Symbol", "Type", "Days (UTC)", "Size", "First rows")
TICK, FILE, SIZE, FINDING = 0, 1, 6, 7


class PreviewRole(IntEnum):
    """What delegates ask for beside the words."""

    VERDICT = int(Qt.ItemDataRole.UserRole)


class Shown(StrEnum):
    """Name which files are shown."""

    ALL = "all"
    CHOSEN = "chosen"
    LEFT_OUT = "left-out"


class PreviewModel(QAbstractTableModel):
    """Hold the files of one drop; its rows are those that are shown."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._previews: dict[int, FilePreview] = {}
        self._verdicts: dict[int, Verdict] = {}
        self._rivals: defaultdict[tuple[DatasetKey, date], set[int]] = defaultdict(set)
        """The files that might be imported, by the days that they have."""
        self._rows: list[int] = []
        self._unticked: set[int] = set()
        self._tally = Tally()
        self._options = ImportOptions()
        self._shown = Shown.ALL

    @property
    def options(self) -> ImportOptions:
        """What holds for all files."""
        return self._options

    @property
    def previews(self) -> tuple[FilePreview, ...]:
        """Every file, in the order in which they were found."""
        return tuple(self._previews.values())

    def preview_at(self, row: int) -> FilePreview:
        """Give the file of a row."""
        return self._previews[self._rows[row]]

    def verdict_of(self, preview: FilePreview) -> Verdict:
        """Give how a file is judged among the others of the drop."""
        return self._verdicts[preview.number]

    def words_of(self, preview: FilePreview) -> str:
        """Say in one line what was found of a file."""
        return preview.words(self.verdict_of(preview), of_day=self.files_of_day(preview))

    def files_of_day(self, preview: FilePreview) -> int:
        """Count the files that might be imported and have a day of a file, this one among them."""
        return max((len(self._rivals[place]) for place in preview.places()), default=1)

    def row_of(self, number: int) -> int | None:
        """Find the row of a file; None where it is not shown."""
        return self._rows.index(number) if number in self._rows else None

    def sums(self) -> PreviewSums:
        """Sum everything up."""
        return self._tally.sums()

    def chosen(self) -> list[ImportRequest]:
        """Give what is to be imported."""
        return [each.asked(self._options) for each in self._previews.values() if self._is_chosen(each)]

    def questions(self) -> dict[Question, list[FilePreview]]:
        """Give what must be asked, each with the files that it is about."""
        return {question: list(alike.values()) for question, alike in self._tally.questions.items()}

    def add(self, previews: Sequence[FilePreview]) -> None:
        """Take files that were found."""
        self._take(previews)
        fresh = [each.number for each in previews if self._is_shown(each)]
        if fresh:
            first = len(self._rows)
            self.beginInsertRows(_NOWHERE, first, first + len(fresh) - 1)
            self._rows += fresh
            self.endInsertRows()

    def renew(self, previews: Sequence[FilePreview]) -> None:
        """Take what was found of files that are known."""
        self._take(previews)
        if self._shown is Shown.ALL and previews:  # where a file's number is its row
            numbers = [each.number for each in previews]
            last = len(TITLES) - 1
            self.dataChanged.emit(self.index(min(numbers), 0), self.index(max(numbers), last))
        else:
            self._renew_all()

    def set_options(self, options: ImportOptions) -> None:
        """Judge all files anew."""
        if options != self._options:
            self._options = options
            self._take(self.previews)
            self._renew_all()

    def show_only(self, shown: Shown) -> None:
        """Show all files, those to import, or those that are left out."""
        if shown is not self._shown:
            self._shown = shown
            self._renew_all()

    def toggle(self, row: int) -> bool:
        """Tick or untick a file; False for one that cannot be imported as things stand."""
        preview = self.preview_at(row)
        if not self._verdicts[preview.number].is_importable:
            return False
        self._count(preview, times=-1)
        self._unticked ^= {preview.number}
        self._count(preview, times=1)
        self._renew_all()
        return True

    def _take(self, previews: Iterable[FilePreview]) -> None:
        outdone: set[int] = set()
        for each in previews:
            if each.number in self._previews:
                self._count(self._previews[each.number], times=-1)
            self._previews[each.number] = each
            outdone |= self._enter(each)
            self._judge(each)
            self._count(each, times=1)
        for number in outdone:
            self._count(self._previews[number], times=-1)
            self._judge(self._previews[number])
            self._count(self._previews[number], times=1)

    def _enter(self, preview: FilePreview) -> set[int]:
        """Take note of the days of a file; give the files that are not the first of a day any more."""
        outdone: set[int] = set()
        is_rival = preview.verdict(self._options).is_importable
        for place in preview.places():
            rivals = self._rivals[place]
            rivals.discard(preview.number)
            if is_rival:
                outdone |= {number for number in rivals if preview.number < number}
                rivals.add(preview.number)
        return outdone

    def _judge(self, preview: FilePreview) -> None:
        number = preview.number
        is_second = any(min(self._rivals[place], default=number) < number for place in preview.places())
        self._verdicts[number] = preview.verdict(self._options, is_second=is_second)

    def _count(self, preview: FilePreview, *, times: int) -> None:
        change = self._tally.add if times > 0 else self._tally.remove
        is_ticked = preview.number not in self._unticked
        change(preview, self._verdicts[preview.number], is_ticked=is_ticked)

    def _is_chosen(self, preview: FilePreview) -> bool:
        return self._verdicts[preview.number].is_importable and preview.number not in self._unticked

    def _is_shown(self, preview: FilePreview) -> bool:
        return self._shown is Shown.ALL or self._is_chosen(preview) is (self._shown is Shown.CHOSEN)

    def _renew_all(self) -> None:
        rows = [number for number, each in self._previews.items() if self._is_shown(each)]
        if rows == self._rows:
            if rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(TITLES) - 1))
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the files that are shown."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the columns."""
        return 0 if parent.isValid() else len(TITLES)

    def data(self, index: _Index, role: int = _DISPLAY) -> Any:
        """Give what a cell says, how it stands, and its tick."""
        if not index.isValid():
            return None
        preview, column = self.preview_at(index.row()), index.column()
        if role == _DISPLAY:
            return self._text(preview, column)
        if role == _ALIGN:
            return _RIGHT if column == SIZE else _LEFT
        if role == PreviewRole.VERDICT:
            return self._verdicts[preview.number]
        if column == TICK and role in (_TICK, _ACCESSIBLE):
            is_chosen = self._is_chosen(preview)
            if role == _ACCESSIBLE:
                return "To be imported" if is_chosen else "Left out"
            return Qt.CheckState.Checked if is_chosen else Qt.CheckState.Unchecked
        return None

    def _text(self, preview: FilePreview, column: int) -> str:
        if column == TICK:
            return ""
        if column == FILE:
            return preview.path.name
        if column == SIZE:
            return format_bytes(preview.size_bytes)
        if column == FINDING:
            return self.words_of(preview)
        return (*preview.names(), preview.days())[column - 2]

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        """Give the title of a column and its alignment."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(TITLES):
            return None
        if role == _DISPLAY:
            return TITLES[section]
        if role == _ACCESSIBLE:
            return TITLES[section] or "Import"
        if role == _ALIGN:
            return _RIGHT if section == SIZE else _LEFT
        return None
