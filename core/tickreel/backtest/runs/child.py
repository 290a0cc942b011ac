"""Simulates runs in a process of its own: ``python -m tickreel.backtest.runs.child HOME STALL_S``.

Whatever a strategy does, it does it here: crash, print, leak, loop for ever. Tasks come on stdin and what
becomes of them goes to stdout, see :mod:`tickreel.backtest.runs.messages`; when stdin ends, so does the
process, that of a program which was killed too. A fault or a standstill leaves a traceback on stderr, by
which the program names the place.
"""

from __future__ import annotations

import _thread
import faulthandler
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

from tickreel.backtest.runs.autopsy import is_library, place_among
from tickreel.backtest.runs.messages import (
    Advanced,
    Began,
    Exiting,
    Finished,
    Interrupted,
    Refused,
    Stop,
    Stopped,
    Task,
    line_of,
    to_child,
)
from tickreel.errors import Cancelled, TickreelError

if TYPE_CHECKING:
    from types import FrameType, ModuleType, TracebackType

    from tickreel.backtest.runs.messages import FromChild
    from tickreel.store import Cache

_TELL_EVERY_S = 0.05
_HEED_S = 0.3
"""How long a simulation may take to heed the wish to stop before its strategy is interrupted."""
_LATER_S = 5.0
"""How much longer than the program a standstill is borne here: it asks first, so that something is kept."""


class Speaker:
    """The line to the program; may be used from several threads."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._lock = threading.RLock()  # a signal may come while its own thread speaks

    def say(self, message: FromChild) -> None:
        """Send a message."""
        with self._lock:
            self._out.write(line_of(message))
            self._out.flush()


class Watch:
    """The monitor of a simulation: tells how far it is, and notices when it stands still."""

    def __init__(self, speaker: Speaker, stall_s: float) -> None:
        self._speaker = speaker
        self._stall_s = stall_s
        self._told_s = float("-inf")
        self._has_begun = False
        self._equity: tuple[int, float] | None = None
        self._equity_told_us: int | None = None

    def tell_begun(self, run_id: str) -> None:
        """Take the id, which the program knows."""

    def tell_equity(self, at_us: int, equity: float) -> None:
        """Take a sample along with the next report."""
        if at_us != self._equity_told_us:
            self._equity = (at_us, equity)

    def report(self, done: int, total: int | None, note: str = "") -> None:
        """Take progress from the engine."""
        now_s = time.monotonic()
        if now_s - self._told_s < _TELL_EVERY_S:
            return
        self._told_s = now_s
        # The tracebacks of all threads go to stderr when nothing is reported for so long; the timer lives
        # in a thread of C, so that it also fires inside a kernel that keeps the interpreter.
        faulthandler.dump_traceback_later(self._stall_s + _LATER_S, exit=True)
        if not self._has_begun:
            self._has_begun = True
            self._speaker.say(Began())
        at_us, equity = self._equity or (None, None)
        self._equity, self._equity_told_us = None, at_us or self._equity_told_us
        self._speaker.say(Advanced(done, total, note, at_us, equity))

    def end(self) -> None:
        """Watch no longer."""
        faulthandler.cancel_dump_traceback_later()


class Tasks:
    """Reads stdin in a thread of its own: the task to do, and whether it is to stop."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._came = threading.Condition()
        self._task: Task | None = None
        self._is_stopped = False
        self._is_over = False
        self.is_busy = False
        """Whether a task is under way."""
        self.is_simulating = False
        """Whether code of a strategy may be running, which may be interrupted."""
        threading.Thread(target=self._read, name="tasks", daemon=True).start()

    def next(self) -> Task | None:
        """Wait for a task; None when there will be none."""
        self.is_busy = False
        with self._came:
            while self._task is None and not self._is_over:
                self._came.wait()
            task, self._task = self._task, None
            self.is_busy = task is not None
            return task

    def is_stopped(self) -> bool:
        """Tell whether the task that was taken last is to end."""
        return self._is_stopped

    def _read(self) -> None:
        while line := self._source.readline():
            message = to_child(line)
            if isinstance(message, Stop):
                self._is_stopped = True
                threading.Timer(_HEED_S, self._interrupt).start()
                continue
            with self._came:
                self._task, self._is_stopped = message, False
                self._came.notify()
        with self._came:
            if self.is_busy:
                _exit(0)  # nobody is left who wants anything of it
            self._is_over = True
            self._came.notify()

    def _interrupt(self) -> None:
        if self.is_simulating and self._is_stopped:
            _thread.interrupt_main(signal.SIGTERM)


_exit = os._exit


