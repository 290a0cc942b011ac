"""Equity with its band, drawdown and position of a run below each other, over one span and one cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QFrame, QVBoxLayout, QWidget

from tickreel_desktop.backtest.charts import ChartHead, Key, Mark, TimeChart
from tickreel_desktop.backtest.run.drawn import BAND, EQUITY, NO_FEES
from tickreel_desktop.backtest.runs.words import signed, signed_percent, unsigned
from tickreel_desktop.theme import Role, set_role
from tickreel_desktop.zone.times import day_text

if TYPE_CHECKING:
    from tickreel_desktop.backtest.charts import Span
    from tickreel_desktop.backtest.run.drawn import DrawnRun
    from tickreel_desktop.backtest.run.record import RunRecord
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

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
        for each in (self.instrument, self.instrument.view()):
            each.setAccessibleName("Symbol of the charts")
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
        if None in record.drawn:
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
        chosen: int | None = self.instrument.currentData()
        drawn = None if record is None else record.drawn.get(chosen)
        if record is None or drawn is None:
            for chart in self.charts:
                chart.clear()
            return
        self.equity.set_gaps(record.gaps)
        self.equity.set_layers(drawn.equity)
        self.equity.set_ends(drawn.ends)
        self.drawdown.set_layers([drawn.drawdown])
        self.drawdown.set_marks(self._worst(record, drawn))
        self.position.set_layers([drawn.position])
        self._title(record, drawn, chosen)

    def _title(self, record: RunRecord, drawn: DrawnRun, chosen: int | None) -> None:
        currency = self._currency(record, chosen)
        keys = [Key("as configured", EQUITY)]
        if drawn.has_band and record.band is not None:
            words = f"{record.band.runs} latency and queue models, min to max"
            keys.append(Key(words, BAND, is_band=True))
        keys.append(Key("no fees", NO_FEES))
        self.equity_head.set_keys(keys)
        self.equity_head.set_caption(f"net of fees, marked at mid{f', {currency}' if currency else ''}")
        has_capital = record.card.capital is not None
        self.drawdown_head.set_caption("% of capital and height before" if has_capital else currency)
        instruments = record.card.instruments
        if chosen is None and len(instruments) > 1:
            self.position_head.set_caption(f"value at mid, {record.currency}")
        else:
            self.position_head.set_caption(str(instruments[chosen or 0]["symbol"]))

    def _worst(self, record: RunRecord, drawn: DrawnRun) -> list[Mark]:
        if drawn.worst is None:
            return []
        at_us, value = drawn.worst
        text = signed_percent(value / 100) if record.card.capital is not None else signed(value)
        return [Mark(at_us, value, f"{text} on {day_text(self._zone.zone.day_of(at_us))}")]

    def _currency(self, record: RunRecord, chosen: int | None) -> str:
        if chosen is None:
            return record.currency
        return str(record.card.instruments[chosen].get("currency") or "")
