"""Best bid and offer as one mapped array: right, computed once, never stale."""

from __future__ import annotations

import math
import random
import sqlite3
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from support.dictbook import DictBook, Row
from support.vendorfiles import START_US, l2_line, line, write_csv

from tickreel.errors import EnvironmentProblem, NotHeldError, UsageError
from tickreel.market.time import US_PER_DAY
from tickreel.market.types import DataType
from tickreel.store import Cache, open_cache
from tickreel.store.segments import writer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = ("binance-futures", "BTCUSDT")
L2 = DataType.INCREMENTAL_BOOK_L2
QUOTES = DataType.QUOTES
DAY = (START_US, START_US + US_PER_DAY)

Record = tuple[float | None, ...]


@pytest.fixture
def cache(home: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        yield opened


def listed(records: np.memmap[Any, Any]) -> list[Record]:
    """List records with None for NaN, so that they compare."""
    return [tuple(None if math.isnan(cell) else cell for cell in record) for record in records.tolist()]


def walk(seed: int, messages: int, start_us: int) -> list[Row]:
    """Let a small book walk about, with snapshots now and then and rows before the first."""
    chance = random.Random(seed)
    rows: list[Row] = []
    local_us = start_us
    for number in range(messages):
        local_us += chance.randint(1, 3)
        if number % 150 == 5:
            rows += [
                Row(local_us, True, side, 100.0 + sign * level, float(chance.randint(1, 3)))
                for side, sign in (("bid", -1), ("ask", 1))
                for level in range(1, chance.randint(1, 4))
            ]
            continue
        for _ in range(chance.randint(1, 3)):
            side = chance.choice(("bid", "ask"))
            sign = -1 if side == "bid" else 1
            amount = float(chance.choice((0, 0, 1, 2)))
            rows.append(Row(local_us, False, side, 100.0 + sign * chance.randint(-1, 4), amount))
    return rows


def expected(rows: list[Row], *, before: list[Row] | None = None) -> list[Record]:
    """Apply rows message by message, and keep what changed, the slow way."""
    book = DictBook().apply(before or [])
    found: list[Record] = []
    last: tuple[float | None, ...] = (None, None, None, None)
    for place, row in enumerate(rows):
        book.apply([row])
        if place + 1 < len(rows) and rows[place + 1].local_us == row.local_us:
            continue
        bids, asks = book.bids(), book.asks()
        bid, bid_size = bids[0] if bids else (None, None)
        ask, ask_size = asks[0] if asks else (None, None)
        now = (bid, ask, bid_size, ask_size)
        if now != last:
            found.append((row.local_us, *now))
        last = now
    return found


def store(cache: Cache, path: Path, rows: list[Row], **options: bool) -> None:
    lines = [
        l2_line(row.local_us, row.side, repr(row.price), repr(row.amount), snapshot=row.is_snapshot)
        for row in rows
    ]
    cache.import_file(write_csv(path, L2, lines), type=L2, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("chunk_rows", [7, 16_384])
def test_it_is_the_touch_of_the_book_after_every_message_that_changed_it(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk_rows: int
) -> None:
    monkeypatch.setattr(writer, "CHUNK_ROWS", chunk_rows)
    rows = walk(1, 1_500, START_US)
    store(cache, tmp_path / "a.csv", rows, complete=True)
    records = cache.bbo(*NAME, *DAY)
    assert isinstance(records, np.memmap)
    assert not records.flags.writeable
    assert [(name, records.dtype[name].str) for name in records.dtype.names or ()] == [
        ("timestamp", "<i8"),
        ("bid", "<f8"),
        ("ask", "<f8"),
        ("bid_size", "<f8"),
        ("ask_size", "<f8"),
    ]
    wanted = expected(rows)
    assert len(wanted) > 300
    assert listed(records) == wanted
    low_us, high_us = int(wanted[50][0] or 0), int(wanted[200][0] or 0)
    part = cache.bbo(*NAME, low_us, high_us)
    assert isinstance(part, np.memmap)
    assert listed(part) == wanted[50:200], "half-open"
    assert len(cache.bbo(*NAME, START_US, START_US)) == 0


def test_the_book_is_carried_into_the_first_day(cache: Cache, tmp_path: Path) -> None:
    first, second = walk(2, 300, START_US), walk(3, 300, START_US + US_PER_DAY)
    store(cache, tmp_path / "a.csv", first)
    store(cache, tmp_path / "b.csv", second)
    tomorrow = (START_US + US_PER_DAY, START_US + 2 * US_PER_DAY)
    assert listed(cache.bbo(*NAME, *tomorrow)) == expected(second, before=first)
    both = listed(cache.bbo(*NAME, START_US, tomorrow[1]))
    assert both == expected(first + second)


def test_over_a_day_that_the_vendor_has_not_nothing_is_known(cache: Cache, tmp_path: Path) -> None:
    snapshot = [Row(START_US, True, "bid", 10.0, 1.0), Row(START_US, True, "ask", 11.0, 2.0)]
    later = [
        row._replace(local_us=START_US + 2 * US_PER_DAY + 5, is_snapshot=n > 0)
        for n, row in enumerate((snapshot[0], *snapshot))
    ]
    store(cache, tmp_path / "a.csv", snapshot)
    store(cache, tmp_path / "b.csv", [snapshot[0]._replace(local_us=START_US + US_PER_DAY)])
    unfounded = Row(START_US + 2 * US_PER_DAY + 3, False, "bid", 10.5, 1.0)
    store(cache, tmp_path / "c.csv", [unfounded, *later])
    with sqlite3.connect(cache.home / "catalog.sqlite") as connection:
        connection.execute("UPDATE day SET state = 'absent' WHERE day = '2024-07-24'")
    connection.close()
    assert listed(cache.bbo(*NAME, START_US, START_US + 3 * US_PER_DAY)) == [
        (START_US, 10.0, 11.0, 1.0, 2.0),
        (START_US + US_PER_DAY, None, None, None, None),
        (START_US + 2 * US_PER_DAY + 5, 10.0, 11.0, 1.0, 2.0),
    ]


def quote(local_us: int, bid: str, ask: str, bid_amount: str = "1", ask_amount: str = "2") -> str:
    cells = {"bid_price": bid, "ask_price": ask, "bid_amount": bid_amount, "ask_amount": ask_amount}
    return line(QUOTES, local_us, **cells)


def test_quotes_are_taken_where_they_are_held(cache: Cache, tmp_path: Path) -> None:
    store(cache, tmp_path / "book.csv", walk(4, 50, START_US))
    lines = [
        quote(START_US, "", "11", bid_amount=""),
        quote(START_US + 1, "9", "11"),
        quote(START_US + 1, "10", "11"),  # the same message
        quote(START_US + 2, "10", "11"),
        quote(START_US + 3, "10", "11", ask_amount="3"),
    ]
    cache.import_file(write_csv(tmp_path / "q.csv", QUOTES, lines), type=QUOTES)
    assert listed(cache.bbo(*NAME, *DAY)) == [
        (START_US, None, 11.0, None, 2.0),
        (START_US + 1, 10.0, 11.0, 1.0, 2.0),
        (START_US + 3, 10.0, 11.0, 1.0, 3.0),
    ]


def test_quotes_do_not_stand_over_a_day_that_the_vendor_has_not(cache: Cache, tmp_path: Path) -> None:
    for day in (0, 1, 2):
        path = write_csv(
            tmp_path / f"{day}.csv", QUOTES, [quote(START_US + day * US_PER_DAY + 5, "10", "11")]
        )
        cache.import_file(path, type=QUOTES)
    with sqlite3.connect(cache.home / "catalog.sqlite") as connection:
        connection.execute("UPDATE day SET state = 'absent' WHERE day = '2024-07-24'")
    connection.close()
    assert listed(cache.bbo(*NAME, START_US, START_US + 3 * US_PER_DAY)) == [
        (START_US + 5, 10.0, 11.0, 1.0, 2.0),
        (START_US + US_PER_DAY, None, None, None, None),
        (START_US + 2 * US_PER_DAY + 5, 10.0, 11.0, 1.0, 2.0),
    ]


def test_quotes_that_miss_a_day_give_way_to_a_whole_book(cache: Cache, tmp_path: Path) -> None:
    rows = [walk(5, 50, START_US + day * US_PER_DAY) for day in (0, 1)]
    for number, own in enumerate(rows):
        store(cache, tmp_path / f"{number}.csv", own)
    path = write_csv(tmp_path / "q.csv", QUOTES, [quote(START_US, "10", "11")])
    cache.import_file(path, type=QUOTES)
    assert listed(cache.bbo(*NAME, START_US, START_US + 2 * US_PER_DAY)) == expected(rows[0] + rows[1])
    with pytest.raises(NotHeldError, match=r"quotes 2024-07-24 \(missing\)"):
        cache.bbo(*NAME, START_US, START_US + 3 * US_PER_DAY)


def files(cache: Cache) -> list[Path]:
    return sorted((cache.home / "derived").glob("*"))


def test_it_is_computed_once_and_again_when_its_rows_change_or_it_was_removed(
    cache: Cache, tmp_path: Path
) -> None:
    first, second = walk(6, 100, START_US), walk(7, 100, START_US)
    store(cache, tmp_path / "a.csv", first)
    mapped = cache.bbo(*NAME, *DAY)
    (path,) = files(cache)
    stamp = path.stat()
    again = cache.bbo(*NAME, START_US + 5, START_US + 60)
    assert path.stat().st_mtime_ns == stamp.st_mtime_ns
    assert len(again) < len(mapped)
    assert [found.name for found in files(cache)] == [path.name]
    store(cache, tmp_path / "b.csv", second, replace=True)
    assert listed(cache.bbo(*NAME, *DAY)) == expected(second)
    assert listed(mapped) == expected(first), "what was handed out stays as it was"
    assert len(files(cache)) == 2
    del mapped, again
    assert cache.life.statistics().derived_bytes == sum(found.stat().st_size for found in files(cache))
    cache.life.purge()
    assert files(cache) == []
    assert listed(cache.bbo(*NAME, *DAY)) == expected(second)
    assert list((cache.home / "staging").iterdir()) == []


@pytest.mark.parametrize("torn", ["half", "head", "nothing", "other", "one bit"])
def test_a_file_that_is_not_whole_is_made_again(cache: Cache, tmp_path: Path, torn: str) -> None:
    rows = walk(8, 100, START_US)
    store(cache, tmp_path / "a.csv", rows)
    cache.bbo(*NAME, *DAY)
    (path,) = files(cache)
    data = path.read_bytes()
    flipped = bytearray(data)
    flipped[len(data) * 2 // 3] ^= 1
    left = {
        "one bit": bytes(flipped),
        "half": data[: len(data) // 2],
        "head": data[:20],
        "nothing": b"",
        "other": b"\x00" * 500,
    }
    path.write_bytes(left[torn])
    assert listed(cache.bbo(*NAME, *DAY)) == expected(rows)
    assert path.read_bytes() == data


def test_a_file_that_the_system_does_not_let_be_read_is_told(cache: Cache, tmp_path: Path) -> None:
    store(cache, tmp_path / "a.csv", walk(8, 100, START_US))
    cache.bbo(*NAME, *DAY)
    (path,) = files(cache)
    path.unlink()
    path.mkdir()
    with pytest.raises(EnvironmentProblem, match=f"{path.name} cannot be read: Is a directory"):
        cache.bbo(*NAME, *DAY)


def test_a_home_that_is_only_read_gives_what_is_there(cache: Cache, home: Path, tmp_path: Path) -> None:
    rows = walk(9, 50, START_US)
    store(cache, tmp_path / "a.csv", rows)
    with open_cache(home, read_only=True) as reader:
        with pytest.raises(EnvironmentProblem, match="opened for reading only"):
            reader.bbo(*NAME, *DAY)
        cache.bbo(*NAME, *DAY)
        assert listed(reader.bbo(*NAME, *DAY)) == expected(rows)


def test_what_has_no_best_price_is_refused(cache: Cache, tmp_path: Path) -> None:
    with pytest.raises(NotHeldError, match="neither quotes nor an order book"):
        cache.bbo(*NAME, *DAY)
    lines = [quote(START_US, "10", "11"), line(QUOTES, START_US, symbol="ETHUSDT")]
    cache.import_file(write_csv(tmp_path / "q.csv", QUOTES, lines), type=QUOTES, symbol="SPOT")
    with pytest.raises(UsageError, match="SPOT is a group"):
        cache.bbo(NAME[0], "SPOT", *DAY)
    assert listed(cache.bbo(*NAME, *DAY)) == [(START_US, 10.0, 11.0, 1.0, 2.0)]
