"""A table of what is held: several rows may be chosen, columns moved, hidden and kept, groups folded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from PySide6.QtCore import QByteArray, QItemSelection, QItemSelectionModel, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QMenu, QWidget

from tickreel_desktop.components.row_table import RowTable
from tickreel_desktop.data.arrangement import KeptColumn, KeptTable
from tickreel_desktop.data.columns import OF_SHARED
from tickreel_desktop.data.dataset_model import DatasetTableModel

if TYPE_CHECKING:
    from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint
    from PySide6.QtGui import QKeyEvent, QMouseEvent

    from tickreel_desktop.data.listing import Listing, Places
    from tickreel_desktop.data.model import ListingModel
    from tickreel_desktop.theme import Theme

_MOST_RANGES = 1_000
"""A choice that a new order scatters over more places is given up: each cell looks through all of them."""
_Flag = QItemSelectionModel.SelectionFlag


class HeldTable(RowTable):
    """Show a :class:`ListingModel`; what is chosen stays chosen wherever its rows go."""

    chosen_changed = Signal()
    typed = Signal(str)
    """A letter or digit was typed here, which is meant for the filter."""
    columns_changed = Signal()
    """Columns stand, or are as wide, or are sorted as they were not before."""

    def __init__(self, theme: Theme, name: str, model: ListingModel, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, parent)
        self._theme = theme
        self._model = model
        self._wanted = {column.id for column in model.columns if column.is_first_shown}
        self._withheld = {OF_SHARED}
        """Columns that are not to be had now, wanted or not."""
        self._before: tuple[Listing[Any], Places, int] | None = None
        self._scrolled_px = 0
        self._is_restoring = False
        self.setModel(model)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header = self.horizontalHeader()
        # Heads do not tell what is chosen: to find out whether all of a column is, Qt asks for every cell.
        for heads in (header, self.verticalHeader()):
            heads.setSelectionModel(QItemSelectionModel(model, heads))
        header.setSectionsMovable(True)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._on_header_menu)
        self.setSortingEnabled(True)
        self.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.reset_columns()
        header.sectionResized.connect(lambda *_: self.columns_changed.emit())
        header.sectionMoved.connect(self._on_section_moved)
        header.sortIndicatorChanged.connect(lambda *_: self.columns_changed.emit())
        self.selectionModel().selectionChanged.connect(self._on_selection_changed)
        model.modelAboutToBeReset.connect(self._keep_choice)
        model.modelReset.connect(self._restore_choice)

    def chosen(self) -> Places:
        """Give the chosen rows of the list, in the order of the table."""
        parts = self.selectionModel().selection()
        is_chosen = np.zeros(self._model.rowCount(), np.bool_)
        for part in (parts.at(place) for place in range(parts.size())):
            is_chosen[part.top() : part.bottom() + 1] = True
        return self._model.rows_at(np.flatnonzero(is_chosen))

    def current(self) -> int | None:
        """Give the row of the list that stands for what is chosen: the current one, else the first."""
        index = self.currentIndex()
        if index.isValid() and self.selectionModel().isRowSelected(index.row()):
            return self._model.row_of_list(index.row())
        chosen = self.chosen()
        return int(chosen[0]) if len(chosen) else None

    def selected_row(self) -> int | None:
        """Give the place of the current row, or None."""
        index = self.currentIndex()
        return index.row() if index.isValid() and self._model.rowCount() else None

    def choose(self, rows: Places, current: int | None = None) -> bool:
        """Choose rows of the list and bring the current one into view; False when none is in the table."""
        places = self._model.places_of(rows)
        if not len(places):
            return False
        at = places[:1] if current is None else self._model.places_of(np.array([current], np.intp))
        place = int(at[0]) if len(at) else int(places[0])
        ends = np.flatnonzero(np.diff(places) != 1)
        tops, bottoms = places[np.r_[0, ends + 1]], places[np.r_[ends, len(places) - 1]]
        if len(tops) > _MOST_RANGES:
            tops = bottoms = np.array([place])
        selection = QItemSelection()
        last = self._model.columnCount() - 1
        for top, bottom in zip(tops.tolist(), bottoms.tolist(), strict=True):
            selection.select(self._model.index(top, 0), self._model.index(bottom, last))
        model = self.selectionModel()
        index = self._model.index(place, self._first_column())
        model.setCurrentIndex(index, _Flag.NoUpdate)
        model.select(selection, _Flag.ClearAndSelect)
        if not self._model.is_renewing:
            self.scrollTo(index)
        return True

    def _first_column(self) -> int:
        header = self.horizontalHeader()
        shown = (header.logicalIndex(visual) for visual in range(header.count()))
        return next((logical for logical in shown if not header.isSectionHidden(logical)), 0)

    def _keep_choice(self) -> None:
        if self._model.rowCount():
            current = self.current()
            if current is not None or self._before is None:
                self._before = (self._model.listing, self.chosen(), -1 if current is None else current)
            self._scrolled_px = self.verticalScrollBar().value()

    def _on_selection_changed(self, *_: object) -> None:
        if not self._is_restoring:
            self.chosen_changed.emit()

    def _restore_choice(self) -> None:
        """Choose what was chosen, else the first row, and tell of it once."""
        self._is_restoring = True
        try:
            self._choose_again()
        finally:
            self._is_restoring = False
        self.chosen_changed.emit()

    def _choose_again(self) -> None:
        """Choose what was chosen, else the first row; what a fold hides is chosen again when it opens."""
        listing = self._model.listing
        is_kept = False
        if self._before is not None:
            before, chosen, current = self._before
            moved = listing.position_of(before, chosen)
            at = listing.position_of(before, np.array([current] if current >= 0 else [], np.intp))
            is_kept = self.choose(moved, int(at[0]) if len(at) else None)
            if is_kept:
                self._before = None  # else the list that was would be held on to
        if not is_kept and len(self._model.shown) and not self._model.is_folding:
            self.choose(self._model.rows_at(np.arange(self._model.rowCount()))[:1])
        if self._model.is_renewing:
            self.updateGeometries()  # else the bar still has the end of the rows that were
            self.verticalScrollBar().setValue(self._scrolled_px)

    def columns_menu(self, parent: QWidget) -> QMenu:
        """Make the menu that shows and hides columns; it goes when it closes."""
        menu = QMenu(parent)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for column in self._model.columns:
            if column.id in self._withheld:
                continue
            action = menu.addAction(column.title)
            action.setCheckable(True)
            action.setChecked(column.id in self._wanted)
            # One column at least stays: a table without any could not be mended by a right click.
            action.setEnabled(column.id not in self._wanted or len(self._wanted) > 1)
            action.toggled.connect(lambda on, name=column.id: self.show_column(name, on))
        menu.addSeparator()
        menu.addAction("Columns as at first", lambda: self.reset_columns())
        return menu

    def show_column(self, column_id: str, is_shown: bool) -> None:
        """Show or hide a column."""
        (self._wanted.add if is_shown else self._wanted.discard)(column_id)
        self._renew_columns()
        self.columns_changed.emit()

    def offer_column(self, column_id: str, is_offered: bool) -> None:
        """Let a column be had, or not any more; whether it is wanted stays as it is."""
        if is_offered == (column_id in self._withheld):
            (self._withheld.discard if is_offered else self._withheld.add)(column_id)
            self._renew_columns()

    def reset_columns(self) -> None:
        """Put the columns where they stand at first, so wide and in view as at first."""
        header = self.horizontalHeader()
        for place in range(len(self._model.columns)):
            header.moveSection(header.visualIndex(place), place)
        self._wanted = {column.id for column in self._model.columns if column.is_first_shown}
        self.set_widths([self._theme.px(column.width) for column in self._model.columns])
        self._renew_columns()
        self.columns_changed.emit()

    def _renew_columns(self) -> None:
        model = self._model
        grouping = model.grouping if isinstance(model, DatasetTableModel) else ""
        for number, column in enumerate(model.columns):
            # What a group is called need not stand in each of its rows.
            hides = column.id in self._withheld or column.id not in self._wanted
            hides = hides or (column.id == grouping and self._wanted != {grouping})
            self.setColumnHidden(number, hides)
        self._renew_heads()

    def _renew_heads(self) -> None:
        """Let the name of a group stand in the first column that is in view, and its count in the next."""
        if not isinstance(self._model, DatasetTableModel):
            return
        header = self.horizontalHeader()
        shown = [header.logicalIndex(visual) for visual in range(header.count())]
        shown = [logical for logical in shown if not header.isSectionHidden(logical)]
        self._model.set_head(shown[0], shown[1] if len(shown) > 1 else -1)

    def _on_section_moved(self) -> None:
        self._renew_heads()
        self.columns_changed.emit()

    def group_by(self, column_id: str, folded: tuple[str, ...] = ()) -> None:
        """Group the datasets by a column, or by none."""
        if isinstance(self._model, DatasetTableModel):
            self._model.group_by(column_id, folded)
            self._renew_columns()

    def saveState(self) -> QByteArray:
        """Take down how the columns stand and what they are sorted by, for a layout."""
        return QByteArray(msgspec.json.encode(self._take()))

    def restoreState(self, state: QByteArray) -> bool:
        """Put the columns as they stood; False where that cannot be understood, and nothing has changed."""
        try:
            kept = msgspec.json.decode(bytes(state.data()), type=KeptTable)
        except (msgspec.MsgspecError, ValueError):
            return False
        self._give(kept)
        return True

    def resetState(self) -> None:
        """Put the columns, and what they are sorted by, as at first."""
        self.reset_columns()
        self.sortByColumn(0, Qt.SortOrder.AscendingOrder)

    def _take(self) -> KeptTable:
        header = self.horizontalHeader()
        logical = [header.logicalIndex(visual) for visual in range(header.count())]
        columns = tuple(
            KeptColumn(
                self._model.columns[number].id,
                # A hidden column has no width, and a kept one is of scale 1.
                round((header.sectionSize(number) or self._hidden_width(number)) / self._theme.scale),
                self._model.columns[number].id in self._wanted,
            )
            for number in logical
        )
        return KeptTable(columns, *self._model.sorted_by)

    def _hidden_width(self, number: int) -> int:
        return self._theme.px(self._model.columns[number].width)

    def _give(self, kept: KeptTable) -> None:
        # What is not known any more, or not yet, stands as at first.
        numbers = {column.id: number for number, column in enumerate(self._model.columns)}
        header = self.horizontalHeader()
        known = [column for column in kept.columns if column.id in numbers]
        for place, column in enumerate(known):
            header.moveSection(header.visualIndex(numbers[column.id]), place)
            self.setColumnWidth(numbers[column.id], max(1, self._theme.px(column.width)))
            (self._wanted.add if column.is_shown else self._wanted.discard)(column.id)
        if not self._wanted:
            self._wanted = {column.id for column in self._model.columns if column.is_first_shown}
        self._renew_columns()
        if kept.sort in numbers:
            order = Qt.SortOrder.DescendingOrder if kept.descends else Qt.SortOrder.AscendingOrder
            self.sortByColumn(numbers[kept.sort], order)

    def _on_header_menu(self, place: QPoint) -> None:
        self.columns_menu(self).popup(self.horizontalHeader().viewport().mapToGlobal(place))

    def _is_open(self, row: int) -> bool | None:
        return self._model.is_open(row) if isinstance(self._model, DatasetTableModel) else None

    def _fold(self, row: int, *, is_open: bool) -> None:
        if isinstance(self._model, DatasetTableModel):
            self._model.fold(row, is_open=is_open)
            self._go_to(row)

    def _go_to(self, row: int) -> None:
        """Make a row the current one; that of a group leaves what is chosen as it is."""
        index = self._model.index(row, self._first_column())
        is_group = self._is_open(row) is not None
        command = _Flag.NoUpdate if is_group else _Flag.ClearAndSelect | _Flag.Rows
        self.selectionModel().setCurrentIndex(index, command)

    def selectionCommand(
        self, index: QModelIndex | QPersistentModelIndex, event: QEvent | None = None
    ) -> _Flag:
        """Leave what is chosen as it is when the row of a group is reached."""
        if index.isValid() and self._is_open(index.row()) is not None:
            return _Flag.NoUpdate
        return super().selectionCommand(index, event)

    def keyboardSearch(self, search: str) -> None:
        """Leave it to the filter: Qt would ask every row for its words, and look at one column alone."""
        self.typed.emit(search)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Fold a group by a click on its row."""
        row = self.rowAt(event.position().toPoint().y())
        is_open = self._is_open(row) if row >= 0 else None
        if is_open is not None and event.button() == Qt.MouseButton.LeftButton:
            self._fold(row, is_open=not is_open)
            return
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Fold and unfold by Left and Right; Left goes from a row to that of its group."""
        model, row = self._model, self.currentIndex().row()
        if not isinstance(model, DatasetTableModel) or not model.grouping or row < 0 or event.modifiers():
            super().keyPressEvent(event)
            return
        is_open = model.is_open(row)
        match event.key():
            case Qt.Key.Key_Left if is_open:
                self._fold(row, is_open=False)
            case Qt.Key.Key_Left if is_open is None:
                self._go_to(model.group_row_of(row) or 0)
            case Qt.Key.Key_Right | Qt.Key.Key_Return | Qt.Key.Key_Enter if is_open is False:
                self._fold(row, is_open=True)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if is_open:
                self._fold(row, is_open=False)
            case Qt.Key.Key_Right if is_open and row + 1 < model.rowCount():
                self._go_to(row + 1)
            case Qt.Key.Key_Left | Qt.Key.Key_Right:
                pass
            case _:
                super().keyPressEvent(event)
