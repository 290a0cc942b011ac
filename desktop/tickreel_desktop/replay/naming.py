"""The symbols and types of a replay in a few words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.market.types import DataType

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

BOOK = DataType.INCREMENTAL_BOOK_L2
USUAL_TYPES = (BOOK, DataType.TRADES)
"""What is played of each symbol, as far as it is held, unless something else is asked for."""
_WORDS = {BOOK: "order book", DataType.TRADES: "trades"}


def spell_symbols(symbols: Sequence[tuple[str, str]]) -> str:
    """Name symbols with their exchanges; one that they share is named once: ``bybit BTCUSDT, ETHUSDT``."""
    words = []
    before = None
    for exchange, symbol in symbols:
        words.append(symbol if exchange == before else f"{exchange} {symbol}")
        before = exchange
    return ", ".join(words)


def words_of(types: Iterable[DataType]) -> str:
    """Name types of data for people: ``order book, trades``."""
    return ", ".join(_WORDS.get(one, one.value.replace("_", " ")) for one in types)
