"""Pages of bars: profit and loss by day, hour and symbol; how gains, returns and waits are distributed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from tickreel.backtest.metrics.returns import at_period_ends, period_returns
from tickreel.market.units import format_duration_s, format_full
from tickreel_desktop.backtest.charts import Bar, BarChart, ChartHead
from tickreel_desktop.backtest.run.figures import by_day, by_hour, by_symbol, distribution
from tickreel_desktop.backtest.runs.words import signed, unsigned
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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
        curves = record.curves
        if curves is None or not record.adds_up:
            for parts in (self.day, self.hour):
                _show(parts, [], "")
        else:
            _show(self.day, by_day(record, record.equity()), f"{unit}UTC")
            _show(self.hour, by_hour(record, record.equity()), f"{unit}UTC")
        bars = by_symbol(record) if curves is not None else []
        _show(self.symbol, bars, record.currency)


class Distribution(_Bars):
    """How often gains and returns were how large, and what the market did after fills."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.gain = self._add("Gain of closing trades", "gain", lambda value: format_full(round(value)))
        self.returned = self._add("Returns", "return", lambda value: format_full(round(value)))
        self.adverse = self._add("Adverse selection", "after a fill", lambda value: f"{unsigned(value)} bp")

    def show_record(self, record: RunRecord) -> None:
        """Show a run."""
        fills, card = record.fills, record.card
        gains = np.empty(0) if fills is None else fills.gain[np.isfinite(fills.gain)]
        unit = f" in {record.currency}" if record.currency else ""
        count = format_full(len(gains))
        _show(self.gain, distribution(gains), f"number of trades by gain{unit} before fees, {count} trades")
        period_s = card.metrics.get("period_s")
        returns = self._returns(record, period_s) if period_s else np.empty(0)
        words = f"number of periods by return in %, periods of {format_duration_s(period_s or 0)}"
        _show(self.returned, distribution(100 * returns), words)
        bars = [
            Bar(
                f"{format_duration_s(each['horizon_us'] / 1e6)}"
                + (f" {one['symbol']}" if len(card.instruments) > 1 else ""),
                float(each["adverse_bps"]),
                f"{one['exchange']}:{one['symbol']}, {format_duration_s(each['horizon_us'] / 1e6)} after",
            )
            for one in card.metrics.get("instruments", ())
            for each in one["adverse_selection"]
            if each["adverse_bps"] is not None
        ]
        _show(self.adverse, bars, "bp by which the mid went against fills; above 0 they were worth less")

    @staticmethod
    def _returns(record: RunRecord, period_s: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        card, curves = record.card, record.curves
        if card.capital is None or curves is None or not record.adds_up:
            return np.empty(0)
        end_us = max(card.from_us, card.reached_us or card.to_us)
        values = at_period_ends(curves.at_us, record.equity(), card.from_us, end_us, period_s * 1_000_000)
        returns = period_returns(card.capital + values)
        return np.empty(0) if returns is None else np.asarray(returns, np.float64)
