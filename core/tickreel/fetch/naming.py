"""Exchanges and symbols as they are held or as the vendor lists them, however they were typed."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from tickreel.errors import UsageError
from tickreel.sources.spelling import file_symbol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel.fetch.request import FetchRequest
    from tickreel.sources.metadata import ExchangeInfo
    from tickreel.store import Cache


def refuse_unknown(request: FetchRequest, info: ExchangeInfo) -> None:
    """Refuse a symbol that the vendor does not list at all: most likely it is misspelt.

    What is held of it stays readable, and is fetched no more.

    Raises:
        UsageError: one of the request is not in the list.
    """
    for exchange, symbol in request.instruments:
        if exchange == info.exchange and info.symbols and info.symbol(symbol) is None:
            near = get_close_matches(symbol.upper(), [name.upper() for name in info.symbols], n=3)
            meant = f": did you mean {' or '.join(near)}?" if near else ""
            raise UsageError(f"the vendor lists no {symbol} of {exchange}{meant}")


def with_exchanges(cache: Cache, request: FetchRequest) -> FetchRequest:
    """Give exchanges as they are held, else in small letters, as the vendor writes all of them."""
    held = {one.key.exchange for one in cache.datasets()}
    named = tuple(
        (exchange if exchange in held else exchange.lower(), symbol)
        for exchange, symbol in request.instruments
    )
    return replace(request, instruments=named)


def spelled(cache: Cache, request: FetchRequest, infos: Mapping[str, ExchangeInfo | None]) -> FetchRequest:
    """Give symbols as they are held, else as the vendor lists them, however they were typed."""
    held = {(one.key.exchange, file_symbol(one.key.symbol)): one.key.symbol for one in cache.datasets()}

    def symbol_of(exchange: str, symbol: str) -> str:
        spelling = file_symbol(symbol)
        if (exchange, spelling) in held:
            return held[exchange, spelling]
        info = infos.get(exchange)
        listed = info.symbols if info is not None else ()
        return next((name.upper() for name in listed if file_symbol(name) == spelling), symbol.upper())

    named = tuple((exchange, symbol_of(exchange, symbol)) for exchange, symbol in request.instruments)
    return replace(request, instruments=named)
