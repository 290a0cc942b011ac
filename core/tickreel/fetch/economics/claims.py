"""The founding article's six comparison rows beside what was measured in this home.

What the article says is quoted as its claim. A saving is always computed from its two sides, the
article's as well as ours; no percentage is copied.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tickreel.fetch.economics.savings import avoided, spent
from tickreel.market.time import day_of
from tickreel.market.units import format_full

if TYPE_CHECKING:
    from tickreel.fetch.economics.prices import Rates
    from tickreel.fetch.economics.work import Work
    from tickreel.store.care.statistics import Statistics

_MILLION, _BILLION = 10**6, 10**9
_FETCH = "tickreel fetch EXCHANGE SYMBOL TYPE FROM TO"
_READ = "tickreel rows EXCHANGE SYMBOL TYPE FROM TO"
_PRICE = "tickreel plan set --usd-per-request N --usd-per-gb N --usd-per-waiting-hour N"
_BACKTEST = "tickreel backtest STRATEGY EXCHANGE:SYMBOL FROM TO"
_ANALYSE = "tickreel analyze EXCHANGE SYMBOL FROM TO"


class Unit(StrEnum):
    """What the sides of a row are counted in."""

    USD = "usd"
    CALLS = "calls"
    SECONDS = "seconds"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class Sides:
    """One figure straight from the vendor and with the cache; None = not known, or there is none."""

    direct: float | None
    cached: float | None
    cached_to: float | None = None
    """Upper end of *cached*, where the article names a range."""
    per: str = ""
    """What the figures are for, such as ``a month``."""

    @property
    def saving(self) -> float | None:
        """The part of *direct* that the cache spares; None where a side is missing, or there is nothing."""
        if self.cached is None or not self.direct:
            return None
        return 1 - self.cached / self.direct


@dataclass(frozen=True, slots=True)
class Claim:
    """One row of the article's comparison."""

    name: str
    """For programs."""
    title: str
    unit: Unit
    claimed: Sides
    measured: Sides | None
    """None = not measured here."""
    how: str
    """How it was measured, or why it was not."""
    command: str | None
    """What measures it, or the part of it that is missing; None where nothing is missing, or can be done."""


def compare(found: Statistics, rates: Rates, work: Work) -> tuple[Claim, ...]:
    """Set the article's six rows beside what this home has counted."""
    return (
        _cost(found, rates),
        _calls(found),
        _latency(found),
        _backtest(work),
        _analysis(work),
        _hit_rate(found),
    )


def _cost(found: Statistics, rates: Rates) -> Claim:
    """Price what was asked of the vendor, and what would have been asked without a cache."""
    paid, spared, rows = spent(found, rates), avoided(found, rates), found.origin.rows
    measured = None
    command: str | None = None
    if not rows:
        how, command = "nothing was fetched here yet", _FETCH
    elif rates.is_empty:
        how, command = "no price is set", _PRICE
    elif not spared.requests:
        how, command = "no fetched day was read yet", _READ
    elif paid.usd is None or spared.usd is None:
        how, command = "of what was spared, not all is known that has a price", _FETCH
    else:
        scale = _BILLION / rows  # both sides for the same ticks
        measured = Sides(spared.usd * scale, paid.usd * scale, per="a billion ticks fetched")
        how = (
            "requests, bytes and waiting at the prices that are set: what the reads of fetched days would "
            "have cost, each straight from the vendor, and what was spent; the price of the plan is left out"
        )
    return Claim(
        "billion_ticks",
        "Cost of a billion ticks",
        Unit.USD,
        Sides(6500, 950, per="a month"),
        measured,
        how,
        command,
    )


def _calls(found: Statistics) -> Claim:
    asked, spared = found.origin.requests, found.local.origin_hits
    measured = None
    how, command = "nothing was asked of the vendor yet", _FETCH
    if asked or spared:
        since_us = found.origin.since_us
        since = "" if since_us is None else f"since {day_of(since_us)}"
        measured = Sides(spared, asked, per=since)
        how = "each read of a fetched day would be one; requests that were made, failures included"
    return Claim(
        "api_calls",
        "API calls",
        Unit.CALLS,
        Sides(10_000_000, 500_000, per="a month"),
        measured,
        how,
        None if measured else command,
    )


def _latency(found: Statistics) -> Claim:
    direct, cached = found.origin.p99_ms, found.local.p99_ms
    measured = None
    if direct is not None or cached is not None:
        measured = Sides(_seconds(direct), _seconds(cached))
    command = _FETCH if direct is None else _READ if cached is None else None
    return Claim(
        "latency_p99",
        "Latency, p99",
        Unit.SECONDS,
        Sides(0.250, 0.045),
        measured,
        "from the vendor: the download of a day's file; with the cache: a read of one day, rows decoded",
        command,
    )


def _backtest(work: Work) -> Claim:
    measured = None
    how = "no backtest of an hour and more was run here yet"
    if work.backtest_day_s is not None:
        measured = Sides(None, work.backtest_day_s)
        runs = "1 run" if work.runs == 1 else f"the newest {format_full(work.runs)} runs, the median of them"
        how = f"{runs}, scaled to a day of the range; without a cache its days would be fetched first"
    return Claim(
        "backtest_of_a_day",
        "Backtest of a day of data",
        Unit.SECONDS,
        Sides(45 * 60, 4.5 * 60),
        measured,
        how,
        None if measured else _BACKTEST,
    )


def _analysis(work: Work) -> Claim:
    measured = None
    how = "no call of a model has cost anything here yet"
    if work.tokens:
        measured = Sides(None, work.usd * _MILLION / work.tokens, per="a million tokens")
        how = "all calls of models that cost something, at the price of each; `tickreel llm calls` lists them"
    return Claim(
        "ai_analysis",
        "AI analysis",
        Unit.USD,
        Sides(None, 0.42, per="a million tokens"),
        measured,
        how,
        None if measured else _ANALYSE,
    )


def _hit_rate(found: Statistics) -> Claim:
    rate = found.local.hit_rate
    return Claim(
        "hit_rate",
        "Cache hit rate",
        Unit.SHARE,
        Sides(0.0, 0.85, 0.92),
        None if rate is None else Sides(None, rate),
        "days served of all days that reads asked for; without a cache there is no such rate",
        _READ if rate is None else None,
    )


def _seconds(latency_ms: float | None) -> float | None:
    return None if latency_ms is None else latency_ms / 1000
