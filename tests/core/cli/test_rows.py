"""``tickreel rows``: every form of every type, ranges, missing days, files and pipes."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.vendorfiles import MIXED, START_US, csv_text, line, write_csv

from tickreel.market.types import SCHEMAS, DataType

if TYPE_CHECKING:
    from pathlib import Path

TRADES = DataType.TRADES
DAY_US = 86_400_000_000
WHOLE = ("2024-07-23", "2024-07-24")


@pytest.fixture
def three_days(cli: Any, tmp_path: Path) -> None:
    """Hold trades of the 23rd and 25th of July 2024, a microsecond apart from noon on."""
    noon_us = START_US + DAY_US // 2
    rows = [line(TRADES, noon_us + day * DAY_US + n, id=f"{day}-{n}") for day in (0, 2) for n in range(3)]
    assert cli("import", write_csv(tmp_path / "a.csv", TRADES, rows), "--type", "trades").code == 0


def ids(text: str) -> list[str]:
    return [row.split(",")[4] for row in text.splitlines()[1:]]


@pytest.mark.parametrize("data_type", list(DataType))
def test_every_type_comes_back_byte_for_byte_and_in_every_form(
    cli: Any, tmp_path: Path, data_type: DataType
) -> None:
    symbol = "OPTIONS" if data_type is DataType.OPTIONS_CHAIN else "BTCUSDT"
    path = write_csv(tmp_path / "a.csv.gz", data_type, MIXED[data_type])
    assert cli("import", path, "--type", data_type, "--symbol", symbol).code == 0
    asked = ("rows", "binance-futures", symbol, data_type, *WHOLE)
    assert cli(*asked).raw == csv_text(data_type, MIXED[data_type])
    table = pq.read_table(io.BytesIO(cli(*asked, "--format", "parquet").raw))
    assert pa.ipc.open_stream(cli(*asked, "--format", "arrow").raw).read_all().equals(table)
    assert table.column_names == list(SCHEMAS[data_type].names)
    listed = cli(*asked, "--format", "json").json
    assert listed == table.to_pylist() == cli(*asked, "--json").json
    assert list(listed[0]) == table.column_names


def test_json_keeps_empty_text_and_makes_missing_numbers_null(cli: Any, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", TRADES, MIXED[TRADES])
    cli("import", path, "--type", "trades")
    rows = cli("rows", "binance-futures", "BTCUSDT", "trades", *WHOLE, "--json").json
    assert [(row["id"], row["side"], row["price"]) for row in rows] == [
        ("ccc3c1fa-212c-e8b0-1706-9b9c4f3d5ecf", "sell", 66000.1),
        ("", "unknown", None),
        ('0x"1f é ', "", -37.63),
    ]
    assert rows[0]["local_timestamp"] == START_US


@pytest.mark.usefixtures("three_days")
def test_a_range_is_half_open_to_the_microsecond(cli: Any) -> None:
    noon_us = START_US + DAY_US // 2
    asked = ("rows", "binance-futures", "BTCUSDT", "trades")
    assert ids(cli(*asked, noon_us, noon_us + 2).out) == ["0-0", "0-1"]
    assert ids(cli(*asked, "2024-07-23T12:00:00.000001Z", "2024-07-23 14:00+02:00").out or "\n") == []
    assert ids(cli(*asked, "2024-07-23T12:00:00.000001", "2024-07-23T12:01").out) == ["0-1", "0-2"]


@pytest.mark.usefixtures("three_days")
def test_an_empty_range_is_its_header(cli: Any) -> None:
    asked = ("rows", "binance-futures", "BTCUSDT", "trades", "2024-07-24", "2024-07-24")
    ran = cli(*asked)
    assert (ran.code, ran.out, ran.err) == (0, f"{SCHEMAS[TRADES].header}\n", "")
    assert cli(*asked, "--json").json == []
    assert pq.read_table(io.BytesIO(cli(*asked, "--format", "parquet").raw)).num_rows == 0


@pytest.mark.usefixtures("three_days")
def test_missing_days_stop_it_before_any_output_unless_allowed(cli: Any) -> None:
    asked = ("rows", "binance-futures", "BTCUSDT", "trades", "2024-07-22", "2024-07-26")
    ran = cli(*asked)
    assert (ran.code, ran.raw) == (1, b"")
    assert "2024-07-22 (missing)" in ran.error
    assert "2024-07-24 (missing)" in ran.error
    assert "2024-07-23" not in ran.error
    ran = cli(*asked, "--allow-missing")
    assert (ran.code, len(ids(ran.out))) == (0, 6)


@pytest.mark.usefixtures("three_days")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ("binance-futures", "ETHUSDT", "trades", *WHOLE),
            "nothing is held of binance-futures ETHUSDT trades",
        ),
        (("binance-futures", "btcusdt", "trades", *WHOLE), "did you mean binance-futures BTCUSDT"),
        (("binance-futures", "BTCUSDT", "quotes", *WHOLE), "there are trades"),
        (("binance-futures", "BTCUSDT", "trades", "2023-07-01", "2023-07-03"), "nothing is held"),
    ],
)
def test_nothing_held_is_exit_1_even_where_missing_days_are_allowed(
    cli: Any, words: tuple[str, ...], told: str
) -> None:
    ran = cli("rows", *words, "--allow-missing")
    assert (ran.code, ran.raw) == (1, b"")
    assert told in ran.error


@pytest.mark.usefixtures("three_days")
def test_the_exchange_may_stand_in_the_symbol(cli: Any) -> None:
    for names in (("binance-futures:BTCUSDT",), ("bybit", "binance-futures:BTCUSDT")):
        assert ids(cli("rows", *names, "trades", *WHOLE).out) == ["0-0", "0-1", "0-2"]


def test_one_instrument_is_read_out_of_its_group(cli: Any, tmp_path: Path) -> None:
    options = DataType.OPTIONS_CHAIN
    path = write_csv(tmp_path / "a.csv", options, MIXED[options])
    cli("import", path, "--symbol", "OPTIONS")
    ran = cli("rows", "binance-futures", "BTC-26JUL24-9875-C", "options_chain", *WHOLE)
    assert ran.raw == csv_text(options, MIXED[options][1:])


@pytest.mark.usefixtures("three_days")
def test_a_file_takes_its_name_only_when_it_is_whole(cli: Any, tmp_path: Path) -> None:
    asked = ("rows", "binance-futures", "BTCUSDT", "trades")
    path = tmp_path / "out" / "rows.csv"
    path.parent.mkdir()
    ran = cli(*asked, *WHOLE, "-o", path)
    assert (ran.code, ran.raw) == (0, b"")
    assert ids(path.read_text()) == ["0-0", "0-1", "0-2"]
    before = path.read_bytes()
    assert cli(*asked, "2024-07-23", "2024-07-26", "-o", path).code == 1
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]
    assert cli(*asked, *WHOLE, "--format", "json", "-o", path).code == 0
    assert len(json.loads(path.read_bytes())) == 3


@pytest.mark.usefixtures("three_days")
def test_a_file_that_fails_half_way_leaves_what_was_there(cli: Any, home: Path, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("before")
    for segment in home.rglob("*.tick"):
        segment.write_bytes(b"PAR1" + bytes(100) + b"PAR1")
    ran = cli("rows", "binance-futures", "BTCUSDT", "trades", *WHOLE, "-o", path)
    assert ran.code == 1
    assert "cannot be read" in ran.error
    assert path.read_text() == "before"
    assert not list(tmp_path.glob(".rows*"))


@pytest.mark.usefixtures("three_days")
def test_a_place_that_cannot_be_written_is_named(cli: Any, tmp_path: Path) -> None:
    asked = ("rows", "binance-futures", "BTCUSDT", "trades", *WHOLE, "-o")
    ran = cli(*asked, tmp_path / "absent" / "x.csv")
    assert ran.code == 1
    assert "absent" in ran.error
    assert cli(*asked, tmp_path).code == 2


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no device that is always full")
@pytest.mark.usefixtures("three_days")
def test_a_device_is_written_and_stays_a_device(cli: Any) -> None:
    ran = cli("rows", "binance-futures", "BTCUSDT", "trades", *WHOLE, "-o", "/dev/full")
    assert ran.code == 1
    assert "/dev/full cannot be written: No space left on device" in ran.error


@pytest.mark.parametrize("form", ["csv", "json", "parquet", "arrow"])
def test_a_reader_that_leaves_early_is_no_error(cli: Any, tmp_path: Path, form: str) -> None:
    rows = [line(TRADES, START_US + n, id=f"{n * 7919 % 65536:032x}") for n in range(65_536)]
    cli("import", write_csv(tmp_path / "a.csv", TRADES, rows), "--type", "trades")
    words = [sys.executable, "-m", "tickreel", "rows", "binance-futures", "BTCUSDT", "trades", *WHOLE]
    process = subprocess.Popen(
        [*words, "--format", form], stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
    )
    assert process.stdout is not None
    assert process.stderr is not None
    with process:
        assert process.stdout.read(1)
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
