"""The Backtest workspace: the form, the runs that are kept, and what came of the one that is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from tickreel_desktop.backtest.form.pane import FormPane
from tickreel_desktop.components import ButtonKind, DockTitle, EmptyState, button
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from tickreel_desktop.backtest.running.jobs import Work
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_FORM_PX, _RUNS_PX = 316, 452
_FORM_LEAST_PX, _RUNS_LEAST_PX, _VIEW_LEAST_PX = 280, 300, 640
"""Widths at first and at least, at scale 1."""


class BacktestWorkspace(QFrame):
    """Three columns: what is to be run, what was run, and what came of it."""

    sample_requested = Signal()

    def __init__(self, theme: Theme, zone: DisplayZone, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("workspace.backtest.page")
        set_role(self, Role.WINDOW)
        self._theme = theme
        self._zone = zone
        self.form = FormPane(theme)
        self.runs = self._make_runs()
        self.view = QStackedWidget()
        self._nothing = EmptyState(
            theme,
            "flask",
            "No run chosen",
            "Choose a run to see its equity, trades and orders, and what it assumes.",
        )
        self.view.addWidget(self._nothing)
        self._columns = QSplitter(Qt.Orientation.Horizontal)
        self._columns.setObjectName("layout.backtest.columns")
        self._columns.setChildrenCollapsible(False)
        for place, (widget, least_px) in enumerate(
            ((self.form, _FORM_LEAST_PX), (self.runs, _RUNS_LEAST_PX), (self.view, _VIEW_LEAST_PX))
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
        return "Backtest"

    def take_focus(self) -> None:
        """Give the keyboard to what is used first."""
        self.form.take_focus()

    def show_form(self) -> None:
        """Bring the form into view."""

    def show_work(self, work: Work) -> None:
        """Show a run or sweep that was just queued."""

    def note_ended(self, work: Work) -> None:
        """Take note that a run or sweep has ended."""

    def show_run(self, run_id: str) -> None:
        """Show what came of a run."""

    def show_sweep(self, sweep_id: str) -> None:
        """Show the runs of a sweep."""

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
