"""What the cache spared and what was spent all the same: counted and timed here, priced as typed in.

Spared is every read that was served from a day which the vendor could have served: one request, the
bytes of its file, and the time that a day takes here, which is the median of what this home saw.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.fetch.economics.prices import format_usd
from tickreel.market.time import US_PER_DAY
from tickreel.market.units import ABSENT, format_bytes, format_duration_s, format_full

if TYPE_CHECKING:
    from tickreel.fetch.economics.prices import PriceTable, Rates
    from tickreel.store.care.statistics import Statistics

_DAYS_PER_MONTH = 365.25 / 12
SECONDS_PER_MONTH = _DAYS_PER_MONTH * 86_400


@dataclass(frozen=True, slots=True)
class Bill:
    """Requests with what they bring, take and cost; None = cannot be known."""

    requests: int
    bytes: int | None
    seconds: float | None
    usd: float | None
    """None also while nothing has a price."""

    def __str__(self) -> str:
        size = ABSENT if self.bytes is None else format_bytes(self.bytes)
        wait = ABSENT if self.seconds is None else format_duration_s(self.seconds)
        requests = f"{format_full(self.requests)} request{'s' if self.requests != 1 else ''}"
        told = f"{requests}, {size}, {wait} of waiting"
        return told if self.usd is None else f"{told}, {format_usd(self.usd)}"


def avoided(found: Statistics, rates: Rates) -> Bill:
    """Sum up what reading from the cache spared."""
    hits = found.local.origin_hits
    # Days that were stored before sizes were kept have none; a file of 0 bytes there is not.
    size = found.local.origin_bytes if found.local.origin_bytes or not hits else None
    fetch_s = found.origin.fetch_s
    seconds = 0.0 if not hits else None if fetch_s is None else hits * fetch_s
    return Bill(hits, size, seconds, rates.usd(hits, size, seconds))


def spent(found: Statistics, rates: Rates) -> Bill:
    """Sum up what was asked of the vendor, failures included; the time is that of the days that came."""
    origin = found.origin
    seconds = None if origin.days and origin.fetch_s is None else origin.seconds
    return Bill(origin.requests, origin.bytes, seconds, rates.usd(origin.requests, origin.bytes, seconds))


def history_days(found: Statistics, now_us: int) -> float | None:
    """Tell for how long there has been something to spare: since the first day was fetched.

    None before that.
    """
    since_us = found.origin.since_us
    return None if since_us is None else max(0, now_us - since_us) / US_PER_DAY


@dataclass(frozen=True, slots=True)
class Payback:
    """How long a plan's price takes to come back."""

    months: float | None
    """Months of 30.4 days of saving that make up the price of one month, or None: see *reason*."""
    saved_usd_per_month: float | None
    """Spared less spent; None while it cannot be told."""
    reason: str
    """Why it cannot be told yet; empty when it is."""


def payback(table: PriceTable, spared: Bill, paid: Bill, days: float | None) -> Payback:
    """Hold the price of the plan against the saving in *days*, the measured history.

    The saving is what was *spared* less what was *paid*: without a cache nobody would have had to
    fetch a day before reading it.
    """
    plan = table.plan
    rate = None
    if spared.usd is not None and paid.usd is not None and days is not None and days >= 1:
        rate = (spared.usd - paid.usd) / days * _DAYS_PER_MONTH
    reason = ""
    if plan is None or plan.usd_per_month is None:
        reason = "no plan with a price is set: `tickreel plan set`"
    elif table.rates.is_empty:
        reason = "no price of a request, a GB or an hour is set: `tickreel plan set`"
    elif days is None:
        reason = "nothing was fetched yet, so nothing could be spared"
    elif days < 1:
        reason = "there is less than a day of history"
    elif rate is None:
        reason = "of what was spared, not all is known that has a price"
    elif rate <= 0:
        reason = "no more was spared than spent so far, at the prices that are set"
    else:
        return Payback(plan.usd_per_month / rate, rate, "")
    return Payback(None, rate, reason)
