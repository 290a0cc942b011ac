"""The page on the format is true: its example is a segment, and a reader written from it alone reads all."""

from __future__ import annotations

import json
import re
import struct
import uuid
from importlib import resources
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pytest
import zstandard
from support.segmentrows import ALWAYS, FLAVOURS, cuts, plain, some_rows, write_segment

from tickreel.market.types import SIDES, DataType, Kind
from tickreel.progress import UNWATCHED
from tickreel.store.segments import Segment

if TYPE_CHECKING:
    from pathlib import Path

PAGE = resources.files("tickreel_resources").joinpath("docs", "segment-format.md").read_text("utf-8")


def hex_of(title: str) -> bytes:
    """Read a block of hexadecimal from the page."""
    (block,) = re.findall(rf"```hex {title}\n(.*?)```", PAGE, re.DOTALL)
    return b"".join(bytes.fromhex(line[4:]) for line in block.splitlines())


def signed(value: int) -> int:
    return (value + 2**63) % 2**64 - 2**63


class Stream:
    """A stream as the page describes it."""

    def __init__(self, stored: bytes, payload: bytes, place: int, plain_at: int, packed_at: int) -> None:
        fields = struct.unpack_from("<HBBBBHIIqq", stored, 16 + 32 * place)
        self.column, self.form, self.transform, self.width, self.decimals, packed = fields[:6]
        self.values, self.tail, self.base, self.unit = fields[6:]
        planes: list[bytes] = []
        for plane in range(self.width):
            if packed >> plane & 1:
                planes.append(payload[packed_at : packed_at + self.values])
                packed_at += self.values
            else:
                planes.append(stored[plain_at : plain_at + self.values])
                plain_at += self.values
        self.codes = [sum(plane[i] << 8 * p for p, plane in enumerate(planes)) for i in range(self.values)]
        self.rest = packed_at
        self.ends = plain_at, packed_at + self.tail * {2: 8, 3: 8, 7: 1}.get(self.form, 0)
        self.planes, self.payload = planes, payload

    def integers(self, codes: list[int] | None = None, escape: int | None = None) -> list[int | None]:
        found: list[int | None] = []
        before = self.base
        for code in self.codes if codes is None else codes:
            if code == escape:
                found.append(None)
            elif self.transform in (0, 2):
                found.append(signed(self.base + self.unit * code))
            else:
                before = signed(before + self.unit * ((code >> 1) ^ -(code & 1)))
                found.append(before)
        return found

    def number_bits(self) -> list[int]:
        """Give the bits of the numbers of forms 2 and 3."""
        spare = self.form == 3
        escape = 2 ** (8 * self.width - spare) - 1 if self.tail else None
        escaped = iter(range(self.tail))
        bits: list[int] = []
        for whole in self.integers([code >> spare for code in self.codes], escape):
            if whole is None:
                place = next(escaped)
                raw = bytes(self.payload[self.rest + p * self.tail + place] for p in range(8))
            else:
                raw = struct.pack("<d", whole / 10**self.decimals)
            bits.append(struct.unpack("<q", raw)[0])
        return bits

    def texts(self, words: list[str]) -> list[str]:
        match self.form:
            case 4:
                return [words[code] for code in self.integers() if code is not None]
            case 5:
                return [str(value) for value in self.integers()]
            case 6:
                return [str(uuid.UUID(bytes=bytes(raw))) for raw in zip(*self.planes, strict=True)]
        found, at = [], self.rest
        for length in self.integers():
            assert length is not None
            found.append(self.payload[at : at + length].decode())
            at += length
        return found


def read_by_the_page(content: bytes) -> dict[str, list[Any]]:
    """Read a whole segment with nothing but what the page says."""
    assert content[:12] == bytes.fromhex("89 54 49 43 4b 0d 0a 1a 01 00 00 00")
    assert struct.unpack_from("<I", content, 12)[0] == crc32(content[:12])
    offset, text_bytes, text_crc, table_bytes, table_crc, version, own = struct.unpack(
        "<Q6I", content[-40:-8]
    )
    assert (version, own, content[-8:]) == (1, crc32(content[-40:-12]), b"TICKEND\n")
    text, table = content[offset : offset + text_bytes], content[offset + text_bytes : -40]
    assert (len(table), crc32(table), crc32(text)) == (table_bytes, table_crc, text_crc)
    footer = json.loads(text)
    rows: dict[str, list[Any]] = {"symbol": []} | {name: [] for name, _ in footer["columns"]}
    for at, stored, size, _, _, count, _, crc, _ in struct.iter_unpack("<QIIqqIIII", table):
        assert crc32(content[at : at + stored]) == crc
        chunk = chunk_by_the_page(content[at : at + stored], size, footer)
        chunk.setdefault("symbol", [footer["symbol"]] * count)
        for name, values in chunk.items():
            assert len(values) == count
            rows[name] += values
    return rows


