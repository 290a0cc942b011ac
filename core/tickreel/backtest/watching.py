"""What may be watched of a run while it goes on, beside how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel.backtest.outcome import Outcome


@runtime_checkable
class RunWatcher(Protocol):
    """A monitor that also wants to know what a run is called, and what it is worth by now."""

    def tell_begun(self, run_id: str) -> None:
        """Take the id of the run or sweep; it is recorded, and nothing is simulated yet."""

    def tell_equity(self, at_us: int, equity: float) -> None:
        """Take the newest sample of equity, summed over the instruments.

        Instruments that settle in several currencies have no such sum, and nothing is told of them.
        """


@runtime_checkable
class SweepWatcher(Protocol):
    """A monitor that also wants to know how the runs of a sweep stand, and can hold back new ones."""

    def is_held(self) -> bool:
        """Tell whether no further run is to begin for now; those under way go on."""

    def tell_shares(self, shares: Mapping[int, float]) -> None:
        """Take how far each run under way is, by its place in the sweep, 0 to 1."""


class OutcomeKeeper(Protocol):
    """What keeps the outcome of a run while it goes on."""

    def is_due(self) -> bool:
        """Tell whether the outcome so far is wanted now; asked some times a second."""

    def keep(self, outcome: Outcome) -> None:
        """Take what there is by now, marked as partial."""
