from __future__ import annotations

import gzip
import hashlib
from typing import TYPE_CHECKING

import pytest
import zstandard
from support.vendorfiles import START_US, csv_text, l2_line, packed

from tickreel.errors import DataError, RowError
from tickreel.market.types import DataType
from tickreel.progress import UNWATCHED
from tickreel.vendorcsv import open_csv
from tickreel.vendorcsv.decompress import SourceFile, text_of

if TYPE_CHECKING:
    from pathlib import Path

_L2 = DataType.INCREMENTAL_BOOK_L2
_LINES = [l2_line(START_US + i, "bid", f"{10 + i / 8}", f"{i % 7}") for i in range(100)]
_TEXT = csv_text(_L2, _LINES)


def _read(path: Path) -> int:
    with open_csv(path) as file:
        for _ in file.blocks(UNWATCHED):
            pass
        assert file.source_bytes == path.stat().st_size
        assert file.source_sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        return file.rows


def _prices(path: Path) -> list[float]:
    with open_csv(path) as file:
        return [price for block in file.blocks(UNWATCHED) for price in block.array("price").tolist()]


def _halves(packing: str) -> tuple[bytes, bytes]:
    return packed(_TEXT[:3000], packing), packed(_TEXT[3000:], packing)


_SKIPPABLE = b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(_TEXT, id="plain"),
        pytest.param(packed(_TEXT, "gz"), id="gzip"),
        pytest.param(packed(_TEXT, "zst"), id="zstd"),
        pytest.param(b"".join(_halves("gz")), id="two gzip members"),
        pytest.param(
            packed(b"", "gz") + b"".join(_halves("gz")) + packed(b"", "gz"), id="empty gzip members"
        ),
        pytest.param(packed(_TEXT, "gz") + bytes(1000), id="padded gzip"),
        pytest.param(bytes(1000).join(_halves("gz")), id="gzip members with padding between"),
        pytest.param(b"".join(_halves("zst")), id="two zstd frames"),
        pytest.param(_SKIPPABLE + packed(_TEXT, "zst"), id="skippable zstd frame"),
        pytest.param(zstandard.ZstdCompressor(write_content_size=False).compress(_TEXT), id="zstd, bare"),
    ],
)
def test_every_packing_is_told_by_its_bytes_and_read_to_its_end(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    assert _read(path) == len(_LINES)


@pytest.mark.parametrize("packing", ["gz", "zst"])
def test_a_stream_cut_anywhere_is_refused(packing: str, tmp_path: Path) -> None:
    whole = packed(_TEXT, packing)
    path = tmp_path / f"cut.csv.{packing}"
    for size in range(4, len(whole)):
        path.write_bytes(whole[:size])
        with pytest.raises(DataError, match=r"cut\.csv.* stream ends early after row \d+; fetch or copy"):
            _read(path)


def test_a_cut_gzip_stream_names_the_last_whole_row(tmp_path: Path) -> None:
    path = tmp_path / "cut.csv.gz"
    path.write_bytes(packed(_TEXT, "gz")[:-1])
    with pytest.raises(DataError, match=f"ends early after row {len(_LINES)};"):
        _read(path)


@pytest.mark.parametrize("packing", ["gz", "zst"])
def test_a_second_part_that_is_cut_is_refused(packing: str, tmp_path: Path) -> None:
    first, second = _halves(packing)
    path = tmp_path / "cut"
    path.write_bytes(first + second[: len(second) // 2])
    with pytest.raises(DataError, match="stream ends early"):
        _read(path)


@pytest.mark.parametrize("packing", ["gz", "zst"])
def test_a_flipped_byte_is_refused_as_damage_and_never_blamed_on_a_row(packing: str, tmp_path: Path) -> None:
    whole = packed(_TEXT, packing)
    path = tmp_path / "flipped"
    refused = 0
    for place in range(10, len(whole), 5):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        try:
            # zstd has bits that mean nothing: then every row is as it was.
            assert _prices(path) == [10 + i / 8 for i in range(len(_LINES))]
        except DataError as error:
            refused += 1
            assert not isinstance(error, RowError), error  # noqa: PT017
    assert refused > 50


def test_damage_far_behind_a_bad_row_is_found_and_blamed(tmp_path: Path) -> None:
    lines = [l2_line(START_US + i, "bid", "10", "1") for i in range(90_000)]
    stored = gzip.compress(csv_text(_L2, lines), compresslevel=0)
    path = tmp_path / "flipped.csv.gz"
    path.write_bytes(stored.replace(b",bid,10,1\n", b",bid,1x,1\n", 1))
    with pytest.raises(DataError, match=r"the gzip stream is damaged \(incorrect data check\)"):
        _read(path)


def _stream(path: Path) -> tuple[bytes, str | None, int, str]:
    """Give all text of a file, what is wrong with it, and how much of which bytes was read."""
    source = SourceFile(path)
    try:
        stream = text_of(source)
        pieces = []
        while piece := stream.read(1_000):
            pieces.append(piece)
        return b"".join(pieces), stream.damage, source.position, source.sha256
    finally:
        source.close()


def test_a_damaged_gzip_file_gives_all_text_before_the_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = b"".join(_halves("gz"))
    path = tmp_path / "damaged"
    damages = set()
    for place in range(11, len(whole), 11):
        for data in (whole[:place], whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :]):
            path.write_bytes(data)
            found = _stream(path)
            with monkeypatch.context() as patched:
                # A pipe cannot be read twice, so that it is unpacked with care from the first byte on.
                patched.setattr(SourceFile, "rewind", lambda _: False)
                assert _stream(path) == found
            assert found[1] or found[0] == _TEXT
            damages.add(found[1])
    assert {"ends early", "is damaged (incorrect data check)"} < damages


@pytest.mark.parametrize("packing", ["gz", "zst"])
def test_bytes_after_the_end_of_a_stream_are_refused(packing: str, tmp_path: Path) -> None:
    path = tmp_path / "longer"
    path.write_bytes(packed(_TEXT, packing) + b"and then some")
    with pytest.raises(DataError, match="stream is "):
        _read(path)


def test_a_highly_packed_file_is_unpacked_in_bounded_pieces(tmp_path: Path) -> None:
    path = tmp_path / "zeros.csv.gz"
    path.write_bytes(gzip.compress(b"0" * (64 << 20), 9))
    with pytest.raises(DataError, match="not one of the vendor's CSV files"):
        _read(path)
