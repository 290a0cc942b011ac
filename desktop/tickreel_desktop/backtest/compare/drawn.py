"""The curves of compared runs made ready to be drawn, off the UI thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tickreel.backtest.runs.curve import values_at
from tickreel_desktop.backtest.charts import Area, Band, Line, Look, Trace
from tickreel_desktop.backtest.compare.words import letter
from tickreel_desktop.backtest.run.drawn import trace_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel_desktop.backtest.run.curves import RunCurves
    from tickreel_desktop.theme import ColourName

_COLOURS: tuple[ColourName, ...] = ("accent", "series_2", "series_3", "bid", "ask", "note")
_DIFFERENCE = Look("text")


def look_of(number: int) -> Look:
    """Give how the run at a place is drawn: no two alike, also without colours of their own."""
    colour = _COLOURS[number % len(_COLOURS)]
    return Look(colour, is_dashed=(number + number // len(_COLOURS)) % 2 == 1, width=2)


@dataclass(frozen=True, slots=True, eq=False)
class DrawnCurves:
    """What is drawn of one of the runs."""

    number: int
    equity: Line
    band: Band | None
    drawdown: Line
    """In % where all runs have a capital, else in the currency."""
    end: float


def draw_curves(runs: Sequence[RunCurves]) -> tuple[DrawnCurves, ...]:
    """Make ready those of which something came."""
    has_capital = all(one.card.capital is not None for one in runs)
    return tuple(
        _draw(number, one, 100.0 if has_capital else 1.0)
        for number, one in enumerate(runs)
        if one.curves is not None
    )


def _draw(number: int, one: RunCurves, factor: float) -> DrawnCurves:
    name, look = letter(number), look_of(number)
    band = None
    if one.band is not None:
        band = Band(f"{name} band", trace_of(one, one.band.least), look, trace_of(one, one.band.most))
    equity = one.equity()
    return DrawnCurves(
        number,
        Line(name, trace_of(one, equity), look),
        band,
        Line(name, trace_of(one, factor * one.drawdown()), look),
        float(equity[-1]),
    )


def difference(a: RunCurves, b: RunCurves) -> Area | None:
    """Give equity of one run less that of another over the time that both played; None where one has none."""
    if a.curves is None or b.curves is None:
        return None
    from_us = max(a.card.from_us, b.card.from_us)
    to_us = min(one.card.reached_us or one.card.to_us for one in (a, b))
    at_us = np.union1d(a.curves.at_us, b.curves.at_us)
    at_us = at_us[(at_us >= from_us) & (at_us <= to_us)]
    first = values_at(a.curves.at_us, a.equity(), at_us)
    second = values_at(b.curves.at_us, b.equity(), at_us)
    return Area("A minus B", Trace.of(at_us, first - second), _DIFFERENCE)
