from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from support.instruments import CHANGED_US, XBTUSD

from tickreel.errors import EnvironmentProblem, NotHeldError, UsageError
from tickreel.instruments import FactSource, Inference, InstrumentTable
from tickreel.instruments.instrument import Evidence
from tickreel.instruments.vendor import read_listing
from tickreel.market.types import DataType
from tickreel.store import Cache, open_cache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tickreel.instruments.table import Recorded

FIRST, SECOND, THIRD = CHANGED_US
JULY, AUGUST = 1_719_792_000_000_000, 1_722_470_400_000_000
L2 = DataType.INCREMENTAL_BOOK_L2


@pytest.fixture
def cache() -> Iterator[Cache]:
    with open_cache() as opened:
        yield opened


@pytest.fixture
def table(cache: Cache) -> Iterator[InstrumentTable]:
    with InstrumentTable(cache) as opened:
        yield opened


def record(table: InstrumentTable, *answers: dict[str, Any], exchange: str = "bitmex") -> Recorded:
    return table.record_listings(exchange, [read_listing(exchange, answer) for answer in answers])


def inference(tick: float | None = 0.5, lot: float | None = 100.0, rows: int = 1000) -> Inference:
    return Inference("bitmex", "XBTUSD", JULY, AUGUST, rows, tick, lot, Evidence(L2, rows, rows // 2))


def kept(home: Path) -> list[tuple[Any, ...]]:
    """Give the rows of the table as they stand in the catalog."""
    with closing(sqlite3.connect(home / "catalog.sqlite")) as catalog:
        return catalog.execute("SELECT * FROM instrument ORDER BY id").fetchall()


def test_of_what_nobody_said_anything_nothing_is_known(table: InstrumentTable) -> None:
    known = table.at("bitmex", "XBTUSD", "2024-07-23")
    assert (known.exchange, known.symbol, dict(known.versions)) == ("bitmex", "XBTUSD", {})
    with pytest.raises(NotHeldError, match="of bitmex XBTUSD tick is not known; ask the vendor"):
        known.require("tick")
    assert table.history("bitmex", "XBTUSD") == []
    assert list(table.instruments()) == []
    assert list(table.versions()) == []


def test_the_vendors_changes_hold_each_for_their_time(table: InstrumentTable) -> None:
    assert record(table, XBTUSD).changed == ("XBTUSD",)
    told = [
        (one.tick, one.lot, one.taker_fee)
        for one in (
            table.at("bitmex", "XBTUSD", at)
            for at in ("2020-01-01", FIRST - 1, FIRST, SECOND - 1, SECOND, THIRD - 1, THIRD, "2099-01-01")
        )
    ]
    assert told == [
        (0.5, 1.0, 0.00075),
        (0.5, 1.0, 0.00075),
        (0.5, 100.0, 0.00075),
        (0.5, 100.0, 0.00075),
        (0.1, 100.0, 0.00075),
        (0.1, 100.0, 0.00075),
        (0.1, 100.0, 0.0005),
        (0.1, 100.0, 0.0005),
    ]
    over = table.during("bitmex", "XBTUSD", FIRST, THIRD)
    assert [(one.valid_from_us, one.valid_to_us) for one in over] == [(FIRST, SECOND), (SECOND, THIRD)]
    assert len(table.during("bitmex", "XBTUSD", FIRST, THIRD + 1)) == 3
    assert len(table.timeline("bitmex", "XBTUSD")) == 4


def test_a_list_of_the_vendors_adds_only_what_it_had_not_said(table: InstrumentTable, home: Path) -> None:
    other = {"id": "ETHUSD", "exchange": "bitmex", "priceIncrement": 0.05}
    assert record(table, XBTUSD, other).versions == 5
    before = kept(home)
    again = record(table, XBTUSD, other)
    assert (again.instruments, again.versions, again.changed) == (2, 0, ())
    assert kept(home) == before

    changed = record(table, XBTUSD, {**other, "priceIncrement": 0.01})
    assert (changed.versions, changed.changed) == (1, ("ETHUSD",))
    assert table.at("bitmex", "ETHUSD", "2024-07-23").tick == 0.01
    history = {
        **XBTUSD,
        "changes": [*XBTUSD["changes"], {"until": "2025-01-01T00:00:00Z", "takerFee": 0.0005}],
    }
    assert record(table, history).changed == (), "a change that changes nothing"
    history["changes"][-1] = {"until": "2025-01-01T00:00:00Z", "takerFee": 0.0007}
    assert record(table, history).versions == 5
    assert [one.taker_fee for one in table.timeline("bitmex", "XBTUSD")][-2:] == [0.0007, 0.0005]
    assert record(table, history).versions == 0
    assert record(table, XBTUSD).versions == 4, "it takes its word back"
    assert len(table.timeline("bitmex", "XBTUSD")) == 4
    assert kept(home)[: len(before)] == before, "nothing is ever changed"


def test_two_names_with_one_spelling_do_not_make_new_versions_every_time(table: InstrumentTable) -> None:
    pair = ({"id": "BTC/USD", "priceIncrement": 1}, {"id": "BTC-USD", "priceIncrement": 2})
    assert record(table, *pair).versions == 1
    assert record(table, *pair).versions == 0
    assert table.at("bitmex", "btc:usd", "2024-07-23").tick == 2.0


def test_facts_come_together_from_all_sources_and_each_tells_its_own(table: InstrumentTable) -> None:
    record(table, {"id": "XBTUSD", "priceIncrement": 0.5, "contractMultiplier": 1})
    table.record_inference(inference(tick=1.5))
    table.type_in("bitmex", "XBTUSD", {"taker_fee": "0.0003"})
    known = table.at("bitmex", "xbtusd", JULY)
    assert known.require("tick", "lot", "multiplier", "taker_fee") == (0.5, 100.0, 1.0, 0.0003)
    sources = [known.source(name) for name in ("tick", "lot", "multiplier", "taker_fee", "maker_fee")]
    assert sources == [FactSource.VENDOR, FactSource.INFERRED, FactSource.VENDOR, FactSource.TYPED, None]
    assert known.versions["lot"].evidence == Evidence(L2, 1000, 500)


def test_an_inference_is_valid_for_the_time_of_its_rows(table: InstrumentTable) -> None:
    version = table.record_inference(inference())
    assert version is not None
    assert (version.valid_from_us, version.valid_to_us) == (JULY, AUGUST)
    ticks = [table.at("bitmex", "XBTUSD", at).tick for at in (JULY - 1, JULY, AUGUST - 1, AUGUST)]
    assert ticks == [None, 0.5, 0.5, None]
    assert table.record_inference(inference()) == version, "the same again adds nothing"
    better = table.record_inference(inference(tick=0.1, rows=5000))
    assert better is not None
    assert table.at("bitmex", "XBTUSD", JULY).tick == 0.1
    assert table.record_inference(inference(tick=None, lot=None)) is None
    only_lot = table.record_inference(inference(tick=None, lot=50.0))
    assert only_lot is not None
    known = table.at("bitmex", "XBTUSD", JULY)
    assert (known.tick, known.lot) == (0.1, 50.0)
    assert len(table.history("bitmex", "XBTUSD")) == 3


def test_what_is_typed_in_holds_for_its_time_and_can_be_taken_back(table: InstrumentTable) -> None:
    record(table, {"id": "XBTUSD", "priceIncrement": 0.5})
    table.type_in("bitmex", "XBTUSD", {"tick": 0.1, "expiry_us": "2024-12-27T08:00"}, start=JULY, end=AUGUST)
    ticks = [table.at("bitmex", "XBTUSD", at).tick for at in (JULY - 1, JULY, AUGUST - 1, AUGUST)]
    assert ticks == [0.5, 0.1, 0.1, 0.5]
    table.type_in("bitmex", "XBTUSD", {"tick": ""}, start="2024-07-10")
    known = [table.at("bitmex", "XBTUSD", at) for at in (JULY, "2024-07-10", AUGUST)]
    assert [one.tick for one in known] == [0.1, 0.5, 0.5]
    assert [one.expiry_us for one in known] == [1_735_286_400_000_000, 1_735_286_400_000_000, None]
    again = table.type_in("bitmex", "XBTUSD", {"tick": None}, start="2024-07-10")
    assert again.id == table.history("bitmex", "XBTUSD")[-1].id
    assert len(table.history("bitmex", "XBTUSD")) == 3


def test_a_symbol_is_found_in_any_of_its_spellings(table: InstrumentTable) -> None:
    table.type_in("kraken", "btc/usd", {"tick": 0.1})
    assert [table.at("kraken", name, JULY).tick for name in ("BTC/USD", "BTC-USD", "btc:usd")] == [0.1] * 3
    assert table.at("bitmex", "BTC/USD", JULY).tick is None


@pytest.mark.parametrize(
    ("exchange", "symbol", "facts", "span", "problem"),
    [
        ("bitmex", "XBTUSD", {}, {}, "name at least one fact"),
        ("bitmex", "XBTUSD", {"tik": 1}, {}, "no fact 'tik': did you mean tick"),
        ("bitmex", "XBTUSD", {"lot": 1, "tick": "x"}, {}, "'x' cannot be the tick"),
        ("bitmex", "XBTUSD", {"tick": 1}, {"start": AUGUST, "end": JULY}, "its end lies before its start"),
        ("bitmex", "XBTUSD", {"tick": 1}, {"start": JULY, "end": JULY}, "must hold for some time"),
        ("bitmex", "XBTUSD", {"tick": 1}, {"start": "July"}, "is not a time"),
        ("BitMEX", "XBTUSD", {"tick": 1}, {}, "names no instrument"),
        ("bitmex", "", {"tick": 1}, {}, "names no instrument"),
    ],
)
def test_what_cannot_be_typed_in_is_refused_and_nothing_is_kept(
    table: InstrumentTable,
    home: Path,
    exchange: str,
    symbol: str,
    facts: dict[str, object],
    span: dict[str, Any],
    problem: str,
) -> None:
    with pytest.raises(UsageError, match=problem):
        table.type_in(exchange, symbol, facts, **span)
    assert kept(home) == []


def test_instruments_are_listed_by_name_with_what_is_known_last(table: InstrumentTable) -> None:
    table.type_in("okex-swap", "B", {"tick": 1})
    table.record_inference(inference())
    table.type_in("bitmex", "ETHUSD", {"tick": 2}, end=JULY)
    table.type_in("bitmex", "ETHUSD", {"tick": 3}, start=JULY, end=AUGUST)
    assert [(one.exchange, one.symbol, one.tick) for one in table.instruments()] == [
        ("bitmex", "ETHUSD", 3.0),
        ("bitmex", "XBTUSD", 0.5),
        ("okex-swap", "B", 1.0),
    ]
    assert [one.symbol for one in table.instruments("okex-swap")] == ["B"]
    assert [(one.symbol, one.valid_to_us) for one in table.versions("bitmex")] == [
        ("ETHUSD", JULY),
        ("ETHUSD", AUGUST),
        ("XBTUSD", AUGUST),
    ]


def test_a_whole_exchange_is_recorded_and_listed_in_order(table: InstrumentTable) -> None:
    changes = [{"until": "2024-07-31T04:00:00Z", "priceIncrement": 0.5}]
    answers: list[dict[str, Any]] = [{"id": "S0000", "priceIncrement": 1}] + [
        {"id": f"S{number:04}", "priceIncrement": number + 1, "changes": changes} for number in range(1, 1201)
    ]
    recorded = record(table, *reversed(answers), exchange="deribit")
    assert (recorded.instruments, recorded.versions, len(recorded.changed)) == (1201, 2401, 1201)
    assert len(list(table.versions())) == 2401
    listed = list(table.instruments("deribit"))
    assert [(one.symbol, one.tick) for one in listed] == [
        (one["id"], one["priceIncrement"]) for one in answers
    ]
    assert record(table, *answers, exchange="deribit").versions == 0


def test_what_was_said_is_there_again_after_a_restart(cache: Cache, table: InstrumentTable) -> None:
    record(table, XBTUSD)
    table.record_inference(inference(lot=None))
    table.type_in("bitmex", "XBTUSD", {"quanto": "false", "strike": None, "tick": 1e-8}, start=JULY)
    said = table.history("bitmex", "XBTUSD")
    assert said[-1].facts == {"quanto": False, "strike": None, "tick": 1e-8}
    table.close()
    cache.close()
    with open_cache(read_only=True) as again, InstrumentTable(again) as reopened:
        assert reopened.history("bitmex", "XBTUSD") == said
        assert reopened.at("bitmex", "XBTUSD", JULY).tick == 1e-8
        for change in (
            lambda: reopened.type_in("bitmex", "XBTUSD", {"tick": 1}),
            lambda: record(reopened, XBTUSD),
            lambda: reopened.record_inference(inference()),
        ):
            with pytest.raises(UsageError, match="was opened for reading only"):
                change()


def test_a_table_that_was_closed_and_the_table_of_a_closed_cache_are_refused(cache: Cache) -> None:
    table = InstrumentTable(cache)
    table.close()
    table.close()
    with pytest.raises(EnvironmentProblem):
        table.history("bitmex", "XBTUSD")
    cache.close()
    with pytest.raises(EnvironmentProblem, match="is closed"):
        InstrumentTable(cache)


def test_facts_that_a_newer_program_keeps_are_passed_over(table: InstrumentTable, home: Path) -> None:
    with closing(sqlite3.connect(home / "catalog.sqlite")) as catalog, catalog:
        catalog.execute(
            "INSERT INTO instrument (exchange, symbol, source, facts, recorded_us) VALUES"
            """ ('bitmex', 'XBTUSD', 'typed in', '{"facts":{"tick":0.5,"colour":"red"},"hue":1}', 1)"""
        )
    known = table.at("bitmex", "XBTUSD", JULY)
    assert (known.tick, set(known.versions)) == (0.5, {"tick"})


def test_instruments_are_named_with_whoever_said_something(table: InstrumentTable) -> None:
    record(table, XBTUSD)
    table.type_in("bitmex", "XBTUSD", {"maker_fee": "0"})
    table.type_in("aax", "X/Y", {"tick": "1"})
    table.type_in("aax", "A", {"tick": "1"})
    assert [(one.exchange, one.sources, one.symbols) for one in table.known()] == [
        ("aax", (FactSource.TYPED,), ["A", "X-Y"]),
        ("bitmex", (FactSource.TYPED, FactSource.VENDOR), ["XBTUSD"]),
    ]


def test_what_is_taken_back_leaves_what_was_said_before_span_by_span(table: InstrumentTable) -> None:
    table.type_in("bitmex", "XBTUSD", {"tick": "0.5", "lot": "10"})
    table.type_in("bitmex", "XBTUSD", {"tick": "0.25"}, start=JULY, end=AUGUST)
    before = [(one.valid_from_us, one.tick, one.lot) for one in table.timeline("bitmex", "XBTUSD")]
    said = table.type_in("bitmex", "XBTUSD", {"tick": "1", "maker_fee": "0"}, end=AUGUST)
    table.take_back(said)
    after = [(one.valid_from_us, one.tick, one.lot) for one in table.timeline("bitmex", "XBTUSD")]
    assert after == before
    assert table.at("bitmex", "XBTUSD", JULY).maker_fee is None
    again = table.say_again(said)
    assert (table.at("bitmex", "XBTUSD", JULY).tick, again.facts) == (1.0, said.facts)
    table.take_back(again)
    assert table.at("bitmex", "XBTUSD", JULY).tick == 0.25


def test_an_inference_is_taken_back_to_the_one_before_with_its_evidence(table: InstrumentTable) -> None:
    first = table.record_inference(inference(rows=1000))
    second = table.record_inference(inference(tick=0.1, rows=2000))
    assert first is not None
    assert second is not None
    table.take_back(second)
    known = table.at("bitmex", "XBTUSD", JULY)
    assert (known.tick, known.versions["tick"].evidence) == (0.5, first.evidence)


def test_what_was_said_anew_since_is_not_taken_back(table: InstrumentTable) -> None:
    said = table.type_in("bitmex", "XBTUSD", {"tick": "0.5"})
    table.type_in("bitmex", "XBTUSD", {"tick": "0.1"}, start=JULY)
    with pytest.raises(UsageError, match="something else was said since"):
        table.take_back(said)
    assert table.at("bitmex", "XBTUSD", JULY).tick == 0.1
    record(table, XBTUSD)
    vendor = table.history("bitmex", "XBTUSD")[-1]
    with pytest.raises(UsageError, match="the vendor says is not taken back"):
        table.take_back(vendor)
