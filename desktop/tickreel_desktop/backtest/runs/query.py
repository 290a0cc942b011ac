"""What a filter of the list asks for: words, and chips of which those of one kind are alternatives."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from tickreel_desktop.backtest.runs.words import month_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from tickreel_desktop.backtest.runs.rows import ListedRun, Rows


class ChipKind(StrEnum):
    """What a chip is about."""

    STRATEGY = "strategy"
    SYMBOL = "symbol"
    TAG = "tag"
    MONTH = "month"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Condition:
    """A chip."""

    kind: ChipKind
    value: str

    @property
    def words(self) -> str:
        """What stands on it."""
        if self.kind is ChipKind.SYMBOL:
            return self.value.replace(":", " ")
        return self.value


@dataclass(frozen=True, slots=True)
class RunQuery:
    """Every word must stand in a row; of each kind of chip one must fit."""

    text: str = ""
    conditions: tuple[Condition, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether everything passes."""
        return not self.text.split() and not self.conditions


def values_of(run: ListedRun, kind: ChipKind) -> tuple[str, ...]:
    """Give what a row has of a kind."""
    match kind:
        case ChipKind.STRATEGY:
            return (run.strategy,)
        case ChipKind.SYMBOL:
            return run.symbols
        case ChipKind.TAG:
            return run.tags
        case ChipKind.MONTH:
            return tuple(
                dict.fromkeys((month_words(run.from_us), month_words(max(run.from_us, run.to_us - 1))))
            )
        case ChipKind.STATE:
            return (run.state.value,)


def passing(rows: Rows, query: RunQuery) -> NDArray[np.bool_]:
    """Tell of each row whether it passes; bool (n,)."""
    words = query.text.lower().split()
    passes = np.ones(len(rows.runs), np.bool_)
    for word in words:
        passes &= np.fromiter((word in run.search for run in rows.runs), np.bool_, len(rows.runs))
    for kind in dict.fromkeys(condition.kind for condition in query.conditions):
        wanted = {condition.value for condition in query.conditions if condition.kind is kind}
        left = np.flatnonzero(passes)
        fits = [not wanted.isdisjoint(values_of(rows.runs[place], kind)) for place in left.tolist()]
        passes[left] = fits
    return passes


def counted(runs: Iterable[ListedRun], kind: ChipKind) -> dict[str, int]:
    """Count what there is of a kind, the most frequent first."""
    counts: dict[str, int] = {}
    for run in runs:
        for value in values_of(run, kind):
            counts[value] = counts.get(value, 0) + 1
    return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))