def main() -> int:
    """Do tasks until stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the program's, which then says to stop
    home, stall_s = Path(sys.argv[1]), float(sys.argv[2])
    speaker = Speaker(os.fdopen(os.dup(1), "wb"))
    os.dup2(2, 1)  # what a strategy prints, from Python or below it, goes to the log
    sys.stdout = sys.stderr
    faulthandler.enable()
    # Without a buffer: its lock, held while nothing comes, would turn each error of ours into an abort.
    tasks = Tasks(os.fdopen(os.dup(0), "rb", buffering=0))
    _tell_before_exit(speaker, tasks)
    from tickreel.backtest.runs import keeping  # what is needed at the end is there when it is hurried
    from tickreel.store import open_cache

    with open_cache(home) as cache:
        while (task := tasks.next()) is not None:
            _keep_rows(cache, task.keeps_bytes)
            _run(cache, task, _Desk(tasks, speaker, keeping, stall_s))
    return 0


class _Desk:
    """What a run has beside its task."""

    def __init__(self, tasks: Tasks, speaker: Speaker, keeping: ModuleType, stall_s: float) -> None:
        self.tasks = tasks
        self.say = speaker.say
        self.keep = keeping.keep
        self.keep_traces = keeping.keep_traces
        self.watch = Watch(speaker, stall_s)


def _tell_before_exit(speaker: Speaker, tasks: Tasks) -> None:
    """Let code that ends the process be known by its place, and have its run end with what there is."""

    def told_exit(status: int) -> NoReturn:
        frame = sys._getframe(1)
        speaker.say(Exiting(status, frame.f_code.co_filename, frame.f_lineno))
        if tasks.is_simulating and threading.current_thread() is threading.main_thread():
            raise SystemExit(status)
        _exit(status)

    os._exit = told_exit


def _keep_rows(cache: Cache, most_bytes: int) -> None:
    """Let rows that the last task read as well be there for this one."""
    from tickreel.store.library.kept import KeptRows

    library = cache.library
    if library.kept is None and most_bytes:
        library.kept = KeptRows(most_bytes)
    elif library.kept is not None:
        library.kept.forget_unused()


def _run(cache: Cache, task: Task, desk: _Desk) -> None:
    """Do one task, and say how it ended."""
    from tickreel.backtest.engine import simulate
    from tickreel.backtest.loading import StrategyError
    from tickreel.backtest.running import Stopped as RunStopped
    from tickreel.backtest.runs.checkpoints import Checkpoints

    def interrupted(_number: int, frame: FrameType | None) -> None:
        if desk.tasks.is_simulating:
            desk.tasks.is_simulating = False
            desk.say(Interrupted(*_place_of_frame(frame)))
            raise RunStopped

    modules = set(sys.modules)
    signal.signal(signal.SIGTERM, interrupted)
    began_s = time.perf_counter()
    failure: StrategyError | None = None
    try:
        desk.tasks.is_simulating = True
        try:
            outcome = simulate(
                task.request,
                cache,
                progress=desk.watch,
                cancelled=desk.tasks.is_stopped,
                traced=task.traced,
                keeper=Checkpoints(Path(task.folder), task.request),
            )
        except StrategyError as error:
            if error.outcome is None:
                raise
            failure, outcome = error, error.outcome
        finally:
            desk.tasks.is_simulating = False
            desk.watch.end()
        desk.say(Stopped())
        took_s = time.perf_counter() - began_s
        summary = desk.keep(Path(task.folder), task.request, outcome, took_s)
        if task.traced:
            desk.keep_traces(Path(task.folder), outcome)
        desk.say(Finished(summary) if failure is None else _refusal(failure, summary))
    except Cancelled as error:
        desk.say(Refused("Cancelled", str(error)))
    except TickreelError as error:
        desk.say(_refusal(error))
    except BaseException as error:  # noqa: BLE001  # sys.exit as well: all of it is told
        # Of our own code it is a bug, of the strategy's an error like any other; the place tells.
        import traceback

        traceback.print_exc()
        file, line = place_of(error.__traceback__)
        desk.say(Refused("", f"{type(error).__name__}: {error}", file, line))
    finally:
        _forget_modules(modules)


def _refusal(error: TickreelError, summary: dict[str, Any] | None = None) -> Refused:
    from tickreel.backtest.loading import StrategyError

    if isinstance(error, StrategyError):
        return Refused("", error.problem, error.path, error.line, summary)
    return Refused(type(error).__name__, str(error))


def place_of(trace: TracebackType | None) -> tuple[str | None, int | None]:
    """Name the place of a traceback that is nearest to the strategy."""
    frames: list[tuple[str, int]] = []
    while trace is not None:
        frames.append((trace.tb_frame.f_code.co_filename, trace.tb_lineno))
        trace = trace.tb_next
    return place_among(frames[::-1])


def _place_of_frame(frame: FrameType | None) -> tuple[str | None, int | None]:
    frames: list[tuple[str, int]] = []
    while frame is not None:
        frames.append((frame.f_code.co_filename, frame.f_lineno))
        frame = frame.f_back
    return place_among(frames)


def _forget_modules(before: set[str]) -> None:
    """Drop what a strategy imported beside itself, so that the next run begins as in a new process."""
    for name in set(sys.modules) - before:
        file = getattr(sys.modules[name], "__file__", None)
        if file is not None and not is_library(file):
            del sys.modules[name]


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    # All is written and closed: taking the interpreter and its libraries down would have somebody wait.
    _exit(code)
