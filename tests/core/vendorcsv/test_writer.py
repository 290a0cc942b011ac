from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.realdata import real_data
from support.vendorfiles import MIXED, START_US, csv_text, l2_line, line, write_csv

from tickreel.market.arrow import public_schema, record_batch
from tickreel.market.numbers import ecmascript
from tickreel.market.types import SCHEMAS, DataType, Kind
from tickreel.progress import UNWATCHED
from tickreel.vendorcsv import csv_blocks, open_csv

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tickreel.vendorcsv import CsvFile

_L2 = DataType.INCREMENTAL_BOOK_L2


def _batches(file: CsvFile) -> Iterator[pa.RecordBatch]:
    assert file.schema is not None
    for block in file.blocks(UNWATCHED):
        yield record_batch(block, file.schema.names)


def _back(path: Path, data_type: DataType | None = None) -> bytes:
    with open_csv(path, type=data_type) as file:
        assert file.schema is not None
        return b"".join(csv_blocks(file.schema, _batches(file)))


@pytest.mark.parametrize("data_type", DataType)
def test_every_type_comes_back_byte_for_byte(data_type: DataType, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", data_type, MIXED[data_type])
    assert _back(path, data_type) == path.read_bytes()


def test_no_rows_come_back_as_the_header(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", _L2, [])
    assert _back(path) == path.read_bytes()


def test_many_batches_come_back_in_order(tmp_path: Path) -> None:
    lines = [l2_line(START_US + i, "ask", str(i), "0.5") for i in range(140_000)]
    path = write_csv(tmp_path / "x.csv", _L2, lines)
    assert _back(path) == path.read_bytes()


def test_numbers_in_another_form_come_back_equal_and_in_the_vendors_form(tmp_path: Path) -> None:
    spelled = {
        "16.0": "16",
        "1e3": "1000",
        "-0": "0",
        ".5": "0.5",
        "007": "7",
        "1E-7": "1e-7",
        "1e10": "10000000000",
    }
    path = write_csv(tmp_path / "x.csv", _L2, [line(_L2, price=cell) for cell in spelled])
    expected = csv_text(_L2, [line(_L2, price=cell) for cell in spelled.values()])
    assert _back(path) == expected


def _prices_as_text(prices: list[float]) -> list[str]:
    schema = SCHEMAS[_L2]
    columns = [
        pa.array(prices, pa.float64()) if column.kind is Kind.NUMBER else pa.nulls(len(prices), field.type)
        for column, field in zip(schema.columns, public_schema(schema), strict=True)
    ]
    batch = pa.RecordBatch.from_arrays(columns, schema=public_schema(schema))
    text = b"".join(csv_blocks(schema, [batch])).decode()
    return [line.split(",")[-1] for line in text.splitlines()[1:]]


@settings(deadline=None)
@given(
    st.lists(
        st.one_of(
            st.floats(allow_nan=False, allow_infinity=False),
            st.integers(-(10**24), 10**24).map(float),
            st.decimals(-(10**14), 10**14, places=3).map(float),
            st.integers(1, 10**6).map(lambda n: n / 1e11),
        ),
        min_size=1,
    )
)
def test_numbers_are_printed_as_ecmascript_prints_them(numbers: list[float]) -> None:
    assert _prices_as_text(numbers) == [ecmascript(number) for number in numbers]


def test_every_magnitude_is_printed_as_ecmascript_prints_it() -> None:
    digits = ("1", "-1.5", "9.999999999999999", "1.234567")
    numbers = [float(f"{text}e{magnitude}") for magnitude in range(-320, 308) for text in digits]
    assert _prices_as_text(numbers) == [ecmascript(number) for number in numbers]


def test_text_columns_may_be_dictionary_encoded(tmp_path: Path) -> None:
    data_type = DataType.OPTIONS_CHAIN
    path = write_csv(tmp_path / "x.csv", data_type, MIXED[data_type])
    with open_csv(path) as file:
        batches = list(_batches(file))
    coded = [
        pa.RecordBatch.from_arrays(
            [
                cells.dictionary_encode() if pa.types.is_string(cells.type) else cells
                for cells in batch.columns
            ],
            names=batch.schema.names,
        )
        for batch in batches
    ]
    assert b"".join(csv_blocks(SCHEMAS[data_type], coded)) == path.read_bytes()


def _real_files() -> list[Path]:
    root = real_data()
    return sorted(path for folder in ("datasets", "tardis_csv") for path in (root / folder).rglob("*.csv*"))


def test_every_real_file_comes_back_byte_for_byte() -> None:
    checked = 0
    for path in _real_files():
        back = _back(path)
        source = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        if "options_chain" not in path.name:
            assert back == source, path.name
            checked += 1
    assert checked >= 30


def test_the_real_options_file_comes_back_with_equal_values() -> None:
    (path,) = (path for path in _real_files() if "options_chain" in path.name)
    kinds = [column.kind for column in SCHEMAS[DataType.OPTIONS_CHAIN].columns]
    rows = [
        [text.decode().split(",") for text in data.splitlines()[1:]]
        for data in (_back(path), path.read_bytes())
    ]
    assert len(rows[0]) == len(rows[1])
    for ours, theirs in zip(*rows, strict=True):
        for kind, our, their in zip(kinds, ours, theirs, strict=True):
            assert our == (ecmascript(float(their)) if kind is Kind.NUMBER and their else their)
