"""Segment files: what comes out of them for any range, and what a damaged one says."""

from __future__ import annotations

import subprocess
import sys
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.vendorfiles import MIXED, START_US, l2_line, line, write_csv

from tickreel.errors import DataError
from tickreel.market.time import day_of
from tickreel.market.types import SCHEMAS, DatasetKey, DataType
from tickreel.progress import UNWATCHED
from tickreel.store import segment
from tickreel.store.digest import RowsDigest
from tickreel.store.segment import Sealed, SegmentWriter, read_segment, stored_columns
from tickreel.vendorcsv import open_csv

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

L2 = DataType.INCREMENTAL_BOOK_L2
KEY = DatasetKey("binance-futures", "BTCUSDT", L2)
GROUP = DatasetKey("binance-futures", "FUTURES", L2)
NAMES = SCHEMAS[L2].names
ALWAYS = (0, 2**62)
DAY = day_of(START_US)


def lines_of(sizes: Iterable[int], *, symbols: str = "") -> list[str]:
    """Write messages of these many rows, two microseconds apart, every row different from all others."""
    rows: list[str] = []
    for number, size in enumerate(sizes):
        for _ in range(size):
            cells = {"symbol": symbols[len(rows) % len(symbols)]} if symbols else {}
            side = "bid" if len(rows) % 3 else "ask"
            local_us = START_US + 2 * number
            price = str(len(rows) / 8)
            rows.append(l2_line(local_us, side, price, "1", snapshot=number == 0, **cells))
    return rows


def seal(path: Path, key: DatasetKey, lines: list[str], *, step: int | None = None) -> Sealed:
    """Write a segment of the rows, given in batches of *step*."""
    source = write_csv(path.with_suffix(".csv"), key.type, lines)
    writer = SegmentWriter(path, key, DAY)
    with open_csv(source, type=key.type) as file:
        for batch in file.batches(UNWATCHED):
            for low in range(0, batch.num_rows, step or batch.num_rows):
                writer.append(batch.slice(low, step or batch.num_rows))
    return writer.seal()


def rows_of(path: Path, key: DatasetKey, span: tuple[int, int] = ALWAYS) -> list[dict[str, Any]]:
    batches = read_segment(path, key, *span, SCHEMAS[key.type].names)
    return [row for batch in batches for row in batch.to_pylist()]


@pytest.mark.parametrize("group_rows", [1, 2, 5, 1_000])
def test_every_range_is_what_a_plain_filter_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, group_rows: int
) -> None:
    monkeypatch.setattr(segment, "ROW_GROUP_ROWS", group_rows)
    path = tmp_path / "a.parquet"
    sizes = [1, 3, 1, 6, 1, 2]
    sealed = seal(path, KEY, lines_of(sizes), step=1)
    assert (sealed.rows, sealed.messages) == (14, 6)
    assert (sealed.first_local_us, sealed.last_local_us) == (START_US, START_US + 10)
    assert (len(list(read_segment(path, KEY, *ALWAYS, NAMES))) > 2) is (group_rows < 1_000)
    everything = rows_of(path, KEY)
    assert [row["price"] for row in everything] == [n / 8 for n in range(14)]
    for start_us in range(START_US - 1, START_US + 13):
        for end_us in range(start_us, START_US + 13):
            wanted = [row for row in everything if start_us <= row["local_timestamp"] < end_us]
            assert rows_of(path, KEY, (start_us, end_us)) == wanted


def test_no_message_is_split_over_two_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment, "ROW_GROUP_ROWS", 4)
    path = tmp_path / "a.parquet"
    seal(path, KEY, lines_of([2, 9, 1, 1, 6, 3, 8]), step=3)
    seen: set[int] = set()
    batches = list(read_segment(path, KEY, *ALWAYS, ("price",)))
    assert len(batches) > 3
    for batch in read_segment(path, KEY, *ALWAYS, ("local_timestamp",)):
        times = set(batch.column(0).to_pylist())
        assert not times & seen
        seen |= times
    assert len(seen) == 7


