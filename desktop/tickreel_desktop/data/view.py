"""The Data workspace: what is held on this machine, found by views and filters, opened, imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from tickreel.market.types import DatasetKey
from tickreel_desktop.data.arrangement import Arrangement, SavedFilter
from tickreel_desktop.data.chosen import Chosen
from tickreel_desktop.data.commands import replay_command
from tickreel_desktop.data.coverage import CoveragePainter
from tickreel_desktop.data.detail import DatasetDetail, DetailReader
from tickreel_desktop.data.detail_split import DetailSplit
from tickreel_desktop.data.filter_bar import GROUPINGS, FilterBar
from tickreel_desktop.data.filtering import Filtering
from tickreel_desktop.data.foot import HeldFoot
from tickreel_desktop.data.listing import Holdings
from tickreel_desktop.data.menu import HeldMenu
from tickreel_desktop.data.pages import HeldPages
from tickreel_desktop.data.sheets import DATASETS, DAYS, Sheets
from tickreel_desktop.data.toolbar import DataToolbar
from tickreel_desktop.data.views import ViewsPanel
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PySide6.QtGui import QAction, QResizeEvent
    from PySide6.QtWidgets import QMenu, QSplitter

    from tickreel.store.model import DayRange
    from tickreel_desktop.data.filter_field import FilterField
    from tickreel_desktop.data.residence import Residence
    from tickreel_desktop.data.rows import DatasetRow
    from tickreel_desktop.data.table import HeldTable
    from tickreel_desktop.zone import DisplayZone

_WIDE_PX = 1430
"""From this width on the details stand beside the table, below it otherwise."""
_TWO_PARTS_PX = 760
"""From this height on a narrow window has room for table and details."""
_VIEWS_PX = 1500
"""From this width on the views have a list of their own."""
_AGES_MS = 60_000


class DataWorkspace(QWidget):
    """Show what is held and take wishes about it; :meth:`show_rows` brings what is held."""

    replay_requested = Signal(DatasetKey, object)
    """Play a dataset at once: the day of it that was opened, or None for the last whole one."""
    setup_requested = Signal()
    """Ask what to play of the selected datasets."""
    instrument_requested = Signal()
    """What is known of the instrument of the selected dataset shall be shown."""
    placing_wanted = Signal(object, object)
    """Where the days of a long list lie is to be worked out on a thread, see :class:`Sheets`."""
    selection_changed = Signal()
    import_requested = Signal()
    fetch_requested = Signal()
    sample_requested = Signal()
    command_requested = Signal()
    filter_removed = Signal(SavedFilter)
    """The user deleted a saved filter; :meth:`put_back_filter` and :meth:`drop_filter` undo and redo that."""
    arranged = Signal()
    """The user has arranged something that is kept, see :meth:`arrangement`."""
    laid_out = Signal()
    """Columns stand, or are as wide, or are sorted as they were not before: a part of the layout."""

    def __init__(
        self, theme: Theme, zone: DisplayZone, reader: DetailReader, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("workspace.data.page")
        self._theme = theme
        self._bars = CoveragePainter(theme, self)
        self._menu = HeldMenu(theme, self)
        self._menu.open_wanted.connect(self.open_selected)
        self._menu.command_wanted.connect(self.command_requested)
        self._menu.instrument_wanted.connect(self.instrument_requested)
        self._menu.import_wanted.connect(self.import_requested)
        self._bar = DataToolbar(theme, self._menu.opener, self._menu.copier)
        self._bar.fetch_requested.connect(self.fetch_requested)
        self._bar.import_requested.connect(self.import_requested)
        self._filter_bar = FilterBar(theme)
        self._views = ViewsPanel(theme)
        self._sheets = Sheets(theme, self._bars)
        self._filtering = Filtering(theme, self._filter_bar, self._views, self._sheets, self)
        self.detail = DatasetDetail(theme, zone, reader)
        self._split = DetailSplit(theme, self._sheets, self.detail)
        self._pages = HeldPages(theme, self._split)
        self._foot = HeldFoot(theme, self._bars)
        self._chosen = Chosen(self._sheets, self.detail, self._foot, self)
        self._lay_out()
        self._connect()
        self._give(Arrangement())
        self._renew()

    def _lay_out(self) -> None:
        self._top = QFrame()
        inset = QVBoxLayout(self._top)
        inset.setContentsMargins(0, 0, 0, 0)
        self._line = QFrame()
        set_role(self._line, Role.LINE)
        self._line.setFixedWidth(1)
        right = QVBoxLayout()
        right.setSpacing(0)
        for each in (self._filter_bar, self._pages, self._foot):
            right.addWidget(each, 1 if each is self._pages else 0)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self._views)
        row.addWidget(self._line)
        row.addLayout(right, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar)
        column.addWidget(self._top)
        column.addLayout(row, 1)

    def _connect(self) -> None:
        sheets, filtering = self._sheets, self._filtering
        self._chosen.changed.connect(self._on_chosen_changed)
        sheets.columns_changed.connect(self.laid_out)
        sheets.opened.connect(self.replay_requested)
        sheets.placing_wanted.connect(self.placing_wanted)
        sheets.menu_requested.connect(self._on_menu_requested)
        sheets.typed.connect(self._begin_filter)
        self._pages.sample_requested.connect(self.sample_requested)
        self._pages.import_requested.connect(self.import_requested)
        self._pages.fetch_requested.connect(self.fetch_requested)
        self._pages.clearing_requested.connect(filtering.clear)
        filtering.changed.connect(self._renew)
        filtering.saved_changed.connect(self.arranged)
        filtering.removed.connect(self.filter_removed)
        self._filter_bar.field.left.connect(lambda: self.table.setFocus(Qt.FocusReason.OtherFocusReason))
        self._filter_bar.lists.chosen.connect(self._on_list_chosen)
        self._filter_bar.part_chosen.connect(lambda _part: self._arrange())
        self._filter_bar.grouping_chosen.connect(self._on_grouping_chosen)
        self._filter_bar.columns.clicked.connect(lambda: self._open_columns())
        ages = QTimer(self)
        ages.setInterval(_AGES_MS)
        ages.timeout.connect(lambda: self._sheets.model.renew_cells())
        ages.start()

    @property
    def table(self) -> HeldTable:
        """The table in front."""
        return self._sheets.table

    @property
    def filter(self) -> FilterField:
        """The field for the words of the filter."""
        return self._filter_bar.field

    @property
    def selected_row(self) -> DatasetRow | None:
        """The dataset that stands for what is selected, or None."""
        return self._chosen.row

    def selected_key(self) -> DatasetKey | None:
        """Name that dataset, or None."""
        row = self.selected_row
        return None if row is None else row.key

    def selected_keys(self) -> tuple[DatasetKey, ...]:
        """Name the selected datasets, or those of the selected days, by name."""
        return self._chosen.keys

    def selects_held(self) -> bool:
        """Tell whether anything is held here of what is selected."""
        return self._chosen.is_here

    def selected_ranges(self) -> tuple[DayRange, ...]:
        """Give what is selected as ranges: whole datasets, or the days merged to ranges without a gap.

        Days that are chosen in the calendar of the one dataset that is selected stand above both.
        """
        return self._chosen.ranges()

    def show_rows(self, held: Holdings | Iterable[DatasetRow]) -> None:
        """Show what is held now; selection, order and filter stay.

        Give it :class:`Holdings` that were made on a worker thread; bare rows are prepared here.
        """
        holdings = held if isinstance(held, Holdings) else Holdings.of(held)
        with QSignalBlocker(self._sheets):  # what is chosen is told of once, at the end
            self._sheets.show_holdings(holdings)
        self._filtering.renew()
        self._renew()
        self._chosen.renew()

    def show_residence(self, residence: Residence | None) -> None:
        """Show which days lie in the shared cache; None where none is used, and then nothing of it."""
        self._sheets.show_residence(residence)
        self.detail.show_residence(residence)

    def take_placed(self, residence: Residence) -> None:
        """Mark a long list by what was worked out on a thread."""
        with QSignalBlocker(self._sheets):
            self._sheets.take_placed(residence)

    def select(self, key: DatasetKey) -> bool:
        """Select a dataset and bring it into view, filter or not; False when it is not held."""
        if key not in self._sheets.holdings.datasets.datasets:
            return False
        if not self._sheets.choose_dataset(key):
            self._filtering.clear()
        return self._sheets.choose_dataset(key)

    def offer_fetch(self) -> None:
        """Show the buttons that ask for :attr:`fetch_requested`; until then there are none."""
        self._bar.offer_fetch()
        self._pages.offer_fetch()

    def set_actions(self, actions: Sequence[QAction]) -> None:
        """Show actions on the selection in the bar and in the menu of the rows.

        Whoever owns them enables them with :attr:`selection_changed`.
        """
        self._menu.actions = tuple(actions)
        self.addActions(list(actions))
        self._bar.set_actions(self._menu.actions)

    def set_top(self, widget: QWidget) -> None:
        """Put something between the bar and the tables; it is there while something is held."""
        inset = self._top.layout()
        assert inset is not None
        inset.addWidget(widget)

    def set_foot(self, widget: QWidget) -> None:
        """Put something at the foot of the list of views, which narrow windows have no room for."""
        self._views.set_foot(widget)

    def put_back_filter(self, saved: SavedFilter) -> None:
        """Save a filter again that was deleted."""
        self._filtering.put_back(saved)

    def drop_filter(self, name: str) -> None:
        """Delete a saved filter without a word."""
        self._filtering.drop(name)

    @property
    def kept_parts(self) -> tuple[QSplitter | HeldTable, ...]:
        """Give the parts whose sizes and columns belong to a layout."""
        return (self._split, *self._sheets.tables.values())

    def arrangement(self) -> Arrangement:
        """Take down what is kept between starts."""
        datasets = self._sheets.datasets
        return Arrangement(
            grouping=datasets.grouping,
            folded=datasets.folded,
            lists_days=self._sheets.front == DAYS,
            filters=self._filtering.saved,
        )

    def arrange(self, kept: Arrangement) -> None:
        """Put everything as it was kept."""
        self._give(kept)
        self._renew()

    def _give(self, kept: Arrangement) -> None:
        grouping = kept.grouping if kept.grouping in dict(GROUPINGS) else ""
        self._sheets.tables[DATASETS].group_by(grouping, kept.folded)
        self._filtering.give(kept.filters)
        self._show_list(DAYS if kept.lists_days else DATASETS)

    def _show_list(self, name: str) -> None:
        self._filter_bar.lists.choose(name)
        self._sheets.bring_front(name)
        self._filter_bar.show_grouping(self._sheets.datasets.grouping, is_possible=name == DATASETS)
        self._filtering.renew()

    def bring_detail(self, *, is_front: bool = True) -> None:
        """Bring the detail of the selection into view where it stands behind the table, or the table."""
        self._filter_bar.parts.choose("detail" if is_front else "table")
        self._arrange()

    def open_selected(self) -> None:
        """Ask for the set-up of a replay of what is selected."""
        if self.selected_row is not None:
            self.setup_requested.emit()

    def command(self) -> str:
        """Spell what would be done with the selected dataset as a command line."""
        row = self.selected_row
        return "tickreel datasets" if row is None else replay_command(row)

    def _renew(self) -> None:
        """Choose what stands in the middle, and sum up."""
        model = self._sheets.model
        has_any = bool(self._sheets.holdings.datasets.rows)
        is_wide = self.width() >= self._theme.px(_VIEWS_PX)
        for part in (self._bar, self._top, self._filter_bar, self._foot):
            part.setVisible(has_any)
        self._views.setVisible(has_any and is_wide)
        self._line.setVisible(has_any and is_wide)
        self._filtering.show_folded(is_folded=not is_wide)
        self._renew_legend()
        whole, shown = self._sheets.sums(), self._sheets.sums_of(model.shown)
        if not has_any:
            self._pages.show_nothing_held()
        elif len(model.shown):
            self._pages.show_held()
        else:
            in_days = self._sheets.front == DAYS
            hidden = len(model.listing.rows)
            self._pages.show_no_match("day" if in_days else "dataset", hidden, self._filtering.query.text)
        self._foot.show_sums(shown, whole)

    def _on_chosen_changed(self) -> None:
        self._menu.show_possible(is_selected=self.selected_row is not None)
        self.selection_changed.emit()

    def take_focus(self) -> None:
        """Give the keyboard to the table, or to the first button where nothing is held."""
        if self.table.isVisible():
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._pages.sample_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def edit_filter(self) -> None:
        """Give the keyboard to the filter."""
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    def _begin_filter(self, text: str) -> None:
        """Go on in the filter with what was typed in the table, in place of what stood there."""
        self.edit_filter()
        self.filter.insert(text)

    def _on_list_chosen(self, name: str) -> None:
        self._show_list(name)
        self._renew()
        self.arranged.emit()

    def _on_grouping_chosen(self, column_id: str) -> None:
        self._sheets.tables[DATASETS].group_by(column_id)
        self.arranged.emit()

    def _open_columns(self) -> None:
        at = self._filter_bar.columns
        self.table.columns_menu(self).popup(at.mapToGlobal(QPoint(0, at.height())))

    def _on_menu_requested(self, place: QPoint, on_row: bool) -> None:
        self.make_menu(on_row=on_row).popup(place)

    def make_menu(self, *, on_row: bool) -> QMenu:
        """Make the menu of a right click; it goes when it closes."""
        return self._menu.made(on_row=on_row)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put details and views where there is room."""
        super().resizeEvent(event)
        self._arrange()
        if (self.width() >= self._theme.px(_VIEWS_PX)) == self._views.isHidden():
            self._renew()

    def _arrange(self) -> None:
        """Put the detail beside the table or below it; where both have no room, behind it."""
        is_wide = self.width() >= self._theme.px(_WIDE_PX)
        self._split.stand(is_beside=is_wide)
        is_low = not is_wide and self.height() < self._theme.px(_TWO_PARTS_PX)
        shows_detail = self._filter_bar.parts.value() == "detail"
        self._filter_bar.show_parts(is_needed=is_low)
        self._sheets.setVisible(not is_low or not shows_detail)
        self.detail.setVisible(not is_low or shows_detail)
        self._renew_legend()

    def _renew_legend(self) -> None:
        """Explain the bars of the table while they are in view; the calendar has a legend of its own."""
        self._foot.legend.setVisible(self._sheets.front == DATASETS and not self._sheets.isHidden())
