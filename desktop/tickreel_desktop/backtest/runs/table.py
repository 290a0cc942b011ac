"""The list as a table: one run is current, any number is marked, by the pointer and by keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, QPoint, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QMenu, QWidget

from tickreel_desktop.backtest.runs.delegate import ROW_PX, RunDelegate
from tickreel_desktop.backtest.runs.model import ROW, Col, RunsModel
from tickreel_desktop.backtest.runs.rows import ListedRun, RunningRow
from tickreel_desktop.components import RowTable
from tickreel_desktop.components.keyboard import is_delete

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent

    from tickreel_desktop.theme import Theme

_WIDTHS = {
    Col.CHECK: 34,
    Col.EQUITY: 84,
    Col.GAIN: 74,
    Col.SHARPE: 62,
    Col.PNL: 110,
    Col.DRAWDOWN: 78,
    Col.TRADES: 66,
}
_NAME_LEAST_PX = 150
_FIRST_SHOWN = frozenset({Col.EQUITY, Col.GAIN, Col.SHARPE})
_GIVEN_UP = (Col.EQUITY, Col.SHARPE)
"""Columns that go, in this order, where the list is narrow."""


class RunsTable(RowTable):
    """Show a :class:`RunsModel`."""

    current_changed = Signal(object)
    """The id of the run or sweep that is current now, or None."""
    opened = Signal(str)
    cancel_asked = Signal(str)
    """The job of this id is to be cancelled."""
    menu_asked = Signal(object, QPoint)
    """A menu for a :class:`ListedRun` at a place of the screen."""

    def __init__(self, theme: Theme, model: RunsModel, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Runs", parent)
        self._theme = theme
        self._runs = model
        self._wanted = set(_FIRST_SHOWN)
        self._current: str | None = None
        self._is_restoring = False
        self.setModel(model)
        self._delegate = RunDelegate(theme, self)
        self.setItemDelegate(self._delegate)
        rows = self.verticalHeader()
        rows.setMinimumSectionSize(theme.px(ROW_PX))
        rows.setDefaultSectionSize(theme.px(ROW_PX))
        header = self.horizontalHeader()
        for heads in (header, rows):  # to find out whether all of a column is chosen, Qt asks every cell
            heads.setSelectionModel(QItemSelectionModel(model, heads))
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(theme.px(30))
        for column, width in _WIDTHS.items():
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            self.setColumnWidth(column, theme.px(width))
        header.setSectionResizeMode(Col.RUN, QHeaderView.ResizeMode.Stretch)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(
            lambda place: self.columns_menu(self).popup(header.viewport().mapToGlobal(place))
        )
        self.setSortingEnabled(True)
        self.sortByColumn(Col.RUN, Qt.SortOrder.DescendingOrder)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu)
        self._fit_columns()
        model.modelReset.connect(self._restore)
        self.selectionModel().currentRowChanged.connect(lambda *_: self._on_current())
        self.row_opened.connect(self._on_row_opened)

    @property
    def current(self) -> str | None:
        """The run or the sweep that is current."""
        return self._current

    def show_current(self, run_id: str) -> bool:
        """Make a run the current one and bring it into view; False where it is not shown."""
        place = self._runs.place_of(run_id)
        if place is None:
            return False
        self.setCurrentIndex(self._runs.index(place, Col.RUN))
        self.scrollTo(self._runs.index(place, Col.RUN))
        return True

    def columns_menu(self, parent: QWidget) -> QMenu:
        """Make the menu that shows and hides columns; it goes when it closes."""
        menu = QMenu(parent)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for column in Col:
            if column <= Col.RUN:
                continue
            action = menu.addAction(str(self._runs.headerData(column, Qt.Orientation.Horizontal)))
            action.setCheckable(True)
            action.setChecked(column in self._wanted)
            action.toggled.connect(lambda on, which=column: self.show_column(which, is_shown=on))
        return menu

    def show_column(self, column: Col, *, is_shown: bool) -> None:
        """Show or hide a column."""
        (self._wanted.add if is_shown else self._wanted.discard)(column)
        self._fit_columns()

    def _fit_columns(self) -> None:
        """Hide what has no room: a list of 300 pixels has two columns."""
        px = self._theme.px
        wanted = set(self._wanted)
        for column in _GIVEN_UP:
            needed = px(_WIDTHS[Col.CHECK]) + sum(px(_WIDTHS[one]) for one in wanted)
            if needed + px(_NAME_LEAST_PX) <= self.viewport().width():
                break
            wanted.discard(column)
        for column in Col:
            if column > Col.RUN:
                self.setColumnHidden(column, column not in wanted)

    def _row(self, row: int) -> ListedRun | RunningRow:
        found: ListedRun | RunningRow = self._runs.index(row, 0).data(ROW)
        return found

    def _on_current(self) -> None:
        if self._is_restoring:
            return
        index = self.currentIndex()
        row = self._row(index.row()) if index.isValid() else None
        now = row.id if isinstance(row, ListedRun) else None
        if now != self._current and row is not None:
            self._current = now
            self.current_changed.emit(now)

    def _restore(self) -> None:
        """Keep the current run current, wherever it went; one that is gone leaves none."""
        self._is_restoring = True
        place = None if self._current is None else self._runs.place_of(self._current)
        if place is not None:
            self.setCurrentIndex(self._runs.index(place, Col.RUN))
        self._is_restoring = False
        if place is None and self._current is not None and self._current not in self._runs.rows.places:
            self._current = None
            self.current_changed.emit(None)

    def _on_row_opened(self, row: int) -> None:
        found = self._row(row)
        if isinstance(found, ListedRun):
            self.opened.emit(found.id)

    def _on_menu(self, place: QPoint) -> None:
        row = self.rowAt(place.y())
        if row < 0:
            return
        found, at = self._row(row), self.viewport().mapToGlobal(place)
        if isinstance(found, ListedRun):
            self.menu_asked.emit(found, at)
        elif found.can_cancel:
            menu = QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.addAction(f"Cancel {found.title}", lambda: self.cancel_asked.emit(found.job_id))
            menu.popup(at)

    def _toggle(self, row: int) -> None:
        index = self._runs.index(row, Col.CHECK)
        now = index.data(Qt.ItemDataRole.CheckStateRole)
        if now is not None:
            other = Qt.CheckState.Unchecked if now == Qt.CheckState.Checked else Qt.CheckState.Checked
            self._runs.setData(index, other, Qt.ItemDataRole.CheckStateRole)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Mark by a click on the box or with Ctrl, all up to here with Shift; cancel by the cross."""
        place = event.position().toPoint()
        index = self.indexAt(place)
        if event.button() != Qt.MouseButton.LeftButton or not index.isValid():
            super().mousePressEvent(event)
            return
        row, keys = self._row(index.row()), event.modifiers()
        if isinstance(row, RunningRow):
            if row.can_cancel and self._delegate.cancel_rect(self.visualRect(index)).contains(place):
                self.cancel_asked.emit(row.job_id)
                return
        elif index.column() == Col.CHECK or keys & Qt.KeyboardModifier.ControlModifier:
            self._toggle(index.row())
            return
        elif keys & Qt.KeyboardModifier.ShiftModifier and self.currentIndex().isValid():
            ends = sorted((self.currentIndex().row(), index.row()))
            rows = [self._row(each) for each in range(ends[0], ends[1] + 1)]
            self._runs.check([each.id for each in rows if isinstance(each, ListedRun)], is_checked=True)
            return
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Mark the current row by Space; cancel what is under way by Delete."""
        row = self.currentIndex().row()
        if event.key() == Qt.Key.Key_Space and row >= 0:
            self._toggle(row)
        elif is_delete(event) and row >= 0 and isinstance(self._row(row), RunningRow):
            found = self._row(row)
            if isinstance(found, RunningRow) and found.can_cancel:
                self.cancel_asked.emit(found.job_id)
        elif event.key() == Qt.Key.Key_Escape and self._runs.checked:
            self._runs.uncheck_all()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the columns for which there is room."""
        super().resizeEvent(event)
        self._fit_columns()
