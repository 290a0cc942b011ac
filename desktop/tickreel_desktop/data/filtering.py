"""What is asked for: the one filter behind field, chips, views and saved filters."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QInputDialog, QLineEdit, QMenu, QWidget

from tickreel_desktop.data.arrangement import LONGEST_NAME, SavedFilter, filter_name
from tickreel_desktop.data.query import Query
from tickreel_desktop.data.sheets import DAYS
from tickreel_desktop.data.views import VIEWS, Entry

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel_desktop.data.filter_bar import FilterBar
    from tickreel_desktop.data.sheets import Sheets
    from tickreel_desktop.data.views import ViewsPanel
    from tickreel_desktop.theme import Theme


class Filtering(QObject):
    """Keep bar, views and tables at the same filter, and look after the saved ones."""

    changed = Signal()
    """The tables show what another filter lets through."""
    saved_changed = Signal()
    removed = Signal(SavedFilter)
    """The user deleted a saved filter, see :meth:`put_back`."""

    def __init__(
        self, theme: Theme, bar: FilterBar, views: ViewsPanel, sheets: Sheets, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._widget = parent
        self._theme = theme
        self._bar = bar
        self._views = views
        self._sheets = sheets
        self._is_folded = False
        self._is_filling = False
        self.query = Query()
        self.saved: tuple[SavedFilter, ...] = ()
        self._menu = QMenu(bar.views)
        self._menu.aboutToShow.connect(self._fill_menu)
        bar.views.setMenu(self._menu)
        bar.field.textChanged.connect(self._on_typed)
        bar.condition_added.connect(lambda condition: self.ask(self.query.with_condition(condition)))
        bar.condition_removed.connect(lambda condition: self.ask(self.query.without_condition(condition)))
        bar.all_removed.connect(self.clear)
        views.view_chosen.connect(self.choose_view)
        views.filter_chosen.connect(self.choose_saved)
        views.saving_requested.connect(self.ask_name)
        views.removal_requested.connect(self.remove)
        views.renaming_requested.connect(self.ask_new_name)

    def ask(self, query: Query) -> None:
        """Show what a query asks for, in the tables and in all that says what is asked."""
        self.query = query
        self._is_filling = True
        if self._bar.field.text() != query.text:
            self._bar.field.setText(query.text)
        self._is_filling = False
        self._bar.show_conditions(query.conditions)
        self._sheets.set_query(query)
        self.renew()
        self.changed.emit()

    def clear(self) -> None:
        """Ask for everything."""
        self.ask(Query())

    def choose_view(self, condition: str) -> None:
        """Bring a view to the front; the rest of the filter stays."""
        self.ask(replace(self.query, view=condition))

    def choose_saved(self, name: str) -> None:
        """Ask for what a saved filter asks for."""
        found = self._find(name)
        if found is not None:
            self.ask(found.query)

    def give(self, saved: tuple[SavedFilter, ...]) -> None:
        """Take over the filters that were kept."""
        self.saved = saved
        self.renew()

    def renew(self) -> None:
        """Count anew, and offer the values that there are."""
        model = self._sheets.model
        views = [
            Entry(condition, name, model.count(Query(view=condition)), condition == "health:problem")
            for condition, name in self._named_views()
        ]
        saved = [Entry(one.name, one.name, model.count(one.query)) for one in self.saved]
        self._views.show_entries(
            views, saved, view=self.query.view, name=self._name(), can_save=self.query != Query()
        )
        self._bar.show_view(self._title(), is_folded=self._is_folded)
        self._bar.offer(self._offers())

    def show_folded(self, *, is_folded: bool) -> None:
        """Say whether views stand in a menu, for want of room."""
        if is_folded != self._is_folded:
            self._is_folded = is_folded
            self._bar.show_view(self._title(), is_folded=is_folded)

    def _offers(self) -> list[tuple[str, list[str]]]:
        listing = self._sheets.holdings.datasets
        names = {
            field: sorted({str(getattr(key, field)) for key in listing.datasets}, key=str.casefold)
            for field in ("exchange", "symbol", "type")
        }
        first, last = listing.years
        years = [str(year) for year in range(int(first.min()), int(last.max()) + 1)] if len(first) else []
        return [
            *names.items(),
            ("year", years),
            ("state", ["partial", "damaged", "missing", "absent", "pending"]),
            ("health", ["good", "usable", "bad", "unchecked"]),
        ]

    def _named_views(self) -> list[tuple[str, str]]:
        everything = "All days" if self._sheets.front == DAYS else "All datasets"
        return [(condition, name or everything) for condition, name in VIEWS]

    def _find(self, name: str) -> SavedFilter | None:
        return next((one for one in self.saved if one.name == name), None)

    def _name(self) -> str | None:
        """Name the saved filter that is asked for now."""
        return next((one.name for one in self.saved if one.query == self.query), None)

    def _title(self) -> str:
        name = self._name()
        return name or next(name for condition, name in self._named_views() if condition == self.query.view)

    def _fill_menu(self) -> None:
        menu = self._menu
        menu.clear()
        model, chosen = self._sheets.model, self._name()
        for condition, name in self._named_views():
            action = menu.addAction(f"{name}\t{model.count(Query(view=condition))}")
            action.setCheckable(True)
            action.setChecked(chosen is None and condition == self.query.view)
            action.triggered.connect(lambda _on=False, condition=condition: self.choose_view(condition))
        if self.saved:
            menu.addSection("Saved filters")
        for one in self.saved:
            action = menu.addAction(f"{one.name}\t{model.count(one.query)}")
            action.setCheckable(True)
            action.setChecked(one.name == chosen)
            action.triggered.connect(lambda _on=False, name=one.name: self.choose_saved(name))
        menu.addSeparator()
        menu.addAction("Save filter...", self.ask_name).setEnabled(self.query != Query())
        if chosen is not None:
            menu.addAction(f"Rename {chosen}...", lambda: self.ask_new_name(chosen))
            menu.addAction(f"Delete {chosen}", lambda: self.remove(chosen))

    def _on_typed(self, text: str) -> None:
        if not self._is_filling:
            self.ask(replace(self.query, text=text))

    def ask_name(self) -> None:
        """Ask under which name to save the filter."""
        self._ask("Save filter", "Name of the filter; one of that name is replaced", "", self.save)

    def ask_new_name(self, name: str) -> None:
        """Ask how a saved filter is to be called."""
        self._ask("Rename filter", "New name of the filter", name, lambda text: self.rename(name, text))

    def _ask(self, title: str, words: str, name: str, then: Callable[[str], None]) -> None:
        dialog = QInputDialog(self._widget.window())
        dialog.setWindowTitle(title)
        dialog.setLabelText(words)
        dialog.setTextValue(name)
        field = dialog.findChild(QLineEdit)
        if field is not None:
            field.setMaxLength(LONGEST_NAME)
            field.setAccessibleName("Name of the filter")
        dialog.textValueSelected.connect(then)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def save(self, text: str) -> None:
        """Save the filter under a name, in place of one that has it; without a name nothing happens."""
        name = filter_name(text)
        if name and self.query != Query():
            query = self.query
            made = SavedFilter(name, query.text, query.conditions, query.view)
            self._keep([*(one for one in self.saved if one.name != name), made])

    def rename(self, name: str, text: str) -> None:
        """Call a saved filter by another name, unless another one has it."""
        new = filter_name(text)
        if new and self._find(new) is None:
            self._keep(
                [
                    SavedFilter(new, one.text, one.conditions, one.view) if one.name == name else one
                    for one in self.saved
                ]
            )

    def remove(self, name: str) -> None:
        """Delete a saved filter; whoever hears of it can have it back."""
        found = self._find(name)
        if found is not None:
            self.drop(name)
            self.removed.emit(found)

    def drop(self, name: str) -> None:
        """Delete a saved filter without a word."""
        self._keep([one for one in self.saved if one.name != name])

    def put_back(self, saved: SavedFilter) -> None:
        """Save again what was deleted, unless its name has gone to another filter."""
        if self._find(saved.name) is None:
            self._keep([*self.saved, saved])

    def _keep(self, filters: list[SavedFilter]) -> None:
        self.saved = tuple(sorted(filters, key=lambda one: one.name.casefold()))
        self.renew()
        self.saved_changed.emit()
