"""The symbols of a replay in a few words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def spell_symbols(symbols: Sequence[tuple[str, str]]) -> str:
    """Name symbols with their exchanges; one that they share is named once: ``bybit BTCUSDT, ETHUSDT``."""
    words = []
    before = None
    for exchange, symbol in symbols:
        words.append(symbol if exchange == before else f"{exchange} {symbol}")
        before = exchange
    return ", ".join(words)
