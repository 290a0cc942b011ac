"""``tickreel replay``: counts, hashes, missing days, several symbols, orders and speeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.vendorfiles import START_US, l2_line, line, write_csv

from tickreel.market.types import DataType

if TYPE_CHECKING:
    from pathlib import Path

L2, TRADES = DataType.INCREMENTAL_BOOK_L2, DataType.TRADES
DAY_US = 86_400_000_000
VECTOR = "a85515e801ead1dca210a6f0ddc5fee93659a8caa9d6c6c50ee5594de9c88e2b"
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
BTC = ("binance-futures", "BTCUSDT")


@pytest.fixture
def market(cli: Any, tmp_path: Path) -> None:
    """Hold a book and trades of BTCUSDT and a book of bybit ETHUSDT, all on the 23rd of July 2024."""
    book = [
        l2_line(START_US + 5, "bid", "9", "5"),
        l2_line(START_US + 10, "bid", "10", "1", snapshot=True),
        l2_line(START_US + 10, "ask", "10.5", "2", snapshot=True),
        l2_line(START_US + 20, "bid", "8", "1"),
        l2_line(START_US + 30, "bid", "8", "0"),
    ]
    other = [cells.replace("binance-futures,BTCUSDT", "bybit,ETHUSDT") for cells in book]
    trades = [line(TRADES, START_US + 20), line(TRADES, START_US + 20), line(TRADES, START_US + 40)]
    for name, data_type, rows in (("a", L2, book), ("b", TRADES, trades), ("c", L2, other)):
        assert (
            cli("import", write_csv(tmp_path / f"{name}.csv", data_type, rows), "--type", data_type).code == 0
        )


@pytest.mark.usefixtures("market")
def test_a_replay_is_summed_up(cli: Any) -> None:
    ran = cli("replay", *BTC, "2024-07-23", "2024-07-24")
    assert (ran.code, ran.err) == (0, "")
    summed = ran.json
    assert summed.pop("elapsed_s") > 0
    assert summed.pop("rows_per_s") > 0
    assert summed.pop("speed_achieved") > 0
    counts = {"messages": 6, "rows": 8, "trades": 3, "resets": 1, "skipped_rows": 1}
    assert summed == {
        "from_us": START_US,
        "to_us": START_US + DAY_US,
        "order": "local",
        "speed": "max",
        **counts,
        "types": {
            "incremental_book_L2": {"messages": 4, "rows": 5},
            "trades": {"messages": 2, "rows": 3},
        },
        "symbols": [
            {
                "exchange": "binance-futures",
                "symbol": "BTCUSDT",
                **counts,
                "last_message_us": START_US + 40,
                "state_hash": VECTOR,
            }
        ],
        "missing_days": [],
        "health": [],
        "analyses": None,
    }


@pytest.mark.usefixtures("market")
def test_a_replay_starts_from_the_book_before_it_and_counts_only_what_is_inside(cli: Any) -> None:
    inside = cli("replay", *BTC, START_US + 20, START_US + 30).json
    assert (inside["messages"], inside["rows"], inside["resets"], inside["skipped_rows"]) == (2, 3, 0, 0)
    book = cli("book", *BTC, "--at", START_US + 29).json
    assert inside["symbols"][0]["state_hash"] == book["state_hash"] != VECTOR


@pytest.mark.usefixtures("market")
def test_an_empty_range_plays_nothing(cli: Any) -> None:
    summed = cli("replay", *BTC, START_US + 11, START_US + 11).json
    assert (summed["messages"], summed["rows"], summed["missing_days"]) == (0, 0, [])
    assert summed["symbols"][0]["state_hash"] == VECTOR


@pytest.mark.usefixtures("market")
def test_symbols_of_several_exchanges_play_on_one_clock(cli: Any) -> None:
    for words in (
        ("binance-futures", "BTCUSDT,bybit:ETHUSDT"),
        ("bybit", "ETHUSDT,binance-futures:BTCUSDT"),
        ("bybit:ETHUSDT,binance-futures:BTCUSDT",),
    ):
        summed = cli("replay", *words, "2024-07-23", "2024-07-24").json
        assert [(one["exchange"], one["messages"]) for one in summed["symbols"]] == [
            ("binance-futures", 6),
            ("bybit", 4),
        ], "sorted, whatever the order asked"
        assert (summed["messages"], summed["resets"]) == (10, 2)


@pytest.mark.usefixtures("market")
def test_types_are_chosen_and_without_a_book_there_is_no_hash(cli: Any) -> None:
    summed = cli("replay", *BTC, "2024-07-23", "2024-07-24", "--types", "trades").json
    assert list(summed["types"]) == ["trades"]
    assert (summed["messages"], summed["symbols"][0]["state_hash"]) == (2, None)
    ran = cli("replay", *BTC, "2024-07-23", "2024-07-24", "--types", "trades,quotes")
    assert ran.code == 1
    assert "quotes" in ran.error


@pytest.mark.usefixtures("market")
def test_the_order_of_the_exchange_clock_ends_with_the_same_book(cli: Any) -> None:
    local = cli("replay", *BTC, "2024-07-23", "2024-07-24").json
    exchange = cli("replay", *BTC, "2024-07-23", "2024-07-24", "--order", "exchange").json
    assert (exchange["order"], local["order"]) == ("exchange", "local")
    assert exchange["symbols"] == local["symbols"]


def test_rows_that_are_late_by_the_exchange_clock_are_played_all_the_same(cli: Any, tmp_path: Path) -> None:
    rows = [l2_line(START_US + n, "bid", "10", str(n + 1), snapshot=n == 0) for n in range(3)]
    late = [
        cells.replace(f",{START_US + n - 1_000},", f",{START_US + n + DAY_US},")
        for n, cells in enumerate(rows)
    ]
    assert late != rows
    cli("import", write_csv(tmp_path / "a.csv", L2, late))
    for speed in ("max", "1e9"):
        asked = ("replay", *BTC, START_US, START_US + 3, "--order", "exchange", "--speed", speed)
        assert cli(*asked).json["rows"] == 3


@pytest.mark.usefixtures("market")
def test_missing_days_stop_it_unless_allowed_and_then_are_listed(cli: Any) -> None:
    asked = ("replay", *BTC, "2024-07-22", "2024-07-25")
    ran = cli(*asked)
    assert (ran.code, ran.raw) == (1, b"")
    assert "2024-07-22" in ran.error
    assert "2024-07-24" in ran.error
    summed = cli(*asked, "--allow-missing").json
    assert summed["missing_days"] == [
        {"exchange": "binance-futures", "symbol": "BTCUSDT", "type": name, "day": day, "state": "missing"}
        for name in ("incremental_book_L2", "trades")
        for day in ("2024-07-22", "2024-07-24")
    ]
    assert summed["messages"] == 6
    assert summed["symbols"][0]["state_hash"] == EMPTY, "no book is carried into a missing day"


@pytest.mark.usefixtures("market")
@pytest.mark.parametrize(
    "words",
    [
        ("binance-futures", "SOLUSDT", "2024-07-23", "2024-07-24"),
        ("binance-futures", "BTCUSDT,SOLUSDT", "2024-07-23", "2024-07-24"),
        (*BTC, "2023-07-01", "2023-07-03"),
    ],
)
def test_nothing_held_is_exit_1(cli: Any, words: tuple[str, ...]) -> None:
    ran = cli("replay", *words, "--allow-missing")
    assert (ran.code, ran.raw) == (1, b"")
    assert "held" in ran.error


def test_an_empty_home_says_where_rows_come_from(cli: Any) -> None:
    ran = cli("replay", "tickreel-sim", "BTCUSDT", "2024-07-23", "2024-07-24")
    assert (ran.code, "`tickreel sample`" in ran.error) == (1, True)


@pytest.mark.usefixtures("market")
def test_a_paced_replay_ends_where_the_straight_one_does(cli: Any) -> None:
    straight = cli("replay", *BTC, START_US, START_US + 50).json
    paced = cli("replay", *BTC, START_US, START_US + 50, "--speed", "0.001", "--quiet").json
    assert paced["speed"] == 0.001
    assert paced["symbols"] == straight["symbols"]
    # 40 us of market at a thousandth of its pace: a clock that ran ahead would have ended sooner.
    assert paced["elapsed_s"] >= 0.040
    assert 0 < paced["speed_achieved"] <= 0.00125


@pytest.fixture
def crossed(cli: Any, tmp_path: Path) -> None:
    """Hold a book of BTCUSDT that is crossed from the second second to the fourth."""
    rows = [
        l2_line(START_US, "bid", "10", "1", snapshot=True),
        l2_line(START_US, "ask", "11", "1", snapshot=True),
        l2_line(START_US + 1_000_000, "bid", "12", "1"),
        l2_line(START_US + 3_000_000, "bid", "12", "0"),
        l2_line(START_US + 4_000_000, "bid", "9", "1"),
    ]
    assert cli("import", write_csv(tmp_path / "x.csv", L2, rows)).code == 0


@pytest.mark.usefixtures("crossed")
def test_what_is_done_about_bad_stretches_is_chosen_and_told(cli: Any) -> None:
    asked = ("replay", *BTC, START_US, START_US + 5_000_000)
    plain = cli(*asked).json
    band = {
        "kind": "crossed",
        "exchange": "binance-futures",
        "symbol": "BTCUSDT",
        "type": "incremental_book_L2",
        "from_us": START_US + 1_000_000,
        "to_us": START_US + 3_000_000,
    }
    skipped = cli(*asked, "--health", "crossed=skip").json
    assert skipped["health"] == [{"done": "skipped", **band}]
    assert skipped["symbols"] == plain["symbols"], "what is skipped is gone through"
    assert cli(*asked, "--health", "crossed=warn").json["health"] == [{"done": "warned", **band}]
    stopped = cli(*asked, "--health", "gap=skip,crossed=stop").json
    assert stopped["health"] == [{"done": "stopped", **band}]
    assert (stopped["rows"], plain["rows"]) == (2, 5), "it ends before the stretch"


@pytest.mark.usefixtures("crossed")
def test_quiet_is_jumped_over_where_that_is_asked_for(cli: Any) -> None:
    asked = ("replay", *BTC, START_US, START_US + 7 * 86_400_000_000, "--speed", "10")
    patient = cli(*asked, "--allow-missing", "--skip-quiet", "1.5").json
    assert patient["rows"] == 5
    assert patient["elapsed_s"] < 16 * 3_600, "a week at 10x, were it not for the quiet: no measure of speed"


@pytest.mark.parametrize(
    ("option", "text", "words"),
    [
        ("--health", "gap", "KIND=ACTION"),
        ("--health", "gap=hop", "'hop' is not an action"),
        ("--health", "gaps=skip", "'gaps' is not a kind of band"),
        ("--skip-quiet", "0", "seconds above 0"),
        ("--skip-quiet", "soon", "seconds above 0"),
        ("--skip-quiet", "1e999", "seconds above 0"),
    ],
)
def test_options_that_cannot_be_read_are_refused(cli: Any, option: str, text: str, words: str) -> None:
    ran = cli("replay", *BTC, "2024-07-23", "2024-07-24", option, text)
    assert (ran.code, ran.raw) == (2, b"")
    assert words in ran.error
