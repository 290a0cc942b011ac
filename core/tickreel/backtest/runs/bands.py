"""Finds the band that stands beside a run: the same asked under other latencies and queue models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tickreel.backtest.runs.card import RunKind, RunState
from tickreel.backtest.runs.curve import values_at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from tickreel.backtest.runs.card import RunCard
    from tickreel.backtest.runs.records import Recorded, RunRecords

_VARIED = ("preset", "entry", "response", "queue")
"""What a band varies of the models."""


def band_beside(records: RunRecords, card: RunCard) -> list[Recorded]:
    """Give the runs of the band that a run is part of, else of the newest that asks the same as it does.

    Only those that came to their end, in the order of the band; none where there is no band.
    """
    if card.kind is RunKind.BAND and card.sweep_id is not None:
        return _ended(records.runs(card.sweep_id))
    own = _asked(card)
    for sweep_id in records.bands_over(card):
        runs = _ended(records.runs(sweep_id))
        if runs and _asked(runs[0].card) == own:
            return runs
    return []


def _ended(runs: Iterable[Recorded]) -> list[Recorded]:
    return [one for one in runs if one.card.state is RunState.SUCCEEDED]


def _asked(card: RunCard) -> tuple[Any, ...]:
    names = [(one["exchange"], one["symbol"]) for one in card.instruments]
    models = {name: value for name, value in card.models.items() if name not in _VARIED}
    code = card.strategy["name"], card.strategy["sha256"]
    return code, dict(card.params), names, card.from_us, card.to_us, card.seed, card.capital, models


def extremes(
    at_us: NDArray[np.int64], curves: Iterable[tuple[NDArray[np.int64], NDArray[np.float64]]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Give the least and the most of curves at instants *at_us* (n,), two of (n,); None without curves."""
    found = [values_at(times_us, values, at_us) for times_us, values in curves]
    if not found:
        return None
    together = np.stack(found)
    return together.min(axis=0), together.max(axis=0)
