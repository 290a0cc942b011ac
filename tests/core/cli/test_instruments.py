"""``tickreel instruments`` as a user types it; the vendor is a stand-in on a socket."""

from __future__ import annotations

import csv
import io
import json
import os
import time
from typing import TYPE_CHECKING, Any

import pytest
from support.faketardis import FakeTardis
from support.feeds import EXCHANGE, SYMBOL, import_walk
from support.instruments import CHANGED_US, XBTUSD

from tickreel.instruments import FACTS, InstrumentTable
from tickreel.instruments.exporting import version_form
from tickreel.instruments.vendor import read_listing
from tickreel.store import open_cache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMED = (EXCHANGE, SYMBOL)
MINUTE = ("2024-07-23", "2024-07-23T00:01")


@pytest.fixture
def walk(tmp_path: Path) -> None:
    """Hold a minute of a book whose prices step by 0.1 and amounts by 0.5."""
    with open_cache() as cache:
        import_walk(cache, tmp_path)


@pytest.fixture
def listed() -> None:
    """Know what the vendor says of an instrument with a history."""
    with open_cache() as cache, InstrumentTable(cache) as table:
        table.record_listings("bitmex", [read_listing("bitmex", XBTUSD)])


def facts_of(ran: Any) -> dict[str, dict[str, Any]]:
    """Give what ``show --at`` printed, by fact."""
    facts = {entry["fact"]: entry for entry in ran.json["facts"]}
    assert list(facts) == list(FACTS), "no key is left out"
    return facts


@pytest.mark.parametrize("verb", ["list", "show", "history", "fetch", "infer", "set", "export"])
def test_every_verb_explains_itself(cli: Any, capsysbinary: pytest.CaptureFixture[bytes], verb: str) -> None:
    with pytest.raises(SystemExit) as ended:
        cli("instruments", verb, "--help")
    assert ended.value.code == 0
    assert f"tickreel instruments {verb}".encode() in capsysbinary.readouterr().out


def test_nothing_is_known_at_first_and_the_ways_to_know_are_told(cli: Any) -> None:
    ran = cli("instruments", "list")
    assert ran.code == 0
    assert ran.out.startswith("Nothing is known of any instrument yet: `tickreel instruments fetch` asks")
    assert cli("instruments", "list", "--json").json == []
    assert cli("instruments", "list", *NAMED, "--json").json == []
    assert "of binance-futures BTCUSDT yet" in cli("instruments", "list", *NAMED).out
    assert cli("instruments", "history", *NAMED, "--json").json == []
    shown = cli("instruments", "show", *NAMED)
    assert shown.code == 1
    assert "nothing is known of binance-futures BTCUSDT: ask the vendor (`tickreel instruments" in shown.error
    assert "`tickreel instruments set binance-futures BTCUSDT tick=VALUE lot=VALUE`" in shown.error


@pytest.mark.usefixtures("listed")
def test_show_tells_each_fact_at_a_time_with_its_source(cli: Any) -> None:
    at_us = CHANGED_US[1]
    ran = cli("instruments", "show", "bitmex:XBTUSD", "--at", at_us, "--json")
    assert (ran.json["exchange"], ran.json["symbol"], ran.json["at_us"]) == ("bitmex", "XBTUSD", at_us)
    facts = facts_of(ran)
    recorded_us = facts["tick"]["recorded_us"]
    assert isinstance(recorded_us, int)
    assert facts["tick"] == {
        "fact": "tick",
        "value": 0.1,
        "source": "vendor",
        "valid_from_us": CHANGED_US[1],
        "valid_to_us": None,
        "recorded_us": recorded_us,
        "evidence": None,
    }
    assert facts["strike"] == {**dict.fromkeys(facts["tick"]), "fact": "strike"}
    assert facts["inverse"]["value"] is True


