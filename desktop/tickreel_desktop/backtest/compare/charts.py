"""Equity and drawdown of several runs over one span, and how far the first two are apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from tickreel_desktop.backtest.charts import ChartHead, Key, Mark, TimeChart
from tickreel_desktop.backtest.compare.drawn import look_of
from tickreel_desktop.backtest.compare.words import letter
from tickreel_desktop.backtest.runs.words import signed, unsigned
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from tickreel_desktop.backtest.charts import Span
    from tickreel_desktop.backtest.compare.record import Compared
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_STRETCHES = (250, 84, 84)
_MOST_ENDS = 3


class CompareCharts(QFrame):
    """Show runs over each other."""

    def __init__(self, theme: Theme, zone: DisplayZone, span: Span, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self.equity_head = ChartHead(theme, "Equity")
        self.difference_head = ChartHead(theme, "Difference A minus B")
        self.drawdown_head = ChartHead(theme, "Drawdown")
        self.equity = TimeChart(theme, zone, "Equity of the runs", span, told=lambda value: signed(value))
        self.equity.shows_read_out = True
        self.difference = TimeChart(
            theme, zone, "Difference A minus B", span, told=lambda value: signed(value)
        )
        self.drawdown = TimeChart(
            theme,
            zone,
            "Drawdown of the runs",
            span,
            told=lambda value: unsigned(value),
            has_times=True,
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        heads = (self.equity_head, self.difference_head, self.drawdown_head)
        for head, chart, stretch in zip(heads, self.charts, _STRETCHES, strict=True):
            column.addWidget(head)
            column.addWidget(chart, stretch)

    @property
    def charts(self) -> tuple[TimeChart, TimeChart, TimeChart]:
        """The three charts, from the top."""
        return self.equity, self.difference, self.drawdown

    def show_compared(self, compared: Compared) -> None:
        """Show runs."""
        runs = compared.runs
        gaps = list(dict.fromkeys(gap for one in runs for gap in one.gaps))
        for chart in self.charts:
            chart.set_gaps(gaps if chart is self.equity else [])
        unit = unit_of(compared)
        self._draw_equity(compared, unit)
        self._draw_difference(compared, unit)
        self._draw_drawdown(compared)
        first = compared.divergence
        self.equity.set_marks([] if first is None else [Mark(first.time_us, None, "first divergence")])

    def _draw_equity(self, compared: Compared, unit: str) -> None:
        drawn = compared.drawn
        bands = [each.band for each in drawn if each.band is not None]
        self.equity.set_layers([*bands, *(each.equity for each in reversed(drawn))])
        ends = [(each.end, f"{letter(each.number)} {signed(each.end)}") for each in drawn]
        self.equity.set_ends(ends if len(ends) <= _MOST_ENDS else [])
        words = "bands show the latency and queue models of each" if bands else "net of fees"
        self.equity_head.set_caption(f"{unit}, {words}" if unit else words)
        self.equity_head.set_keys([Key(letter(each.number), look_of(each.number)) for each in drawn])

    def _draw_difference(self, compared: Compared, unit: str) -> None:
        for part in (self.difference_head, self.difference):
            part.setVisible(compared.apart is not None)
        self.difference.set_layers([] if compared.apart is None else [compared.apart])
        self.difference_head.set_caption(unit)

    def _draw_drawdown(self, compared: Compared) -> None:
        has_capital = all(card.capital is not None for card in compared.cards)
        self.drawdown_head.set_caption("% of capital and height before" if has_capital else unit_of(compared))
        self.drawdown.set_layers([each.drawdown for each in reversed(compared.drawn)])


def unit_of(compared: Compared) -> str:
    """Name the currencies of runs."""
    return " and ".join(sorted({one.currency for one in compared.runs if one.currency}))
