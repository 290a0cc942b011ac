"""Real rows of every kind that is at hand: they come back bit for bit, and take less than Parquet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from support.realdata import real_data
from support.segmentrows import ALWAYS, plain, write_segment

from tickreel.market.block import Block, Texts, Words
from tickreel.market.types import MISSING_INTEGER, SCHEMAS, SIDES, Column, DataType, Kind
from tickreel.store.segments import Segment

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel.market.block import ColumnData

_TYPES = {
    Kind.TEXT: pa.string(),
    Kind.TIME: pa.int64(),
    Kind.FLAG: pa.bool_(),
    Kind.NUMBER: pa.float64(),
    Kind.BOOK_SIDE: pa.string(),
    Kind.TRADE_SIDE: pa.string(),
}
FUTURES = "datasets/v1/binance-futures"
SPOT = "datasets/v1/binance"
VENDOR = "tardis_csv"
FILES = [
    (f"{FUTURES}/incremental_book_L2/2023/04/05/BTCUSDT.csv.gz", DataType.INCREMENTAL_BOOK_L2),
    (f"{FUTURES}/incremental_book_L2/2024/07/19/BTCUSDT.csv.gz", DataType.INCREMENTAL_BOOK_L2),
    (f"{SPOT}/incremental_book_L2/2024/07/24/NEXOUSDT.csv.gz", DataType.INCREMENTAL_BOOK_L2),
    (f"{FUTURES}/trades/2024/07/19/BTCUSDT.csv.gz", DataType.TRADES),
    (f"{SPOT}/trades/2024/07/24/NEXOUSDT.csv.gz", DataType.TRADES),
    (f"{FUTURES}/book_ticker/2024/07/19/BTCUSDT.csv.gz", DataType.BOOK_TICKER),
    (f"{SPOT}/book_ticker/2024/07/24/NEXOUSDT.csv.gz", DataType.BOOK_TICKER),
    (f"{FUTURES}/derivative_ticker/2023/04/05/BTCUSDT.csv.gz", DataType.DERIVATIVE_TICKER),
    (f"{VENDOR}/binance-futures_quotes_2020-02-22_BTCUSDT_first9999.csv", DataType.QUOTES),
    (f"{VENDOR}/binance-futures_trades_2020-02-22_BTCUSDT_first9999.csv", DataType.TRADES),
    (f"{VENDOR}/binance-futures_book_snapshot_25_2020-09-01_BTCUSDT_10rows.csv", DataType.BOOK_SNAPSHOT_25),
    (f"{VENDOR}/binance-futures_book_snapshot_5_2020-09-01_BTCUSDT_10rows.csv", DataType.BOOK_SNAPSHOT_5),
    (f"{VENDOR}/bitmex_trades_2020-03-01_XBTUSD_10rows.csv", DataType.TRADES),
    (
        "tardis_csv/deribit_incremental_book_L2_2020-04-01_BTC-PERPETUAL_15rows.csv",
        DataType.INCREMENTAL_BOOK_L2,
    ),
    (f"{VENDOR}/deribit_options_chain_2020-06-08_PARTLY_HANDMADE_7rows.csv", DataType.OPTIONS_CHAIN),
]


def table_of(path: Path, data_type: DataType) -> pa.Table:
    """Read a vendor file with Arrow alone."""
    types = {column.name: _TYPES[column.kind] for column in SCHEMAS[data_type].columns}
    options = pacsv.ConvertOptions(column_types=types, null_values=[""], strings_can_be_null=False)
    return pacsv.read_csv(path, convert_options=options).combine_chunks()


def block_of(table: pa.Table, data_type: DataType) -> Block:
    schema = SCHEMAS[data_type]
    names = table["symbol"].unique().to_pylist()
    symbol: str | Words = names[0]
    if len(names) > 1:
        places = {name: place for place, name in enumerate(names)}
        symbol = Words(
            np.array([places[name] for name in table["symbol"].to_pylist()], np.int32), tuple(names)
        )
    columns = {
        column.name: _column(table, column)
        for column in schema.columns
        if column.name not in ("exchange", "symbol")
    }
    return Block(schema, table["exchange"][0].as_py(), symbol, columns)


def _column(table: pa.Table, column: Column) -> ColumnData:
    cells = table[column.name]
    match column.kind:
        case Kind.TEXT:
            return Texts.of(cells.to_pylist())
        case Kind.TIME:
            return np.asarray(cells.fill_null(MISSING_INTEGER).to_numpy())
        case Kind.BOOK_SIDE | Kind.TRADE_SIDE:
            places = {word: place for place, word in enumerate(SIDES[column.kind])}
            return np.array([places[word] for word in cells.to_pylist()], np.int8)
    return np.asarray(cells.to_numpy())


@pytest.mark.parametrize(("file", "data_type"), FILES, ids=[file.rpartition("v1/")[2] for file, _ in FILES])
def test_real_rows_come_back_and_take_less_than_parquet(
    tmp_path: Path, file: str, data_type: DataType
) -> None:
    table = table_of(real_data(*file.split("/")), data_type)
    block = block_of(table, data_type)
    sealed = write_segment(tmp_path / "a.tick", block)
    with Segment.open(tmp_path / "a.tick") as segment:
        assert plain(segment.read(*ALWAYS)) == plain(block)
    if len(block) < 1_000:
        return  # what a file says of itself outweighs so few rows
    kept = [name for name in table.column_names if name not in ("exchange", "symbol")]
    pq.write_table(table.select(kept), tmp_path / "a.parquet", compression="zstd", row_group_size=131_072)
    reach = 0.75 if data_type is DataType.INCREMENTAL_BOOK_L2 else 1.0
    assert sealed.bytes <= reach * (tmp_path / "a.parquet").stat().st_size
