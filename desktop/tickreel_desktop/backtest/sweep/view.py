"""The screen of a sweep: its set-up, the map of its results, its trials, and parallel axes of all of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QSplitter, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from tickreel.backtest.sweeps.trials import TrialState, read_trials
from tickreel.backtest.sweeps.trust import trust_of
from tickreel.errors import TickreelError
from tickreel_desktop.backtest.sweep.laid_out import AT_ONCE, lay_out
from tickreel_desktop.backtest.sweep.lines_pane import LinesPane
from tickreel_desktop.backtest.sweep.map_pane import MapPane
from tickreel_desktop.backtest.sweep.region import finer_grid, region_words
from tickreel_desktop.backtest.sweep.setup_pane import SetupPane
from tickreel_desktop.backtest.sweep.trial_list import TrialList
from tickreel_desktop.components import EmptyState
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent

    from tickreel.backtest.runs.service import Runs
    from tickreel.backtest.sweeps.plane import Region
    from tickreel.backtest.sweeps.trials import Trial, Trials
    from tickreel.backtest.sweeps.trust import Trust
    from tickreel_desktop.backtest.keeper import RunsKeeper
    from tickreel_desktop.backtest.sweep.laid_out import Choice, LaidOut
    from tickreel_desktop.backtest.sweep.setup_pane import SweepWork
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_WIDE_FROM_PX = 1480
"""Width from which trials stand beside the map."""
_LOOK_MS = 1_000
_WEIGH_MS = 100
_LIST_MS = 30
_MOST_COMPARED = 50


class SweepView(QFrame):
    """Show one sweep at a time, and how it comes along."""

    opened = Signal(str)
    renewed = Signal()
    """What is shown of the sweep is as it stands now."""
    refine_asked = Signal(str, dict)
    """A finer grid is wanted: the sweep, and the values of each of its parameters."""
    compare_asked = Signal(list)
    pause_asked = Signal(str, bool)
    cancel_asked = Signal(str)
    resume_asked = Signal(str)

    def __init__(
        self,
        theme: Theme,
        zone: DisplayZone,
        keeper: RunsKeeper,
        tasks: Tasks,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        set_role(self, Role.WINDOW)
        self.setObjectName("backtest.sweep")
        self._theme = theme
        self._keeper = keeper
        self._tasks = tasks
        self._sweep_id = ""
        self.problem = ""
        """Why it cannot be read; empty where it can."""
        self._trials: Trials | None = None
        self._generation = 0
        self._laid = 0
        """Counts what was asked to be laid out: what comes late is not shown."""
        self._is_reading = False
        self.setup = SetupPane(theme, zone)
        self.map_pane = MapPane(theme)
        self.map = self.map_pane.map
        self.list = TrialList(theme)
        self.lines_pane = LinesPane(theme)
        self.parallel = self.lines_pane.lines
        self._build()
        self._look = QTimer(self)
        self._look.setSingleShot(True)
        self._look.timeout.connect(self._renew)
        self._listing = QTimer(self)
        self._listing.setSingleShot(True)
        self._listing.setInterval(_LIST_MS)
        self._listing.timeout.connect(self._show_list)
        self._weighing = QTimer(self)
        self._weighing.setSingleShot(True)
        self._weighing.setInterval(_WEIGH_MS)
        self._weighing.timeout.connect(self._begin_weighing)
        keeper.changed.connect(self._renew)
        self._connect()
        self._arrange()

    # How it is put together

    def _build(self) -> None:
        theme = self._theme
        self._message = EmptyState(theme, "flask", "No sweep chosen", "Choose a sweep to see its trials.")
        self._tabs = QTabWidget()
        self._tabs.setDocumentMode(True)
        self._upper = QSplitter(Qt.Orientation.Horizontal)
        self._right = QSplitter(Qt.Orientation.Vertical)
        self._whole = QSplitter(Qt.Orientation.Horizontal)
        for split, name in ((self._upper, "upper"), (self._right, "right"), (self._whole, "whole")):
            split.setObjectName(f"layout.sweep.{name}")
            split.setChildrenCollapsible(False)
        self._upper.addWidget(self.map_pane)
        self._right.addWidget(self._upper)
        self._whole.addWidget(self.setup)
        self._whole.addWidget(self._right)
        self._whole.setStretchFactor(1, 1)
        self._whole.setSizes([theme.px(300), theme.px(1500)])
        self._stack = QStackedWidget()
        self._stack.addWidget(self._message)
        self._stack.addWidget(self._whole)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self._is_wide: bool | None = None

    def _connect(self) -> None:
        self.map_pane.changed.connect(self._lay_out)
        self.map.opened.connect(self.opened)
        self.map.pointed.connect(self._on_pointed)
        self.map.region_changed.connect(self._on_region_changed)
        self.list.opened.connect(self.opened)
        self.list.chosen.connect(self._on_listed)
        self.lines_pane.brushes_changed.connect(self._on_brushes_changed)
        self.setup.pause_asked.connect(lambda wanted: self.pause_asked.emit(self._sweep_id, wanted))
        self.setup.cancel_asked.connect(lambda: self.cancel_asked.emit(self._sweep_id))
        self.setup.resume_asked.connect(lambda: self.resume_asked.emit(self._sweep_id))
        self.setup.refine_asked.connect(self._refine)
        self.setup.compare_asked.connect(lambda: self.compare_asked.emit(self._compared()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put trials and axes beside the map, or into tabs below it."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        is_wide = self.width() >= self._theme.px(_WIDE_FROM_PX)
        if is_wide == self._is_wide:
            return
        self._is_wide = is_wide
        px = self._theme.px
        if is_wide:
            self._upper.addWidget(self.list)
            self._right.addWidget(self.lines_pane)
            self._tabs.setParent(None)
            self._upper.setSizes([px(900), px(660)])
        else:
            self._tabs.addTab(self.list, "Trials")
            self._tabs.addTab(self.lines_pane, "Parallel coordinates")
            self._right.addWidget(self._tabs)
        self.list.show()
        self.lines_pane.show()
        self._right.setSizes([px(560), px(380 if is_wide else 220)])

    @property
    def kept_parts(self) -> tuple[QSplitter, ...]:
        """What belongs to a layout."""
        return (self._whole,)

    # What is shown

    @property
    def sweep_id(self) -> str:
        """The sweep that is shown; empty without one."""
        return self._sweep_id

    @property
    def trials(self) -> Trials | None:
        """Its trials as they were read last."""
        return self._trials

    def show_sweep(self, sweep_id: str) -> None:
        """Show another sweep, by its id; what it holds is read away from the UI thread."""
        if sweep_id != self._sweep_id:
            self._sweep_id, self._trials, self.problem = sweep_id, None, ""
            self.setup.show_work(None)
            self._message.set_text("Reading the sweep", "Its trials are read from the catalog.")
            self._stack.setCurrentWidget(self._message)
        self._generation += 1
        self._is_reading = False
        self._renew()

    def show_work(self, work: SweepWork | None) -> None:
        """Tell of what this program is doing of the sweep; None where it does nothing."""
        self.setup.show_work(work)
        self.map.show_shares({} if work is None else work.shares)

    def _renew(self) -> None:
        """Read how the sweep stands now, unless that is under way."""
        if self._sweep_id and not self._is_reading:
            self._is_reading = True
            self._tasks.start(self._read(self._sweep_id, self._generation), "read a sweep")

    async def _read(self, sweep_id: str, generation: int) -> None:
        before = self._trials

        def read(runs: Runs) -> tuple[Trials, bool]:
            trials = read_trials(runs.records, sweep_id)
            return trials, before is None or _standing(before) != _standing(trials)

        try:
            trials, has_changed = await self._keeper.ask(read)
        except TickreelError as error:
            if generation == self._generation:
                self._is_reading = False
                self.problem = str(error)
                self._message.set_text("The sweep cannot be read", self.problem)
                self._stack.setCurrentWidget(self._message)
            return
        if generation != self._generation:
            return
        self._is_reading = False
        if has_changed:
            self._trials = trials
            self._take(trials, is_new=before is None)
        if not trials.is_over and self.isVisible():
            self._look.start(_LOOK_MS)

    def showEvent(self, event: QShowEvent) -> None:
        """Look anew at a sweep that goes on."""
        super().showEvent(event)
        if self._trials is not None and not self._trials.is_over:
            self._renew()

    def hideEvent(self, event: QHideEvent) -> None:
        """Look no more."""
        super().hideEvent(event)
        self._look.stop()

    def _take(self, trials: Trials, *, is_new: bool) -> None:
        if is_new:
            self.map_pane.offer(trials)
        self.map_pane.show_trials(trials)
        self.setup.show_trials(trials)
        self._lay_out()
        self.renewed.emit()

    def _lay_out(self) -> None:
        """Show the trials as they are asked for now: at once, or when many of them are laid out."""
        trials = self._trials
        if trials is None:
            return
        self._laid += 1
        choice = self.map_pane.choice()
        if len(trials.all) <= AT_ONCE:
            self._show(lay_out(trials, choice))
        else:
            self._tasks.start(self._lay_out_apart(trials, choice, self._laid), "lay out a sweep")

    async def _lay_out_apart(self, trials: Trials, choice: Choice, number: int) -> None:
        found = await asyncio.to_thread(lay_out, trials, choice)
        if number == self._laid:
            self._show(found)

    def _show(self, found: LaidOut) -> None:
        self.map_pane.show_plane(found.plane)
        self.lines_pane.show_trials(found.done, found.axes)
        self._show_list()
        self._stack.setCurrentWidget(self._whole)
        self._weigh()

    def _on_brushes_changed(self) -> None:
        """List what is left: of many trials in a turn of its own, once for many moves of the pointer."""
        if self._trials is None or len(self._trials.all) <= AT_ONCE:
            self._show_list()
        else:
            self._listing.start()

    def _show_list(self) -> None:
        """List the trials inside the brushes, and veil the cells of the others."""
        trials, plane = self._trials, self.map.plane
        if trials is None or plane is None:
            return
        lone = self.map.marks.lone
        alone = None if lone is None else plane.cells[lone[1]][lone[0]].trial
        inside = self.lines_pane.inside()
        listed = [trial for trial in trials.all if inside is None or trial.place in inside]
        axes = [axis.name for axis in trials.axes if len(axis.values) > 1]
        self.list.show_trials(listed, axes, plane.figure, alone)
        outside: frozenset[tuple[int, int]] = frozenset()
        if inside is not None:
            outside = frozenset(
                (column, row)
                for row, cells in enumerate(plane.cells)
                for column, cell in enumerate(cells)
                if cell.trial is None or cell.trial.place not in inside
            )
        self.map.show_outside(outside)

    # Going along

    def _on_pointed(self, trial: Trial | None) -> None:
        self.list.show_trial(trial)
        self.parallel.show_trial(trial)
        self.map.show_trial(trial)

    def _on_listed(self, trial: Trial) -> None:
        with QSignalBlocker(self.map):
            self.map.show_trial(trial)
        self.parallel.show_trial(trial)

    # Regions

    def _in_region(self) -> list[Trial]:
        plane, region = self.map.plane, self.map.region
        return [] if plane is None or region is None else plane.trials_in(region)

    def _compared(self) -> list[str]:
        done = [trial for trial in self._in_region() if trial.state is TrialState.DONE]
        return [trial.run_id for trial in done if trial.run_id is not None][:_MOST_COMPARED]

    def _on_region_changed(self) -> None:
        plane, region = self.map.plane, self.map.region
        if plane is None:
            return
        # One cell has nothing between its values.
        can_refine = region is not None and any(len(values) > 1 for values in self._finer(region).values())
        self.setup.show_region(region_words(plane, region), len(self._compared()), can_refine=can_refine)
        self._weigh()

    def _finer(self, region: Region) -> dict[str, list[Any]]:
        assert self._trials is not None
        assert self.map.plane is not None
        return finer_grid(self._trials, self.map.plane, region, self.map_pane.others.fixed())

    def _refine(self) -> None:
        if self.map.region is not None:
            self.refine_asked.emit(self._sweep_id, self._finer(self.map.region))

    # Trust

    def _weigh(self) -> None:
        """Weigh the best trial and the region soon, once for many changes."""
        self._weighing.start()

    def _begin_weighing(self) -> None:
        if self._trials is not None:
            region = tuple(self._in_region())
            self._tasks.start(self._weighed(self._trials, region, self._generation), "weigh a sweep")

    async def _weighed(self, trials: Trials, region: Sequence[Trial], generation: int) -> None:
        def weigh(runs: Runs) -> Trust:
            return trust_of(runs.cache, runs.records, trials, region)

        try:
            trust = await self._keeper.ask(weigh)
        except TickreelError as error:
            if generation == self._generation:
                self.setup.show_problem(str(error))
            return
        if generation == self._generation and trials is self._trials and list(region) == self._in_region():
            self.setup.show_trust(trust)


def _standing(trials: Trials) -> list[tuple[TrialState, str | None]]:
    return [(trial.state, trial.run_id) for trial in trials.all]
