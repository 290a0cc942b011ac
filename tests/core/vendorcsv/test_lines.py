from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from support.vendorfiles import START_US, csv_text, l2_line, line, write_csv

from tickreel.errors import EnvironmentProblem
from tickreel.market.types import DataType
from tickreel.progress import UNWATCHED
from tickreel.vendorcsv import open_csv
from tickreel.vendorcsv.decompress import SourceFile, TextStream, text_of
from tickreel.vendorcsv.lines import BLOCK_BYTES, Ending, Lines, LinesAhead

if TYPE_CHECKING:
    from pathlib import Path

_L2 = DataType.INCREMENTAL_BOOK_L2
_LINES = [l2_line(START_US + i, "bid", "10", "1") for i in range(400_000)]
"""Enough to keep the thread waiting for a free buffer."""


def _threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "tickreel-unpack"]


@pytest.mark.parametrize("packing", ["csv", "csv.gz", "csv.zst"])
def test_lines_are_cut_at_their_ends_and_come_in_order(packing: str, tmp_path: Path) -> None:
    path = write_csv(tmp_path / f"x.{packing}", _L2, _LINES)
    source = SourceFile(path)
    ahead = LinesAhead(source, text_of(source), b"before\n")
    pieces = []
    while isinstance(taken := ahead.take(), Lines):
        assert 0 < taken.end <= BLOCK_BYTES
        pieces.append(bytes(taken.buffer[: taken.end]))
        assert pieces[-1].endswith(b"\n")
        ahead.give_back(taken)
    assert taken == Ending()
    ahead.close()
    source.close()
    assert b"".join(pieces) == b"before\n" + csv_text(_L2, _LINES)
    assert not _threads()


def test_a_reader_that_stops_early_ends_its_thread(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv.gz", _L2, _LINES)
    with open_csv(path) as file:
        blocks = file.blocks(UNWATCHED)
        next(blocks)
        assert _threads()
    assert not _threads()
    with pytest.raises(ValueError, match="closed"):
        next(blocks)


def test_a_generator_that_is_dropped_ends_its_thread(tmp_path: Path) -> None:
    with open_csv(write_csv(tmp_path / "x.csv", _L2, _LINES)) as file:
        for _ in file.blocks(UNWATCHED):
            break
        assert not _threads()


def test_a_refused_row_ends_the_thread(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv.gz", _L2, [*_LINES[:2], line(_L2, price="x"), *_LINES])
    with open_csv(path) as file:
        with pytest.raises(Exception, match="row 3"):
            list(file.blocks(UNWATCHED))
        assert not _threads()


def test_what_the_thread_meets_is_raised_to_the_reader(tmp_path: Path) -> None:
    class Failing(TextStream):
        def fill(self, room: memoryview) -> int:
            raise EnvironmentProblem("the disk is gone")

    path = tmp_path / "x.csv"
    path.write_bytes(b"a")
    source = SourceFile(path)
    ahead = LinesAhead(source, Failing(None), b"")
    with pytest.raises(EnvironmentProblem, match="the disk is gone"):
        ahead.take()
    ahead.close()
    source.close()


@pytest.mark.parametrize(
    ("text", "given"),
    [(b"a", b"a\n"), (b"a\r\n", b"a\r\n"), (b"a\r", b"a\r\r\n"), (b"a\nb", b"a\nb\n"), (b"\n", b"\n")],
)
def test_a_last_line_gets_its_end_and_half_an_end_stays_visible(
    text: bytes, given: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "x"
    path.write_bytes(text)
    source = SourceFile(path)
    ahead = LinesAhead(source, text_of(source), b"")
    taken = ahead.take()
    assert isinstance(taken, Lines)
    assert taken.buffer[: taken.end] == given
    assert ahead.take() == Ending()
    ahead.close()
    source.close()
