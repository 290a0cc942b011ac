"""A child that simulates, as the program holds it: tasks go in, endings come out, whatever happens there.

It is watched while it works. Memory above the limit, a standstill, a fault, an exit: each ends as a failure
with its cause. A wish to stop is passed on; a child that does not heed it at once is killed.
"""

from __future__ import annotations

import queue
import subprocess
import threading
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec
import psutil

from tickreel.backtest.runs.autopsy import failure_of_death, stall_words
from tickreel.backtest.runs.card import Failure
from tickreel.backtest.runs.messages import (
    Advanced,
    Began,
    Exiting,
    Finished,
    FromChild,
    Interrupted,
    Refused,
    Stop,
    Stopped,
    Task,
    from_child,
    line_of,
)
from tickreel.backtest.watching import RunWatcher
from tickreel.errors import (
    Cancelled,
    ConflictError,
    DataError,
    EnvironmentProblem,
    NotHeldError,
    TickreelError,
    UsageError,
)
from tickreel.market.time import format_us
from tickreel.market.units import format_bytes
from tickreel.program import child_command

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel.progress import Monitor

_REFUSALS: dict[str, type[TickreelError]] = {
    kind.__name__: kind for kind in (UsageError, DataError, NotHeldError, ConflictError, EnvironmentProblem)
}
_LOOK_EVERY_S = 0.05
_HEED_S = 0.7
"""How long a child may go on simulating a run that is to stop."""
_WRITE_S = 30.0
"""How long it may then take to write what there is."""
_FAR_ABOVE = 1.25
"""Times the limit of memory, from which on nothing is waited for."""
_LEAVE_S = 2.0
"""How long a child that is idle may take to end."""
_TAIL_BYTES = 64 * 1024
OUTPUT_BYTES = 8 * 2**20
"""Of what a strategy prints, so much is kept; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may take."""

    memory_bytes: int
    stall_s: float
    keeps_bytes: int = 0
    """Of rows that were read, for the next task: worth it where that is on the same data."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a task ended: done, refused before it began, failed, or cancelled."""

    summary: dict[str, Any] | None = None
    """What goes on the card, where files were written; of a run that was stopped, of what there was."""
    refusal: TickreelError | None = None
    failure: Failure | None = None
    is_cancelled: bool = False
    peak_memory_bytes: int | None = None


def refusal_of(kind: str, message: str) -> TickreelError | None:
    """Make an error anew of the name of its kind; None where that is not refused but fails."""
    made = _REFUSALS.get(kind)
    return None if made is None else made(message)


