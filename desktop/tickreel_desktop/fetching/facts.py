"""What else a preview says below its table: room, price, key, calls, and days with reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.fetch.economics import BudgetState, format_usd
from tickreel.fetch.preflight import Action
from tickreel.fetch.request import Origin
from tickreel.keys import KeyOrigin
from tickreel.market.time import day_of
from tickreel.market.units import format_age, format_bytes, format_full
from tickreel_desktop.components import Tone
from tickreel_desktop.fetching.fates import Fate
from tickreel_desktop.fetching.words import are_word, days_words, fate_counts, has_denied, queued, why_not
from tickreel_desktop.zone.times import day_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from tickreel.fetch.preflight import PlannedDay
    from tickreel_desktop.fetching.preview import Preview

_MOST_NAMED = 3
_MOST_PLAIN_DAYS = 31
"""A month: to fetch more at once is worth a look at what it takes."""
_KEYS = {
    KeyOrigin.ENVIRONMENT: "from the environment",
    KeyOrigin.SESSION: "kept for this session",
    KeyOrigin.KEYRING: "from the keyring",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """A caption and what it says; *link* is a page of the settings that helps, by its name."""

    caption: str
    text: str
    tone: Tone = Tone.NEUTRAL
    link: str = ""
    link_text: str = ""


def facts(preview: Preview) -> tuple[Fact, ...]:
    """Tell all else that matters before the start, the room first."""
    found = [_disk(preview), _quota(preview), _price(preview), _key(preview), _calls(preview)]
    found += [_on_the_way(preview), *_days_with_reasons(preview), _lists(preview), *_notes(preview)]
    return tuple(fact for fact in found if fact is not None)


def _disk(preview: Preview) -> Fact | None:
    plan = preview.plan
    if not plan.wanted:
        return None
    if plan.disk_free_after_bytes is None:
        free = format_bytes(plan.disk_free_bytes)
        return Fact("Disk", f"{free} free; sizes are not known before a first fetch")
    if plan.disk_free_after_bytes < 0:
        short = format_bytes(-plan.disk_free_after_bytes)
        return Fact("Disk after", f"{short} are lacking: make room, or ask for less", Tone.ERROR)
    return Fact("Disk after", f"{format_bytes(plan.disk_free_after_bytes)} free")


def _quota(preview: Preview) -> Fact | None:
    quota, after = preview.quota_bytes, preview.plan.quota_free_after_bytes
    if quota is None or after is None or not preview.plan.wanted:
        return None
    used = f"{format_bytes(max(quota - after, 0))} of {format_bytes(quota)}"
    if preview.over_quota_bytes:
        over = format_bytes(preview.over_quota_bytes)
        return Fact(
            "Quota after",
            f"{used}; {over} beyond it, though {_leaving(preview.evicted_days)} for it",
            Tone.WARNING,
        )
    if preview.evicted_days:
        return Fact("Quota after", f"{used}; {_leaving(preview.evicted_days)} for it", Tone.WARNING)
    return Fact("Quota after", f"{used}; nothing is evicted")


def _price(preview: Preview) -> Fact | None:
    if preview.price_problem:
        return Fact("Price", preview.price_problem, Tone.WARNING)
    if preview.usd is not None:
        return Fact("Price", f"about {format_usd(preview.usd)} by your price table")
    return None


def _key(preview: Preview) -> Fact | None:
    plan = preview.plan
    if preview.wish.origin is Origin.MACHINE:
        return None
    if plan.key.value is None:
        text = "none: only the first day of each month is free"
        tone = Tone.WARNING if has_denied(plan.items) else Tone.NEUTRAL
        return Fact("Key", text, tone, "tardis", "Add key")
    where = _KEYS.get(plan.key.origin, "")
    if plan.accesses is None:
        return Fact("Key", f"{where}; what it includes is found out when days are asked for")
    if not plan.accesses:
        text = f"{where}; the vendor refuses it, or it has expired"
        return Fact("Key", text, Tone.ERROR, "tardis", "Replace key")
    exchange = preview.plan.request.instruments[0][0]
    own = [access for access in plan.accesses if access.exchange == exchange]
    if not own:
        return Fact("Key", f"{where}; its plan has no {exchange}", Tone.WARNING)
    ends = [access.to_us for access in own if access.to_us is not None]
    until = f", until {day_of(max(ends))}" if ends and len(ends) == len(own) else ""
    name = next((access.plan for access in own if access.plan), "")
    plan_words = f"the plan {name} covers" if name else "its plan covers"
    return Fact("Key", f"{where}; {plan_words} {exchange}{until}")


def _calls(preview: Preview) -> Fact | None:
    budget, verdict = preview.budget, preview.verdict
    if budget is None or verdict is None or budget.limit is None:
        return None
    after = budget.calls + preview.plan.requests
    text = f"{format_full(after)} of {format_full(budget.limit)} in {budget.month} after this"
    if not verdict.is_allowed:
        return Fact("Calls", f"{text}: the plan {budget.plan} does not allow it", Tone.ERROR)
    return Fact("Calls", text, Tone.NEUTRAL if verdict.state is BudgetState.FINE else Tone.WARNING)


def _on_the_way(preview: Preview) -> Fact | None:
    count = preview.on_the_way
    if not count:
        return None
    days = f"{days_words(count)} {are_word(count)}"
    return Fact("On the way", f"{days} in other jobs already; each is fetched once")


def _days_with_reasons(preview: Preview) -> Iterable[Fact]:
    items = preview.plan.items
    flawed = [item for item in items if item.flaw]
    if flawed:
        yield Fact("Bad days", _named(flawed), Tone.WARNING)
    denied = [item for item in items if item.action is Action.DENIED]
    if denied and preview.plan.key.value is not None and preview.plan.accesses:
        yield Fact("Not in the plan", f"{_spans(denied)}: the plan of the key does not include them")
    for caption, action in (("Absent", Action.ABSENT), ("Not published", Action.PENDING)):
        found = [item for item in items if item.action is action]
        if found:
            reasons = dict.fromkeys(_in_window(item.reason) for item in found)
            yield Fact(caption, f"{_spans(found)}: {'; '.join([*reasons][:_MOST_NAMED])}")


def _lists(preview: Preview) -> Fact | None:
    plan = preview.plan
    if preview.wish.origin is Origin.MACHINE:
        return None
    if plan.metadata_age_us is None:
        return Fact("Vendor's list", "never read: what it has is found out when days are asked for")
    age = format_age(preview.now_us - plan.metadata_age_us, preview.now_us)
    if plan.is_fresh:
        return None if age == "just now" else Fact("Vendor's list", age)
    return Fact("Vendor's list", f"{age}: what it has of these days is found out when they are asked for")


def _notes(preview: Preview) -> list[Fact]:
    """Pass on what the plan warns of, but for a list that was never read: that has a line of its own."""
    if preview.wish.origin is Origin.DATASETS and preview.plan.metadata_age_us is None:
        return []
    return [Fact("Note", note, Tone.WARNING) for note in preview.plan.notes]


def _named(items: Sequence[PlannedDay]) -> str:
    """Name days with their reasons: the first few, and how many more there are."""
    told = dict.fromkeys(f"{day_text(item.day)}: {item.flaw}" for item in items)
    shown = [*told][:_MOST_NAMED]
    more = len(told) - len(shown)
    return ". ".join(shown) + (f", and {format_full(more)} more" if more else "")


def is_plain(preview: Preview) -> bool:
    """Tell whether nothing is left to decide: each day is here or fetched, at no price, without a warning."""
    plan = preview.plan
    return (
        0 < queued(preview) <= _MOST_PLAIN_DAYS
        and not (why_not(preview) or preview.problem or preview.usd)
        and plan.is_fresh
        and set(fate_counts(preview)) <= {Fate.HERE, Fate.SHARED, Fate.FETCH}
        and not any(item.flaw for item in plan.items)
        and all(fact.tone is Tone.NEUTRAL for fact in facts(preview))
    )


def _spans(items: Sequence[PlannedDay]) -> str:
    """Name days as ranges: ``2 to 30 Sep``, the first few."""
    days = sorted({item.day for item in items})
    runs: list[tuple[date, date]] = []
    for day in days:
        if runs and (day - runs[-1][1]).days == 1:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    told = [
        day_text(first) if first == last else f"{day_text(first)} to {day_text(last)}"
        for first, last in runs[:_MOST_NAMED]
    ]
    more = sum((last - first).days + 1 for first, last in runs[_MOST_NAMED:])
    return ", ".join(told) + (f" and {days_words(more)} more" if more else "")


def _in_window(reason: str) -> str:
    """Give a reason of the core without the flags of its command line."""
    return reason.partition("; --")[0].replace("T00:00:00.000000Z", "")


def _leaving(count: int) -> str:
    return f"{days_words(count)} {'leaves' if count == 1 else 'leave'}"
