"""Why a process died is told with the place that says most."""

from __future__ import annotations

import sysconfig

from tickreel.backtest.runs import child
from tickreel.backtest.runs.autopsy import failure_of_death, place_among, place_in

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
