"""The account of a home: prices and plan beside what was counted, for people and as JSON."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from tickreel.cli.console import print_table
from tickreel.cli.jsonform import bill_form
from tickreel.fetch.economics import (
    BudgetState,
    Unit,
    avoided,
    compare,
    format_usd,
    history_days,
    payback,
    read_budget,
    spent,
)
from tickreel.fetch.economics.savings import SECONDS_PER_MONTH
from tickreel.market.units import (
    ABSENT,
    format_bytes,
    format_count,
    format_duration_s,
    format_full,
    format_percent,
    format_stamp,
)
from tickreel.settings import load

if TYPE_CHECKING:
    from tickreel.fetch.economics import Bill, Budget, Claim, Payback, PriceTable, Sides
    from tickreel.store import Cache
    from tickreel.store.care.statistics import Statistics


@dataclass(frozen=True, slots=True)
class Account:
    """All that is told of a home: what is typed in, beside what was counted."""

    table: PriceTable
    found: Statistics
    quota_bytes: int | None
    """As the settings have it now; a cache that is open keeps the one it began with."""
    budget: Budget
    days: float | None
    """Of history."""

    @property
    def paid(self) -> Bill:
        """What was asked of the vendor."""
        return spent(self.found, self.table.rates)

    @property
    def spared(self) -> Bill:
        """What the cache spared."""
        return avoided(self.found, self.table.rates)

    @property
    def payback(self) -> Payback:
        """When the plan's price comes back."""
        return payback(self.table, self.spared, self.paid, self.days)

    @property
    def over_bytes(self) -> int:
        """How much is held beyond the quota."""
        return 0 if self.quota_bytes is None else max(0, self.found.used_bytes - self.quota_bytes)


def read_account(cache: Cache, table: PriceTable) -> Account:
    """Sum a home up, priced by *table*."""
    now_us = cache.disk.now_us()
    found = cache.life.statistics()
    with closing(cache.connect()) as database:
        budget = read_budget(database, table.plan, now_us)
    quota_bytes = load(cache.home).values.store.quota_bytes
    return Account(table, found, quota_bytes, budget, history_days(found, now_us))


def account_form(account: Account, note: str | None = None) -> dict[str, Any]:
    """Give the account, and a *note* on what was just done."""
    table, budget, back = account.table, account.budget, account.payback
    return {
        "plan": None if table.plan is None else asdict(table.plan),
        "rates": asdict(table.rates),
        "budget": {
            "month": budget.month,
            "ends_us": budget.ends_us,
            "calls": budget.calls,
            "limit": budget.limit,
            "left": budget.left,
            "share": budget.share,
            "state": budget.state.value,
        },
        "quota_bytes": account.quota_bytes,
        "used_bytes": account.found.used_bytes,
        "since_us": account.found.origin.since_us,
        "history_days": account.days,
        "spent": bill_form(account.paid),
        "avoided": bill_form(account.spared),
        "payback": {
            "months": back.months,
            "saved_usd_per_month": back.saved_usd_per_month,
            "reason": back.reason or None,
        },
        "comparison": [_claim_form(claim) for claim in compare(account.found, table.rates)],
        "note": note,
    }


def _claim_form(claim: Claim) -> dict[str, Any]:
    return {
        "name": claim.name,
        "unit": claim.unit.value,
        "claimed": _sides_form(claim.claimed),
        "measured": None if claim.measured is None else _sides_form(claim.measured),
        "how": claim.how,
        "command": claim.command,
    }


def _sides_form(sides: Sides) -> dict[str, Any]:
    return {**asdict(sides), "per": sides.per or None, "saving": sides.saving}


def print_account(account: Account) -> None:
    """Print the account, and the article's rows beside what was measured."""
    for line in table_lines(account.table):
        print(line)
    since_us = account.found.origin.since_us
    back = account.payback
    claims = compare(account.found, account.table.rates)
    lines = (
        ("calls", _told_budget(account.budget)),
        ("storage", _told_storage(account)),
        ("fetched since", ABSENT if since_us is None else format_stamp(since_us, 0)),
        ("spent", str(account.paid)),
        ("avoided", str(account.spared)),
        (
            "payback",
            back.reason if back.months is None else _told_payback(back.months, back.saved_usd_per_month),
        ),
    )
    for name, value in lines:
        print(f"{name:<13}  {value}")
    print()
    print_table(
        ("THE ARTICLE'S ROW", "CLAIMED", "SAVING", "MEASURED HERE", "SAVING"),
        [
            (
                claim.title,
                _told_sides(claim.claimed, claim.unit),
                _told_saving(claim.claimed),
                "not measured" if claim.measured is None else _told_sides(claim.measured, claim.unit),
                ABSENT if claim.measured is None else _told_saving(claim.measured),
            )
            for claim in claims
        ],
        right=("SAVING",),
    )
    print()
    for claim in claims:
        print(f"{claim.title}: {_told_how(claim)}.")


def table_lines(table: PriceTable) -> list[str]:
    """Tell what is typed in."""
    plan, rates = table.plan, table.rates
    if plan is None:
        told = "none is set: `tickreel plan set`"
    else:
        price = ABSENT if plan.usd_per_month is None else format_usd(plan.usd_per_month)
        calls = (
            "no limit of calls"
            if plan.calls_per_month is None
            else f"{format_full(plan.calls_per_month)} calls"
        )
        storage = "no limit of storage" if plan.storage_bytes is None else format_bytes(plan.storage_bytes)
        told = f"{plan.name}: {price} a month, {calls}, {storage}"
    priced = (
        (rates.usd_per_request, "a request"),
        (rates.usd_per_gb, "a GB"),
        (rates.usd_per_waiting_hour, "an hour of waiting"),
    )
    prices = [f"{format_usd(price)} {what}" for price, what in priced if price is not None]
    return [
        f"{'plan':<13}  {told}",
        f"{'prices':<13}  {', '.join(prices) or 'none are set: `tickreel plan set`'}",
    ]


def _told_budget(budget: Budget) -> str:
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


def _told_storage(account: Account) -> str:
    used = f"{format_bytes(account.found.used_bytes)} in use"
    if account.quota_bytes is None:
        return f"{used}, no quota is set"
    told = f"{used} of a quota of {format_bytes(account.quota_bytes)}"
    return f"{told}, {format_bytes(account.over_bytes)} over it" if account.over_bytes else told


def _told_payback(months: float, saved_usd: float | None) -> str:
    span = format_duration_s(months * SECONDS_PER_MONTH)
    return f"{span}, at {format_usd(saved_usd or 0)} saved a month"


def _told_sides(sides: Sides, unit: Unit) -> str:
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


def _told_how(claim: Claim) -> str:
    command = f" (`{claim.command}`)" if claim.command else ""
    if claim.measured is None:
        return f"not measured: {claim.how}{command}"
    return f"{claim.how}; one side is missing{command}" if command else claim.how


def _told_span(seconds: float) -> str:
    """Print a span; minutes not rounded to whole ones, for the article's are not."""
    return f"{seconds / 60:.3g} min" if 90 <= seconds < 5400 else format_duration_s(seconds)


def _told_saving(sides: Sides) -> str:
    if sides.saving is None:
        return ABSENT
    # 100 % would say that nothing is left of it.
    return "over 99.9 %" if 0.9995 <= sides.saving < 1 else format_percent(sides.saving)
