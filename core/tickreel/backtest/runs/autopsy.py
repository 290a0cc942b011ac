"""Why a child died: its exit code and the tracebacks that it left, as one sentence with file and line."""

from __future__ import annotations

import re
import signal
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

from tickreel.backtest.runs.card import Failure

if TYPE_CHECKING:
    from collections.abc import Sequence

_FRAME = re.compile(r'^  File "(?P<file>.+)", line (?P<line>\d+) in (?P<name>.+)$')
_STALL = re.compile(r"^Timeout \(", re.MULTILINE)
_OURS = str(Path(__file__).parents[2])
_LIBRARIES = tuple({sys.prefix, sys.base_prefix, *sysconfig.get_paths().values()})
_SHOWN_CODES = {0xC0000005: "an access violation", 0xC00000FD: "a stack overflow"}
_KILLED = "it was killed, perhaps by the system for want of memory"


def failure_of_death(code: int | None, tail: str, stall_s: float, reached: str) -> Failure:
    """Word how a child ended that did not say so itself.

    *code* is its exit code, *tail* the end of what it wrote to stderr, and *reached* how far it had said
    that it was.
    """
    place = place_in(tail)
    ended = f"its process ended by itself: {_words_of(code)}{_last_error(tail)}"
    what = stall_words(stall_s) if _STALL.search(tail) else ended
    return Failure(f"{what}; {reached}", *place)


def stall_words(stall_s: float) -> str:
    """Word that a run stood still for so long."""
    return f"nothing was reported for {stall_s:g} s: it stands still or loops for ever"


def place_in(tail: str) -> tuple[str | None, int | None]:
    """Find the innermost frame of the thread that simulates that is no part of Tickreel."""
    threads: list[list[tuple[str, int, str]]] = [[]]
    for line in tail.splitlines():
        if line.endswith("(most recent call first):"):
            threads.append([])
        elif match := _FRAME.match(line):
            threads[-1].append((match["file"], int(match["line"]), match["name"]))
    simulating = [frames for frames in threads if any(name == "_run" for _, _, name in frames)]
    return place_among([(file, line) for file, line, _ in simulating[-1]]) if simulating else (None, None)


def place_among(frames: Sequence[tuple[str, int]]) -> tuple[str | None, int | None]:
    """Choose the frame that says most, of those from the innermost out: of the strategy, else not ours."""
    for is_passed in (is_library, _is_ours):
        for file, line in frames:
            if not is_passed(file) and not file.startswith("<"):
                return file, line
    return None, None


def is_library(file: str) -> bool:
    """Tell whether a file is part of Tickreel, Python or an installed package, and so of no strategy."""
    return _is_ours(file) or file.startswith(_LIBRARIES)


def _is_ours(file: str) -> bool:
    return file.startswith(_OURS)


def _last_error(tail: str) -> str:
    """Give the error that Python itself ended with, in brackets; nothing where it did not."""
    *_, trace = tail.rpartition("Traceback (most recent call last):\n")
    lines = trace.splitlines() if trace != tail else []
    error = next((line for line in reversed(lines) if re.match(r"[A-Za-z_][\w.]*(: |$)", line)), "")
    return f" ({error})" if error else ""


def _words_of(code: int | None) -> str:
    if code is None:
        return "it left no exit code"
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        return _KILLED if name == "SIGKILL" else f"{name}, a fault in machine code"
    return _SHOWN_CODES.get(code & 0xFFFFFFFF, f"exit code {code}")
