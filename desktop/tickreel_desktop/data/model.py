"""What the models of both tables share: a prepared list, an index array of what is shown, cells on demand.

Sorting and filtering are NumPy work on keys that came with the list. A proxy model would ask Python for
millions of cells. Whatever changes the places of rows resets the model; whoever keeps a selection keeps it
by rows of the list, see :meth:`ListingModel.rows_at`.
"""

from __future__ import annotations

import time
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from tickreel.store import DayState
from tickreel.store.model import Grade
from tickreel_desktop.data.query import Query, passing
from tickreel_desktop.data.residence import Where

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel_desktop.data.columns import Column
    from tickreel_desktop.data.listing import Keys, Listing, Places

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_MOST_CELLS = 20_000
"""Rows whose words are kept; when there are more, all are made again as they come into view."""


class DatasetRole(IntEnum):
    """What a row tells beside the text of its cells."""

    COVERAGE = Qt.ItemDataRole.UserRole + 1
    """The row's ``Coverage``."""
    STATE = Qt.ItemDataRole.UserRole + 2
    """The gravest ``DayState`` of the row, which decides how it is marked."""
    GRADE = Qt.ItemDataRole.UserRole + 3
    """How grave the health of the row is: ``error``, ``warning``, ``unchecked`` or ``good``."""
    GROUP = Qt.ItemDataRole.UserRole + 4
    """Of the row of a group whether it is open; None of every other row."""
    PINNED = Qt.ItemDataRole.UserRole + 5
    """Whether the row is pinned, all of it."""
    AXIS = Qt.ItemDataRole.UserRole + 6
    """After how many days on the axis of all coverage bars the row begins, and how many it has."""
    WHERE = Qt.ItemDataRole.UserRole + 7
    """Where the days of the row lie, a ``Where``; None without a shared cache."""


_RIGHT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
_LEFT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
# Plain integers: comparing with members of an enum costs more than the rest of data() together.
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_ALIGN = int(Qt.ItemDataRole.TextAlignmentRole)
_SPOKEN = int(Qt.ItemDataRole.AccessibleTextRole)
_TIP = int(Qt.ItemDataRole.ToolTipRole)
_OWN_ROLES = frozenset(int(role) for role in DatasetRole)


def now_us() -> int:
    """Give the time of now, for ages."""
    return time.time_ns() // 1000


