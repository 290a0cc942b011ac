"""The screen of a sweep: its set-up, the map of its results, its trials, and parallel axes of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from tickreel.backtest.sweeps.plane import Reading, plane_of
from tickreel.backtest.sweeps.trials import BAND_AXES, TrialState, read_trials
from tickreel.backtest.sweeps.trust import trust_of
from tickreel.errors import TickreelError
from tickreel_desktop.backtest.sweep.figures import FIGURES, best_figure, named
from tickreel_desktop.backtest.sweep.legend import MapLegend
from tickreel_desktop.backtest.sweep.map_view import SweepMap
from tickreel_desktop.backtest.sweep.other_axes import OtherAxes
from tickreel_desktop.backtest.sweep.parallel_axes import axes_of
from tickreel_desktop.backtest.sweep.parallel_view import MOST_DRAWN, ParallelView
from tickreel_desktop.backtest.sweep.region import finer_grid, region_words
from tickreel_desktop.backtest.sweep.setup_pane import SetupPane
from tickreel_desktop.backtest.sweep.trial_list import TrialList
from tickreel_desktop.components import Chip, DockTitle, EmptyState, FlowLayout, Segment, Segments, label
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent

    from tickreel.backtest.runs.service import Runs
    from tickreel.backtest.sweeps.plane import Region
    from tickreel.backtest.sweeps.trials import Trial, Trials
    from tickreel.backtest.sweeps.trust import Trust
    from tickreel_desktop.backtest.keeper import RunsKeeper
    from tickreel_desktop.backtest.sweep.setup_pane import SweepWork
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_WIDE_FROM_PX = 1480
"""Width from which trials stand beside the map."""
_LOOK_MS = 1_000
_WEIGH_MS = 100
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
        self._is_reading = False
        self.setup = SetupPane(theme, zone)
        self.map = SweepMap(theme)
        self.legend = MapLegend(theme, self.map)
        self.others = OtherAxes(theme)
        self.list = TrialList(theme)
        self.parallel = ParallelView(theme)
        self.value, self.across, self.up = QComboBox(), QComboBox(), QComboBox()
        self.reading = Segments(
            theme,
            "Reading",
            [
                Segment(Reading.MEASURED, "Measured"),
                Segment(Reading.WORST, "Worst of band"),
                Segment(Reading.NEIGHBOURS, "Neighbour median"),
            ],
        )
        self._chips: dict[str, Chip] = {}
        self._build()
        self._look = QTimer(self)
        self._look.setSingleShot(True)
        self._look.timeout.connect(self._renew)
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
        self._map_pane = self._make_map_pane()
        self._parallel_pane = self._make_parallel_pane()
        self._tabs = QTabWidget()
        self._tabs.setDocumentMode(True)
        self._upper = QSplitter(Qt.Orientation.Horizontal)
        self._right = QSplitter(Qt.Orientation.Vertical)
        self._whole = QSplitter(Qt.Orientation.Horizontal)
        for split, name in ((self._upper, "upper"), (self._right, "right"), (self._whole, "whole")):
            split.setObjectName(f"layout.sweep.{name}")
            split.setChildrenCollapsible(False)
        self._upper.addWidget(self._map_pane)
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

    def _make_map_pane(self) -> QFrame:
        theme = self._theme
        pane, bar = QFrame(), QFrame()
        set_role(pane, Role.PANEL)
        set_role(bar, Role.BAR)
        # In as many lines as it takes: the map may be narrow.
        row = FlowLayout(bar, theme.px(7), theme.px(8))
        for word, choice, least_px in (
            ("Value", self.value, 120),
            ("Across", self.across, 120),
            ("Up", self.up, 100),
        ):
            name = label(word, Role.SECONDARY)
            choice.setAccessibleName({"Value": "Figure of the map"}.get(word, f"{word} of the map"))
            choice.view().setAccessibleName(choice.accessibleName())
            choice.setMinimumWidth(theme.px(least_px))
            choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            row.addWidget(name)
            row.addWidget(choice)
        row.addWidget(self.reading)
        row.addWidget(self.legend)
        column = QVBoxLayout(pane)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self.others)
        column.addWidget(self.map, 1)
        return pane

    def _make_parallel_pane(self) -> QFrame:
        pane = QFrame()
        set_role(pane, Role.PANEL)
        self._parallel_title = DockTitle(self._theme, "Parallel coordinates")
        column = QVBoxLayout(pane)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._parallel_title)
        column.addWidget(self.parallel, 1)
        return pane

    def _connect(self) -> None:
        for figure in FIGURES:
            self.value.addItem(figure.name, figure.key)
        self.value.activated.connect(lambda _place: self._on_choice())
        self.across.activated.connect(lambda _place: self._on_axis(self.across, self.up))
        self.up.activated.connect(lambda _place: self._on_axis(self.up, self.across))
        self.reading.chosen.connect(lambda _key: self._on_choice())
        self.others.changed.connect(self._on_choice)
        self.map.opened.connect(self.opened)
        self.map.pointed.connect(self._on_pointed)
        self.map.region_changed.connect(self._on_region_changed)
        self.list.opened.connect(self.opened)
        self.list.chosen.connect(self._on_listed)
        self.parallel.brushes_changed.connect(self._on_brushes_changed)
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
            self._right.addWidget(self._parallel_pane)
            self._tabs.setParent(None)
            self._upper.setSizes([px(900), px(660)])
        else:
            self._tabs.addTab(self.list, "Trials")
            self._tabs.addTab(self._parallel_pane, "Parallel coordinates")
            self._right.addWidget(self._tabs)
        self.list.show()
        self._parallel_pane.show()
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
        def read(runs: Runs) -> Trials:
            return read_trials(runs.records, sweep_id)

        try:
            trials = await self._keeper.ask(read)
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
        is_new = self._trials is None
        has_changed = is_new or _standing(self._trials) != _standing(trials)
        if has_changed:
            self._trials = trials
            self._take(trials, is_new=is_new)
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
            self._offer(trials)
        for place, figure in enumerate(FIGURES):
            self.value.setItemText(place, named(figure.key, trials))
        self.setup.show_trials(trials)
        self._show_plane()
        self._show_lines()
        self._stack.setCurrentWidget(self._whole)
        self._weigh()
        self.renewed.emit()

    def _offer(self, trials: Trials) -> None:
        """Offer the axes of another sweep."""
        params = [axis for axis in trials.axes if axis.name not in BAND_AXES and len(axis.values) > 1]
        axes = params or list(trials.axes)
        names = [axis.name for axis in (*axes, *(axis for axis in trials.axes if axis not in axes))]
        for choice in (self.across, self.up):
            choice.clear()
            choice.addItems(names)
        self.up.setEnabled(len(names) > 1)
        self.across.setCurrentIndex(0)
        self.up.setCurrentIndex(1 if len(names) > 1 else -1)
        self.value.setCurrentIndex(self.value.findData(best_figure(trials)))
        has_band = trials.request.is_band
        self.reading.set_shown(Reading.WORST, has_band)
        self.reading.choose(Reading.MEASURED)
        for chip in self._chips.values():
            chip.deleteLater()
        self._chips = {}

    @property
    def figure(self) -> str:
        """The figure that is told."""
        return str(self.value.currentData())

    def _on_axis(self, changed: QComboBox, other: QComboBox) -> None:
        """Let the axes change places where one is chosen for both."""
        if changed.currentIndex() == other.currentIndex() and other.count() > 1:
            plane = self.map.plane
            assert plane is not None
            before = plane.across.name if changed is self.across else (plane.up and plane.up.name)
            other.setCurrentIndex(other.findText(str(before)))
        self._on_choice()

    def _on_choice(self) -> None:
        self._show_plane()
        self._show_lines()

    def _show_plane(self) -> None:
        trials = self._trials
        if trials is None:
            return
        across, up = self.across.currentText(), self.up.currentText() if self.up.count() > 1 else ""
        self.others.show_axes(
            [axis for axis in trials.axes if axis.name not in (across, up) and len(axis.values) > 1]
        )
        plane = plane_of(
            trials,
            self.figure,
            across,
            up or None,
            fixed=self.others.fixed(),
            reading=Reading(self.reading.value()),
        )
        self.map.show_plane(plane)
        self.legend.renew()
        self._show_list()

    def _show_list(self) -> None:
        trials, plane = self._trials, self.map.plane
        if trials is None or plane is None:
            return
        lone = self.map.marks.lone
        alone = None if lone is None else plane.cells[lone[1]][lone[0]].trial
        inside = {trial.place for trial in self.parallel.inside()} if self.parallel.brushes else None
        listed = [trial for trial in trials.all if inside is None or trial.place in inside]
        axes = [axis.name for axis in trials.axes if len(axis.values) > 1]
        self.list.show_trials(listed, axes, self.figure, alone)
        outside: frozenset[tuple[int, int]] = frozenset()
        if inside is not None:
            outside = frozenset(
                (column, row)
                for row, cells in enumerate(plane.cells)
                for column, cell in enumerate(cells)
                if cell.trial is None or cell.trial.place not in inside
            )
        self.map.show_outside(outside)

    def _show_lines(self) -> None:
        if self._trials is None:
            return
        done, axes = axes_of(self._trials, self.figure)
        self.parallel.show_trials(done, axes)
        self._caption()

    def _caption(self) -> None:
        count, kept = len(self.parallel.inside()), len(self.parallel.brushes)
        total = 0 if self._trials is None else self._trials.count(TrialState.DONE)
        inside = f"{count} of {total} trials inside the brushes" if kept else f"{total} trials"
        inside += f", {MOST_DRAWN} of them drawn; " if (count if kept else total) > MOST_DRAWN else "; "
        self._parallel_title.set_caption(f"{inside}drag on an axis to brush, double click clears")

    def _on_brushes_changed(self) -> None:
        brushes = self.parallel.brushes
        for name in set(self._chips) - set(brushes):
            self._chips.pop(name).deleteLater()
        for name in brushes:
            if name not in self._chips:
                chip = self._chips[name] = Chip(self._theme, "", on=True)
                chip.removed.connect(lambda name=name: self.parallel.set_brush(name, None))
                self._parallel_title.add_control(chip)
            self._chips[name].set_text(self.parallel.brush_words(name))
        self._caption()
        self._show_list()

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
        return finer_grid(self._trials, self.map.plane, region, self.others.fixed())

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


def _standing(trials: Trials | None) -> list[tuple[TrialState, str | None]]:
    return [] if trials is None else [(trial.state, trial.run_id) for trial in trials.all]
