"""Decoding in its fast ways: runs and numbers of every size, and chunks shared with a second thread."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from support.segmentrows import ALWAYS, START_US, key_of, plain, some_rows, write_segment

from tickreel.errors import DataError
from tickreel.market.block import Block
from tickreel.market.types import DataType
from tickreel.store.segments import Segment
from tickreel.store.segments.decoding import ChunkDecoder
from tickreel.store.segments.encoding import ChunkEncoder
from tickreel.store.segments.layout import stored_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

L2 = DataType.INCREMENTAL_BOOK_L2


def with_columns(block: Block, **columns: NDArray[Any]) -> Block:
    return Block(block.schema, block.exchange, block.symbol, {**block.columns, **columns})


def of_runs(lengths: NDArray[np.int64], flags: NDArray[np.bool_]) -> Block:
    """Make an order book of runs that differ in their times alone, but for *flags*."""
    local_us = START_US + np.repeat(np.arange(len(lengths)) * 1_000, lengths)
    exchange_us = START_US - np.repeat(np.arange(len(lengths)) ** 2 % 977, lengths)
    return with_columns(
        some_rows(L2, int(lengths.sum())),
        local_timestamp=local_us,
        timestamp=exchange_us,
        is_snapshot=np.repeat(flags, lengths),
    )


@pytest.mark.parametrize("last", [1, 3, 4, 5, 16, 19, 20, 21, 37, 300])
@pytest.mark.parametrize("longest", [1, 5, 60])
def test_runs_of_every_length_come_back(tmp_path: Path, last: int, longest: int) -> None:
    random = np.random.default_rng(last)
    lengths = np.append(random.integers(1, longest + 1, 1_300), last)
    # Flags that never change, that change now and then, and that change at every run.
    places = np.arange(len(lengths))
    flags = np.where(places < 600, places < 0, np.where(places < 1_100, places < 700, places % 2 == 0))
    block = of_runs(lengths, flags)
    write_segment(tmp_path / "a.tick", block)
    with Segment.open(tmp_path / "a.tick") as segment:
        assert plain(segment.read(*ALWAYS)) == plain(block)


@pytest.mark.parametrize("bits", [8, 15, 16, 23, 24, 31, 32, 40, 50, 51, 52, 53])
@pytest.mark.parametrize("decimals", [0, 1, 3, 8, 15])
@pytest.mark.parametrize("unit", [1, 500])
def test_numbers_of_every_size_come_back_bit_for_bit(
    tmp_path: Path, bits: int, decimals: int, unit: int
) -> None:
    random = np.random.default_rng(bits)
    rows = 3_000
    greatest = 2**bits // unit
    steady = greatest - random.integers(0, min(200, greatest) + 1, rows)
    jumping = random.integers(-greatest, greatest + 1, rows)
    for name, whole in (("steady", steady), ("jumping", jumping)):
        numbers = whole * unit / 10**decimals
        numbers[700:705] = [np.nan, 5e-324, 1 / 3, 1e300, 0.1 + 0.2]
        block = with_columns(some_rows(L2, rows), price=numbers, amount=numbers[::-1].copy())
        write_segment(tmp_path / f"{name}.tick", block)
        with Segment.open(tmp_path / f"{name}.tick") as segment:
            assert plain(segment.read(*ALWAYS)) == plain(block)


@pytest.mark.parametrize("place", [1, 2, 511, 512, 513, 699])
def test_local_time_that_goes_back_is_refused_wherever_it_does(place: int) -> None:
    rows = 700
    block = of_runs(np.ones(rows, np.int64), np.zeros(rows, np.bool_))
    columns = stored_columns(key_of(block))
    decoder = ChunkDecoder(columns, {}, frozenset(column.name for column in columns))
    read = decoder.buffers(rows)
    good = ChunkEncoder(key_of(block)).encode(block)
    decoder.decode(good.plain, good.payload, rows, read)
    block.local_us[place:] -= 1_001
    bad = ChunkEncoder(key_of(block)).encode(block)
    with pytest.raises(DataError, match="local time goes back inside a chunk"):
        decoder.decode(bad.plain, bad.payload, rows, read)


@pytest.fixture
def cores(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    return lambda count: monkeypatch.setattr("tickreel.store.segments.ahead._cores", lambda: count)


@pytest.fixture
def many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Segment]:
    """Open a segment of many small chunks."""
    monkeypatch.setattr("tickreel.store.segments.writer.CHUNK_ROWS", 50)
    write_segment(tmp_path / "many.tick", some_rows(L2, 2_000))
    with Segment.open(tmp_path / "many.tick") as segment:
        assert len(segment.footer.chunks) > 30
        yield segment


@pytest.mark.parametrize("data_type", [L2, DataType.TRADES, DataType.OPTIONS_CHAIN])
@pytest.mark.parametrize("chunk_rows", [30, 31])
def test_two_threads_decode_the_very_blocks_that_one_does(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    cores: Callable[[int], None],
    data_type: DataType,
    chunk_rows: int,
) -> None:
    monkeypatch.setattr("tickreel.store.segments.writer.CHUNK_ROWS", chunk_rows)
    write_segment(tmp_path / "a.tick", some_rows(data_type, 1_000, flavour="hostile"))
    with Segment.open(tmp_path / "a.tick") as segment:
        first, last = segment.footer.chunks["first_local_us"].tolist()[1::20][:2]
        for start_us, end_us in (ALWAYS, (first + 1, last), (last, first)):
            found = []
            for count, reuse in ((1, False), (1, True), (2, False), (2, True), (2, True)):
                cores(count)
                found.append([plain(block) for block in segment.blocks(start_us, end_us, reuse=reuse)])
            assert all(blocks == found[0] for blocks in found)
            whole = plain(segment.read(start_us, end_us))
            assert {name: [x for block in found[0] for x in block[name]] for name in whole} == whole


def test_only_blocks_of_their_own_outlive_the_next(many: Segment, cores: Callable[[int], None]) -> None:
    for count in (1, 2):
        cores(count)
        wanted = [plain(block) for block in many.blocks(*ALWAYS)]
        assert [plain(block) for block in list(many.blocks(*ALWAYS))] == wanted
        assert [plain(block) for block in list(many.blocks(*ALWAYS, reuse=True))] != wanted


@pytest.mark.parametrize("taken", [1, 2, 5])
def test_an_iteration_may_be_given_up_and_others_go_on(
    many: Segment, cores: Callable[[int], None], taken: int
) -> None:
    cores(2)
    wanted = [plain(block) for block in many.blocks(*ALWAYS)]
    other = many.blocks(*ALWAYS, reuse=True)
    begun = [plain(next(other)) for _ in range(taken)]
    closed = many.blocks(*ALWAYS, reuse=True)
    for _ in range(taken):
        next(closed)
    closed.close()  # type: ignore[attr-defined]
    forgotten = many.blocks(*ALWAYS)
    next(forgotten)
    del forgotten
    assert begun + [plain(block) for block in other] == wanted


@pytest.mark.parametrize("damaged", [0, 1, 12, 13])
def test_damage_is_told_in_its_turn_whichever_thread_meets_it(
    tmp_path: Path, many: Segment, cores: Callable[[int], None], damaged: int
) -> None:
    cores(2)
    path = tmp_path / "many.tick"
    content = bytearray(path.read_bytes())
    content[int(many.footer.chunks["offset"][damaged]) + 20] ^= 1
    wanted = [plain(block) for block in many.blocks(*ALWAYS)]
    path.write_bytes(content)
    with Segment.open(path) as segment:
        for reuse in (False, True):
            blocks = segment.blocks(*ALWAYS, reuse=reuse)
            assert [plain(block) for block in islice(blocks, damaged)] == wanted[:damaged]
            with pytest.raises(
                DataError, match=r"segment many of binance-futures BTCUSDT .* the chunk at byte"
            ):
                next(blocks)
        after_us = int(many.footer.chunks["first_local_us"][damaged + 1])
        assert [plain(block) for block in segment.blocks(after_us, ALWAYS[1])] == wanted[damaged + 1 :]
