"""Files read by position: whole where the system gives them piecemeal, or knows no reading by position."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from tickreel.store.segments.positioned import PositionedFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONTENT = bytes(range(256)) * 20


@pytest.fixture
def file(tmp_path: Path) -> Iterator[PositionedFile]:
    (tmp_path / "file").write_bytes(CONTENT)
    opened = PositionedFile(tmp_path / "file")
    yield opened
    opened.close()


def piecemeal(handle: int, rooms: list[memoryview], offset: int) -> int:
    """Give at most seven bytes, as a system may."""
    data = os.pread(handle, min(7, len(rooms[0])), offset)
    rooms[0][: len(data)] = data
    return len(data)


@pytest.mark.parametrize("system", ["whole", "piecemeal", "by seeking"])
def test_what_is_read_is_what_lies_there(
    file: PositionedFile, monkeypatch: pytest.MonkeyPatch, system: str
) -> None:
    if system == "piecemeal":
        monkeypatch.setattr("os.preadv", piecemeal, raising=False)
    elif system == "by seeking":
        monkeypatch.delattr("os.preadv", raising=False)
    assert file.size() == len(CONTENT)
    for offset, size in ((0, 0), (0, 1), (3, 1_000), (5_000, 120), (5_000, 121), (6_000, 9), (0, 5_120)):
        wanted = CONTENT[offset : offset + size]
        assert file.read(offset, size) == wanted
        room = bytearray(b"\xee" * (size + 4))
        assert file.read_into(offset, memoryview(room)[2 : size + 2]) == len(wanted)
        assert room == b"\xee\xee" + wanted + b"\xee" * (size - len(wanted) + 2)


@pytest.mark.parametrize("system", ["by position", "by seeking"])
def test_threads_share_one_handle(file: PositionedFile, monkeypatch: pytest.MonkeyPatch, system: str) -> None:
    if system == "by seeking":
        monkeypatch.delattr("os.preadv", raising=False)
    good: list[bool] = []

    def read(own: int) -> None:
        places = [(own * 997 + step * 331) % 5_000 for step in range(300)]
        good.append(all(file.read(place, 100) == CONTENT[place : place + 100] for place in places))

    threads = [threading.Thread(target=read, args=(own,)) for own in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert good == [True] * 4
