"""Rows from a moment on: the vendor's own text, in whole messages, from where they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.vendorfiles import MIXED, START_US, csv_text, line, write_csv

from tickreel.market.types import SCHEMAS, DataType
from tickreel.store import Cache, open_cache
from tickreel.store.library.peeking import peek

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TRADES = DataType.TRADES


@pytest.fixture
def cache(home: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        yield opened


@pytest.mark.parametrize("data_type", sorted(MIXED))
def test_the_cells_are_those_of_the_vendors_file(cache: Cache, tmp_path: Path, data_type: DataType) -> None:
    lines = MIXED[data_type]
    path = write_csv(tmp_path / "day.csv", data_type, lines)
    symbol = "OPTIONS" if data_type is DataType.OPTIONS_CHAIN else None
    (day,) = cache.import_file(path, type=data_type, symbol=symbol, complete=True)
    seen = peek(cache.library, day, START_US, 100)
    assert seen.columns == SCHEMAS[data_type].names
    text = "".join(f"{','.join(row)}\n" for row in (seen.columns, *seen.rows))
    assert text.encode() == csv_text(data_type, lines)
    assert seen.next_us is None
    assert cache.all_days()[0].hits == 0


def test_rows_end_where_a_part_ends_and_go_on_in_the_next(cache: Cache, tmp_path: Path) -> None:
    for hour in (1, 5):
        begin_us = START_US + hour * 3_600_000_000
        lines = [line(TRADES, begin_us + at, id=f"{hour}-{at}") for at in range(2)]
        (day,) = cache.import_file(write_csv(tmp_path / f"{hour}.csv", TRADES, lines), type=TRADES)
    assert len(day.parts) == 2
    seen = peek(cache.library, day, START_US, 2)
    assert [row[4] for row in seen.rows] == ["1-0", "1-1"]
    assert seen.next_us == START_US + 5 * 3_600_000_000
    assert [row[4] for row in peek(cache.library, day, seen.next_us, 2).rows] == ["5-0", "5-1"]


def test_messages_stay_whole_and_the_next_rows_are_found(cache: Cache, tmp_path: Path) -> None:
    times = [0, 0, 1, 1, 1, 2]
    lines = [line(TRADES, START_US + at, id=str(place)) for place, at in enumerate(times)]
    (day,) = cache.import_file(write_csv(tmp_path / "day.csv", TRADES, lines), type=TRADES, complete=True)

    def ids(from_us: int, rows: int) -> tuple[list[str], int | None]:
        seen = peek(cache.library, day, from_us, rows)
        return [row[4] for row in seen.rows], None if seen.next_us is None else seen.next_us - START_US

    assert ids(START_US, 2) == (["0", "1"], 1)
    assert ids(START_US, 3) == (["0", "1", "2", "3", "4"], 2)
    assert ids(START_US + 1, 1) == (["2", "3", "4"], 2)
    assert ids(START_US + 2, 1) == (["5"], None)
    assert ids(START_US + 3, 5) == ([], None)
