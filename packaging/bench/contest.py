"""What every peer's script has in common: its command line, its clock, and what it prints.

Called as ``SCRIPT MEASURE FOLDER CSV STARTS``: *CSV* is the vendor file, *FOLDER* is the peer's own and
keeps what ``ingest`` made, *STARTS* names a file with the starts of the minutes to be read. One
JSON object is printed. This runs in any peer's environment and needs nothing but Python.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MINUTE_US = 60_000_000
COLUMNS = ("timestamp", "local_timestamp", "is_snapshot", "side", "price", "amount")
"""What is stored and given back; the names of the market are the same in every row."""
ROWS_OF_GROUP = 131_072
CORES = (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()) or 1
"""That this process may use: one for ``scan1``. Some peers count them themselves, others are told."""
_UNTIMED = 10


class Contest:
    """One measure of one peer."""

    def __init__(self) -> None:
        measure, folder, csv, starts = sys.argv[1:]
        self.measure = measure
        self.folder = Path(folder)
        self.csv = Path(csv)
        self._starts: list[int] = json.loads(Path(starts).read_text(encoding="utf-8"))

    def fresh(self, name: str) -> Path:
        """Give a free path in the peer's folder, for what ``ingest`` makes."""
        path = self.folder / name
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
        return path

    def run(
        self,
        ingest: Callable[[], None],
        size_bytes: Callable[[], int],
        scan: Callable[[], int],
        minute: Callable[[int, int], int],
    ) -> None:
        """Take the measure asked for; *scan* and *minute* give the number of rows that they read."""
        answer: dict[str, float]
        if self.measure == "ingest":
            start_s, start_cpu_s = time.perf_counter(), time.process_time()
            ingest()
            answer = {
                "seconds": time.perf_counter() - start_s,
                "cpu_seconds": time.process_time() - start_cpu_s,
                "peak_bytes": _peak_bytes(),
            }
        elif self.measure == "size":
            answer = {"bytes": size_bytes()}
        elif self.measure in ("scan", "scan1"):
            answer = timed_scan(scan)
        else:
            answer = self.timed_minutes(minute)
        say(answer)

    def timed_minutes(self, minute: Callable[[int, int], int]) -> dict[str, float]:
        """Read every minute that was asked for, after a few untimed."""
        for start_us in self._starts[:_UNTIMED]:
            minute(start_us, start_us + MINUTE_US)
        seconds: list[float] = []
        rows = 0
        for start_us in self._starts:
            begin_s = time.perf_counter()
            rows += minute(start_us, start_us + MINUTE_US)
            seconds.append(time.perf_counter() - begin_s)
        return {"rows": rows, **percentiles(seconds)}

    def timed_instants(
        self, work: Callable[[int], object], *, before: Callable[[int], object] | None = None
    ) -> dict[str, float]:
        """Work at every instant asked for, after a few untimed; what comes *before* is never timed."""
        seconds: list[float] = []
        for at_us in (*self._starts[:_UNTIMED], *self._starts):
            if before is not None:
                before(at_us)
            begin_s = time.perf_counter()
            work(at_us)
            seconds.append(time.perf_counter() - begin_s)
        return percentiles(seconds[-len(self._starts) :])


def percentiles(seconds: list[float]) -> dict[str, float]:
    """Give the middle of many waits, and the one that 99 of 100 do not exceed."""
    ordered = sorted(seconds)
    count = len(ordered)
    return {"p50": ordered[(count - 1) // 2], "p99": ordered[(99 * count - 1) // 100]}


def timed_book(rows: int, fresh: Callable[[], Callable[[], tuple[float, float]]]) -> dict[str, float]:
    """Build a book of *rows* twice from nothing, and time the second time.

    *fresh* makes ready, untimed, what then builds the book from rows that lie ready, and answers with
    the best bid and the best ask that it ends with.
    """
    fresh()()
    build = fresh()
    start_s, start_cpu_s = time.perf_counter(), time.process_time()
    bid, ask = build()
    return {
        "rows": rows,
        "seconds": time.perf_counter() - start_s,
        "cpu_seconds": time.process_time() - start_cpu_s,
        "bid": bid,
        "ask": ask,
    }


def timed_scan(scan: Callable[[], int]) -> dict[str, float]:
    """Read all rows twice, and time the second reading."""
    scan()
    start_s, start_cpu_s = time.perf_counter(), time.process_time()
    rows = scan()
    return {
        "rows": rows,
        "seconds": time.perf_counter() - start_s,
        "cpu_seconds": time.process_time() - start_cpu_s,
    }


def timed_run(fresh: Callable[[], Callable[[], tuple[int, int]]]) -> dict[str, float]:
    """Run a backtest twice, and time the second: *fresh* makes ready, untimed, what gives rows and orders."""
    fresh()()
    run = fresh()
    start_s, start_cpu_s = time.perf_counter(), time.process_time()
    rows, orders = run()
    return {
        "rows": rows,
        "seconds": time.perf_counter() - start_s,
        "cpu_seconds": time.process_time() - start_cpu_s,
        "orders": orders,
    }


def say(answer: dict[str, float]) -> None:
    """Print what was measured: nothing else may stand on the standard output."""
    print(json.dumps(answer))


def _peak_bytes() -> int:
    """Tell the most memory that this process ever held; 0 where the system does not say it so."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    match = re.search(r"^VmHWM:\s+(\d+) kB", status.read_text(encoding="ascii"), re.MULTILINE)
    return int(match[1]) * 1024 if match else 0
