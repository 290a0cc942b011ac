"""Runs the rounds of ``faults.rounds`` in a process of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_TESTS = Path(__file__).resolve().parents[1]
_CORE = _TESTS.parent / "core"
_HANG_S = 3600


def crash(acts: Iterable[str], seed: int, count: int) -> list[dict[str, Any]]:
    """Let a process die *count* times in the middle of each act; give what was found, by act."""
    ran = subprocess.run(
        [sys.executable, "-m", "faults.rounds", str(seed), str(count), *acts],
        env={**os.environ, "PYTHONPATH": f"{_TESTS}{os.pathsep}{_CORE}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=_HANG_S,
    )
    if ran.returncode:
        raise AssertionError(f"the rounds did not come to their end:\n{ran.stdout}{ran.stderr}")
    return [json.loads(line) for line in ran.stdout.splitlines()]


def broken(found: dict[str, Any]) -> str:
    """Say what went wrong in the rounds, or nothing."""
    return "\n".join(
        f"killed {one['when']} operation {one['operation']} ({one['name']}):\n{one['error']}"
        for one in found["rounds"]
        if one["outcome"] == "broken"
    )
