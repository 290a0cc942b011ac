"""Equity and drawdown of several runs over one span, and how far the first two are apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from tickreel_desktop.backtest.charts import Area, Band, ChartHead, Key, Line, Look, Mark, TimeChart
from tickreel_desktop.backtest.charts.trace import parted
from tickreel_desktop.backtest.compare.record import difference
from tickreel_desktop.backtest.compare.words import letter
from tickreel_desktop.backtest.runs.words import signed, unsigned
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tickreel_desktop.backtest.charts import Layer, Span
    from tickreel_desktop.backtest.compare.record import Compared
    from tickreel_desktop.backtest.run.record import RunCurves
    from tickreel_desktop.theme import ColourName, Theme
    from tickreel_desktop.zone import DisplayZone

_COLOURS: tuple[ColourName, ...] = ("accent", "series_2", "series_3", "bid", "ask", "note")
_DIFFERENCE = Look("text")
_STRETCHES = (250, 84, 84)
_MOST_ENDS = 3


def look_of(number: int) -> Look:
    """Give how the run at a place is drawn: no two alike, also without colours of their own."""
    colour = _COLOURS[number % len(_COLOURS)]
    return Look(colour, is_dashed=(number + number // len(_COLOURS)) % 2 == 1, width=2)


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
        drawn = [(number, one) for number, one in enumerate(runs) if one.curves is not None]
        gaps = list(dict.fromkeys(gap for one in runs for gap in one.gaps))
        for chart in self.charts:
            chart.set_gaps(gaps if chart is self.equity else [])
        currencies = sorted({one.currency for one in runs if one.currency})
        unit = " and ".join(currencies)
        self._draw_equity(drawn, unit, has_bands=any(one.band is not None for one in runs))
        self._draw_difference(compared, unit)
        self._draw_drawdown(drawn)
        first = compared.divergence
        self.equity.set_marks([] if first is None else [Mark(first.time_us, None, "first divergence")])

    def _draw_equity(self, drawn: list[tuple[int, RunCurves]], unit: str, *, has_bands: bool) -> None:
        layers: list[Layer] = []
        for number, one in drawn:
            if one.band is not None:
                at_us, least = _parted(one, one.band.least)
                _, most = _parted(one, one.band.most)
                layers.append(Band(f"{letter(number)} band", at_us, least, look_of(number), high=most))
        for number, one in reversed(drawn):
            layers.append(Line(letter(number), *_parted(one, one.equity()), look_of(number)))
        self.equity.set_layers(layers)
        ends = []
        if len(drawn) <= _MOST_ENDS:
            for number, one in drawn:
                value = float(one.equity()[-1])
                ends.append((value, f"{letter(number)} {signed(value)}"))
        self.equity.set_ends(ends)
        bands = "bands show the latency and queue models of each" if has_bands else "net of fees"
        self.equity_head.set_caption(f"{unit}, {bands}" if unit else bands)
        self.equity_head.set_keys([Key(letter(number), look_of(number)) for number, _ in drawn])

    def _draw_difference(self, compared: Compared, unit: str) -> None:
        is_pair = len(compared.runs) == 2 and all(one.curves is not None for one in compared.runs)
        for part in (self.difference_head, self.difference):
            part.setVisible(is_pair)
        if is_pair:
            at_us, apart = difference(*compared.runs)
            self.difference.set_layers([Area("A minus B", at_us, apart, _DIFFERENCE)])
            self.difference_head.set_caption(unit)
        else:
            self.difference.clear()

    def _draw_drawdown(self, drawn: list[tuple[int, RunCurves]]) -> None:
        has_capital = all(one.card.capital is not None for _, one in drawn)
        factor = 100.0 if has_capital else 1.0
        self.drawdown_head.set_caption("% of capital and height before" if has_capital else "")
        self.drawdown.set_layers(
            [
                Line(letter(number), *_parted(one, factor * one.drawdown()), look_of(number))
                for number, one in reversed(drawn)
            ]
        )


def _parted(one: RunCurves, values: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    assert one.curves is not None
    return parted(one.curves.at_us, values, [(gap.from_us, gap.to_us) for gap in one.gaps])
