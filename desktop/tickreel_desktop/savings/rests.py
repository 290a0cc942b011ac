"""What each figure of the card rests on, and the founding article's rows, as rows of words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from tickreel.fetch.economics import format_usd
from tickreel.fetch.economics.words import (
    told_budget,
    told_how,
    told_saving,
    told_sides,
    told_storage,
)
from tickreel.market.units import (
    ABSENT,
    format_bytes,
    format_duration_s,
    format_full,
    format_percent,
)
from tickreel.store.care.statistics import DAYS_OF_USE
from tickreel.store.records.usage import hit_rate_of
from tickreel_desktop.savings.words import payback_words
from tickreel_desktop.zone.times import moment_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel.fetch.economics import Rates
    from tickreel.market.zone import Zone
    from tickreel.store.records.usage import TierUsage
    from tickreel_desktop.savings.figures import SavingsFigures

N = TypeVar("N", int, float)

_NONE_YET = "None yet"
_QUOTED = re.compile(r"`([^`]*)`")
"""A command, as a terminal marks it."""


def rest_rows(figures: SavingsFigures, zone: Zone) -> list[tuple[str, str, str]]:
    """Give each figure: its name, its value here, what it rests on, with times in *zone*."""
    account = figures.account
    found, spared, paid = account.found, account.spared, account.paid
    local, origin = found.local, found.origin
    return [
        (
            "Vendor calls avoided",
            format_full(spared.requests) if spared.requests else _NONE_YET,
            "Reads served from days that the vendor could have served: each read of each such day is one. "
            "Imported days do not count.",
        ),
        (
            "Transfer avoided",
            _told(spared.bytes if spared.requests else None, format_bytes, _NONE_YET),
            "The size of the vendor's files of those days, once for each such read.",
        ),
        (
            "Waiting avoided",
            _told(spared.seconds if spared.requests else None, format_duration_s, _NONE_YET),
            _waiting(figures),
        ),
        (
            "Money avoided",
            _told(spared.usd if spared.requests else None, format_usd, ABSENT),
            figures.problem or _prices(account.table.rates),
        ),
        (
            "Spent",
            str(paid) if origin.is_used else "Nothing fetched yet",
            "What was asked of the vendor, failures included; the waiting is that of the days that came."
            + ("" if origin.since_us is None else f" Since {moment_text(zone, origin.since_us)}."),
        ),
        (
            "Payback",
            payback_words(account.payback),
            "The price of the plan over what a month saves: avoided less spent, at the rate since the first "
            "day was fetched.",
        ),
        ("Calls this month", told_budget(account.budget), "A UTC month; every request counts, failures too."),
        ("Storage", told_storage(account), "Days, keyframes and trash, against the quota of the settings."),
        (
            f"Hit rate, {DAYS_OF_USE} days",
            _told(hit_rate_of(found.local_days), format_percent, "No reads yet"),
            "Days served of all days that reads asked for, by the UTC day on which they were counted. Reads "
            "from before that was kept are in the next row alone.",
        ),
        (
            "Hit rate, in all",
            _told(local.hit_rate, format_percent, "No reads yet"),
            f"{format_full(local.hits)} hits, {format_full(local.misses)} misses"
            + ("." if local.since_us is None else f", since {moment_text(zone, local.since_us)}."),
        ),
        (
            "Local latency",
            _latencies(local.p50_ms, local.p99_ms, "No reads yet"),
            "A read of one day, rows decoded: half of all and 99 of 100 took no longer, to a tenth or so.",
        ),
        *_shared_row(found.shared),
        (
            "Origin latency",
            _latencies(origin.p50_ms, origin.p99_ms, "Nothing fetched yet"),
            "The download of one day's file.",
        ),
    ]


def _shared_row(usage: TierUsage) -> list[tuple[str, str, str]]:
    """Tell of a shared cache, where one was ever asked."""
    if not usage.hits + usage.misses:
        return []
    told = _latencies(usage.p50_ms, usage.p99_ms, "Nothing brought yet")
    return [("Shared cache latency", told, "One day brought from there, checked and stored here.")]


def claim_rows(figures: SavingsFigures) -> list[tuple[str, str, str, str, str, str]]:
    """Give the article's rows: what, claimed and its saving, measured here and its saving, how."""
    return [
        (
            claim.title,
            told_sides(claim.claimed, claim.unit),
            told_saving(claim.claimed),
            "Not measured" if claim.measured is None else told_sides(claim.measured, claim.unit),
            ABSENT if claim.measured is None else told_saving(claim.measured),
            _QUOTED.sub(r"“\1”", _sentence(told_how(claim))),
        )
        for claim in figures.account.claims
    ]


def _told(value: N | None, tell: Callable[[N], str], none: str) -> str:
    return none if value is None else tell(value)


def _waiting(figures: SavingsFigures) -> str:
    origin = figures.account.found.origin
    if origin.fetch_s is None:
        return "Such reads, times what a day takes here to be fetched; no day was timed yet."
    days = f"{format_full(origin.days)} day{'s' if origin.days != 1 else ''}"
    return (
        f"Such reads, times {format_duration_s(origin.fetch_s)}: the median of what a day took here to be "
        f"downloaded and stored, of {days}."
    )


def _prices(rates: Rates) -> str:
    priced = (
        (rates.usd_per_request, "a request"),
        (rates.usd_per_gb, "a GB"),
        (rates.usd_per_waiting_hour, "an hour of waiting"),
    )
    told = ", ".join(f"{format_usd(price)} {what}" for price, what in priced if price is not None)
    if not told:
        return "No price is set, so no money is counted. Prices are typed in under Plan and prices."
    return f"Calls, bytes and waiting at your prices: {told}. What has no price is left out."


def _latencies(p50_ms: float | None, p99_ms: float | None, none: str) -> str:
    if p50_ms is None or p99_ms is None:
        return none
    return f"{format_duration_s(p50_ms / 1000)} p50, {format_duration_s(p99_ms / 1000)} p99"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