@pytest.mark.usefixtures("listed")
def test_show_without_a_time_tells_each_fact_over_time(cli: Any) -> None:
    facts = cli("instruments", "show", "bitmex", "XBTUSD", "--json").json["facts"]
    lots = [(one["value"], one["valid_from_us"], one["valid_to_us"]) for one in facts if one["fact"] == "lot"]
    assert lots == [(1.0, None, CHANGED_US[0]), (100.0, CHANGED_US[0], None)]
    assert [one["value"] for one in facts if one["fact"] == "strike"] == [None]
    told = cli("instruments", "show", "bitmex", "XBTUSD").out
    assert told.splitlines()[0].split() == ["FACT", "VALUE", "SOURCE", "VALID", "FROM", "TO", "SAID"]
    first, second = (line for line in told.splitlines() if line.startswith("lot "))
    assert first.split()[1:6] == ["1", "vendor", "–", "2021-06-08", "04:30:00"]
    assert second.split()[1:6] == ["100", "vendor", "2021-06-08", "04:30:00", "–"]
    assert "upper bound" not in told


@pytest.mark.usefixtures("walk")
def test_infer_records_what_rows_tell_and_on_how_many_it_rests(cli: Any) -> None:
    ran = cli("instruments", "infer", *NAMED, *MINUTE, "--json")
    found = ran.json
    assert ran.err == ""
    recorded_us, lot_rows = found.pop("recorded_us"), found.pop("lot_rows")
    assert found == {
        "exchange": EXCHANGE,
        "symbol": SYMBOL,
        "type": "incremental_book_L2",
        "from_us": 1_721_692_800_000_000,
        "to_us": 1_721_692_860_000_000,
        "rows": 639,
        "tick": 0.1,
        "tick_rows": 639,
        "lot": 0.5,
        "refutes": [],
    }
    facts = facts_of(cli("instruments", "show", *NAMED, "--at", MINUTE[0], "--json"))
    assert facts["tick"] == {
        "fact": "tick",
        "value": 0.1,
        "source": "inferred",
        "valid_from_us": found["from_us"],
        "valid_to_us": found["to_us"],
        "recorded_us": recorded_us,
        "evidence": {"type": "incremental_book_L2", "tick_rows": 639, "lot_rows": lot_rows},
    }
    assert facts_of(cli("instruments", "show", *NAMED, "--at", MINUTE[1], "--json"))["tick"]["value"] is None
    again = cli("instruments", "infer", *NAMED, *MINUTE)
    assert again.out.splitlines() == [
        "tick  at most 0.1  (639 prices of incremental_book_L2)",
        f"lot   at most 0.5  ({lot_rows} amounts of incremental_book_L2)",
    ]
    told = cli("instruments", "show", *NAMED).out
    assert "inferred from 639 rows of incremental_book_L2" in told
    assert "What is inferred is an upper bound" in told


@pytest.mark.usefixtures("walk")
def test_infer_says_when_rows_refute_what_somebody_says(cli: Any) -> None:
    assert cli("instruments", "set", *NAMED, "tick=0.25", "lot=0.001").code == 0
    ran = cli("instruments", "infer", *NAMED, *MINUTE, "--json")
    assert ran.code == 0
    assert ran.json["refutes"] == [{"fact": "tick", "value": 0.25, "source": "typed in"}]
    assert ran.error == (
        "tickreel: 0.25 was typed in for the tick of binance-futures BTCUSDT, and there are rows that are "
        "no multiples of it: 0.1 would fit them"
    )


@pytest.mark.usefixtures("walk")
def test_infer_from_rows_that_are_all_alike_records_nothing(cli: Any) -> None:
    ran = cli("instruments", "infer", *NAMED, *MINUTE, "--type", "trades")
    assert ran.code == 0
    assert ran.out.splitlines()[0] == "tick  not known: fewer than two different ones  (60 prices of trades)"
    assert cli("instruments", "list", "--json").json == []
    assert (
        cli("instruments", "infer", *NAMED, *MINUTE, "--type", "trades", "--json").json["recorded_us"] is None
    )
    assert cli("instruments", "infer", *NAMED, *MINUTE, "--type", "quotes").code == 2
    assert cli("instruments", "infer", *NAMED, "2024-07-23", "2024-07-25").code == 1
    assert cli("instruments", "infer", *NAMED, "2024-07-23", "2024-07-25", "--allow-missing").code == 0


