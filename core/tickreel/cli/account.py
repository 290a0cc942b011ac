"""The account of a home for people, and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tickreel.cli.console import print_table
from tickreel.cli.jsonform import bill_form
from tickreel.fetch.economics import format_usd
from tickreel.fetch.economics.words import (
    told_budget,
    told_how,
    told_payback,
    told_saving,
    told_sides,
    told_storage,
)
from tickreel.market.units import ABSENT, format_bytes, format_full, format_stamp

if TYPE_CHECKING:
    from tickreel.fetch.economics import Account, Claim, PriceTable, Sides


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
        "comparison": [_claim_form(claim) for claim in account.claims],
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
    claims = account.claims
    lines = (
        ("calls", told_budget(account.budget)),
        ("storage", told_storage(account)),
        ("fetched since", ABSENT if since_us is None else format_stamp(since_us, 0)),
        ("spent", str(account.paid)),
        ("avoided", str(account.spared)),
        ("payback", told_payback(account.payback)),
    )
    for name, value in lines:
        print(f"{name:<13}  {value}")
    print()
    print_table(
        ("THE ARTICLE'S ROW", "CLAIMED", "SAVING", "MEASURED HERE", "SAVING"),
        [
            (
                claim.title,
                told_sides(claim.claimed, claim.unit),
                told_saving(claim.claimed),
                "not measured" if claim.measured is None else told_sides(claim.measured, claim.unit),
                ABSENT if claim.measured is None else told_saving(claim.measured),
            )
            for claim in claims
        ],
        right=("SAVING",),
    )
    print()
    for claim in claims:
        print(f"{claim.title}: {told_how(claim)}.")


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