class ListingModel(QAbstractTableModel):
    """Show a list; :meth:`show` brings another one, :meth:`set_query` and :meth:`sort` arrange it."""

    def __init__(
        self, columns: Sequence[Column[Any]], listing: Listing[Any], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._alignments = tuple(_RIGHT if column.align == "right" else _LEFT for column in columns)
        self.listing = listing
        self._cells: dict[int, tuple[str, ...]] = {}
        self._orders: dict[tuple[str, bool], Places] = {}
        """All rows in the order of a sort that was asked for."""
        self._shown: Places = np.empty(0, np.intp)
        """Those that pass the filter, in the order of the sort."""
        self._places: Places = self._shown
        """What stands in the table from top to bottom: rows of the list, or groups as negative numbers."""
        self._query = Query()
        self._sorted_by = (columns[0].id, False)
        self.is_renewing = False
        """Whether the reset under way is of new rows or a fold: who looks at a place stays there."""
        self.is_folding = False
        """Whether it is a fold: rows that it hides are not gone."""

    def column_of(self, column_id: str) -> int:
        """Give the number of a column."""
        return next(number for number, column in enumerate(self.columns) if column.id == column_id)

    @property
    def query(self) -> Query:
        """What is asked for."""
        return self._query

    @property
    def sorted_by(self) -> tuple[str, bool]:
        """The column of the sort, and whether it descends."""
        return self._sorted_by

    @property
    def shown(self) -> Places:
        """The rows of the list that pass the filter, in the order of the sort, folded ones too."""
        return self._shown

    def row_of_list(self, row: int) -> int | None:
        """Give what stands at a place of the table as a row of the list; None for a group."""
        place = int(self._places[row])
        return place if place >= 0 else None

    def rows_at(self, places: Places) -> Places:
        """Give what stands at places of the table as rows of the list, without groups."""
        found = self._places[places]
        return found[found >= 0]

    def places_of(self, rows: Places) -> Places:
        """Find where rows of the list stand in the table, from the top; those not in view are left out."""
        where = np.full(len(self.listing.rows), -1, np.intp)
        is_row = self._places >= 0
        where[self._places[is_row]] = np.flatnonzero(is_row)
        found = where[rows]
        return np.sort(found[found >= 0])

    def show(self, listing: Listing[Any]) -> None:
        """Show another list from now on, arranged as before.

        When the same rows stand in the same places only the cells are renewed, otherwise the model is reset.
        """
        before, places = self.listing, self._places
        orders, shown = self._order_and_filter(listing, {})
        new_places = self._arranged(listing, shown)
        same = np.array_equal(places, new_places) and listing.lists_the_same_as(before)
        if not same:
            self.beginResetModel()
        self.listing, self._orders, self._shown, self._places = listing, orders, shown, new_places
        self._cells.clear()
        if not same:
            self.is_renewing = True
            self.endResetModel()
            self.is_renewing = False
        else:
            self.renew_cells()

    def renew_cells(self) -> None:
        """Make the words of all cells anew; ages have changed, or what they say."""
        self._cells.clear()
        if len(self._places):
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._places) - 1, len(self.columns) - 1))

    def set_query(self, query: Query) -> None:
        """Show only what a query asks for."""
        if query != self._query:
            self._query = query
            self._rearrange()

    def count(self, query: Query) -> int:
        """Count what a query would show."""
        mask = passing(self.listing, query.terms, now_us())
        return len(self.listing.rows) if mask is None else int(mask.sum())

    def _order_and_filter(
        self, listing: Listing[Any], orders: dict[tuple[str, bool], Places]
    ) -> tuple[dict[tuple[str, bool], Places], Places]:
        order = orders.get(self._sorted_by)
        if order is None:
            column, descends = self._sorted_by
            order = orders[self._sorted_by] = _ordered(listing.keys[column], descends=descends)
        mask = passing(listing, self._query.terms, now_us())
        return orders, order if mask is None else order[mask[order]]

    def _rearrange(self) -> None:
        _, shown = self._order_and_filter(self.listing, self._orders)
        places = self._arranged(self.listing, shown)
        self._shown, before = shown, self._places
        if np.array_equal(places, before):
            return
        self.beginResetModel()
        self._places = places
        self.endResetModel()

    def _arranged(self, listing: Listing[Any], shown: Places) -> Places:
        """Give what stands in the table; whoever groups puts groups among the rows."""
        return shown

    def _words(self, i: int) -> tuple[str, ...]:
        cells = self._cells.get(i)
        if cells is None:
            if len(self._cells) >= _MOST_CELLS:
                self._cells.clear()
            row, now = self.listing.rows[i], now_us()
            cells = self._cells[i] = tuple(column.text(row, now) for column in self.columns)
        return cells

    def _where(self, place: int, here: int, days: int) -> Where | None:
        """Tell where the days of a row of the list lie; None without a shared cache."""
        shared = self.listing.shared
        return None if shared is None else Where(here, int(shared[place]), days)

    def _own(self, place: int, column: int, role: int) -> Any:
        """Give one of :class:`DatasetRole`, or a tool-tip."""
        raise NotImplementedError

    def _group_text(self, group: int, column: int) -> str:
        raise NotImplementedError

    def _spoken(self, place: int, column: int) -> str:
        return self._text(place, column)

    def _text(self, place: int, column: int) -> str:
        return self._words(place)[column] if place >= 0 else self._group_text(-1 - place, column)

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """Count what stands in the table, groups too."""
        return 0 if parent.isValid() else len(self._places)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the columns."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: _Index, role: int = _DISPLAY) -> Any:
        """Give a cell's text, alignment or one of :class:`DatasetRole`; None for everything else."""
        if role == _ALIGN:
            return self._alignments[index.column()] if index.isValid() else None
        if not index.isValid():
            return None
        place, column = int(self._places[index.row()]), index.column()
        if role == _DISPLAY:
            return self._text(place, column)
        if role == _SPOKEN:
            return self._spoken(place, column)
        return self._own(place, column, role) if role in _OWN_ROLES or role == _TIP else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        """Give the title of a column, its alignment and its tool-tip."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        if role == _DISPLAY:
            return self.columns[section].title
        if role == _ALIGN:
            return self._alignments[section]
        if role == _TIP:
            column = self.columns[section]
            return f"{column.title}: {column.hint}" if column.hint else None
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Arrange by a column; equal cells stand by name, also when descending."""
        if 0 <= column < len(self.columns):
            self._sorted_by = (self.columns[column].id, order == Qt.SortOrder.DescendingOrder)
            self._rearrange()


def _ordered(keys: Keys, *, descends: bool) -> Places:
    """Sort by *keys*, ties in the order of the list; NaN comes last in either direction."""
    return np.argsort(-keys if descends else keys, kind="stable")


def gravity(grade: Grade | None, state: DayState = DayState.PRESENT) -> str:
    """Say how grave a grade and a state are together, see :attr:`DatasetRole.GRADE`."""
    if grade is Grade.BAD or state is DayState.DAMAGED:
        return "error"
    if grade is Grade.USABLE or state in (DayState.MISSING, DayState.PARTIAL):
        return "warning"
    return "unchecked" if grade is None else "good"
