"""What is said of each kind of health note: its words, its mark, and one sentence that explains it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.market.units import format_full
from tickreel.store.health import Kind
from tickreel.store.health.model import LOWERING

if TYPE_CHECKING:
    from tickreel.store.health import Interval
    from tickreel_desktop.theme import ColourName
    from tickreel_resources import IconName


@dataclass(frozen=True, slots=True)
class KindWords:
    """How a kind is shown."""

    one: str
    """What one of it is called, behind its number."""
    many: str
    icon: IconName
    reason: str
    """The begin of the reason of an interval."""
    explanation: str


_WORDS: dict[Kind, KindWords] = {
    Kind.GAP: KindWords(
        "gap", "gaps", "warning", "Gap", "No message came for far longer than is usual on that day."
    ),
    Kind.CROSSED: KindWords(
        "crossed",
        "crossed",
        "arrows-left-right",
        "Crossed: bid at or above ask",
        "After a message the best bid was at or above the best ask.",
    ),
    Kind.EXCHANGE_TIME_BACK: KindWords(
        "step back in time",
        "steps back in time",
        "clock-counter-clockwise",
        "Exchange time went back",
        "The exchange time of a row is before that of the row before it.",
    ),
    Kind.EXCHANGE_AFTER_LOCAL: KindWords(
        "row from ahead",
        "rows from ahead",
        "clock",
        "Exchange time after local time",
        "The exchange time is after the time of arrival: the two clocks disagree.",
    ),
    Kind.RESET: KindWords(
        "reset",
        "resets",
        "arrow-counter-clockwise",
        "Reset: a snapshot begins the book anew",
        "A snapshot began the book anew; most days have one.",
    ),
    Kind.BEFORE_SNAPSHOT: KindWords(
        "row before a snapshot",
        "rows before a snapshot",
        "skip-forward",
        "Updates before the first snapshot",
        "Rows that cannot be applied, as no book was there yet.",
    ),
    Kind.DUPLICATE: KindWords(
        "duplicate", "duplicates", "copy", "Duplicate", "An id or a whole message came twice."
    ),
    Kind.PRECISION_CHANGE: KindWords(
        "change of decimals",
        "changes of decimals",
        "ruler",
        "More decimals than before",
        "A price has more decimals than any before it on that day.",
    ),
    Kind.SPLIT_SNAPSHOT: KindWords(
        "split snapshot",
        "split snapshots",
        "columns",
        "Snapshot in two messages",
        "A snapshot of one side came directly after one of only the other, and clears it.",
    ),
    Kind.SNAPSHOT_MISMATCH: KindWords(
        "level differs",
        "levels differ",
        "warning-circle",
        "Snapshot differs from the book",
        "Levels of a later snapshot that the updates before it do not explain: updates were lost.",
    ),
}


def words_of(kind: Kind) -> KindWords:
    """Give the words of a kind."""
    return _WORDS[kind]


def colour_of(kind: Kind) -> ColourName:
    """Give the colour of its mark: that of warnings where it lowers the grade."""
    return "warning" if kind in LOWERING else "text_3"


def counted(kind: Kind, count: int) -> str:
    """Say how many: ``2 gaps``, ``1 reset``, ``6 crossed``."""
    words = _WORDS[kind]
    return f"{format_full(count)} {words.one if count == 1 else words.many}"


def reason_of(interval: Interval) -> str:
    """Say what was met in an interval."""
    text = _WORDS[interval.kind].reason
    if interval.rows > 1:
        text += f", {format_full(interval.rows)} times"
    return f"{text}: {interval.note}" if interval.note else text


def issue_words(issue: str) -> str:
    """Name a kind as the catalog keeps it, in the plural."""
    try:
        return _WORDS[Kind(issue)].many
    except ValueError:  # of a later version
        return issue.replace("_", " ")
