"""``tickreel bench``: a table for people, one JSON value for programs, and the cache left alone."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Any

import pytest

from tickreel.bench import playing

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 5_000


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the runs make their folders where the test sees them."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_json_is_one_value_with_every_key(cli: Any, home: Path, temporary: Path) -> None:
    ran = cli("bench", "--rows", ROWS, "--seed", 2, "--only", "size", "--only", "scan", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert list(ran.json) == ["rows", "seed", "machine", "figures"]
    assert (ran.json["rows"], ran.json["seed"]) == (ROWS, 2)
    assert list(ran.json["machine"]) == ["system", "python", "processor", "cores", "memory_bytes", "load"]
    for figure in ran.json["figures"]:
        assert list(figure) == ["measure", "data", "what", "value", "unit", "best"]
    assert {(figure["measure"], figure["unit"]) for figure in ran.json["figures"]} == {
        ("size", "bytes/row"),
        ("scan", "rows/s"),
    }
    assert not home.exists(), "the cache is not touched"
    assert list(temporary.iterdir()) == []


def test_people_get_a_table(cli: Any) -> None:
    ran = cli("bench", "--rows", ROWS, "--only", "scan")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert "load before" in lines[0]
    assert "seed 0" in lines[1]
    assert lines[3].split() == ["MEASURE", "DATA", "WHAT", "VALUE", "BEST"]
    assert lines[4].startswith("scan")
    assert lines[4].endswith("rows/s")
    assert len(lines) == 5


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--rows", "999"], "--rows 999: a generated day has at least 1000 rows"),
        (["--rows", "many"], "'many' is not a whole number from 0 on"),
        (["--only", "size", "--only", "speed"], "'speed' is not a measure: choose from generate, ingest"),
        (["--home", "elsewhere"], "--home: a bench works in the folder for temporary files"),
        (["--file", "nowhere.csv"], "nowhere.csv: there is no such file"),
        (["--seconds", "5"], "--seconds: only a window is played for a time, see --ui"),
        (["--ui", "--only", "size"], "--only: with --ui all is measured at once"),
        (["--ui", "--rows", "0"], "--rows 0: a generated day has at least 1000 rows"),
        (["--ui", "--seconds", "nan"], "--seconds nan: choose from 1 to 3600"),
    ],
)
def test_a_wrong_request_is_told_before_anything_is_made(
    cli: Any, temporary: Path, words: list[str], told: str
) -> None:
    ran = cli("bench", *words)
    assert (ran.code, ran.raw) == (2, b"")
    assert told in ran.error
    assert list(temporary.iterdir()) == []


def test_a_window_needs_the_desktop(cli: Any, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(playing, "find_spec", lambda name: None if name == "pyqtgraph" else object())
    ran = cli("bench", "--ui", "--rows", ROWS)
    assert (ran.code, ran.raw) == (1, b"")
    assert "--ui needs pyqtgraph: install it with pip install 'tickreel[desktop]'" in ran.error
    assert list(temporary.iterdir()) == []
