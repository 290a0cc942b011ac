"""The strip of figures of a run, each with what it rests on; and the periods that gains fall into."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from tickreel.backtest.runs.curve import values_at
from tickreel.market.time import US_PER_DAY, day_of, day_start_us
from tickreel.market.units import ABSENT, format_amount, format_duration_s, format_full, format_percent
from tickreel_desktop.backtest.charts import Bar
from tickreel_desktop.backtest.runs.words import signed, signed_percent, unsigned
from tickreel_desktop.components import ElidedLabel
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tickreel_desktop.backtest.run.record import RunRecord
    from tickreel_desktop.theme import Theme

_HOUR_US = 3_600_000_000
_PERIODS = {86_400: "daily", 3_600: "hourly", 60: "by the minute", 1: "by the second"}


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure in words."""

    caption: str
    value: str
    rests_on: str = ""


def figures_of(record: RunRecord) -> tuple[Figure, ...]:
    """Give the figures of a run that stand at its head."""
    metrics, card = record.card.metrics, record.card
    unit = f" {record.currency}" if record.currency else ""
    pnl = metrics.get("pnl")
    places = 0 if pnl is not None and abs(pnl) >= 1000 else 2

    def of_band(name: str, text: Callable[[float], str]) -> str:
        span = None if record.band is None else record.band.figures.get(name)
        return "" if span is None else f"{text(span[0])} to {text(span[1])}"

    share = metrics.get("max_drawdown_share")
    fall = (
        Figure(
            "Max drawdown",
            signed_percent(-share),
            of_band("max_drawdown_share", lambda value: signed_percent(-value)),
        )
        if share is not None
        else Figure("Max drawdown", f"{signed(_minus(metrics.get('max_drawdown')))}{unit}")
    )
    period = _PERIODS.get(int(metrics.get("period_s") or 0), "")
    fees = metrics.get("fees")
    ratio, maker = metrics.get("fill_ratio"), metrics.get("maker_share")
    queue: dict[str, Any] = metrics.get("queue") or {}
    wait = queue.get("wait_median_us")
    return (
        Figure(
            "Net PnL", f"{signed(pnl, places)}{unit}", of_band("pnl", lambda value: signed(value, places))
        ),
        Figure(
            f"Sharpe, {period}" if period else "Sharpe",
            unsigned(metrics.get("sharpe")),
            of_band("sharpe", unsigned) or _rests(metrics),
        ),
        fall,
        Figure(
            "Trades",
            ABSENT if card.total_trades is None else format_full(card.total_trades),
            "" if ratio is None else f"fill rate {format_percent(ratio, 0)}",
        ),
        Figure(
            "Fees paid",
            f"{signed(_minus(fees))}{unit}",
            "" if maker is None else f"maker {format_percent(maker, 0)}",
        ),
        Figure(
            "Queue ahead, median",
            ABSENT if queue.get("ahead_median") is None else format_amount(queue["ahead_median"]),
            "at placement" if wait is None else f"first fill after {format_duration_s(wait / 1e6)}",
        ),
    )


def _minus(value: float | None) -> float | None:
    return None if value is None else -value


def _rests(metrics: Any) -> str:
    if metrics.get("sharpe") is None:
        return "no capital was given" if metrics.get("return") is None else ""
    return f"{format_full(metrics['periods'])} periods"


