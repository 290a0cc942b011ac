"""Economics: what fetching costs, what the cache spares, and how much the plan still allows.

Counted and timed in this home, priced with what was typed in, and nothing else.
"""

from __future__ import annotations

from tickreel.fetch.economics.account import Account, read_account
from tickreel.fetch.economics.adoption import Adoption, adopt, give_up
from tickreel.fetch.economics.budget import Budget, BudgetState, Verdict, read_budget
from tickreel.fetch.economics.claims import Claim, Sides, Unit, compare
from tickreel.fetch.economics.pricefile import prices_path, read_prices
from tickreel.fetch.economics.prices import PRESETS, Plan, PriceTable, Rates, format_usd
from tickreel.fetch.economics.savings import Bill, Payback, avoided, history_days, payback, spent
from tickreel.fetch.economics.work import Work, read_work

__all__ = [
    "PRESETS",
    "Account",
    "Adoption",
    "Bill",
    "Budget",
    "BudgetState",
    "Claim",
    "Payback",
    "Plan",
    "PriceTable",
    "Rates",
    "Sides",
    "Unit",
    "Verdict",
    "Work",
    "adopt",
    "avoided",
    "compare",
    "format_usd",
    "give_up",
    "history_days",
    "payback",
    "prices_path",
    "read_account",
    "read_budget",
    "read_prices",
    "read_work",
    "spent",
]
