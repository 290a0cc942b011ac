"""The vendor's instruments, fetched and recorded."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from tickreel.errors import NotHeldError
from tickreel.instruments.vendor import read_listings
from tickreel.sources.rawinstruments import fetch_instruments
from tickreel.vendorcsv import vendor_spelling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.errors import DataError
    from tickreel.instruments.table import InstrumentTable, Recorded
    from tickreel.instruments.vendor import Listing
    from tickreel.sources.datasets import DatasetsClient


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What came of asking the vendor."""

    recorded: Recorded
    problems: tuple[DataError, ...]
    """Instruments of the answer that could not be read; they stay as they were."""


async def refresh(
    table: InstrumentTable, client: DatasetsClient, exchange: str, symbols: Sequence[str] | None = None
) -> Refreshed:
    """Ask the vendor for instruments of an exchange, all of them without *symbols*, and record them.

    Symbols may be spelled as the exchange, the rows or the file names spell them.

    Raises:
        NotHeldError: the vendor knows no such exchange or symbol; the table is as it was, as always
            when an error is raised.
        UsageError: the key does not include instruments.
        EnvironmentProblem: the vendor could not be asked.
    """
    try:
        listings, problems = await _ask(client, exchange, symbols)
    except NotHeldError:
        if symbols is None:
            raise
        # One by one they are found by the exchange's own spelling alone.
        listings, problems = await _ask(client, exchange, None)
        listings, problems = _only(exchange, listings, symbols), []
    recorded = await asyncio.to_thread(table.record_listings, exchange, listings)
    return Refreshed(recorded, tuple(problems))


async def _ask(
    client: DatasetsClient, exchange: str, symbols: Sequence[str] | None
) -> tuple[list[Listing], list[DataError]]:
    raw = await fetch_instruments(client, exchange, symbols)
    return await asyncio.to_thread(read_listings, exchange, raw)


def _only(exchange: str, listings: Sequence[Listing], symbols: Sequence[str]) -> list[Listing]:
    """Find some instruments among all, by the spelling of file names."""
    by_id = {vendor_spelling(str(listing.spans[-1].facts["id"])): listing for listing in listings}
    by_name = by_id | {listing.symbol: listing for listing in listings}
    for symbol in symbols:
        if vendor_spelling(symbol) not in by_name:
            near = get_close_matches(vendor_spelling(symbol), by_name, n=3)
            raise NotHeldError(
                f"the vendor knows no instrument {exchange} {symbol}"
                + (f": did you mean {' or '.join(near)}?" if near else "")
            )
    return [by_name[vendor_spelling(symbol)] for symbol in symbols]
