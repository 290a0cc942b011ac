"""The two tables of what is held, of which one is in front: datasets, or all their days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from tickreel.market.types import DatasetKey
from tickreel_desktop.components.row_delegate import RowDelegate
from tickreel_desktop.data.columns import OF_SHARED
from tickreel_desktop.data.dataset_model import DatasetTableModel
from tickreel_desktop.data.days_model import DaysTableModel
from tickreel_desktop.data.delegates import (
    CoverageDelegate,
    HealthDelegate,
    HeldDelegate,
    KeepDelegate,
    StateDelegate,
    WhereDelegate,
)
from tickreel_desktop.data.listing import DAYS_PER_DATASET, NOTHING, Holdings
from tickreel_desktop.data.query import Query
from tickreel_desktop.data.selection import (
    Sums,
    dataset_numbers,
    dataset_sums,
    day_sums,
    merged_ranges,
    whole_ranges,
)
from tickreel_desktop.data.table import HeldTable

if TYPE_CHECKING:
    from tickreel.store.model import DayRange
    from tickreel_desktop.data.coverage import CoveragePainter
    from tickreel_desktop.data.listing import Listing, Places
    from tickreel_desktop.data.model import ListingModel
    from tickreel_desktop.data.residence import Residence
    from tickreel_desktop.data.rows import DatasetRow
    from tickreel_desktop.theme import Theme

DATASETS, DAYS = "datasets", "days"


class Sheets(QStackedWidget):
    """Hold both tables; only the one in front is arranged, the other one when it comes there."""

    placing_wanted = Signal(object, object)
    """A :class:`Residence` is to be prepared for a long :class:`Listing`; then :meth:`take_placed`."""
    chosen_changed = Signal()
    columns_changed = Signal()
    opened = Signal(DatasetKey, object)
    """A dataset, and the day of it that was opened; None where datasets are listed that are held here."""
    """A dataset, or a day of it, was asked for by Enter or double click."""
    menu_requested = Signal(QPoint, bool)
    """A right click at a place of the screen, on a row or beside all rows."""
    typed = Signal(str)
    """A letter or digit was typed in a table, which is meant for the filter."""

    def __init__(self, theme: Theme, bars: CoveragePainter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.holdings = NOTHING
        self._sums: tuple[Listing[Any], Sums] | None = None
        """Of the list to which they belong."""
        self._query = Query()
        self._residence: Residence | None = None
        self._placing: tuple[Residence, Listing[Any]] | None = None
        """What a worker was last asked to prepare."""
        self._shown: dict[str, tuple[Listing[Any], Residence | None]] = {}
        """What each table was last made of."""
        self._models: dict[str, ListingModel] = {
            DATASETS: DatasetTableModel(self),
            DAYS: DaysTableModel(self),
        }
        self.tables = {
            DATASETS: HeldTable(theme, "Datasets", self._models[DATASETS]),
            DAYS: HeldTable(theme, "Recorded days", self._models[DAYS]),
        }
        self._dress(theme, bars)
        for name, table in self.tables.items():
            self.addWidget(table)
            table.setObjectName(f"layout.data.{name}")
            table.chosen_changed.connect(self.chosen_changed)
            table.columns_changed.connect(self.columns_changed)
            table.row_opened.connect(self._on_row_opened)
            table.typed.connect(self.typed)
            table.customContextMenuRequested.connect(self._on_menu_requested)

    def _dress(self, theme: Theme, bars: CoveragePainter) -> None:
        for name, table in self.tables.items():
            model = self._models[name]
            secondary = frozenset(place for place, column in enumerate(model.columns) if column.secondary)
            plain = HeldDelegate if name == DATASETS else RowDelegate
            table.setItemDelegate(plain(theme, table, secondary))
            table.setItemDelegateForColumn(model.column_of("health"), HealthDelegate(theme, table))
            table.setItemDelegateForColumn(model.column_of("keep"), KeepDelegate(theme, table))
            table.setItemDelegateForColumn(model.column_of(OF_SHARED), WhereDelegate(theme, table))
        datasets, days = self.tables[DATASETS], self.tables[DAYS]
        coverage = self._models[DATASETS].column_of("coverage")
        datasets.setItemDelegateForColumn(coverage, CoverageDelegate(theme, datasets, bars))
        state = self._models[DAYS].column_of("state")
        days.setItemDelegateForColumn(state, StateDelegate(theme, days))

    @property
    def front(self) -> str:
        """What is in front: ``datasets`` or ``days``."""
        return DAYS if self.currentWidget() is self.tables[DAYS] else DATASETS

    @property
    def table(self) -> HeldTable:
        """The table in front."""
        return self.tables[self.front]

    @property
    def model(self) -> ListingModel:
        """The model of the table in front."""
        return self._models[self.front]

    @property
    def datasets(self) -> DatasetTableModel:
        """The model of the datasets."""
        model = self._models[DATASETS]
        assert isinstance(model, DatasetTableModel)
        return model

    def show_holdings(self, holdings: Holdings) -> None:
        """List what is held now."""
        self.holdings = holdings
        self._renew_front()

    def show_residence(self, residence: Residence | None) -> None:
        """Show which days lie in the shared cache; None where none is used, and then nothing of it."""
        self._residence = residence
        for table in self.tables.values():
            table.offer_column(OF_SHARED, residence is not None)
        self._renew_front()

    def take_placed(self, residence: Residence) -> None:
        """Show what a worker has prepared, unless something else is to be shown by now."""
        if residence is self._residence:
            self._renew_front()

    def set_query(self, query: Query) -> None:
        """List only what is asked for."""
        self._query = query
        self._renew_front()

    def bring_front(self, name: str) -> None:
        """Bring the datasets or the days to the front; what was chosen there is chosen again."""
        self.setCurrentWidget(self.tables[name])
        self._renew_front()
        self.chosen_changed.emit()

    def _renew_front(self) -> None:
        model = self.model
        listing: Listing[Any] = self.holdings.days if self.front == DAYS else self.holdings.datasets
        shown = self._shown.get(self.front)
        residence = self._residence
        if residence is not None and not residence.is_quick(listing):
            if self._placing != (residence, listing):
                self._placing = (residence, listing)
                self.placing_wanted.emit(residence, listing)
            # Until a worker has found out where its days lie it shows what was known before, or no marks.
            residence = shown[1] if shown is not None and shown[0] is listing else None
        if shown is None or shown[0] is not listing or shown[1] is not residence:
            self._shown[self.front] = (listing, residence)
            model.show(listing if residence is None else residence.placed(listing))
        model.set_query(self._query)

    def dataset_of(self, row: int) -> DatasetRow:
        """Give the dataset to which a row of the list in front belongs."""
        ident = int(self.model.listing.idents[row])
        return self.holdings.datasets.rows[ident // DAYS_PER_DATASET]

    def current_row(self) -> DatasetRow | None:
        """Give the dataset that stands for what is chosen, or None."""
        row = self.table.current()
        return None if row is None else self.dataset_of(row)

    def rows_of(self, rows: Places) -> tuple[DatasetRow, ...]:
        """Give the datasets to which rows of the list in front belong, by name."""
        held = self.holdings.datasets.rows
        return tuple(held[number] for number in dataset_numbers(self.model.listing, rows))

    def chosen_keys(self) -> tuple[DatasetKey, ...]:
        """Name the datasets that are chosen, or of which days are, by name."""
        listing = self.model.listing
        numbers = dataset_numbers(listing, self.table.chosen())
        return tuple(listing.datasets[number] for number in numbers)

    def chosen_ranges(self) -> tuple[DayRange, ...]:
        """Give the chosen days, merged to ranges of days that follow each other; or whole datasets."""
        chosen = self.table.chosen()
        if self.front == DAYS:
            return merged_ranges(self.holdings.days, chosen)
        return whole_ranges(self.holdings.datasets, chosen)

    def sums(self) -> Sums:
        """Sum up the list in front, once for each list."""
        listing = self.model.listing
        if self._sums is None or self._sums[0] is not listing:
            self._sums = listing, self.sums_of(np.arange(len(listing.rows)))
        return self._sums[1]

    def sums_of(self, rows: Places) -> Sums:
        """Sum up rows of the list in front."""
        if self.front == DAYS:
            return day_sums(self.holdings.days, rows)
        return dataset_sums(self.model.listing, rows)

    def choose_dataset(self, key: DatasetKey) -> bool:
        """Choose a dataset, or its first day, and bring it into view; False when it is not in the table."""
        listing = self.model.listing
        if key not in listing.datasets:
            return False
        number = listing.datasets.index(key)
        low, high = np.searchsorted(
            listing.idents, [number * DAYS_PER_DATASET, (number + 1) * DAYS_PER_DATASET]
        )
        if self.front == DATASETS:
            self.datasets.unfold_for(int(low))
        return self.table.choose(np.arange(low, min(high, low + 1)))

    def _on_row_opened(self, place: int) -> None:
        row = self.model.row_of_list(place)
        if row is not None:
            opened = self.dataset_of(row)
            day = self.holdings.days.rows[row].day if self.front == DAYS else None
            if not opened.is_here:  # which is its last day is known of none but the server
                day = opened.dataset.last_day
            self.opened.emit(opened.key, day)

    def _on_menu_requested(self, place: QPoint) -> None:
        table = self.table
        index = table.indexAt(place)
        is_row = index.isValid() and self.model.row_of_list(index.row()) is not None
        self.menu_requested.emit(table.viewport().mapToGlobal(place), is_row)
