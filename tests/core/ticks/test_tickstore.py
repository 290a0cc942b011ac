"""Ticks by id, time and range; counts, uses, life and budget."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickreel.errors import UsageError
from tickreel.filesystem import Disk
from tickreel.market.types import DatasetKey, DataType
from tickreel.ticks import TickStore, open_ticks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tickreel.ticks import Tick, Value

KEY = DatasetKey("binance-futures", "BTCUSDT", DataType.TRADES)
OTHER = DatasetKey("binance-futures", "BTCUSDT", DataType.QUOTES)
T0 = 1_721_779_200_000_000
END = T0 + 10**9


class Clock(Disk):
    """The disk, at a time that a test chooses."""

    def __init__(self) -> None:
        self.us = 1_722_000_000_000_000

    def now_us(self) -> int:
        return self.us

    def pass_s(self, seconds: float) -> None:
        self.us += round(seconds * 1_000_000)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ticks.sqlite"


@pytest.fixture
def store(path: Path, clock: Clock) -> Iterator[TickStore]:
    with TickStore(path, disk=clock) as opened:
        yield opened


_BATCHES = st.lists(
    st.lists(
        st.tuples(
            st.sampled_from([KEY, OTHER]),
            st.integers(T0, T0 + 4),
            st.sampled_from([0.1, 7.0]).flatmap(
                lambda price: st.builds(lambda n: {"price": price, "id": n}, st.integers(0, 2))
            ),
        ),
        max_size=12,
    ),
    max_size=6,
)


@settings(max_examples=25, deadline=None)
@given(batches=_BATCHES, limit=st.integers(1, 7))
def test_the_store_does_as_a_list_would(
    batches: list[list[tuple[DatasetKey, int, dict[str, Value]]]], limit: int
) -> None:
    model: dict[DatasetKey, list[tuple[int, dict[str, Value]]]] = {KEY: [], OTHER: []}
    with tempfile.TemporaryDirectory() as folder, TickStore(Path(folder) / "t.sqlite") as store:
        for batch in batches:
            for key in (KEY, OTHER):
                ticks = [(time_us, value) for owner, time_us, value in batch if owner == key]
                held = list(model[key])
                new = []
                for tick in ticks:
                    if tick in held:
                        held.remove(tick)
                    else:
                        new.append(tick)
                done = store.batch_store(key, ticks)
                assert (done.stored, done.already_here) == (len(new), len(ticks) - len(new))
                model[key] += new
                got = [store.get(tick_id) for tick_id in done.ids]
                assert [(tick.time_us, tick.value) for tick in got if tick] == ticks
        for key, listed in model.items():
            expected = sorted(listed, key=lambda tick: tick[0])
            assert [(tick.time_us, tick.value) for tick in store.ticks(key, T0, END)] == expected
            paged: list[Tick] = []
            cursor, pages = None, 0
            while True:
                page = store.page(key, T0, END, limit=limit, cursor=cursor)
                paged += page.ticks
                pages += 1
                assert len(page.ticks) <= limit
                cursor = page.next_cursor
                if cursor is None:
                    break
            assert [(tick.time_us, tick.value) for tick in paged] == expected
            assert pages == max(1, -(-len(expected) // limit))
            for time_us in range(T0, T0 + 5):
                at = store.at(key, time_us)
                assert [tick.value for tick in at] == [value for at_us, value in expected if at_us == time_us]
                assert [tick.sequence for tick in at] == list(range(len(at)))
        stats = store.stats()
        assert stats.ticks == sum(map(len, model.values()))
        held_rows = store._file.rows("SELECT count(*), sum(raw_bytes), sum(length(value)) FROM tick")[0]
        assert (stats.ticks, stats.raw_bytes or None, stats.value_bytes or None) == held_rows


def test_a_range_is_half_open_and_knows_nothing_of_other_datasets(store: TickStore) -> None:
    store.batch_store(KEY, [(T0 + offset, {"n": offset}) for offset in range(10)])
    store.store(OTHER, T0 + 5, {"n": "other"})
    assert [tick.value["n"] for tick in store.ticks(KEY, T0 + 2, T0 + 5)] == [2, 3, 4]
    assert store.page(KEY, T0 + 5, T0 + 5).ticks == ()
    nothing = store.page(DatasetKey("x", "y", DataType.TRADES), T0, END)
    assert (nothing.ticks, nothing.next_cursor) == ((), None)


def test_ticks_that_arrive_behind_a_cursor_are_met_and_none_twice(store: TickStore) -> None:
    store.batch_store(KEY, [(T0, {"n": 0}), (T0, {"n": 1}), (T0 + 9, {"n": 3})])
    page = store.page(KEY, T0, END, limit=2)
    store.batch_store(KEY, [(T0, {"n": 2}), (T0 - 1, {"n": "before"})])
    rest = store.page(KEY, T0, END, cursor=page.next_cursor)
    assert [tick.value["n"] for tick in page.ticks + rest.ticks] == [0, 1, 2, 3]


@pytest.mark.parametrize("cursor", ["", "5", "x:1", f"{T0 - 1}:0", f"{END}:0", f"{T0}:-1", f"{T0}:1; DROP"])
def test_a_cursor_of_another_range_or_none_at_all_is_refused(store: TickStore, cursor: str) -> None:
    with pytest.raises(UsageError, match="no cursor of this range"):
        store.page(KEY, T0, END, cursor=cursor)


def test_a_batch_with_one_bad_tick_stores_none_and_names_it(store: TickStore) -> None:
    with pytest.raises(UsageError, match=r"tick 2: price is a complex"):
        store.batch_store(KEY, [(T0, {"price": 1}), (T0, {"price": 1j})])  # type: ignore[dict-item]
    with pytest.raises(UsageError, match=r"tick 1: .*looks like milliseconds"):
        store.batch_store(KEY, [(T0 // 1000, {})])
    assert store.stats().ticks == 0
    assert store.batch_store(KEY, []).stored == 0


def test_the_compression_ratio_is_that_of_the_file(store: TickStore) -> None:
    assert store.stats().compression_ratio is None
    ticks: list[tuple[int, dict[str, Value]]] = [
        (
            T0 + n,
            {
                "exchange": "binance-futures",
                "symbol": "BTCUSDT",
                "id": str(123_456 + n),
                "side": "buy",
                "price": 65000.5 + n,
            },
        )
        for n in range(500)
    ]
    store.batch_store(KEY, ticks)
    stats = store.stats()
    ((raw, packed),) = store._file.rows("SELECT sum(raw_bytes), sum(length(value)) FROM tick")
    assert stats.compression_ratio == raw / packed
    assert raw / packed > 2, "compression that is promised is there"
    ((text,),) = store._file.rows("SELECT value FROM tick ORDER BY id DESC LIMIT 1")
    assert b"binance-futures" not in text


def test_hits_misses_and_last_use_are_counted_and_kept(path: Path, clock: Clock) -> None:
    with TickStore(path, disk=clock) as store:
        assert store.stats().hit_rate is None
        (tick_id,) = store.store(KEY, T0, {"a": 1}).ids
        clock.pass_s(5)
        store.at(KEY, T0)
        got = store.get(tick_id)
        assert store.get(tick_id + 1) is None
        store.at(KEY, T0 + 1)
        store.page(KEY, T0 + 1, END)
        assert got is not None
        assert (got.hits, got.last_used_us, got.stored_us) == (1, clock.us, clock.us - 5_000_000)
        assert (store.stats().hits, store.stats().misses, store.stats().hit_rate) == (2, 3, 0.4)
    with TickStore(path, disk=clock) as store:
        assert (store.stats().hits, store.stats().misses) == (2, 3)
        got = store.get(tick_id)
        assert got is not None
        assert (got.hits, got.last_used_us) == (2, clock.us)


def test_reads_do_not_write_until_there_is_much_to_write(store: TickStore) -> None:
    ids = store.batch_store(KEY, [(T0 + n, {"n": n}) for n in range(4096)]).ids
    version = store._file.rows("PRAGMA data_version")
    for tick_id in ids[:-1]:
        store.get(tick_id)
    list(store.ticks(KEY, T0, END))
    assert store._file.rows("PRAGMA data_version") == version
    store.get(ids[-1])
    assert store._file.rows("PRAGMA data_version") != version
    assert store._file.rows("SELECT sum(hits) FROM tick") == [(4096,)]


def test_a_tick_whose_time_is_over_is_not_served_and_may_be_stored_again(
    store: TickStore, clock: Clock
) -> None:
    (tick_id,) = store.store(KEY, T0, {"a": 1}, ttl_s=10).ids
    store.store(KEY, T0 + 1, {"a": 2})
    clock.pass_s(9.999999)
    assert store.get(tick_id) is not None
    clock.pass_s(0.000001)
    assert store.get(tick_id) is None
    assert store.at(KEY, T0) == ()
    assert [tick.value for tick in store.ticks(KEY, T0, END)] == [{"a": 2}]
    assert (store.stats().ticks, store.stats().expired_ticks) == (1, 1)
    assert store.store(KEY, T0, {"a": 1}).stored == 1
    assert (store.stats().ticks, store.stats().expired_ticks) == (2, 1)
    assert store.expire().ticks == 0


def test_time_that_jumps_back_revives_nothing(path: Path, clock: Clock) -> None:
    with TickStore(path, disk=clock, ttl_s=10) as store:
        store.store(KEY, T0, {"a": 1})
        clock.pass_s(11)
        assert store.at(KEY, T0) == ()
        clock.pass_s(-3600)
        assert store.at(KEY, T0) == ()
        clock.pass_s(3600)
        store.store(KEY, T0 + 1, {"a": 2})
        clock.pass_s(-3600)
        (tick,) = store.at(KEY, T0 + 1)
        assert tick.expires_us == clock.us + 3_610_000_000
    with TickStore(path, disk=clock, ttl_s=10) as store:  # a new process has no memory but the file
        assert store.at(KEY, T0) == ()
        assert len(store.at(KEY, T0 + 1)) == 1
        store.store(KEY, T0 + 2, {"a": 3})
        clock.pass_s(3609)
        assert len(store.at(KEY, T0 + 2)) == 1, "a clock behind shortens no life"


def test_storing_a_held_tick_again_renews_its_life(store: TickStore, clock: Clock) -> None:
    store.store(KEY, T0, {"a": 1}, ttl_s=10)
    store.store(KEY, T0 + 1, {"a": 1}, ttl_s=10)
    clock.pass_s(5)
    assert store.store(KEY, T0, {"a": 1}, ttl_s=10).already_here == 1
    assert store.store(KEY, T0 + 1, {"a": 1}).already_here == 1
    clock.pass_s(7)
    assert len(store.at(KEY, T0)) == 1
    clock.pass_s(1000)
    assert store.at(KEY, T0) == ()
    assert len(store.at(KEY, T0 + 1)) == 1


@pytest.mark.parametrize("ttl_s", [0, -1, float("nan"), float("inf")])
def test_a_life_that_is_none_is_refused(store: TickStore, ttl_s: float) -> None:
    with pytest.raises(UsageError, match="time to live"):
        store.store(KEY, T0, {}, ttl_s=ttl_s)


def test_over_its_budget_the_store_evicts_what_was_used_longest_ago(path: Path, clock: Clock) -> None:
    with TickStore(path, disk=clock) as store:
        for batch in range(10):
            clock.pass_s(1)
            store.batch_store(
                KEY, [(T0 + batch * 1000 + n, {"n": n, "text": f"{n:0200x}"}) for n in range(1000)]
            )
        clock.pass_s(1)
        kept = store.at(KEY, T0)[0].id
        before = store.stats()
        removed = store.evict(before.used_bytes // 2)
        after = store.stats()
        assert after.used_bytes <= before.used_bytes // 2
        assert removed.ticks == before.ticks - after.ticks == after.evicted_ticks
        assert removed.value_bytes == before.value_bytes - after.value_bytes
        assert store.get(kept) is not None, "it was read last"
        assert [tick.time_us for tick in store.ticks(KEY, T0, T0 + 3000)] == [T0]
        assert len(list(store.ticks(KEY, T0 + 9000, T0 + 10_000))) == 1000
    assert path.stat().st_size < before.used_bytes * 0.7, "the file shrinks as well"


def test_a_budget_is_kept_by_every_write(path: Path, clock: Clock) -> None:
    with TickStore(path, disk=clock, budget_bytes=600_000) as store:
        evicted = 0
        for batch in range(12):
            clock.pass_s(1)
            done = store.batch_store(
                KEY, [(T0 + batch * 500 + n, {"n": n, "text": f"{n:0300x}"}) for n in range(500)]
            )
            evicted += done.evicted.ticks
            assert store.stats().used_bytes <= 600_000
        assert evicted == store.stats().evicted_ticks > 0
        assert store.stats().ticks == 12 * 500 - evicted
    with pytest.raises(UsageError, match="holds nothing"):
        TickStore(path, budget_bytes=0)


def test_the_asynchronous_calls_leave_the_loop_free(store: TickStore) -> None:
    async def scenario() -> int:
        turns = 0
        running = True

        async def turn() -> None:
            nonlocal turns
            while running:
                turns += 1
                await asyncio.sleep(0)

        other = asyncio.create_task(turn())
        done = await store.abatch_store(KEY, [(T0 + n, {"n": n}) for n in range(2000)])
        assert turns > 1
        got_one = await store.aget(done.ids[7])
        assert got_one is not None
        assert got_one.value == {"n": 7}
        assert [tick.value["n"] for tick in await store.aat(KEY, T0 + 3)] == [3]
        assert len((await store.apage(KEY, T0, END, limit=10)).ticks) == 10
        got = [tick.value["n"] async for tick in store.aticks(KEY, T0, END, page_ticks=300)]
        assert got == list(range(2000))
        running = False
        await other
        return turns

    assert asyncio.run(scenario()) > 1


def test_the_store_of_a_home_lies_in_it(tmp_path: Path) -> None:
    with open_ticks(tmp_path / "home") as store:
        store.store(KEY, "2024-07-24T00:00:00Z", {})
        assert store.path == tmp_path / "home" / "ticks.sqlite"
        assert len(store.at(KEY, T0)) == 1
