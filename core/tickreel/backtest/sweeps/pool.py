"""Does the runs of a sweep, several at once, each in a process that goes from one to the next.

A worker is a child process and the thread that holds it. One that dies takes its run with it and is started
anew; every run is kept as it ends, so that whatever ends the sweep, what is done stays done.
"""

from __future__ import annotations

import threading
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

from tickreel.backtest.runs.running import Place, run
from tickreel.backtest.watching import SweepWatcher
from tickreel.errors import Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from concurrent.futures import Future

    from tickreel.backtest.runs.card import RunKind
    from tickreel.backtest.runs.records import Recorded, RunRecords
    from tickreel.backtest.runs.running import Simulator
    from tickreel.backtest.sweeps.grid import Point
    from tickreel.progress import Monitor
    from tickreel.store import Cache

_LOOK_EVERY_S = 0.1


class Pool:
    """The workers of one sweep; a context manager."""

    def __init__(
        self,
        cache: Cache,
        records: RunRecords,
        new_child: Callable[[], Simulator],
        workers: int,
        kind: RunKind,
    ) -> None:
        self._cache = cache
        self._records = records
        self._new_child = new_child
        self._workers = workers
        self._kind = kind
        self._stop = threading.Event()
        self._children = threading.local()
        self._started: list[Simulator] = []
        self._lock = threading.Lock()
        self._done_us: dict[int, int] = {}

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        # All at once, since each first writes down which days it used.
        with ThreadPoolExecutor(self._workers, thread_name_prefix="sweep") as threads:
            closings = [threads.submit(child.close) for child in self._started]
        for closing in closings:
            closing.result()

    def do(
        self,
        sweep_id: str,
        points: Sequence[tuple[int, Point]],
        trials: int,
        monitor: Monitor,
        on_ended: Callable[[int, Recorded], str],
    ) -> None:
        """Do the runs of *points*, each by its place in the sweep; those on the same data are neighbours.

        *on_ended* is told of each as it ends, on the caller's thread, and gives a note for the progress.

        Raises:
            Cancelled: the monitor said so; runs under way are kept as far as they came.
            TickreelError: a run was refused, which all on the same data would be.
        """
        total_us = sum(point.request.end_us - point.request.start_us for _, point in points)
        left = list(reversed(points))
        note = ""
        spans_us = {number: point.request.end_us - point.request.start_us for number, point in points}
        watcher = monitor if isinstance(monitor, SweepWatcher) else None
        with ThreadPoolExecutor(self._workers, thread_name_prefix="sweep") as threads:
            running: dict[Future[Recorded], int] = {}
            try:
                while left or running:
                    is_held = watcher is not None and watcher.is_held()
                    while left and len(running) < self._workers and not is_held:
                        number, point = left.pop()
                        place = Place(sweep_id, number, trials)
                        running[threads.submit(self._run, place, point)] = number
                    if not running:
                        self._stop.wait(_LOOK_EVERY_S)
                    ended, _ = wait(running, timeout=_LOOK_EVERY_S, return_when=FIRST_COMPLETED)
                    for future in ended:
                        note = on_ended(running.pop(future), future.result())
                    if watcher is not None:
                        watcher.tell_shares(self._shares(running.values(), spans_us))
                    done = trials - len(left) - len(running)
                    monitor.report(self._done(), total_us, f"{done} of {trials} runs  {note}".rstrip())
            except BaseException:
                self._stop.set()
                raise

    def _shares(self, places: Iterable[int], spans_us: Mapping[int, int]) -> dict[int, float]:
        with self._lock:
            return {number: self._done_us.get(number, 0) / spans_us[number] for number in places}

    def _done(self) -> int:
        with self._lock:
            return sum(self._done_us.values())

    def _run(self, place: Place, point: Point) -> Recorded:
        child = getattr(self._children, "child", None)
        if child is None:
            child = self._children.child = self._new_child()
            with self._lock:
                self._started.append(child)
        monitor = _PartOfSweep(self, place.number)
        ended = run(self._cache, self._records, child, point.request, monitor, kind=self._kind, place=place)
        self.advanced(place.number, point.request.end_us - point.request.start_us)
        return ended

    def advanced(self, number: int, done_us: int) -> None:
        """Note how far a run is; raises Cancelled once the sweep is to stop."""
        if self._stop.is_set():
            raise Cancelled("the sweep was cancelled")
        with self._lock:
            self._done_us[number] = done_us


class _PartOfSweep:
    """The monitor of one run."""

    def __init__(self, pool: Pool, number: int) -> None:
        self._pool = pool
        self._number = number

    def report(self, done: int, _total: int | None, _note: str = "") -> None:
        self._pool.advanced(self._number, done)
