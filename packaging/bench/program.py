"""What is measured of Tickreel with no peer beside it: the catalog, runs, the server, and the window."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from peers import BENCH
from window_start import second_starts

from tickreel.bench.figures import Figure, Measure, UiMeasure, Unit
from tickreel.bench.generator import write_day
from tickreel.bench.running import BenchRequest, run_bench

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_OF_NO_FILE = frozenset({Measure.LISTING, Measure.START, Measure.DAYS})
_OF_A_DAY = frozenset({Measure.BACKTEST, Measure.SERVE})
_PLAYED_S = 20
_DAY_ROWS = 100_000
"""Rows of the day that lies in the home of a window that is started."""


def program_figures(rows: int, seed: int, files: Sequence[Path], say: Callable[[str], None]) -> list[Figure]:
    """Measure on a generated day of *rows* rows, none for 0, and on vendor *files*."""
    say("listing, start, tiny days, backtests, the replay server" + (", two symbols" if rows else ""))
    of_rows = {Measure.MERGE} if rows else set()
    request = BenchRequest(
        rows or _DAY_ROWS, tuple(files), frozenset(_OF_NO_FILE | _OF_A_DAY | of_rows), seed=seed
    )
    figures = list(run_bench(request).figures)
    say("a window that plays")
    figures += _playing(rows, seed, files)
    if shutil.which("Xvfb") and shutil.which("xwd"):
        say("starts of the window")
        figures += _starts()
    return figures


def _playing(rows: int, seed: int, files: Sequence[Path]) -> list[Figure]:
    """Let a window play in a process of its own."""
    words = [sys.executable, "-m", "tickreel", "bench", "--ui", "--json", "--quiet"]
    words += ["--rows", str(rows), "--seed", str(seed), "--seconds", str(_PLAYED_S)]
    words += [word for path in files for word in ("--file", str(path))]
    ran = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False)
    if ran.returncode:
        sys.exit("the window failed to play; what it said stands above")
    return [
        Figure(
            UiMeasure(one["measure"]), one["data"], one["what"], one["value"], Unit(one["unit"]), one["best"]
        )
        for one in json.loads(ran.stdout)["figures"]
    ]


def _starts() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="start-", dir=BENCH) as name:
        folder = Path(name)
        csv = write_day(folder, _DAY_ROWS, seed=0).book.path
        return [
            Figure(Measure.START, "generated", f"to a window, from the {way}", 1e3 * seconds, Unit.MS)
            for way, seconds in second_starts(folder, csv).items()
        ]
