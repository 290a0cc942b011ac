"""``tickreel book``: JSON always, the whole book hashed, days that are not held refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.vendorfiles import MIXED, START_US, l2_line, write_csv

from tickreel.market.types import DataType

if TYPE_CHECKING:
    from pathlib import Path

L2 = DataType.INCREMENTAL_BOOK_L2
VECTOR = "a85515e801ead1dca210a6f0ddc5fee93659a8caa9d6c6c50ee5594de9c88e2b"


@pytest.fixture
def book_held(cli: Any, tmp_path: Path) -> None:
    """Hold one snapshot of 30 bids and an ask at 00:00:00.000010, thinned to 10 x 1 / 10.5 x 2 five later."""
    at_us = START_US + 10
    rows = [l2_line(at_us, "bid", str(10 - n / 4), "1", snapshot=True) for n in range(30)]
    rows.append(l2_line(at_us, "ask", "10.5", "2", snapshot=True))
    rows += [l2_line(at_us + 5, "bid", str(10 - n / 4), "0") for n in range(1, 30)]
    assert cli("import", write_csv(tmp_path / "a.csv", L2, rows)).code == 0


@pytest.mark.usefixtures("book_held")
def test_a_book_is_told_in_full(cli: Any) -> None:
    at_us = START_US + 15
    ran = cli("book", "binance-futures", "BTCUSDT", "--at", at_us)
    assert ran.code == 0
    assert ran.json == {
        "exchange": "binance-futures",
        "symbol": "BTCUSDT",
        "at_us": at_us,
        "covered": True,
        "message_us": at_us,
        "bids": [[10, 1]],
        "asks": [[10.5, 2]],
        "levels": {"bids": 1, "asks": 1},
        "state_hash": VECTOR,
        "keyframe_us": None,
        "rows_applied": 60,
    }
    assert cli("book", "binance-futures:BTCUSDT", "--at", at_us, "--json").json == ran.json


@pytest.mark.usefixtures("book_held")
def test_depth_cuts_what_is_shown_and_nothing_else(cli: Any) -> None:
    asked = ("book", "binance-futures", "BTCUSDT", "--at", START_US + 14)
    found = {depth: cli(*asked, "--depth", depth).json for depth in ("all", "2", "0", "100")}
    found["default"] = cli(*asked).json
    assert {depth: len(one["bids"]) for depth, one in found.items()} == {
        "all": 30,
        "2": 2,
        "0": 0,
        "100": 30,
        "default": 20,
    }
    assert found["2"]["bids"] == [[10, 1], [9.75, 1]]
    assert len({(one["state_hash"], str(one["levels"])) for one in found.values()}) == 1
    assert found["0"]["levels"] == {"bids": 30, "asks": 1}


@pytest.mark.usefixtures("book_held")
def test_outside_the_held_part_the_book_is_not_covered(cli: Any) -> None:
    before = cli("book", "binance-futures", "BTCUSDT", "--at", START_US + 9).json
    assert (before["covered"], before["message_us"], before["bids"]) == (False, None, [])
    after = cli("book", "binance-futures", "BTCUSDT", "--at", "2024-07-23T00:00:01").json
    assert (after["covered"], after["state_hash"]) == (False, VECTOR)


@pytest.mark.usefixtures("book_held")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("binance-futures", "BTCUSDT", "--at", "2024-07-24"), "2024-07-24"),
        (("binance-futures", "BTCUSDT", "--at", "2024-07-22T23:59:59"), "2024-07-22"),
        (("binance-futures", "ETHUSDT", "--at", "2024-07-23"), "nothing is held of binance-futures ETHUSDT"),
    ],
)
def test_what_is_not_held_is_exit_1_naming_it(cli: Any, words: tuple[str, ...], told: str) -> None:
    ran = cli("book", *words)
    assert (ran.code, ran.raw) == (1, b"")
    assert told in ran.error


def test_trades_alone_make_no_book(cli: Any, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", DataType.TRADES, MIXED[DataType.TRADES])
    cli("import", path, "--type", "trades")
    ran = cli("book", "binance-futures", "BTCUSDT", "--at", START_US)
    assert ran.code == 1
    assert "incremental_book_L2" in ran.error


def test_a_group_has_a_book_for_each_of_its_instruments(cli: Any, tmp_path: Path) -> None:
    rows = [
        l2_line(START_US, side, price, amount, snapshot=True, symbol=symbol)
        for symbol in ("A", "B")
        for side, price, amount in (("bid", "10", "1"), ("ask", "10.5", "2"))
    ]
    cli("import", write_csv(tmp_path / "a.csv", L2, rows), "--symbol", "FUTURES")
    ran = cli("book", "binance-futures", "FUTURES", "--at", START_US)
    assert ran.code == 2
    assert "A, B" in ran.error
    assert cli("book", "binance-futures", "B", "--at", START_US).json["state_hash"] == VECTOR
