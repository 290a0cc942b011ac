"""The curves of a run with the band beside it and its gaps, read from its files off the UI thread."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from tickreel.backtest.runs.bands import band_beside, extremes
from tickreel.backtest.runs.curve import Curves, curves_of, drawdown_of
from tickreel.backtest.runs.run import Run
from tickreel.errors import DataError
from tickreel.market.time import US_PER_DAY, day_start_us
from tickreel_desktop.backtest.charts import Gap

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from tickreel.backtest.runs.card import RunCard
    from tickreel.backtest.runs.records import Recorded
    from tickreel.backtest.runs.service import Runs


@dataclass(frozen=True, slots=True, eq=False)
class BandRecord:
    """What the band beside a run spans, at the instants of the run's own equity."""

    runs: int
    least: NDArray[np.float64]
    most: NDArray[np.float64]
    figures: Mapping[str, tuple[float, float]]
    """Least and most of figures of the card, by their names."""


@dataclass(frozen=True, slots=True, eq=False)
class RunCurves:
    """The curves of a run, with what stands beside them."""

    run: Run
    curves: Curves | None
    """None where nothing came of it."""
    band: BandRecord | None
    gaps: tuple[Gap, ...]

    @property
    def card(self) -> RunCard:
        """All that is told of it."""
        return self.run.card

    @property
    def currency(self) -> str:
        """In which gains are paid; empty where nobody says, or in several."""
        return str(self.card.metrics.get("currency") or "")

    @property
    def adds_up(self) -> bool:
        """Whether equity of its instruments can be added up: they settle in one currency."""
        return len({one.get("currency") for one in self.card.instruments}) == 1

    def equity(self, instrument: int | None = None) -> NDArray[np.float64]:
        """Give equity (n,) of one instrument, or of all."""
        assert self.curves is not None
        return _of(self.curves.equity, instrument)

    def fees(self, instrument: int | None = None) -> NDArray[np.float64]:
        """Give fees paid so far (n,), of one instrument or of all."""
        assert self.curves is not None
        return _of(self.curves.fees, instrument)

    def drawdown(self, instrument: int | None = None) -> NDArray[np.float64]:
        """Give how far equity stands below its height (n,), as a part of capital and height if known."""
        equity = self.equity(instrument)
        falls = drawdown_of(equity)
        capital = self.card.capital
        if capital is None:
            return falls
        return np.asarray(falls / (capital + (equity - falls)), np.float64)


def _of(columns: NDArray[np.float64], instrument: int | None) -> NDArray[np.float64]:
    chosen = columns.sum(axis=1) if instrument is None else columns[:, instrument]
    return np.ascontiguousarray(chosen, np.float64)


def read_curves(runs: Runs, run: Run) -> RunCurves:
    """Read the curves of a run, and the band beside it.

    Raises:
        DataError: a file of it is gone or was changed.
    """
    equity = run.table("equity") if "equity.parquet" in run.files else None
    curves = curves_of(equity) if equity is not None and len(equity) else None
    read = RunCurves(run, curves, None, gaps_of(run.card))
    return replace(read, band=_band(runs, read)) if read.adds_up else read


def _band(runs: Runs, read: RunCurves) -> BandRecord | None:
    """Read the band beside a run; one of which files are gone is none."""
    if read.curves is None:
        return None
    beside = band_beside(runs.records, read.card)
    try:
        found = [curves_of(Run(runs.cache.home, one).table("equity")) for one in beside]
    except DataError:
        return None
    both = extremes(read.curves.at_us, [(one.at_us, one.equity.sum(axis=1)) for one in found])
    if both is None:
        return None
    return BandRecord(len(found), *both, _spans(beside))


def _spans(beside: Sequence[Recorded]) -> dict[str, tuple[float, float]]:
    spans: dict[str, tuple[float, float]] = {}
    for name in ("pnl", "sharpe", "max_drawdown_share"):
        known = [value for one in beside if (value := one.card.metrics.get(name)) is not None]
        if known:
            spans[name] = min(known), max(known)
    return spans


def gaps_of(card: RunCard) -> tuple[Gap, ...]:
    """Give the stretches of a run's range without data, and the one that was not played."""
    days = sorted({date.fromisoformat(one["day"]) for one in card.missing_days})
    stretches: list[list[int]] = []
    for day in days:
        begin_us = day_start_us(day)
        if stretches and stretches[-1][1] == begin_us:
            stretches[-1][1] += US_PER_DAY
        else:
            stretches.append([begin_us, begin_us + US_PER_DAY])
    gaps = []
    for begin_us, end_us in stretches:
        begin_us, end_us = max(begin_us, card.from_us), min(end_us, card.to_us)
        if begin_us < end_us:
            count = -(-(end_us - begin_us) // US_PER_DAY)
            gaps.append(Gap(begin_us, end_us, f"{count} {'day' if count == 1 else 'days'} not in the data"))
    if card.partial and card.reached_us is not None and card.reached_us < card.to_us:
        gaps.append(Gap(card.reached_us, card.to_us, "not played"))
    return tuple(gaps)
