"""How the shared cache of a home stands, in one object: for a card, a line of status, and JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.market.units import format_duration_s
from tickreel.shared.server import look_at
from tickreel.shared.trouble import TierState

if TYPE_CHECKING:
    from tickreel.shared.breaker import BreakerView
    from tickreel.shared.calls import Counts
    from tickreel.shared.server import ServerFacts
    from tickreel.shared.supply import SharedSupply
    from tickreel.shared.trouble import Trouble
    from tickreel.store.records.usage import TierUsage


@dataclass(frozen=True, slots=True)
class TierSnapshot:
    """One look at a shared cache; what was not asked, or is kept from us, is None."""

    state: TierState
    told: str
    """In one sentence why it is off, or what is wrong; empty when all is well."""
    advice: str = ""
    """In one sentence what to do; empty when there is nothing to do."""
    address: str | None = None
    """Without user and password."""
    trouble: Trouble | None = None
    is_cluster: bool | None = None
    """None before the first answer."""
    breaker: BreakerView | None = None
    """Whether the server is asked at all, and when it is tried again."""
    writes: BreakerView | None = None
    """Whether it is asked to take anything: one that is full is still read."""
    server: ServerFacts | None = None
    """What the server says of itself; None where it was not asked."""
    usage: TierUsage | None = None
    """What this home had of it, all programs together."""
    counts: Counts | None = None
    """What this process had of it."""

    @property
    def latency_s(self) -> float | None:
        """How long the shortest call takes."""
        return None if self.server is None else self.server.latency_s

    @property
    def hit_rate(self) -> float | None:
        """Days that came from there, of those that this home looked for there; None before the first."""
        return None if self.usage is None else self.usage.hit_rate

    @property
    def tries_in_s(self) -> float | None:
        """Seconds until a server that is left alone is tried again; None while it is asked."""
        return None if self.state is not TierState.OPEN or self.breaker is None else self.breaker.tries_in_s


def glance_at(supply: SharedSupply) -> TierSnapshot:
    """Tell how a shared cache stands by what its calls have met; nobody is asked, and nothing waits."""
    return _snapshot(supply, None, None)


def look_over(supply: SharedSupply) -> TierSnapshot:
    """Ask the server how it is, within one deadline, and add what this home had of it.

    A server that is left alone at present is not asked.

    Raises:
        EnvironmentProblem: the catalog cannot be read.
    """
    server = look_at(supply.tier.line)
    return _snapshot(supply, server, supply.usage())


def _snapshot(supply: SharedSupply, server: ServerFacts | None, usage: TierUsage | None) -> TierSnapshot:
    view = supply.view()
    trouble = server.trouble if server is not None and server.trouble is not None else view.trouble
    told, advice = "", ""
    if trouble is not None:
        told = f"{trouble}: days are read, not put there" if trouble.concerns_writes_only else trouble.value
        advice = trouble.advice
    elif server is not None:
        advice = " ".join(server.warnings)
    state = view.state
    if state is TierState.OPEN:
        after = format_duration_s(view.breaker.tries_in_s) if view.breaker.tries_in_s else "the next call"
        told = f"the server failed and is left alone; it is tried again after {after}"
    elif trouble is not None:
        state = TierState.ERROR
    return TierSnapshot(
        state=state,
        told=told,
        advice=advice,
        address=view.address,
        trouble=trouble,
        is_cluster=view.is_cluster,
        breaker=view.breaker,
        writes=view.writes,
        server=server,
        usage=usage,
        counts=supply.tier.counts,
    )