class Child:
    """One process that does tasks, one after another; it is started when there is one. A context manager.

    Used by one thread at a time.
    """

    def __init__(self, home: Path, limits: Limits) -> None:
        self._home = home
        self.limits = limits
        self._process: subprocess.Popen[bytes] | None = None
        self._came: queue.SimpleQueue[FromChild | None] = queue.SimpleQueue()
        self._output = _Output()

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process, and let one that is idle write down which days it used."""
        process = self._process
        if process is not None and process.stdin is not None:
            try:
                process.stdin.close()
                process.wait(_LEAVE_S)
            except (OSError, subprocess.TimeoutExpired):
                pass  # it is killed
        self.kill()

    def kill(self) -> None:
        """End the process at once, if there is one."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:  # what was still to be sent to it
                    continue

    def do(self, task: Task, output: Path, monitor: Monitor) -> Ending:
        """Have a task done, and say how it ended; *monitor* hears of microseconds of the range.

        What the strategy prints goes to the file *output*.

        Raises:
            EnvironmentProblem: no process can be started, or *output* cannot be written.
        """
        process = self._started()
        try:
            with output.open("wb") as file:
                self._output.begin(file)
                try:
                    return _Doing(self, process, task, self.limits, monitor).run()
                finally:
                    self._output.end()
        except OSError as error:
            raise EnvironmentProblem(f"{output} cannot be written: {error.strerror or error}") from error

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.kill()
        self._came = queue.SimpleQueue()
        words = child_command("tickreel.backtest.runs.child", str(self._home), str(self.limits.stall_s))
        try:
            process = subprocess.Popen(
                words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
        except OSError as error:
            raise EnvironmentProblem(f"no process can be started for a backtest: {error}") from error
        assert process.stdout is not None
        assert process.stderr is not None
        self._output = _Output()
        for work, pipe in ((self._listen, process.stdout), (self._output.read, process.stderr)):
            threading.Thread(target=work, args=(pipe,), name="backtest-child", daemon=True).start()
        self._process = process
        return process

    def _listen(self, pipe: BinaryIO) -> None:
        came = self._came
        try:
            for line in pipe:
                came.put(from_child(line))
        except (OSError, ValueError, msgspec.DecodeError):
            pass  # it was killed in the middle of a line
        came.put(None)

    def next_message(self, timeout_s: float) -> FromChild | None:
        """Wait for a message; None when it says nothing any more; raises queue.Empty."""
        return self._came.get(timeout=timeout_s)

    def last_words(self) -> str:
        """Give the end of what the process wrote to stderr, once it is gone."""
        return self._output.tail()


class _Output:
    """What a child writes to stderr: to a file while a task runs, and its end remembered."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._file: BinaryIO | None = None
        self._kept = 0
        self._tail = b""
        self._is_over = threading.Event()

    def begin(self, file: BinaryIO) -> None:
        with self._lock:
            self._file, self._kept, self._tail = file, 0, b""

    def end(self) -> None:
        with self._lock:
            self._file = None

    def read(self, pipe: BinaryIO) -> None:
        try:
            while piece := pipe.read1(_TAIL_BYTES):  # type: ignore[attr-defined]  # a pipe is buffered
                self._take(piece)
        except (OSError, ValueError):
            pass  # closed while it was read
        self._is_over.set()

    def _take(self, piece: bytes) -> None:
        with self._lock:
            self._tail = (self._tail + piece)[-_TAIL_BYTES:]
            if self._file is None:
                return
            fitting = piece[: max(0, OUTPUT_BYTES - self._kept)]
            self._file.write(fitting)
            if len(fitting) < len(piece) and self._kept < OUTPUT_BYTES:
                self._file.write(b"\n[what follows is not kept]\n")
            self._kept += len(piece)

    def tail(self) -> str:
        self._is_over.wait(1.0)
        with self._lock:
            return self._tail.decode(errors="replace")


class _Doing:
    """One task under way."""

    def __init__(
        self,
        child: Child,
        process: subprocess.Popen[bytes],
        task: Task,
        limits: Limits,
        monitor: Monitor,
    ) -> None:
        self._child = child
        self._process = process
        self._task = task
        self._limits = limits
        self._monitor = monitor
        self._watcher = monitor if isinstance(monitor, RunWatcher) else None
        self._watched = psutil.Process(process.pid)
        self._peak_bytes = 0
        self._has_begun = False
        self._advanced = Advanced(0, None, "")
        self._heard_s = float("inf")
        self._is_stalled = False
        self._stopping: Ending | None = None
        """How the run ends when the child has heeded the wish to stop."""
        self._kill_at_s = float("inf")

    def run(self) -> Ending:
        self._send(self._task)
        while True:
            try:
                message = self._child.next_message(_LOOK_EVERY_S)
            except queue.Empty:
                ending = self._look()
            else:
                ending = self._death() if message is None else self._take(message)
                ending = ending or self._look()
            if ending is not None:
                return replace(ending, peak_memory_bytes=self._peak_bytes or None)

    def _take(self, message: FromChild) -> Ending | None:
        match message:
            case Began():
                self._has_begun = True
            case Advanced():
                self._advanced = message
                self._heard_s = time.monotonic()
                self._tell_equity(message)
            case Stopped():
                self._heard_s = float("inf")
                if self._stopping is not None:
                    self._kill_at_s = time.monotonic() + _WRITE_S
            case Finished():
                return self._ended(message.summary)
            case Refused():
                return self._refused(message)
            case Interrupted():
                self._note_place(message)
            case Exiting():
                self._stopping = self._stopping or Ending(
                    failure=Failure(
                        f"it ended its process with os._exit({message.code}); {self._reached()}",
                        message.file,
                        message.line,
                    )
                )
        return None

    def _tell_equity(self, message: Advanced) -> None:
        if message.equity_at_us is not None and message.equity is not None and self._watcher is not None:
            self._watcher.tell_equity(message.equity_at_us, message.equity)

    def _ended(self, summary: dict[str, Any]) -> Ending:
        if self._stopping is None:  # somebody else may have stopped it
            return Ending(summary, is_cancelled=bool(summary["partial"]))
        return replace(self._stopping, summary=summary)

    def _note_place(self, message: Interrupted) -> None:
        """Say where a run stood that is stopped for standing still."""
        stopping = self._stopping
        if stopping is not None and stopping.failure is not None and self._is_stalled:
            failure = replace(stopping.failure, file=message.file, line=message.line)
            self._stopping = replace(stopping, failure=failure)

    def _refused(self, message: Refused) -> Ending:
        if self._stopping is not None:
            return replace(self._stopping, summary=message.summary)
        refusal = None if self._has_begun else refusal_of(message.kind, message.message)
        if refusal is not None:
            return Ending(refusal=refusal)
        return Ending(message.summary, failure=Failure(message.message, message.file, message.line))

    def _look(self) -> Ending | None:
        """Pass on a wish to stop, and hold the child to its limits."""
        now_s = time.monotonic()
        if self._stopping is None:
            try:
                self._monitor.report(self._advanced.done_us, self._advanced.total_us, self._advanced.note)
            except Cancelled:
                self._stop(Ending(is_cancelled=True))
        used_bytes = self._memory_bytes()
        self._peak_bytes = max(self._peak_bytes, used_bytes)
        limit = self._limits.memory_bytes
        if used_bytes > limit:
            if self._stopping is None or not self._stopping.failure:
                self._stop(Ending(failure=self._too_much(used_bytes)))
            if used_bytes > _FAR_ABOVE * limit:
                self._kill_at_s = now_s
        if self._stopping is None and now_s - self._heard_s > self._limits.stall_s:
            self._is_stalled = True
            self._stop(Ending(failure=Failure(f"{stall_words(self._limits.stall_s)}; {self._reached()}")))
        if now_s >= self._kill_at_s and not self._is_stalled:
            self._child.kill()
            return self._stopping
        return None

    def _stop(self, ending: Ending) -> None:
        self._stopping = ending
        # What has not begun has nothing to keep.
        patience_s = _HEED_S if self._has_begun else 0.0
        self._kill_at_s = min(self._kill_at_s, time.monotonic() + patience_s)
        self._send(Stop())

    def _too_much(self, used_bytes: int) -> Failure:
        return Failure(
            f"it used {format_bytes(used_bytes)} of memory and may use "
            f"{format_bytes(self._limits.memory_bytes)}; {self._reached()}; "
            "backtest.memory_limit_bytes sets the limit"
        )

    def _memory_bytes(self) -> int:
        try:
            return int(self._watched.memory_info().rss)
        except psutil.Error:
            return 0  # it has just ended, which is told elsewhere

    def _send(self, message: Task | Stop) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line_of(message))
            self._process.stdin.flush()
        except OSError:
            return  # it is gone, which is noticed by its silence

    def _death(self) -> Ending:
        code = self._process.wait()
        if self._stopping is not None and not self._is_stalled:
            return self._stopping
        return Ending(
            failure=failure_of_death(code, self._child.last_words(), self._limits.stall_s, self._reached())
        )

    def _reached(self) -> str:
        if not self._has_begun:
            return "it had not begun"
        at_us = self._task.request.start_us + self._advanced.done_us
        return f"it was last heard of at {format_us(at_us)}"
