from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.vendorfiles import MIXED, START_US, line, write_csv

from tickreel.market.arrow import inside_schema, side_array
from tickreel.market.types import SCHEMAS, SIDES, Column, DataType, Kind, Schema
from tickreel.progress import UNWATCHED
from tickreel.store.digest import RowsDigest
from tickreel.vendorcsv import open_csv

if TYPE_CHECKING:
    from pathlib import Path

_CODES = {"": 3, "bid": 0, "ask": 1, "buy": 0, "sell": 1, "unknown": 2}


def _cell_bytes(kind: Kind, value: Any) -> bytes:
    """Give the bytes of one cell as the definition of rows_sha256 says it."""
    match kind:
        case Kind.TEXT:
            return str(value).encode("utf-8") + b"\x1f"
        case Kind.TIME:
            return struct.pack("<q", -(2**63) if value is None else value)
        case Kind.FLAG:
            return b"\x01" if value else b"\x00"
        case Kind.BOOK_SIDE | Kind.TRADE_SIDE:
            return bytes([_CODES[value]])
        case Kind.NUMBER:
            if value is None:
                return bytes.fromhex("000000000000f87f")
            return struct.pack("<d", 0.0 if value == 0 else value)


def _by_definition(schema: Schema, rows: list[dict[str, Any]], *, grouped: bool) -> str:
    whole = hashlib.sha256()
    for column in schema.columns:
        if column.name == "exchange" or (column.name == "symbol" and not grouped):
            continue
        cells = b"".join(_cell_bytes(column.kind, row[column.name]) for row in rows)
        whole.update(hashlib.sha256(cells).digest())
    return whole.hexdigest()


def _digest(schema: Schema, batches: list[pa.RecordBatch], *, grouped: bool = False) -> str:
    digest = RowsDigest(schema, grouped=grouped)
    for batch in batches:
        digest.update(batch)
    return digest.hexdigest()


def _read(path: Path, data_type: DataType) -> list[pa.RecordBatch]:
    with open_csv(path, type=data_type) as file:
        return list(file.batches(UNWATCHED))


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("data_type", DataType)
def test_the_digest_of_every_type_is_that_of_the_definition(
    data_type: DataType, grouped: bool, tmp_path: Path
) -> None:
    schema = SCHEMAS[data_type]
    batches = _read(write_csv(tmp_path / "x.csv", data_type, MIXED[data_type]), data_type)
    rows = [row for batch in batches for row in batch.to_pylist()]
    assert _digest(schema, batches, grouped=grouped) == _by_definition(schema, rows, grouped=grouped)


def test_a_day_without_rows_has_the_digest_of_empty_columns() -> None:
    schema = SCHEMAS[DataType.TRADES]
    empty = pa.RecordBatch.from_pylist([], inside_schema(schema))
    assert _digest(schema, []) == _digest(schema, [empty]) == _by_definition(schema, [], grouped=False)


def test_a_digest_that_is_known_by_heart() -> None:
    # Fixed once from the definition, so that no change of both sides together goes unseen.
    schema = SCHEMAS[DataType.DERIVATIVE_TICKER]
    row: dict[str, Any] = dict.fromkeys(schema.names)
    row |= {"exchange": "e", "symbol": "s", "timestamp": START_US, "local_timestamp": START_US + 1}
    row |= {"funding_rate": -0.0, "mark_price": 0.1}
    batch = pa.RecordBatch.from_pylist([row], inside_schema(schema))
    assert _digest(schema, [batch]) == "22e851713fd65fbc631aba95ae7306958a14ef499884359ff1462b71f65e6ba1"


def test_the_exchange_never_counts_and_the_symbol_only_in_a_group(tmp_path: Path) -> None:
    data_type = DataType.QUOTES
    schema = SCHEMAS[data_type]
    first, other = (
        _read(
            write_csv(tmp_path / f"{name}.csv", data_type, [line(data_type, exchange=name, symbol=name)]),
            data_type,
        )
        for name in ("one", "two")
    )
    assert _digest(schema, first) == _digest(schema, other)
    assert _digest(schema, first, grouped=True) != _digest(schema, other, grouped=True)


def _column(column: Column, size: int) -> st.SearchStrategy[pa.Array]:
    def some(cells: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
        return st.lists(cells, min_size=size, max_size=size)

    match column.kind:
        case Kind.TEXT:
            return some(st.text(max_size=5)).map(lambda cells: pa.array(cells, pa.string()))
        case Kind.TIME:
            integers = st.none() | st.integers(-(2**63), 2**63 - 1)
            return some(integers).map(lambda cells: pa.array(cells, pa.int64()))
        case Kind.FLAG:
            return some(st.booleans()).map(lambda cells: pa.array(cells, pa.bool_()))
        case Kind.NUMBER:
            numbers = st.none() | st.floats(allow_nan=False, allow_infinity=False)
            return some(numbers).map(lambda cells: pa.array(cells, pa.float64()))
        case Kind.BOOK_SIDE | Kind.TRADE_SIDE:
            codes = st.integers(0, len(SIDES[column.kind]) - 1)
            return some(codes).map(lambda cells: side_array(column, pa.array(cells, pa.int8())))


@settings(deadline=None)
@given(
    data=st.data(),
    data_type=st.sampled_from([DataType.TRADES, DataType.INCREMENTAL_BOOK_L2, DataType.OPTIONS_CHAIN]),
    size=st.integers(1, 12),
)
def test_any_rows_cut_anywhere_have_the_digest_of_the_definition(
    data: st.DataObject, data_type: DataType, size: int
) -> None:
    schema = SCHEMAS[data_type]
    columns = [data.draw(_column(column, size)) for column in schema.columns]
    batch = pa.RecordBatch.from_arrays(columns, schema=inside_schema(schema))
    cut = data.draw(st.integers(0, size))
    expected = _by_definition(schema, batch.to_pylist(), grouped=True)
    assert _digest(schema, [batch], grouped=True) == expected
    assert _digest(schema, [batch.slice(0, cut), batch.slice(cut)], grouped=True) == expected


def test_text_columns_may_be_dictionary_encoded(tmp_path: Path) -> None:
    data_type = DataType.OPTIONS_CHAIN
    schema = SCHEMAS[data_type]
    (batch,) = _read(write_csv(tmp_path / "x.csv", data_type, MIXED[data_type]), data_type)
    coded = pa.RecordBatch.from_arrays(
        [cells.dictionary_encode() if pa.types.is_string(cells.type) else cells for cells in batch.columns],
        names=batch.schema.names,
    )
    assert _digest(schema, [coded], grouped=True) == _digest(schema, [batch], grouped=True)


def test_a_copy_goes_its_own_way(tmp_path: Path) -> None:
    data_type = DataType.TRADES
    (batch,) = _read(write_csv(tmp_path / "x.csv", data_type, MIXED[data_type]), data_type)
    digest = RowsDigest(SCHEMAS[data_type], grouped=False)
    digest.update(batch)
    twin = digest.copy()
    assert twin.hexdigest() == digest.hexdigest()
    twin.update(batch)
    assert digest.hexdigest() == _digest(SCHEMAS[data_type], [batch])
    assert twin.hexdigest() == _digest(SCHEMAS[data_type], [batch, batch])
