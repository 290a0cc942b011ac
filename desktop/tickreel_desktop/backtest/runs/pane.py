"""The list of runs with its filter, what is marked in it, and what can be done with that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from tickreel.backtest.runs.card import RunState
from tickreel.market.units import format_full
from tickreel_desktop.backtest.runs.filter_bar import FilterBar
from tickreel_desktop.backtest.runs.model import RunsModel
from tickreel_desktop.backtest.runs.table import RunsTable
from tickreel_desktop.components import ButtonKind, DockTitle, EmptyState, button, label, tool_button
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QAbstractButton, QPushButton

    from tickreel_desktop.backtest.runs.rows import ListedRun, Rows, RunningRow
    from tickreel_desktop.theme import Theme

_TEXT_PX = 240
"""Width of the text where no run is listed: the list may be narrow."""


class RunsPane(QFrame):
    """Show what was run; one run is current, and any number is marked to be compared."""

    chosen = Signal(list)
    """The ids of the runs that are marked, else of the current one."""
    opened = Signal(str)
    """A run is to be shown: it is the current one now, or was opened."""
    sweep_opened = Signal(str)
    compare_asked = Signal(list)
    export_asked = Signal(list)
    tag_asked = Signal(list)
    note_asked = Signal(str)
    rerun_asked = Signal(str)
    delete_asked = Signal(list)
    """Of runs and of sweeps; those of a sweep go with it."""
    cancel_asked = Signal(str)
    """The job of this id is to be cancelled."""

    def __init__(
        self, theme: Theme, offers: Sequence[QAbstractButton] = (), parent: QWidget | None = None
    ) -> None:
        """Show *offers* where there is no run yet."""
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._theme = theme
        self.model = RunsModel(self)
        self._awaited = ""
        """A run that becomes the current one when it is listed."""
        self.title = DockTitle(theme, "Runs")
        self.columns_button = tool_button(theme, "columns", "Columns of the list")
        self.columns_button.clicked.connect(self._open_columns)
        self.title.add_control(self.columns_button)
        self.filter = FilterBar(theme, lambda: self.model.rows.runs)
        self.filter.changed.connect(self.model.set_query)
        self.filter.left.connect(self.take_focus)
        self.table = RunsTable(theme, self.model)
        self._none = EmptyState(
            theme,
            "flask",
            "No runs yet",
            "Each backtest is kept here with what it was asked, its data and its code.",
            offers,
            width=_TEXT_PX,
        )
        self.show_all_button = button(theme, "Show all runs")
        self.show_all_button.clicked.connect(self.filter.clear)
        self._none_pass = EmptyState(
            theme,
            "funnel",
            "No run passes the filter",
            "Other words, or fewer chips, show more.",
            [self.show_all_button],
            width=_TEXT_PX,
        )
        self._pages = QStackedWidget()
        for page in (self.table, self._none, self._none_pass):
            self._pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.title, self.filter):
            column.addWidget(widget)
        column.addWidget(self._pages, 1)
        column.addWidget(self._make_foot())
        self.model.modelReset.connect(self._renew)
        self.model.checked_changed.connect(self._on_checked)
        self.table.current_changed.connect(self._on_current)
        self.table.opened.connect(self._open)
        self.table.cancel_asked.connect(self.cancel_asked)
        self.table.menu_asked.connect(self._open_menu)
        self._renew()

    def _make_foot(self) -> QFrame:
        foot = QFrame()
        set_role(foot, Role.FOOT)
        row = QHBoxLayout(foot)
        row.setContentsMargins(self._theme.px(10), self._theme.px(3), self._theme.px(6), self._theme.px(3))
        row.setSpacing(self._theme.px(2))
        self.marked = label("", Role.CAPTION)
        row.addWidget(self.marked, 1)
        self.compare_button = self._foot_button("Compare", lambda: self.compare_asked.emit(self.chosen_ids()))
        self.export_button = self._foot_button("Export", lambda: self.export_asked.emit(self.chosen_ids()))
        self.tag_button = self._foot_button("Tag", lambda: self.tag_asked.emit(self.chosen_ids()))
        for each in (self.compare_button, self.export_button, self.tag_button):
            row.addWidget(each)
        return foot

    def _foot_button(self, text: str, act: object) -> QPushButton:
        made = button(self._theme, text, ButtonKind.FLAT)
        made.clicked.connect(act)
        return made

    # What is shown

    def show_rows(self, rows: Rows) -> None:
        """Show other rows; what is current and what is marked stay so as long as they are there."""
        self.model.show_rows(rows)
        if self._awaited and self.show_current(self._awaited):
            self._awaited = ""

    def show_running(self, running: Sequence[RunningRow]) -> None:
        """Show what is under way in this window, above all else."""
        self.model.show_running(running)

    def show_current(self, run_id: str) -> bool:
        """Make a run, or the sweep that it is of, the current one; a filter that hides it is lifted.

        One that is not listed yet becomes it when it is.
        """
        row_id = self.model.rows.sweep_of.get(run_id, run_id)
        if self.model.place_of(row_id) is None and row_id in self.model.rows.places:
            self.filter.clear()
        is_shown = self.table.show_current(row_id)
        self._awaited = "" if is_shown else run_id
        return is_shown

    def take_focus(self) -> None:
        """Give the keyboard to the list."""
        self.table.setFocus()

    def focus_filter(self) -> None:
        """Give the keyboard to the filter."""
        self.filter.field.setFocus()
        self.filter.field.selectAll()

    def chosen_ids(self) -> list[str]:
        """Give what is marked, else the current row."""
        checked = self.model.checked
        if checked or self.table.current is None:
            return checked
        return [self.table.current]

    def _renew(self) -> None:
        model = self.model
        kept, running = len(model.rows.runs), len(model.running)
        caption = "1 run" if kept == 1 else f"{format_full(kept)} runs"
        if not model.query.is_empty:
            caption = f"{format_full(model.shown_count)} of {caption}"
        self.title.set_caption(f"{caption}, {running} in progress" if running else caption)
        page: QWidget = self.table
        if not model.rowCount():
            page = self._none if model.query.is_empty else self._none_pass
        self._pages.setCurrentWidget(page)
        self._renew_foot()

    def _renew_foot(self) -> None:
        chosen = self.chosen_ids()
        rows = [row for row in map(self.model.rows.get, chosen) if row is not None]
        self.marked.setText(f"{len(rows)} selected" if rows else "None selected")
        comparable = [row for row in rows if not row.is_sweep and row.state is not RunState.RUNNING]
        can_compare = len(comparable) == len(rows) and len(rows) > 1
        self.compare_button.setEnabled(can_compare)
        self.compare_button.setToolTip("" if can_compare else "Mark two or more runs that have ended")
        can_export = bool(rows) and all(not row.is_sweep for row in rows)
        self.export_button.setEnabled(can_export)
        self.export_button.setToolTip("" if can_export or not rows else "A sweep is exported run by run")
        self.tag_button.setEnabled(can_export)

    def _on_checked(self) -> None:
        self._renew_foot()
        self.chosen.emit(self.chosen_ids())

    def _on_current(self, run_id: str | None) -> None:
        self._renew_foot()
        self.chosen.emit(self.chosen_ids())
        if run_id is not None:
            self._open(run_id)

    def _open(self, run_id: str) -> None:
        row = self.model.rows.get(run_id)
        if row is not None:
            (self.sweep_opened if row.is_sweep else self.opened).emit(run_id)

    def _open_columns(self) -> None:
        below = self.columns_button.rect().bottomLeft()
        self.table.columns_menu(self).popup(self.columns_button.mapToGlobal(below))

    def menu_of(self, row: ListedRun) -> QMenu:
        """Make the menu of a row; it goes when it closes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Open", lambda: self._open(row.id))
        if not row.is_sweep:
            menu.addAction("Run again", lambda: self.rerun_asked.emit(row.id))
            menu.addSeparator()
            menu.addAction("Tags...", lambda: self.tag_asked.emit([row.id]))
            menu.addAction("Note...", lambda: self.note_asked.emit(row.id))
            menu.addAction("Export...", lambda: self.export_asked.emit([row.id]))
        menu.addSeparator()
        chosen = self.chosen_ids()
        marked = chosen if row.id in chosen else [row.id]
        text = "Delete" if len(marked) == 1 else f"Delete {len(marked)} runs"
        delete = menu.addAction(text, lambda: self.delete_asked.emit(marked))
        delete.setEnabled(row.state is not RunState.RUNNING)
        return menu

    def _open_menu(self, row: ListedRun, place: QPoint) -> None:
        self.menu_of(row).popup(place)
