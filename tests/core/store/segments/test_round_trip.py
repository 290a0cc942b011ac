"""Segments give back what was written, bit for bit: every type, every value, every range."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.segmentrows import (
    ALWAYS,
    DAY,
    FACTS,
    FLAVOURS,
    START_US,
    cuts,
    key_of,
    plain,
    some_ids,
    some_rows,
    write_segment,
)

from tickreel.errors import DataError
from tickreel.filesystem import Disk
from tickreel.market.block import Block, Texts, Words
from tickreel.market.types import SCHEMAS, DatasetKey, DataType
from tickreel.store.segments import Segment, SegmentWriter
from tickreel.store.segments.joining import joined

if TYPE_CHECKING:
    from pathlib import Path

L2 = DataType.INCREMENTAL_BOOK_L2


def read_back(path: Path) -> dict[str, list[object]]:
    with Segment.open(path) as segment:
        return plain(segment.read(*ALWAYS))


@settings(deadline=None, max_examples=150)
@given(
    data_type=st.sampled_from(list(DataType)),
    rows=st.integers(0, 70),
    seed=st.integers(0, 2**32),
    flavour=st.sampled_from(FLAVOURS),
    is_grouped=st.booleans(),
    step=st.integers(1, 80),
    chunk_rows=st.integers(1, 60),
)
def test_whatever_was_written_comes_back_bit_for_bit(
    tmp_path_factory: pytest.TempPathFactory,
    data_type: DataType,
    rows: int,
    seed: int,
    flavour: str,
    is_grouped: bool,
    step: int,
    chunk_rows: int,
) -> None:
    path = tmp_path_factory.mktemp("segment") / "a.tick"
    symbols = ("A-27SEP24", "B", "C") if is_grouped else ()
    block = some_rows(data_type, rows, seed=seed, flavour=flavour, symbols=symbols)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tickreel.store.segments.writer.CHUNK_ROWS", chunk_rows)
        writer = SegmentWriter(Disk(), path, key_of(block), DAY)
        for piece in cuts(block, step):
            writer.append(piece)
        sealed = writer.seal(FACTS)
    given_rows = plain(block)
    local = given_rows["local_timestamp"]
    pairs = set(zip(given_rows["symbol"], local, strict=True))
    assert (sealed.rows, sealed.messages) == (rows, len(pairs))
    assert (sealed.first_local_us, sealed.last_local_us) == ((local[0], local[-1]) if rows else (None, None))
    assert sealed.members == tuple(sorted(set(given_rows["symbol"]))) * is_grouped
    assert sealed.bytes == path.stat().st_size == writer.bytes_written
    is_book = data_type is L2 and not is_grouped
    assert sealed.opens_with_snapshot is (is_book and bool(given_rows["is_snapshot"][:1] == [True]))
    with Segment.open(path) as segment:
        assert plain(segment.read(*ALWAYS)) == given_rows
        fresh = list(segment.blocks(*ALWAYS))
        reused = [plain(piece) for piece in segment.blocks(*ALWAYS, reuse=True)]
        assert [plain(piece) for piece in fresh] == reused
        if fresh:
            assert plain(joined(fresh)) == given_rows
        seen: set[int] = set()
        for piece in fresh:
            assert not seen & set(piece.local_us.tolist()), "a message is split"
            seen |= set(piece.local_us.tolist())


@pytest.mark.parametrize("chunk_rows", [1, 2, 5, 1_000])
def test_every_range_is_what_a_plain_filter_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk_rows: int
) -> None:
    monkeypatch.setattr("tickreel.store.segments.writer.CHUNK_ROWS", chunk_rows)
    offsets = np.repeat([0, 2, 4, 6, 8, 10], [1, 3, 1, 6, 1, 2])
    block = some_rows(L2, 14)
    block = Block(
        block.schema, block.exchange, block.symbol, {**block.columns, "local_timestamp": START_US + offsets}
    )
    write_segment(tmp_path / "a.tick", *cuts(block, 4))
    with Segment.open(tmp_path / "a.tick") as segment:
        for start_us in range(START_US - 1, START_US + 13):
            for end_us in range(start_us - 1, START_US + 13):
                wanted = plain(
                    block.take(np.flatnonzero((block.local_us >= start_us) & (block.local_us < end_us)))
                )
                assert plain(segment.read(start_us, end_us)) == wanted
                pieces = [len(piece) for piece in segment.blocks(start_us, end_us)]
                assert sum(pieces) == len(wanted["price"])
                assert 0 not in pieces
                assert [len(piece) for piece in segment.blocks(start_us, end_us, reuse=True)] == pieces


@pytest.mark.parametrize("data_type", list(DataType))
def test_columns_are_those_asked_for_and_local_time(tmp_path: Path, data_type: DataType) -> None:
    block = some_rows(data_type, 40, flavour="hostile", symbols=("A", "B"))
    write_segment(tmp_path / "a.tick", block)
    everything = plain(block)
    with Segment.open(tmp_path / "a.tick") as segment:
        for name in SCHEMAS[data_type].names:
            read = segment.read(*ALWAYS, [name])
            asked = {name, "local_timestamp"} - {"exchange", "symbol"}
            assert set(read.columns) == asked
            assert plain(read) == {column: everything[column] for column in ("symbol", *read.columns)}
        with pytest.raises(KeyError):
            segment.read(*ALWAYS, ["colour"])


@pytest.mark.parametrize("form", ["integers", "uuids", "zeros", "mixed", "empty"])
@pytest.mark.parametrize("as_words", [False, True])
def test_ids_of_every_form_come_back_as_they_were(tmp_path: Path, form: str, as_words: bool) -> None:
    ids = some_ids(form, 50, np.random.default_rng(3))
    column = Words(np.arange(50, dtype=np.int32), tuple(ids)) if as_words else Texts.of(ids)
    block = some_rows(DataType.TRADES, 50)
    block = Block(block.schema, block.exchange, block.symbol, {**block.columns, "id": column})
    write_segment(tmp_path / "a.tick", block.cut(0, 0), block)
    assert read_back(tmp_path / "a.tick")["id"] == ids


def test_integers_at_the_ends_of_their_range_are_kept(tmp_path: Path) -> None:
    ends = ["-9223372036854775808", "9223372036854775807", "0", "-1", "10", "99", "100", "-100"]
    block = some_rows(DataType.TRADES, len(ends))
    times = np.array([-(2**63), 2**63 - 1, 0, -1, 1, 2, 3, -(2**63)], np.int64)
    columns = {**block.columns, "id": Texts.of(ends), "timestamp": times}
    write_segment(tmp_path / "a.tick", Block(block.schema, block.exchange, block.symbol, columns))
    back = read_back(tmp_path / "a.tick")
    assert (back["id"], back["timestamp"]) == (ends, times.tolist())


def test_a_few_far_numbers_among_many_near_ones_come_back_and_cost_little(tmp_path: Path) -> None:
    rows = 20_000
    block = some_rows(L2, rows)
    random = np.random.default_rng(5)
    near = {
        "price": np.round(66_000 + np.cumsum(random.integers(-20, 21, rows)) / 10, 1),
        "amount": random.integers(1, 60_000, rows) / 1_000,
    }
    near["amount"][1] = 0.001
    far = {name: values.copy() for name, values in near.items()}
    # The last code of two bytes means an escape: 65.536 lies on it, 65.535 just below.
    for place, number in enumerate((5e-324, 65.535, 65.536, 4_294_967.2, 1 / 3, 1e15), start=100):
        for values in far.values():
            values[place] = number
    payloads = []
    for name, numbers in (("near", near), ("far", far)):
        own = Block(block.schema, block.exchange, block.symbol, {**block.columns, **numbers})
        write_segment(tmp_path / f"{name}.tick", own)
        with Segment.open(tmp_path / f"{name}.tick") as segment:
            assert plain(segment.read(*ALWAYS)) == plain(own)
            payloads.append(int(segment.footer.chunks["payload_bytes"].sum()))
    assert payloads[1] < payloads[0] + 500, "a byte plane for a few numbers"


def test_more_different_words_than_codes_are_kept_as_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tickreel.store.segments.encoding._MAX_WORDS", 4)
    monkeypatch.setattr("tickreel.store.segments.writer.CHUNK_ROWS", 3)
    names = [f"SYN.BTC-{place}JUL24" for place in range(9)]
    block = some_rows(DataType.OPTIONS_CHAIN, 9)
    local_us = START_US + np.arange(9)
    columns = {**block.columns, "underlying_index": Texts.of(names), "local_timestamp": local_us}
    write_segment(tmp_path / "a.tick", Block(block.schema, block.exchange, block.symbol, columns))
    assert read_back(tmp_path / "a.tick")["underlying_index"] == names


def test_a_message_of_any_size_stays_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickreel.store.segments.writer.CHUNK_ROWS", 8)
    sizes = [3, 3, 40, 1, 9, 2, 20]
    block = some_rows(L2, sum(sizes))
    local_us = START_US + np.repeat(np.arange(len(sizes)), sizes)
    block = Block(block.schema, block.exchange, block.symbol, {**block.columns, "local_timestamp": local_us})
    for step in (1, 5, 100):
        path = tmp_path / f"{step}.tick"
        write_segment(path, *cuts(block, step))
        with Segment.open(path) as segment:
            assert [len(piece) for piece in segment.blocks(*ALWAYS)] == [6, 40, 1, 9, 2, 20]


def test_rows_whose_local_time_goes_back_are_refused(tmp_path: Path) -> None:
    block = some_rows(DataType.TRADES, 30)
    writer = SegmentWriter(Disk(), tmp_path / "a.tick", key_of(block), DAY)
    writer.append(block)
    with pytest.raises(DataError, match="local time goes back"):
        writer.append(block)
    with pytest.raises(DataError, match="local time goes back"):
        writer.append(block.take(np.arange(29, -1, -1)))
    writer.discard()
    assert list(tmp_path.iterdir()) == []


def test_what_a_segment_says_of_itself_is_what_it_was_told(tmp_path: Path) -> None:
    block = some_rows(L2, 20)
    sealed = write_segment(tmp_path / "a.tick", block)
    with Segment.open(tmp_path / "a.tick") as segment:
        footer = segment.footer
    assert (footer.format_version, footer.key, footer.day) == (1, key_of(block), DAY)
    assert (footer.rows_sha256, footer.source, footer.source_sha256) == ("ab" * 32, "import", None)
    assert (footer.imported_us, footer.is_whole) == (FACTS.imported_us, False)
    assert (footer.rows, footer.messages) == (sealed.rows, sealed.messages)


def test_rows_may_be_appended_by_several_threads_in_turn_and_read_by_several_at_once(tmp_path: Path) -> None:
    block = some_rows(L2, 5_000)
    writer = SegmentWriter(Disk(), tmp_path / "a.tick", key_of(block), DAY)
    for piece in cuts(block, 1_000):
        thread = threading.Thread(target=writer.append, args=(piece,))
        thread.start()
        thread.join()
    writer.seal(FACTS)
    wanted = plain(block)
    with Segment.open(tmp_path / "a.tick") as segment:
        good: list[bool] = []
        readers = [
            threading.Thread(target=lambda: good.append(plain(segment.read(*ALWAYS)) == wanted))
            for _ in range(4)
        ]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
    assert good == [True] * 4


def test_a_grouped_dataset_without_rows_can_be_read(tmp_path: Path) -> None:
    key = DatasetKey("deribit", "OPTIONS", DataType.OPTIONS_CHAIN)
    SegmentWriter(Disk(), tmp_path / "a.tick", key, DAY).seal(FACTS)
    with Segment.open(tmp_path / "a.tick") as segment:
        block = segment.read(*ALWAYS)
        assert (len(block), list(segment.blocks(*ALWAYS))) == (0, [])
        assert set(block.columns) == set(SCHEMAS[key.type].names) - {"exchange", "symbol"}
        assert isinstance(block.symbol, Words)
