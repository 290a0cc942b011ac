"""The figures of the card in words: what is not known yet says so, and is no zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.fetch.economics import format_usd
from tickreel.fetch.economics.words import told_payback
from tickreel.market.units import ABSENT, format_bytes, format_duration_s, format_full, format_percent
from tickreel.store.care.statistics import DAYS_OF_USE
from tickreel.store.records.usage import hit_rate_of

if TYPE_CHECKING:
    from tickreel.fetch.economics.savings import Payback
    from tickreel.store.records.usage import DayOfUse, TierUsage
    from tickreel_desktop.savings.figures import SavingsFigures

NO_READS = "No reads yet"
NOT_FETCHED = "Nothing fetched yet"


@dataclass(frozen=True, slots=True)
class Figure:
    """What a tile says: a value, or in words why there is none; and what it rests on."""

    text: str
    note: str
    is_value: bool = True


@dataclass(frozen=True, slots=True)
class CardWords:
    """All that the card says."""

    calls: Figure
    transfer: Figure
    money: Figure | None
    """None where nothing has a price."""
    waiting: Figure
    hit_rate: Figure
    local: tuple[str, str] | str
    """The half and 99 of 100 of reads, or why they are not known."""
    shared: tuple[str, str] | str | None
    """What a day took from a shared cache; None where none was ever asked."""
    origin: tuple[str, str] | str


def card_words(figures: SavingsFigures) -> CardWords:
    """Word the figures of a home."""
    account = figures.account
    spared, paid, found = account.spared, account.paid, account.found
    local, origin = found.local, found.origin
    none = _nothing_spared(figures)
    fetch_s = origin.fetch_s
    in_all = format_full(spared.requests + paid.requests)
    return CardWords(
        calls=none or Figure(format_full(spared.requests), f"of {in_all} in all"),
        transfer=none
        or Figure(
            ABSENT if spared.bytes is None else format_bytes(spared.bytes),
            "sizes of the files are not known" if spared.bytes is None else "size of the vendor's files",
        ),
        money=_money(figures, none),
        waiting=none
        or Figure(
            ABSENT if spared.seconds is None else format_duration_s(spared.seconds),
            "no download was timed" if fetch_s is None else f"at {format_duration_s(fetch_s)} a day fetched",
        ),
        hit_rate=_hit_rate(found.local_days),
        local=_latencies(local.p50_ms, local.p99_ms) or NO_READS.lower(),
        shared=_shared(found.shared),
        origin=_latencies(origin.p50_ms, origin.p99_ms) or NOT_FETCHED.lower(),
    )


def _nothing_spared(figures: SavingsFigures) -> Figure | None:
    """Say why there is nothing to tell of yet; None where there is."""
    found = figures.account.found
    if found.local.origin_hits:
        return None
    if not found.origin.days:
        return Figure(NOT_FETCHED, "imports do not count", is_value=False)
    return Figure(NO_READS, "of fetched days", is_value=False)


def _money(figures: SavingsFigures, none: Figure | None) -> Figure | None:
    if figures.problem:
        return Figure(ABSENT, "the price table is wrong")
    if figures.account.table.rates.is_empty:
        return None
    usd = figures.account.spared.usd
    if none is not None:
        return none
    return Figure(
        ABSENT if usd is None else format_usd(usd),
        "not all is known that has a price" if usd is None else "at your prices",
    )


def _hit_rate(days: tuple[DayOfUse, ...]) -> Figure:
    rate = hit_rate_of(days)
    if rate is None:
        return Figure(NO_READS, f"in the last {DAYS_OF_USE} days", is_value=False)
    return Figure(format_percent(rate), f"of reads in {DAYS_OF_USE} days")


def hit_rate_told(days: tuple[DayOfUse, ...]) -> tuple[str, str]:
    """Give the hit rate where there is no room for more, and a sentence that says of what it is."""
    figure = _hit_rate(days)
    hits, reads = sum(one.hits for one in days), sum(one.hits + one.misses for one in days)
    if not figure.is_value:
        return "no reads yet", f"Nothing was read in the last {DAYS_OF_USE} UTC days."
    about = f"{format_full(hits)} of {format_full(reads)} days that were read"
    return figure.text, f"{about} in the last {DAYS_OF_USE} UTC days were held."


def payback_words(found: Payback) -> str:
    """Say when the plan has paid for itself; why not, without the command that the dialog makes needless."""
    return told_payback(found).partition(": `tickreel")[0]


def day_words(one: DayOfUse) -> str:
    """Tell of one day: ``2026-11-30: 94.2 %, 1 284 of 1 363 days read were held``."""
    rate = ABSENT if one.hit_rate is None else format_percent(one.hit_rate)
    calls = format_full(one.hits + one.misses)
    return f"{one.day.isoformat()}: {rate}, {format_full(one.hits)} of {calls} days read were held"


def _shared(usage: TierUsage) -> tuple[str, str] | str | None:
    if not usage.hits + usage.misses:
        return None
    return _latencies(usage.p50_ms, usage.p99_ms) or "nothing brought yet"


def _latencies(p50_ms: float | None, p99_ms: float | None) -> tuple[str, str] | None:
    if p50_ms is None or p99_ms is None:
        return None
    return format_duration_s(p50_ms / 1000), format_duration_s(p99_ms / 1000)
