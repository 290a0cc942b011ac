"""What the screen of a sweep shows of its trials, reckoned as one value: of many on another thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tickreel.backtest.sweeps.plane import plane_of
from tickreel_desktop.backtest.sweep.parallel_axes import axes_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel.backtest.sweeps.plane import Plane, Reading
    from tickreel.backtest.sweeps.trials import Trial, Trials
    from tickreel_desktop.backtest.sweep.parallel_axes import ParallelAxis

AT_ONCE = 1_000
"""Trials that are laid out while somebody waits; more are on another thread, and shown then."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be told of the trials, and over which axes."""

    figure: str
    across: str
    up: str | None
    fixed: Mapping[str, Any]
    """Values at which other axes are held."""
    reading: Reading


@dataclass(frozen=True, slots=True, eq=False)
class LaidOut:
    """Trials over two axes, and as lines over all of them."""

    trials: Trials
    plane: Plane
    done: tuple[Trial, ...]
    axes: tuple[ParallelAxis, ...]


def lay_out(trials: Trials, choice: Choice) -> LaidOut:
    """Lay trials out as they were asked for."""
    plane = plane_of(
        trials, choice.figure, choice.across, choice.up, fixed=choice.fixed, reading=choice.reading
    )
    return LaidOut(trials, plane, *axes_of(trials, choice.figure))