def frame_of(stored: bytes) -> tuple[int, bytes]:
    """Tell where the frame of a chunk begins, and what comes out of it."""
    (frame_at,) = struct.unpack_from("<I", stored, 12)
    frame = stored[frame_at:]
    return frame_at, zstandard.ZstdDecompressor().decompress(frame) if frame else b""


def chunk_by_the_page(stored: bytes, payload_bytes: int, footer: dict[str, Any]) -> dict[str, list[Any]]:
    _, runs, count = struct.unpack_from("<3I", stored)
    frame_at, payload = frame_of(stored)
    assert len(payload) == payload_bytes
    streams: dict[int, Stream] = {}
    ends = 16 + 32 * count, 0
    for place in range(count):
        stream = Stream(stored, payload, place, *ends)
        streams[stream.column], ends = stream, stream.ends
    assert ends == (frame_at, payload_bytes)
    chunk: dict[str, list[Any]] = {}
    for place, (name, kind) in enumerate(footer["columns"]):
        if place not in streams:
            continue
        stream = streams[place]
        if kind == "text":
            chunk[name] = stream.texts(footer["words"].get(name, []))
        elif stream.form in (2, 3):
            chunk[name] = stream.number_bits()
            if stream.form == 3:
                chunk["side"] = [code & 1 for code in stream.codes]
        else:
            chunk[name] = stream.integers()
    names = [name for name, _ in footer["columns"]]
    if streams[names.index("timestamp")].transform >= 2:
        pairs = zip(chunk["local_timestamp"], chunk["timestamp"], strict=True)
        chunk["timestamp"] = [signed(local - behind) for local, behind in pairs]
    if runs:
        lengths = streams[65535].integers()
        for name in {"symbol", "timestamp", "local_timestamp", "is_snapshot"} & set(chunk):
            chunk[name] = [v for v, n in zip(chunk[name], lengths, strict=True) for _ in range(n or 0)]
    return chunk


def test_the_example_of_the_page_is_a_segment_of_the_rows_it_tells(tmp_path: Path) -> None:
    path = tmp_path / "example.tick"
    path.write_bytes(hex_of("file"))
    with Segment.open(path) as segment:
        segment.verify(UNWATCHED)
        block = segment.read(*ALWAYS)
        assert segment.footer.chunks["offset"].tolist() == [0x10]
    told = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("| 17216928")]
    sides = SIDES[Kind.BOOK_SIDE]
    assert (
        [
            [str(ts), str(local), str(bool(flag)).lower(), sides[side], f"{price:g}", f"{amount:g}"]
            for ts, local, flag, side, price, amount in zip(
                *(block.columns[name].tolist() for name in block.schema.names[2:]),  # type: ignore[union-attr]
                strict=True,
            )
        ]
        == [[*row[:4], f"{float(row[4]):g}", f"{float(row[5]):g}"] for row in told]
    )
    stored = hex_of("file")[0x10:][: int(segment.footer.chunks["stored_bytes"][0])]
    assert frame_of(stored)[1] == hex_of("payload")


@pytest.mark.parametrize("data_type", list(DataType))
@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("symbols", [(), ("A-27SEP24", "B")])
@pytest.mark.parametrize("chunk_rows", [25, 2_000])  # few rows are stored as they are, many are packed
def test_a_reader_written_from_the_page_reads_every_type(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    data_type: DataType,
    flavour: str,
    symbols: tuple[str, ...],
    chunk_rows: int,
) -> None:
    monkeypatch.setattr("tickreel.store.segments.writer.CHUNK_ROWS", chunk_rows)
    block = some_rows(data_type, 2 * chunk_rows + 10, seed=len(flavour), flavour=flavour, symbols=symbols)
    write_segment(tmp_path / "a.tick", *cuts(block, 17 * chunk_rows // 25))
    with Segment.open(tmp_path / "a.tick") as segment:
        assert plain(segment.read(*ALWAYS)) == plain(block)
    assert read_by_the_page((tmp_path / "a.tick").read_bytes()) == plain(block)
