"""What of a list is asked for: words that must all stand somewhere, and conditions such as ``year:2024``."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tickreel.market.time import US_PER_DAY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tickreel_desktop.data.listing import Listing, Mask

UNUSED_DAYS = 60
"""From this many days on without use something counts as unused in the views."""
_TITLES = {
    "exchange": "Exchange",
    "symbol": "Symbol",
    "type": "Type",
    "year": "Year",
    "state": "State",
    "health": "Health",
    "keep": "Keep",
    "unused": "Unused over",
}
_CONDITION = re.compile(r"([a-z]+):(.+)")
_NUMBER = re.compile(r"[0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class Query:
    """All of it must hold for a row; an empty query holds for every row."""

    text: str = ""
    """As it was typed: words, and conditions among them."""
    conditions: tuple[str, ...] = ()
    """What was chosen beside it, as ``field:value``."""
    view: str = ""
    """The condition of the view, or empty for all."""

    @property
    def terms(self) -> tuple[str, ...]:
        """Everything that must hold, in lower case."""
        typed = re.split(r"[\s,]+", self.text)
        return tuple(term.casefold() for term in (self.view, *self.conditions, *typed) if term)

    def with_condition(self, condition: str) -> Query:
        """Ask for one thing more."""
        if condition in self.conditions:
            return self
        return replace(self, conditions=(*self.conditions, condition))

    def without_condition(self, condition: str) -> Query:
        """Ask for one thing less."""
        return replace(self, conditions=tuple(one for one in self.conditions if one != condition))


def condition_words(condition: str) -> str:
    """Name a condition as people read it: ``Year: 2024``, ``Unused over 60 days``."""
    field, _, value = condition.partition(":")
    if field == "unused":
        return f"{_TITLES[field]} {value} days"
    return f"{_TITLES[field]}: {value}"


def passing(listing: Listing[Any], terms: Iterable[str], now_us: int) -> Mask | None:
    """Tell of each row whether all terms hold for it; None where there are none."""
    passes: Mask | None = None
    for term in terms:
        mask = _condition(listing, term, now_us)
        if mask is None:
            mask = np.zeros(len(listing.rows), np.bool_)
            for facet in listing.words:
                mask |= facet.holding(term)
        passes = mask if passes is None else passes & mask
    return passes


def _condition(listing: Listing[Any], term: str, now_us: int) -> Mask | None:
    """Give what a condition holds for; None where the term is a plain word."""
    found = _CONDITION.fullmatch(term)
    if found is None:
        return None
    field, value = found.groups()
    match field:
        case "exchange" | "symbol" | "type":
            return listing.names[field].equal_to(value)
        case "state":
            return listing.states.get(value)
        case "health":
            return listing.grades.get(value)
        case "keep":
            return listing.pinned if value == "pinned" else None
        case "year" if _NUMBER.fullmatch(value):
            first, last = listing.years
            return (first <= int(value)) & (int(value) <= last)
        case "unused" if _NUMBER.fullmatch(value):
            return listing.touched_us < now_us - int(value) * US_PER_DAY
        case _:
            return None
