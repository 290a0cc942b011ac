"""A region of the map: what it holds in words, and the finer grid that it is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tickreel.backtest.sweeps.plane import finer
from tickreel_desktop.backtest.sweep.figures import BY_KEY, value_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel.backtest.sweeps.plane import Plane, Region
    from tickreel.backtest.sweeps.trials import GridAxis, Trials


def region_words(plane: Plane, region: Region | None) -> str:
    """Say which values a region spans, and what its trials came to."""
    if region is None:
        stands_out = "No rectangle of cells stands out. " if np.isfinite(plane.measured).any() else ""
        return f"None. {stands_out}Drag over cells, or use Shift and the arrows."
    parts = [_span(plane.across, region.left, region.right)]
    if plane.up is not None:
        parts.append(_span(plane.up, region.low, region.high))
    inside = plane.trials_in(region)
    figure = BY_KEY[plane.figure]
    values = [value for trial in inside if (value := trial.figure(plane.figure)) is not None]
    told = f"{len(inside)} trial{'s' if len(inside) != 1 else ''}"
    if values:
        low, high, middle = map(figure.text, (min(values), max(values), float(np.median(values))))
        told += f", {figure.name} {low} to {high}, median {middle}"
    return f"{', '.join(parts)}\n{told}"


def finer_grid(
    trials: Trials, plane: Plane, region: Region, fixed: Mapping[str, Any]
) -> dict[str, list[Any]]:
    """Give the values of a region by parameter, with those between them.

    Parameters that the map does not show keep the value that is *fixed*, or all of theirs.
    """
    shown: dict[str, tuple[GridAxis, int, int]] = {
        plane.across.name: (plane.across, region.left, region.right)
    }
    if plane.up is not None:
        shown[plane.up.name] = (plane.up, region.low, region.high)
    grid: dict[str, list[Any]] = {}
    for axis in trials.axes:
        if axis.name in trials.request.grid:
            held = [fixed[axis.name]] if axis.name in fixed else list(axis.values)
            grid[axis.name] = list(finer(*shown[axis.name])) if axis.name in shown else held
    return grid


def _span(axis: GridAxis, first: int, last: int) -> str:
    begin, end = (value_text(axis.values[place]) for place in (first, last))
    return f"{axis.name} {begin if first == last else f'{begin} to {end}'}"