@settings(deadline=None, max_examples=40)
@given(
    sizes=st.lists(st.integers(1, 9), min_size=1, max_size=12),
    step=st.integers(1, 20),
    group_rows=st.integers(1, 30),
    symbols=st.sampled_from(["", "AB", "ABC"]),
)
def test_however_rows_are_given_and_packed_the_segment_is_the_same_to_its_reader(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], step: int, group_rows: int, symbols: str
) -> None:
    folder = tmp_path_factory.mktemp("segment")
    key = GROUP if symbols else KEY
    lines = lines_of(sizes, symbols=symbols)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segment, "ROW_GROUP_ROWS", group_rows)
        sealed = seal(folder / "a.parquet", key, lines, step=step)
    one_batch = seal(folder / "b.parquet", key, lines)
    rows = rows_of(folder / "a.parquet", key)
    assert rows == rows_of(folder / "b.parquet", key)
    messages = len({(row["symbol"], row["local_timestamp"]) for row in rows})
    assert sealed.rows == len(rows) == sum(sizes)
    assert sealed.messages == one_batch.messages == messages
    assert sealed.rows_sha256 == one_batch.rows_sha256
    assert sealed.members == tuple(sorted({row["symbol"] for row in rows} if symbols else ()))
    assert sealed.opens_with_snapshot is not bool(symbols)
    digest = RowsDigest(SCHEMAS[L2], grouped=key.is_grouped)
    for batch in read_segment(folder / "a.parquet", key, *ALWAYS, NAMES):
        digest.update(batch)
    assert digest.hexdigest() == sealed.rows_sha256
    times = [row["local_timestamp"] for row in rows]
    assert [len(list(run)) for _, run in groupby(times)] == sizes


@pytest.mark.parametrize("data_type", list(DataType))
def test_rows_of_every_type_come_back_in_the_form_in_which_they_were_given(
    tmp_path: Path, data_type: DataType
) -> None:
    symbol = "OPTIONS" if data_type is DataType.OPTIONS_CHAIN else "BTCUSDT"
    key = DatasetKey("binance-futures", symbol, data_type)
    source = write_csv(tmp_path / "a.csv", data_type, MIXED[data_type])
    with open_csv(source, type=data_type) as file:
        given_rows = pa.Table.from_batches(file.batches(UNWATCHED))
    seal(tmp_path / "a.parquet", key, list(MIXED[data_type]))
    read = pa.Table.from_batches(read_segment(tmp_path / "a.parquet", key, *ALWAYS, SCHEMAS[data_type].names))
    assert read.equals(given_rows)


def test_columns_come_in_the_order_asked_and_only_those(tmp_path: Path) -> None:
    seal(tmp_path / "a.parquet", KEY, lines_of([2]))
    asked = ("amount", "exchange", "side", "symbol")
    (batch,) = read_segment(tmp_path / "a.parquet", KEY, *ALWAYS, asked)
    assert tuple(batch.schema.names) == asked
    assert batch.to_pylist()[0] == {
        "amount": 1.0,
        "exchange": "binance-futures",
        "side": "ask",
        "symbol": "BTCUSDT",
    }
    assert "exchange" not in stored_columns(KEY)
    assert "symbol" in stored_columns(GROUP)


def test_a_day_without_rows_is_a_segment_too(tmp_path: Path) -> None:
    sealed = seal(tmp_path / "a.parquet", KEY, [])
    assert (sealed.rows, sealed.messages, sealed.first_local_us, sealed.last_local_us) == (0, 0, None, None)
    assert rows_of(tmp_path / "a.parquet", KEY) == []


