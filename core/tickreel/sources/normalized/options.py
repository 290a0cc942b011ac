"""What is asked of tardis-machine, and how it is asked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from tickreel.errors import UsageError
from tickreel.market.time import US_PER_DAY, US_PER_SECOND, format_us
from tickreel.market.types import GROUPS, DataType

if TYPE_CHECKING:
    from collections.abc import Mapping

_US_PER_MINUTE = 60 * US_PER_SECOND

MACHINE_TYPES: Mapping[DataType, str] = {
    DataType.TRADES: "trade",
    DataType.LIQUIDATIONS: "liquidation",
    DataType.INCREMENTAL_BOOK_L2: "book_change",
    DataType.BOOK_SNAPSHOT_25: "book_snapshot_25_0ms",
    DataType.BOOK_SNAPSHOT_5: "book_snapshot_5_0ms",
    DataType.QUOTES: "quote",
    DataType.BOOK_TICKER: "book_ticker",
    DataType.DERIVATIVE_TICKER: "derivative_ticker",
    DataType.OPTIONS_CHAIN: "option_summary",
}
"""How the machine calls what serves each data type; its quote is a snapshot of one level at any change."""

_STATELESS = frozenset({DataType.TRADES, DataType.LIQUIDATIONS, DataType.BOOK_TICKER})
"""Types of which a message stands for itself; all others need what came before in the day."""


class LeadIn(StrEnum):
    """From where the machine replays, when the range begins later."""

    MINUTE = "minute"
    """The minute in which the range begins: least to transfer. Feeds whose book starts with a snapshot
    taken at midnight or after a reconnect give nothing, or changes without a book, until the next."""
    DAY = "day"
    """00:00 UTC of that day, as the vendor's files are made: exact, and as slow as the day is long.
    Types of which a message stands for itself begin with the minute nevertheless."""


@dataclass(frozen=True, slots=True)
class ReplayRequest:
    """Rows of one exchange with a local time in [from_us, to_us), microseconds since 1970 UTC."""

    exchange: str
    symbols: tuple[str, ...]
    """As the exchange spells them, not as files are named; none: every symbol of the exchange."""
    types: tuple[DataType, ...]
    from_us: int
    to_us: int
    lead_in: LeadIn = LeadIn.MINUTE

    def __post_init__(self) -> None:
        """Refuse what no machine can answer.

        Raises:
            UsageError: the range ends before it starts, no type is asked for, or a group is.
        """
        if self.from_us > self.to_us:
            raise UsageError(
                f"the range ends before it starts: {format_us(self.from_us)} to {format_us(self.to_us)}"
            )
        if not self.types:
            raise UsageError("tardis-machine was asked for no data type: name at least one")
        group = next((symbol for symbol in self.symbols if symbol in GROUPS), None)
        if group is not None:
            raise UsageError(
                f"{group} is a file of many symbols, which tardis-machine does not know: name the symbols"
            )

    @property
    def asked_from_us(self) -> int:
        """Where the machine begins: a whole minute at or before the range."""
        is_led_in = self.lead_in is LeadIn.DAY and not _STATELESS.issuperset(self.types)
        step_us = US_PER_DAY if is_led_in else _US_PER_MINUTE
        return self.from_us // step_us * step_us

    @property
    def asked_to_us(self) -> int:
        """Where the machine ends: the first whole minute at or after the range."""
        return -(-self.to_us // _US_PER_MINUTE) * _US_PER_MINUTE


def options_of(request: ReplayRequest) -> bytes:
    """Write the JSON that ``/replay-normalized`` takes as its ``options``; no key of anybody's is in it."""
    options: dict[str, object] = {"exchange": request.exchange}
    if request.symbols:
        options["symbols"] = list(request.symbols)
    options["from"] = _minute(request.asked_from_us)
    options["to"] = _minute(request.asked_to_us)
    options["dataTypes"] = [MACHINE_TYPES[data_type] for data_type in request.types]
    options["withDisconnectMessages"] = True
    return msgspec.json.encode(options)


def _minute(instant_us: int) -> str:
    """Spell a whole minute as JavaScript does; the machine's own parser reads nothing finer."""
    return f"{format_us(instant_us)[:19]}.000Z"
