"""``tickreel backtest``, ``sweep``, ``runs`` and ``export``: what they print, and how they end."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from support.backtests import FEES, NAME, PAIR, hold_market, line_of, strategy_file

from tickreel.store import open_cache

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.long

SPAN = ("2024-07-23", "2024-07-23T00:01")
MODELS = ("--preset", "optimistic", "--fees", FEES)


@pytest.fixture(autouse=True)
def held(tmp_path: Path) -> None:
    with open_cache() as cache:
        hold_market(cache, tmp_path)


@pytest.fixture
def strategy(tmp_path: Path) -> Path:
    return strategy_file(tmp_path)


def test_a_run_is_printed_listed_marked_proved_and_deleted(cli: Callable[..., Any], strategy: Path) -> None:
    ran = cli("backtest", strategy, NAME, *SPAN, *MODELS, "--capital", 500, "--param", "every=30")
    assert (ran.code, ran.err) == (0, "")
    card = ran.json
    assert (card["state"], card["capital"], card["params"]["every"]) == ("succeeded", 500.0, 30)
    assert card["models"]["fees"] == {"kind": "rates", "maker": 0.0002, "taker": 0.0005}
    (listed,) = cli("runs", "list", "--json").json
    assert listed == card
    assert card["id"] in cli("runs", "list").out
    assert cli("runs", "show", card["id"], "--json").json == card
    shown = cli("runs", "show", card["id"][:6]).out
    assert card["result_sha256"] in shown
    assert "Sharpe ratio" in shown
    assert cli("runs", "tag", card["id"], "may", "--json").json["tags"] == ["may"]
    assert cli("runs", "note", card["id"], "first try", "--json").json["notes"] == "first try"
    assert cli("runs", "tag", card["id"]).code == 2
    again = cli("runs", "rerun", card["id"], "--json")
    assert (again.code, again.json["identical"]) == (0, True)
    assert f"run {card['id']}: identical" in cli("runs", "rerun", card["id"]).out
    assert cli("runs", "delete", card["id"], "--json").json == {"deleted": [card["id"]]}
    assert cli("runs", "list", "--json").json == []
    gone = cli("runs", "show", card["id"])
    assert gone.code == 1
    assert "there is no run" in gone.error


def test_a_failed_run_is_printed_and_ends_with_1(cli: Callable[..., Any], strategy: Path) -> None:
    ran = cli("backtest", strategy, NAME, *SPAN, *MODELS, "--param", "fault=fail")
    assert ran.code == 1
    error = ran.json["error"]
    assert (error["file"], error["line"]) == (str(strategy), line_of("fail"))
    assert f"{strategy}:{line_of('fail')}: ValueError: it went wrong" in ran.error
    assert (ran.json["state"], ran.json["partial"]) == ("failed", True)
    assert ran.json["result_sha256"] is not None, "what there was when it failed is kept"
    assert 0 < ran.json["reached_us"] < ran.json["to_us"]


def test_bad_days_are_named_and_so_is_a_range_without_anything(
    cli: Callable[..., Any], strategy: Path, home: Path
) -> None:
    later = ("2024-07-23T10:00", "2024-07-23T10:01")
    empty = cli("backtest", strategy, NAME, *later, *MODELS)
    assert (empty.code, empty.json["ticks_processed"]) == (0, 0)
    assert empty.error == "tickreel: nothing lay in the range: no message was played"
    with closing(sqlite3.connect(home / "catalog.sqlite")) as catalog, catalog:
        catalog.execute("UPDATE day SET grade = 'bad', issues = 'gap crossed'")
    ran = cli("backtest", strategy, NAME, *SPAN, *MODELS)
    assert ran.code == 0
    named = (
        f"{NAME} 2024-07-23 {data_type} is bad (gap, crossed), partial"
        for data_type in ("incremental_book_L2", "trades")
    )
    assert ran.error == f"tickreel: read all the same: {'; '.join(named)}"
    swept = cli("sweep", strategy, NAME, *SPAN, *MODELS, "--grid", "every=30,60")
    assert (swept.code, swept.error) == (0, ran.error)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("none.py", NAME, *SPAN), 2, "there is no strategy file"),
        (("no_example", NAME, *SPAN), 2, "is no strategy"),
        (("{}", "BTCUSDT", *SPAN), 2, "EXCHANGE:SYMBOL"),
        (("{}", NAME, SPAN[1], SPAN[0]), 2, "ends before it starts"),
        (("{}", NAME, SPAN[0], SPAN[0]), 2, "not empty"),
        (("{}", NAME), 2, "required"),
        (("{}", NAME, *SPAN, "--param", "every"), 2, "write k=v"),
        (("{}", NAME, *SPAN, "--param", "every=many"), 2, "a whole number"),
        (("{}", NAME, *SPAN, "--latency", "soon"), 2, "is no latency"),
        (("{}", NAME, *SPAN, "--preset", "lucky"), 2, "invalid choice"),
        (("{}", NAME, *SPAN, "--capital", "0"), 2, "capital"),
        (("{}", NAME, "2024-07-22", SPAN[1]), 1, "2 days are missing"),
        (("{}", "binance:NONE", *SPAN), 1, "nothing is held"),
    ],
)
def test_what_cannot_be_run_is_refused(
    cli: Callable[..., Any], strategy: Path, words: tuple[str, ...], code: int, says: str
) -> None:
    ran = cli("backtest", *(word.replace("{}", str(strategy)) for word in words))
    assert (ran.code, ran.out) == (code, "")
    assert says in ran.error
    assert cli("runs", "list", "--json").json == []


def test_ctrl_c_prints_what_there_is_and_ends_with_130(strategy: Path) -> None:
    words = [sys.executable, "-m", "tickreel", "backtest", str(strategy), NAME, *SPAN, *MODELS]
    program = subprocess.Popen(
        [*words, "--param", "pause_s=0.01"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # As a terminal starts it; whoever runs the tests may have it ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    try:
        with open_cache(read_only=True) as cache:
            folder = cache.home / "runs"
        limit_s = time.monotonic() + 120
        while not any(path.stat().st_size >= 0 for path in folder.glob("*.unfinished/output.txt")):
            assert time.monotonic() < limit_s
            time.sleep(0.05)
        time.sleep(4)
        os.kill(program.pid, signal.SIGINT)
        out, err = program.communicate(timeout=60)
    finally:
        program.kill()
        program.wait()
    assert program.returncode == 130, err
    card = json.loads(out)
    assert (card["state"], card["partial"]) == ("cancelled", True)
    assert "was cancelled; what there is of it is kept" in err


def test_a_sweep_prints_its_cards_in_the_order_of_the_grid(cli: Callable[..., Any], strategy: Path) -> None:
    words = (strategy, NAME, *SPAN, *MODELS, "--grid", "every=10,20", "--grid", "amount=1,2")
    ran = cli("sweep", *words, "--workers", 1)
    assert (ran.code, ran.err) == (0, "")
    cards = ran.json
    assert [(card["params"]["every"], card["params"]["amount"]) for card in cards] == [
        (10, 1.0),
        (10, 2.0),
        (20, 1.0),
        (20, 2.0),
    ]
    assert {card["trials"] for card in cards} == {4}
    sweep_id = cards[0]["sweep_id"]
    assert cli("runs", "list", "--sweep", sweep_id, "--json").json == cards
    assert cli("sweep", "--resume", sweep_id).json == cards
    single = cli(
        "backtest", strategy, NAME, *SPAN, *MODELS, "--param", "every=20", "--param", "amount=2"
    ).json
    assert single["result_sha256"] == cards[3]["result_sha256"]
    told = cli("runs", "compare", cards[0]["id"], cards[1]["id"])
    assert told.code == 0
    assert "first difference at 2024-07-23T00:00:" in told.out
    assert cli("runs", "compare", cards[0]["id"], cards[1]["id"], "--json").json["identical"] is False


def test_a_sweep_with_a_run_that_fails_ends_with_1(cli: Callable[..., Any], strategy: Path) -> None:
    ran = cli("sweep", strategy, NAME, *SPAN, *MODELS, "--grid", "fault=fail,talk", "--workers", 1)
    assert ran.code == 1
    assert [card["state"] for card in ran.json] == ["failed", "succeeded"]
    assert "1 of 2 runs failed" in ran.error
    for wrong in (("--grid", "every"), (), ("--grid", "every=1", "--workers", 0), ("--apart", "years")):
        assert cli("sweep", strategy, NAME, *SPAN, *wrong).code == 2
    assert cli("sweep", "--resume", "none").code == 1


def test_a_band_stands_beside_the_card(cli: Callable[..., Any], strategy: Path) -> None:
    card = cli("backtest", strategy, NAME, *SPAN, *MODELS, "--band").json
    assert len(card["band"]["runs"]) == 9
    assert card["band"]["least_pnl"] <= card["band"]["median_pnl"] <= card["band"]["most_pnl"]


def test_a_run_is_exported_as_report_and_tables(
    cli: Callable[..., Any], strategy: Path, tmp_path: Path
) -> None:
    card = cli("backtest", strategy, NAME, *SPAN, *MODELS).json
    cli("runs", "note", card["id"], "<b>bold</b>")
    page, folder = tmp_path / "report.html", tmp_path / "tables"
    assert cli("runs", "export", card["id"], "-o", page).out == f"{page}\n"
    text = page.read_text(encoding="utf-8")
    assert text.count("<svg") == text.count("</svg>") >= 4
    assert card["result_sha256"] in text
    assert "&lt;b&gt;bold&lt;/b&gt;" in text
    assert "<b>bold</b>" not in text
    for outside in ("http:", "https:", "<script", "url(", "<img", "<link"):
        assert outside not in text
    told = cli("runs", "export", card["id"], "--format", "csv", "-o", folder, "--json").json
    assert told == {"id": card["id"], "format": "csv", "path": str(folder)}
    rows = list(csv.DictReader(io.StringIO((folder / "fills.csv").read_text())))
    assert len(rows) == card["total_trades"]
    assert {row["side"] for row in rows} == {"buy", "sell"}
    assert json.loads((folder / "card.json").read_text())["notes"] == "<b>bold</b>"
    assert cli("runs", "export", card["id"], "-o", page).code == 1, "it is there already"
    parquet = tmp_path / "parquet"
    assert cli("runs", "export", card["id"], "--format", "parquet", "-o", parquet).code == 0
    assert (parquet / "fills.parquet").is_file()


def test_a_range_is_exported_for_another_engine(cli: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "events.npz"
    ran = cli("export", *PAIR, *SPAN, "--npz", path, "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.json["events"] == len(np.load(path)["data"]) > 600
    assert cli("export", NAME, *SPAN, "--npz", path).code == 0
    assert cli("export", NAME, *SPAN).code == 2
    assert cli("export", "binance:NONE", *SPAN, "--npz", path).code == 1


def test_a_damaged_row_is_named_left_out_and_mended(
    cli: Callable[..., Any], strategy: Path, home: Path
) -> None:
    bad = cli("backtest", strategy, NAME, *SPAN, *MODELS).json
    with closing(sqlite3.connect(home / "catalog.sqlite")) as catalog, catalog:
        catalog.execute("UPDATE run SET request = '{'")
    listed = cli("runs", "list", "--json")
    assert (listed.code, listed.json) == (0, [])
    assert listed.error.startswith(
        f"tickreel: left out: what the catalog says of run {bad['id']} cannot be read"
    )
    assert "`tickreel runs mend`" in cli("runs", "show", bad["id"]).error
    assert cli("runs", "mend", "--json").json == {"restored": [bad["id"]], "set_aside": []}
    assert cli("runs", "list", "--json").json == [bad]
    assert cli("runs", "mend").error == "tickreel: no run is damaged"
