"""Damage is told, never served: flipped bits, cut files, and files made to mislead."""

from __future__ import annotations

import json
import os
import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from support.segmentrows import ALWAYS, plain, some_rows, write_segment

from tickreel.errors import DataError, EnvironmentProblem
from tickreel.filesystem import Disk
from tickreel.market.types import DataType
from tickreel.progress import UNWATCHED
from tickreel.store.segments import Segment, encode_kernels, layout
from tickreel.store.segments.frames import checksum, compress
from tickreel.store.segments.streams import payload_of, read_head

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import BinaryIO

L2 = DataType.INCREMENTAL_BOOK_L2
OPTIONS = DataType.OPTIONS_CHAIN


def look(path: Path) -> dict[str, list[Any]]:
    """Open, check and read a segment, as the store does."""
    with Segment.open(path) as segment:
        segment.verify(UNWATCHED)
        return plain(segment.read(*ALWAYS))


def is_refused(path: Path) -> bool:
    """Tell whether a segment is damaged, and is said to be."""
    try:
        look(path)
    except DataError as error:
        return f"segment {path.stem}" in str(error)
    return False


def test_one_flipped_bit_anywhere_is_noticed(tmp_path: Path) -> None:
    write_segment(tmp_path / "good.tick", some_rows(L2, 12))
    path = tmp_path / "good.tick"
    content = path.read_bytes()
    with path.open("r+b", buffering=0) as file:
        for position, byte in enumerate(content):
            for bit in range(8):
                file.seek(position)
                file.write(bytes([byte ^ 1 << bit]))
                assert is_refused(path), f"bit {bit} of byte {position}"
            file.seek(position)
            file.write(bytes([byte]))
    assert not is_refused(path)


def test_a_chunk_is_checked_whenever_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickreel.store.segments.writer.CHUNK_ROWS", 20)
    block = some_rows(L2, 60)
    write_segment(tmp_path / "a.tick", block)
    with Segment.open(tmp_path / "a.tick") as segment:
        chunks = segment.footer.chunks.copy()
    assert len(chunks) > 1
    content = bytearray((tmp_path / "a.tick").read_bytes())
    content[int(chunks["offset"][1])] ^= 1
    (tmp_path / "a.tick").write_bytes(content)
    with Segment.open(tmp_path / "a.tick") as segment:
        first = segment.read(ALWAYS[0], int(chunks["first_local_us"][1]))
        assert plain(first) == plain(block.cut(0, int(chunks["rows"][0])))
        told = "segment a of binance-futures BTCUSDT incremental_book_L2 cannot be read: the chunk at byte"
        with pytest.raises(DataError, match=told):
            segment.read(*ALWAYS)
        for reuse in (False, True):
            with pytest.raises(DataError, match=told):
                list(segment.blocks(*ALWAYS, reuse=reuse))


def test_a_file_that_is_cut_off_while_it_is_open_is_refused_though_its_bytes_were_just_read(
    tmp_path: Path,
) -> None:
    write_segment(tmp_path / "a.tick", some_rows(L2, 12))
    with Segment.open(tmp_path / "a.tick") as segment:
        assert len(segment.footer.chunks) == len(list(segment.blocks(*ALWAYS, reuse=True))) == 1
        os.truncate(tmp_path / "a.tick", 16 + int(segment.footer.chunks["stored_bytes"][0]) - 1)
        with pytest.raises(DataError, match="the chunk at byte 16 is not what was written"):
            list(segment.blocks(*ALWAYS, reuse=True))


def test_a_file_that_was_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    write_segment(tmp_path / "good.tick", some_rows(L2, 12))
    content = (tmp_path / "good.tick").read_bytes()
    damaged = tmp_path / "damaged.tick"
    for length in range(len(content)):
        damaged.write_bytes(content[:length])
        assert is_refused(damaged), f"{length} bytes"
    damaged.write_bytes(content + b"\0")
    assert is_refused(damaged)