@pytest.mark.usefixtures("listed")
def test_set_goes_before_the_vendor_for_its_time_and_can_be_taken_back(cli: Any) -> None:
    ran = cli(
        *("instruments", "set", "bitmex:xbtusd", "taker_fee=0.0003", "expiry_us=2030-01-01"),
        *("--from", "2024-07-01", "--to", "2024-08-01", "--json"),
    )
    assert ran.json["source"] == "typed in"
    assert (ran.json["facts"]["taker_fee"], ran.json["facts"]["tick"]) == (0.0003, None)
    assert (ran.json["valid_from_us"], ran.json["valid_to_us"]) == (
        1_719_792_000_000_000,
        1_722_470_400_000_000,
    )

    def fee(at: str) -> tuple[float, str]:
        told = facts_of(cli("instruments", "show", "bitmex", "XBTUSD", "--at", at, "--json"))["taker_fee"]
        return told["value"], told["source"]

    assert (fee("2024-06-30"), fee("2024-07-01")) == ((0.00075, "vendor"), (0.0003, "typed in"))
    told = cli("instruments", "set", "bitmex", "XBTUSD", "taker_fee=", "--from", "2024-07-15")
    assert told.out == "bitmex XBTUSD  taker_fee taken back  from 2024-07-15 00:00:00 until further notice\n"
    assert (fee("2024-07-14"), fee("2024-07-15")) == ((0.0003, "typed in"), (0.00075, "vendor"))


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("bitmex", "XBTUSD"), "name at least one fact, such as tick=0.1"),
        (("bitmex", "tick=1"), "this needs EXCHANGE SYMBOL and was given 1 word"),
        (("bitmex", "XBTUSD", "tick=1", "lot"), "'lot' is no fact: write FACT=VALUE"),
        (("bitmex", "XBTUSD", "tick=1", "tick=2"), "tick is given twice"),
        (("bitmex", "XBTUSD", "ticks=1"), "an instrument has no fact 'ticks': did you mean tick"),
        (("bitmex", "XBTUSD", "tick=0"), "'0' cannot be the tick of an instrument"),
        (("bitmex", "XBTUSD", "tick=1", "--from", "2024-08-01", "--to", "2024-07-01"), "its end lies before"),
        (("bitmex", "XBTUSD", "tick=1", "--from", "July"), "'July' is not a time"),
        (("BitMEX", "XBTUSD", "tick=1"), "names no instrument"),
    ],
)
def test_what_cannot_be_set_is_a_usage_error(cli: Any, words: tuple[str, ...], problem: str) -> None:
    ran = cli("instruments", "set", *words)
    assert (ran.code, ran.out) == (2, "")
    assert problem in ran.error
    assert cli("instruments", "list", "--json").json == []


def test_what_is_most_likely_a_slip_is_set_only_when_that_is_allowed(cli: Any, home: Path) -> None:
    words = ("instruments", "set", "bitmex", "XBTUSD")
    for fee in ("taker_fee=5", "maker_fee=-0.051"):
        ran = cli(*words, fee)
        assert ran.code == 2
        assert "of the value" in ran.err
        assert "--allow-unlikely" in ran.err
    assert cli(*words, "taker_fee=0.05").out
    assert cli(*words, "taker_fee=5", "--allow-unlikely").out
    (home / "metadata").mkdir(exist_ok=True)
    listed = home / "metadata" / "exchanges.json"
    listed.write_text('{"fetched_us": 1, "answer": [{"id": "bitmex"}]}')
    assert cli("instruments", "set", "newest", "XBTUSD", "tick=0.5").out, "from an old list nothing follows"
    listed.write_text(f'{{"fetched_us": {time.time_ns() // 1000}, "answer": [{{"id": "bitmex"}}]}}')
    assert cli(*words, "tick=0.5").out
    ran = cli("instruments", "set", "bitmax", "XBTUSD", "tick=0.5")
    assert ran.code == 2
    assert "lists no exchange bitmax: did you mean bitmex?" in ran.err
    assert cli("instruments", "set", "bitmax", "XBTUSD", "tick=0.5", "--allow-unlikely").out


