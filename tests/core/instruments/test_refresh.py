"""The vendor's instruments, asked for over a socket of a stand-in."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from support.faketardis import FakeTardis, Fault, Kind
from support.instruments import CHANGED_US, XBTUSD

from tickreel.errors import EnvironmentProblem, NotHeldError, UsageError
from tickreel.instruments import FactSource, InstrumentTable
from tickreel.instruments.refresh import Refreshed, refresh
from tickreel.keys import Key, KeyOrigin
from tickreel.sources.datasets import DatasetsClient
from tickreel.sources.network import Network
from tickreel.store import open_cache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ETHUSD = {"id": "ethusd", "datasetId": "ETHUSD", "exchange": "bitmex", "priceIncrement": 0.05}
DASHED = {"id": "sol/usd", "datasetId": "SOL-USD", "exchange": "bitmex", "priceIncrement": "0.001"}


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeTardis]:
    with FakeTardis(tmp_path / "vendor", exchanges={"bitmex": {}}) as started:
        started.instruments["bitmex"] = [XBTUSD, ETHUSD, DASHED]
        yield started


@pytest.fixture
def table() -> Iterator[InstrumentTable]:
    with open_cache() as cache, InstrumentTable(cache) as opened:
        yield opened


def asked(
    table: InstrumentTable, fake: FakeTardis, *symbols: str, key: str = "secret", exchange: str = "bitmex"
) -> Refreshed:
    """Ask for instruments, all without *symbols*."""

    async def ask() -> Refreshed:
        network = Network(fake.api_url, fake.datasets_url, fake.machine_url, silence_timeout_s=1)
        with open_cache() as cache:
            async with DatasetsClient(network, Key(key, KeyOrigin.ENVIRONMENT), cache.disk) as client:
                return await refresh(table, client, exchange, list(symbols) or None)

    return asyncio.run(ask())


def listed(table: InstrumentTable) -> dict[str, float | None]:
    return {one.symbol: one.tick for one in table.instruments()}


def paths(fake: FakeTardis) -> list[str]:
    return [request.path for request in fake.requests]


def test_a_whole_exchange_is_asked_for_at_once_and_recorded(table: InstrumentTable, fake: FakeTardis) -> None:
    found = asked(table, fake)
    assert paths(fake) == ["/v1/instruments/bitmex"]
    assert (found.recorded.instruments, found.recorded.versions, found.problems) == (3, 6, ())
    assert listed(table) == {"ETHUSD": 0.05, "SOL-USD": 0.001, "XBTUSD": 0.1}
    before = table.at("bitmex", "XBTUSD", CHANGED_US[1] - 1)
    assert (before.tick, before.source("tick")) == (0.5, FactSource.VENDOR)
    assert asked(table, fake).recorded.changed == ()


def test_some_are_asked_for_one_by_one(table: InstrumentTable, fake: FakeTardis) -> None:
    assert asked(table, fake, "XBTUSD", "ethusd").recorded.changed == ("XBTUSD", "ETHUSD")
    assert paths(fake) == ["/v1/instruments/bitmex/XBTUSD", "/v1/instruments/bitmex/ethusd"]
    assert listed(table) == {"ETHUSD": 0.05, "XBTUSD": 0.1}


def test_a_symbol_in_another_spelling_is_found_in_the_whole_list(
    table: InstrumentTable, fake: FakeTardis
) -> None:
    assert asked(table, fake, "SOL-USD", "ETHUSD").recorded.changed == ("SOL-USD", "ETHUSD")
    assert listed(table) == {"ETHUSD": 0.05, "SOL-USD": 0.001}
    assert paths(fake)[-1] == "/v1/instruments/bitmex"
    fake.instruments["bitmex"] = [{**DASHED, "id": "sol.usd"}]
    assert asked(table, fake, "SOL.USD").recorded.changed == ("SOL-USD",), "by the exchange's name for it"


def test_a_changed_answer_makes_a_new_version(table: InstrumentTable, fake: FakeTardis) -> None:
    asked(table, fake, "XBTUSD")
    fake.instruments["bitmex"] = [{**XBTUSD, "takerFee": "0.0006"}]
    assert asked(table, fake).recorded.changed == ("XBTUSD",)
    fees = [one.taker_fee for one in table.timeline("bitmex", "XBTUSD")]
    assert fees == [0.00075, 0.00075, 0.00075, 0.0006]
    assert len(table.history("bitmex", "XBTUSD")) == 8


def test_what_cannot_be_read_is_told_and_the_rest_recorded(table: InstrumentTable, fake: FakeTardis) -> None:
    fake.instruments["bitmex"] = [{**ETHUSD, "expiry": "soon"}, DASHED]
    found = asked(table, fake)
    assert [str(problem) for problem in found.problems] == [
        "the vendor's answer about bitmex ethusd cannot be read: 'soon' is not a time"
    ]
    assert listed(table) == {"SOL-USD": 0.001}


def test_what_the_vendor_does_not_know_is_refused_with_what_may_be_meant(
    table: InstrumentTable, fake: FakeTardis
) -> None:
    with pytest.raises(NotHeldError, match="knows no instrument bitmex XBTUSDT: did you mean XBTUSD or "):
        asked(table, fake, "ETHUSD", "XBTUSDT")
    with pytest.raises(NotHeldError, match="knows no instrument bitmax"):
        asked(table, fake, "XBTUSD", exchange="bitmax")
    before = len(paths(fake))
    with pytest.raises(NotHeldError, match="knows no instrument bitmax"):
        asked(table, fake, exchange="bitmax")
    assert len(paths(fake)) == before + 1
    assert listed(table) == {}


def test_a_key_that_does_not_include_it_is_told_the_other_ways(
    table: InstrumentTable, fake: FakeTardis
) -> None:
    with pytest.raises(UsageError, match="`tickreel instruments infer` finds tick and lot from rows"):
        asked(table, fake, key="wrong")
    asked(table, fake)
    with pytest.raises(UsageError, match="401"):
        asked(table, fake, key="wrong")
    assert len(listed(table)) == 3, "what is known stays"


@pytest.mark.parametrize("fault", [Fault(Kind.SERVER_ERROR), Fault(Kind.RESET), Fault(Kind.HTML)])
def test_a_vendor_in_trouble_leaves_the_table_as_it_was(
    table: InstrumentTable, fake: FakeTardis, fault: Fault
) -> None:
    fake.plan("*", [fault] * 9)
    with pytest.raises(EnvironmentProblem, match="the instruments of bitmex could not be read"):
        asked(table, fake)
    assert listed(table) == {}


def test_no_answer_at_all_is_told(table: InstrumentTable, fake: FakeTardis) -> None:
    with fake.down(), pytest.raises(EnvironmentProblem, match="could not be read"):
        asked(table, fake)


def test_what_the_fake_makes_up_of_files_can_be_read(table: InstrumentTable, tmp_path: Path) -> None:
    path = tmp_path / "files" / "binance-futures" / "trades" / "2024" / "07" / "23" / "BTCUSDT.csv.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"")
    with FakeTardis(tmp_path / "files") as fake:
        asked(table, fake, exchange="binance-futures")
    known: Any = table.at("binance-futures", "BTCUSDT", "2024-07-23")
    assert known.require("tick", "lot", "base", "quote", "taker_fee") == (0.1, 0.001, "BTC", "USDT", 0.0004)
