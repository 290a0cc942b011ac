"""The Backtest workspace: the form, the runs that are kept, and what came of the one that is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from tickreel_desktop.backtest.form.pane import FormPane
from tickreel_desktop.backtest.running.pane import RunningPane
from tickreel_desktop.components import ButtonKind, DockTitle, EmptyState, button
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from tickreel_desktop.backtest.running.jobs import Work
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_FORM_PX, _RUNS_PX = 316, 452
_FORM_LEAST_PX, _RUNS_LEAST_PX, _VIEW_LEAST_PX = 280, 300, 600
"""Widths at first and at least, at scale 1."""
_FOLDED_BELOW_PX = 1300
"""Width below which form and list take turns in one column."""


class BacktestWorkspace(QFrame):
    """Three columns: what is to be run, what was run, and what came of it."""

    sample_requested = Signal()

    def __init__(self, theme: Theme, zone: DisplayZone, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("workspace.backtest.page")
        set_role(self, Role.WINDOW)
        self._theme = theme
        self._title = "Backtest"
        self._is_folded = False
        self._shows_form = False
        """Whether the form is in front of the list, where they take turns."""
        self.form = FormPane(theme)
        self.runs = self._make_runs()
        self.running = RunningPane(theme, zone)
        self.view = QStackedWidget()
        self._nothing = EmptyState(
            theme,
            "flask",
            "No run chosen",
            "Choose a run to see its equity, trades and orders, and what it assumes.",
        )
        for page in (self._nothing, self.running):
            self.view.addWidget(page)
        self._columns = QSplitter(Qt.Orientation.Horizontal)
        self._columns.setObjectName("layout.backtest.columns")
        self._columns.setChildrenCollapsible(False)
        self._middle = self._make_middle()
        for place, (widget, least_px) in enumerate(
            ((self.form, _FORM_LEAST_PX), (self._middle, _RUNS_LEAST_PX), (self.view, _VIEW_LEAST_PX))
        ):
            widget.setMinimumWidth(theme.px(least_px))
            self._columns.addWidget(widget)
            self._columns.setStretchFactor(place, int(widget is self.view))
        self._columns.setSizes([theme.px(_FORM_PX), theme.px(_RUNS_PX), theme.px(1080)])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._columns)

    @property
    def kept_parts(self) -> tuple[QSplitter, ...]:
        """What belongs to a layout."""
        return (self._columns,)

    def title(self) -> str:
        """Say what is in view."""
        return self._title

    def take_focus(self) -> None:
        """Give the keyboard to what is used first."""
        if self.form.isVisible():
            self.form.take_focus()
        else:
            self.new_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_form(self) -> None:
        """Bring the form into view."""
        self._shows_form = True
        self._fold()

    def show_list(self) -> None:
        """Bring the list of runs into view."""
        self._shows_form = False
        self._fold()

    def show_work(self, work: Work) -> None:
        """Show a run or sweep that was just queued."""
        self.show_list()
        self.running.show_work(work)
        self.view.setCurrentWidget(self.running)

    def note_ended(self, work: Work) -> None:
        """Show what came of a run that was followed up to its end."""
        is_followed = self.view.currentWidget() is self.running and self.running.work is work
        if is_followed and work.run is not None and work.job.error is None:
            self.show_run(work.run.id)

    def show_run(self, run_id: str) -> None:
        """Show what came of a run."""

    def show_sweep(self, sweep_id: str) -> None:
        """Show the runs of a sweep."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let form and list take turns in a window that is narrow."""
        super().resizeEvent(event)
        is_folded = self.width() < self._theme.px(_FOLDED_BELOW_PX)
        if is_folded != self._is_folded:
            self._is_folded = is_folded
            self._fold()

    def _fold(self) -> None:
        shows_form = not self._is_folded or self._shows_form
        self.form.setVisible(shows_form)
        self._middle.setVisible(not self._is_folded or not self._shows_form)
        self._bar.setVisible(self._is_folded)
        self.form.back_button.setVisible(self._is_folded)

    def _make_middle(self) -> QFrame:
        """Put the button for a new run above the list, where the form has no column of its own."""
        theme = self._theme
        middle = QFrame()
        set_role(middle, Role.PANEL)
        self._bar = QFrame()
        set_role(self._bar, Role.BAR)
        self.new_button = button(theme, "New run", ButtonKind.PRIMARY, icon="plus")
        self.new_button.clicked.connect(self._on_new)
        row = QHBoxLayout(self._bar)
        row.setContentsMargins(theme.px(10), theme.px(6), theme.px(10), theme.px(7))
        row.addWidget(self.new_button)
        row.addStretch(1)
        self._bar.hide()
        self.form.back_button.clicked.connect(self.show_list)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar)
        column.addWidget(self.runs, 1)
        return middle

    def _on_new(self) -> None:
        self.show_form()
        self.form.take_focus()

    def _make_runs(self) -> QWidget:
        sample = button(self._theme, "Run the sample backtest", ButtonKind.PRIMARY)
        sample.clicked.connect(lambda: self.sample_requested.emit())
        empty = EmptyState(
            self._theme,
            "flask",
            "No runs yet",
            "Each backtest is kept here with what it was asked, its data and its code.",
            [sample],
        )
        pane = QFrame()
        set_role(pane, Role.PANEL)
        column = QVBoxLayout(pane)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(DockTitle(self._theme, "Runs"))
        column.addWidget(empty, 1)
        return pane
