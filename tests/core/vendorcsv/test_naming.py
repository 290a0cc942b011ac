from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tickreel.errors import UsageError
from tickreel.market.types import DataType
from tickreel.vendorcsv import Claim, claim_of, find_files, group_in, vendor_spelling

_L2 = DataType.INCREMENTAL_BOOK_L2


@pytest.mark.parametrize(
    ("path", "claim"),
    [
        (
            "v1/binance/incremental_book_L2/2024/07/23/NEXOUSDT.csv.gz",
            Claim("binance", _L2, date(2024, 7, 23), "NEXOUSDT"),
        ),
        (
            "/data/gate-io/trades/2024/02/29/BTC_USDT.csv.zst",
            Claim("gate-io", DataType.TRADES, date(2024, 2, 29), "BTC_USDT"),
        ),
        (
            "deribit_options_chain_2020-06-08_OPTIONS.csv",
            Claim("deribit", DataType.OPTIONS_CHAIN, date(2020, 6, 8), "OPTIONS"),
        ),
        (
            "binance-futures_book_snapshot_25_2020-09-01_BTCUSDT_10rows.csv",
            Claim("binance-futures", DataType.BOOK_SNAPSHOT_25, date(2020, 9, 1), "BTCUSDT_10rows"),
        ),
        (
            "bitmex_quotes_2020-03-01_XBTUSD.txt",
            Claim("bitmex", DataType.QUOTES, date(2020, 3, 1), None),
        ),
        ("my_trades_of_today.csv", Claim()),
        ("bitmex_trades_2020-02-31_XBTUSD.csv", Claim()),
        ("bitmex/trades/2020/13/01/XBTUSD.csv.gz", Claim()),
        ("bitmex/candles/2020/03/01/XBTUSD.csv.gz", Claim()),
        ("bitmex/trades/2020/03/01/XBTUSD.parquet", Claim()),
    ],
)
def test_a_name_claims_what_the_vendors_naming_says_and_nothing_else(path: str, claim: Claim) -> None:
    assert claim_of(Path(path)) == claim


def test_a_file_named_from_inside_its_folder_keeps_its_claim(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "bitmex" / "trades" / "2020" / "03" / "01"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    assert claim_of(Path("XBTUSD.csv.gz")).type is DataType.TRADES


@pytest.mark.parametrize(
    ("path", "group"),
    [
        ("deribit/options_chain/2020/06/08/OPTIONS.csv.gz", "OPTIONS"),
        ("deribit_trades_2020-06-08_FUTURES.csv.gz", "FUTURES"),
        ("deribit_trades_2020-06-08_PERPETUALS_first100.csv.gz", "PERPETUALS"),
        ("downloads/SPOT.csv", "SPOT"),
        ("deribit_trades_2020-06-08_BTC-PERPETUAL.csv.gz", None),
        ("deribit_options_chain_2020-06-08_7rows.csv", None),
        ("OPTIONS/rows.csv", None),
    ],
)
def test_a_group_is_found_where_the_symbol_stands(path: str, group: str | None) -> None:
    assert group_in(Path(path)) == group


def test_symbols_are_spelled_as_in_the_vendors_file_names() -> None:
    assert vendor_spelling("btc/usd:usd") == "BTC-USD-USD"


def test_a_directory_means_its_csv_files_in_order_and_a_file_means_itself(tmp_path: Path) -> None:
    for name in ("b/2.csv", "a/1.csv.gz", "a/0.csv.zst", "a/notes.txt", "a/1.csv.gz.part"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    odd = tmp_path / "a" / "notes.txt"
    below = [tmp_path / "a" / "0.csv.zst", tmp_path / "a" / "1.csv.gz", tmp_path / "b" / "2.csv"]
    assert find_files([tmp_path, odd]) == [*below, odd]


def test_a_directory_without_csv_files_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "nothing_here").mkdir()
    with pytest.raises(UsageError, match="nothing_here: no "):
        find_files([tmp_path / "nothing_here"])


def test_a_path_that_does_not_exist_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"gone\.csv: there is no such file"):
        find_files([tmp_path / "gone.csv"])
