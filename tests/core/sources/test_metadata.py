"""What the vendor declares, kept for when it cannot be asked."""

from __future__ import annotations

import asyncio
import errno
import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from support.faketardis import FakeTardis, Kind
from support.faultydisk import FaultyDisk
from support.vendorline import SECRET, network_to

from tickreel.errors import EnvironmentProblem, UsageError
from tickreel.filesystem import Disk
from tickreel.market.types import DatasetKey, DataType
from tickreel.sources.datasets import DatasetsClient
from tickreel.sources.metadata import Coverage, ExchangeInfo, MetadataStore

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

NAME = "kraken"
SECOND_US = 1_000_000
NOW_US = 1_721_300_000 * SECOND_US
SYMBOLS = [
    {
        "id": "XBT-USD",
        "type": "spot",
        "availableSince": "2024-07-10T00:00:00.000Z",
        "availableTo": "2024-07-20T08:00:00.000Z",
        "dataTypes": ["trades", "quotes", "a type of next year"],
    },
    {"id": "eth/usd", "type": "spot", "availableSince": "2024-07-10T13:00:00.000Z", "dataTypes": ["trades"]},
    {"id": "PERPETUALS", "dataTypes": ["trades"]},
    {"id": "OPTIONS"},
]
TOLD = {
    "datasets": {
        "exportedFrom": "2024-07-01T00:00:00.000Z",
        "exportedUntil": "2024-07-18T00:00:00.000Z",
        "symbols": SYMBOLS,
    }
}


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeTardis]:
    with FakeTardis(tmp_path / "vendor", exchanges={NAME: TOLD, "binance-futures": {}}) as started:
        yield started


class Clock:
    def __init__(self) -> None:
        self.us = NOW_US

    def __call__(self) -> int:
        return self.us


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> MetadataStore:
    return MetadataStore(tmp_path / "metadata", Disk(), clock)


