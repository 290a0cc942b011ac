"""What plays on the stage of a replay: its charts get frames and what they ask for, its keys get answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QFileDialog

from tickreel.replay import Views
from tickreel_desktop.replay.charts import ChartVerb
from tickreel_desktop.replay.charttable import TableTwin, rows_of
from tickreel_desktop.replay.exporting import FILTERS, writing_of
from tickreel_desktop.replay.heatmap import HeatmapView

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel.book import CellMeasure, PriceGrid
    from tickreel.replay import Frame, SymbolFrame
    from tickreel_desktop.replay.panels import ReplayChart, ReplayPanels
    from tickreel_desktop.replay.player import Player
    from tickreel_desktop.replay.sharedview import SharedView
    from tickreel_desktop.theme import Theme

_PAST_SHARE = 2
"""How many spans of the past come along where no heatmap says how much it needs."""


@dataclass(frozen=True, slots=True)
class _Heat:
    """What the heatmap asked for last."""

    grid: PriceGrid
    column_us: int
    measure: CellMeasure
    history_us: int


def as_known(frame: Frame) -> Frame:
    """Give a frame with the books and trades that are known, of the symbols of which that lags."""
    return replace(frame, symbols=tuple(map(_symbol_as_known, frame.symbols)))


def _symbol_as_known(symbol: SymbolFrame) -> SymbolFrame:
    known = symbol.known
    return symbol if known is None else replace(symbol, book=known.book, trades=known.trades)


class ReplayStage(QObject):
    """Give frames to the panels of one player at a time, and ask the player for what they show."""

    write_wanted = Signal(object, object)
    """A call that writes a file, for a worker thread, and the path of the file."""
    symbol_changed = Signal()
    """Another of the replay's symbols is shown."""
    symbols_changed = Signal()
    """Others are drawn over it, or one is played no more."""

    def __init__(
        self, theme: Theme, panels: ReplayPanels, shared: SharedView, seek: Callable[[int], object]
    ) -> None:
        super().__init__(panels)
        self._theme = theme
        self._panels = panels
        self._shared = shared
        self._player: Player | None = None
        self._heat: _Heat | None = None
        self.company = panels.company
        """The symbols that are played together."""
        self._shown: tuple[str, str] | None = None
        """Whose charts these are."""
        panels.export_wanted.connect(self.export)
        panels.heatmap.views_wanted.connect(self._on_heat_wanted)
        panels.strips.needs_changed.connect(self._ask)
        self.company.changed.connect(self._on_company_changed)
        panels.strips.seek_requested.connect(seek)
        panels.tape.seek_requested.connect(seek)

    def show_player(self, player: Player) -> None:
        """Show another replay; its first frame brings the charts to life."""
        self._player, self._heat = None, None
        symbols = player.request.plan.symbols
        self._shown = symbols[0]
        self.company.begin(symbols)
        self._panels.show_lag(player.request.plan.latency_us)
        for chart in self._panels.all:
            chart.begin(player.request)
        player.frame_ready.connect(self._on_frame)
        self._player = player
        self._ask()

    def clear(self) -> None:
        """Show nothing."""
        if self._player is not None:
            self._player.frame_ready.disconnect(self._on_frame)
        self._player = self._shown = None
        self.company.begin(())
        for chart in self._panels.all:
            chart.clear()

    @property
    def symbol_index(self) -> int:
        """Which of the replay's symbols is shown."""
        return 0 if self._shown is None else self.company.pairs.index(self._shown)

    @property
    def symbol(self) -> tuple[str, str] | None:
        """Exchange and symbol of what is shown; None without a replay."""
        return None if self._player is None else self._shown

    def show_next_symbol(self) -> None:
        """Show the next of the replay's symbols, after the last one the first."""
        pairs = self.company.pairs
        if self._player is not None:
            self.company.choose(pairs[(self.symbol_index + 1) % len(pairs)])

    def leave_out(self, pair: tuple[str, str]) -> None:
        """Play a symbol no more; the last one stays."""
        if self._player is not None and self.company.has_several and pair in self.company.pairs:
            self._player.leave_out(*pair)
            self.company.leave_out(pair)

    def set_latency(self, latency_us: int) -> None:
        """Let what is known lag by so much."""
        if self._player is not None and latency_us != self._player.request.plan.latency_us:
            self._player.set_latency(latency_us)
            self._panels.show_lag(latency_us)

    def _on_company_changed(self) -> None:
        """Show what the company says.

        The player throws away frames that are under way, so what comes next is a jump, with the past of
        each symbol that is shown.
        """
        if self._player is None:
            return
        before, self._shown = self._shown, self.company.chosen
        if self._shown != before:
            self._heat = None
            self._shared.forget_prices()
            for chart in self._panels.all:
                chart.change_symbol()
        self._ask()
        if self._shown != before:
            self.symbol_changed.emit()
        self.symbols_changed.emit()

    def _on_frame(self, frame: Frame) -> None:
        self._shared.set_now(frame.at_us)
        self.company.take(frame)
        frame = replace(frame, symbols=(frame.symbols[self.symbol_index],))  # the charts are of one
        known = as_known(frame)
        for chart in self._panels.all:
            chart.take(known if chart in self._panels.known else frame)

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
            views = Views(imbalance_levels=levels, loop_history_us=past_us)
        else:
            past_us = heat.history_us
            views = Views({symbol: heat.grid}, heat.column_us, heat.measure, levels, past_us)
        company = self.company
        tells_latency = company.has_several or self._panels.strips.latency.is_shown
        player.show(replace(views, details=company.details(), feed_latency=tells_latency), past_us)

    # What the keys ask for

    def obstacle(self, verb: ChartVerb) -> str:
        """Say why something cannot be done now and what would help; empty when it can."""
        if verb is ChartVerb.CROSSING and self._panels.strips.threshold is None:
            return "Set a threshold first: double-click the spread"
        return ""

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

    def export(self, chart: ReplayChart | None = None) -> None:
        """Ask where to, and write a chart, the focused one unless another is named."""
        chosen = self._focused() if chart is None else chart
        title = f"Export {chosen.accessibleName().lower()}"
        dialog = QFileDialog(self._panels.window(), title, "", FILTERS)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.filterSelected.connect(lambda shown: dialog.setDefaultSuffix(shown[-4:-1]))
        dialog.fileSelected.connect(lambda name: self.write(chosen, Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def write(self, chart: ReplayChart, path: Path) -> None:
        """Have a chart written in the form that the name of the file tells."""
        write = writing_of(chart, path, self._theme.colour("plot"))
        if write is not None:
            self.write_wanted.emit(write, path)

    def _focused(self) -> ReplayChart:
        """Give the chart that has the keyboard, else the heatmap."""
        focus = QApplication.focusWidget()
        for chart in self._panels.all:
            if focus is not None and (chart is focus or chart.isAncestorOf(focus)):
                return chart
        return self._panels.heatmap
