"""Ranges, holes, and the book that is carried into a day, a part, an instant."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
from support.dictbook import DictBook, Row
from support.realdata import real_data
from support.vendorfiles import MIXED, START_US, l2_line, line, write_csv

from tickreel.errors import DataError, NotHeldError, UsageError
from tickreel.filesystem import Disk
from tickreel.market.time import US_PER_DAY, day_of
from tickreel.market.types import SCHEMAS, DatasetKey, DataType
from tickreel.replay import Replay
from tickreel.store import Cache, ImportRequest, Selection, open_cache
from tickreel.store.library.booktime import book_at
from tickreel.store.model import DayRange
from tickreel.store.segments import KeyframeWriter, writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from tickreel.store import Part

L2 = DataType.INCREMENTAL_BOOK_L2
TRADES = DataType.TRADES
EXCHANGE = "binance-futures"
NAME = (EXCHANGE, "BTCUSDT")
HOUR_US = 3_600_000_000
EMPTY_HASH = DictBook().state_hash()


@pytest.fixture
def cache(home: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        yield opened


def at(day: int, offset_us: int) -> int:
    return START_US + day * US_PER_DAY + offset_us


def snapshot(local_us: int, bid: float, ask: float) -> list[Row]:
    return [Row(local_us, True, "bid", bid, 1.0), Row(local_us, True, "ask", ask, 1.0)]


def update(local_us: int, side: str, price: float, amount: float = 2.0) -> Row:
    return Row(local_us, False, side, price, amount)


class Shelf:
    """Files of a test, each imported as it is written."""

    def __init__(self, cache: Cache, folder: Path) -> None:
        self._cache = cache
        self._folder = folder
        self._files = 0

    def put(
        self,
        rows: Iterable[Row],
        *,
        complete: bool = False,
        symbol: str | None = None,
        symbols: Sequence[str] = (),
    ) -> None:
        lines = [
            l2_line(
                row.local_us,
                row.side,
                repr(row.price),
                repr(row.amount),
                snapshot=row.is_snapshot,
                symbol=symbols[n] if symbols else "BTCUSDT",
            )
            for n, row in enumerate(rows)
        ]
        self.put_lines(L2, lines, complete=complete, symbol=symbol)

    def put_lines(
        self, data_type: DataType, lines: Iterable[str], *, complete: bool = False, symbol: str | None = None
    ) -> None:
        self._files += 1
        path = write_csv(self._folder / f"{self._files}.csv", data_type, lines)
        self._cache.import_file(path, type=data_type, complete=complete, symbol=symbol)

    def put_empty_day(self, day: int) -> None:
        self._files += 1
        path = write_csv(self._folder / f"{self._files}.csv", L2, [])
        self._cache.import_file(path, type=L2, exchange=EXCHANGE, symbol="BTCUSDT", day=day_of(at(day, 0)))


@pytest.fixture
def shelf(cache: Cache, tmp_path: Path) -> Shelf:
    return Shelf(cache, tmp_path)


def hash_at(cache: Cache, at_us: int, symbol: str = "BTCUSDT") -> str:
    return cache.book(EXCHANGE, symbol, at_us).state_hash()


def plain_hash(*rows: Row) -> str:
    return DictBook().apply(rows).state_hash()


def set_state(cache: Cache, day: int, state: str) -> None:
    """Turn a recorded day into one that nothing in this version makes yet."""
    with sqlite3.connect(cache.home / "catalog.sqlite") as connection:
        changed = connection.execute(
            "UPDATE day SET state = ? WHERE day = ?", (state, day_of(at(day, 0)).isoformat())
        )
        assert changed.rowcount == 1
    connection.close()


FIRST = [*snapshot(at(0, 5 * HOUR_US), 10, 11), update(at(0, 6 * HOUR_US), "bid", 9)]


@pytest.mark.parametrize("complete", [True, False], ids=["present", "partial"])
def test_the_book_is_carried_over_midnight_from_a_day_that_is_held(
    cache: Cache, shelf: Shelf, complete: bool
) -> None:
    later = [update(at(1, 10), "ask", 12), update(at(1, 20), "bid", 10, 0.0)]
    shelf.put(FIRST, complete=complete)
    shelf.put(later, complete=complete)
    assert hash_at(cache, at(0, US_PER_DAY - 1)) == plain_hash(*FIRST)
    assert hash_at(cache, at(1, 0)) == plain_hash(*FIRST), "at midnight, before any row of the day"
    assert hash_at(cache, at(1, 9)) == plain_hash(*FIRST)
    assert hash_at(cache, at(1, 10)) == plain_hash(*FIRST, later[0])
    assert hash_at(cache, at(1, 15)) == plain_hash(*FIRST, later[0])
    assert hash_at(cache, at(1, 20)) == plain_hash(*FIRST, *later)
    assert cache.book(*NAME, at(1, 5)).message_us == at(0, 6 * HOUR_US)


def test_a_row_at_midnight_belongs_to_the_day_that_begins(cache: Cache, shelf: Shelf) -> None:
    shelf.put(FIRST)
    shelf.put([update(at(1, 0), "bid", 8)])
    assert hash_at(cache, at(0, US_PER_DAY - 1)) == plain_hash(*FIRST)
    assert hash_at(cache, at(1, 0)) == plain_hash(*FIRST, update(at(1, 0), "bid", 8))


def test_the_book_is_carried_over_several_days_and_a_day_without_rows(cache: Cache, shelf: Shelf) -> None:
    shelf.put(FIRST)
    shelf.put_empty_day(1)
    shelf.put([update(at(2, 10), "bid", 8)])
    for at_us in (at(1, 0), at(1, HOUR_US), at(2, 0), at(2, 9)):
        assert hash_at(cache, at_us) == plain_hash(*FIRST)
    assert hash_at(cache, at(2, 10)) == plain_hash(*FIRST, update(at(2, 10), "bid", 8))
    found = book_at(cache.library, cache.book_selection(*NAME), at(1, HOUR_US))
    assert found.covered, "a day without rows is held as a whole"


@pytest.mark.parametrize("state", ["missing", "absent", "pending", "damaged"])
def test_no_book_is_carried_over_a_day_that_is_not_held(cache: Cache, shelf: Shelf, state: str) -> None:
    last = [update(at(2, 10), "bid", 8), *snapshot(at(2, 20), 5, 6), update(at(2, 30), "bid", 4)]
    shelf.put(FIRST)
    if state != "missing":
        shelf.put([update(at(1, 10), "bid", 7)])
        set_state(cache, 1, state)
    shelf.put(last)
    with pytest.raises(NotHeldError, match=rf"2024-07-24 is not held \({state}\)"):
        cache.book(*NAME, at(1, HOUR_US))
    assert hash_at(cache, at(2, 0)) == EMPTY_HASH
    assert hash_at(cache, at(2, 10)) == EMPTY_HASH, "before a snapshot nothing is applied"
    assert cache.book(*NAME, at(2, 10)).message_us == at(2, 10)
    assert hash_at(cache, at(2, 20)) == plain_hash(*last[1:3])
    assert hash_at(cache, at(2, 30)) == plain_hash(*last[1:])


def test_the_book_is_carried_from_part_to_part_of_a_day(cache: Cache, shelf: Shelf) -> None:
    rows = [
        *snapshot(at(0, 10), 10, 11),
        update(at(0, 20), "bid", 9),
        update(at(0, 30), "bid", 8),
        update(at(0, 40), "ask", 12),
    ]
    shelf.put(rows[3:4])
    shelf.put(rows[:3])
    shelf.put(rows[4:])
    (day,) = cache.days(*NAME, L2)
    assert [part.rows for part in day.parts] == [3, 1, 1], "in time order, however they came"
    selection = cache.book_selection(*NAME)
    for at_us in range(at(0, 0), at(0, 50)):
        found = book_at(cache.library, selection, at_us)
        assert found.book.state_hash() == plain_hash(*(row for row in rows if row.local_us <= at_us))
        assert found.covered == (at(0, 10) <= at_us <= at(0, 20) or at_us in (at(0, 30), at(0, 40)))


def test_nothing_before_a_part_that_opens_with_a_snapshot_is_read(cache: Cache, shelf: Shelf) -> None:
    later = [*snapshot(at(1, 10), 20, 21), update(at(1, 20), "bid", 19)]
    shelf.put(FIRST)
    shelf.put(later)
    held = cache.days(*NAME, L2)
    first_id = held[0].parts[0].segment_id
    cache.library.close()  # a file that is still open can be read on
    (cache.home / "segments" / first_id[:2] / f"{first_id}.tick").unlink()
    assert hash_at(cache, at(1, 20)) == plain_hash(*later)
    with pytest.raises(DataError, match=f"BTCUSDT incremental_book_L2 2024-07-23 is damaged.*{first_id}"):
        cache.book(*NAME, at(1, 9))
    with pytest.raises(NotHeldError, match=r"2024-07-23 is not held \(damaged\)"):
        cache.book(*NAME, at(0, 7 * HOUR_US))


def test_a_book_says_how_it_was_reached(cache: Cache, shelf: Shelf) -> None:
    shelf.put(FIRST, complete=True)
    shelf.put([update(at(1, HOUR_US), "bid", 8), update(at(1, 2 * HOUR_US), "bid", 7)])
    selection = cache.book_selection(*NAME)
    covered = {
        at_us: book_at(cache.library, selection, at_us)
        for at_us in (at(0, 0), at(1, 0), at(1, HOUR_US), at(1, 2 * HOUR_US), at(1, 2 * HOUR_US + 1))
    }
    assert [found.covered for found in covered.values()] == [True, False, True, True, False]
    assert [found.rows_applied for found in covered.values()] == [0, 3, 4, 5, 5]
    assert covered[at(0, 0)].book.message_us is None
    assert covered[at(0, 0)].keyframe_us is None


def keep_books(cache: Cache, part: Part, *times_us: int) -> Path:
    """Store whole books beside a part in place of those that its import may have made."""
    path = cache.home / "segments" / part.segment_id[:2] / f"{part.segment_id}.keys"
    books = {local_us: cache.book(*NAME, local_us) for local_us in times_us}
    path.unlink(missing_ok=True)
    keyframes = KeyframeWriter(Disk(), path)
    for local_us, book in books.items():
        keyframes.add(local_us, book.bids, book.asks)
    record_keyframes(cache, part, keyframes.seal())
    return path


def record_keyframes(cache: Cache, part: Part, size: int) -> None:
    with sqlite3.connect(cache.home / "catalog.sqlite") as connection:
        connection.execute("UPDATE segment SET keyframe_bytes = ? WHERE id = ?", (size, part.segment_id))
    connection.close()


@pytest.fixture
def long_day(cache: Cache, shelf: Shelf) -> list[Row]:
    """Hold a day of two parts, and a next day that opens with no snapshot."""
    rows = [*snapshot(at(0, 10), 10, 11)]
    rows += [update(at(0, 20 + n), "bid", 9 - n % 5, float(n % 3)) for n in range(40)]
    rows += snapshot(at(0, 70), 9, 12)
    rows += [update(at(0, 80 + n), "ask", 13 + n % 7, float(n % 4)) for n in range(40)]
    rows += [update(at(1, 10 * n), "bid", 5 + n % 3, float(n % 2)) for n in range(10)]
    for own in (rows[:42], rows[42:84], rows[84:]):
        shelf.put(own)
    for day in cache.days(*NAME, L2):
        for part in day.parts:
            record_keyframes(cache, part, 0)
    return rows


def test_a_book_is_the_same_with_keyframes_and_without(cache: Cache, long_day: list[Row]) -> None:
    selection = cache.book_selection(*NAME)
    instants = [*range(at(0, 0), at(0, 130)), *range(at(1, 0), at(1, 100), 3)]
    without = {at_us: book_at(cache.library, selection, at_us) for at_us in instants}
    first, second = cache.days(*NAME, L2)[0].parts
    keep_books(cache, first, at(0, 10), at(0, 41))
    keep_books(cache, second, at(0, 95), at(0, 118))
    for at_us, found in without.items():
        book = book_at(cache.library, selection, at_us)
        assert book.book.state_hash() == found.book.state_hash()
        assert book.book.state_hash() == plain_hash(*(row for row in long_day if row.local_us <= at_us))
        assert book.book.message_us == found.book.message_us
        assert found.keyframe_us is None
        wanted = [us for us in (at(0, 10), at(0, 41), at(0, 95), at(0, 118)) if us <= at_us]
        if at(0, 70) <= at_us < at(0, 95):
            wanted = []  # the second part opens with a snapshot: nothing before it matters
        assert book.keyframe_us == (wanted[-1] if wanted else None)
        since_us = book.keyframe_us or (at(0, 70) - 1 if at_us >= at(0, 70) else 0)
        assert book.rows_applied == sum(since_us < row.local_us <= at_us for row in long_day)


def test_a_replay_starts_from_the_nearest_keyframe(cache: Cache, long_day: list[Row]) -> None:
    plain = Replay(cache, [NAME], at(0, 100), at(1, 50)).advance_to_end()
    second = cache.days(*NAME, L2)[0].parts[1]
    keep_books(cache, second, at(0, 95))
    session = Replay(cache, [NAME], at(0, 100), at(1, 50))
    again = session.advance_to_end()
    assert [one.totals for one in again.symbols] == [one.totals for one in plain.symbols]
    assert again.symbols[0].book is not None
    assert plain.symbols[0].book is not None
    assert again.symbols[0].book.state_hash() == plain.symbols[0].book.state_hash()


@pytest.mark.logs_warnings
@pytest.mark.parametrize("harm", ["gone", "damaged"])
def test_keyframes_that_cannot_be_read_are_done_without(
    cache: Cache, long_day: list[Row], harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    second = cache.days(*NAME, L2)[0].parts[1]
    path = keep_books(cache, second, at(0, 95))
    if harm == "gone":
        path.unlink()
    else:
        data = bytearray(path.read_bytes())
        data[len(data) // 3] ^= 1
        path.write_bytes(data)
    found = book_at(cache.library, cache.book_selection(*NAME), at(0, 110))
    assert found.keyframe_us is None
    assert found.book.state_hash() == plain_hash(*(row for row in long_day if row.local_us <= at(0, 110)))
    assert "read on without keyframes" in caplog.text


def test_each_instrument_of_a_group_has_its_own_book(cache: Cache, shelf: Shelf) -> None:
    rows = [
        Row(at(0, 10), True, "bid", 1.0, 1.0),  # A
        Row(at(0, 10), True, "bid", 100.0, 1.0),  # B
        Row(at(0, 10), True, "ask", 2.0, 1.0),  # A, still the same snapshot
        Row(at(0, 20), False, "bid", 99.0, 1.0),  # B
        Row(at(0, 30), True, "bid", 3.0, 1.0),  # A
    ]
    symbols = ["A", "B", "A", "B", "A"]
    shelf.put(rows, symbol="FUTURES", symbols=symbols)
    shelf.put([update(at(1, 5), "bid", 98.0)], symbol="FUTURES", symbols=["B"])
    for symbol in "AB":
        own = [row for row, name in zip(rows, symbols, strict=True) if name == symbol]
        for at_us in (at(0, 9), at(0, 10), at(0, 20), at(0, 30), at(1, 0)):
            wanted = plain_hash(*(row for row in own if row.local_us <= at_us))
            assert hash_at(cache, at_us, symbol) == wanted
    assert cache.book(EXCHANGE, "B", at(1, 5)).best_bid == (100.0, 1.0)
    assert cache.book(EXCHANGE, "B", at(1, 5)).levels == (3, 0)
    with pytest.raises(UsageError, match="group with one book per instrument: name one of A, B"):
        cache.book(EXCHANGE, "FUTURES", at(0, 10))
    with pytest.raises(NotHeldError, match="nothing is held of binance-futures C"):
        cache.book(EXCHANGE, "C", at(0, 10))


def test_a_range_lists_its_parts_its_holes_and_where_no_book_is_carried(cache: Cache, shelf: Shelf) -> None:
    for day in (0, 2, 3, 5):
        shelf.put([update(at(day, HOUR_US), "bid", 1), update(at(day, 2 * HOUR_US), "bid", 1)])
    set_state(cache, 2, "absent")
    set_state(cache, 3, "damaged")
    plan = cache.library.plan(Selection(DatasetKey(*NAME, L2)), at(0, 0), at(6, 0))
    assert [part.day.day for part in plan.parts] == [23, 28]
    assert [(hole.day.day, hole.state.value) for hole in plan.missing] == [
        (24, "missing"),
        (26, "damaged"),
        (27, "missing"),
    ]
    assert list(plan.breaks_us) == [at(1, 0), at(2, 0), at(3, 0), at(4, 0)]
    inside = cache.library.plan(plan.selection, at(1, 1), at(3, 0))
    assert [hole.day.day for hole in inside.missing] == [24]
    assert list(inside.breaks_us) == [at(2, 0)]
    from_midnight = cache.library.plan(plan.selection, at(1, 0), at(1, 5))
    assert list(from_midnight.breaks_us) == [at(1, 0)]
    nothing = cache.library.plan(plan.selection, at(1, 5), at(1, 5))
    assert (nothing.parts, nothing.missing, nothing.breaks_us) == ((), (), ())
    edge = cache.library.plan(plan.selection, at(0, 2 * HOUR_US + 1), at(1, 0))
    assert edge.parts == (), "a part ends after its last row"


def test_missing_days_are_refused_before_the_first_row(cache: Cache, shelf: Shelf) -> None:
    shelf.put(FIRST)
    shelf.put([update(at(3, 5), "bid", 1)])
    for read in (cache.batches, cache.arrow, cache.frame):
        with pytest.raises(NotHeldError, match=r"2 days are missing: .*2024-07-24.*2024-07-25.*missing"):
            read(*NAME, L2, at(0, 0), at(4, 0))
        with pytest.raises(NotHeldError, match=r"1 day is missing: .*2024-07-24"):
            read(*NAME, L2, at(0, 0), at(1, 1))
    assert cache.arrow(*NAME, L2, at(0, 0), at(1, 0)).num_rows == 3, "midnight itself touches no further day"
    assert cache.arrow(*NAME, L2, at(0, 0), at(4, 0), allow_missing=True).num_rows == 4


def test_an_absent_day_is_no_hole(cache: Cache, shelf: Shelf) -> None:
    for day in (0, 1, 2):
        shelf.put([update(at(day, HOUR_US), "bid", 1)])
    set_state(cache, 1, "absent")
    assert cache.arrow(*NAME, L2, at(0, 0), at(3, 0)).num_rows == 2


@pytest.mark.parametrize("chunk_rows", [2, 16_384])
def test_any_range_over_parts_and_days_is_what_a_plain_filter_gives(
    cache: Cache, shelf: Shelf, monkeypatch: pytest.MonkeyPatch, chunk_rows: int
) -> None:
    monkeypatch.setattr(writer, "CHUNK_ROWS", chunk_rows)
    rows = [update(at(day, offset), "bid", 1 + offset) for day in (0, 1) for offset in (0, 1, 1, 5, 6, 6, 9)]
    for low, high in pairwise([0, 3, 6, 8, 11, 14]):
        shelf.put(rows[low:high])
    points = sorted({row.local_us + shift for row in rows for shift in (0, 1)})
    prices = [row.price for row in rows]
    everything = cache.arrow(*NAME, L2, points[0], points[-1])
    assert everything["price"].to_pylist() == prices
    for start_us in points:
        for end_us in points:
            if end_us < start_us:
                continue
            wanted = [row.price for row in rows if start_us <= row.local_us < end_us]
            found = cache.arrow(*NAME, L2, start_us, end_us, columns=["price"])
            assert found["price"].to_pylist() == wanted


def test_batches_are_as_long_as_asked_and_frames_and_tables_have_the_vendors_columns(
    cache: Cache, shelf: Shelf
) -> None:
    shelf.put_lines(TRADES, MIXED[TRADES], complete=True)
    span = (at(0, 0), at(1, 0))
    batches = list(cache.batches(*NAME, TRADES, *span, rows=2))
    assert [batch.num_rows for batch in batches] == [2, 1]
    table = cache.arrow(*NAME, TRADES, *span)
    assert table.equals(pa.Table.from_batches(batches))
    assert tuple(table.column_names) == SCHEMAS[TRADES].names
    assert {str(table[name].type) for name in ("exchange", "symbol", "id", "side")} == {"string"}
    assert {str(table[name].type) for name in ("timestamp", "local_timestamp")} == {"int64"}
    assert table["price"].null_count == 1
    frame = cache.frame(*NAME, TRADES, *span)
    assert list(frame.columns) == table.column_names
    assert frame["price"].isna().tolist() == [False, True, False]
    assert frame["local_timestamp"].dtype == "int64"
    assert cache.frame(*NAME, TRADES, *span, columns=["side", "price"]).columns.tolist() == ["side", "price"]
    assert cache.arrow(*NAME, TRADES, at(0, 0), at(0, 0)).num_rows == 0
    with pytest.raises(UsageError, match="no column colour"):
        cache.batches(*NAME, TRADES, *span, columns=["colour"])
    with pytest.raises(UsageError, match="no column 7"):
        cache.arrow(*NAME, TRADES, *span, columns=[7])  # type: ignore[list-item]
    with pytest.raises(UsageError, match="a list of names, not as 'price'"):
        cache.arrow(*NAME, TRADES, *span, columns="price")
    with pytest.raises(UsageError, match="at least one row"):
        cache.batches(*NAME, TRADES, *span, rows=0)
    for rows in (2.5, "2", None):
        with pytest.raises(UsageError, match=f"a whole number of rows, not {rows!r}"):
            cache.batches(*NAME, TRADES, *span, rows=rows)  # type: ignore[arg-type]
    two = np.int16(2)
    assert [len(batch) for batch in cache.batches(*NAME, TRADES, *span, rows=two)] == [2, 1]  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="not a data type"):
        cache.arrow(*NAME, "candles", *span)


def test_a_missing_integer_is_null_and_na(cache: Cache, shelf: Shelf) -> None:
    kind = DataType.DERIVATIVE_TICKER
    shelf.put_lines(kind, MIXED[kind], complete=True)
    span = (at(0, 0), at(1, 0))
    assert cache.arrow(*NAME, kind, *span)["funding_timestamp"].to_pylist()[1] is None
    frame = cache.frame(*NAME, kind, *span)
    assert str(frame["funding_timestamp"].dtype) == "Int64"
    assert frame["funding_timestamp"].isna().tolist() == [False, True]
    assert frame["open_interest"].isna().tolist() == [False, True]


def test_batches_come_without_blocking_a_loop(cache: Cache, shelf: Shelf) -> None:
    shelf.put([update(at(0, n), "bid", n) for n in range(100)], complete=True)

    async def read() -> list[float]:
        batches = cache.abatches(*NAME, L2, at(0, 0), at(1, 0), columns=["price"], rows=7)
        return [price async for batch in batches for price in batch.column(0).to_pylist()]

    assert asyncio.run(read()) == [float(n) for n in range(100)]


def test_one_instrument_of_a_group_is_read_by_its_own_name(cache: Cache, shelf: Shelf) -> None:
    lines = [line(TRADES, at(0, n), symbol="AB"[n % 2], price=str(n)) for n in range(10)]
    shelf.put_lines(TRADES, lines, complete=True, symbol="FUTURES")
    for symbol, prices in (("A", [0, 2, 4, 6, 8]), ("B", [1, 3, 5, 7, 9])):
        table = cache.arrow(EXCHANGE, symbol, TRADES, at(0, 0), at(1, 0), columns=["price", "symbol"])
        assert table.column_names == ["price", "symbol"]
        assert table["price"].to_pylist() == prices
        assert set(table["symbol"].to_pylist()) == {symbol}
    assert cache.arrow(EXCHANGE, "FUTURES", TRADES, at(0, 0), at(1, 0)).num_rows == 10


def test_a_name_that_is_not_held_is_told_what_is(cache: Cache, shelf: Shelf) -> None:
    shelf.put(FIRST)
    for name, hint in (
        ((EXCHANGE, "BTCUSDT", TRADES), "of binance-futures BTCUSDT there are incremental_book_L2"),
        (("binance", "btcusdt", L2), "did you mean binance-futures BTCUSDT"),
        (("kraken", "XBT", L2), "tickreel datasets"),
    ):
        with pytest.raises(NotHeldError, match=hint):
            cache.arrow(*name, at(0, 0), at(1, 0))


def test_an_open_reader_goes_on_while_its_day_is_replaced(cache: Cache, shelf: Shelf, tmp_path: Path) -> None:
    shelf.put([update(at(0, n), "bid", 1) for n in range(10)])
    reader = cache.batches(*NAME, L2, at(0, 0), at(1, 0), columns=["price"], rows=3)
    read = next(reader)["price"].to_pylist()
    other = write_csv(tmp_path / "other.csv", L2, [l2_line(at(0, 5), "bid", "2", "1")])
    cache.import_file(other, replace=True)
    read += [price for batch in reader for price in batch["price"].to_pylist()]
    assert read == [1.0] * 10
    assert cache.arrow(*NAME, L2, at(0, 0), at(1, 0))["price"].to_pylist() == [2.0]


def usage(cache: Cache) -> tuple[int, int]:
    """Write down what was counted; give hits and misses so far."""
    cache.close()
    with open_cache(cache.home, read_only=True) as reader:
        local = reader.life.statistics().local
    return local.hits, local.misses


@pytest.mark.parametrize(
    ("read", "missed"),
    [
        (lambda cache: cache.arrow(EXCHANGE, "ETHUSDT", L2, at(0, 0), at(3, 0)), 3),
        (lambda cache: cache.frame(*NAME, TRADES, at(0, 5), at(0, 6)), 1),
        (lambda cache: cache.batches(*NAME, L2, at(0, 0), at(4, 1)), 4),
        (lambda cache: cache.book(EXCHANGE, "ETHUSDT", at(0, 0)), 1),
        (lambda cache: cache.book(*NAME, at(3, 0)), 1),
        (lambda cache: cache.bbo(EXCHANGE, "ETHUSDT", at(0, 0), at(2, 0)), 2),
        (lambda cache: cache.bbo(*NAME, at(0, 0), at(2, 0)), 1),
    ],
    ids=["no dataset", "no type", "some days", "no book", "no day of a book", "no bbo", "no day of a bbo"],
)
def test_a_day_that_is_asked_for_and_not_held_is_a_miss(
    cache: Cache, shelf: Shelf, read: Callable[[Cache], object], missed: int
) -> None:
    shelf.put(FIRST)
    with pytest.raises(NotHeldError):
        read(cache)
    assert usage(cache) == (0, missed)


def test_each_day_that_a_read_is_served_from_is_a_hit(cache: Cache, shelf: Shelf) -> None:
    shelf.put(FIRST)
    shelf.put([update(at(1, 5), "bid", 8)])
    cache.arrow(*NAME, L2, at(0, 0), at(4, 0), allow_missing=True)  # 2 hits, 2 misses
    next(cache.batches(*NAME, L2, at(0, 0), at(2, 0), rows=1))  # begun, but never ended
    cache.book(*NAME, at(1, 0))
    for _ in range(2):  # made from the rows of both days, then mapped
        cache.bbo(*NAME, at(0, 0), at(2, 0))
    cache.library.select(*NAME, L2)
    assert usage(cache) == (2 + 1 + 1 + 2 + 2, 2)


def test_a_missing_day_is_told_in_words_that_hold_for_the_call(cache: Cache, shelf: Shelf) -> None:
    shelf.put(FIRST)
    both = r"missing\); import or fetch it, or read over the gap with --allow-missing \(in Python "
    both += r"allow_missing=True\)$"
    with pytest.raises(NotHeldError, match=both):
        cache.arrow(*NAME, L2, at(0, 0), at(2, 0))
    with pytest.raises(NotHeldError, match=r"2 days are .*\(missing\); import or fetch them$"):
        cache.bbo(*NAME, at(0, 0), at(3, 0))


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="the system does not list open files")
def test_what_is_purged_is_not_kept_open(cache: Cache, shelf: Shelf) -> None:
    shelf.put(FIRST)
    shelf.put([update(at(1, 5), "bid", 8)])
    assert cache.arrow(*NAME, L2, at(0, 0), at(2, 0)).num_rows == 4
    gone, kept = (day.parts[0].segment_id for day in cache.days(*NAME, L2))
    assert gone in open_files()
    day = day_of(at(0, 0))
    cache.life.trash.put(DayRange(DatasetKey(*NAME, L2), day, day))
    cache.life.purge()
    assert gone not in open_files()
    assert kept in open_files()


def open_files() -> str:
    found = []
    for entry in os.scandir("/proc/self/fd"):
        with suppress(FileNotFoundError):  # the one by which they are listed
            found.append(os.readlink(entry.path))
    return " ".join(found)


def test_a_home_opened_for_reading_is_changed_by_no_call(cache: Cache, shelf: Shelf, tmp_path: Path) -> None:
    shelf.put(FIRST)
    days = DayRange(DatasetKey(*NAME, L2), day_of(at(0, 0)), day_of(at(0, 0)))
    path = write_csv(tmp_path / "more.csv", L2, [l2_line(at(1, 5), "bid", "2", "1")])
    unreadable = tmp_path / "not-there.csv"
    with open_cache(cache.home, read_only=True) as reader:
        for change in (
            lambda: reader.renew_health(days),
            lambda: reader.import_file(path),
            lambda: reader.import_file(unreadable),
            lambda: reader.import_path(ImportRequest(path)),
            lambda: reader.ingest(days.key),
        ):
            with pytest.raises(UsageError, match="opened for reading only"):
                change()
        assert reader.health(*NAME, L2, at(0, 0), at(1, 0))[0][1] is not None
        assert reader.arrow(*NAME, L2, at(0, 0), at(1, 0)).num_rows == 3


def test_a_real_book_is_carried_over_midnight(cache: Cache) -> None:
    folder = real_data("datasets", "v1", "binance", "incremental_book_L2")
    for path in sorted(folder.rglob("NEXOUSDT.csv.gz")):
        cache.import_file(path)
    midnight = cache.book("binance", "NEXOUSDT", "2024-07-24T00:00:00Z")
    assert midnight.levels == (316, 814)
    assert midnight.state_hash() == "7b53e36d1272e27e70106bc54075b61456bbec725dfcc36ff3675912b416d14c"
    days = cache.days("binance", "NEXOUSDT", L2)
    last_us = days[-1].last_local_us
    assert last_us is not None
    last = cache.book("binance", "NEXOUSDT", last_us)
    assert last.state_hash() == "3c6876e56638299aeaa56254d7a781e117c896ad49a07beb287b5af53291bb18"
    assert (last.best_bid or (0,))[0] == 1.161
    assert (last.best_ask or (0,))[0] == 1.163
    with pytest.raises(NotHeldError, match="2024-07-26 is not held"):
        cache.book("binance", "NEXOUSDT", days[-1].day + timedelta(days=1))
