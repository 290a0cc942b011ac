"""How a command line names instruments, times and days.

An instrument is ``EXCHANGE SYMBOL``, or ``EXCHANGE:SYMBOL`` in one word.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from tickreel.errors import UsageError
from tickreel.market.time import days_touched, parse_range
from tickreel.market.types import DatasetKey, DataType
from tickreel.store import as_type
from tickreel.store.model import DayRange

if TYPE_CHECKING:
    from collections.abc import Sequence

TIMES = (
    "A time is YYYY-MM-DD[THH:MM[:SS[.ffffff]]][Z|+HH:MM], UTC without a zone, or microseconds since 1970."
)
"""For the help of commands that take times."""
DAYS = "EXCHANGE SYMBOL TYPE FROM TO"
"""What :func:`day_range` reads."""

# Some symbols have a colon of their own (BTCF0:USTF0); no exchange is written in capitals.
_QUALIFIED = re.compile(r"(?P<exchange>[a-z0-9][a-z0-9-]*):(?P<symbol>.+)", re.ASCII)


def data_types(text: str) -> tuple[DataType, ...]:
    """Read types parted by commas, in capitals or not.

    Raises:
        UsageError: there is no such type; those that may have been meant are named.
    """
    return tuple(_data_type(name) for name in text.split(","))


def _data_type(text: str) -> DataType:
    by_small = {name.value.lower(): name for name in DataType}
    if found := by_small.get(text.lower()):
        return found
    near = get_close_matches(text.lower(), by_small, n=2)
    if not near:
        return as_type(text)
    meant = " or ".join(by_small[name].value for name in near)
    raise UsageError(f"{text!r} is not a data type: did you mean {meant}?")


def split_words(words: Sequence[str], symbol: str, *after: str) -> tuple[str | None, str, list[str]]:
    """Part the words of a command into exchange, symbol text and the words *after* them.

    The exchange may be left out (None) where every symbol names its own. *symbol* and *after*
    are the words' names for the message.

    Raises:
        UsageError: there are too few words, or too many.
    """
    if len(words) == 2 + len(after):
        return words[0], words[1], list(words[2:])
    if len(words) == 1 + len(after) and all(_QUALIFIED.fullmatch(piece) for piece in words[0].split(",")):
        return None, words[0], list(words[1:])
    wanted = " ".join(("EXCHANGE", symbol, *after))
    raise UsageError(
        f"this needs {wanted} and was given {len(words)} word{'s' if len(words) != 1 else ''}: "
        f"{' '.join(words)} (quote a time that has a space)"
    )


def instrument(exchange: str | None, text: str) -> tuple[str, str]:
    """Read one symbol; an exchange of its own goes before *exchange*.

    Raises:
        UsageError: it is empty, or neither names an exchange.
    """
    match = _QUALIFIED.fullmatch(text)
    if match:
        return match["exchange"], match["symbol"]
    if not exchange or not text:
        raise UsageError(f"{text!r} is not a symbol: write SYMBOL after its exchange, or EXCHANGE:SYMBOL")
    return exchange, text


def instruments(exchange: str | None, text: str) -> list[tuple[str, str]]:
    """Read symbols parted by commas, each as :func:`instrument`."""
    return [instrument(exchange, piece) for piece in text.split(",")]


def day_range(words: Sequence[str]) -> DayRange | None:
    """Read the days of a dataset that a range touches; None when there is no day in it.

    Raises:
        UsageError: they are not EXCHANGE SYMBOL TYPE FROM TO.
    """
    exchange, symbol, (data_type, start, end) = split_words(words, "SYMBOL", "TYPE", "FROM", "TO")
    key = DatasetKey(*instrument(exchange, symbol), as_type(data_type))
    touched = days_touched(*parse_range(start, end))
    return DayRange(key, touched[0], touched[-1]) if touched else None


def no_day(words: Sequence[str], untouched: str) -> str:
    """Word that a range such as :func:`day_range` reads has no day, so that nothing was *untouched*."""
    return (
        f"no day lies from {words[-2]} to {words[-1]} and nothing was {untouched}: TO is exclusive, "
        "name the day after the last one"
    )