def asked(fake: FakeTardis, work: Callable[[DatasetsClient], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with DatasetsClient(network_to(fake), SECRET, Disk()) as client:
            return await work(client)

    return asyncio.run(run())


def got(
    fake: FakeTardis, store: MetadataStore, max_age_s: float = 300, name: str = NAME
) -> ExchangeInfo | None:
    info: ExchangeInfo | None = asked(fake, lambda client: store.get(client, name, max_age_s))
    return info


def paths(fake: FakeTardis) -> list[str]:
    return [request.path for request in fake.requests]


def test_what_is_declared_is_read_and_no_key_is_shown_for_it(fake: FakeTardis, store: MetadataStore) -> None:
    info = got(fake, store)
    assert info is not None
    assert (info.exchange, info.fetched_us) == (NAME, NOW_US)
    assert info.exported_until_us == int(datetime(2024, 7, 18, tzinfo=UTC).timestamp()) * SECOND_US
    assert sorted(info.symbols) == ["OPTIONS", "PERPETUALS", "XBT-USD", "eth/usd"]
    symbol = info.symbols["XBT-USD"]
    assert (symbol.kind, "quotes" in symbol.data_types) == ("spot", True)
    assert [request.key for request in fake.requests] == [None]


@pytest.mark.parametrize(
    ("symbol", "data_type", "day", "coverage"),
    [
        ("XBT-USD", DataType.TRADES, 10, Coverage.INSIDE),
        ("xbt/usd", DataType.TRADES, 17, Coverage.INSIDE),
        ("XBT-USD", DataType.TRADES, 9, Coverage.OUTSIDE),  # ends when it begins to be available
        ("XBT-USD", DataType.TRADES, 18, Coverage.UNPUBLISHED),  # ends after what is exported
        ("XBT-USD", DataType.TRADES, 20, Coverage.UNPUBLISHED),  # is traded for a part of it
        ("XBT-USD", DataType.TRADES, 21, Coverage.OUTSIDE),  # is traded no more
        ("XBT-USD", DataType.LIQUIDATIONS, 10, Coverage.OUTSIDE),
        ("XBT-EUR", DataType.TRADES, 10, Coverage.OUTSIDE),
        ("ETH-USD", DataType.TRADES, 9, Coverage.OUTSIDE),
        ("ETH-USD", DataType.TRADES, 10, Coverage.INSIDE),
        ("PERPETUALS", DataType.TRADES, 1, Coverage.INSIDE),  # since when is not said
        ("OPTIONS", DataType.QUOTES, 1, Coverage.INSIDE),  # nor which types there are
    ],
)
def test_a_day_lies_inside_or_outside_or_is_not_published(
    fake: FakeTardis, store: MetadataStore, symbol: str, data_type: DataType, day: int, coverage: Coverage
) -> None:
    info = got(fake, store)
    assert info is not None
    assert info.coverage(DatasetKey(NAME, symbol, data_type), date(2024, 7, day)) is coverage


def test_where_the_vendor_does_not_say_what_it_has_nothing_is_made_of_it(
    fake: FakeTardis, store: MetadataStore, clock: Clock
) -> None:
    key = DatasetKey("binance-futures", "BTCUSDT", DataType.TRADES)
    info = got(fake, store, name="binance-futures")
    assert info is not None
    assert (info.symbols, info.coverage(key, date(2024, 7, 1))) == ({}, Coverage.UNKNOWN)
    fake.listing("binance-futures", "BTCUSDT", dataTypes=["trades"], availableSince="2024-01-01")
    clock.us += 10**9
    info = got(fake, store, name="binance-futures")
    assert info is not None
    assert (len(info.symbols), info.exported_until_us) == (1, None)
    assert info.coverage(key, date(2024, 7, 1)) is Coverage.UNKNOWN
    assert info.coverage(key, date(2023, 7, 1)) is Coverage.OUTSIDE


def test_it_is_asked_again_when_it_is_old_or_from_the_future(
    fake: FakeTardis, store: MetadataStore, clock: Clock
) -> None:
    got(fake, store)
    clock.us += 300 * SECOND_US
    got(fake, store)
    assert len(fake.requests) == 1
    clock.us += 1
    info = got(fake, store)
    assert info is not None
    assert (len(fake.requests), info.fetched_us) == (2, clock.us)
    clock.us = NOW_US  # set back by somebody
    got(fake, store)
    assert len(fake.requests) == 3


@pytest.mark.parametrize(
    "kind", [Kind.SERVER_ERROR, Kind.HANG_UP, Kind.SHORT, Kind.HTML, Kind.JSON, Kind.NOTHING, Kind.NOT_FOUND]
)
def test_when_the_vendor_fails_what_was_read_before_serves_however_old(
    fake: FakeTardis, store: MetadataStore, clock: Clock, kind: Kind
) -> None:
    got(fake, store)
    clock.us += 10**15
    fake.plan("exchanges/kraken", [kind], last_stays=True)
    info = got(fake, store)
    assert info is not None
    assert (info.fetched_us, "XBT-USD" in info.symbols) == (NOW_US, True)
    assert store.cached(NAME) == info


def test_offline_and_without_anything_read_before_nothing_is_known(
    fake: FakeTardis, store: MetadataStore
) -> None:
    with fake.down():
        assert got(fake, store) is None
        with pytest.raises(EnvironmentProblem, match=r"read: 127\.0\.0\.1:\d+: the connection failed"):
            asked(fake, lambda client: store.refresh(client, NAME))
    assert got(fake, store) is not None
    with fake.down():
        assert got(fake, store, 0) is not None


@pytest.mark.parametrize("kind", [Kind.JSON, Kind.HTML])
def test_an_error_is_not_taken_for_an_exchange_that_has_nothing(
    fake: FakeTardis, store: MetadataStore, kind: Kind
) -> None:
    fake.plan("exchanges/kraken", [kind])
    assert got(fake, store) is None
    assert store.cached(NAME) is None
    assert got(fake, store) is not None


NONSENSE = [
    {"exportedUntil": "tomorrow"},
    {"symbols": [{"type": "spot"}]},
    {"symbols": ["XBT-USD"]},
    {"symbols": [{"id": 7}]},
    {"symbols": [{"id": "XBT-USD", "availableSince": "long ago"}]},
    {"symbols": [{"id": "XBT-USD", "dataTypes": 3}]},
    {"symbols": [{"id": "XBT-USD", "dataTypes": "trades"}]},
    {"symbols": 3},
]


@pytest.mark.parametrize("datasets", [*NONSENSE, "none"])
def test_what_makes_no_sense_is_not_used(tmp_path: Path, store: MetadataStore, datasets: Any) -> None:
    kept = tmp_path / "metadata" / "kraken.json"
    kept.parent.mkdir()
    told = {"fetched_us": NOW_US, "answer": {"id": NAME, "datasets": datasets}}
    kept.write_text(json.dumps(told), encoding="utf-8")
    assert store.cached(NAME) is None


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"fetched_us": "x", "answer": {}}', '{"fetched_us": 1, "answer": []}', "[" * 9999],
)
def test_a_kept_list_that_is_damaged_is_read_anew(
    fake: FakeTardis, store: MetadataStore, tmp_path: Path, text: str
) -> None:
    got(fake, store)
    kept = tmp_path / "metadata" / "kraken.json"
    kept.write_text(text, encoding="utf-8")
    assert store.cached(NAME) is None
    assert got(fake, store) is not None
    assert len(fake.requests) == 2
    assert store.cached(NAME) is not None
    assert [path.name for path in kept.parent.iterdir()] == ["kraken.json"]


@pytest.mark.parametrize("failing", ["create", "write", "sync", "move"])
def test_a_disk_that_is_full_costs_the_memory_only(
    fake: FakeTardis, tmp_path: Path, clock: Clock, failing: str
) -> None:
    disk = FaultyDisk(fails=lambda _, operation: operation == failing, error=errno.ENOSPC)
    store = MetadataStore(tmp_path / "full", disk, clock)
    assert got(fake, store) is not None
    assert store.cached(NAME) is None
    assert list((tmp_path / "full").iterdir()) == []


def test_an_exchange_that_there_is_not_is_told_with_what_may_have_been_meant(
    fake: FakeTardis, store: MetadataStore
) -> None:
    with pytest.raises(UsageError, match="no exchange binance-future: did you mean binance-futures"):
        got(fake, store, name="binance-future")
    assert store.exchanges() == ["binance-futures", "kraken"]


@pytest.mark.parametrize("name", ["", "../kraken", "Kraken", "a b", "exchanges", "a/b", "-a", "krakén"])
def test_what_is_no_name_is_neither_asked_for_nor_a_path(
    fake: FakeTardis, store: MetadataStore, name: str
) -> None:
    with pytest.raises(UsageError, match="is not the name of an exchange"):
        got(fake, store, name=name)
    assert fake.requests == []


def test_a_list_is_read_once_until_its_file_is_replaced(fake: FakeTardis, store: MetadataStore) -> None:
    got(fake, store)
    first = store.cached(NAME)
    assert first is not None
    assert store.cached(NAME) is first
    got(fake, store, max_age_s=-1)
    assert store.cached(NAME) is not first
