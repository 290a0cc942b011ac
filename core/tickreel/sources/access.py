"""What a key may fetch, as far as the vendor tells before it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from tickreel.errors import EnvironmentProblem
from tickreel.market.time import US_PER_DAY, day_start_us
from tickreel.sources.answers import Denied, Later, Unreachable, Withheld, Wrong
from tickreel.sources.network import way_to
from tickreel.sources.spelling import file_symbol
from tickreel.sources.vendortime import vendor_instant_us

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from tickreel.keys import Key
    from tickreel.market.types import DatasetKey
    from tickreel.sources.datasets import DatasetsClient


@dataclass(frozen=True, slots=True)
class Access:
    """A range of days of one exchange that a key includes."""

    exchange: str
    from_us: int | None
    to_us: int | None
    symbols: frozenset[str]
    """As files are named; empty = all."""
    plan: str


@dataclass(frozen=True, slots=True)
class Reach:
    """What came of asking the vendor for its lists."""

    way: str
    """The host, and the proxy on the way there."""
    exchanges: int
    key: Key
    accesses: tuple[Access, ...] | None
    """What the key includes: nothing when it is not valid; None without a key, or where it is not told."""


async def reach(client: DatasetsClient) -> Reach:
    """Ask for the list of exchanges, and for what the key includes.

    Raises:
        EnvironmentProblem: the vendor cannot be reached, or answers otherwise than it should.
    """
    way = way_to(client.network, client.network.api_url)
    answer = await client.ask("/exchanges", with_key=False)
    match answer:
        case list():
            accesses = None if client.key.value is None else await access(client)
            return Reach(way, len(answer), client.key, accesses)
        case Denied() | Unreachable() | Later() | Wrong() | Withheld():
            raise EnvironmentProblem(f"the vendor's list of exchanges could not be read: {answer.reason}")
        case _:
            raise EnvironmentProblem(
                f"{way} has no list of exchanges: TICKREEL_TARDIS_API_URL names the place of the lists"
            )


def is_free(day: date) -> bool:
    """Tell whether the vendor serves a day without a key: the first of every month."""
    return day.day == 1


async def access(client: DatasetsClient) -> tuple[Access, ...] | None:
    """Ask what the client's key includes: nothing when it is not valid, None where that cannot be told."""
    answer = await client.ask("/api-key-info")
    if isinstance(answer, Denied) and answer.status == HTTPStatus.UNAUTHORIZED:
        return ()
    if not isinstance(answer, list):
        return None
    try:
        return tuple(map(_access, answer))
    except (KeyError, TypeError, AttributeError, ValueError):
        return None  # a form that is not known here; the vendor itself decides, day by day


def may_fetch(accesses: Sequence[Access] | None, key: Key, dataset: DatasetKey, day: date) -> bool:
    """Tell whether a day is worth asking for: free, included, or not known to be refused.

    Whether a plan of single symbols includes their groups only the vendor knows.
    """
    if is_free(day):
        return True
    if key.value is None:
        return False
    if accesses is None:
        return True
    symbol, start_us = file_symbol(dataset.symbol), day_start_us(day)
    return any(
        one.exchange == dataset.exchange
        and (one.from_us is None or start_us + US_PER_DAY > one.from_us)
        and (one.to_us is None or start_us < one.to_us)
        and (not one.symbols or dataset.is_grouped or symbol in one.symbols)
        for one in accesses
    )


def _access(entry: dict[str, Any]) -> Access:
    return Access(
        exchange=str(entry["exchange"]),
        from_us=vendor_instant_us(entry.get("from")),
        to_us=vendor_instant_us(entry.get("to")),
        symbols=frozenset(file_symbol(str(symbol)) for symbol in entry.get("symbols") or ()),
        plan=str(entry.get("dataPlan") or entry.get("accessType") or ""),
    )