def rewritten(
    path: Path,
    *,
    payload: Callable[[bytes], bytes] = bytes,
    footer: Callable[[dict[str, Any]], None] | None = None,
) -> None:
    """Write a segment of one chunk anew with other content, and every checksum right.

    What *payload* changes is what stands before the frame of the chunk, and what the frame holds.
    """
    with Segment.open(path) as segment:
        said = segment.footer
        chunk = said.chunks.copy()
        stored = path.read_bytes()[16 : 16 + int(chunk["stored_bytes"][0])]
    frame_at = read_head(stored)[3]
    content = payload(stored[:frame_at] + payload_of(stored, int(chunk["payload_bytes"][0])))
    plain, packed = content[:frame_at], content[frame_at:]
    stored = plain + compress([packed])
    chunk["payload_bytes"], chunk["stored_bytes"] = len(packed), len(stored)
    chunk["crc32"] = checksum(stored)
    end = 16 + len(stored)
    tail = layout.tail(replace(said, chunks=chunk), end)
    if footer is not None:
        text_bytes = len(tail) - chunk.nbytes - layout.TRAILER_BYTES
        value = json.loads(tail[:text_bytes])
        footer(value)
        tail = retold(json.dumps(value).encode(), chunk.tobytes(), end)
    path.write_bytes(layout.head() + stored + tail)


def retold(text: bytes, table: bytes, offset: int) -> bytes:
    end = layout._TRAILER.pack(offset, len(text), checksum(text), len(table), checksum(table), 1)
    return text + table + end + checksum(end).to_bytes(4, "little") + layout.TRAILER_MAGIC


@pytest.mark.parametrize("data_type", [L2, DataType.TRADES, OPTIONS])
@pytest.mark.parametrize("flavour", ["tidy", "hostile"])
@pytest.mark.parametrize("rows", [30, 3_000])  # so few are stored as they are, so many are packed
def test_a_chunk_made_to_mislead_is_refused_or_read_but_never_trusted(
    tmp_path: Path, data_type: DataType, flavour: str, rows: int
) -> None:
    block = some_rows(data_type, rows, flavour=flavour, symbols=("A", "B") if data_type is OPTIONS else ())
    write_segment(tmp_path / "good.tick", block)
    good = (tmp_path / "good.tick").read_bytes()
    path = tmp_path / "bad.tick"
    refused = 0
    for seed in range(300 if rows == 30 else 60):
        chance = random.Random(seed)

        def mislead(payload: bytes, chance: random.Random = chance) -> bytes:
            changed = bytearray(payload)
            streams = int.from_bytes(payload[8:12], "little")
            reach = chance.choice([16, 16 + 32 * streams, len(changed)])
            for _ in range(chance.randint(1, 4)):
                changed[chance.randrange(reach)] = chance.choice([0, 1, 7, 8, 127, 128, 255])
            return bytes(changed[: chance.choice([len(changed), len(changed), len(changed) - 1])])

        path.write_bytes(good)
        rewritten(path, payload=mislead)
        refused += is_refused(path)
    assert refused > (150 if rows == 30 else 30)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rows", 10**9),
        ("rows", "12"),
        ("messages", -1),
        ("first_local_us", None),
        ("last_local_us", 0),
        ("type", "trades"),
        ("type", "colour"),
        ("day", "2024-13-01"),
        ("columns", []),
        ("columns", [["price", 5]]),
        ("columns", None),
        ("words", []),
        ("members", [1]),
        ("symbol", 7),
        ("source", None),
        ("imported_us", 1.5),
    ],
)
def test_a_footer_that_does_not_hang_together_is_refused(tmp_path: Path, name: str, value: object) -> None:
    write_segment(tmp_path / "a.tick", some_rows(L2, 12))
    rewritten(tmp_path / "a.tick", footer=lambda said: said.__setitem__(name, value))
    with pytest.raises(DataError, match="segment a cannot be read"):
        look(tmp_path / "a.tick")


