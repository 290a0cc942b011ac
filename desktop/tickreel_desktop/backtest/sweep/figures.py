"""The figures of a trial as the screen of a sweep names and prints them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tickreel.market.units import ABSENT, MINUS, format_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.backtest.sweeps.trials import Trial, Trials

_PERIODS = {86_400: "day", 3_600: "hour", 60: "minute", 1: "second"}


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure."""

    key: str
    """In the metrics of a card."""
    name: str
    unit: str
    factor: float = 1.0
    """From what the card has to what is printed."""

    def text(self, value: float | None) -> str:
        """Print a value without its unit; a dash for none."""
        return ABSENT if value is None or value != value else short(value * self.factor)


def short(value: float) -> str:
    """Print a number in about three digits: ``2.92``, ``−41.3``, ``418``, ``−12.9 k``."""
    size = abs(value)
    for limit, decimals in ((0.09995, 3), (9.995, 2), (99.95, 1), (9999.5, 0)):
        if size < limit:
            text = f"{value:.{decimals}f}"
            is_zero = not text.strip("-0.")
            return text.removeprefix("-") if is_zero else text.replace("-", MINUS)
    return format_count(round(value))


FIGURES = (
    Figure("sharpe", "Sharpe", ""),
    Figure("sharpe_per_period", "Sharpe", ""),
    Figure("pnl", "PnL", ""),
    Figure("return", "Return", "%", 100.0),
    Figure("sortino", "Sortino", ""),
    Figure("sortino_per_period", "Sortino", ""),
    Figure("max_drawdown", "Max drawdown", ""),
    Figure("hit_rate", "Hit rate", "%", 100.0),
    Figure("turnover", "Turnover", ""),
    Figure("fees", "Fees", ""),
    Figure("fill_ratio", "Fill rate", "%", 100.0),
)
"""Those that a map can tell, which are those by which runs are ranked."""
BY_KEY = {figure.key: figure for figure in FIGURES}


def named(key: str, trials: Trials | None) -> str:
    """Name a figure with what it rests on: ``Sharpe, annual``, ``Sharpe per minute``, ``PnL, USDT``."""
    figure = BY_KEY[key]
    metrics = _metrics(trials)
    if key in ("sharpe", "sortino"):
        return f"{figure.name}, annual"
    if key in ("sharpe_per_period", "sortino_per_period"):
        return f"{figure.name} per {_PERIODS.get(metrics.get('period_s', 0), 'period')}"
    unit = figure.unit or (metrics.get("currency") or "")
    return f"{figure.name}, {unit}" if unit else figure.name


def _metrics(trials: Trials | None) -> dict[str, Any]:
    cards = () if trials is None else (trial.card for trial in trials.all)
    return next((dict(card.metrics) for card in cards if card is not None and card.metrics), {})


def value_text(value: Any) -> str:
    """Print a value of an axis: ``0.25``, ``yes``, ``power:3``."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:g}".replace("-", MINUS)
    return str(value)


def ratio_period(period_s: int) -> str:
    """Name a period of ratios: ``minute``."""
    return _PERIODS.get(period_s, "period")


def best_figure(trials: Trials) -> str:
    """Choose the figure that is told at first: Sharpe where the trials have one, else profit and loss."""
    for key in ("sharpe", "sharpe_per_period", "pnl"):
        if any(trial.figure(key) is not None for trial in trials.all):
            return key
    # Nothing is known yet, and without a capital there will be no returns.
    return "pnl" if trials.request.base.capital is None else "sharpe_per_period"


def usual_figures(trials: Sequence[Trial], keys: Sequence[str], figure: str) -> list[str]:
    """Give *figure* and those of *keys* that some trial has."""
    rest = [key for key in keys if key != figure]
    return [figure, *(key for key in rest if any(trial.figure(key) is not None for trial in trials))]
