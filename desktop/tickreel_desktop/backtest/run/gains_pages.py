"""Pages of bars: profit and loss by day, hour and symbol; how gains, returns and waits are distributed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from tickreel.market.units import format_duration_s, format_full
from tickreel_desktop.backtest.charts import BarChart, ChartHead
from tickreel_desktop.backtest.runs.words import signed, unsigned
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tickreel_desktop.backtest.charts import Bar
    from tickreel_desktop.backtest.run.record import RunRecord
    from tickreel_desktop.theme import Theme


class _Bars(QFrame):
    """Charts of bars below each other, each with its head; one without bars is left out."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._theme = theme
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def _add(self, title: str, column: str, told: Callable[[float], str]) -> tuple[ChartHead, BarChart]:
        head, chart = ChartHead(self._theme, title), BarChart(self._theme, title, column, told=told)
        self._column.addWidget(head)
        self._column.addWidget(chart, 1)
        return head, chart


def _show(parts: tuple[ChartHead, BarChart], bars: Sequence[Bar], caption: str) -> None:
    head, chart = parts
    head.set_caption(caption)
    chart.set_bars(bars)
    for part in parts:
        part.setVisible(bool(bars))


class PnlBy(_Bars):
    """Profit and loss by day, by hour of the day and by symbol; all days are UTC days."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.day = self._add("PnL by day", "day", signed)
        self.hour = self._add("PnL by hour of day", "hour", signed)
        self.symbol = self._add("PnL by symbol", "symbol", signed)

    def show_record(self, record: RunRecord) -> None:
        """Show a run."""
        unit = f"{record.currency}, " if record.currency else ""
        _show(self.day, record.bars.day, f"{unit}UTC")
        _show(self.hour, record.bars.hour, f"{unit}UTC")
        _show(self.symbol, record.bars.symbol, record.currency)


class Distribution(_Bars):
    """How often gains and returns were how large, and what the market did after fills."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.gain = self._add("Gain of closing trades", "gain", lambda value: format_full(round(value)))
        self.returned = self._add("Returns", "return", lambda value: format_full(round(value)))
        self.adverse = self._add("Adverse selection", "after a fill", lambda value: f"{unsigned(value)} bp")

    def show_record(self, record: RunRecord) -> None:
        """Show a run."""
        bars = record.bars
        unit = f" in {record.currency}" if record.currency else ""
        count = format_full(bars.gains)
        _show(self.gain, bars.gain, f"number of trades by gain{unit} before fees, {count} trades")
        period = format_duration_s(record.card.metrics.get("period_s") or 0)
        _show(self.returned, bars.returned, f"number of periods by return in %, periods of {period}")
        words = "bp by which the mid went against fills; above 0 they were worth less"
        _show(self.adverse, bars.adverse, words)
