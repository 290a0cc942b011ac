from __future__ import annotations

import math
import os
import re
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.vendorfiles import MIXED, START_US, csv_text, l2_line, line, packed, write_csv

from tickreel.errors import Cancelled, DataError, RowError, TickreelError, UsageError
from tickreel.market.arrow import public_schema, record_batch
from tickreel.market.types import SCHEMAS, DataType
from tickreel.progress import UNWATCHED
from tickreel.vendorcsv import open_csv

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_L2 = DataType.INCREMENTAL_BOOK_L2
_TRADES = DataType.TRADES
_SHARED_HEADER = (_TRADES, DataType.LIQUIDATIONS), (DataType.QUOTES, DataType.BOOK_TICKER)
_MANY = 90_000
"""Rows that fill more than one block of text."""


def _table(path: Path, data_type: DataType | None = None) -> pa.Table:
    with open_csv(path, type=data_type) as file:
        assert file.schema is not None
        names = file.schema.names
        batches = [record_batch(block, names) for block in file.blocks(UNWATCHED)]
        return pa.Table.from_batches(batches, public_schema(file.schema))


def _refusal(path: Path, data_type: DataType | None = None) -> RowError:
    with pytest.raises(RowError) as caught:
        _table(path, data_type)
    return caught.value


def _with(data_type: DataType, before: int, bad: str, after: Sequence[str] = ()) -> list[str]:
    return [line(data_type)] * before + [bad, *after]


@pytest.mark.parametrize("packing", ["csv", "csv.gz", "csv.zst"])
@pytest.mark.parametrize("data_type", DataType)
def test_every_type_is_read_whole(data_type: DataType, packing: str, tmp_path: Path) -> None:
    path = write_csv(tmp_path / f"x.{packing}", data_type, MIXED[data_type])
    table = _table(path, data_type)
    table.validate(full=True)
    assert table.num_rows == len(MIXED[data_type])
    assert table.column_names == list(SCHEMAS[data_type].names)


def test_cells_keep_their_value_and_empty_cells_are_null(tmp_path: Path) -> None:
    rows = _table(write_csv(tmp_path / "x.csv", _TRADES, MIXED[_TRADES]), _TRADES).to_pylist()
    assert [row["id"] for row in rows] == ["ccc3c1fa-212c-e8b0-1706-9b9c4f3d5ecf", "", '0x"1f é ']
    assert [row["side"] for row in rows] == ["sell", "unknown", ""]
    assert [row["price"] for row in rows] == [66000.1, None, -37.63]
    assert [row["amount"] for row in rows] == [0.002, None, 0.0]


