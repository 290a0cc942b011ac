"""All that the card and its dialog show, read in one go on a worker thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.errors import DataError, EnvironmentProblem
from tickreel.fetch.economics import PriceTable, read_account, read_prices

if TYPE_CHECKING:
    from tickreel.fetch.economics import Account
    from tickreel.store import Cache
    from tickreel.store.care.statistics import Statistics


@dataclass(frozen=True, slots=True)
class SavingsFigures:
    """The account of a home, and what is wrong with its price table."""

    account: Account
    problem: str = ""
    """Why nothing is priced although there is a price table; empty when all is well."""


def read_figures(cache: Cache, found: Statistics | None = None) -> SavingsFigures:
    """Price the sums of a home, which are read where they are not given; runs on a worker thread.

    Raises:
        EnvironmentProblem: the catalog cannot be read.
    """
    problem = ""
    try:
        table = read_prices(cache.home)
    except (DataError, EnvironmentProblem) as error:
        table, problem = PriceTable(), str(error)
    return SavingsFigures(read_account(cache, table, found), problem)
