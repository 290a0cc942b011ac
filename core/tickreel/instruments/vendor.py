"""What the vendor's instruments API says of instruments, read into facts with the times they hold for.

An answer tells how an instrument is now, and under ``changes`` what was different until when. Each
change names only what it changed, so that older states are found by going back from now. The vendor
keeps that history complete for the contract multiplier alone; of other facts changes may be left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from tickreel.errors import DataError
from tickreel.instruments.facts import FACTS, FactKind, Value
from tickreel.market.time import EARLIEST_US, LATEST_US
from tickreel.vendorcsv import vendor_spelling

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAMES = {
    "contract_type": "contractType",
    "base": "baseCurrency",
    "quote": "quoteCurrency",
    "settlement": "settlementCurrency",
    "tick": "priceIncrement",
    "lot": "amountIncrement",
    "min_amount": "minTradeAmount",
    "min_notional": "minNotional",
    "multiplier": "contractMultiplier",
    "maker_fee": "makerFee",
    "taker_fee": "takerFee",
    "underlying": "underlyingIndex",
    "underlying_type": "underlyingType",
    "strike": "strikePrice",
    "option_type": "optionType",
    "expiration_type": "expirationType",
    "expiry_us": "expiry",
    "listed_us": "listing",
    "available_since_us": "availableSince",
    "available_to_us": "availableTo",
    "margin_mode": "marginMode",
    "alias_of": "aliasFor",
    "dataset_id": "datasetId",
}
"""The vendor's names of facts that have another name here."""


class _Said(msgspec.Struct, frozen=True, rename=_NAMES):
    """What an answer or one of its changes may say; times are ISO 8601, numbers may come as text."""

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
    expiry_us: str | None = None
    listed_us: str | None = None
    available_since_us: str | None = None
    available_to_us: str | None = None
    margin: bool | None = None
    margin_mode: str | None = None
    alias_of: str | None = None

    def facts(self) -> dict[str, Value]:
        """Give what it says; a number or a time that cannot be, such as a tick of 0, says nothing."""
        found: dict[str, Value] = {}
        for name, fact in FACTS.items():
            value = getattr(self, name)
            if value is None or value == "":
                continue
            if fact.kind is FactKind.TIME:
                instant_us = _instant_us(value)
                if EARLIEST_US <= instant_us < LATEST_US:
                    found[name] = instant_us
            elif not fact.kind.is_number:
                found[name] = value
            elif fact.kind.allows(value):
                found[name] = value + 0.0  # zero has no sign
        return found


class _Change(_Said, frozen=True, kw_only=True, rename=_NAMES):
    """What was so until an instant."""

    until: str


class _Answer(_Said, frozen=True, kw_only=True, rename=_NAMES):
    id: str
    exchange: str | None = None
    dataset_id: str | None = None
    changes: list[_Change] | None = None


@dataclass(frozen=True, slots=True)
class ListedSpan:
    """What the vendor says of an instrument for a span of time."""

    from_us: int | None
    """None: from the beginning."""
    to_us: int | None
    """Exclusive; None: until further notice."""
    facts: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Listing:
    """What the vendor says of an instrument: spans without gaps, oldest first."""

    symbol: str
    """As the vendor's file names spell it."""
    spans: tuple[ListedSpan, ...]


def read_listing(exchange: str, raw: Mapping[str, Any]) -> Listing:
    """Read one instrument of an answer; what is not known here is passed over.

    Raises:
        DataError: it is no such answer, or of another exchange.
    """
    try:
        answer = msgspec.convert(raw, _Answer, strict=False)
        if not answer.id:
            raise DataError("it has no id")
        if answer.exchange not in (None, exchange):
            raise DataError(f"it is of {answer.exchange}")
        spans = _spans(answer)
    except (msgspec.ValidationError, DataError) as error:
        named = raw.get("id") if isinstance(raw, dict) else None
        raise DataError(
            f"the vendor's answer about {exchange} {named or 'an instrument without a name'} cannot be read: "
            f"{error}"
        ) from error
    return Listing(vendor_spelling(answer.dataset_id or answer.id), spans)


def read_listings(exchange: str, raws: Iterable[Mapping[str, Any]]) -> tuple[list[Listing], list[DataError]]:
    """Read all instruments of an answer, and tell what is wrong with those that cannot be read."""
    listings: list[Listing] = []
    problems: list[DataError] = []
    for raw in raws:
        try:
            listings.append(read_listing(exchange, raw))
        except DataError as error:
            problems.append(error)
    return listings, problems


def _spans(answer: _Answer) -> tuple[ListedSpan, ...]:
    """Go back from what is so now, change by change."""
    changes = sorted(
        ((_instant_us(change.until), change.facts()) for change in answer.changes or ()),
        key=lambda change: change[0],
        reverse=True,
    )
    newer = ListedSpan(None, None, answer.facts())
    spans = [newer]
    for until_us, was in changes:
        older = {**newer.facts, **was}
        if until_us == newer.to_us:  # two changes at one time
            spans[-1] = newer = ListedSpan(None, until_us, older)
        elif older != newer.facts:
            spans[-1] = ListedSpan(until_us, newer.to_us, newer.facts)
            newer = ListedSpan(None, until_us, older)
            spans.append(newer)
    return tuple(reversed(spans))


def _instant_us(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise DataError(f"{text!r} is not a time") from error
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // timedelta(microseconds=1)
