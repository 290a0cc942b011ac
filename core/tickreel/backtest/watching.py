"""What may be watched of a run while it goes on, beside how far it is."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


@runtime_checkable
class RunWatcher(Protocol):
    """A monitor that also wants to know what a run is called, and what it is worth by now."""

    def tell_begun(self, run_id: str) -> None:
        """Take the id of the run or sweep; it is recorded, and nothing is simulated yet."""

    def tell_equity(self, at_us: int, equity: float) -> None:
        """Take the newest sample of equity, summed over the instruments.

        Instruments that settle in several currencies have no such sum, and nothing is told of them.
        """