def test_codes_without_words_are_refused(tmp_path: Path) -> None:
    write_segment(tmp_path / "a.tick", some_rows(OPTIONS, 12, symbols=("A", "B")))
    rewritten(tmp_path / "a.tick", footer=lambda said: said.__setitem__("words", {}))
    with pytest.raises(DataError, match="a code that stands for nothing"):
        look(tmp_path / "a.tick")


def test_a_footer_that_lacks_something_is_refused(tmp_path: Path) -> None:
    write_segment(tmp_path / "good.tick", some_rows(L2, 12))
    good = (tmp_path / "good.tick").read_bytes()
    with Segment.open(tmp_path / "good.tick") as segment:
        names = list(layout._as_json(segment.footer))
    for name in names:
        (tmp_path / "a.tick").write_bytes(good)

        def forget(said: dict[str, Any], name: str = name) -> None:
            del said[name]

        rewritten(tmp_path / "a.tick", footer=forget)
        if name == "source_bytes":  # segments of before it was recorded do not name it
            look(tmp_path / "a.tick")
            continue
        with pytest.raises(DataError, match="segment a cannot be read"):
            look(tmp_path / "a.tick")


def test_a_segment_of_a_newer_program_is_refused_by_its_version(tmp_path: Path) -> None:
    (tmp_path / "a.tick").write_bytes(layout.head(7) + b"whatever comes after it")
    with pytest.raises(DataError, match="format version 7, this program reads 1: use the version"):
        look(tmp_path / "a.tick")


def a_folder(path: Path) -> None:
    path.mkdir()


def text(path: Path) -> None:
    path.write_text("no segment " * 100)


@pytest.mark.parametrize("put", [None, a_folder, text])
def test_what_is_not_a_segment_is_refused(tmp_path: Path, put: Callable[[Path], None] | None) -> None:
    if put is not None:
        put(tmp_path / "a.tick")
    with pytest.raises(DataError, match="segment a cannot be read"):
        look(tmp_path / "a.tick")


def test_a_file_that_may_not_be_read_is_the_machine_s_fault_not_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_segment(tmp_path / "a.tick", some_rows(L2, 12))

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.open", refuse)
    with pytest.raises(EnvironmentProblem, match="segment a cannot be read: Permission denied"):
        look(tmp_path / "a.tick")


class _Failing(Disk):
    """A disk that is full at the n-th write, or changes a byte of it."""

    def __init__(self, failing: int, *, spoils: bool) -> None:
        self._left = failing
        self._spoils = spoils

    def write(self, file: BinaryIO, data: bytes | memoryview) -> None:
        self._left -= 1
        if self._left == 0:
            if not self._spoils:
                raise OSError(28, "No space left on device")
            data = bytes([data[0] ^ 1]) + bytes(data[1:])
        super().write(file, data)


@pytest.mark.parametrize("failing", [1, 2, 3])
@pytest.mark.parametrize("spoils", [True, False])
def test_no_wrong_byte_is_sealed_and_a_full_disk_is_told(tmp_path: Path, failing: int, spoils: bool) -> None:
    disk = _Failing(failing, spoils=spoils)
    with pytest.raises(DataError if spoils else OSError):
        write_segment(tmp_path / "a.tick", some_rows(L2, 30), disk=disk)
    assert list(tmp_path.iterdir()) == []


def test_what_does_not_read_back_as_it_was_is_never_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_planes = encode_kernels.lay_planes

    def wrong(*arguments: Any) -> None:
        lay_planes(*arguments)
        arguments[-2][:1] ^= 1

    monkeypatch.setattr(encode_kernels, "lay_planes", wrong)
    with pytest.raises(DataError, match="did not read back as it was written"):
        write_segment(tmp_path / "a.tick", some_rows(L2, 30))
