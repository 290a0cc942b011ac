"""The outline of a range beside one that is worked out message by message on plain dicts."""

from __future__ import annotations

import csv
import gzip
import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.dictbook import DictBook, Row
from support.feeds import EXCHANGE, SYMBOL, import_walk

from tickreel.errors import NotHeldError
from tickreel.market.time import US_PER_DAY
from tickreel.replay import BandKind, OutlineMemory, Replay, read_outlines
from tickreel.replay.outline import column_width_us
from tickreel.store import DayState, open_cache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tickreel.replay import DayOutline
    from tickreel.store import Cache


@pytest.fixture
def cache(home: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        yield opened


def outlines(cache: Cache, start_us: int, end_us: int, **how: object) -> list[DayOutline]:
    return list(read_outlines(cache, EXCHANGE, SYMBOL, start_us, end_us, **how))  # type: ignore[arg-type]


def plain_columns(
    folder: Path, start_us: int, end_us: int, width_us: int
) -> list[tuple[float, float, float, float, float]]:
    """Give lowest, highest and last mid, widest spread and volume of each column."""
    book = DictBook()
    [path] = folder.glob("*incremental_book_L2*")
    with gzip.open(path, "rt") as file:
        book.apply(
            Row(
                int(row["local_timestamp"]),
                row["is_snapshot"] == "true",
                row["side"],
                float(row["price"]),
                float(row["amount"]),
            )
            for row in csv.DictReader(file)
        )
    found, last = [], math.nan
    for begin_us in range(start_us // width_us * width_us, end_us, width_us):
        inside = [
            ((bid + ask) / 2, ask - bid)
            for us, bid, ask in book.touch
            if begin_us <= us < begin_us + width_us and bid is not None and ask is not None
        ]
        mids, spreads = [one for one, _ in inside], [one for _, one in inside]
        last = mids[-1] if mids else last
        volume = 0.002 * sum(
            begin_us <= start_us + second * 1_000_000 < begin_us + width_us for second in range(60)
        )
        found.append(
            (min(mids, default=last), max(mids, default=last), last, max(spreads, default=math.nan), volume)
        )
    return found


@pytest.mark.parametrize("most_columns", [1000, 7, 4096, 1])
@pytest.mark.parametrize("budget_s", [1e-9, 10.0])
def test_columns_hold_what_a_plain_book_says(
    cache: Cache, tmp_path: Path, most_columns: int, budget_s: float
) -> None:
    start_us, end_us = import_walk(cache, tmp_path)
    *earlier, whole = outlines(cache, start_us, end_us, most_columns=most_columns, budget_s=budget_s)
    assert whole.is_whole
    assert not any(one.is_whole for one in earlier)
    columns = whole.columns
    assert columns is not None
    assert len(columns) <= most_columns
    expected = plain_columns(tmp_path, start_us, end_us, columns.width_us)
    # After its last message a day says nothing.
    held = len(columns) - int(np.isnan(columns.last[::-1]).argmin())
    assert held > 0.95 * len(columns)
    got = np.column_stack([columns.low, columns.high, columns.last, columns.spread, columns.volume])
    np.testing.assert_allclose(got[:held], np.array(expected)[:held], equal_nan=True)


def test_days_that_are_not_held_say_so_and_are_no_columns(cache: Cache, tmp_path: Path) -> None:
    start_us, _ = import_walk(cache, tmp_path)
    found = outlines(cache, start_us - US_PER_DAY, start_us + US_PER_DAY)
    before, held = found[0], found[-1]
    assert (before.state, before.columns) == (DayState.MISSING, None)
    assert BandKind.MISSING in {band.kind for band in before.bands}
    assert held.state is DayState.PRESENT
    assert held.columns is not None
    assert held.from_us == before.to_us == start_us


def test_what_is_remembered_is_not_read_again(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start_us, end_us = import_walk(cache, tmp_path)
    memory = OutlineMemory()
    [first] = outlines(cache, start_us, end_us, budget_s=10.0, memory=memory)

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr(Replay, "advance", refuse)
    [again] = outlines(cache, start_us, end_us, memory=memory)
    assert again is first
    with pytest.raises(AssertionError, match="read again"):
        outlines(cache, start_us, end_us - 1, memory=memory)


def test_a_memory_forgets_what_was_not_asked_for_the_longest(cache: Cache, tmp_path: Path) -> None:
    start_us, end_us = import_walk(cache, tmp_path)
    [one] = outlines(cache, start_us, end_us, budget_s=10.0)
    memory = OutlineMemory(most_days=2)
    for key in "ab":
        memory.put(key, replace(one))
    memory.get("a")
    memory.put("c", one)
    assert (memory.get("a") is not None, memory.get("b")) == (True, None)


def test_what_is_not_held_is_refused(cache: Cache) -> None:
    with pytest.raises(NotHeldError, match="neither order book nor trades are held"):
        outlines(cache, 0, 1)


def test_widths_of_columns_divide_a_day() -> None:
    for span_us in (1, 999, 60_000_000, US_PER_DAY, 40 * US_PER_DAY, 5000 * US_PER_DAY):
        width_us = column_width_us(span_us, 4096)
        assert US_PER_DAY % width_us == 0
        assert span_us <= 4096 * width_us or width_us == US_PER_DAY
