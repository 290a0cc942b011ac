"""Records reach file, memory and console, and no secret does."""

from __future__ import annotations

import io
import logging
import platform
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tickreel import logs

if TYPE_CHECKING:
    from pathlib import Path

_LOGGER = logging.getLogger("tickreel.test")


def test_records_reach_the_file_and_the_ring_and_grave_ones_the_console(home: Path) -> None:
    console = io.StringIO()
    ring = logs.configure(home, "info", console=console)
    _LOGGER.debug("too small")
    _LOGGER.info("imported %s rows", 12)
    written = (home / "logs" / "tickreel.log").read_text(encoding="utf-8")
    assert "INFO    tickreel.test: imported 12 rows" in written
    assert "too small" not in written
    assert [entry.text for entry in ring.entries()] == ["imported 12 rows"]
    assert console.getvalue() == ""


def test_who_has_nothing_to_say_leaves_no_file(home: Path) -> None:
    logs.configure(home, "info")
    _LOGGER.debug("too small")
    logs.release()
    assert not home.exists()


@pytest.mark.logs_warnings
def test_the_console_gets_warnings_as_one_line(home: Path) -> None:
    console = io.StringIO()
    logs.configure(home, "info", console=console)
    _LOGGER.warning("disk is nearly full")
    assert console.getvalue() == "WARNING: disk is nearly full\n"


def test_a_second_call_replaces_the_first(home: Path, tmp_path: Path) -> None:
    first = logs.configure(home, "info")
    _LOGGER.info("before")
    second = logs.configure(tmp_path / "other", "info")
    _LOGGER.info("once")
    assert [entry.text for entry in first.entries()] == ["before"]
    assert [entry.text for entry in second.entries()] == ["once"]
    files = [(folder / "logs" / "tickreel.log").read_text("utf-8") for folder in (home, tmp_path / "other")]
    assert [text.rstrip().rpartition(": ")[2] for text in files] == ["before", "once"]


def test_the_ring_keeps_the_newest_records() -> None:
    ring = logs.Ring(capacity=3)
    for number in range(5):
        ring.handle(logging.makeLogRecord({"msg": "record %d", "args": (number,)}))
    assert [entry.text for entry in ring.entries()] == ["record 2", "record 3", "record 4"]


@pytest.mark.logs_warnings
def test_a_home_that_cannot_be_written_costs_the_file_only(home: Path) -> None:
    home.write_text("a file where the folder should be", encoding="utf-8")
    ring = logs.configure(home, "info")
    _LOGGER.info("still here")
    _LOGGER.info("and here")
    assert [entry.text for entry in ring.entries()][1:] == ["still here", "and here"]
    assert ring.entries()[0].text.startswith("no log file is kept")


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("GET with Bearer TD.abc-12_3/x+y== done", "GET with Bearer *** done"),
        ("Authorization: bearer abc", "Authorization: bearer ***"),
        ("redis://user:hunter2@cache:6379/0", "redis://user:***@cache:6379/0"),
        ("rediss://:p@ss:word@cache/0 and more", "rediss://:***@cache/0 and more"),
        ("two: http://a:b@c http://d:e@f", "two: http://a:***@c http://d:***@f"),
        ("https://host:8000/path@x", "https://host:8000/path@x"),
        ("key=k3y/with+signs", "key=***"),
        ("key=k3y%2Fwith%2Bsigns", "key=***"),
        ("an ordinary line, 13:26:36", "an ordinary line, 13:26:36"),
    ],
)
def test_secrets_are_blanked(text: str, clean: str) -> None:
    assert logs.redact(text, {"TARDIS_API_KEY": "k3y/with+signs"}) == clean


def test_a_key_of_nothing_or_next_to_nothing_blanks_nothing() -> None:
    assert logs.redact("a b c", {"TARDIS_API_KEY": "", "TICKREEL_LLM_API_KEY": "a"}) == "a b c"


def test_what_is_hidden_is_blanked_wherever_it_came_from() -> None:
    logs.hide("TD.kept+hidden")
    logs.hide("abc")  # too short to be a secret
    assert logs.redact("TD.kept+hidden, TD.kept%2Bhidden, abc", {}) == "***, ***, abc"


