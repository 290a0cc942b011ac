"""What plays on the stage of a replay: its charts get frames and what they ask for, its keys get answers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QFileDialog

from tickreel.errors import EnvironmentProblem
from tickreel.replay import Views
from tickreel_desktop.replay.chart import Chart
from tickreel_desktop.replay.charts import ChartVerb
from tickreel_desktop.replay.charttable import TableTwin, rows_of
from tickreel_desktop.replay.heatmap import HeatmapView

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QImage

    from tickreel.book import CellMeasure, PriceGrid
    from tickreel.replay import Frame
    from tickreel_desktop.replay.panels import ReplayChart, ReplayPanels
    from tickreel_desktop.replay.player import Player
    from tickreel_desktop.replay.sharedview import SharedView
    from tickreel_desktop.theme import Theme

_PAST_SHARE = 2
"""How many spans of the past come along where no heatmap says how much it needs."""
_FILTERS = "Figures (*.csv);;Picture (*.png)"


@dataclass(frozen=True, slots=True)
class _Heat:
    """What the heatmap asked for last."""

    grid: PriceGrid
    column_us: int
    measure: CellMeasure
    history_us: int


class ReplayStage(QObject):
    """Give frames to the panels of one player at a time, and ask the player for what they show."""

    write_wanted = Signal(object, object)
    """A call that writes a file, for a worker thread, and the path of the file."""
    symbol_changed = Signal()
    """Another of the replay's symbols is shown."""

    def __init__(
        self, theme: Theme, panels: ReplayPanels, shared: SharedView, seek: Callable[[int], object]
    ) -> None:
        super().__init__(panels)
        self._theme = theme
        self._panels = panels
        self._shared = shared
        self._seek = seek
        self._player: Player | None = None
        self._heat: _Heat | None = None
        self._index = 0
        panels.heatmap.views_wanted.connect(self._on_heat_wanted)
        panels.strips.needs_changed.connect(self._ask)
        panels.strips.seek_requested.connect(seek)
        panels.tape.seek_requested.connect(seek)

    def show_player(self, player: Player) -> None:
        """Show another replay; its first frame brings the charts to life."""
        self._player, self._heat, self._index = player, None, 0
        for chart in self._panels.all:
            chart.set_symbol(0)
            chart.begin(player.request)
        player.frame_ready.connect(self._on_frame)
        self._ask()

    def clear(self) -> None:
        """Show nothing."""
        if self._player is not None:
            self._player.frame_ready.disconnect(self._on_frame)
        self._player = None
        for chart in self._panels.all:
            chart.clear()

    @property
    def symbol_index(self) -> int:
        """Which of the replay's symbols is shown."""
        return self._index

    @property
    def symbol(self) -> tuple[str, str] | None:
        """Exchange and symbol of what is shown; None without a replay."""
        return None if self._player is None else self._player.request.plan.symbols[self._index]

    def show_symbol(self, index: int) -> None:
        """Show another of the replay's symbols, by its place in the plan.

        The player throws away frames that are under way, so what comes next is a jump, with the past of
        this symbol.
        """
        if self._player is None or index == self._index:
            return
        self._index, self._heat = index, None
        self._shared.forget_prices()
        for chart in self._panels.all:
            chart.set_symbol(index)
        self._ask()
        self.symbol_changed.emit()

    def show_next_symbol(self) -> None:
        """Show the next of the replay's symbols, after the last one the first."""
        if self._player is not None:
            self.show_symbol((self._index + 1) % len(self._player.request.plan.symbols))

    def _on_frame(self, frame: Frame) -> None:
        self._shared.set_now(frame.at_us)
        for chart in self._panels.all:
            chart.take(frame)

    def _on_heat_wanted(self, grid: PriceGrid, column_us: int, measure: CellMeasure, history_us: int) -> None:
        self._heat = _Heat(grid, column_us, measure, history_us)
        self._ask()

    def _ask(self) -> None:
        """Ask the player for what all charts need together."""
        player, heat, symbol = self._player, self._heat, self.symbol
        if player is None or symbol is None:
            return
        levels = self._panels.strips.imbalance_levels
        if heat is None:
            past_us = _PAST_SHARE * self._shared.width_us
            player.show(Views(imbalance_levels=levels, loop_history_us=past_us), past_us)
            return
        views = Views({symbol: heat.grid}, heat.column_us, heat.measure, levels, heat.history_us)
        player.show(views, heat.history_us)

    # What the keys ask for

    def obstacle(self, verb: ChartVerb) -> str:
        """Say why something cannot be done now and what would help; empty when it can."""
        if verb is ChartVerb.CROSSING and self._panels.strips.threshold is None:
            return "Set a threshold first: double-click the spread"
        return ""

    def go_to_crossing(self, direction: int) -> None:
        """Go to the next crossing of the threshold (1), or the one before (-1)."""
        at_us = self._panels.strips.next_crossing(direction)
        if at_us is not None:
            self._seek(at_us)

    @property
    def is_measuring(self) -> bool:
        """Whether a drag in the heatmap measures."""
        return self._panels.heatmap.is_measuring

    def measure(self) -> None:
        """Measure in the heatmap, or no more."""
        self._panels.heatmap.measure()

    def show_table(self) -> None:
        """Show the figures of the focused chart as a table."""
        chart = self._focused()
        model = chart.table_model() if isinstance(chart, HeatmapView) else rows_of(chart.table())
        TableTwin(self._theme, chart.accessibleName(), model, self._panels.window()).show()

    def export(self) -> None:
        """Ask where to, and write the focused chart as figures or as a picture."""
        chart = self._focused()
        drawing = ";;Drawing (*.svg)" if isinstance(chart, Chart) else ""
        title = f"Export {chart.accessibleName().lower()}"
        dialog = QFileDialog(self._panels.window(), title, "", f"{_FILTERS}{drawing}")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.fileSelected.connect(lambda name: self.write(chart, Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def write(self, chart: ReplayChart, path: Path) -> None:
        """Have a chart written in the form that the name of the file tells: CSV unless PNG or SVG."""
        match path.suffix.lower():
            case ".png":
                picture = (chart.picture() if isinstance(chart, Chart) else chart.grab()).toImage()
                self.write_wanted.emit(lambda: _save(picture, path), path)
            case ".svg" if isinstance(chart, Chart):
                drawn = chart.svg()
                self.write_wanted.emit(lambda: path.write_bytes(drawn), path)
            case _ if isinstance(chart, HeatmapView):
                cells = chart.visible_cells()
                if cells is not None:
                    self.write_wanted.emit(lambda: cells.write_csv(path), path)
            case _:
                table = chart.table()
                self.write_wanted.emit(lambda: table.write(path), path)

    def _focused(self) -> ReplayChart:
        """Give the chart that has the keyboard, else the heatmap."""
        focus = QApplication.focusWidget()
        for chart in self._panels.all:
            if focus is not None and (chart is focus or chart.isAncestorOf(focus)):
                return chart
        return self._panels.heatmap


def _save(picture: QImage, path: Path) -> None:
    if not picture.save(str(path)):
        raise EnvironmentProblem(f"{path}: the picture cannot be written there")
