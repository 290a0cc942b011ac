"""The trials of a sweep laid out over two of its axes, and what such a map says of robustness."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from tickreel.backtest.sweeps.ranking import less_is_better
from tickreel.backtest.sweeps.trials import BAND_AXES, TrialState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from tickreel.backtest.sweeps.trials import GridAxis, Trial, Trials

    Floats = NDArray[np.float64]

_LONE_SHARE = 0.3
"""A best cell is alone when its neighbours keep less than this of its lead over the middle of the map."""
_GOOD_QUANTILE = 0.75
_LEAST_SIDE = 2
_MOST_SOUGHT = 64
"""Cells along an axis up to which a robust region is looked for: a wider map shows it by itself."""


class Reading(StrEnum):
    """Which number a cell tells."""

    MEASURED = "measured"
    """The best of the trials that lie in it."""
    WORST = "worst"
    """The worst of them over the models of a band, of the best otherwise."""
    NEIGHBOURS = "neighbours"
    """The median of the cells around it."""


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of cells: columns [left, right] and rows [low, high], both inclusive."""

    left: int
    right: int
    low: int
    high: int

    def holds(self, column: int, row: int) -> bool:
        """Tell whether a cell lies in it."""
        return self.left <= column <= self.right and self.low <= row <= self.high


@dataclass(frozen=True, slots=True)
class Cell:
    """What lies at one place of the map."""

    trial: Trial | None
    """The trial whose figure it tells; without one, another of those that lie there."""
    state: TrialState
    """Done as soon as one trial there is."""


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """Trials over two axes."""

    figure: str
    across: GridAxis
    up: GridAxis | None
    """None where a sweep has one axis: the map is one row."""
    cells: tuple[tuple[Cell, ...], ...]
    """By row, then by column."""
    measured: Floats
    """(rows, columns), NaN where nothing is known."""
    told: Floats
    """As measured, by the reading that was asked for."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        rows, columns = self.measured.shape
        return rows, columns

    def best(self) -> tuple[int, int] | None:
        """Give column and row of the best cell as measured, the first of equal ones."""
        if not np.isfinite(self.measured).any():
            return None
        signed = _signed(self.measured, self.figure)
        row, column = np.unravel_index(int(np.nanargmax(signed)), self.measured.shape)
        return int(column), int(row)

    def trials_in(self, region: Region) -> list[Trial]:
        """List the trials that the cells of a region tell."""
        return [
            cell.trial
            for row in self.cells[region.low : region.high + 1]
            for cell in row[region.left : region.right + 1]
            if cell.trial is not None
        ]


def plane_of(
    trials: Trials,
    figure: str,
    across: str,
    up: str | None,
    *,
    fixed: Mapping[str, Any] | None = None,
    reading: Reading = Reading.MEASURED,
) -> Plane:
    """Lay out trials by their values on two axes.

    Of the other axes, those in *fixed* are held at a value, and of the rest the best trial is told.
    """
    axes = {axis.name: axis for axis in trials.axes}
    columns = {_key(value): place for place, value in enumerate(axes[across].values)}
    rows = {_key(value): place for place, value in enumerate(axes[up].values)} if up else {}
    lying: list[list[list[Trial]]] = [[[] for _ in columns] for _ in (rows or (None,))]
    for trial in trials.all:
        if all(trial.at[name] == value for name, value in (fixed or {}).items()):
            row = rows[_key(trial.at[up])] if up else 0
            lying[row][columns[_key(trial.at[across])]].append(trial)
    cells = tuple(tuple(_cell(here, figure) for here in row) for row in lying)
    measured = _values([[_figure_of(cell.trial, figure) for cell in row] for row in cells])
    told = measured
    if reading is Reading.WORST:
        told = _values([[_worst(here, figure) for here in row] for row in lying])
    elif reading is Reading.NEIGHBOURS:
        told = neighbour_medians(measured)
    return Plane(figure, axes[across], axes[up] if up else None, cells, measured, told)


def neighbour_medians(values: Floats) -> Floats:
    """Give the median of the cells around each, up to eight; NaN where none of them is known."""
    rows, columns = values.shape
    padded = np.full((rows + 2, columns + 2), np.nan)
    padded[1:-1, 1:-1] = values
    around = np.stack(
        [
            padded[row : row + rows, column : column + columns]
            for row in range(3)
            for column in range(3)
            if (row, column) != (1, 1)
        ]
    )
    medians = np.full(values.shape, np.nan)
    known = np.isfinite(around).any(axis=0) & np.isfinite(values)
    if known.any():
        medians[known] = np.nanmedian(around[:, known], axis=0)
    return medians


def lone_peak(plane: Plane) -> tuple[int, int] | None:
    """Give column and row of the best cell where it stands alone, else None.

    It does where its neighbours' median keeps less than 0.3 of its lead over the median of the map.
    """
    best = plane.best()
    if best is None or min(plane.shape) < _LEAST_SIDE:
        return None
    signed = _signed(plane.measured, plane.figure)
    column, row = best
    middle = float(np.nanmedian(signed))
    beside = float(neighbour_medians(signed)[row, column])
    lead = float(signed[row, column]) - middle
    is_alone = lead > 0 and np.isfinite(beside) and beside - middle < _LONE_SHARE * lead
    return best if is_alone else None


def robust_region(plane: Plane) -> Region | None:
    """Find the largest rectangle, two cells wide and high at least, that lies in the better quarter of cells.

    Cells no better than the median are not in it, however many are equal. Of equally large ones it is the
    one with the better median; None where there is none, on a map of one row, and on one of over 64 cells
    a side.
    """
    rows, columns = plane.shape
    signed = _signed(plane.measured, plane.figure)
    known = np.isfinite(signed)
    if min(rows, columns) < _LEAST_SIDE or max(rows, columns) > _MOST_SOUGHT or not known.any():
        return None
    middle, good = np.quantile(signed[known], (0.5, _GOOD_QUANTILE))
    is_good = known & (signed >= good) & (signed > middle)
    found: tuple[int, float] = (0, -np.inf)
    best: Region | None = None
    for low in range(rows):
        is_all = np.ones(columns, np.bool_)
        for high in range(low, rows):
            is_all &= is_good[high]
            if high == low:
                continue
            for left, right in _runs(is_all):
                if right - left + 1 < _LEAST_SIDE:
                    continue
                size = (high - low + 1) * (right - left + 1)
                inside = float(np.median(signed[low : high + 1, left : right + 1]))
                if (size, inside) > found:
                    found, best = (size, inside), Region(left, right, low, high)
    return best


def finer(axis: GridAxis, first: int, last: int) -> tuple[Any, ...]:
    """Give the values of an axis from one place to another, with the middle between neighbours added.

    Whole numbers stay whole, and words and yes or no have nothing between them.
    """
    values = axis.values[min(first, last) : max(first, last) + 1]
    if len(values) == 1 or not all(_is_number(value) for value in values):
        return values
    is_whole = all(isinstance(value, int) for value in values)
    between: list[Any] = [values[0]]
    for before, after in pairwise(values):
        middle = (before + after) // 2 if is_whole else float(f"{(before + after) / 2:.12g}")
        if middle not in (before, after):
            between.append(middle)
        between.append(after)
    return tuple(between)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _key(value: Any) -> tuple[type, Any]:
    return type(value), value  # True is not 1 here


def _runs(flags: NDArray[np.bool_]) -> Iterable[tuple[int, int]]:
    edges = np.diff(np.concatenate(([0], flags.view(np.int8), [0])))
    return zip(np.flatnonzero(edges == 1).tolist(), (np.flatnonzero(edges == -1) - 1).tolist(), strict=True)


def _cell(here: list[Trial], figure: str) -> Cell:
    known = [(trial, value) for trial in here if (value := trial.figure(figure)) is not None]
    if known:
        sign = -1.0 if less_is_better(figure) else 1.0
        return Cell(max(known, key=lambda one: sign * one[1])[0], TrialState.DONE)
    for state in (TrialState.DONE, TrialState.RUNNING, TrialState.QUEUED, TrialState.FAILED):
        found = next((trial for trial in here if trial.state is state), None)
        if found is not None:
            return Cell(found, state)
    return Cell(here[0], TrialState.STOPPED) if here else Cell(None, TrialState.QUEUED)


def _figure_of(trial: Trial | None, figure: str) -> float:
    value = None if trial is None else trial.figure(figure)
    return np.nan if value is None else value


def _worst(here: list[Trial], figure: str) -> float:
    """Give the worst over the models of a band of the trial whose worst is best."""
    sign = -1.0 if less_is_better(figure) else 1.0
    bands: dict[tuple[Any, ...], list[float]] = {}
    for trial in here:
        value = trial.figure(figure)
        if value is not None:
            rest = tuple(_key(one) for name, one in trial.at.items() if name not in BAND_AXES)
            bands.setdefault(rest, []).append(sign * value)
    return sign * max((min(values) for values in bands.values()), default=np.nan)


def _signed(values: Floats, figure: str) -> Floats:
    """Turn values so that more is better."""
    return -values if less_is_better(figure) else values


def _values(rows: list[list[float]]) -> Floats:
    return np.array(rows, np.float64)