def test_a_secret_that_begins_another_leaves_nothing_of_it() -> None:
    logs.hide("TD.begins")
    logs.hide("TD.begins-another")
    for _ in range(3):
        assert logs.redact("TD.begins-another TD.begins", {}) == "*** ***"


@pytest.mark.parametrize(
    "text",
    [
        "Your key is TD.a/long-key, and TD.a is none.",
        "TD.a/long-key",
        "TD.a%2Flong-key at https://me:TD.a@host/v1 or http://you:pass@other",
        "Bearer TD.other-token, a bear, the bearer of news: Authorization: bearer abc.def",
        "Nothing of all that: a TD. and a T",
    ],
)
def test_of_a_text_that_comes_nothing_secret_is_shown_and_nothing_taken_back(text: str) -> None:
    secrets = {"TARDIS_API_KEY": "TD.a/long-key", "TICKREEL_LLM_API_KEY": "TD.a/long-key-2"}
    whole, before = logs.redact(text, secrets), ""
    for size in range(len(text) + 1):
        shown = logs.redact_coming(text[:size], secrets)
        assert whole.startswith(shown)
        assert shown.startswith(before)
        assert "TD.a/" not in shown
        before = shown
    assert logs.redact_coming(f"{text} \n", secrets).startswith(whole)


@pytest.mark.logs_warnings
def test_no_way_out_shows_a_secret_in_message_arguments_or_traceback(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TARDIS_API_KEY", "TD.very-secret")
    monkeypatch.setenv("TICKREEL_LLM_API_KEY", "sk-also-secret")
    console = io.StringIO()
    ring = logs.configure(home, "debug", console=console)
    try:
        raise ValueError("the server refused TD.very-secret")
    except ValueError:
        _LOGGER.exception("asked with %s", {"key": "sk-also-secret"})
    ways_out = (
        console.getvalue(),
        (home / "logs" / "tickreel.log").read_text(encoding="utf-8"),
        "\n".join(entry.text for entry in ring.entries()),
    )
    for text in ways_out:
        assert "the server refused ***" in text
        assert "{'key': '***'}" in text
        assert "secret" not in text.replace("test_no_way_out_shows_a_secret", "")


def test_the_ring_gives_what_came_since_and_is_still_held() -> None:
    ring = logs.Ring(capacity=3)

    def say(*words: str) -> None:
        for word in words:
            ring.handle(logging.makeLogRecord({"msg": word}))

    def since(taken: int) -> tuple[int, list[str]]:
        now, entries = ring.since(taken)
        return now, [entry.text for entry in entries]

    assert since(0) == (0, [])
    say("a", "b")
    assert since(0) == (2, ["a", "b"])
    assert since(1) == (2, ["b"])
    assert since(2) == (2, [])
    say("c", "d", "e")
    assert since(2) == (5, ["c", "d", "e"])
    assert since(0) == (5, ["c", "d", "e"])
    assert ring.taken == 5


def _crash(home: Path, how: str) -> subprocess.CompletedProcess[str]:
    script = f"""
import ctypes, pathlib
from tickreel import logs
with logs.native_crashes_traced(pathlib.Path({str(home)!r})):
    {how}
"""
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)


def test_a_crash_below_python_leaves_its_stack_in_the_home(home: Path) -> None:
    assert _crash(home, "ctypes.string_at(0)").returncode != 0
    written = (home / "logs" / logs.CRASH_FILE).read_text("utf-8")
    head, fatal, *_ = written.splitlines()
    assert head.endswith(f"Python {platform.python_version()}")
    assert fatal.startswith(("Fatal Python error", "Windows fatal exception"))
    assert "Current thread" in written


def test_a_start_without_a_crash_leaves_a_line_and_long_files_are_set_aside(home: Path) -> None:
    for _ in range(2):
        assert _crash(home, "pass").returncode == 0
    path = home / "logs" / logs.CRASH_FILE
    assert len(path.read_text("utf-8").splitlines()) == 2
    path.write_text("x" * 300_000, "utf-8")
    assert _crash(home, "pass").returncode == 0
    assert len(path.read_text("utf-8").splitlines()) == 1
    assert path.with_name("crash.log.1").stat().st_size == 300_000


@pytest.mark.logs_warnings
def test_where_nothing_can_be_written_a_crash_leaves_no_trace(home: Path) -> None:
    home.write_text("a file where the folder should be", encoding="utf-8")
    with logs.native_crashes_traced(home):
        pass
