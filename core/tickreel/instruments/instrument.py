"""What is known of an instrument, and of each fact, who says so."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tickreel.errors import NotHeldError
from tickreel.instruments.facts import FACTS, checked_names
from tickreel.market.time import format_us

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel.instruments.facts import Value
    from tickreel.market.types import DataType


class FactSource(StrEnum):
    """Who says something of an instrument; whoever is named first is believed first."""

    TYPED = "typed in"
    VENDOR = "vendor"
    INFERRED = "inferred"
    """From rows that are held: upper bounds, into which the true tick and lot go a whole number of times."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The rows on which an inference rests; their time is that for which it is valid."""

    type: DataType
    tick_rows: int
    """Rows with a price."""
    lot_rows: int
    """Rows with an amount other than zero."""


@dataclass(frozen=True, slots=True)
class Version:
    """What one source said at one time; it is never changed, a later one takes its place."""

    id: int
    """A later version has a higher one."""
    exchange: str
    symbol: str
    """As the vendor's file names spell it."""
    source: FactSource
    valid_from_us: int | None
    """None: from the beginning."""
    valid_to_us: int | None
    """The first instant for which it is not valid; None: until further notice."""
    facts: Mapping[str, Value | None]
    """By name; None takes back what the source said before."""
    recorded_us: int
    evidence: Evidence | None = None

    def covers(self, at_us: int | None) -> bool:
        """Tell whether it is valid at an instant; None is before all time."""
        if at_us is None:
            return self.valid_from_us is None
        return (self.valid_from_us is None or self.valid_from_us <= at_us) and (
            self.valid_to_us is None or at_us < self.valid_to_us
        )

    @property
    def settles(self) -> tuple[str, ...]:
        """The facts of which nothing older of the same source holds any more.

        A statement of the vendor's is a whole: what it leaves out the vendor no longer says.
        """
        return tuple(FACTS) if self.source is FactSource.VENDOR else tuple(self.facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """All that is known of an instrument for a span of time; what is not known is None, never a guess.

    :data:`tickreel.instruments.FACTS` tells what each fact means.
    """

    exchange: str
    symbol: str
    valid_from_us: int | None
    """From when on all of it is so; None: from the beginning."""
    valid_to_us: int | None
    """Until when (exclusive); None: until further notice."""

    id: str | None = None
    type: str | None = None
    contract_type: str | None = None
    base: str | None = None
    quote: str | None = None
    settlement: str | None = None
    tick: float | None = None
    lot: float | None = None
    min_amount: float | None = None
    min_notional: float | None = None
    multiplier: float | None = None
    inverse: bool | None = None
    quanto: bool | None = None
    maker_fee: float | None = None
    taker_fee: float | None = None
    underlying: str | None = None
    underlying_type: str | None = None
    strike: float | None = None
    option_type: str | None = None
    expiration_type: str | None = None
    expiry_us: int | None = None
    listed_us: int | None = None
    available_since_us: int | None = None
    available_to_us: int | None = None
    margin: bool | None = None
    margin_mode: str | None = None
    alias_of: str | None = None

    versions: Mapping[str, Version] = field(default_factory=dict, hash=False)
    """The version that each known fact comes from, by the fact's name."""

    def value(self, fact: str) -> Value | None:
        """Give a fact by its name; None where it is not known.

        Raises:
            UsageError: there is no such fact.
        """
        (name,) = checked_names([fact])
        value: Value | None = getattr(self, name)
        return value

    def source(self, fact: str) -> FactSource | None:
        """Tell who says a fact; None where it is not known.

        Raises:
            UsageError: there is no such fact.
        """
        (name,) = checked_names([fact])
        version = self.versions.get(name)
        return None if version is None else version.source

    def require(self, *facts: str) -> tuple[Any, ...]:
        """Give facts without which something cannot be done, in the order asked for.

        Raises:
            NotHeldError: names those that are not known, and the ways to supply them.
            UsageError: there is no such fact.
        """
        names = checked_names(facts)
        missing = [name for name in names if getattr(self, name) is None]
        if missing:
            raise NotHeldError(
                f"of {self.exchange} {self.symbol}{self._span()} {_listed(missing)} "
                f"{'are' if len(missing) > 1 else 'is'} not known; {ways_to_know(self, missing)}"
            )
        return tuple(getattr(self, name) for name in names)

    def _span(self) -> str:
        since = "" if self.valid_from_us is None else f" from {format_us(self.valid_from_us)}"
        return since + ("" if self.valid_to_us is None else f" to {format_us(self.valid_to_us)}")


def ways_to_know(named: Instrument | Version, facts: list[str]) -> str:
    """Word the three ways by which facts come into the table."""
    who = f"{named.exchange} {named.symbol}"
    typed = " ".join(f"{name}=VALUE" for name in facts)
    return (
        f"ask the vendor (`tickreel instruments fetch {who}`), find tick and lot in rows that are held "
        f"(`tickreel instruments infer {who} FROM TO`), or type in what you know "
        f"(`tickreel instruments set {who} {typed}`)"
    )


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