@pytest.mark.parametrize(
    ("data_type", "column", "cell", "problem"),
    [
        (_L2, "exchange", "", "exchange is empty"),
        (_L2, "symbol", "", "symbol is empty"),
        (_L2, "timestamp", "", "timestamp is empty"),
        (_L2, "local_timestamp", "", "local_timestamp is empty"),
        (_L2, "is_snapshot", "", "is_snapshot is empty"),
        (_L2, "side", "", "side '' is none of bid, ask"),
        (_L2, "price", "", "price is empty"),
        (_L2, "amount", "", "amount is empty"),
        (_L2, "side", "buy", "side 'buy' is none of bid, ask"),
        (_L2, "side", "BID", "side 'BID' is none of bid, ask"),
        (_L2, "is_snapshot", "TRUE", "is_snapshot 'TRUE' is neither true nor false"),
        (_L2, "is_snapshot", "1", "is_snapshot '1' is neither true nor false"),
        (_L2, "price", "abc", "price 'abc' is not a number"),
        (_L2, "price", "1_000", "price '1_000' is not a number"),
        (_L2, "price", "0x10", "price '0x10' is not a number"),
        (_L2, "price", "+1", "price '\\+1' is not a number"),
        (_L2, "price", " 1", "price ' 1' is not a number"),
        (_L2, "price", "1 ", "price '1 ' is not a number"),
        (_L2, "price", '"1"', "price '\"1\"' is not a number"),
        (_L2, "price", "null", "price 'null' is not a number"),
        (_L2, "price", "nan", "price 'nan' is not a finite number"),
        (_L2, "amount", "NaN", "amount 'NaN' is not a finite number"),
        (_L2, "price", "-Infinity", "price '-Infinity' is not a finite number"),
        (_L2, "price", "1e999", "price '1e999' is not a finite number"),
        (_L2, "amount", "-0.5", "amount '-0.5' is negative"),
        (_TRADES, "amount", "-1", "amount '-1' is negative"),
        (_TRADES, "side", "bid", "side 'bid' is none of buy, sell, unknown"),
        (DataType.QUOTES, "ask_amount", "-1e-9", "ask_amount '-1e-9' is negative"),
        (DataType.BOOK_SNAPSHOT_25, "bids[24].amount", "-3", r"bids\[24\].amount '-3' is negative"),
        (DataType.DERIVATIVE_TICKER, "funding_rate", "inf", "funding_rate 'inf' is not a finite number"),
        (
            DataType.DERIVATIVE_TICKER,
            "funding_timestamp",
            "0x5",
            "funding_timestamp '0x5' is not a whole number",
        ),
        (
            DataType.DERIVATIVE_TICKER,
            "funding_timestamp",
            "1e15",
            "funding_timestamp '1e15' is not a whole number",
        ),
        (DataType.OPTIONS_CHAIN, "expiration", "9" * 19, "expiration '9+' does not fit into 64 bits"),
        (DataType.OPTIONS_CHAIN, "expiration", str(-(2**63)), "expiration '-9.*' does not fit into 64 bits"),
        (_L2, "local_timestamp", "1.5", r"local_timestamp '1\.5' is not a whole number"),
        (_L2, "local_timestamp", hex(START_US), "local_timestamp '0x.*' is not a whole number"),
        (
            _L2,
            "local_timestamp",
            "1721692800000",
            "local_timestamp 1721692800000 lies .*looks like milliseconds",
        ),
        (_L2, "local_timestamp", "1721692800", "local_timestamp 1721692800 lies .*looks like seconds"),
        (_L2, "local_timestamp", f"{START_US}000", "local_timestamp .*000 lies .*looks like nanoseconds"),
        (
            _L2,
            "local_timestamp",
            f"{START_US - 1}",
            f"local_timestamp goes back from {START_US} to {START_US - 1}",
        ),
        (_L2, "exchange", "{cell}", "exchange '{cell}' differs from 'binance-futures'"),
    ],
)
def test_a_refused_cell_is_told_with_its_row_and_column(
    data_type: DataType, column: str, cell: str, problem: str, tmp_path: Path
) -> None:
    lines = _with(data_type, 4, line(data_type, **{column: cell}), [line(data_type)])
    path = write_csv(tmp_path / "x.csv.gz", data_type, lines)
    with pytest.raises(RowError, match=rf"x\.csv\.gz: row 5: {problem}"):
        _table(path, data_type)


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        ("binance-futures,BTCUSDT,1,2", "it has 4 cells where the header has 8"),
        (line(_L2) + ",", "it has 9 cells where the header has 8"),
        ("", "the line is empty"),
        (SCHEMAS[_L2].header, "timestamp 'timestamp' is not a whole number"),
        (line(_L2).replace("BTC", "BTC\r"), "a carriage return stands inside the line"),
        (f"{line(_L2)}\r{line(_L2)}", "a carriage return stands inside the line"),
    ],
)
def test_a_line_of_another_shape_is_told_with_its_row(bad: str, problem: str, tmp_path: Path) -> None:
    error = _refusal(write_csv(tmp_path / "x.csv", _L2, _with(_L2, 2, bad, [line(_L2)])))
    assert (error.row, error.problem.startswith(problem)) == (3, True), error


