"""The map of a sweep with what chooses its figure, its axes and its reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFrame, QVBoxLayout, QWidget

from tickreel.backtest.sweeps.plane import Reading
from tickreel.backtest.sweeps.trials import BAND_AXES
from tickreel_desktop.backtest.sweep.figures import FIGURES, best_figure, named
from tickreel_desktop.backtest.sweep.laid_out import Choice
from tickreel_desktop.backtest.sweep.legend import MapLegend
from tickreel_desktop.backtest.sweep.map_view import SweepMap
from tickreel_desktop.backtest.sweep.other_axes import OtherAxes
from tickreel_desktop.components import FlowLayout, Segment, Segments, label
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from tickreel.backtest.sweeps.plane import Plane
    from tickreel.backtest.sweeps.trials import Trials
    from tickreel_desktop.theme import Theme

_READINGS = (
    Segment(Reading.MEASURED, "Measured"),
    Segment(Reading.WORST, "Worst of band"),
    Segment(Reading.NEIGHBOURS, "Neighbour median"),
)


class MapPane(QFrame):
    """Show one plane of the trials; who lays them out is told when another is wanted."""

    changed = Signal()
    """Another figure, axis, value or reading is chosen."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._trials: Trials | None = None
        self.map = SweepMap(theme)
        self.legend = MapLegend(theme, self.map)
        self.others = OtherAxes(theme)
        self.value, self.across, self.up = QComboBox(), QComboBox(), QComboBox()
        self.reading = Segments(theme, "Reading", _READINGS)
        bar = QFrame()
        set_role(bar, Role.BAR)
        # In as many lines as it takes: the map may be narrow.
        row = FlowLayout(bar, theme.px(7), theme.px(8))
        for word, choice, name, least_px in (
            ("Value", self.value, "Figure of the map", 120),
            ("Across", self.across, "Across of the map", 120),
            ("Up", self.up, "Up of the map", 100),
        ):
            choice.setAccessibleName(name)
            choice.view().setAccessibleName(name)
            choice.setMinimumWidth(theme.px(least_px))
            choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            row.addWidget(label(word, Role.SECONDARY))
            row.addWidget(choice)
        row.addWidget(self.reading)
        row.addWidget(self.legend)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self.others)
        column.addWidget(self.map, 1)
        for figure in FIGURES:
            self.value.addItem(figure.name, figure.key)
        self.value.activated.connect(lambda _place: self.changed.emit())
        self.across.activated.connect(lambda _place: self._on_axis(self.across, self.up))
        self.up.activated.connect(lambda _place: self._on_axis(self.up, self.across))
        self.reading.chosen.connect(lambda _key: self.changed.emit())
        self.others.changed.connect(self.changed)

    @property
    def figure(self) -> str:
        """The figure that is told."""
        return str(self.value.currentData())

    def offer(self, trials: Trials) -> None:
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
        self.reading.set_shown(Reading.WORST, trials.request.is_band)
        self.reading.choose(Reading.MEASURED)

    def show_trials(self, trials: Trials) -> None:
        """Name the figures by what these trials rest on."""
        self._trials = trials
        for place, figure in enumerate(FIGURES):
            self.value.setItemText(place, named(figure.key, trials))

    def choice(self) -> Choice:
        """Give what is to be told; there must be trials."""
        assert self._trials is not None
        across, up = self.across.currentText(), self.up.currentText() if self.up.count() > 1 else ""
        self.others.show_axes(
            [axis for axis in self._trials.axes if axis.name not in (across, up) and len(axis.values) > 1]
        )
        return Choice(self.figure, across, up or None, self.others.fixed(), Reading(self.reading.value()))

    def show_plane(self, plane: Plane) -> None:
        """Show what was told."""
        self.map.show_plane(plane)
        self.legend.renew()

    def _on_axis(self, changed: QComboBox, other: QComboBox) -> None:
        """Let the axes change places where one is chosen for both."""
        plane = self.map.plane
        if plane is not None and changed.currentIndex() == other.currentIndex() and other.count() > 1:
            before = plane.across.name if changed is self.across else (plane.up and plane.up.name)
            other.setCurrentIndex(other.findText(str(before)))
        self.changed.emit()
