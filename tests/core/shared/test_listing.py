"""What datasets lie on a server: listed by those who put days there, and looked for before it is told."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from support.shareddesk import NOW_US, stored_day, tier_at

from tickreel.errors import EnvironmentProblem
from tickreel.fetch.sharing import SharedService
from tickreel.market.types import DatasetKey, DataType
from tickreel.shared.listing import _member
from tickreel.shared.naming import DATASETS, DayKeys, days_of_dataset
from tickreel.shared.opening import open_cache
from tickreel.shared.supply import SharedSupply

if TYPE_CHECKING:
    from pathlib import Path

    from support.redisserver import RedisServer

    from tickreel.store import Cache

SYMBOLS = ("BTCUSDT", "a:b}c", "é %7D")


def supply_of(cache: Cache) -> SharedSupply:
    assert isinstance(cache.farther, SharedSupply)
    return cache.farther


def test_datasets_are_found_by_a_machine_that_knows_none_of_them(
    server: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKREEL_REDIS_URL", server.url)
    with open_cache(tmp_path / "one") as one, open_cache(tmp_path / "two") as two:
        assert SharedService(two).datasets() == []
        for number, symbol in enumerate(SYMBOLS):
            day = stored_day(one, rows=1_000 + number, symbol=symbol)
            supply_of(one).share(day)
        there = SharedService(two).datasets()
        assert [(each.key.symbol, each.days, each.rows) for each in there] == sorted(
            (symbol, 1, 1_000 + number) for number, symbol in enumerate(SYMBOLS)
        )
        assert {each.first_day for each in there} == {each.last_day for each in there} == {day.day}
        assert sum(each.bytes for each in there) > 3_000
        # What was dropped, or evicted in part, is not told of, though the index still names it.
        supply_of(one).tier.drop(DatasetKey(day.key.exchange, SYMBOLS[0], day.key.type), day.day)
        with server.admin() as admin:
            record = supply_of(one).tier.records.of_day(day.key, day.day)
            assert record is not None
            admin.delete(DayKeys(day.key, day.day).chunk(record.version, 0))
        assert [each.key.symbol for each in SharedService(two).datasets()] == [SYMBOLS[1]]
        # And an index that was evicted fills again, also by a day that is there already.
        with server.admin() as admin:
            admin.delete(DATASETS)
        assert SharedService(two).datasets() == []
        (first,) = (each for each in one.all_days() if each.key.symbol == SYMBOLS[1])
        supply_of(one).share(first)
        assert [each.key.symbol for each in SharedService(two).datasets()] == [SYMBOLS[1]]


def test_a_day_that_has_lapsed_is_listed_no_more_and_a_longer_life_is_not_cut_short(
    server: RedisServer,
) -> None:
    keys = DayKeys(DatasetKey("binance", "BTCUSDT", DataType.TRADES), date(2024, 7, 23))
    with tier_at(server.url) as tier:
        tier.listing.enter(keys, NOW_US, 100)
        tier.listing.enter(keys, NOW_US, 50)
        later = DayKeys(keys.key, keys.day + timedelta(days=1))
        tier.listing.enter(later, NOW_US, 200)
        assert tier.listing.datasets(NOW_US + 99_000_000) == {keys.key: [keys.day, later.day]}
        assert tier.listing.datasets(NOW_US + 150_000_000) == {keys.key: [later.day]}
        assert tier.listing.datasets(NOW_US + 250_000_000) == {}
        with server.admin() as admin:
            assert 100 < admin.ttl(DATASETS) <= 200
            assert 100 < admin.ttl(days_of_dataset(keys.key)) <= 200


def test_what_others_wrote_into_the_index_is_passed_over(server: RedisServer) -> None:
    keys = DayKeys(DatasetKey("binance", "BTCUSDT", DataType.TRADES), date(2024, 7, 23))
    with tier_at(server.url) as tier, server.admin() as admin:
        tier.listing.enter(keys, NOW_US, 100)
        far = NOW_US
        for member in (b"", b"x", b"a:b:c", b"a:b:trades:d", b"\xff\xfe:a:trades", b"a%0Ab:c:trades", b"::"):
            admin.zadd(DATASETS, {member: far})
        for member in (b"", b"2024-13-01", b"\xff", b"20240723x"):
            admin.zadd(days_of_dataset(keys.key), {member: far})
        assert tier.listing.datasets(NOW_US) == {keys.key: [keys.day]}
        admin.delete(DATASETS)
        admin.set(DATASETS, _member(keys.key))  # another kind of value: an error with a name
    with tier_at(server.url) as tier, pytest.raises(Exception, match="WRONGTYPE"):
        tier.listing.datasets(NOW_US)


def test_a_server_that_is_away_is_named(
    server: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKREEL_REDIS_URL", "redis://127.0.0.1:1/0")
    with open_cache(tmp_path / "one") as one, pytest.raises(EnvironmentProblem, match="no server answers"):
        SharedService(one).datasets()
