"""The Backtest workspace: the form, the runs that are kept, and what came of the one that is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from tickreel_desktop.backtest.compare import CompareView
from tickreel_desktop.backtest.form.pane import FormPane
from tickreel_desktop.backtest.run import RunView
from tickreel_desktop.backtest.running.pane import RunningPane
from tickreel_desktop.backtest.runs import RunsPane
from tickreel_desktop.backtest.sweep.view import SweepView
from tickreel_desktop.backtest.why.view import WhyView
from tickreel_desktop.components import ButtonKind, button
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from tickreel_desktop.backtest.keeper import RunsKeeper
    from tickreel_desktop.backtest.running.work import Work
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_FORM_PX, _RUNS_PX = 316, 452
_FORM_LEAST_PX, _RUNS_LEAST_PX, _VIEW_LEAST_PX = 280, 300, 600
"""Widths at first and at least, at scale 1."""
_LEAST_PX = (900, 460)
_FOLDED_BELOW_PX = 1300
"""Width below which form and list take turns in one column."""


class BacktestWorkspace(QFrame):
    """Three columns: what is to be run, what was run, and what came of it."""

    sample_requested = Signal()
    title_changed = Signal()

    def __init__(
        self, theme: Theme, zone: DisplayZone, keeper: RunsKeeper, tasks: Tasks, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("workspace.backtest.page")
        set_role(self, Role.WINDOW)
        self._theme = theme
        self._title = self._columns_title = "Backtest"
        self._is_folded = True
        self._shows_form = False
        """Whether the form is in front of the list, where they take turns."""
        self.form = FormPane(theme)
        sample = button(theme, "Run the sample backtest", ButtonKind.PRIMARY)
        sample.clicked.connect(lambda: self.sample_requested.emit())
        self.runs = RunsPane(theme, [sample])
        self.run_view = RunView(theme, zone, keeper, tasks)
        self.running = RunningPane(theme, zone)
        self.compare = CompareView(theme, zone, keeper, tasks)
        self.sweep = SweepView(theme, zone, keeper, tasks)
        self.why = WhyView(theme, zone, keeper, tasks)
        self.view = QStackedWidget()
        for page in (self.run_view, self.running, self.compare):
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
        self._pages = QStackedWidget()
        self._pages.addWidget(self._columns)
        self._sweep_page = self._make_sweep_page()
        self._pages.addWidget(self._sweep_page)
        self._pages.addWidget(self.why)
        self._before_why: tuple[QWidget, str] = (self._columns, self._title)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._pages)
        self.compare.closed.connect(self.close_compare)
        self.why.closed.connect(self._leave_why)
        self.run_view.why_asked.connect(self.show_order)
        self._fold()

    @property
    def kept_parts(self) -> tuple[QSplitter, ...]:
        """What belongs to a layout."""
        return (self._columns, *self.sweep.kept_parts)

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
        self._show_columns()

    def show_list(self) -> None:
        """Bring the list of runs into view."""
        self._shows_form = False
        self._fold()
        self._show_columns()

    def show_work(self, work: Work) -> None:
        """Show a run or sweep that was just queued."""
        self.show_list()
        if work.is_sweep:
            return
        self.running.show_work(work)
        self._show_page(self.running, "Backtest")

    def note_ended(self, work: Work) -> None:
        """Show what came of a run that was followed up to its end."""
        if self._is_followed(work) and work.run is not None and work.job.error is None:
            self.show_run(work.run.id)

    def is_in_view(self, work: Work) -> bool:
        """Tell whether the user sees how a run or sweep stands."""
        if work.is_sweep:
            return self.is_sweep_shown and self.sweep.sweep_id == work.live.id
        return self._pages.currentWidget() is self._columns and self._is_followed(work)

    def _is_followed(self, work: Work) -> bool:
        return self.view.currentWidget() is self.running and self.running.work is work

    def show_run(self, run_id: str) -> None:
        """Show what came of a run."""
        self.run_view.show_run(run_id)
        self.runs.show_current(run_id)
        self._show_page(self.run_view, f"Backtest: run {run_id}")

    def show_compared(self, run_ids: list[str]) -> None:
        """Show runs side by side."""
        if self.compare.run_ids != run_ids:
            self.compare.show_runs(run_ids)
        self._show_page(self.compare, f"Backtest: {len(run_ids)} runs compared")

    def close_compare(self) -> None:
        """Go back from the comparison to the run that was in view."""
        self._show_page(self.run_view, "Backtest")

    def show_sweep(self, sweep_id: str) -> None:
        """Show the runs of a sweep, in the room of all columns."""
        self.sweep.show_sweep(sweep_id)
        self._pages.setCurrentWidget(self._sweep_page)
        self._set_title(f"Backtest: sweep {sweep_id}")

    def show_order(self, run_id: str, order: int) -> None:
        """Show why an order was filled, or not, in the room of all columns."""
        if self._pages.currentWidget() is not self.why:
            page = self._sweep_page if self.is_sweep_shown else self._columns
            self._before_why = page, self._title
        self.why.show_order(run_id, order)
        self._pages.setCurrentWidget(self.why)
        self._set_title(f"Backtest: order {order} of run {run_id}")

    def _leave_why(self) -> None:
        """Go back to what was in view before, a sweep or the columns."""
        page, title = self._before_why
        self._pages.setCurrentWidget(page)
        self._set_title(title)

    @property
    def is_sweep_shown(self) -> bool:
        """Whether a sweep stands in the place of the columns."""
        return self._pages.currentWidget() is self._sweep_page

    def _show_page(self, page: QWidget, title: str) -> None:
        self.view.setCurrentWidget(page)
        self._columns_title = title
        self._show_columns()

    def _show_columns(self) -> None:
        self._pages.setCurrentWidget(self._columns)
        self._set_title(self._columns_title)

    def _set_title(self, title: str) -> None:
        self._title = title
        self.title_changed.emit()

    def minimumSizeHint(self) -> QSize:
        """Need no more than the other workspaces, whose panels would give way to what is not in view."""
        return QSize(*(self._theme.px(side) for side in _LEAST_PX))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let form and list take turns in a window that is narrow."""
        super().resizeEvent(event)
        is_folded = self.width() < self._theme.px(_FOLDED_BELOW_PX)
        if is_folded != self._is_folded:
            self._is_folded = is_folded
            self._fold()
            self._share_room()

    def _share_room(self) -> None:
        """Give form and list the widths that they have at first."""
        px = self._theme.px
        runs_px = px(_RUNS_LEAST_PX if self._is_folded else _RUNS_PX)
        self._columns.setSizes([px(_FORM_PX), runs_px, max(1, self.width() - runs_px - px(_FORM_PX))])

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

    def _make_sweep_page(self) -> QWidget:
        """Put a way back above the sweep, which takes the room of all columns."""
        theme = self._theme
        page, bar = QFrame(), QFrame()
        set_role(bar, Role.BAR)
        self.back_button = button(theme, "All runs", ButtonKind.FLAT, icon="caret-left")
        self.back_button.clicked.connect(self.show_list)
        row = QHBoxLayout(bar)
        row.setContentsMargins(theme.px(6), theme.px(3), theme.px(10), theme.px(4))
        row.addWidget(self.back_button)
        row.addStretch(1)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self.sweep, 1)
        return page
