"""The call budget of a month: what the plan allows, and what was asked of the vendor so far."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tickreel.market.time import day_of, day_start_us
from tickreel.market.units import format_full, format_percent

if TYPE_CHECKING:
    from datetime import date

    from tickreel.fetch.economics.prices import Plan
    from tickreel.store.records.database import Database

WARN_PERCENT = 80


class BudgetState(StrEnum):
    """How far a budget is used."""

    FINE = "fine"
    WARN = "warn"
    """80 % or more of it."""
    SPENT = "spent"
    """All of it, or more."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether requests may be made."""

    is_allowed: bool
    state: BudgetState
    """Of the budget after them."""
    reason: str
    """Why not, and what to do; or what the asker should know. Empty when there is nothing to say."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Requests to the vendor in one UTC month."""

    month: str
    """YYYY-MM."""
    ends_us: int
    """When the next month begins, with a budget of its own."""
    calls: int
    """Requests so far, failures included."""
    plan: str | None = None
    limit: int | None = None
    """Calls that the plan allows; None without a limit."""

    @property
    def state(self) -> BudgetState:
        """How far it is used."""
        return self._state_at(self.calls)

    @property
    def left(self) -> int | None:
        """Requests that may still be made, or None without a limit."""
        return None if self.limit is None else max(0, self.limit - self.calls)

    @property
    def share(self) -> float | None:
        """Used part of the limit; None without a limit, or with one of 0."""
        return self.calls / self.limit if self.limit else None

    def _state_at(self, calls: int) -> BudgetState:
        if self.limit is None or 100 * calls < WARN_PERCENT * self.limit:
            return BudgetState.FINE
        return BudgetState.WARN if calls < self.limit else BudgetState.SPENT

    def check(
        self, requests_wanted: int, *, allow_over_budget: bool = False, can_be_allowed: bool = True
    ) -> Verdict:
        """Judge whether so many more requests may be made.

        They are refused when they would go beyond the limit; *allow_over_budget* lets them, which is
        advised to whoever is refused and *can_be_allowed*.
        """
        after = self.calls + requests_wanted
        state = self._state_at(after)
        if self.limit is None or state is BudgetState.FINE or requests_wanted <= 0:
            return Verdict(True, state, "")
        used = (
            f"{format_full(after)} of the {format_full(self.limit)} calls that the plan {self.plan} allows "
            f"in {self.month}"
        )
        if after <= self.limit:
            return Verdict(True, state, f"this makes {used} ({format_percent(after / self.limit)})")
        if allow_over_budget:
            return Verdict(True, state, f"this makes {used}, and was allowed")
        return Verdict(
            False,
            state,
            f"this needs {_counted(requests_wanted)} and would make {used}: ask for less, wait until "
            f"{day_of(self.ends_us)} UTC, {'allow it with --allow-over-budget, ' if can_be_allowed else ''}"
            "or change the plan with `tickreel plan set`",
        )


def read_budget(database: Database, plan: Plan | None, now_us: int) -> Budget:
    """Read how far the budget of the month is used in which *now_us* lies."""
    today = day_of(now_us)
    month = f"{today:%Y-%m}"
    rows = database.tuples("SELECT requests FROM origin_month WHERE month = ?", (month,))
    return Budget(
        month=month,
        ends_us=day_start_us(_next_month(today)),
        calls=rows[0][0] if rows else 0,
        plan=None if plan is None else plan.name,
        limit=None if plan is None else plan.calls_per_month,
    )


def _next_month(day: date) -> date:
    return day.replace(year=day.year + day.month // 12, month=day.month % 12 + 1, day=1)


def _counted(requests: int) -> str:
    return f"{format_full(requests)} request{'s' if requests != 1 else ''}"
