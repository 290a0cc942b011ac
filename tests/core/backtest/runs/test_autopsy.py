"""Why a process died is told with the place that says most."""

from __future__ import annotations

import subprocess
import sysconfig
from typing import TYPE_CHECKING

from tickreel.backtest.runs import child
from tickreel.backtest.runs.autopsy import failure_of_death, place_among, place_in
from tickreel.program import child_command

if TYPE_CHECKING:
    from pathlib import Path

OURS = child.__file__
NUMPY = f"{sysconfig.get_paths()['purelib']}/numpy/core.py"
MINE = "/somewhere/mine.py"


def traceback(*frames: tuple[str, int, str], thread: str = "Current thread 0x01") -> str:
    lines = [f"{thread} (most recent call first):"]
    lines += [f'  File "{file}", line {line} in {name}' for file, line, name in frames]
    return "\n".join(lines)


def test_the_place_is_of_the_thread_that_simulates_and_nearest_to_the_strategy() -> None:
    other = traceback(("/somewhere/else.py", 1, "idle"), thread="Thread 0x02")
    mine = traceback((NUMPY, 5, "dot"), (MINE, 7, "on_book"), (OURS, 9, "_run"), (OURS, 3, "main"))
    assert place_in(f"{mine}\n\n{other}") == (MINE, 7)
    assert place_in(f"{other}\n\n{mine}\n") == (MINE, 7)
    assert place_in(other) == (None, None)


def test_without_a_strategy_the_place_is_of_a_library_and_else_none() -> None:
    assert place_among([(OURS, 1), (NUMPY, 5), (OURS, 2)]) == (NUMPY, 5)
    assert place_among([(OURS, 1), ("<frozen runpy>", 5)]) == (None, None)


def test_every_kind_of_end_has_its_words() -> None:
    words = {
        code: failure_of_death(code, "", 60.0, "it had not begun").message
        for code in (-11, -9, -99, 7, 0xC0000005, None)
    }
    assert "SIGSEGV, a fault in machine code" in words[-11]
    assert "for want of memory" in words[-9]
    assert "signal 99" in words[-99]
    assert "exit code 7" in words[7]
    assert "an access violation" in words[0xC0000005]
    assert all(each.endswith("; it had not begun") for each in words.values())
    stalled = failure_of_death(
        1, "Timeout (0:01:00)!\n" + traceback((MINE, 3, "on_book"), (OURS, 1, "_run")), 60.0, "x"
    )
    assert (stalled.file, stalled.line) == (MINE, 3)
    assert "nothing was reported for 60 s" in stalled.message
    assert str(stalled).startswith(f"{MINE}:3: nothing")


def test_an_error_before_the_first_run_is_told_as_it_is_and_not_as_an_abort(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("a file stands where the home should be", encoding="utf-8")
    with subprocess.Popen(
        child_command("tickreel.backtest.runs.child", str(home), "60"),
        stdin=subprocess.PIPE,  # open and silent, as before the first task
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        tail = process.stderr.read()
        assert process.wait() == 1
    told = failure_of_death(1, tail, 60.0, "it had not begun").message
    assert told.startswith("its process ended by itself: exit code 1 (tickreel.errors.EnvironmentProblem: ")
    assert str(home) in told
    assert failure_of_death(1, "printed: nothing", 60.0, "x").message == (
        "its process ended by itself: exit code 1; x"
    )
