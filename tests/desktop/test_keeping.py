"""Small files of the window: whole or not at all, and never lost when they cannot be understood."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec
import pytest

from tickreel.errors import EnvironmentProblem
from tickreel_desktop.keeping import Kept, KeptFile, Writer

if TYPE_CHECKING:
    from pathlib import Path


class Words(msgspec.Struct, frozen=True):
    version: int
    words: dict[str, str]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "desktop" / "kept.json"


def test_what_is_written_is_read_again(path: Path) -> None:
    file = KeptFile(path, Words, 3)
    assert file.read() == (None, "")
    kept = Words(3, {"a": "b"})
    file.write(kept)
    assert KeptFile(path, Words, 3).read() == (kept, "")
    assert [each.name for each in path.parent.iterdir()] == ["kept.json"], "no temporary file is left"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff",
        b"[1]",
        b'{"version": 3}',
        b'{"version": 3, "words": 5}',
        b'{"version": 3, "words": {"a": "\xff"}}',
        b'{"version": 3, "x": ' + b"[" * 200_000,
    ],
    ids=["empty", "bytes", "list", "half", "kind", "no-utf-8", "deep"],
)
def test_what_cannot_be_understood_is_set_aside(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    for number in (1, 2):
        path.write_bytes(content)
        kept, problem = KeptFile(path, Words, 3).read()
        assert kept is None
        assert f"kept.json.bad-{number}" in problem
        assert path.with_name(f"kept.json.bad-{number}").read_bytes() == content
        assert not path.exists()


def test_a_file_of_a_newer_version_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    newer = b'{"version": 4, "sentences": []}'
    path.write_bytes(newer)
    file = KeptFile(path, Words, 3)
    kept, problem = file.read()
    assert kept is None
    assert "newer" in problem
    file.write(Words(3, {}))
    assert path.read_bytes() == newer


def test_a_file_that_cannot_be_read_is_not_replaced(path: Path) -> None:
    path.mkdir(parents=True)  # whoever runs the test, a folder is read by nobody
    file = KeptFile(path, Words, 3)
    kept, problem = file.read()
    assert kept is None
    assert "cannot be read" in problem
    with pytest.raises(EnvironmentProblem, match=r"kept\.json cannot be read.*move it away"):
        file.write(Words(3, {}))
    file.write(Words(3, {}))
    assert path.is_dir(), "told once, and left alone for good"
    path.rmdir()
    assert file.read() == (None, "")
    file.write(Words(3, {}))
    assert path.is_file(), "what was moved away stands in no way"


def test_a_file_that_cannot_be_set_aside_is_not_replaced(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, target: Path) -> Path:
        raise PermissionError(13, "it is held by another program")

    path.parent.mkdir()
    path.write_bytes(b"mine")
    monkeypatch.setattr("pathlib.Path.rename", refuse)
    file = KeptFile(path, Words, 3)
    assert "nor set aside" in file.read()[1]
    with pytest.raises(EnvironmentProblem, match=r"kept\.json cannot be understood"):
        file.write(Words(3, {}))
    file.write(Words(3, {}))
    assert path.read_bytes() == b"mine"


def test_a_file_far_too_large_is_not_read(path: Path) -> None:
    path.parent.mkdir()
    with path.open("wb") as file:
        file.truncate(5_000_000)
    kept, problem = KeptFile(path, Words, 3).read()
    assert kept is None
    assert "too large" in problem


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "desktop").write_text("a file where a folder should be")
    with pytest.raises(EnvironmentProblem, match=r"kept\.json cannot be written"):
        KeptFile(tmp_path / "desktop" / "kept.json", Words, 3).write(Words(3, {}))


def test_what_is_kept_is_written_when_it_has_changed_and_only_then(path: Path) -> None:
    kept = Kept(path, Words(3, {}))
    assert kept.read() == ""
    kept.write()
    assert not path.exists(), "nothing has changed"
    kept.now = Words(3, {"a": "b"})
    kept.write()
    again = Kept(path, Words(3, {}))
    assert again.read() == ""
    assert again.now == Words(3, {"a": "b"})
    path.unlink()
    again.write()
    assert not path.exists(), "it was read as it is"
    again.settle(Words(3, {"c": "d"}))
    again.write()
    assert not path.exists(), "it means the same"
    again.now = Words(3, {})
    again.write()
    assert KeptFile(path, Words, 3).read() == (Words(3, {}), "")


def test_trouble_is_told_once_until_a_write_succeeds(path: Path) -> None:
    told: list[str] = []
    kept = Kept(path, Words(3, {}))
    path.mkdir(parents=True)  # nothing can take its place

    async def journey() -> None:
        writer = Writer(kept.write, lambda error: told.append(str(error)))
        for word in ("a", "b"):
            kept.now = Words(3, {word: ""})
            await writer.write()
        assert len(told) == 1
        await asyncio.to_thread(path.rmdir)
        await writer.write()
        assert KeptFile(path, Words, 3).read() == (Words(3, {"b": ""}), "")
        await asyncio.to_thread(path.unlink)
        await asyncio.to_thread(path.mkdir)
        kept.now = Words(3, {})
        await writer.write()
        assert len(told) == 2

    asyncio.run(journey())


def test_what_changes_during_a_write_is_written_after_it() -> None:
    written: list[int] = []
    now = [1]

    def write() -> None:
        written.append(now[0])

    async def journey() -> None:
        writer = Writer(write, print)
        first = asyncio.ensure_future(writer.write())
        await asyncio.sleep(0)
        now[0] = 2
        await asyncio.gather(first, writer.write())

    asyncio.run(journey())
    assert written[-1] == 2
    assert len(written) == 2
