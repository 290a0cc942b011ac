"""Builders of files in the vendor's CSV form: plain, gzip and zstd."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import zstandard

from tickreel.market.types import SCHEMAS, DataType

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

START_US = 1_721_692_800_000_000
"""2024-07-23T00:00:00Z."""


def line(data_type: DataType, local_us: int = START_US, /, **cells: str) -> str:
    """Write one good row of *data_type*; *cells* replace its cells by column name."""
    row = dict(zip(SCHEMAS[data_type].names, _GOOD[data_type].split(","), strict=True))
    row |= {"timestamp": str(local_us - 1_000), "local_timestamp": str(local_us)} | cells
    return ",".join(row.values())


def l2_line(
    local_us: int, side: str, price: str, amount: str, *, snapshot: bool = False, **cells: str
) -> str:
    """Write one row of incremental_book_L2."""
    cells |= {"side": side, "price": price, "amount": amount, "is_snapshot": str(snapshot).lower()}
    return line(DataType.INCREMENTAL_BOOK_L2, local_us, **cells)


def csv_text(data_type: DataType, lines: Iterable[str]) -> bytes:
    """Join the header of *data_type* and *lines* as the vendor does."""
    return "".join(f"{text}\n" for text in (SCHEMAS[data_type].header, *lines)).encode()


def packed(text: bytes, packing: str) -> bytes:
    """Pack *text* as ``csv``, ``csv.gz`` or ``csv.zst`` says."""
    if packing.endswith("gz"):
        return gzip.compress(text, mtime=0)
    if packing.endswith("zst"):
        return zstandard.ZstdCompressor(write_checksum=True).compress(text)
    return text


def write_csv(path: Path, data_type: DataType, lines: Iterable[str]) -> Path:
    """Write a file that is packed as the end of its name says; its folders are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(packed(csv_text(data_type, lines), path.name))
    return path


_HEAD = f"binance-futures,BTCUSDT,{START_US - 1_000},{START_US}"
_LEVEL = "66000.1,0.5,66000,12"

_GOOD = {
    DataType.TRADES: f"{_HEAD},5231,buy,66000.1,0.002",
    DataType.LIQUIDATIONS: f"{_HEAD},5231,sell,66000.1,0.002",
    DataType.INCREMENTAL_BOOK_L2: f"{_HEAD},false,bid,66000.1,0.002",
    DataType.BOOK_SNAPSHOT_5: f"{_HEAD},{','.join([_LEVEL] * 5)}",
    DataType.BOOK_SNAPSHOT_25: f"{_HEAD},{','.join([_LEVEL] * 25)}",
    DataType.QUOTES: f"{_HEAD},0.5,66000.1,66000,12",
    DataType.BOOK_TICKER: f"{_HEAD},0.5,66000.1,66000,12",
    DataType.DERIVATIVE_TICKER: f"{_HEAD},1721721600000000,0.0001,0.00002754,83000.5,66000.1,66010.25,66005",
    DataType.OPTIONS_CHAIN: (
        f"{_HEAD},put,9875,1721980800000000,0.1,0.0295,0.0205,15.1,55.91,0.0235,15.2,68.94,"
        "0.0221,62.89,SYN.BTC-26JUL24,66010,-0.61752,0.00103,2.24964,-53.05655,-0.22796"
    ),
}

MIXED: dict[DataType, tuple[str, ...]] = {
    DataType.TRADES: (
        line(DataType.TRADES, id="ccc3c1fa-212c-e8b0-1706-9b9c4f3d5ecf", side="sell"),
        line(DataType.TRADES, id="", side="unknown", price="", amount=""),
        line(DataType.TRADES, id='0x"1f é ', side="", price="-37.63", amount="0"),
    ),
    DataType.LIQUIDATIONS: (
        line(DataType.LIQUIDATIONS, id="007"),
        line(DataType.LIQUIDATIONS, id="1e5", side="buy", price="3e-7", amount="1e+21"),
    ),
    DataType.INCREMENTAL_BOOK_L2: (
        line(DataType.INCREMENTAL_BOOK_L2, is_snapshot="true", side="ask"),
        line(DataType.INCREMENTAL_BOOK_L2, price="0.00002754", amount="123456789012345680"),
        line(DataType.INCREMENTAL_BOOK_L2, price="-1.5", amount="0"),
    ),
    DataType.BOOK_SNAPSHOT_5: (
        line(DataType.BOOK_SNAPSHOT_5),
        line(DataType.BOOK_SNAPSHOT_5, **{"asks[4].price": "", "asks[4].amount": ""}),
    ),
    DataType.BOOK_SNAPSHOT_25: (
        line(DataType.BOOK_SNAPSHOT_25),
        line(DataType.BOOK_SNAPSHOT_25, **{"bids[24].price": "", "bids[24].amount": ""}),
    ),
    DataType.QUOTES: (line(DataType.QUOTES), line(DataType.QUOTES, ask_amount="", ask_price="")),
    DataType.BOOK_TICKER: (
        line(DataType.BOOK_TICKER),
        line(DataType.BOOK_TICKER, bid_amount="", bid_price=""),
    ),
    DataType.DERIVATIVE_TICKER: (
        line(DataType.DERIVATIVE_TICKER, funding_rate="-0.000012"),
        line(DataType.DERIVATIVE_TICKER, funding_timestamp="", predicted_funding_rate="", open_interest=""),
    ),
    DataType.OPTIONS_CHAIN: (
        line(DataType.OPTIONS_CHAIN, symbol="BTC-26JUL24-9875-P"),
        line(
            DataType.OPTIONS_CHAIN,
            symbol="BTC-26JUL24-9875-C",
            type="call",
            expiration="",
            underlying_index="",
        ),
    ),
}
"""A few good rows of every type with what is unusual and allowed; numbers in the vendor's form."""