@pytest.mark.usefixtures("listed")
def test_list_tells_what_is_known_last_of_each_instrument(cli: Any) -> None:
    cli("instruments", "set", "bitmex", "XBTUSD", "lot=10")
    cli("instruments", "set", "kraken", "btc/usd", "tick=0.1")
    both = cli("instruments", "list", "--json").json
    assert [(one["exchange"], one["symbol"]) for one in both] == [("bitmex", "XBTUSD"), ("kraken", "BTC-USD")]
    assert {tuple(one) for one in both} == {("exchange", "symbol", *FACTS, "sources")}
    xbt = both[0]
    assert (xbt["tick"], xbt["lot"], xbt["inverse"], xbt["strike"]) == (0.1, 10.0, True, None)
    sources = xbt["sources"]
    assert list(sources) == list(FACTS)
    assert (sources["tick"], sources["lot"], sources["strike"]) == ("vendor", "typed in", None)
    for words in (("kraken",), ("kraken", "BTC/USD"), ("kraken:BTC-USD",)):
        (one,) = cli("instruments", "list", *words, "--json").json
        assert (one["exchange"], one["tick"]) == ("kraken", 0.1)
    header, line, _ = cli("instruments", "list").out.splitlines()
    assert header.split()[:4] == ["EXCHANGE", "SYMBOL", "TYPE", "TICK"]
    assert line.split() == [
        *("bitmex", "XBTUSD", "perpetual", "0.1", "10", "1", "true", "BTC", "0.0005", "0.0005"),
        *("typed", "in,", "vendor"),
    ]


@pytest.mark.usefixtures("listed")
def test_history_tells_everything_that_was_ever_said(cli: Any) -> None:
    cli("instruments", "set", "bitmex", "XBTUSD", "tick=0.2")
    cli("instruments", "set", "bitmex", "XBTUSD", "tick=")
    said = cli("instruments", "history", "bitmex", "XBTUSD", "--json").json
    assert [one["source"] for one in said] == ["vendor"] * 4 + ["typed in"] * 2
    assert [one["withdrawn"] for one in said][-2:] == [[], ["tick"]]
    lines = cli("instruments", "history", "bitmex", "XBTUSD").out.splitlines()
    assert len(lines) == 7
    assert lines[-1].endswith("tick taken back")


@pytest.mark.usefixtures("listed")
def test_export_writes_every_version_in_either_form(cli: Any, tmp_path: Path) -> None:
    cli("instruments", "set", "bitmex", "XBTUSD", "tick=0.2", "lot=")
    with open_cache() as cache, InstrumentTable(cache) as table:
        expected = [version_form(version) for version in table.versions()]
    assert len(expected) == 5
    assert cli("instruments", "export").json == cli("instruments", "export", "--json").json == expected
    target = tmp_path / "table.csv"
    ran = cli("instruments", "export", "--format", "csv", "-o", target)
    assert (ran.code, ran.out) == (0, "")
    text = target.read_text(encoding="utf-8")
    assert text == cli("instruments", "export", "--format", "csv").out
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["tick"] for row in rows] == ["0.5", "0.5", "0.1", "0.1", "0.2"]
    assert [row["withdrawn"] for row in rows] == ["", "", "", "", "lot"]
    assert cli("instruments", "export", "--format", "csv", "--json").code == 2
    assert cli("instruments", "export", "-o", tmp_path).code == 2
    assert cli("instruments", "export", "-o", tmp_path / "none" / "t.json").code == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "table.csv"], (
        "nothing half done is left"
    )


def test_export_of_nothing_is_an_empty_array(cli: Any) -> None:
    assert cli("instruments", "export").json == []


