"""What a key includes, as far as it can be told before a file is asked for."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import TYPE_CHECKING

import pytest
from support.faketardis import FakeTardis, Kind
from support.fetchdesk import hurry
from support.vendorline import SECRET, network_to

from tickreel.filesystem import Disk
from tickreel.keys import NO_KEY, Key, KeyOrigin
from tickreel.market.types import DatasetKey, DataType
from tickreel.sources.access import Access, access, is_free, may_fetch
from tickreel.sources.datasets import DatasetsClient

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAY = date(2024, 7, 18)
KEY = DatasetKey("binance-futures", "BTCUSDT", DataType.TRADES)


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeTardis]:
    with FakeTardis(tmp_path / "vendor") as started:
        yield started


def told(fake: FakeTardis, key: Key = SECRET) -> tuple[Access, ...] | None:
    async def run() -> tuple[Access, ...] | None:
        async with DatasetsClient(network_to(fake), key, Disk()) as client:
            return await access(client)

    return asyncio.run(run())


def included(fake: FakeTardis, since: str, until: str, *symbols: str) -> tuple[Access, ...] | None:
    fake.admission.access = [
        {
            "exchange": "binance-futures",
            "accessType": "full",
            "from": since,
            "to": until,
            "symbols": list(symbols),
            "dataPlan": "solo",
        }
    ]
    return told(fake)


def test_what_a_key_includes_is_asked_for_with_the_key(fake: FakeTardis) -> None:
    (one,) = included(fake, "2024-07-01T00:00:00.000Z", "2024-08-01T00:00:00.000Z", "btcusdt") or ()
    assert (one.exchange, one.symbols, one.plan) == ("binance-futures", frozenset({"BTCUSDT"}), "solo")
    assert (one.from_us, one.to_us) == (1_719_792_000_000_000, 1_722_470_400_000_000)
    assert [request.key for request in fake.requests] == ["secret"]


@pytest.mark.parametrize(
    ("since", "until", "symbols", "answer"),
    [
        ("2024-07-18", "2024-07-19", (), True),
        ("2024-07-18T12:00", "2024-07-18T13:00", (), True),
        ("2024-07-19", "2024-08-01", (), False),
        ("2024-07-01", "2024-07-18", (), False),
        ("2024-07-01", "2024-08-01", ("btcusdt",), True),
        ("2024-07-01", "2024-08-01", ("ethusdt",), False),
    ],
)
def test_a_day_is_included_or_not(
    fake: FakeTardis, since: str, until: str, symbols: tuple[str, ...], answer: bool
) -> None:
    accesses = included(fake, since, until, *symbols)
    assert may_fetch(accesses, SECRET, KEY, DAY) is answer
    assert not may_fetch(accesses, SECRET, DatasetKey("kraken", "BTCUSDT", DataType.TRADES), DAY)


def test_whether_a_group_is_included_the_vendor_decides(fake: FakeTardis) -> None:
    accesses = included(fake, "2024-07-01", "2024-08-01", "ethusdt")
    assert may_fetch(accesses, SECRET, DatasetKey("binance-futures", "PERPETUALS", DataType.TRADES), DAY)


def test_the_first_of_a_month_is_free_and_nothing_else_is() -> None:
    assert is_free(date(2024, 7, 1))
    assert not is_free(date(2024, 7, 31))
    assert may_fetch((), NO_KEY, KEY, date(2024, 7, 1))
    assert not may_fetch(None, NO_KEY, KEY, DAY)
    assert may_fetch(None, SECRET, KEY, DAY)
    assert not may_fetch((), SECRET, KEY, DAY)


def test_a_key_that_the_vendor_does_not_know_includes_nothing(fake: FakeTardis) -> None:
    assert told(fake, Key("TD.wrong", KeyOrigin.KEYRING)) == ()


@pytest.mark.parametrize("kind", [Kind.SERVER_ERROR, Kind.FORBIDDEN, Kind.HTML, Kind.JSON, Kind.HANG_UP])
def test_what_cannot_be_told_is_left_open(
    fake: FakeTardis, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch)
    fake.plan("api-key-info", [kind], last_stays=True)
    assert told(fake) is None


@pytest.mark.parametrize("entry", [3, {}, {"exchange": "kraken", "from": "long ago"}])
def test_a_form_that_is_not_known_is_left_open(fake: FakeTardis, entry: object) -> None:
    fake.admission.access = [entry]  # type: ignore[list-item]  # on purpose
    assert told(fake) is None
