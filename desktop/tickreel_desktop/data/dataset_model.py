"""The model of the datasets: in groups, with sums, that can be folded."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt

from tickreel.market.units import format_bytes, format_count, format_full
from tickreel_desktop.data.columns import DATASET_COLUMNS, bytes_per_row_text, coverage_words, span_words
from tickreel_desktop.data.listing import NOTHING
from tickreel_desktop.data.model import DatasetRole, ListingModel, gravity
from tickreel_desktop.data.rows import gravest_state, health_tip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel_desktop.data.listing import Listing, Places
    from tickreel_desktop.data.rows import DatasetRow

_Index = QModelIndex | QPersistentModelIndex
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)

# Made once: each cell that is drawn is asked for them, and to put them together takes longer than all else.
_OF_GROUP = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemNeverHasChildren
_OF_DATASET = _OF_GROUP | Qt.ItemFlag.ItemIsSelectable


class DatasetTableModel(ListingModel):
    """Show datasets, in groups if wanted."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(DATASET_COLUMNS, NOTHING.datasets, parent)
        self._coverage = self.column_of("coverage")
        self._health = self.column_of("health")
        self._where_column = self.column_of("where")
        self._grouping = ""
        self._folded: set[str] = set()
        self._groups: list[tuple[str, Places]] = []
        self._sums: dict[int, dict[str, str]] = {}
        self._axis = (1, 1)
        """The first and the last day of all that is held, as ordinals."""
        self.head_column = 0
        """In which column the name of a group stands: the first that is in view."""
        self._count_column = 1

    @property
    def grouping(self) -> str:
        """By which column rows are grouped: ``exchange``, ``symbol``, ``type``, or empty."""
        return self._grouping

    @property
    def folded(self) -> tuple[str, ...]:
        """The names of the groups that are closed."""
        return tuple(sorted(self._folded))

    def group_by(self, column_id: str, folded: Sequence[str] = ()) -> None:
        """Group by another column, or by none; *folded* groups are closed."""
        if column_id != self._grouping or set(folded) != self._folded:
            self._grouping, self._folded = column_id, set(folded)
            self._places = np.empty(0, np.intp) if column_id else self._places
            self._rearrange()

    def set_head(self, head: int, count: int) -> None:
        """Choose in which columns the name of a group and the number of its datasets stand."""
        if (head, count) != (self.head_column, self._count_column):
            self.head_column, self._count_column = head, count
            self._sums.clear()
            self.renew_cells()

    def show(self, listing: Listing[DatasetRow]) -> None:
        """Show another list from now on, arranged as before."""
        if len(listing.rows):
            self._axis = (int(listing.keys["first_day"].min()), int(listing.keys["last_day"].max()))
        super().show(listing)
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, self._coverage, self._coverage)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        """Name the axis of the coverage bars beside their title."""
        told = super().headerData(section, orientation, role)
        if section == self._coverage and role == _DISPLAY and told is not None and self.listing.rows:
            return f"{told}, {span_words(*map(date.fromordinal, self._axis))}"
        return told

    def is_open(self, row: int) -> bool | None:
        """Tell of the row of a group whether it is open; None of every other row."""
        place = int(self._places[row])
        return None if place >= 0 else self._groups[-1 - place][0] not in self._folded

    def fold(self, row: int, *, is_open: bool) -> None:
        """Open or close the group whose row stands at a place; the row itself stays where it is."""
        if self.is_open(row) in (None, is_open):
            return
        name = self._groups[-1 - int(self._places[row])][0]
        if is_open:
            self._folded.discard(name)
        else:
            self._folded.add(name)
        self.is_renewing = self.is_folding = True
        self._rearrange()
        self.is_renewing = self.is_folding = False

    def unfold_for(self, i: int) -> None:
        """Open the group of a row of the list."""
        if self._grouping:
            name = str(getattr(self.listing.rows[i].key, self._grouping))
            if name in self._folded:
                self._folded.discard(name)
                self._rearrange()

    def group_row_of(self, row: int) -> int | None:
        """Find the row of the group to which what stands at a place belongs; None without groups."""
        heads = np.flatnonzero(self._places[: row + 1] < 0)
        return int(heads[-1]) if len(heads) else None

    def _arranged(self, listing: Listing[Any], shown: Places) -> Places:
        self._groups, self._sums = [], {}
        if not self._grouping:
            return shown
        facet = listing.names[self._grouping]
        codes = facet.codes[shown]
        grouped = shown[np.argsort(codes, kind="stable")]
        numbers, starts = np.unique(facet.codes[grouped], return_index=True)
        parts = np.split(grouped, starts[1:]) if len(numbers) else []
        placed: list[Places] = []
        for part in parts:
            name = getattr(listing.rows[int(part[0])].key, self._grouping)
            self._groups.append((str(name), part))
            placed.append(np.array([-len(self._groups)], np.intp))
            if str(name) not in self._folded:
                placed.append(part)
        return np.concatenate(placed) if placed else shown

    def _group_text(self, group: int, column: int) -> str:
        sums = self._sums.get(group)
        if sums is None:
            sums = self._sums[group] = _sums(self.listing, self._groups[group][1])
        if column == self.head_column:
            return self._groups[group][0]
        return sums["count"] if column == self._count_column else sums.get(self.columns[column].id, "")

    def _spoken(self, place: int, column: int) -> str:
        if place < 0:
            name, part = self._groups[-1 - place]
            state = "closed" if name in self._folded else "open"
            if column == self.head_column:
                return f"{name}, group of {len(part)}, {state}"
            return self._text(place, column)
        if column == self._coverage:
            return coverage_words(self.listing.rows[place])
        if column == self._where_column and (where := self._own(place, column, DatasetRole.WHERE)):
            return str(where.words())
        return self._text(place, column)

    def _own(self, place: int, column: int, role: int) -> Any:
        if place < 0:
            is_open = self._groups[-1 - place][0] not in self._folded
            return is_open if role == DatasetRole.GROUP else None
        row: DatasetRow = self.listing.rows[place]
        match role:
            case DatasetRole.COVERAGE:
                return row.coverage
            case DatasetRole.STATE:
                return gravest_state(row)
            case DatasetRole.GRADE:
                return gravity(row.dataset.grade, gravest_state(row))
            case DatasetRole.AXIS:
                first, last = self._axis
                return row.first_day.toordinal() - first, last - first + 1
            case DatasetRole.WHERE:
                return self._where(place, row.held_days, row.span_days)
            case DatasetRole.PINNED:
                return 0 < row.held_days <= row.dataset.pinned_days
            case Qt.ItemDataRole.ToolTipRole:
                return health_tip(row) if column == self._health else None
            case _:
                return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Let datasets be selected, and rows of groups only be reached."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return _OF_GROUP if self._places[index.row()] < 0 else _OF_DATASET


def _sums(listing: Listing[DatasetRow], part: Places) -> dict[str, str]:
    """Sum up a group, each sum under the id of its column."""
    totals = {name: int(listing.keys[name][part].sum()) for name in ("days", "rows", "size", "hits")}
    return {
        "count": f"{format_full(len(part))} {'dataset' if len(part) == 1 else 'datasets'}",
        "days": format_full(totals["days"]),
        "rows": format_count(totals["rows"]),
        "size": format_bytes(totals["size"]),
        "bytes_per_row": bytes_per_row_text(totals["size"], totals["rows"]),
        "hits": format_count(totals["hits"]),
    }
