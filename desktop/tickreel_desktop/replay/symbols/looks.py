"""The look that each symbol keeps: a colour, and strokes that tell it apart without the colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tickreel_desktop.theme import ColourName

    Pair = tuple[str, str]

_COLOURS: tuple[ColourName, ...] = ("accent", "series_2", "series_3", "text")


def colour_of(place: int) -> ColourName:
    """Name the colour of a place in the plan."""
    return _COLOURS[place % len(_COLOURS)]


def short_names(pairs: Iterable[Pair]) -> dict[Pair, str]:
    """Name symbols as shortly as they can be told apart: the exchange only where symbols are the same."""
    listed = tuple(pairs)
    symbols = [symbol for _, symbol in listed]
    return {
        (exchange, symbol): symbol if symbols.count(symbol) == 1 else f"{exchange} {symbol}"
        for exchange, symbol in listed
    }
