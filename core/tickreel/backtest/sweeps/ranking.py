"""The runs of a sweep in order of a figure, while they come in and at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tickreel.errors import UsageError
from tickreel.market.numbers import ecmascript

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tickreel.backtest.runs.card import RunCard

DEFAULT_FIGURE = "pnl"
FIGURES = (
    "pnl",
    "return",
    "sharpe",
    "sharpe_per_period",
    "sortino",
    "sortino_per_period",
    "max_drawdown",
    "hit_rate",
    "turnover",
    "fees",
    "fill_ratio",
)
"""By which runs can be put in order."""
_LESS_IS_BETTER = frozenset({"max_drawdown", "fees"})
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Ranked:
    """A run in a ranking."""

    run_id: str
    at: Mapping[str, Any]
    """What it has of the grid."""
    value: float | None
    """Of the figure; None where there is none, as of a run that is partial."""

    def __str__(self) -> str:
        value = "none" if self.value is None else ecmascript(float(f"{self.value:.{_DIGITS}g}"))
        where = ", ".join(f"{name}={one}" for name, one in self.at.items())
        return f"{value} ({where})" if where else value


def checked_figure(name: str) -> str:
    """Give the name of a figure by which runs can be put in order.

    Raises:
        UsageError: it is none.
    """
    if name not in FIGURES:
        raise UsageError(f"runs cannot be ranked by {name!r}: choose {', '.join(FIGURES)}")
    return name


def less_is_better(figure: str) -> bool:
    """Tell whether the least of a figure is its best."""
    return figure in _LESS_IS_BETTER


def rank(runs: Iterable[tuple[RunCard, Mapping[str, Any]]], figure: str) -> list[Ranked]:
    """Put runs in order, the best first, those without the figure last, equal ones as they were asked for.

    What a run made of a part of the range says nothing beside the others: a partial one has no figure here.
    """
    listed = [Ranked(card.id, at, None if card.partial else card.metrics.get(figure)) for card, at in runs]
    sign = 1.0 if less_is_better(figure) else -1.0
    return sorted(listed, key=lambda one: (one.value is None, sign * (one.value or 0.0)))


def words_of(ranking: Sequence[Ranked], figure: str) -> str:
    """Say who leads, for a line of progress; empty while nobody does."""
    if not ranking or ranking[0].value is None:
        return ""
    return f"best {figure} {ranking[0]}"
