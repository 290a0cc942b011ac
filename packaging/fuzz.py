"""Feeds what Tickreel reads from outside with inputs made wrong, and prints what was found as a table.

Each target runs in a process of its own, with Numba's checks of bounds on and its memory limited. A find
is anything but a right result or a refusal in words: an exception, the death of the process, a try that does
not end, wrong data taken, a change of anything outside its folder. Its input is kept below build/fuzz; put it
beside the others in tests/fuzzing/cases (as .zst where it is large), where the suite reads it ever after.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue
from tempfile import TemporaryDirectory
from typing import IO, Any

_ROOT = Path(__file__).resolve().parents[1]
_TESTS = _ROOT / "tests"
_FOUND = _ROOT / "build" / "fuzz"
_SILENCE_S = 60.0
"""After which a process that says nothing hangs; the first compiles kernels, and is given longer."""
_FIRST_S = 1_200.0
_WINDOW = 600
"""Tries before the one at hand that are kept when the process dies: it is one of them."""


@dataclass(slots=True)
class Tally:
    """How it went with one target."""

    done: int = 0
    taken: int = 0
    refused: int = 0
    seconds: float = 0.0
    finds: Counter[str] = field(default_factory=Counter)
    first: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Of each kind of find, the number of its first try, and what was told of it."""


def _lines_of(stream: IO[str], queue: Queue[str | None]) -> None:
    for line in stream:
        queue.put(line)
    queue.put(None)


def _text_of(stream: IO[str], queue: Queue[str]) -> None:
    queue.put(stream.read())


def _run(name: str, seed: int, seconds: float, tally: Tally) -> None:
    """Try a target for so long, beginning again behind whatever ends its process."""
    number, left_s, is_first = 0, seconds, True
    environment = os.environ | {
        "TMPDIR": str(_FOUND),
        "PYTHONDONTWRITEBYTECODE": "1",
        "NUMBA_BOUNDSCHECK": "1",
        "NUMBA_CACHE_DIR": str(_FOUND / "kernels"),  # of code with checks, which is not to serve anybody else
        "PYTHONPATH": str(_TESTS),
        "QT_QPA_PLATFORM": "offscreen",
    }
    while left_s > 0:
        with TemporaryDirectory(dir=_FOUND) as folder:
            command = [
                sys.executable,
                "-m",
                "fuzzing.trying",
                name,
                str(seed),
                str(number),
                str(left_s),
                folder,
            ]
            child = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, cwd=_ROOT
            )
            assert child.stdout is not None
            queue: Queue[str | None] = Queue()
            threading.Thread(target=_lines_of, args=(child.stdout, queue), daemon=True).start()
            assert child.stderr is not None
            errors: Queue[str] = Queue()
            threading.Thread(target=_text_of, args=(child.stderr, errors), daemon=True).start()
            begun_s, at, is_done = time.monotonic(), number, False
            while True:
                try:
                    line = queue.get(timeout=_FIRST_S if is_first else _SILENCE_S)
                except Empty:
                    child.kill()
                    _note(tally, f"hangs within {_SILENCE_S:.0f} s of the try", at, "")
                    line = None
                if line is None:
                    break
                told: dict[str, Any] = json.loads(line)
                is_first = is_first and "at" not in told
                at = told.get("at", at)
                if "find" in told:
                    _note(tally, told["kind"].splitlines()[0], told["find"], told["told"])
                if "done" in told:
                    is_done = True
                    tally.done += told["done"]
                    tally.taken, tally.refused = tally.taken + told["taken"], tally.refused + told["refused"]
                    tally.seconds += told["seconds"]
            child.wait()
            said = errors.get()
        if is_done:
            return
        if child.returncode not in (0, -9):
            _note(
                tally,
                f"the process died ({child.returncode}) soon after the try",
                at,
                said[-3000:],
            )
        tally.done += at - number
        left_s -= time.monotonic() - begun_s
        number = at + _WINDOW


def _note(tally: Tally, kind: str, number: int, told: str) -> None:
    tally.finds[kind] += 1
    tally.first.setdefault(kind, (number, told))


def _printable(text: str) -> str:
    return "\n".join(ascii(line)[1:-1][:300] for line in text.splitlines())


def _keep(name: str, seed: int, number: int) -> Path:
    """Make an input again, and keep it."""
    from fuzzing.target import Trial
    from fuzzing.trying import ALL

    path = _FOUND / name / f"{seed}-{number}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(Trial(ALL[name], path.parent).input_of(seed, number))
    return path


def main() -> int:
    """Try every target for its share of the time; give 1 when something was found."""
    sys.path.insert(0, str(_TESTS))
    from fuzzing.trying import ALL

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0, help="for all targets together (default 5)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="another one tries other inputs")
    parser.add_argument(
        "--target", choices=sorted(ALL), action="append", help="only this one; may be repeated"
    )
    args = parser.parse_args()
    if hasattr(os, "geteuid") and os.geteuid() == 0 and not os.statvfs("/").f_flag & os.ST_RDONLY:
        parser.error(
            "as root, fuzz only where the file system is mounted read-only: what is wrong may remove any file"
        )
    names = args.target or list(ALL)
    share_s = 60 * args.minutes / len(names)
    (_FOUND / "kernels").mkdir(parents=True, exist_ok=True, mode=0o700)
    print(f"seed {args.seed}: {share_s:.0f} s of each target, with checks of bounds\n")
    print(f"{'target':20}{'tries':>11}{'a second':>10}{'taken':>10}{'refused':>10}{'finds':>8}")
    failures = []
    for name in names:
        tally = Tally()
        _run(name, args.seed, share_s, tally)
        rate = tally.done / tally.seconds if tally.seconds else 0
        found = sum(tally.finds.values())
        print(
            f"{name:20}{tally.done:>11,}{rate:>10,.0f}{tally.taken:>10,}{tally.refused:>10,}{found:>8}",
            flush=True,
        )
        for kind, (number, told) in tally.first.items():
            path = _keep(name, args.seed, number)
            failures.append(
                f"{name}: {kind} ({tally.finds[kind]} times)\n  {path.relative_to(_ROOT)}\n{_printable(told)}"
            )
    print("\n" + ("\n\n".join(failures) or "nothing was found"))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
