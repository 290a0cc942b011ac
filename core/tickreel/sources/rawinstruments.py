"""The vendor's list of instruments, as it sends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tickreel.errors import EnvironmentProblem, NotHeldError, UsageError
from tickreel.sources.answers import Denied, Later, NotThere, Unreachable, Withheld, Wrong

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.sources.datasets import DatasetsClient


async def fetch_instruments(
    client: DatasetsClient, exchange: str, symbols: Sequence[str] | None
) -> list[dict[str, Any]]:
    """Ask for instruments of an exchange: those of *symbols*, or all.

    Raises:
        NotHeldError: the vendor knows no such exchange or symbol.
        UsageError: the key does not include it.
        EnvironmentProblem: the vendor cannot be asked, or does not answer as it should.
    """
    root = f"/instruments/{quote(exchange, safe='')}"
    if symbols is None:
        return _listed(await client.ask(root), exchange)
    found = []
    for symbol in symbols:
        found += _listed(await client.ask(f"{root}/{quote(symbol, safe='')}"), f"{exchange} {symbol}")
    return found


def _listed(answer: Any, what: str) -> list[dict[str, Any]]:
    match answer:
        case list():
            return [one for one in answer if isinstance(one, dict)]
        case dict():
            return [answer]
        case NotThere():
            raise NotHeldError(f"the vendor knows no instrument {what}")
        case Denied():
            raise UsageError(
                f"{answer.reason}; instruments are part of the vendor's larger plans: `tickreel instruments "
                "infer` finds tick and lot from rows, `tickreel instruments set` takes what you type in"
            )
        case Later() | Unreachable() | Wrong() | Withheld():
            raise EnvironmentProblem(f"the instruments of {what} could not be read: {answer.reason}")
        case _:
            raise EnvironmentProblem(f"the instruments of {what} could not be read: it is no list")
