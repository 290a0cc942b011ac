"""What may be known of an instrument: names, units, and how a value is read.

Numbers are float64 whose shortest digits are the value, as prices and amounts are everywhere else.
Prices and amounts are in the units of the vendor's rows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from enum import Enum, auto
from math import isfinite
from typing import TYPE_CHECKING, TypeAlias

from tickreel.errors import UsageError
from tickreel.market.time import parse_instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Value: TypeAlias = str | float | bool
"""A text, a number, a flag, or a time in microseconds since 1970 UTC (int)."""

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


class FactKind(Enum):
    """What a fact is."""

    TEXT = auto()
    NUMBER = auto()  # any
    SIZE = auto()  # a number that is not negative
    STEP = auto()  # a number above zero
    FLAG = auto()
    TIME = auto()  # integer microseconds since 1970 UTC

    @property
    def is_number(self) -> bool:
        """Whether values are float64."""
        return self in (FactKind.NUMBER, FactKind.SIZE, FactKind.STEP)

    def allows(self, number: float) -> bool:
        """Tell whether a number may be a value."""
        lowest = {FactKind.SIZE: number >= 0, FactKind.STEP: number > 0}
        return isfinite(number) and lowest.get(self, True)


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that may be known."""

    name: str
    kind: FactKind
    meaning: str
    """For people, with the unit."""
    words: tuple[str, ...] = ()
    """The vendor's words for it; empty where any text is possible."""


_CONTRACT_TYPES = (
    *("linear_perpetual", "inverse_perpetual", "quanto_perpetual", "linear_xperp", "inverse_xperp"),
    *("linear_future", "inverse_future", "quanto_future", "move", "spread", "index"),
    *("put_option", "call_option", "turbo_put_option", "turbo_call_option", "interest_rate_swap", "repo"),
)

FACTS: Mapping[str, Fact] = {
    fact.name: fact
    for fact in (
        Fact("id", FactKind.TEXT, "the symbol as the exchange itself spells it"),
        Fact(
            "type",
            FactKind.TEXT,
            "what it is",
            ("spot", "perpetual", "future", "option", "combo", "prediction"),
        ),
        Fact("contract_type", FactKind.TEXT, "which kind of contract; of derivatives only", _CONTRACT_TYPES),
        Fact("base", FactKind.TEXT, "currency that is traded, normalised by the vendor (BTC, not XBT)"),
        Fact("quote", FactKind.TEXT, "currency of the prices, normalised by the vendor"),
        Fact("settlement", FactKind.TEXT, "currency in which gains and losses are paid"),
        Fact("tick", FactKind.STEP, "smallest step of a price"),
        Fact("lot", FactKind.STEP, "smallest step of an amount"),
        Fact("min_amount", FactKind.SIZE, "smallest amount of an order"),
        Fact("min_notional", FactKind.SIZE, "smallest value of an order, in the quote currency"),
        Fact(
            "multiplier",
            FactKind.STEP,
            "what an amount of 1 stands for: base currency, or quote currency where inverse is true",
        ),
        Fact("inverse", FactKind.FLAG, "whether it is worth quote currency and settled in base currency"),
        Fact("quanto", FactKind.FLAG, "whether it is settled in a third currency"),
        Fact("maker_fee", FactKind.NUMBER, "part of the traded value; below zero it is paid to the maker"),
        Fact("taker_fee", FactKind.NUMBER, "part of the traded value"),
        Fact("underlying", FactKind.TEXT, "index that it follows"),
        Fact("underlying_type", FactKind.TEXT, "what kind of thing that is"),
        Fact("strike", FactKind.NUMBER, "price of exercise of an option"),
        Fact("option_type", FactKind.TEXT, "which right an option gives", ("call", "put")),
        Fact("expiration_type", FactKind.TEXT, "how often such contracts end"),
        Fact("expiry_us", FactKind.TIME, "when it ends"),
        Fact("listed_us", FactKind.TIME, "when the exchange listed it"),
        Fact("available_since_us", FactKind.TIME, "from when on the vendor recorded it"),
        Fact("available_to_us", FactKind.TIME, "until when the vendor recorded it"),
        Fact("margin", FactKind.FLAG, "whether a spot pair may be traded on margin"),
        Fact("margin_mode", FactKind.TEXT, "how margin is kept"),
        Fact("alias_of", FactKind.TEXT, "the symbol that it is another name of"),
    )
}
"""Every fact by its name, in the order in which they are shown."""


def checked_names(names: Iterable[str]) -> tuple[str, ...]:
    """Give names of facts as they are.

    Raises:
        UsageError: there is no such fact.
    """
    checked = tuple(names)
    for name in checked:
        if name not in FACTS:
            near = get_close_matches(name.lower(), FACTS, n=2)
            meant = f"did you mean {' or '.join(near)}?" if near else f"choose from {', '.join(FACTS)}"
            raise UsageError(f"an instrument has no fact {name!r}: {meant}")
    return checked


def read_value(name: str, given: object) -> Value:
    """Read the value of a fact as somebody gives it, as text or as what it is.

    Raises:
        UsageError: there is no such fact, or it cannot have this value.
    """
    fact = FACTS[checked_names([name])[0]]
    if fact.kind is FactKind.TIME:
        if not isinstance(given, str | int | date):
            raise _refusal(fact, given, "a time")
        return parse_instant(given)
    if fact.kind is FactKind.FLAG:
        flag = {"true": True, "false": False}.get(given, given) if isinstance(given, str) else given
        if not isinstance(flag, bool):
            raise _refusal(fact, given, "true or false")
        return flag
    if fact.kind is FactKind.TEXT:
        if not isinstance(given, str) or not given.strip():
            raise _refusal(fact, given, "a text")
        text = given.strip()
        if fact.words and text not in fact.words:
            raise _refusal(fact, given, f"one of {', '.join(fact.words)}")
        return text
    return _number(fact, given)


def _number(fact: Fact, given: object) -> float:
    # float() itself would take 1_000 and nan for numbers, and True for 1.
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    number = float("nan")
    if is_number or (isinstance(given, str) and _NUMBER.fullmatch(given)):
        number = float(given)  # type: ignore[arg-type]  # just looked at
    if not fact.kind.allows(number):
        wanted = {FactKind.STEP: "a number above 0", FactKind.SIZE: "a number of 0 or more"}
        raise _refusal(fact, given, wanted.get(fact.kind, "a number"))
    return number + 0.0  # zero has no sign


def _refusal(fact: Fact, given: object, wanted: str) -> UsageError:
    return UsageError(f"{given!r} cannot be the {fact.name} of an instrument ({fact.meaning}): give {wanted}")