def test_a_segment_given_up_leaves_no_file(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path / "a.parquet", KEY, DAY)
    writer.discard()
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a sealed segment of several row groups."""
    monkeypatch.setattr(segment, "ROW_GROUP_ROWS", 60)
    path = tmp_path / "good.parquet"
    seal(path, KEY, lines_of([5] * 40), step=30)
    return path


def footer_start(content: bytes) -> int:
    end = content.rindex(b"PAR1")
    return end - 4 - int.from_bytes(content[end - 4 : end], "little")


def test_one_flipped_bit_anywhere_in_the_rows_is_noticed(tmp_path: Path, good: Path) -> None:
    content, rows = good.read_bytes(), rows_of(good, KEY)
    damaged = tmp_path / "damaged.parquet"
    noticed = 0
    for position in range(4, footer_start(content), 11):
        flipped = bytearray(content)
        flipped[position] ^= 1 << position % 8
        damaged.write_bytes(flipped)
        try:
            assert rows_of(damaged, KEY) == rows, f"wrong rows, bit {position % 8} of byte {position}"
        except DataError:
            noticed += 1
    assert noticed > 150


# In a process of its own: a damaged footer must not take the program down either.
_FLIP_THE_FOOTER = """
import sys
from pathlib import Path
from tickreel.errors import DataError
from tickreel.market.types import SCHEMAS, DatasetKey, DataType
from tickreel.store.segment import read_segment

good, damaged = map(Path, sys.argv[1:])
key = DatasetKey("binance-futures", "BTCUSDT", DataType.INCREMENTAL_BOOK_L2)
content = good.read_bytes()
end = content.rindex(b"PAR1")
start = end - 4 - int.from_bytes(content[end - 4 : end], "little")

def read(path):
    spans = [(0, 2**62), (1_721_692_800_000_020, 1_721_692_800_000_050)]
    return [list(read_segment(path, key, *span, SCHEMAS[key.type].names)) for span in spans]

rows = read(good)
for position in range(start, len(content), 2):
    bit = position // 2 % 8
    flipped = bytearray(content)
    flipped[position] ^= 1 << bit
    damaged.write_bytes(flipped)
    where = f"bit {bit} of byte {position - start} of the footer"
    print(where, flush=True)
    try:
        assert read(damaged) == rows, f"wrong rows: {where}"
    except DataError:
        pass
"""


def test_one_flipped_bit_in_the_footer_is_noticed_or_harmless(tmp_path: Path, good: Path) -> None:
    child = subprocess.run(
        [sys.executable, "-c", _FLIP_THE_FOOTER, str(good), str(tmp_path / "damaged.parquet")],
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    last = child.stdout.splitlines()[-1:]
    assert child.returncode == 0, f"{last}: exit {child.returncode}\n{child.stderr[-2_000:]}"


def test_a_file_that_was_cut_off_anywhere_is_refused(tmp_path: Path, good: Path) -> None:
    content = good.read_bytes()
    damaged = tmp_path / "damaged.parquet"
    lengths = {0, 1, 4, 7, 8, 12, footer_start(content), *range(0, len(content), 97), len(content) - 1}
    for length in sorted(lengths):
        damaged.write_bytes(content[:length])
        with pytest.raises(DataError, match=r"segment damaged of binance-futures BTCUSDT"):
            rows_of(damaged, KEY)


def a_folder(path: Path) -> None:
    path.mkdir()


def another_program_s_file(path: Path) -> None:
    pq.write_table(pa.table({"local_timestamp": [1], "price": [1.0]}), path)


def text(path: Path) -> None:
    path.write_text("not parquet " * 100)


@pytest.mark.parametrize("put", [None, a_folder, another_program_s_file, text])
def test_what_is_not_a_segment_is_refused(tmp_path: Path, put: Callable[[Path], None] | None) -> None:
    path = tmp_path / "a.parquet"
    if put is not None:
        put(path)
    with pytest.raises(DataError, match="segment a "):
        rows_of(path, KEY)


def test_a_segment_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segment, "FORMAT_VERSION", 7)
        seal(path, KEY, [line(L2)])
    with pytest.raises(DataError, match="format version 7, this program reads 0"):
        rows_of(path, KEY)
