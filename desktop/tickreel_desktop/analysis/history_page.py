"""All analyses of before: found by words, opened, exported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from tickreel_desktop.analysis.words import account_words, cost_words, state_words
from tickreel_desktop.components import EmptyState, RowTable, Segment, Segments, button, tool_button
from tickreel_desktop.theme import Role, set_role
from tickreel_desktop.zone.times import range_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent

    from tickreel.analysis.history import Kept
    from tickreel_desktop.analysis.earlier import Entry
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

DAY, INSTRUMENT, ALL = "day", "instrument", "all"
_SETTLE_MS = 200
_NOWHERE = QModelIndex()
_TIME_PX = {True: 72, False: 140}
"""Width of the times, of one day and of more."""
_COST_PX = 78
_MARGIN_PX = 12


class HistoryModel(QAbstractTableModel):
    """Hold calls of before, the newest first."""

    def __init__(self, zone: DisplayZone, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._zone = zone
        self.entries: tuple[Entry, ...] = ()
        self._is_day = True
        zone.changed.connect(lambda: self.show_entries(self.entries))

    def show_entries(self, entries: Sequence[Entry], *, is_day: bool | None = None) -> None:
        """Hold others; those of one day are named by the time alone."""
        self.beginResetModel()
        self._is_day = self._is_day if is_day is None else is_day
        self.entries = tuple(entries)
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        """Count the calls."""
        return 0 if parent.isValid() else len(self.entries)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        """Count the columns."""
        return 0 if parent.isValid() else 3

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Name the columns."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return ("Up to", "Found", "Cost")[section]
        return None

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Give the words of a cell."""
        if not index.isValid():
            return None
        entry = self.entries[index.row()]
        kept = entry.kept
        if role == Qt.ItemDataRole.ToolTipRole:
            stale = "\nStale: the data of its day changed" if entry.is_stale else ""
            asked = f"\n{kept.question}" if kept.question else ""
            span = range_text(self._zone.zone, kept.from_us, kept.to_us)
            return f"{kept.exchange} {kept.symbol}, {span}\n{account_words(kept)}{asked}{stale}"
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() == 2:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        notes = [word for word, holds in (("pinned", entry.is_pinned), ("stale", entry.is_stale)) if holds]
        what = ", ".join((state_words(kept), *notes))
        zone = self._zone.zone
        when = zone.clock(kept.to_us, 0) if self._is_day else zone.stamp(kept.to_us, 0)
        return (when, what, cost_words(kept))[index.column()]


class HistoryPage(QFrame):
    """Show what was analysed before; whoever owns it reads what it wants."""

    wanted = Signal()
    """Other entries are wanted: see :meth:`text`, :meth:`reach` and :attr:`pinned`."""
    chosen = Signal(object)
    """The :class:`Kept` that shall be shown."""
    export_wanted = Signal(object)
    closed = Signal()

    def __init__(self, theme: Theme, zone: DisplayZone, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._theme = theme
        px = theme.px
        self.field = QLineEdit()
        self.field.setPlaceholderText("Find in answers and questions")
        self.field.setAccessibleName("Find in answers, questions and models")
        self.field.setClearButtonEnabled(True)
        self.reach_choice = Segments(
            theme,
            "Where to look",
            (Segment(DAY, "This day"), Segment(INSTRUMENT, "Instrument"), Segment(ALL, "All")),
            small=True,
        )
        self.pinned = QCheckBox("Pinned only")
        back = tool_button(theme, "caret-left", "Back to the analysis")
        back.clicked.connect(lambda: self.closed.emit())
        self.open_button = button(theme, "Open")
        self.export_button = button(theme, "Export...", icon="export")
        self.model = HistoryModel(zone, self)
        self.table = RowTable(theme, "Analyses of before")
        self.table.setModel(self.model)
        self._empty = EmptyState(theme, "clock-counter-clockwise", "Nothing found", "")
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._empty)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self.wanted)
        top = QHBoxLayout()
        top.setSpacing(px(6))
        top.addWidget(back)
        top.addWidget(self.field, 1)
        reach = QHBoxLayout()
        reach.addWidget(self.reach_choice)
        reach.addStretch(1)
        reach.addWidget(self.pinned)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.export_button)
        foot.addWidget(self.open_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(_MARGIN_PX), px(10), px(_MARGIN_PX), px(10))
        column.setSpacing(px(8))
        column.addLayout(top)
        column.addLayout(reach)
        column.addWidget(self._stack, 1)
        column.addLayout(foot)
        self.field.textChanged.connect(lambda _text: self._settle.start())
        self.reach_choice.chosen.connect(lambda _key: self.wanted.emit())
        self.pinned.toggled.connect(lambda _on: self.wanted.emit())
        self.table.row_opened.connect(lambda _row: self._on_open())
        self.open_button.clicked.connect(self._on_open)
        self.export_button.clicked.connect(self._on_export)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._renew())
        self._renew()

    def text(self) -> str:
        """Give the words that are looked for."""
        return self.field.text().strip()

    def reach(self) -> str:
        """Tell where they are looked for: DAY, INSTRUMENT or ALL."""
        return self.reach_choice.value()

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """Show what was found."""
        is_day = self.reach() == DAY
        self.model.show_entries(entries, is_day=is_day)
        self._fit()
        if entries:
            self.table.selectRow(0)
        told = (
            "No analysis of this reach holds these words."
            if self.text() or self.pinned.isChecked()
            else "What is analysed is kept here, with its window, its figures and its cost."
        )
        self._empty.set_text("Nothing found" if self.text() else "Nothing analysed yet", told)
        self._stack.setCurrentWidget(self.table if entries else self._empty)
        self._renew()

    def _fit(self) -> None:
        """Give what was found the room that time and cost leave."""
        time_px, cost_px = self._theme.px(_TIME_PX[self.reach() == DAY]), self._theme.px(_COST_PX)
        # Of the page: the table has its width only after it.
        room_px = max(self.width() - 2 * self._theme.px(_MARGIN_PX) - time_px - cost_px, time_px)
        self.table.set_widths([time_px, room_px, cost_px])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the columns the width there is."""
        super().resizeEvent(event)
        self._fit()

    def selected(self) -> Kept | None:
        """Give what is selected."""
        row = self.table.selected_row()
        return None if row is None else self.model.entries[row].kept

    def _renew(self) -> None:
        kept = self.selected()
        self.open_button.setEnabled(kept is not None)
        self.export_button.setEnabled(kept is not None and kept.answer is not None)

    def _on_open(self) -> None:
        if (kept := self.selected()) is not None:
            self.chosen.emit(kept)

    def _on_export(self) -> None:
        if (kept := self.selected()) is not None:
            self.export_wanted.emit(kept)
