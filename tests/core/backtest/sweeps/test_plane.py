"""Trials over two axes: what cells tell, worst of a band, neighbours, lone peaks and robust regions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tickreel.backtest.runs.card import RunCard, RunKind, RunState
from tickreel.backtest.sweeps.plane import (
    Cell,
    Plane,
    Reading,
    Region,
    finer,
    lone_peak,
    neighbour_medians,
    plane_of,
    robust_region,
)
from tickreel.backtest.sweeps.trials import GridAxis, Trial, Trials, TrialState

NAN = np.nan


def card(number: int, **metrics: float) -> RunCard:
    return RunCard(
        f"r{number}",
        RunState.SUCCEEDED,
        RunKind.SWEEP,
        {"name": "m"},
        {},
        (),
        0,
        1,
        0,
        {},
        None,
        (),
        {},
        0,
        metrics=metrics,
    )


def trials(axes: dict[str, tuple[Any, ...]], pnl: list[float | TrialState]) -> Trials:
    """Make trials in the order of the grid, done with a figure or standing otherwise."""
    listed = tuple(GridAxis(name, values) for name, values in axes.items())
    points: list[dict[str, Any]] = [{}]
    for axis in listed:
        points = [{**point, axis.name: value} for point in points for value in axis.values]
    made = [
        Trial(place, one, at, None if one is TrialState.QUEUED else card(place))
        if isinstance(one, TrialState)
        else Trial(place, TrialState.DONE, at, card(place, pnl=one, max_drawdown=-one))
        for place, (at, one) in enumerate(zip(points, pnl, strict=True))
    ]
    return Trials("s", RunKind.SWEEP, 0, None, listed, tuple(made))  # type: ignore[arg-type]  # not asked


def flat(values: Any) -> Plane:
    """Make a map of nothing but values."""
    measured = np.array(values, np.float64)
    rows, columns = measured.shape
    cells = tuple(tuple(Cell(None, TrialState.DONE) for _ in range(columns)) for _ in range(rows))
    across, up = GridAxis("x", tuple(range(columns))), GridAxis("y", tuple(range(rows)))
    return Plane("pnl", across, up, cells, measured, measured)


def test_cells_tell_what_was_measured_and_where_the_others_stand() -> None:
    found = trials(
        {"up": (1, 2), "over": ("a", "b", "c")},
        [1.0, 2.0, TrialState.FAILED, TrialState.RUNNING, TrialState.QUEUED, 6.0],
    )
    plane = plane_of(found, "pnl", "over", "up")
    np.testing.assert_array_equal(plane.measured, [[1, 2, NAN], [NAN, NAN, 6]])
    assert [[cell.state.value for cell in row] for row in plane.cells] == [
        ["done", "done", "failed"],
        ["running", "queued", "done"],
    ]
    assert plane.best() == (2, 1)
    assert [trial.place for trial in plane.trials_in(Region(1, 2, 0, 1))] == [1, 2, 4, 5]


def test_other_axes_are_held_or_tell_their_best() -> None:
    found = trials({"x": (1, 2), "y": (1, 2), "z": (1, 2)}, [1, 9, 3, 4, 5, 6, 8, 7])
    np.testing.assert_array_equal(plane_of(found, "pnl", "x", "y").measured, [[9, 6], [4, 8]])
    held = plane_of(found, "pnl", "x", "y", fixed={"z": 1})
    np.testing.assert_array_equal(held.measured, [[1, 5], [3, 8]])
    # The best drawdown is the least one, which is minus what was measured here.
    np.testing.assert_array_equal(plane_of(found, "max_drawdown", "x", "y").measured, [[-9, -6], [-4, -8]])


def test_the_worst_is_that_of_the_models_of_a_band() -> None:
    found = trials({"latency": ("5", "9"), "x": (1, 2)}, [4, 7, 3, 8])
    worst = plane_of(found, "pnl", "x", None, reading=Reading.WORST)
    np.testing.assert_array_equal(worst.measured, [[4, 8]])
    np.testing.assert_array_equal(worst.told, [[3, 7]])


def test_yes_is_not_one() -> None:
    found = trials({"x": (True, 1)}, [4, 7])
    np.testing.assert_array_equal(plane_of(found, "pnl", "x", None).measured, [[4, 7]])


@settings(deadline=None)
@given(arrays(np.float64, (4, 5), elements=st.floats(-9, 9) | st.just(NAN)))
def test_medians_of_neighbours_are_those_of_plain_loops(values: np.ndarray) -> None:
    found = neighbour_medians(values)
    for row in range(4):
        for column in range(5):
            beside = [
                values[y, x]
                for y in range(max(0, row - 1), min(4, row + 2))
                for x in range(max(0, column - 1), min(5, column + 2))
                if (y, x) != (row, column) and np.isfinite(values[y, x])
            ]
            wanted = np.median(beside) if beside and np.isfinite(values[row, column]) else NAN
            assert found[row, column] == pytest.approx(wanted, nan_ok=True)


def test_a_lone_peak_is_told_from_the_top_of_a_hill() -> None:
    lone = np.zeros((5, 5))
    lone[1, 3] = 3.0
    assert lone_peak(flat(lone)) == (3, 1)
    hill = np.zeros((5, 5))
    hill[1:4, 1:4], hill[2, 2] = 2.0, 3.0
    assert lone_peak(flat(hill)) is None
    assert lone_peak(flat(np.full((3, 3), NAN))) is None


def test_the_robust_region_is_the_largest_rectangle_of_the_better_quarter() -> None:
    values = np.zeros((6, 6))
    values[1:3, 1:4] = 2.0
    values[5, 5] = 9.0
    assert robust_region(flat(values)) == Region(1, 3, 1, 2)
    values[:] = np.arange(36).reshape(6, 6)
    assert robust_region(flat(values[:1])) is None, "a row has no rectangle"


@settings(deadline=None)
@given(arrays(np.float64, (5, 4), elements=st.integers(0, 3).map(float) | st.just(NAN)))
def test_no_larger_rectangle_is_as_good(values: np.ndarray) -> None:
    found = robust_region(flat(values))
    known = values[np.isfinite(values)]
    least, middle = np.quantile(known, (0.75, 0.5)) if len(known) else (np.inf, np.inf)
    sizes = [
        (high - low + 1) * (right - left + 1)
        for low in range(5)
        for high in range(low + 1, 5)
        for left in range(4)
        for right in range(left + 1, 4)
        if (values[low : high + 1, left : right + 1] >= least).all()
        and (values[low : high + 1, left : right + 1] > middle).all()
    ]
    assert (found is None) == (not sizes)
    if found is not None:
        assert (found.high - found.low + 1) * (found.right - found.left + 1) == max(sizes)


def test_a_finer_grid_has_the_middles_between() -> None:
    assert finer(GridAxis("x", (0.5, 1.0, 2.0, 4.0)), 1, 2) == (1.0, 1.5, 2.0)
    assert finer(GridAxis("x", (1, 2, 6)), 0, 2) == (1, 2, 4, 6)
    assert finer(GridAxis("x", ("a", "b")), 0, 1) == ("a", "b")
    assert finer(GridAxis("x", (False, True)), 0, 1) == (False, True)
    assert finer(GridAxis("x", (0.1, 0.2)), 0, 1) == (0.1, 0.15, 0.2)
