"""The strip of figures of a run, each with what it rests on below it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from tickreel.market.units import ABSENT, format_amount, format_duration_s, format_full, format_percent
from tickreel_desktop.backtest.runs.words import signed, signed_percent, unsigned
from tickreel_desktop.components import ElidedLabel
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel_desktop.backtest.run.record import RunRecord
    from tickreel_desktop.theme import Theme


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
    fees = metrics.get("fees")
    ratio, maker = metrics.get("fill_ratio"), metrics.get("maker_share")
    queue: dict[str, Any] = metrics.get("queue") or {}
    wait = queue.get("wait_median_us")
    return (
        Figure(
            "Net PnL", f"{signed(pnl, places)}{unit}", of_band("pnl", lambda value: signed(value, places))
        ),
        _sharpe(record, of_band),
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


def _sharpe(record: RunRecord, of_band: Callable[[str, Callable[[float], str]], str]) -> Figure:
    """Give the ratio for a year; of a range that is too short for that the one per period, and why."""
    metrics = record.card.metrics
    annual, per_period = metrics.get("sharpe"), metrics.get("sharpe_per_period")
    if annual is not None or per_period is None:
        rests_on = "" if metrics.get("return") is not None else "no capital was given"
        return Figure("Sharpe, annual", unsigned(annual), of_band("sharpe", unsigned) or rests_on)
    period = format_duration_s(metrics.get("period_s") or 0)
    why_not = str(metrics.get("ratios_why_not") or "")
    return Figure(f"Sharpe, returns of {period}", unsigned(per_period), why_not)


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
