"""What a preview says: its sentence, its table, its button; pure functions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.fetch.preflight import Action
from tickreel.fetch.request import Origin
from tickreel.market.units import ABSENT, format_bytes, format_duration_s, format_full
from tickreel_desktop.components import Tone
from tickreel_desktop.fetching.fates import Fate, fate_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.fetch.preflight import PlannedDay
    from tickreel_desktop.fetching.preview import Preview


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a sentence, and how they are set."""

    text: str
    is_strong: bool = False
    tone: Tone = Tone.NEUTRAL


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row of the small table."""

    name: str
    days: str
    transfer: str
    time: str


def fate_counts(preview: Preview) -> Counter[Fate]:
    """Count days of datasets by what becomes of them."""
    return Counter(map(fate_of, preview.plan.items))


def sentence(preview: Preview) -> tuple[Piece, ...]:
    """Sum a preview up: how many days are here, how many are fetched, which are left out."""
    counts = fate_counts(preview)
    total, fetched = len(preview.plan.items), len(preview.plan.wanted)
    here, shared = counts[Fate.HERE], counts[Fate.SHARED]
    whom = "tardis-machine" if preview.wish.origin is Origin.MACHINE else "Tardis"
    if here == total:
        pieces = [Piece(_all(total), is_strong=True), Piece(" here already: nothing has to be fetched.")]
    else:
        pieces = [
            Piece(format_full(here), is_strong=True),
            Piece(f" of {days_words(total)} {are_word(here)} here already"),
            *_others_pieces(shared, fetched, whom),
        ]
    replaced = counts[Fate.REPLACE]
    if replaced:
        replace = "replaces" if replaced == 1 else "replace"
        pieces.append(Piece(f" {format_full(replaced)} of them {replace} what is held in part."))
    flawed = sum(bool(item.flaw) for item in preview.plan.items)
    if flawed:
        known = f"{days_words(flawed)} {are_word(flawed)} known to be bad"
        pieces += [Piece(" "), Piece(known, tone=Tone.WARNING)]
        pieces.append(Piece(" and left out." if counts[Fate.BAD] else " and fetched all the same."))
    others = (
        (Fate.DENIED, "not included in the plan of your key" if preview.plan.key.value else "not free"),
        (Fate.PENDING, "not published yet"),
        (Fate.ABSENT, "absent at the vendor"),
        (Fate.PARTIAL, "held in part and left as they are"),
    )
    told = [(counts[fate], word) for fate, word in others if counts[fate]]
    if told:
        text = ", ".join(f"{format_full(count)} {are_word(count)} {word}" for count, word in told)
        pieces.append(Piece(f" {text}."))
    return tuple(pieces)


def _others_pieces(shared: int, fetched: int, whom: str) -> list[Piece]:
    """Say where the days come from that are not here."""
    come = f" {'comes' if shared == 1 else 'come'} from the shared cache"
    taken = [Piece(format_full(shared), is_strong=True)]
    if shared and not fetched:
        return [Piece(" and "), *taken, Piece(f"{come}.")]
    before = [Piece(", "), *taken, Piece(f"{come} and ")] if shared else [Piece(" and ")]
    how = f" must be fetched from {whom}." if fetched else f" can be fetched from {whom}."
    return [*before, Piece(format_full(fetched), is_strong=True), Piece(how)]


def source_rows(preview: Preview) -> tuple[SourceRow, ...]:
    """Say where the days come from, and what it takes."""
    plan, counts = preview.plan, fate_counts(preview)
    size = ABSENT if plan.estimated_bytes is None else format_bytes(plan.estimated_bytes)
    time = ABSENT if plan.estimated_seconds is None else f"about {format_duration_s(plan.estimated_seconds)}"
    if not plan.wanted:
        size = time = "0"
    elif preview.wish.origin is Origin.MACHINE:
        size = time = ABSENT
    whom = "tardis-machine" if preview.wish.origin is Origin.MACHINE else "Tardis"
    rows = [
        SourceRow("Already here", format_full(counts[Fate.HERE]), "0", "0"),
        *_shared_rows(counts[Fate.SHARED]),
        SourceRow(whom, format_full(len(plan.wanted)), size, time),
    ]
    left = (
        ("Not included or not free", Fate.DENIED),
        ("Not published yet", Fate.PENDING),
        ("Absent at the vendor", Fate.ABSENT),
        ("Left out", Fate.BAD),
        ("Left as they are", Fate.PARTIAL),
    )
    rows += [SourceRow(name, format_full(counts[fate]), "", "") for name, fate in left if counts[fate]]
    return tuple(rows)


def _shared_rows(count: int) -> tuple[SourceRow, ...]:
    return (SourceRow("Shared cache", format_full(count), "", ""),) if count else ()


def queued(preview: Preview) -> int:
    """Count the days that would be brought, from the vendor or from the shared cache."""
    return sum(item.action.is_queued for item in preview.plan.items)


def fetch_text(preview: Preview | None) -> str:
    """Write on the button what it does, with its number."""
    count = 0 if preview is None else queued(preview)
    if preview is not None and not count and preview.wish.keeps_on:
        return "Keep complete"
    return f"Fetch {days_words(count)}" if count else "Fetch"


def why_not(preview: Preview) -> str:
    """Say why a preview cannot be carried out; empty when it can."""
    if not preview.is_final:
        return "Asking the vendor…"
    if preview.verdict is not None and not preview.verdict.is_allowed:
        return "The calls of the plan do not suffice"
    plan = preview.plan
    if plan.disk_free_after_bytes is not None and plan.disk_free_after_bytes < 0 and plan.wanted:
        return "The disk has no room for it"
    if not queued(preview) and not preview.wish.keeps_on:
        if plan.days["have"] == len(plan.items):
            return "All of it is here"
        if has_denied(plan.items) and plan.key.value is None:
            return "A key is needed for these days"
        return "Nothing can be fetched"
    return ""


def has_denied(items: Sequence[PlannedDay]) -> bool:
    """Tell whether the vendor would refuse some of them."""
    return any(item.action is Action.DENIED for item in items)


def days_words(count: int) -> str:
    """Count days."""
    return f"{format_full(count)} {'day' if count == 1 else 'days'}"


def _all(count: int) -> str:
    return "The day is" if count == 1 else f"All {format_full(count)} days are"


def are_word(count: int) -> str:
    """Give the verb that goes with so many."""
    return "is" if count == 1 else "are"
