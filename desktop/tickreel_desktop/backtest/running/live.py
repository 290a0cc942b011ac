"""What is known of a run or sweep while it goes on: told on the thread of the job, looked at on another."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from tickreel.backtest.runs.folder import unfinished_folder
from tickreel.backtest.runs.running import OUTPUT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tickreel.progress import Monitor

MOST_SAMPLES = 2_000
_LOOK_EVERY_S = 1.0
_TAIL_BYTES = 4_096


class Live:
    """The watcher of one run or sweep."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._lock = threading.Lock()
        self._monitor: Monitor | None = None
        self._looked_s = float("-inf")
        self._stride = 1
        self._told = 0
        self._equity: list[tuple[int, float]] = []
        self.id: str | None = None
        """Of the run or sweep, from when it is recorded."""
        self.ended_runs = 0
        """Runs of a sweep that have ended in this job."""
        self.is_paused = False
        """Whether no further run of a sweep is to begin."""
        self.shares: dict[int, float] = {}
        """How far runs of a sweep that are under way are, by place, 0 to 1."""
        self.said = ""
        """The end of what the strategy printed."""

    def watch(self, monitor: Monitor) -> Live:
        """Stand between a job and its work."""
        self._monitor = monitor
        return self

    def equity(self) -> list[tuple[int, float]]:
        """Give samples of equity, time in microseconds first; of many every second, fourth, and so on."""
        with self._lock:
            return list(self._equity)

    def report(self, done: int, total: int | None, note: str = "") -> None:
        """Pass progress on, and the wish to stop back."""
        assert self._monitor is not None
        now_s = time.monotonic()
        if now_s - self._looked_s >= _LOOK_EVERY_S:
            self._looked_s = now_s
            self._read_output()
        self._monitor.report(done, total, note)

    def tell_begun(self, found_id: str) -> None:
        """Take the id; that of a band which follows a run is another."""
        if self.id is None:
            self.id = found_id

    def tell_equity(self, at_us: int, equity: float) -> None:
        """Keep a sample; of too many every second one goes."""
        with self._lock:
            self._told += 1
            if self._told % self._stride:
                return
            self._equity.append((at_us, equity))
            if len(self._equity) > MOST_SAMPLES:
                self._equity = self._equity[1::2]
                self._stride *= 2

    def tell_run_ended(self) -> None:
        """Count a run of a sweep."""
        self.ended_runs += 1

    def is_held(self) -> bool:
        """Tell whether no further run is to begin."""
        return self.is_paused

    def tell_shares(self, shares: Mapping[int, float]) -> None:
        """Take how far runs under way are."""
        self.shares = dict(shares)

    def _read_output(self) -> None:
        """Read the end of what the strategy printed so far; it may not have printed, or have just ended."""
        if self.id is None:
            return
        try:
            with (unfinished_folder(self._home, self.id) / OUTPUT).open("rb") as file:
                size = file.seek(0, 2)
                file.seek(max(0, size - _TAIL_BYTES))
                self.said = file.read().decode(errors="replace").strip()
        except OSError:
            return
