"""The Data workspace: what is held on this machine, found by filter, opened, imported, dropped in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from tickreel.market.types import DatasetKey
from tickreel.market.units import format_bytes, format_count, format_full
from tickreel.store import DayState
from tickreel_desktop.components import ButtonKind, ElidedLabel, EmptyState, button, label
from tickreel_desktop.components.row_delegate import RowDelegate
from tickreel_desktop.components.row_table import RowTable
from tickreel_desktop.data.columns import COLUMNS, COVERAGE, STATE
from tickreel_desktop.data.commands import replay_command
from tickreel_desktop.data.coverage import CoveragePainter
from tickreel_desktop.data.delegates import CoverageDelegate, StateDelegate
from tickreel_desktop.data.details import DatasetDetails
from tickreel_desktop.data.filter_field import FilterField
from tickreel_desktop.data.legend import CoverageLegend
from tickreel_desktop.data.model import DatasetTableModel
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PySide6.QtCore import QModelIndex
    from PySide6.QtGui import QResizeEvent

    from tickreel_desktop.data.rows import DatasetRow
    from tickreel_desktop.zone import DisplayZone

_BAR_PX = 40
_FOOT_PX = 30
_DETAILS_WIDTH_PX = 754
_DETAILS_HEIGHT_PX = 190
_LONGEST_QUOTE = 16
"""Characters of a filter that are repeated to the user."""
_WIDE_PX = 1900
"""From this width on the details stand beside the table, below it otherwise."""


class DataWorkspace(QWidget):
    """Show the datasets and take the wish to replay or import; :meth:`show_rows` brings what is held."""

    replay_requested = Signal(DatasetKey)
    selection_changed = Signal()
    import_requested = Signal()
    sample_requested = Signal()
    command_requested = Signal()

    def __init__(self, theme: Theme, zone: DisplayZone, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("workspace.data.page")
        self._theme = theme
        self._model = DatasetTableModel(self)
        self._kept_key: DatasetKey | None = None
        self._bars = CoveragePainter(theme, self)
        self._bar = self._make_bar()
        self.table = self._make_table()
        self._details = DatasetDetails(theme, zone)
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.setObjectName("layout.data.details")
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self.table)
        self._split.addWidget(self._details)
        self._split.setStretchFactor(0, 1)
        self._pages = QStackedWidget()
        self._none = self._make_nothing_held()
        self._no_match = self._make_no_match()
        for page in (self._split, self._none, self._no_match):
            self._pages.addWidget(page)
        self._foot = self._make_foot()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar)
        column.addWidget(self._pages, 1)
        column.addWidget(self._foot)
        self._model.modelAboutToBeReset.connect(self._keep_selection)
        self._model.modelReset.connect(self._restore_selection)
        self.table.selectionModel().selectionChanged.connect(lambda: self._renew_selection())
        self._split.setSizes([1, theme.px(_DETAILS_HEIGHT_PX)])
        self._renew_selection()

    @property
    def selected_row(self) -> DatasetRow | None:
        """The selected dataset, or None."""
        row = self.table.selected_row()
        return None if row is None else self._model.row_at(row)

    def selected_key(self) -> DatasetKey | None:
        """Name the selected dataset, or None."""
        row = self.selected_row
        return None if row is None else row.key

    def show_rows(self, rows: Iterable[DatasetRow]) -> None:
        """Show what is held now; selection, sort and filter stay."""
        self._model.replace(rows)
        self._renew()
        self._renew_selection()

    def select(self, key: DatasetKey) -> bool:
        """Select a dataset and bring it into view; False when it is not in the table."""
        row = self._model.position_of(key)
        if row is not None:
            self.table.show_row(row)
        return row is not None

    def open_selected(self) -> None:
        """Ask for a replay of the selected dataset."""
        row = self.selected_row
        if row is not None:
            self.replay_requested.emit(row.key)

    def command(self) -> str:
        """Spell what would be done with the selected dataset as a command line."""
        row = self.selected_row
        return "tickreel datasets" if row is None else replay_command(row)

    def _make_bar(self) -> QFrame:
        theme = self._theme
        bar = QFrame()
        set_role(bar, Role.BAR)
        bar.setFixedHeight(theme.px(_BAR_PX))
        importer = button(theme, "Import files", ButtonKind.PRIMARY, icon="upload-simple")
        importer.setToolTip("Import vendor CSV files; they may also be dropped here")
        importer.clicked.connect(lambda: self.import_requested.emit())
        self._open = button(theme, "Open in Replay", ButtonKind.FLAT, icon="play")
        self._open.clicked.connect(lambda: self.open_selected())
        copy = button(theme, "Copy as command", ButtonKind.FLAT, icon="terminal-window")
        copy.clicked.connect(lambda: self.command_requested.emit())
        self.filter = FilterField(theme)
        self.filter.textChanged.connect(self._on_filter_changed)
        self.filter.left.connect(lambda: self.table.setFocus(Qt.FocusReason.OtherFocusReason))
        row = QHBoxLayout(bar)
        row.setContentsMargins(theme.px(12), 0, theme.px(8), 1)
        row.setSpacing(theme.px(8))
        for each in (importer, self._open):
            row.addWidget(each)
        row.addStretch(1)
        row.addWidget(self.filter)
        row.addWidget(copy)
        return bar

    def _make_table(self) -> RowTable:
        theme = self._theme
        table = RowTable(theme, "Datasets")
        table.setModel(self._model)
        secondary = frozenset(place for place, column in enumerate(COLUMNS) if column.secondary)
        table.setItemDelegate(RowDelegate(theme, table, secondary))
        table.setItemDelegateForColumn(COVERAGE, CoverageDelegate(theme, table, self._bars))
        table.setItemDelegateForColumn(STATE, StateDelegate(theme, table))
        table.set_widths([theme.px(column.width) for column in COLUMNS])
        table.setSortingEnabled(True)
        table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        table.row_opened.connect(self._on_row_opened)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self._on_menu_requested)
        return table

    def _make_nothing_held(self) -> EmptyState:
        self._sample_button = sample = button(self._theme, "Open sample", ButtonKind.PRIMARY)
        sample.clicked.connect(lambda: self.sample_requested.emit())
        importer = button(self._theme, "Import files")
        importer.clicked.connect(lambda: self.import_requested.emit())
        return EmptyState(
            self._theme,
            "database",
            "No datasets yet",
            "Datasets are days of books and trades on this machine.\n"
            "Start with the sample, or drop vendor CSV files here.",
            (sample, importer),
        )

    def _make_no_match(self) -> EmptyState:
        clear = button(self._theme, "Clear filter", ButtonKind.PRIMARY)
        clear.clicked.connect(lambda: self.filter.clear())
        return EmptyState(self._theme, "funnel", "No dataset matches the filter", "", (clear,))

    def _make_foot(self) -> QFrame:
        theme = self._theme
        foot = QFrame()
        set_role(foot, Role.FOOT)
        foot.setFixedHeight(theme.px(_FOOT_PX))
        self._sums = label("", Role.SECONDARY)
        self._chosen = ElidedLabel()
        set_role(self._chosen, Role.SECONDARY)
        legend = CoverageLegend(
            theme,
            self._bars,
            (DayState.PRESENT, DayState.MISSING, DayState.ABSENT, DayState.PARTIAL, DayState.DAMAGED),
        )
        row = QHBoxLayout(foot)
        row.setContentsMargins(theme.px(12), 1, theme.px(12), 0)
        row.setSpacing(theme.px(16))
        row.addWidget(self._sums)
        row.addWidget(self._chosen, 1)
        row.addWidget(legend)
        return foot

    def _renew(self) -> None:
        """Choose what stands in the middle, and sum up."""
        held = self._model.rows
        shown = self._model.shown_rows
        for part in (self._bar, self._foot):
            part.setVisible(bool(held))
        if not held:
            self._pages.setCurrentWidget(self._none)
        elif not shown:
            text = self._model.filter_text.strip()
            if len(text) > _LONGEST_QUOTE:
                text = text[:_LONGEST_QUOTE] + "…"
            count = "1 dataset is" if len(held) == 1 else f"{format_full(len(held))} datasets are"
            self._no_match.set_text(
                "No dataset matches the filter",
                f"“{text}” is in no exchange, symbol, type or state.\n{count} hidden by it.",
            )
            self._pages.setCurrentWidget(self._no_match)
        else:
            self._pages.setCurrentWidget(self._split)
        sums = summary_words(shown)
        if len(shown) != len(held):
            sums = (
                f"{format_full(len(shown))} of {summary_words(held)}" if not shown else f"{sums} (filtered)"
            )
        self._sums.setText(sums)

    def _renew_selection(self) -> None:
        row = self.selected_row
        self._open.setEnabled(row is not None)
        self._open.setToolTip("Set up a replay of the selected dataset" if row else "Select a dataset first")
        self._details.setVisible(row is not None)
        if row is not None:
            self._details.show_row(row)
            days = "day" if row.held_days == 1 else "days"
            size = format_bytes(row.dataset.bytes)
            self._chosen.setText(f"1 selected: {format_full(row.held_days)} {days}, {size}")
        else:
            self._chosen.setText("")
        self.selection_changed.emit()

    def _keep_selection(self) -> None:
        row = self.selected_row
        if row is not None:
            self._kept_key = row.key

    def _restore_selection(self) -> None:
        """Select what was selected, else the first row: there is always something to open."""
        row = None if self._kept_key is None else self._model.position_of(self._kept_key)
        if self._model.rowCount():
            self.table.show_row(row or 0)
        self._renew_selection()

    def take_focus(self) -> None:
        """Give the keyboard to the table, or to the first button where nothing is held."""
        if self.table.isVisible():
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._sample_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def edit_filter(self) -> None:
        """Give the keyboard to the filter."""
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    def _on_filter_changed(self, text: str) -> None:
        self._model.set_filter(text)
        self._renew()

    def _on_row_opened(self, row: int) -> None:
        self.replay_requested.emit(self._model.row_at(row).key)

    def _on_menu_requested(self, place: QPoint) -> None:
        index: QModelIndex = self.table.indexAt(place)
        menu = self.make_menu(on_row=index.isValid())
        menu.popup(self.table.viewport().mapToGlobal(place))

    def make_menu(self, *, on_row: bool) -> QMenu:
        """Make the menu of a right click; it goes when it closes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if on_row:
            opener = menu.addAction("Open in Replay...")
            self._theme.bind_icon(opener, "play", "text_2", 14)
            opener.triggered.connect(lambda: self.open_selected())
            copy = menu.addAction("Copy as command")
            self._theme.bind_icon(copy, "terminal-window", "text_2", 14)
            copy.triggered.connect(lambda: self.command_requested.emit())
            menu.addSeparator()
        importer = menu.addAction("Import files...")
        self._theme.bind_icon(importer, "upload-simple", "text_2", 14)
        importer.triggered.connect(lambda: self.import_requested.emit())
        return menu

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the details where there is room."""
        super().resizeEvent(event)
        wide = self.width() >= self._theme.px(_WIDE_PX)
        wanted = Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical
        if self._split.orientation() != wanted:
            self._split.setOrientation(wanted)
            side = self._theme.px(_DETAILS_WIDTH_PX if wide else _DETAILS_HEIGHT_PX)
            whole = self.width() if wide else self.height()
            self._split.setSizes([max(1, whole - side), side])


def summary_words(rows: Sequence[DatasetRow]) -> str:
    """Sum up rows: ``8 datasets, 8 days, 1.9 M rows, 12 MB``."""
    days = sum(row.held_days for row in rows)
    parts = (
        f"{format_full(len(rows))} {'dataset' if len(rows) == 1 else 'datasets'}",
        f"{format_full(days)} {'day' if days == 1 else 'days'}",
        f"{format_count(sum(row.dataset.rows for row in rows))} rows",
        format_bytes(sum(row.dataset.bytes for row in rows)),
    )
    return ", ".join(parts)
