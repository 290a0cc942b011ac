"""A mark tells of a session that did not come to its end, and of no other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import psutil
import pytest

from tickreel.session import Interrupted, Session, marker_path, previous_marker_path

if TYPE_CHECKING:
    from pathlib import Path

LINK = "tickreel://replay/tickreel-sim/BTCUSDT?at=2025-03-14T15:45:00.000000Z"
_DIE = """
import os, sys
from pathlib import Path
from tickreel.session import Session
session = Session(Path(sys.argv[1]))
session.begin()
session.update("replay", sys.argv[2])
print("open", flush=True)
if sys.argv[3] == "kill":
    sys.stdin.read()
elif sys.argv[3] == "end":
    session.end()
"""


def _run(home: Path, how: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", _DIE, str(home), LINK, how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    return process


def _finish(process: subprocess.Popen[str]) -> None:
    process.communicate()


def _previous(home: Path) -> Interrupted | None:
    session = Session(home)
    session.begin()
    return session.previous()


def test_a_first_start_has_nothing_before_it(home: Path) -> None:
    assert _previous(home) is None
    assert json.loads(marker_path(home).read_bytes())["pid"] == os.getpid()


def test_a_killed_session_is_told_with_what_was_open(home: Path) -> None:
    process = _run(home, "kill")
    process.kill()
    _finish(process)
    found = _previous(home)
    assert found is not None
    assert (found.pid, found.workspace, found.link) == (process.pid, "replay", LINK)
    assert found.started_us <= found.seen_us
    assert previous_marker_path(home).exists(), "kept for the diagnostics"


def test_a_session_that_ended_leaves_nothing(home: Path) -> None:
    _finish(_run(home, "end"))
    assert not marker_path(home).exists()
    assert _previous(home) is None


def test_a_session_that_still_runs_is_left_alone(home: Path) -> None:
    process = _run(home, "kill")
    before = marker_path(home).read_bytes()
    second = Session(home)
    second.begin()
    second.update("data", None)
    second.end()
    assert second.previous() is None
    assert marker_path(home).read_bytes() == before
    process.kill()
    _finish(process)


def test_a_number_that_another_process_has_by_now_is_no_running_session(home: Path) -> None:
    _previous(home)
    mark = json.loads(marker_path(home).read_bytes())
    mark["process_start_s"] -= 1000
    marker_path(home).write_text(json.dumps(mark))
    found = _previous(home)
    assert found is not None
    assert found.pid == os.getpid()


def test_what_is_noted_already_is_not_written_again(home: Path) -> None:
    session = Session(home)
    session.begin()
    session.update("replay", LINK)
    before = marker_path(home).stat().st_ino
    session.update("replay", LINK)
    assert marker_path(home).stat().st_ino == before
    session.update("data", None)
    assert json.loads(marker_path(home).read_bytes())["workspace"] == "data"
    session.end()
    session.update("replay", LINK)
    assert not marker_path(home).exists(), "nothing is noted after the end"


@pytest.mark.logs_warnings
@pytest.mark.parametrize("content", [b"", b"{", b'{"pid": "me"}', b"[" * 20_000, b'{"x":' + b"[" * 15_000])
def test_a_mark_that_says_nothing_is_no_crash_and_no_failure(home: Path, content: bytes) -> None:
    marker_path(home).parent.mkdir(parents=True)
    marker_path(home).write_bytes(content)
    assert _previous(home) is None
    assert json.loads(marker_path(home).read_bytes())["pid"] == os.getpid()


@pytest.mark.logs_warnings
@pytest.mark.parametrize("which", ["started_us", "updated_us"])
@pytest.mark.parametrize("at_us", [-1, 9 * 10**17, 9 * 10**21])
def test_a_mark_of_an_impossible_time_says_nothing(home: Path, which: str, at_us: int) -> None:
    marker_path(home).parent.mkdir(parents=True)
    mark = {"pid": 2**22 + 7, "process_start_s": 0.0, "started_us": 1, "updated_us": 2, which: at_us}
    marker_path(home).write_text(json.dumps(mark))
    assert _previous(home) is None
    assert previous_marker_path(home).exists(), "kept for the diagnostics"


@pytest.mark.parametrize("link", ["file:///etc/passwd", "tickreel://a\nb", "tickreel://" + "x" * 3000, ""])
def test_only_links_of_ours_come_back(home: Path, link: str) -> None:
    marker_path(home).parent.mkdir(parents=True)
    mark = {"pid": 2**22 + 7, "process_start_s": 0.0, "started_us": 1, "updated_us": 2, "link": link}
    assert not psutil.pid_exists(2**22 + 7)
    marker_path(home).write_text(json.dumps(mark))
    found = _previous(home)
    assert found == Interrupted(2**22 + 7, 1, 2, "", None)


@pytest.mark.logs_warnings
def test_a_home_that_cannot_be_written_costs_the_mark_only(home: Path) -> None:
    home.parent.mkdir(exist_ok=True)
    home.write_text("a file where the folder should be")
    session = Session(home)
    session.begin()
    session.update("data", None)
    session.end()
    assert session.previous() is None
