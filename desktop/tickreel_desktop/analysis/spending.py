"""What models have cost, against what they may: as figures, and in words."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.analysis.caps import Caps
from tickreel.analysis.ledger import Ledger
from tickreel.analysis.prices import NANO
from tickreel.settings import load

if TYPE_CHECKING:
    from tickreel.store import Cache

_SMALLEST_USD = 0.00005


@dataclass(frozen=True, slots=True)
class Spending:
    """Dollars that were spent, calls under way at their worst, and the most that may be."""

    session_usd: float
    day_usd: float
    cap_call_usd: float
    cap_session_usd: float
    cap_day_usd: float

    @property
    def day_part(self) -> float:
        """The part of the day's cap that is spent; 1 of a cap of nothing."""
        return self.day_usd / self.cap_day_usd if self.cap_day_usd else 1.0


def read_spending(cache: Cache) -> Spending:
    """Read it from the ledger of the home; on a worker thread.

    Raises:
        TickreelError: the catalog or the settings cannot be read.
    """
    with closing(cache.connect()) as database:
        ledger = Ledger(database, Caps.of(load(cache.home)), cache.disk.now_us)
        spent, caps = ledger.spend(), ledger.caps
    return Spending(
        spent.session / NANO, spent.day / NANO, caps.call / NANO, caps.session / NANO, caps.day / NANO
    )


def money(usd: float) -> str:
    """Write an amount: four decimals below a cent, else two; what is less than that says so."""
    if 0 < usd < _SMALLEST_USD:
        return "under $0.0001"
    return f"${usd:.4f}" if 0 < usd < 0.01 else f"${usd:,.2f}"


def at_most(usd: float) -> str:
    """Write the most that something costs, never less than it is."""
    if usd >= 0.01:
        return f"${-(-usd * 100 // 1) / 100:,.2f}"
    return f"${-(-usd * 10_000 // 1) / 10_000:.4f}" if usd else "nothing"
