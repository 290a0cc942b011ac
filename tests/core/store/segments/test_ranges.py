"""Ranges of a segment: of a chunk only the rows asked for are decoded, and they are the very same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from support.segmentrows import ALWAYS, START_US, plain, some_rows, write_segment

from tickreel.errors import DataError
from tickreel.market.arrow import record_batch
from tickreel.market.block import Block
from tickreel.market.types import DataType
from tickreel.store.segments import Segment
from tickreel.store.segments.decoding import ChunkDecoder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

L2 = DataType.INCREMENTAL_BOOK_L2
NUMBERS = ("price", "amount")
ROWS = 9_000


def book(seed: int, *, empty: bool = False) -> Block:
    """Make a book of many runs of many lengths, with escaped prices and amounts; with some *empty* cells."""
    random = np.random.default_rng(seed)
    block = some_rows(L2, ROWS, seed=seed)
    columns: dict[str, Any] = dict(block.columns)
    lengths = random.choice([1, 2, 3, 7, 40, 400], ROWS, p=[0.6, 0.15, 0.1, 0.1, 0.045, 0.005])
    run = np.repeat(np.arange(ROWS), lengths)[:ROWS]
    columns["local_timestamp"] = START_US + 1_000 * run
    columns["timestamp"] = START_US + 1_000 * run - run**2 % 977
    columns["is_snapshot"] = run % 5 == 0
    for name in NUMBERS:
        numbers = np.round(100 + np.cumsum(random.normal(0, 1, ROWS)) * (name == "price"), 1)
        numbers += np.round(random.random(ROWS), 1)
        numbers[random.integers(0, ROWS, 40)] = random.choice([1e300, 1 / 3, 5e-324, 123_456_789.1], 40)
        if empty:
            numbers[random.integers(0, ROWS, 3)] = np.nan
        columns[name] = numbers
    return Block(block.schema, block.exchange, block.symbol, columns)


def ranges(block: Block, seed: int) -> Iterator[tuple[int, int]]:
    """Give ranges that begin and end anywhere, also where there are no rows, and long and short ones."""
    random = np.random.default_rng(seed)
    first, last = int(block.local_us[0]), int(block.local_us[-1])
    yield from (ALWAYS, (first, last), (first, last + 1), (first + 1, last), (last + 1, last + 9), (0, first))
    for _ in range(60):
        start_us = int(random.choice(block.local_us)) + int(random.integers(-1, 2))
        length_us = int(random.choice([0, 1, 1_000, 30_000, 400_000, 3_000_000]))
        yield start_us, start_us + length_us


def rows_between(block: Block, start_us: int, end_us: int) -> Block:
    low, high = np.searchsorted(block.local_us, (start_us, end_us)).tolist()
    return block.cut(low, max(low, high))


@pytest.mark.parametrize("chunk_rows", [1_500, 32_768])
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("empty", [False, True])
def test_a_range_has_the_rows_that_all_rows_have_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk_rows: int, seed: int, empty: bool
) -> None:
    monkeypatch.setattr("tickreel.store.segments.writer.CHUNK_ROWS", chunk_rows)
    whole = book(seed, empty=empty)
    write_segment(tmp_path / "a.tick", whole)
    some = ("price", "side"), ("amount",), ("timestamp",), ("is_snapshot", "side")
    with Segment.open(tmp_path / "a.tick") as segment:
        for number, span_us in enumerate(ranges(whole, seed)):
            wanted = plain(rows_between(whole, *span_us))
            assert plain(segment.read(*span_us)) == wanted
            for reuse in (False, True):
                found = [plain(block) for block in segment.blocks(*span_us, reuse=reuse)]
                assert {name: [cell for block in found for cell in block[name]] for name in wanted} == wanted
            part = plain(segment.read(*span_us, some[number % len(some)]))
            assert part == {name: wanted[name] for name in part}
            assert set(part) == {"symbol", "local_timestamp", *some[number % len(some)]}


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_numbers_called_full_have_no_empty_cell_and_others_are_looked_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr("tickreel.store.segments.writer.CHUNK_ROWS", 1_500)
    whole = book(seed, empty=True)
    write_segment(tmp_path / "a.tick", whole)
    met = set()
    with Segment.open(tmp_path / "a.tick") as segment:
        for span_us in ranges(whole, seed):
            for block in (segment.read(*span_us), *segment.blocks(*span_us)):
                empty = {name: int(np.isnan(block.array(name)).sum()) for name in NUMBERS}
                met |= {(name, name in block.full, count > 0) for name, count in empty.items()}
                batch = record_batch(block, block.schema.names)
                assert {name: batch[name].null_count for name in NUMBERS} == empty
    assert not met & {(name, True, True) for name in NUMBERS}
    assert met >= {(name, not is_empty, is_empty) for name in NUMBERS for is_empty in (False, True)}


def test_numbers_are_called_full_in_part_of_a_chunk_and_taken_at_that_word(tmp_path: Path) -> None:
    whole = book(1)
    write_segment(tmp_path / "a.tick", whole)
    middle_us = int(whole.local_us[ROWS // 2])
    with Segment.open(tmp_path / "a.tick") as segment:
        block = segment.read(middle_us, middle_us + 1_000)
    assert 0 < len(block) < ROWS
    assert block.full == block.cut(0, 1).full == set(NUMBERS)
    assert not block.take(np.arange(1)).full
    block.array("price")[:] = np.nan  # which nobody looks for
    assert record_batch(block, NUMBERS)["price"].null_count == 0


def test_rows_outside_the_range_are_not_decoded(tmp_path: Path) -> None:
    whole = book(1)
    write_segment(tmp_path / "a.tick", whole)
    middle_us = int(whole.local_us[ROWS // 2])
    made: list[dict[str, Any]] = []
    buffers = ChunkDecoder.buffers

    def marked(decoder: ChunkDecoder, rows: int) -> dict[str, Any]:
        made.append({name: np.full_like(array, 77) for name, array in buffers(decoder, rows).items()})
        return made[-1]

    with pytest.MonkeyPatch.context() as patch, Segment.open(tmp_path / "a.tick") as segment:
        patch.setattr(ChunkDecoder, "buffers", marked)
        segment.read(middle_us, middle_us + 1_000)
    for name in ("timestamp", "local_timestamp", "price", "amount"):
        assert (made[0][name] == 77).sum() > 0.6 * ROWS, name


@pytest.mark.parametrize("data_type", [DataType.TRADES, DataType.QUOTES, DataType.DERIVATIVE_TICKER])
def test_other_types_are_cut_to_the_range(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data_type: DataType
) -> None:
    monkeypatch.setattr("tickreel.store.segments.writer.CHUNK_ROWS", 400)
    whole = some_rows(data_type, 2_000, flavour="hostile")
    write_segment(tmp_path / "a.tick", whole)
    with Segment.open(tmp_path / "a.tick") as segment:
        assert not segment.read(*ALWAYS).full
        everything = segment.read(*ALWAYS)
        for span_us in ranges(whole, 5):
            assert plain(segment.read(*span_us)) == plain(rows_between(everything, *span_us))


def test_each_read_has_its_own_columns(tmp_path: Path) -> None:
    write_segment(tmp_path / "a.tick", book(1))
    with Segment.open(tmp_path / "a.tick") as segment:
        for columns in (None, ("price", "side"), ["price", "side"], ("amount",), None, ("side", "price")):
            names = {"local_timestamp", *(columns or segment.read(*ALWAYS).schema.names)}
            assert set(segment.read(*ALWAYS, columns).columns) == names - {"exchange", "symbol"}


@pytest.mark.parametrize("end", ["first_local_us", "last_local_us"])
def test_a_chunk_of_another_time_than_its_table_tells_is_refused_in_part_as_well(
    tmp_path: Path, end: str
) -> None:
    whole = book(1)
    write_segment(tmp_path / "a.tick", whole)
    middle_us = int(whole.local_us[ROWS // 2])
    with Segment.open(tmp_path / "a.tick") as segment:
        entry = segment._entries[0]
        segment._entries[0] = entry._replace(**{end: getattr(entry, end) + 1})
        with pytest.raises(DataError, match="spans another time"):
            segment.read(middle_us, middle_us + 1_000)
