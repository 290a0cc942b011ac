"""What a strategy recorded under a name, over the same span and cursor as its equity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtWidgets import QComboBox, QFrame, QStackedWidget, QVBoxLayout, QWidget

from tickreel.market.units import format_full
from tickreel_desktop.backtest.asker import Asker
from tickreel_desktop.backtest.charts import ChartHead, Line, Look, TimeChart
from tickreel_desktop.backtest.charts.trace import Trace
from tickreel_desktop.backtest.runs.words import unsigned
from tickreel_desktop.components import EmptyState
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from tickreel.backtest.runs.service import Runs
    from tickreel_desktop.backtest.charts import Span
    from tickreel_desktop.backtest.keeper import RunsKeeper
    from tickreel_desktop.backtest.run.record import RunRecord
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

LOOK = Look("accent")


class SeriesPage(QFrame):
    """Show one of the series of a run; it is read when it is chosen."""

    def __init__(
        self,
        theme: Theme,
        zone: DisplayZone,
        span: Span,
        keeper: RunsKeeper,
        tasks: Tasks,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._asker = Asker(keeper, tasks)
        self._run_id = ""
        self.head = ChartHead(theme, "Series")
        self.choice = QComboBox()
        for each in (self.choice, self.choice.view()):
            each.setAccessibleName("Series that is shown")
        self.choice.currentIndexChanged.connect(lambda _index: self._read())
        self.head.add_control(self.choice)
        self.chart = TimeChart(
            theme, zone, "Series", span, told=lambda value: unsigned(value, 4), has_times=True
        )
        self.chart.shows_read_out = True
        self._none = EmptyState(
            theme,
            "list-bullets",
            "Nothing was recorded",
            "A strategy keeps a series by ctx.record(name, value); each is shown here.",
        )
        shown = QWidget()
        inside = QVBoxLayout(shown)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        inside.addWidget(self.head)
        inside.addWidget(self.chart, 1)
        self._pages = QStackedWidget()
        self._pages.addWidget(shown)
        self._pages.addWidget(self._none)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._pages)

    def show_record(self, record: RunRecord) -> None:
        """Offer the series of a run."""
        self._run_id = record.card.id
        names = list(record.card.series)
        self.choice.blockSignals(True)
        self.choice.clear()
        self.choice.addItems(names)
        self.choice.blockSignals(False)
        self.chart.clear()
        self._pages.setCurrentIndex(0 if names else 1)
        self._read()

    def _read(self) -> None:
        name, run_id = self.choice.currentText(), self._run_id
        self._asker.drop()
        if not name:
            return
        self.head.set_caption(f"{name}: reading...")

        def read(runs: Runs) -> Trace:
            frame = runs.run(run_id).series(name)
            return Trace.of(frame["time_us"].to_numpy(np.int64), frame["value"].to_numpy(np.float64))

        self._asker.ask(read, lambda found: self._show(name, found), self.head.set_caption)

    def _show(self, name: str, trace: Trace) -> None:
        self.head.set_caption(f"{name}, {format_full(len(trace.values))} values")
        self.chart.set_layers([Line(name, trace, LOOK)], with_zero=False)
