"""Lets a process die in the middle of an act, again and again, and looks at what it leaves.

Run as a program, ``python -m faults.rounds SEED COUNT ACT...``, it prints one JSON object a line
for each act. Every death is that of a forked child, so that what is loaded and compiled once
serves all rounds.
"""

from __future__ import annotations

import json
import os
import pickle
import random
import shutil
import signal
import sys
import tempfile
import threading
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from faults.acts import ACTS, Act
from faults.homes import Facts, check_marks, check_sound, facts_of, opened
from support.faultydisk import Death, FaultyDisk, When, traced_statements

from tickreel.errors import EnvironmentProblem
from tickreel.filesystem import Disk

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


@dataclass(frozen=True, slots=True)
class Round:
    """One death and what was found afterwards."""

    operation: int
    name: str
    when: str
    outcome: str
    """``before`` or ``after``, as the home stood; ``refused``; ``survived``: the point was never reached."""
    error: str | None


@dataclass(frozen=True, slots=True)
class Expected:
    """What a home must be like: as before the act, or as after it."""

    before: Facts | None
    after: Facts


def main(name: str, seed: int, count: int) -> None:
    act = ACTS[name]
    with tempfile.TemporaryDirectory(prefix="tickreel-faults-") as scratch:
        template = Path(scratch, "template")
        template.mkdir()
        act.prepare(template)
        opening, whole = Path(scratch, "opening"), Path(scratch, "whole")
        shutil.copytree(template, opening)  # opening an old home changes it
        before = None if act.needs_rebuild else _facts_as_opened(opening)
        shutil.copytree(template, whole)
        disk = FaultyDisk()
        with traced_statements(disk):
            act.perform(whole, disk)
        expected = Expected(before, _facts_as_opened(whole))
        check_sound(whole / "home")
        assert threading.active_count() == 1, "a fork would copy half of a thread's work"
        rounds = [
            _round(act, expected, disk.names, death, template, Path(scratch, f"round{number}"))
            for number, death in enumerate(_deaths(len(disk.names), seed, count))
        ]
    found = {"act": name, "operations": len(disk.names), "rounds": [asdict(one) for one in rounds]}
    sys.stdout.write(json.dumps(found) + "\n")


def _facts_as_opened(folder: Path) -> Facts:
    with opened(folder / "home"):
        return facts_of(folder / "home")


def _deaths(operations: int, seed: int, count: int) -> list[Death]:
    """Spread deaths over an act; the seed moves them, and the same seed gives the same ones."""
    chance = random.Random(seed)
    points = [int((number + chance.random()) * operations / count) for number in range(count)]
    return [Death(point, chance.choice(list(When))) for point in points]


def _round(
    act: Act, expected: Expected, names: list[str], death: Death, template: Path, folder: Path
) -> Round:
    shutil.copytree(template, folder)

    def die() -> None:
        disk = FaultyDisk(death=death)
        with traced_statements(disk):
            act.perform(folder, disk)

    status, told = _in_fork(die)
    died = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    if died:
        status, told = _in_fork(lambda: _look(act, expected, folder))
    is_broken = os.waitstatus_to_exitcode(status) != 0
    outcome = "broken" if is_broken else (told or "") if died else "survived"
    shutil.rmtree(folder)
    return Round(
        death.operation, names[death.operation], death.when.value, outcome, told if is_broken else None
    )


def _look(act: Act, expected: Expected, folder: Path) -> str:
    """Open what a dead process left, judge it, and do the act again."""
    outcome, found, refusal = "refused", None, ""
    try:
        found = _facts_as_opened(folder)
    except EnvironmentProblem as error:
        refusal = str(error)
    if refusal:
        assert act.needs_rebuild, refusal
        assert "tickreel cache rebuild" in refusal, refusal
    else:
        assert found in (expected.before, expected.after), f"half-visible: {found}"
        outcome = "after" if found == expected.after else "before"
        check_sound(folder / "home")
        check_marks(folder / "home")
    if act.check is not None:
        act.check(folder)
    act.perform(folder, Disk())
    assert _facts_as_opened(folder) == expected.after, "the act did not succeed the second time"
    check_sound(folder / "home")
    check_marks(folder / "home")
    return outcome


def _in_fork(work: Callable[[], Any]) -> tuple[int, str | None]:
    """Do work in a child; give how it ended, and what it returned or its traceback."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        code, told = 0, None
        try:
            told = work()
        except BaseException:  # noqa: BLE001 (a child reports whatever it was)
            code, told = 1, traceback.format_exc()
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump(told, pipe)
        os._exit(code)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        data = pipe.read()
    _, status = os.waitpid(child, 0)
    return status, pickle.loads(data) if data else None


if __name__ == "__main__":
    for each in sys.argv[3:]:
        main(each, int(sys.argv[1]), int(sys.argv[2]))
