"""The first page of a run: its figures, its charts, and below them its trades and the hours of its gains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QSplitter, QVBoxLayout, QWidget

from tickreel_desktop.backtest.charts import BarChart
from tickreel_desktop.backtest.run.equity_charts import EquityCharts
from tickreel_desktop.backtest.run.figures import FigureStrip, figures_of
from tickreel_desktop.backtest.run.trades_pane import TradesPane
from tickreel_desktop.backtest.runs.words import signed
from tickreel_desktop.components import DockTitle
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from tickreel_desktop.backtest.charts import Span
    from tickreel_desktop.backtest.run.record import RunRecord
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_LOW_PX = 680
"""Below this height trades have their tab alone."""
_NARROW_PX = 760
"""Below this width the bars have their tab alone."""


class Overview(QFrame):
    """Show a run at a glance."""

    def __init__(
        self, theme: Theme, zone: DisplayZone, span: Span, tasks: Tasks, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._theme = theme
        self.figures = FigureStrip(theme)
        self.charts = EquityCharts(theme, zone, span)
        self.trades = TradesPane(theme, zone, span, tasks, brief=True)
        self.hours = BarChart(theme, "PnL by hour of day", "hour", told=signed)
        self._hours_title = DockTitle(theme, "PnL by hour of day")
        self._beside = QFrame()
        set_role(self._beside, Role.PANEL)
        beside = QVBoxLayout(self._beside)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(0)
        beside.addWidget(self._hours_title)
        beside.addWidget(self.hours, 1)
        self._below = QSplitter(Qt.Orientation.Horizontal)
        self._below.setChildrenCollapsible(False)
        self._below.addWidget(self.trades)
        self._below.addWidget(self._beside)
        self._below.setSizes([theme.px(720), theme.px(280)])
        self._below.setStretchFactor(0, 1)
        self._halves = QSplitter(Qt.Orientation.Vertical)
        self._halves.setChildrenCollapsible(False)
        self._halves.addWidget(self.charts)
        self._halves.addWidget(self._below)
        self._halves.setSizes([theme.px(540), theme.px(300)])
        self._halves.setStretchFactor(0, 1)
        line = QFrame()
        set_role(line, Role.LINE)
        line.setFixedHeight(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.figures)
        column.addWidget(line)
        column.addWidget(self._halves, 1)
        for chart in self.charts.charts:
            chart.pointed.connect(self.trades.point_at)

    def show_record(self, record: RunRecord) -> None:
        """Show a run."""
        self.figures.show_figures(figures_of(record))
        self.charts.show_record(record)
        self.trades.show_record(record)
        self._hours_title.set_caption(f"{record.currency}, UTC" if record.currency else "UTC")
        self.hours.set_bars(record.bars.hour)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave what has no room to its tab."""
        super().resizeEvent(event)
        self._below.setVisible(self.height() >= self._theme.px(_LOW_PX))
        self._beside.setVisible(self.width() >= self._theme.px(_NARROW_PX))
