"""The curves of a run made ready to be drawn, off the UI thread: for all symbols, and for each by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tickreel_desktop.backtest.charts import Area, Band, Line, Look, Steps
from tickreel_desktop.backtest.charts.trace import parted
from tickreel_desktop.backtest.runs.words import signed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tickreel_desktop.backtest.charts import Layer
    from tickreel_desktop.backtest.charts.trace import Trace
    from tickreel_desktop.backtest.run.curves import RunCurves

EQUITY = Look("accent", width=2)
BAND = Look("accent")
NO_FEES = Look("text_2", is_dashed=True)
DRAWDOWN = Look("text_2")
POSITION = Look("bid", below="ask")


@dataclass(frozen=True, slots=True, eq=False)
class DrawnRun:
    """What the three charts draw of all symbols, or of one."""

    equity: tuple[Layer, ...]
    drawdown: Layer
    """In % where there is a capital, else in the currency; 0 or less."""
    position: Layer
    """The amount of one symbol; what those of all are worth together."""
    has_band: bool
    ends: tuple[tuple[float, str], ...]
    """Values that stand at the right end of equity, that of the run first."""
    worst: tuple[int, float] | None
    """When the largest fall was at its lowest, and the drawdown then; None without any."""


def draw_run(record: RunCurves) -> dict[int | None, DrawnRun]:
    """Make ready all that can be chosen: each symbol by its place, and all of them by None."""
    curves = record.curves
    if curves is None:
        return {}
    count = len(curves.names)
    choices: list[int | None] = list(range(count))
    if record.adds_up:
        choices.insert(0, None)
    return {choice: _draw(record, choice) for choice in choices}


def trace_of(record: RunCurves, values: NDArray[np.float64]) -> Trace:
    """Give values at the instants of a run's equity, parted where nothing was played."""
    assert record.curves is not None
    return parted(record.curves.at_us, values, [(gap.from_us, gap.to_us) for gap in record.gaps])


def _draw(record: RunCurves, chosen: int | None) -> DrawnRun:
    curves = record.curves
    assert curves is not None
    if chosen is None and len(curves.names) == 1:
        chosen = 0
    equity = record.equity(chosen)
    places = 0 if float(np.abs(equity).max(initial=0.0)) >= 1000 else 2
    ends = [(float(equity[-1]), signed(float(equity[-1]), places))]
    layers: list[Layer] = []
    band = record.band if chosen is None or len(curves.names) == 1 else None
    if band is not None:
        layers.append(Band("Band", trace_of(record, band.least), BAND, trace_of(record, band.most)))
        for value, word in ((band.most[-1], "best"), (band.least[-1], "worst")):
            ends.append((float(value), f"{signed(float(value), places)} {word}"))
    layers.append(Line("No fees", trace_of(record, equity + record.fees(chosen)), NO_FEES))
    layers.append(Line("Equity", trace_of(record, equity), EQUITY))
    falls = record.drawdown(chosen)
    if record.card.capital is not None:
        falls = 100 * falls
    deepest = int(np.argmin(equity - np.maximum.accumulate(np.maximum(equity, 0.0))))
    worst = (int(curves.at_us[deepest]), float(falls[deepest])) if falls[deepest] < 0 else None
    position = _worth(record) if chosen is None else np.ascontiguousarray(curves.position[:, chosen])
    return DrawnRun(
        tuple(layers),
        Area("Drawdown", trace_of(record, falls), DRAWDOWN),
        Steps("Position", trace_of(record, position), POSITION),
        band is not None,
        tuple(ends),
        worst,
    )


def _worth(record: RunCurves) -> NDArray[np.float64]:
    """Give what the positions of all instruments are worth together, (n,)."""
    curves = record.curves
    assert curves is not None
    worth = np.zeros(len(curves.at_us))
    for number, fact in enumerate(record.card.instruments):
        position, mid = curves.position[:, number] * fact["multiplier"], curves.mid[:, number]
        worth += np.nan_to_num(position / mid if fact["inverse"] else position * mid)
    return worth
