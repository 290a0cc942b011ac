"""The vendor's nine data types and the columns of each, in the vendor's order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum, auto

GROUPS = ("SPOT", "FUTURES", "PERPETUALS", "OPTIONS")
"""Symbols under which the vendor puts many instruments into one file."""

MISSING_INTEGER = -(2**63)
"""How a missing integer is stored and hashed."""


class DataType(StrEnum):
    """A data type, spelled as the vendor spells it.

    Order of definition is the order in which events of equal local time are replayed.
    """

    TRADES = "trades"
    LIQUIDATIONS = "liquidations"
    INCREMENTAL_BOOK_L2 = "incremental_book_L2"
    BOOK_SNAPSHOT_25 = "book_snapshot_25"
    BOOK_SNAPSHOT_5 = "book_snapshot_5"
    QUOTES = "quotes"
    BOOK_TICKER = "book_ticker"
    DERIVATIVE_TICKER = "derivative_ticker"
    OPTIONS_CHAIN = "options_chain"


class Kind(Enum):
    """What a column holds; it decides parsing, storage, hashing and printing."""

    TEXT = auto()
    TIME = auto()  # int64, microseconds since 1970 UTC
    FLAG = auto()  # true / false
    NUMBER = auto()  # float64
    BOOK_SIDE = auto()
    TRADE_SIDE = auto()


SIDES: dict[Kind, tuple[str, ...]] = {
    Kind.BOOK_SIDE: ("bid", "ask"),
    Kind.TRADE_SIDE: ("buy", "sell", "unknown", ""),
}
"""Words of the coded columns; a word's position is its code. The last trade side is an empty cell."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a data type."""

    name: str
    kind: Kind
    required: bool = False
    """An empty cell is refused."""

    @property
    def is_amount(self) -> bool:
        """Whether a negative value is refused."""
        return self.name == "amount" or self.name.endswith(("_amount", ".amount"))


@dataclass(frozen=True, slots=True)
class Schema:
    """All columns of one data type, in the vendor's order."""

    type: DataType
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def header(self) -> str:
        """First line of a vendor file, without its line end."""
        return ",".join(self.names)

    def column(self, name: str) -> Column:
        """Find a column by its name; raises KeyError."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


_COMMON = (
    Column("exchange", Kind.TEXT, required=True),
    Column("symbol", Kind.TEXT, required=True),
    Column("timestamp", Kind.TIME, required=True),
    Column("local_timestamp", Kind.TIME, required=True),
)
_TRADE = (
    Column("id", Kind.TEXT),
    Column("side", Kind.TRADE_SIDE),
    Column("price", Kind.NUMBER),
    Column("amount", Kind.NUMBER),
)


def _numbers(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, Kind.NUMBER) for name in names)


_QUOTE = _numbers("ask_amount", "ask_price", "bid_price", "bid_amount")


def _snapshot(depth: int) -> tuple[Column, ...]:
    cells = (
        f"{side}[{level}].{what}"
        for level in range(depth)
        for side in ("asks", "bids")
        for what in ("price", "amount")
    )
    return _numbers(*cells)


SCHEMAS: dict[DataType, Schema] = {
    data_type: Schema(data_type, _COMMON + own)
    for data_type, own in {
        DataType.TRADES: _TRADE,
        DataType.LIQUIDATIONS: _TRADE,
        DataType.INCREMENTAL_BOOK_L2: (
            Column("is_snapshot", Kind.FLAG, required=True),
            Column("side", Kind.BOOK_SIDE, required=True),
            Column("price", Kind.NUMBER, required=True),
            Column("amount", Kind.NUMBER, required=True),
        ),
        DataType.BOOK_SNAPSHOT_25: _snapshot(25),
        DataType.BOOK_SNAPSHOT_5: _snapshot(5),
        DataType.QUOTES: _QUOTE,
        DataType.BOOK_TICKER: _QUOTE,
        DataType.DERIVATIVE_TICKER: (
            Column("funding_timestamp", Kind.TIME),
            *_numbers(
                "funding_rate",
                "predicted_funding_rate",
                "open_interest",
                "last_price",
                "index_price",
                "mark_price",
            ),
        ),
        DataType.OPTIONS_CHAIN: (
            Column("type", Kind.TEXT),
            *_numbers("strike_price"),
            Column("expiration", Kind.TIME),
            *_numbers("open_interest", "last_price"),
            *_numbers("bid_price", "bid_amount", "bid_iv", "ask_price", "ask_amount", "ask_iv"),
            *_numbers("mark_price", "mark_iv"),
            Column("underlying_index", Kind.TEXT),
            *_numbers("underlying_price", "delta", "gamma", "vega", "theta", "rho"),
        ),
    }.items()
}
"""Every schema by its type."""


def types_with_header(header: str) -> tuple[DataType, ...]:
    """Find the types whose files start with *header*: none, one, or two that share it."""
    return tuple(data_type for data_type, schema in SCHEMAS.items() if schema.header == header)


@dataclass(frozen=True, slots=True, order=True)
class DatasetKey:
    """What names a dataset: the vendor's exchange, symbol and type."""

    exchange: str
    symbol: str
    type: DataType

    @property
    def is_grouped(self) -> bool:
        """Whether one file holds many instruments, told apart by its symbol column."""
        return self.symbol in GROUPS

    def __str__(self) -> str:
        return f"{self.exchange} {self.symbol} {self.type}"
