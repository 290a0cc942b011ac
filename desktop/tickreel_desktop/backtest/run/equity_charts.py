"""Equity with its band, drawdown and position of a run below each other, over one span and one cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtWidgets import QComboBox, QFrame, QVBoxLayout, QWidget

from tickreel_desktop.backtest.charts import Area, Band, ChartHead, Key, Line, Look, Mark, Steps, TimeChart
from tickreel_desktop.backtest.charts.trace import parted
from tickreel_desktop.backtest.runs.words import signed, signed_percent, unsigned
from tickreel_desktop.theme import Role, set_role
from tickreel_desktop.zone.times import day_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tickreel_desktop.backtest.charts import Layer, Span
    from tickreel_desktop.backtest.run.record import RunRecord
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

EQUITY = Look("accent", width=2)
BAND = Look("accent")
NO_FEES = Look("text_2", is_dashed=True)
DRAWDOWN = Look("text_2")
POSITION = Look("bid", below="ask")
_STRETCHES = (290, 96, 76)
"""Heights of the plots beside each other, as designed."""


class EquityCharts(QFrame):
    """Show a run over its range."""

    def __init__(self, theme: Theme, zone: DisplayZone, span: Span, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._theme = theme
        self._zone = zone
        self._span = span
        self._record: RunRecord | None = None
        self.equity = TimeChart(theme, zone, "Equity", span, told=lambda value: signed(value))
        self.equity.shows_read_out = True
        self.drawdown = TimeChart(theme, zone, "Drawdown", span, told=lambda value: unsigned(value))
        self.position = TimeChart(
            theme, zone, "Position", span, told=lambda value: unsigned(value, 3), has_times=True
        )
        self.equity_head = ChartHead(theme, "Equity")
        self.drawdown_head = ChartHead(theme, "Drawdown")
        self.position_head = ChartHead(theme, "Position")
        self.instrument = QComboBox()
        self.instrument.setAccessibleName("Symbol of the charts")
        self.instrument.currentIndexChanged.connect(lambda _index: self._draw())
        self.equity_head.add_control(self.instrument)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for head, chart, stretch in zip(
            (self.equity_head, self.drawdown_head, self.position_head), self.charts, _STRETCHES, strict=True
        ):
            column.addWidget(head)
            column.addWidget(chart, stretch)

    @property
    def charts(self) -> tuple[TimeChart, TimeChart, TimeChart]:
        """The three charts, from the top."""
        return self.equity, self.drawdown, self.position

    def show_record(self, record: RunRecord) -> None:
        """Show a run; what is chosen of its symbols begins with all of them."""
        self._record = record
        curves = record.curves
        names = () if curves is None else curves.names
        self.instrument.blockSignals(True)
        self.instrument.clear()
        if record.adds_up:
            self.instrument.addItem("All symbols", None)
        for number, name in enumerate(names):
            self.instrument.addItem(name.replace(":", " "), number)
        self.instrument.blockSignals(False)
        self.instrument.setVisible(len(names) > 1)
        self._draw()

    def clear(self) -> None:
        """Show nothing."""
        self._record = None
        for chart in self.charts:
            chart.clear()

    def _draw(self) -> None:
        record = self._record
        if record is None or record.curves is None:
            for chart in self.charts:
                chart.clear()
            return
        chosen: int | None = self.instrument.currentData()
        if chosen is None and len(record.curves.names) == 1:
            chosen = 0
        for chart in self.charts:
            chart.set_gaps(record.gaps if chart is self.equity else [])
        self._draw_equity(record, chosen)
        self._draw_drawdown(record, chosen)
        self._draw_position(record, chosen)

    def _parted(
        self, record: RunRecord, values: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        assert record.curves is not None
        return parted(record.curves.at_us, values, [(gap.from_us, gap.to_us) for gap in record.gaps])

    def _draw_equity(self, record: RunRecord, chosen: int | None) -> None:
        curves, currency = record.curves, self._currency(record, chosen)
        assert curves is not None
        equity = record.equity(chosen)
        is_whole = chosen is None or len(curves.names) == 1
        layers: list[Layer] = []
        keys = [Key("as configured", EQUITY)]
        ends = [(float(equity[-1]), signed(float(equity[-1]), _places(equity)))]
        band = record.band if is_whole else None
        if band is not None:
            at_us, least = self._parted(record, band.least)
            _, most = self._parted(record, band.most)
            layers.append(Band("Band", at_us, least, BAND, high=most))
            keys.append(Key(f"{band.runs} latency and queue models, min to max", BAND, is_band=True))
            for value, word in ((band.most[-1], "best"), (band.least[-1], "worst")):
                ends.append((float(value), f"{signed(float(value), _places(equity))} {word}"))
        layers.append(Line("No fees", *self._parted(record, equity + record.fees(chosen)), NO_FEES))
        layers.append(Line("Equity", *self._parted(record, equity), EQUITY))
        keys.append(Key("no fees", NO_FEES))
        self.equity_head.set_caption(f"net of fees, marked at mid{f', {currency}' if currency else ''}")
        self.equity_head.set_keys(keys)
        self.equity.set_layers(layers)
        self.equity.set_ends(ends)

    def _draw_drawdown(self, record: RunRecord, chosen: int | None) -> None:
        curves = record.curves
        assert curves is not None
        falls = record.drawdown(chosen)
        has_capital = record.card.capital is not None
        if has_capital:
            falls = 100 * falls
        currency = self._currency(record, chosen)
        self.drawdown_head.set_caption("% of capital and height before" if has_capital else currency)
        self.drawdown.set_layers([Area("Drawdown", *self._parted(record, falls), DRAWDOWN)])
        worst = int(
            np.argmin(record.equity(chosen) - np.maximum.accumulate(np.maximum(record.equity(chosen), 0)))
        )
        marks = []
        if falls[worst] < 0:
            value = signed_percent(float(falls[worst]) / 100) if has_capital else signed(float(falls[worst]))
            day = day_text(self._zone.zone.day_of(int(curves.at_us[worst])))
            marks.append(Mark(int(curves.at_us[worst]), float(falls[worst]), f"{value} on {day}"))
        self.drawdown.set_marks(marks)

    def _draw_position(self, record: RunRecord, chosen: int | None) -> None:
        curves = record.curves
        assert curves is not None
        if chosen is not None:
            values = np.ascontiguousarray(curves.position[:, chosen])
            caption = str(record.card.instruments[chosen]["symbol"])
        else:
            values, caption = _worth(record), f"value at mid, {record.currency}"
        self.position_head.set_caption(caption)
        self.position.set_layers([Steps("Position", *self._parted(record, values), POSITION)])

    def _currency(self, record: RunRecord, chosen: int | None) -> str:
        if chosen is None:
            return record.currency
        return str(record.card.instruments[chosen].get("currency") or "")


def _worth(record: RunRecord) -> NDArray[np.float64]:
    """Give what the positions of all instruments are worth together, (n,)."""
    curves = record.curves
    assert curves is not None
    worth = np.zeros(len(curves.at_us))
    for number, fact in enumerate(record.card.instruments):
        position, mid = curves.position[:, number] * fact["multiplier"], curves.mid[:, number]
        worth += np.nan_to_num(position / mid if fact["inverse"] else position * mid)
    return worth


def _places(values: NDArray[np.float64]) -> int:
    return 0 if float(np.abs(values).max(initial=0.0)) >= 1000 else 2