def test_bytes_that_are_not_utf8_are_told_with_their_row(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(
        csv_text(_L2, [line(_L2)] * 3).replace(b"BTCUSDT", b"BTC\xff", 2).replace(b"BTC\xff", b"BTC", 1)
    )
    assert str(_refusal(path)) == f"{path}: row 2: symbol 'BTC\\\\xff' is not UTF-8 text"


def test_the_first_of_several_bad_rows_is_told_whatever_its_fault(tmp_path: Path) -> None:
    negative, word, back = line(_L2, amount="-1"), line(_L2, price="x"), line(_L2, START_US - 5)
    odd = line(_L2, price=" 1")
    for order in (
        [negative, back, back],
        [negative, word, back],
        [word, back, negative],
        [back, odd, negative],
        [odd, negative, word],
    ):
        lines = [line(_L2), order[0], line(_L2), order[1], order[2]]
        assert _refusal(write_csv(tmp_path / "x.csv", _L2, lines)).row == 2


def test_rows_are_counted_and_times_compared_across_blocks(tmp_path: Path) -> None:
    good = [l2_line(START_US + i, "bid", "10", "1") for i in range(_MANY)]
    path = write_csv(tmp_path / "x.csv", _L2, good)
    with open_csv(path) as file:
        sizes = [len(block) for block in file.blocks(UNWATCHED)]
    assert len(sizes) > 1
    assert sum(sizes) == _MANY
    back = l2_line(START_US + sizes[0] - 2, "bid", "10", "1")
    edge = write_csv(tmp_path / "edge.csv", _L2, [*good[: sizes[0]], back, *good[sizes[0] :]])
    error = _refusal(edge)
    assert error.row == sizes[0] + 1
    assert (
        error.problem
        == f"local_timestamp goes back from {START_US + sizes[0] - 1} to {START_US + sizes[0] - 2}"
    )
    word = write_csv(tmp_path / "word.csv.gz", _L2, [*good, l2_line(START_US + _MANY, "bid", "ten", "1")])
    assert _refusal(word).row == _MANY + 1
    other = write_csv(tmp_path / "other.csv.zst", _L2, [*good, line(_L2, START_US + _MANY, exchange="okex")])
    assert _refusal(other).row == _MANY + 1


def test_a_line_without_end_is_refused_without_filling_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(csv_text(_L2, [line(_L2)]) + b"9" * (20 << 20))
    assert _refusal(path).problem.startswith("the line is longer than")


@pytest.mark.parametrize("cell", ["0x1f", " a b\t", "+1", "NaN", '"', "-", "é", "null"])
def test_odd_text_in_a_text_cell_is_kept_verbatim(cell: str, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", _TRADES, [line(_TRADES, id=cell)])
    assert _table(path, _TRADES)["id"].to_pylist() == [cell]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda text: text.replace(b"\n", b"\r\n"), id="CRLF"),
        pytest.param(lambda text: b"\xef\xbb\xbf" + text, id="BOM"),
        pytest.param(lambda text: text.removesuffix(b"\n"), id="no end of the last line"),
        pytest.param(lambda text: text.replace(b"\n", b"\r\n").removesuffix(b"\n"), id="half an end"),
    ],
)
def test_other_ends_of_lines_and_a_byte_order_mark_are_tolerated(change: object, tmp_path: Path) -> None:
    assert callable(change)
    path = tmp_path / "x.csv"
    path.write_bytes(change(csv_text(_L2, MIXED[_L2])))
    if path.read_bytes().endswith(b"\r"):
        assert _refusal(path).row == len(MIXED[_L2])
    else:
        assert _table(path).num_rows == len(MIXED[_L2])


_number_text = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.from_regex(r"-?[0-9]{1,25}(\.[0-9]{0,25})?([eE][+-]?[0-9]{1,2})?", fullmatch=True),
    st.from_regex(r"-?\.[0-9]{1,5}", fullmatch=True),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=st.lists(_number_text, min_size=1, max_size=40))
