"""Who works a queue off: told without taking it, and given back when a process is killed."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

from tickreel.errors import EnvironmentProblem
from tickreel.fetch.ownership import Ownership

if TYPE_CHECKING:
    from pathlib import Path

_HOLD = """
import sys
from pathlib import Path
from tickreel.fetch.ownership import Ownership
ownership = Ownership(Path(sys.argv[1]))
assert ownership.take()
print("taken", flush=True)
sys.stdin.read()
"""


def test_whoever_looks_takes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, onlooker = Ownership(tmp_path), Ownership(tmp_path)
    assert not onlooker.is_taken()
    assert owner.take()
    owner.release()
    monkeypatch.setattr(onlooker, "take", lambda: pytest.fail("it was taken to look"))
    assert not onlooker.is_taken()
    assert owner.take()
    assert onlooker.is_taken()
    assert onlooker.is_taken(read_only=True)
    owner.release()
    assert not onlooker.is_taken(read_only=True)


def test_what_a_killed_process_had_is_free_again(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"taken\n"
        onlooker = Ownership(tmp_path)
        assert onlooker.is_taken()
        assert not onlooker.take()
        process.kill()
        process.wait()
        assert onlooker.is_taken(read_only=True), "nobody can tell where the lock cannot be tried"
        assert not onlooker.is_taken()
        assert not onlooker.is_taken(read_only=True), "it was found free"


@pytest.mark.parametrize("told", [None, "?"])
def test_what_is_not_told_the_lock_knows(tmp_path: Path, told: str | None) -> None:
    owner = Ownership(tmp_path)
    assert owner.take()
    note = tmp_path / "fetch.owner"
    if told is None:
        note.unlink()
    else:
        note.write_text(told, encoding="ascii")
    assert Ownership(tmp_path).is_taken()
    owner.release()
    assert not Ownership(tmp_path).is_taken()


def test_a_lock_of_another_user_is_an_error_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(FileLock, "acquire", refuse)
    with pytest.raises(EnvironmentProblem, match=r"fetch\.lock cannot be used: Permission denied; if"):
        Ownership(tmp_path).take()
