"""Reads from the catalog what the set-up of a replay has to know; everything here is for a worker thread."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tickreel.errors import NotHeldError
from tickreel.market.time import US_PER_DAY, day_start_us
from tickreel.market.types import DataType
from tickreel.replay.bands import Band, BandKind, find_bands
from tickreel_desktop.replay.naming import BOOK
from tickreel_desktop.replay.offer import HeldSymbol, HeldType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tickreel.store import Cache

_SHOWN = (BandKind.GAP, BandKind.CROSSED, BandKind.USABLE, BandKind.BAD)
"""Bands that a range is chosen by."""
_PIECE_S = 0.2


def held_symbol(cache: Cache, exchange: str, symbol: str) -> HeldSymbol:
    """Tell what is held of a symbol, which may be nothing.

    Raises:
        UsageError: it names a group of symbols, which has one book for each.
    """
    types: dict[DataType, HeldType] = {}
    for one in DataType:
        try:
            selection = (
                cache.book_selection(exchange, symbol)
                if one is BOOK
                else cache.library.select(exchange, symbol, one)
            )
        except NotHeldError:
            continue
        key = selection.key
        types[one] = HeldType(key, tuple(cache.days(key.exchange, key.symbol, key.type)))
        types[one].prepare()
    return HeldSymbol(exchange, symbol, types)


def symbols_with_book(cache: Cache) -> list[tuple[str, str]]:
    """List every symbol of which an order book is held, those inside the files of groups as well."""
    found: set[tuple[str, str]] = set()
    for dataset in cache.datasets():
        key = dataset.key
        if key.type is BOOK:
            members = cache.library.members(cache.library.select(key.exchange, key.symbol, BOOK))
            found.update((key.exchange, member) for member in members)
    return sorted(found)


def bands_by_day(cache: Cache, held: HeldSymbol) -> Iterator[list[Band]]:
    """Give what is known of the health of a symbol's book, day by day, the newest first.

    Days whose health was not worked out yet are left out: to do it takes as long as reading them.
    """
    book = held.types.get(BOOK)
    if book is None:
        return
    selection = cache.book_selection(held.exchange, held.symbol)
    for day in reversed(book.days):
        if day.grade is None or not (day.issues or day.grade.value in (BandKind.USABLE, BandKind.BAD)):
            continue
        start_us = day_start_us(day.day)
        plan = cache.library.plan(selection, start_us, start_us + US_PER_DAY)
        yield [band for band in find_bands(cache, [plan]) if band.kind in _SHOWN]


def some_bands(found: Iterator[list[Band]]) -> list[Band] | None:
    """Take what comes of :func:`bands_by_day` in a fifth of a second; None when nothing is left."""
    bands: list[Band] = []
    began_s = time.monotonic()
    for of_day in found:
        bands += of_day
        if time.monotonic() - began_s > _PIECE_S:
            return bands
    return bands or None