class FigureStrip(QFrame):
    """Show figures side by side."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._theme = theme
        self._figures: tuple[Figure, ...] = ()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self._tiles: list[tuple[ElidedLabel, ElidedLabel, ElidedLabel]] = []

    @property
    def figures(self) -> tuple[Figure, ...]:
        """What is shown."""
        return self._figures

    def show_figures(self, figures: tuple[Figure, ...]) -> None:
        """Show other figures."""
        self._figures = figures
        while len(self._tiles) < len(figures):
            self._add_tile()
        for tile, figure in zip(self._tiles, figures, strict=True):
            for part, text in zip(tile, (figure.caption, figure.value, figure.rests_on), strict=True):
                part.setText(text)
            tile[1].setAccessibleName(f"{figure.caption}: {figure.value}, {figure.rests_on}".rstrip(", "))

    def _add_tile(self) -> None:
        px = self._theme.px
        if self._tiles:
            line = QFrame()
            set_role(line, Role.LINE)
            line.setFixedWidth(1)
            self._row.addWidget(line)
        column = QVBoxLayout()
        column.setContentsMargins(px(14), px(6), px(8), px(6))
        column.setSpacing(0)
        parts = ElidedLabel(), ElidedLabel(), ElidedLabel()
        for part, role in zip(parts, (Role.CAPTION, Role.TITLE, Role.CAPTION), strict=True):
            set_role(part, role)
            column.addWidget(part)
        self._row.addLayout(column, 1)
        self._tiles.append(parts)


def by_day(record: RunRecord, equity: NDArray[np.float64]) -> list[Bar]:
    """Give profit and loss of each UTC day of the range."""
    curves, card = record.curves, record.card
    assert curves is not None
    first, last = day_of(card.from_us), day_of(max(card.from_us, (card.reached_us or card.to_us) - 1))
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    edges = np.array([day_start_us(day) for day in days] + [day_start_us(last) + US_PER_DAY], np.int64)
    gains = np.diff(values_at(curves.at_us, equity, edges - 1))
    return [
        Bar(f"{day.day}" if len(days) > 7 else f"{day:%m-%d}", float(gain), day.isoformat())
        for day, gain in zip(days, gains, strict=True)
    ]


def by_hour(record: RunRecord, equity: NDArray[np.float64]) -> list[Bar]:
    """Give profit and loss of each hour of the UTC day, over all days."""
    curves, card = record.curves, record.card
    assert curves is not None
    first = card.from_us // _HOUR_US
    last = -(-(card.reached_us or card.to_us) // _HOUR_US)
    edges = np.arange(first, last + 1, dtype=np.int64) * _HOUR_US
    gains = np.diff(values_at(curves.at_us, equity, edges - 1))
    of_hour = np.zeros(24)
    np.add.at(of_hour, (edges[:-1] // _HOUR_US) % 24, gains)
    return [Bar(f"{hour:02}", float(gain), f"{hour:02}:00 UTC") for hour, gain in enumerate(of_hour)]


def by_symbol(record: RunRecord) -> list[Bar]:
    """Give profit and loss of each instrument."""
    assert record.curves is not None
    return [
        Bar(name.partition(":")[2], float(record.curves.equity[-1, number]), name)
        for number, name in enumerate(record.curves.names)
    ]


def distribution(values: NDArray[np.float64], most: int = 41) -> list[Bar]:
    """Count values (n,) in steps of equal width, an edge of which is 0; the outermost take the rest."""
    values = values[np.isfinite(values)]
    if not len(values):
        return []
    reach = float(np.quantile(np.abs(values), 0.99)) or float(np.abs(values).max()) or 1.0
    step = _round_up(2 * reach / most)
    half = int(np.ceil(reach / step))
    places = np.clip(np.floor(values / step).astype(np.int64), -half, half - 1)
    counts = np.bincount(places + half, minlength=2 * half)
    bars = []
    for number, count in enumerate(counts.tolist()):
        low, high = (number - half) * step, (number - half + 1) * step
        ends = f"{unsigned(low, _decimals(step))} to {unsigned(high, _decimals(step))}"
        ends = f"under {unsigned(high, _decimals(step))}" if number == 0 else ends
        ends = f"from {unsigned(low, _decimals(step))}" if number == 2 * half - 1 else ends
        bars.append(Bar(unsigned(low, _decimals(step)), float(count), ends))
    return bars


def _round_up(step: float) -> float:
    power = 10.0 ** np.floor(np.log10(step))
    return float(next(factor * power for factor in (1, 2, 5, 10) if factor * power >= step * (1 - 1e-9)))


def _decimals(step: float) -> int:
    return max(0, int(-np.floor(np.log10(step) + 1e-9)))