@pytest.mark.usefixtures("listed")
def test_what_only_tells_works_where_nothing_can_be_written(
    cli: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as unwritable:
        unwritable.setattr(os, "access", lambda *_: False)
        for verb in (("list",), ("show", "bitmex", "XBTUSD"), ("history", "bitmex", "XBTUSD"), ("export",)):
            assert cli("instruments", *verb, "--home", home).code == 0
    assert json.loads(cli("instruments", "export").out)


def test_a_verb_needs_an_instrument(cli: Any) -> None:
    for verb in ("show", "history"):
        assert cli("instruments", verb).code == 2
        assert cli("instruments", verb, "bitmex").code == 2
        assert cli("instruments", verb, "bitmex", "XBTUSD", "more").code == 2
    assert cli("instruments", "list", "bitmex", "XBTUSD", "more").code == 2


@pytest.fixture
def vendor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeTardis]:
    """Stand in for the vendor, with a key that opens everything."""
    with FakeTardis(tmp_path / "vendor", exchanges={"bitmex": {}}) as fake:
        fake.instruments["bitmex"] = [XBTUSD, {"id": "ethusd", "exchange": "bitmex", "priceIncrement": 0.05}]
        monkeypatch.setenv("TICKREEL_TARDIS_API_URL", fake.api_url)
        monkeypatch.setenv("TICKREEL_TARDIS_DATASETS_URL", fake.datasets_url)
        monkeypatch.setenv("TARDIS_API_KEY", "secret")
        yield fake


@pytest.mark.usefixtures("vendor")
def test_fetch_records_what_the_vendor_says(cli: Any) -> None:
    ran = cli("instruments", "fetch", "bitmex", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.json == {
        "exchange": "bitmex",
        "instruments": 2,
        "versions": 5,
        "changed": ["XBTUSD", "ETHUSD"],
        "problems": [],
    }
    assert (
        facts_of(cli("instruments", "show", "bitmex", "XBTUSD", "--at", "2024-11-01", "--json"))["tick"][
            "source"
        ]
        == "vendor"
    )
    again = cli("instruments", "fetch", "bitmex")
    assert again.out == "bitmex: 2 instruments, of which 0 were new or had changed\n"


@pytest.mark.parametrize(
    "words",
    [
        ("bitmex", "XBTUSD", "ethusd"),
        ("bitmex", "XBTUSD,ethusd"),
        ("bitmex:XBTUSD,bitmex:ETHUSD",),
        ("bitmex:xbtusd", "bitmex:ethusd"),
    ],
)
def test_fetch_takes_symbols_in_any_form(cli: Any, vendor: FakeTardis, words: tuple[str, ...]) -> None:
    vendor.instruments["bitmex"].append({"id": "other", "exchange": "bitmex"})
    ran = cli("instruments", "fetch", *words, "--json")
    assert (ran.json["instruments"], ran.json["changed"]) == (2, ["XBTUSD", "ETHUSD"])


def test_fetch_tells_what_it_could_not_read_and_ends_with_1(cli: Any, vendor: FakeTardis) -> None:
    vendor.instruments["bitmex"].append({"id": "odd", "exchange": "bitmex", "expiry": "soon"})
    ran = cli("instruments", "fetch", "bitmex", "--json")
    assert (ran.code, ran.json["instruments"]) == (1, 2)
    assert ran.json["problems"] == [ran.error.removeprefix("tickreel: ")]
    assert "bitmex odd cannot be read" in ran.error


def test_fetch_is_refused_in_one_line(cli: Any, vendor: FakeTardis, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cli("instruments", "fetch").code == 2
    assert "one exchange at a time" in cli("instruments", "fetch", "bitmex:A", "kraken:B").error
    unknown = cli("instruments", "fetch", "bitmex", "XBTUSDT")
    assert (unknown.code, "did you mean XBTUSD" in unknown.error) == (1, True)
    with vendor.down():
        assert cli("instruments", "fetch", "bitmex").code == 1
    monkeypatch.setenv("TARDIS_API_KEY", "wrong")
    denied = cli("instruments", "fetch", "bitmex")
    assert denied.code == 2
    assert "`tickreel instruments set` takes what you type in" in denied.error
    assert "wrong" not in denied.error
