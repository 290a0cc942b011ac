"""The account in words, the same for the terminal and the window."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from tickreel.fetch.economics.budget import BudgetState
from tickreel.fetch.economics.claims import Unit
from tickreel.fetch.economics.prices import FIGURES, PriceTable, format_usd
from tickreel.fetch.economics.savings import SECONDS_PER_MONTH
from tickreel.market.units import (
    ABSENT,
    format_bytes,
    format_count,
    format_duration_s,
    format_full,
    format_percent,
)

if TYPE_CHECKING:
    from tickreel.fetch.economics.account import Account
    from tickreel.fetch.economics.budget import Budget
    from tickreel.fetch.economics.claims import Claim, Sides
    from tickreel.fetch.economics.savings import Payback


def told_budget(budget: Budget) -> str:
    """Say how much of the calls of a month is used."""
    calls = f"{format_full(budget.calls)} in {budget.month}"
    if budget.limit is None:
        return calls
    told = f"{format_full(budget.calls)} of {format_full(budget.limit)} in {budget.month}"
    if budget.share is not None:
        told += f" ({format_percent(budget.share)})"
    notes = {
        BudgetState.FINE: "",
        BudgetState.WARN: f": {format_full(budget.left or 0)} are left",
        BudgetState.SPENT: ": all are used, and fetching is refused until the next month",
    }
    return told + notes[budget.state]


def told_storage(account: Account) -> str:
    """Say how much of the quota is used."""
    used = f"{format_bytes(account.found.used_bytes)} in use"
    if account.quota_bytes is None:
        return f"{used}, no quota is set"
    told = f"{used} of a quota of {format_bytes(account.quota_bytes)}"
    return f"{told}, {format_bytes(account.over_bytes)} over it" if account.over_bytes else told


def told_payback(back: Payback) -> str:
    """Say after how long the price of the plan has come back, or why that cannot be told."""
    if back.months is None:
        return back.reason
    span = format_duration_s(back.months * SECONDS_PER_MONTH)
    return f"{span}, at {format_usd(back.saved_usd_per_month or 0)} saved a month"


def told_sides(sides: Sides, unit: Unit) -> str:
    """Set the two sides of a row beside each other."""
    cached = _told(sides.cached, unit)
    if sides.cached_to is not None:
        cached += f" to {_told(sides.cached_to, unit)}"
    told = f"{_told(sides.direct, unit)} → {cached}"
    return f"{told} {sides.per}" if sides.per else told


def _told(value: float | None, unit: Unit) -> str:
    if value is None:
        return ABSENT
    match unit:
        case Unit.USD:
            return format_usd(value)
        case Unit.CALLS:
            return format_count(round(value))
        case Unit.SECONDS:
            return _told_span(value)
        case Unit.SHARE:
            return format_percent(value)


def told_how(claim: Claim) -> str:
    """Say how a row was measured, or why it was not, with the command that does it."""
    command = f" (`{claim.command}`)" if claim.command else ""
    if claim.measured is None:
        return f"not measured: {claim.how}{command}"
    return f"{claim.how}; one side is missing{command}" if command else claim.how


def _told_span(seconds: float) -> str:
    """Print a span; minutes not rounded to whole ones, for the article's are not."""
    return f"{seconds / 60:.3g} min" if 90 <= seconds < 5400 else format_duration_s(seconds)


def told_saving(sides: Sides) -> str:
    """Print the part that is spared; a dash where it cannot be told."""
    if sides.saving is None:
        return ABSENT
    # 100 % would say that nothing is left of it.
    return "over 99.9 %" if 0.9995 <= sides.saving < 1 else format_percent(sides.saving)


def plan_command(table: PriceTable) -> str:
    """Spell the command line that takes on *table*, whatever was typed in before."""
    if table.plan is None and table.rates.is_empty:
        return "tickreel plan clear"
    words = ["tickreel", "plan", "set"]
    if table.plan is not None:
        words.append(shlex.quote(table.plan.name))
    for figure in FIGURES:
        holder = table.rates if figure.section == "rates" else table.plan
        if holder is None:
            continue
        value = getattr(holder, figure.name)
        told = "none" if value is None else f"{value:.0f}" if value == int(value) else repr(value)
        words += [f"--{figure.name.replace('_', '-')}", told]
    return " ".join(words)
