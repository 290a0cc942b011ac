"""What a client may ask for: the names of tardis-machine's data types, and what each needs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from tickreel.errors import UsageError
from tickreel.market.numbers import ecmascript
from tickreel.market.types import DataType

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_LEVELS = 10_000
"""The deepest snapshot that is computed."""
_MS: Mapping[str, int] = {"ms": 1, "s": 1_000, "m": 60_000}
_NUMBER = re.compile(r"\d{1,15}(?:\.\d{1,15})?", re.ASCII)


class BarKind(StrEnum):
    """By what a bar of trades ends."""

    TIME = "time"
    VOLUME = "volume"
    TICK = "tick"


_BARS: Mapping[str, tuple[BarKind, int]] = {
    "ticks": (BarKind.TICK, 1),
    **{suffix: (BarKind.TIME, factor) for suffix, factor in _MS.items()},
    "vol": (BarKind.VOLUME, 1),
}


@dataclass(frozen=True, slots=True)
class SnapshotType:
    """The best levels of a book: at any change, or at most once in each interval of exchange time."""

    name: str
    depth: int
    interval_ms: float
    grouping: float | None = None


@dataclass(frozen=True, slots=True)
class BarType:
    """Trades summed up; an interval is milliseconds, volume or a number of trades."""

    name: str
    kind: BarKind
    interval: float


class Plain(StrEnum):
    """Messages that the exchange's own messages become."""

    TRADE = "trade"
    LIQUIDATION = "liquidation"
    BOOK_CHANGE = "book_change"
    BOOK_TICKER = "book_ticker"
    DERIVATIVE_TICKER = "derivative_ticker"
    OPTION_SUMMARY = "option_summary"


MessageType: TypeAlias = Plain | SnapshotType | BarType

_STORED: Mapping[Plain, DataType] = {
    Plain.TRADE: DataType.TRADES,
    Plain.LIQUIDATION: DataType.LIQUIDATIONS,
    Plain.BOOK_CHANGE: DataType.INCREMENTAL_BOOK_L2,
    Plain.BOOK_TICKER: DataType.BOOK_TICKER,
    Plain.DERIVATIVE_TICKER: DataType.DERIVATIVE_TICKER,
    Plain.OPTION_SUMMARY: DataType.OPTIONS_CHAIN,
}
PLAIN: Mapping[DataType, Plain] = {stored: plain for plain, stored in _STORED.items()}
"""Which messages the rows of a stored type become."""


def message_type(name: str) -> MessageType | None:
    """Read the name of a data type; None for a plain one that there is not, which tardis-machine ignores.

    Raises:
        UsageError: it begins as a computed type does and does not go on as one.
    """
    if name in set(Plain):
        return Plain(name)
    if name.startswith("trade_bar"):
        return _bars(name)
    if name.startswith("book_snapshot"):
        return _snapshots(name)
    if name == "quote":
        return SnapshotType(name, 1, 0)
    if name.startswith("quote"):
        for suffix, factor in _MS.items():
            if name.endswith(suffix):
                text = name.removeprefix("quote_").removesuffix(suffix)
                return SnapshotType(name, 1, _number(text, "interval", name) * factor)
        raise _invalid(name)
    return None


def stored_type(asked: MessageType) -> DataType:
    """Tell from which stored type messages come."""
    match asked:
        case Plain():
            return _STORED[asked]
        case BarType():
            return DataType.TRADES
    return DataType.INCREMENTAL_BOOK_L2


def decimal_places(value: float) -> int:
    """Count the decimals of a number as JavaScript would spell it."""
    digits, _, exponent = ecmascript(value).partition("e")
    return max(0, len(digits.partition(".")[2]) - int(exponent or 0))


def _bars(name: str) -> BarType:
    for suffix, (kind, factor) in _BARS.items():
        if name.endswith(suffix):
            text = name.removeprefix("trade_bar_").removesuffix(suffix)
            interval = _number(text, "interval", name) * factor
            if not interval:
                raise UsageError(f"invalid interval: {text}, data type: {name}")
            return BarType(name, kind, interval)
    raise _invalid(name)


def _snapshots(name: str) -> SnapshotType:
    parts = name.split("_")
    suffix = next((suffix for suffix in _MS if name.endswith(suffix)), None)
    if suffix is None or not name.startswith("book_snapshot_") or len(parts) not in (4, 5):
        raise _invalid(name)
    depth = _number(parts[2], "depth", name)
    if not (depth.is_integer() and 1 <= depth <= MOST_LEVELS):
        raise UsageError(f"invalid depth: {parts[2]}, data type: {name}")
    interval_ms = _number(parts[-1].removesuffix(suffix), "interval", name) * _MS[suffix]
    if len(parts) == 4:
        return SnapshotType(name, int(depth), interval_ms)
    if not parts[3].startswith("grouped"):
        raise _invalid(name)
    text = parts[3].removeprefix("grouped")
    grouping = _number(text, "grouping", name)
    if not grouping:
        raise UsageError(f"invalid grouping: {text}, data type: {name}")
    return SnapshotType(name, int(depth), interval_ms, grouping)


def _number(text: str, what: str, name: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise UsageError(f"invalid {what}: {text}, data type: {name}")
    return float(text)


def _invalid(name: str) -> UsageError:
    return UsageError(f"invalid data type: {name}")
