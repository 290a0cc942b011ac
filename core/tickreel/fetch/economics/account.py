"""The account of a home: what was typed in, beside what was counted."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.fetch.economics.budget import read_budget
from tickreel.fetch.economics.claims import compare
from tickreel.fetch.economics.savings import avoided, history_days, payback, spent
from tickreel.fetch.economics.work import read_work
from tickreel.settings import load

if TYPE_CHECKING:
    from tickreel.fetch.economics.budget import Budget
    from tickreel.fetch.economics.claims import Claim
    from tickreel.fetch.economics.prices import PriceTable
    from tickreel.fetch.economics.savings import Bill, Payback
    from tickreel.fetch.economics.work import Work
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
    work: Work
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
    def claims(self) -> tuple[Claim, ...]:
        """The founding article's rows beside what was measured here."""
        return compare(self.found, self.table.rates, self.work)

    @property
    def over_bytes(self) -> int:
        """How much is held beyond the quota."""
        return 0 if self.quota_bytes is None else max(0, self.found.used_bytes - self.quota_bytes)


def read_account(cache: Cache, table: PriceTable, found: Statistics | None = None) -> Account:
    """Sum a home up, priced by *table*; call it on a worker thread.

    Without *found*, which are the sums of the home, the whole catalog is read for them.

    Raises:
        EnvironmentProblem: the catalog cannot be read.
    """
    now_us = cache.disk.now_us()
    found = found or cache.life.statistics()
    with closing(cache.connect()) as database:
        budget = read_budget(database, table.plan, now_us)
        work = read_work(database)
    quota_bytes = load(cache.home).values.store.quota_bytes
    return Account(table, found, quota_bytes, budget, work, history_days(found, now_us))
