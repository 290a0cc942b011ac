"""``tickreel import``: results, refusals and exit codes; whatever is refused changes nothing."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import pytest
from support.vendorfiles import MIXED, START_US, csv_text, l2_line, line, write_csv

from tickreel.market.types import SCHEMAS, DataType
from tickreel.store import open_cache

if TYPE_CHECKING:
    from pathlib import Path

TRADES, L2, QUOTES = DataType.TRADES, DataType.INCREMENTAL_BOOK_L2, DataType.QUOTES
HOUR_US = 3_600_000_000
KEYS = ["file", "exchange", "symbol", "type", "day", "state", "rows", "result", "error"]


def trades(path: Path, *hours: float, **cells: str) -> Path:
    return write_csv(path, TRADES, [line(TRADES, START_US + int(hour * HOUR_US), **cells) for hour in hours])


def held(home: Path) -> tuple[object, ...]:
    with open_cache(home) as cache:
        days = cache.all_days()
    return days, sorted(home.rglob("*.tick")), list((home / "staging").iterdir())


def test_a_file_is_told_day_by_day(cli: Any, tmp_path: Path) -> None:
    path = trades(tmp_path / "a.csv.gz", 0, 23.99, 24.5, 25)
    ran = cli("import", path, "--type", "trades", "--json")
    assert ran.code == 0
    assert ran.json == [
        {
            "file": str(path),
            "exchange": "binance-futures",
            "symbol": "BTCUSDT",
            "type": "trades",
            "day": day,
            "state": state,
            "rows": 2,
            "result": "stored",
            "error": None,
        }
        for day, state in (("2024-07-23", "present"), ("2024-07-24", "partial"))
    ]
    assert list(ran.json[0]) == KEYS
    assert ran.err == ""


def test_for_eyes_there_is_a_line_for_each_day(cli: Any, tmp_path: Path) -> None:
    ran = cli("import", trades(tmp_path / "a.csv", 0, 23.99, 24.5), "--type", "trades")
    assert ran.out.splitlines() == [
        "stored        binance-futures BTCUSDT trades  2024-07-23  present, 2 rows",
        "stored        binance-futures BTCUSDT trades  2024-07-24  partial, 1 row",
    ]


def test_a_day_comes_in_parts_again_and_is_replaced(cli: Any, home: Path, tmp_path: Path) -> None:
    def result(path: Path, *options: str) -> tuple[int, str, int]:
        ran = cli("import", path, "--type", "trades", "--json", *options)
        (entry,) = ran.json
        return ran.code, entry["result"], entry["rows"]

    first, second = trades(tmp_path / "a.csv", 5, 6), trades(tmp_path / "b.csv.zst", 1, 2)
    assert result(first) == (0, "stored", 2)
    assert result(first) == (0, "already_here", 2)
    assert result(second) == (0, "added_part", 2)
    assert result(second) == (0, "already_here", 2)
    before = held(home)
    clash = trades(tmp_path / "c.csv", 5.5, 7)
    ran = cli("import", clash, "--type", "trades", "--json")
    assert ran.code == 1
    assert ran.json[0]["result"] == "failed"
    for span_end in ("05:30", "07:00", "05:00", "06:00"):
        assert span_end in ran.error
    assert held(home) == before
    assert result(clash, "--replace") == (0, "replaced", 2)


def test_complete_makes_a_short_day_present(cli: Any, tmp_path: Path) -> None:
    (entry,) = cli("import", trades(tmp_path / "a.csv", 5), "--type", "trades", "--complete", "--json").json
    assert entry["state"] == "present"


def test_options_stand_between_paths(cli: Any, tmp_path: Path) -> None:
    first, second = trades(tmp_path / "a.csv", 1), trades(tmp_path / "b.csv", 2)
    ran = cli("import", first, "--type", "trades", second, "--json")
    assert [entry["result"] for entry in ran.json] == ["stored", "added_part"]


def test_a_bad_file_does_not_stop_the_others(cli: Any, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    write_csv(folder / "a.csv", L2, MIXED[L2])
    (folder / "b.csv").write_text("not,a,vendor,file\n")
    write_csv(folder / "below" / "c.csv.zst", DataType.DERIVATIVE_TICKER, MIXED[DataType.DERIVATIVE_TICKER])
    write_csv(folder / "d.csv", TRADES, MIXED[TRADES])
    (folder / "notes.txt").write_text("ignored")
    ran = cli("import", folder, "--json")
    assert ran.code == 1
    found = {entry["file"].removeprefix(str(folder)): entry for entry in ran.json}
    assert {name: entry["result"] for name, entry in found.items()} == {
        "/a.csv": "stored",
        "/b.csv": "failed",
        "/below/c.csv.zst": "stored",
        "/d.csv": "failed",
    }
    failed = found["/d.csv"]
    assert "liquidations" in failed["error"]
    assert [failed[key] for key in KEYS[1:7]] == [None] * 6
    assert list(failed) == KEYS
    assert [entry["type"] for entry in ran.json] == [
        "derivative_ticker",
        "incremental_book_L2",
        None,
        None,
    ], "sorted, with what is not known at the end"
    assert len(ran.err.splitlines()) == 2


def test_a_path_that_is_not_there_is_a_usage_error_alone_and_a_failure_among_others(
    cli: Any, tmp_path: Path
) -> None:
    absent = tmp_path / "absent.csv"
    ran = cli("import", absent, "--json")
    assert (ran.code, ran.raw) == (2, b"")
    assert str(absent) in ran.error
    ran = cli("import", absent, trades(tmp_path / "a.csv", 1), "--type", "trades", "--json")
    assert ran.code == 1
    assert [entry["result"] for entry in ran.json] == ["stored", "failed"]


@pytest.mark.parametrize(("data_type", "other"), [(TRADES, "liquidations"), (QUOTES, "book_ticker")])
def test_a_header_of_two_types_alone_is_exit_2_naming_both(
    cli: Any, tmp_path: Path, data_type: DataType, other: str
) -> None:
    path = write_csv(tmp_path / "a.csv", data_type, MIXED[data_type])
    ran = cli("import", path, "--json")
    assert (ran.code, ran.raw) == (2, b"")
    assert data_type in ran.error
    assert other in ran.error
    assert cli("import", path, "--type", other, "--json").json[0]["type"] == other


def test_many_symbols_need_their_group(cli: Any, tmp_path: Path) -> None:
    rows = MIXED[DataType.OPTIONS_CHAIN]
    path = write_csv(tmp_path / "a.csv", DataType.OPTIONS_CHAIN, rows)
    ran = cli("import", path)
    assert ran.code == 2
    assert "SPOT|FUTURES|PERPETUALS|OPTIONS" in ran.error
    (entry,) = cli("import", path, "--symbol", "OPTIONS", "--json").json
    assert (entry["symbol"], entry["rows"]) == ("OPTIONS", 2)
    named = write_csv(tmp_path / "deribit_options_chain_2024-07-23_OPTIONS.csv", DataType.OPTIONS_CHAIN, rows)
    assert cli("import", named, "--json").json[0]["result"] == "already_here"


def test_an_empty_file_is_a_good_day_when_something_names_it(cli: Any, tmp_path: Path) -> None:
    place = tmp_path / "bybit" / "trades" / "2024" / "07" / "23" / "BTCUSDT.csv.gz"
    (entry,) = cli("import", write_csv(place, TRADES, []), "--json").json
    assert (entry["state"], entry["rows"], entry["exchange"]) == ("present", 0, "bybit")
    nameless = write_csv(tmp_path / "x.csv", L2, [])
    assert cli("import", nameless).code == 2
    options = ("--exchange", "bybit", "--symbol", "X", "--type", "incremental_book_L2", "--day", "2024-07-23")
    assert cli("import", nameless, *options, "--json").json[0]["rows"] == 0
    ran = cli("rows", "bybit", "X", "incremental_book_L2", "2024-07-23", "2024-07-24")
    assert (ran.code, ran.out) == (0, f"{SCHEMAS[L2].header}\n")


_GOOD = line(TRADES, START_US)
_REFUSED = {
    "not CSV": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not CSV"),
    "a page": (b"<html><body>no</body></html>\n", "web page"),
    "a header of another order": (
        csv_text(TRADES, [_GOOD]).replace(b"exchange,symbol", b"symbol,exchange"),
        "another order",
    ),
    "truncated gzip": (gzip.compress(csv_text(TRADES, [_GOOD] * 5000))[:-20], "gzip"),
    "a word for a number": (csv_text(TRADES, [_GOOD, line(TRADES, START_US, price="dear")]), "row 2"),
    "local time going back": (csv_text(TRADES, [_GOOD, line(TRADES, START_US - 1)]), "row 2"),
    "NaN": (csv_text(TRADES, [_GOOD, _GOOD, line(TRADES, START_US, amount="NaN")]), "row 3"),
    "an infinity": (csv_text(TRADES, [line(TRADES, START_US, price="-inf")]), "row 1"),
    "a negative amount": (csv_text(TRADES, [_GOOD, line(TRADES, START_US, amount="-1")]), "row 2"),
    "an empty time": (csv_text(TRADES, [line(TRADES, START_US, timestamp="")]), "row 1"),
    "a line that is too short": (csv_text(TRADES, [_GOOD, "binance-futures,BTCUSDT"]), "row 2"),
}


@pytest.mark.parametrize("name", _REFUSED)
def test_a_bad_file_is_refused_with_its_row_and_leaves_no_trace(
    cli: Any, home: Path, tmp_path: Path, name: str
) -> None:
    content, told = _REFUSED[name]
    cli("import", trades(tmp_path / "good.csv", 3), "--type", "trades")
    before = held(home)
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    ran = cli("import", path, "--type", "trades")
    assert (ran.code, ran.raw) == (1, b"")
    assert str(path) in ran.error
    assert told in ran.error
    assert held(home) == before


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--exchange", "binance"), "binance"),
        (("--symbol", "ETHUSDT"), "ETHUSDT"),
        (("--symbol", "binance:BTCUSDT"), "binance"),
        (("--day", "2024-07-22"), "2024-07-22"),
    ],
)
def test_what_is_asked_and_contradicts_the_rows_is_exit_1(
    cli: Any, home: Path, tmp_path: Path, options: tuple[str, str], told: str
) -> None:
    ran = cli("import", trades(tmp_path / "a.csv", 1), "--type", "trades", *options)
    assert ran.code == 1
    assert told in ran.error
    assert held(home) == ([], [], [])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--type", "ticks"), "'ticks' is not a data type"),
        (("--day", "23.07.2024"), "YYYY-MM-DD"),
        (("--symbol", ":X"), "':X' is not a symbol"),
    ],
)
def test_an_option_that_cannot_be_read_is_exit_2(
    cli: Any, tmp_path: Path, options: tuple[str, str], told: str
) -> None:
    ran = cli("import", trades(tmp_path / "a.csv", 1), *options)
    assert ran.code == 2
    assert told in ran.error


def test_an_order_book_of_one_row_at_a_time_is_counted(cli: Any, tmp_path: Path) -> None:
    rows = [l2_line(START_US + n, "bid", "10", str(n + 1), snapshot=n == 0) for n in range(3)]
    (entry,) = cli("import", write_csv(tmp_path / "a.csv", L2, rows), "--json").json
    assert (entry["rows"], entry["type"]) == (3, "incremental_book_L2")


def test_a_check_stores_nothing_and_tells_what_an_import_would_do(
    cli: Any, home: Path, tmp_path: Path
) -> None:
    good = trades(tmp_path / "in" / "a_trades_2024-07-23_BTCUSDT.csv", 1, 2)
    bad = trades(tmp_path / "in" / "a_trades_2024-07-24_BTCUSDT.csv", 25, price="abc")
    ran = cli("import", tmp_path / "in", "--check", "--json")
    assert ran.code == 1
    entries = {entry["file"]: entry for entry in ran.json}
    assert list(entries[str(good)]) == [*KEYS, "rows_checked", "file_bytes"]
    assert entries[str(good)] | {"file_bytes": 0} == {
        "file": str(good),
        "exchange": "binance-futures",
        "symbol": "BTCUSDT",
        "type": "trades",
        "day": "2024-07-23",
        "state": None,
        "rows": 2,
        "result": "would_store",
        "error": None,
        "rows_checked": 2,
        "file_bytes": 0,
    }
    assert (entries[str(bad)]["result"], "row 1: price" in entries[str(bad)]["error"]) == ("failed", True)
    assert held(home)[0] == []

    assert cli("import", good).code == 0
    ran = cli("import", good, "--check")
    assert (ran.code, ran.out.strip()) == (
        0,
        "already here  binance-futures BTCUSDT trades  2024-07-23  all 2 rows checked",
    )
    other = trades(tmp_path / "b_trades_2024-07-23_BTCUSDT.csv", 1.5)
    ran = cli("import", other, "--check")
    assert ran.code == 1
    assert "--replace" in ran.error
    assert cli("import", other, "--check", "--replace", "--json").json[0]["result"] == "would_replace"