def test_numbers_are_rounded_to_the_nearest_float64(cells: list[str], tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", _L2, [line(_L2, price=cell) for cell in cells])
    read = _table(path)["price"].to_pylist()
    assert read == [float(cell) for cell in cells]
    assert all(math.copysign(1, value) > 0 for value in read if value == 0)


_cell = st.one_of(_number_text, st.text("0123456789+-.eExXnaif_ \t\"'", max_size=6))


def _is_whole(cell: str) -> bool:
    """Tell whether a cell is empty or a whole number of 64 bits, as the vendor writes them."""
    return not cell or (re.fullmatch("-?[0-9]+", cell) is not None and -(2**63) < int(cell) < 2**63)


def _is_finite(cell: str) -> bool:
    """Tell whether a cell is empty or a number of finite value: what Python reads, less what is no CSV."""
    if not cell or not set(cell) <= set("0123456789.-+eE") or cell.startswith("+"):
        return not cell
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(time="-1", number="1.", mark="-.5E-3")
@example(time="", number="", mark="")
@given(time=_cell, mark=_cell, number=_cell)
def test_what_is_read_at_all_reads_as_python_reads_it(
    time: str, mark: str, number: str, tmp_path: Path
) -> None:
    data_type = DataType.DERIVATIVE_TICKER
    cells = {"funding_timestamp": time, "funding_rate": number, "mark_price": mark}
    path = write_csv(tmp_path / "x.csv", data_type, [line(data_type), line(data_type, **cells)])
    if not (_is_whole(time) and _is_finite(number) and _is_finite(mark)):
        with pytest.raises(RowError):
            _table(path)
        return
    row = _table(path).to_pylist()[1]
    assert row["funding_timestamp"] == (int(time) if time else None)
    assert row["funding_rate"] == (float(number) if number else None)
    assert row["mark_price"] == (float(mark) if mark else None)


@pytest.mark.parametrize("pair", _SHARED_HEADER)
def test_a_shared_header_needs_the_type_said_or_named(
    pair: tuple[DataType, DataType], tmp_path: Path
) -> None:
    unnamed = write_csv(tmp_path / "x.csv", pair[0], [line(pair[0])])
    with pytest.raises(UsageError) as caught:
        open_csv(unnamed)
    assert all(f"--type {data_type}" in str(caught.value) for data_type in pair)
    for data_type in pair:
        with open_csv(unnamed, type=data_type) as file:
            assert file.schema is SCHEMAS[data_type]
        for name in (
            f"bitmex_{data_type}_2020-03-01_XBTUSD.csv",
            f"bitmex/{data_type}/2020/03/01/XBTUSD.csv.gz",
        ):
            with open_csv(write_csv(tmp_path / name, data_type, [line(data_type)])) as file:
                assert file.schema is SCHEMAS[data_type]


def test_a_name_whose_type_does_not_fit_the_header_yields_to_the_header(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "bitmex_trades_2020-03-01_XBTUSD.csv", _L2, [line(_L2)])
    with open_csv(path) as file:
        assert file.schema is SCHEMAS[_L2]


def test_a_type_that_was_said_must_fit_the_header(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", _L2, [line(_L2)])
    with pytest.raises(
        DataError, match=r"not that of quotes: missing 'ask_amount'.*; expected exch.*, found exch"
    ):
        open_csv(path, type=DataType.QUOTES)


_HEADER = SCHEMAS[_L2].header


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"PAR1\x15\x04\x00\x00", "binary data"),
        (b"\xff\xfee\x00x\x00", "binary data"),
        (b"<!DOCTYPE html>\n<html>", "web page"),
        (b'{"code": 404, "message": "no such file"}', "JSON, perhaps an error message: .*no such file"),
        (b"\n\n", "first line is empty"),
        (b"hello\nworld\n", "first line is 'hello'"),
        (b"a,b,c\n1,2,3\n", "first line is 'a,b,c'"),
        (
            _HEADER.replace(",price,amount", ",amount,price").encode(),
            "incremental_book_L2: the same columns in another",
        ),
        (_HEADER.replace(",side", "").encode(), "missing 'side'"),
        (f"{_HEADER},level".encode(), "unknown 'level'"),
        (_HEADER.replace("side", "Side").encode(), "missing 'side'; unknown 'Side'"),
        (f"{_HEADER},side".encode(), "repeated 'side'"),
        (
            ",".join(f'"{name}"' for name in _HEADER.split(",")).encode(),
            'the names in its header stand in quotes, .*: write it again without quoting .found "exchange",',
        ),
        (line(_L2).encode(), "first line is 'binance-futures,BTCUSDT"),
        (b"x" * (1 << 20), "not one of the vendor's CSV files"),
    ],
)
def test_what_is_not_the_vendors_csv_is_refused_with_what_it_is(
    data: bytes, problem: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(data)
    with pytest.raises(DataError, match=problem) as caught:
        open_csv(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("packing", ["csv", "csv.gz", "csv.zst"])
def test_a_file_of_no_bytes_is_empty_and_has_the_type_that_is_known(packing: str, tmp_path: Path) -> None:
    for name, asked, known in (
        ("x", None, None),
        ("x", _L2, _L2),
        ("bitmex_trades_2020-03-01_XBTUSD", None, _TRADES),
    ):
        path = tmp_path / f"{name}.{packing}"
        path.write_bytes(packed(b"", packing))
        with open_csv(path, type=asked) as file:
            assert file.is_empty
            assert file.schema is (SCHEMAS[known] if known else None)
            assert list(file.blocks(UNWATCHED)) == []
            assert file.source_bytes == path.stat().st_size


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
def test_a_header_alone_is_a_file_of_no_rows(end: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(_HEADER.encode() + end)
    with open_csv(path) as file:
        assert not file.is_empty
        assert list(file.blocks(UNWATCHED)) == []
        assert file.rows == 0


def test_a_missing_file_and_a_directory_are_refused_by_name(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.csv", tmp_path):
        with pytest.raises(TickreelError, match=str(path)):
            open_csv(path)


class _Recorder:
    """Keep what is reported, and ask to stop at report number *stop_at*."""

    def __init__(self, stop_at: int = -1) -> None:
        self.reports: list[tuple[int, int | None]] = []
        self._stop_at = stop_at

    def report(self, done: int, total: int | None, note: str = "") -> None:
        self.reports.append((done, total))
        if len(self.reports) == self._stop_at:
            raise Cancelled("stopped")


@pytest.mark.parametrize("packing", ["csv", "csv.gz", "csv.zst"])
def test_progress_runs_in_bytes_of_the_file_to_its_size(packing: str, tmp_path: Path) -> None:
    path = write_csv(tmp_path / f"x.{packing}", _L2, [line(_L2)] * _MANY)
    watcher = _Recorder()
    with open_csv(path) as file:
        for _ in file.blocks(watcher):
            pass
    size = path.stat().st_size
    assert watcher.reports == sorted(watcher.reports)
    assert watcher.reports[-1] == (size, size)


@pytest.mark.parametrize("packing", ["csv", "csv.gz", "csv.zst"])
def test_a_cancelled_read_leaves_no_open_file_and_no_thread(packing: str, tmp_path: Path) -> None:
    path = write_csv(tmp_path / f"x.{packing}", _L2, [line(_L2)] * _MANY)
    threads = threading.active_count()
    with pytest.raises(Cancelled), open_csv(path) as file:
        for _ in file.blocks(_Recorder(stop_at=2)):
            pass
    assert threading.active_count() == threads
    descriptors = "/proc/self/fd"
    if os.path.isdir(descriptors):
        opened = {os.path.realpath(f"{descriptors}/{number}") for number in os.listdir(descriptors)}
        assert str(path) not in opened


def test_a_refused_file_is_closed_too(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"hello\n")
    with pytest.raises(DataError):
        open_csv(path)
    path.unlink()
    assert not path.exists()


def test_files_are_read_without_pandas_or_arrow(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv.gz", _L2, [line(_L2), line(_L2, price="0.30000000000000004")])
    code = (
        "import sys; from pathlib import Path; from tickreel.vendorcsv import open_csv\n"
        "from tickreel.progress import UNWATCHED\n"
        "assert 'numba' not in sys.modules\n"
        "with open_csv(Path(sys.argv[1])) as file: assert len(list(file.blocks(UNWATCHED))) == 1\n"
        "sys.exit(bool({'pandas', 'pyarrow'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code, path], check=False).returncode == 0


def test_an_exchange_may_call_its_time_whatever_it_likes(tmp_path: Path) -> None:
    odd = [line(_L2, timestamp=text) for text in ("0", "-5", str(2**63 - 1))]
    with open_csv(write_csv(tmp_path / "x.csv", _L2, odd)) as csv:
        (block,) = csv.blocks(UNWATCHED)
    assert block.array("timestamp").tolist() == [0, -5, 2**63 - 1]
