"""Real files through the command line: byte for byte, counts and hashes."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import pyarrow.csv as pacsv
import pytest
from support.realdata import real_data

from tickreel.market.types import DataType
from tickreel.vendorcsv import claim_of

if TYPE_CHECKING:
    from pathlib import Path


def next_day(day: str) -> str:
    return f"{day[:8]}{int(day[8:]) + 1:02}"


def test_every_dataset_comes_back_byte_for_byte_and_plays_to_its_hash(cli: Any) -> None:
    folder = real_data("datasets", "v1")
    ran = cli("import", folder, "--json")
    assert ran.code == 0
    assert len(ran.json) == len(list(folder.rglob("*.csv.gz"))) == 23
    for entry in ran.json:
        day = entry["day"]
        back = cli("rows", entry["exchange"], entry["symbol"], entry["type"], day, next_day(day))
        with gzip.open(entry["file"]) as file:
            assert back.raw == file.read(), entry["file"]
    again = cli("import", folder, "--json").json
    assert {entry["result"] for entry in again} == {"already_here"}

    nexo = cli("replay", "binance", "NEXOUSDT", "2024-07-23", "2024-07-26").json
    counted = ("messages", "rows", "trades", "resets", "skipped_rows")
    assert [nexo[name] for name in counted] == [117_850, 223_168, 18_817, 3, 0]
    (nexo_book,) = nexo["symbols"]
    assert nexo_book["state_hash"] == "3c6876e56638299aeaa56254d7a781e117c896ad49a07beb287b5af53291bb18"
    for first, last, rows, messages, expected in (
        (
            "2023-04-04",
            "2023-04-06",
            328_779,
            16_111,
            "a0d059b1df7497f114336978fe5c0a63a211f456338d2bced6d236fde895840d",
        ),
        (
            "2024-07-18",
            "2024-07-20",
            406_647,
            9_018,
            "7230eae0a450184e575a7a75ad5e698203f42864350124ae5599ba9db22b12b4",
        ),
    ):
        btc = cli("replay", "binance-futures", "BTCUSDT", first, last).json
        assert btc["types"]["incremental_book_L2"] == {"messages": messages, "rows": rows}
        assert btc["resets"] == 2
        assert btc["symbols"][0]["state_hash"] == expected
    both = cli(
        "replay", "binance-futures", "BTCUSDT,binance:NEXOUSDT", "2024-07-18", "2024-07-26", "--allow-missing"
    ).json
    assert both["symbols"][0] == nexo_book

    book = cli("book", "binance", "NEXOUSDT", "--at", "2024-07-24T00:00:00Z", "--depth", "all").json
    assert (len(book["bids"]), len(book["asks"])) == (316, 814)
    assert book["state_hash"] == "7b53e36d1272e27e70106bc54075b61456bbec725dfcc36ff3675912b416d14c"
    last = cli("book", "binance", "NEXOUSDT", "--at", nexo_book["last_message_us"]).json
    assert last["state_hash"] == nexo_book["state_hash"]
    assert last["levels"] == {"bids": 269, "asks": 869}
    assert (last["bids"][0][0], last["asks"][0][0]) == (1.161, 1.163)


@pytest.mark.parametrize("order", ["local", "exchange"])
def test_a_replay_from_the_middle_ends_with_the_same_book_in_either_order(cli: Any, order: str) -> None:
    cli("import", real_data("datasets", "v1", "binance"), "--quiet")
    middle = cli(
        "replay", "binance", "NEXOUSDT", "2024-07-24T12:34:56.789", "2024-07-26", "--order", order
    ).json
    assert middle["resets"] == 1
    assert (
        middle["symbols"][0]["state_hash"]
        == "3c6876e56638299aeaa56254d7a781e117c896ad49a07beb287b5af53291bb18"
    )


def small_files() -> list[str]:
    return [
        "binance-futures_book_snapshot_25_2020-09-01_BTCUSDT_10rows.csv",
        "binance-futures_book_snapshot_5_2020-09-01_BTCUSDT_10rows.csv",
        "binance-futures_quotes_2020-02-22_BTCUSDT_first9999.csv",
        "binance-futures_trades_2020-02-22_BTCUSDT_first9999.csv",
        "bitmex_trades_2020-03-01_XBTUSD_10rows.csv",
        "deribit_incremental_book_L2_2020-04-01_BTC-PERPETUAL_15rows.csv",
        "huobi-dm-swap_quotes_2020-05-01_BTC-USD_10rows.csv",
    ]


@pytest.mark.parametrize("name", small_files())
def test_a_small_file_of_the_vendor_comes_back_byte_for_byte(cli: Any, name: str) -> None:
    path: Path = real_data("tardis_csv", name)
    (entry,) = cli("import", path, "--json").json
    claim = claim_of(path)
    assert (entry["exchange"], entry["type"], entry["day"]) == (claim.exchange, claim.type, str(claim.day))
    day = entry["day"]
    back = cli("rows", entry["exchange"], entry["symbol"], entry["type"], day, next_day(day))
    assert back.raw == path.read_bytes()


def test_the_options_file_comes_back_with_equal_values(cli: Any, tmp_path: Path) -> None:
    path = real_data("tardis_csv", "deribit_options_chain_2020-06-08_PARTLY_HANDMADE_7rows.csv")
    assert cli("import", path).code == 2
    assert cli("import", path, "--symbol", "OPTIONS").code == 0
    asked = ("rows", "deribit", "OPTIONS", DataType.OPTIONS_CHAIN, "2020-06-08", "2020-06-09")
    (tmp_path / "back.csv").write_bytes(cli(*asked).raw)
    assert pacsv.read_csv(tmp_path / "back.csv").equals(pacsv.read_csv(path))
