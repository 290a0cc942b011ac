"""The article's calls do what the article promised, and none of its faults is back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tickreel.article import TardisTickCache
from tickreel.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EXCHANGE, SYMBOL = "binance-futures", "BTCUSDT"
T0 = 1_721_779_200_000_000
END = T0 + 10**9


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[TardisTickCache]:
    with TardisTickCache(tmp_path / "cache.db") as opened:
        yield opened


def _ticks(count: int) -> list[dict[str, Any]]:
    return [
        {
            "timestamp": T0 + n,
            "exchange": EXCHANGE,
            "symbol": SYMBOL,
            "side": "buy",
            "price": 65000.5,
            "id": n,
        }
        for n in range(count)
    ]


def test_ticks_of_one_microsecond_are_all_kept_in_order_of_arrival(cache: TardisTickCache) -> None:
    assert [cache.store_tick(EXCHANGE, SYMBOL, T0, {"id": n}) for n in (2, 1, 3)] == [True, True, True]
    frame = cache.get_range(EXCHANGE, SYMBOL, T0, T0 + 1)
    assert list(frame.columns) == ["timestamp", "sequence", "data"]
    assert frame["data"].tolist() == [{"id": 2}, {"id": 1}, {"id": 3}]
    assert frame["timestamp"].tolist() == [T0] * 3
    assert cache.get_tick(EXCHANGE, SYMBOL, T0) == {"id": 3}
    assert cache.get_tick(EXCHANGE, SYMBOL, T0, sequence=0) == {"id": 2}
    assert cache.get_tick(EXCHANGE, SYMBOL, T0, sequence=3) is None


def test_what_is_counted_as_stored_is_stored(cache: TardisTickCache) -> None:
    assert cache.batch_store(EXCHANGE, SYMBOL, _ticks(10)) == 10
    assert cache.batch_store(EXCHANGE, SYMBOL, _ticks(15)) == 5
    assert cache.batch_store(EXCHANGE, SYMBOL, _ticks(15)) == 0
    assert cache.store_tick(EXCHANGE, SYMBOL, T0, _ticks(1)[0]) is False
    twin = {"timestamp": T0 + 500, "price": 1}
    assert cache.batch_store(EXCHANGE, SYMBOL, [twin, twin]) == 2
    assert cache.get_stats()["total_ticks"] == len(cache.get_range(EXCHANGE, SYMBOL, T0, END)) == 17


def test_a_range_is_whole_or_says_where_it_goes_on(cache: TardisTickCache) -> None:
    cache.batch_store(EXCHANGE, SYMBOL, _ticks(100_001))
    whole = cache.get_range(EXCHANGE, SYMBOL, T0, END)
    assert len(whole) == 100_001, "more than the article's limit"
    assert whole.attrs["next_cursor"] is None
    page = cache.get_range(EXCHANGE, SYMBOL, T0, END, 60_000)
    rest = cache.get_range(EXCHANGE, SYMBOL, T0, END, 60_000, cursor=page.attrs["next_cursor"])
    assert (len(page), len(rest), rest.attrs["next_cursor"]) == (60_000, 40_001, None)
    assert rest["timestamp"].iloc[0] == T0 + 60_000
    with pytest.raises(UsageError, match="give a limit"):
        cache.get_range(EXCHANGE, SYMBOL, T0, END, cursor=page.attrs["next_cursor"])


def test_an_empty_range_is_an_empty_frame(cache: TardisTickCache) -> None:
    frame = cache.get_range(EXCHANGE, SYMBOL, T0, END)
    assert frame.empty
    assert list(frame.columns) == ["timestamp", "sequence", "data"]
    assert frame["timestamp"].dtype == "int64"
    assert cache.get_tick(EXCHANGE, SYMBOL, T0) is None


def test_compression_is_there_and_its_figure_computed(cache: TardisTickCache, tmp_path: Path) -> None:
    assert cache.get_stats()["compression_ratio"] is None
    cache.batch_store(EXCHANGE, SYMBOL, _ticks(1000))
    stats = cache.get_stats()
    assert stats["compression_ratio"] == stats["raw_bytes"] / stats["compressed_bytes"]
    assert stats["compression_ratio"] > 2
    files = [path for path in tmp_path.iterdir() if path.name in ("cache.db", "cache.db-wal")]
    assert stats["cache_size_mb"] == sum(path.stat().st_size for path in files) / 1024**2


def test_rates_are_computed_from_what_happened(cache: TardisTickCache) -> None:
    assert cache.get_stats()["hit_rate"] is None
    cache.store_tick(EXCHANGE, SYMBOL, T0, {"id": 1})
    for timestamp in (T0, T0, T0, T0 + 1):
        cache.get_tick(EXCHANGE, SYMBOL, timestamp)
    assert (cache.get_stats()["hits"], cache.get_stats()["misses"]) == (3, 1)
    assert cache.get_stats()["hit_rate"] == 0.75


def test_errors_are_raised_and_nothing_is_printed(
    cache: TardisTickCache, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UsageError, match=r"price is a complex"):
        cache.store_tick(EXCHANGE, SYMBOL, T0, {"price": 1j})
    with pytest.raises(UsageError, match=r"tick 2 has no timestamp"):
        cache.batch_store(EXCHANGE, SYMBOL, [{"timestamp": T0}, {"price": 1}])
    with pytest.raises(UsageError, match=r"looks like milliseconds"):
        cache.store_tick(EXCHANGE, SYMBOL, T0 // 1000, {})
    with pytest.raises(UsageError, match=r"'tick' is no data type"):
        cache.store_tick(EXCHANGE, SYMBOL, T0, {}, granularity="tick")
    (tmp_path / "broken.db").write_bytes(b"no database" * 100)
    with pytest.raises(DataError, match="is damaged"):
        TardisTickCache(tmp_path / "broken.db")
    assert cache.get_stats()["total_ticks"] == 0
    assert capsys.readouterr() == ("", "")


def test_data_types_are_kept_apart(cache: TardisTickCache) -> None:
    cache.store_tick(EXCHANGE, SYMBOL, T0, {"price": 1})
    cache.store_tick(EXCHANGE, SYMBOL, T0, {"bid": 2}, granularity="quotes")
    assert cache.get_tick(EXCHANGE, SYMBOL, T0) == {"price": 1}
    assert cache.get_tick(EXCHANGE, SYMBOL, T0, granularity="quotes") == {"bid": 2}


def test_the_asynchronous_calls_give_the_same(cache: TardisTickCache) -> None:
    cache.batch_store(EXCHANGE, SYMBOL, _ticks(25))

    async def scenario() -> None:
        frame = await cache.get_range_async(EXCHANGE, SYMBOL, T0, END, 10)
        assert frame["data"].tolist() == _ticks(10)
        assert frame.attrs["next_cursor"] is not None
        got = [tick async for tick in cache.tick_generator(EXCHANGE, SYMBOL, T0, END, chunk_size=7)]
        assert got == _ticks(25)

    asyncio.run(scenario())


def test_without_a_path_the_ticks_lie_in_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TICKREEL_HOME", str(tmp_path / "home"))
    with TardisTickCache(ttl_seconds=60, max_bytes=10**9) as cache:
        cache.store_tick(EXCHANGE, SYMBOL, T0, {})
    with TardisTickCache(read_only=True) as cache:
        assert cache.get_tick(EXCHANGE, SYMBOL, T0) == {}
    assert (tmp_path / "home" / "ticks.sqlite").exists()
