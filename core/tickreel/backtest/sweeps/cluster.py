"""Runs of a sweep on an existing Dask cluster: the extra ``tickreel[dask]``.

A worker gets a manifest of the days, the task, and the code of the strategy's file; it makes a home of its
own from the manifest and never opens the catalog. There each run is done by a child process, as it is here,
so that a strategy that goes wrong harms no worker. Modules that a strategy imports beside its file must be
there.

What goes to and from workers is pickled by Dask, between machines that trust each other.
"""

from __future__ import annotations

import hashlib
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from tickreel.backtest.runs.card import Failure
from tickreel.backtest.runs.messages import Task
from tickreel.backtest.runs.process import Child, Ending, Limits, refusal_of
from tickreel.backtest.runs.running import OUTPUT, strategy_file
from tickreel.backtest.sweeps.manifest import Manifest, make_home
from tickreel.errors import Cancelled, EnvironmentProblem

if TYPE_CHECKING:
    from tickreel.backtest.request import BacktestRequest
    from tickreel.progress import Monitor

_CONNECT_S = 10
_LOOK_S = 0.1
_TELL_EVERY_S = 0.5
"""How often a worker says how far a run is, and asks whether it is still wanted."""


class _Sent(msgspec.Struct, frozen=True):
    """What a worker is sent."""

    manifest: bytes
    task: Task
    code: bytes | None
    """Of the file of the strategy; None for an example."""
    memory_bytes: int
    stall_s: float
    keeps_bytes: int


class _Back(msgspec.Struct, frozen=True):
    """What comes back."""

    files: dict[str, bytes]
    """Of the run, by name."""
    summary: dict[str, Any] | None = None
    failure: tuple[str, str | None, int | None] | None = None
    refusal: tuple[str, str] | None = None
    """Kind and message."""
    peak_memory_bytes: int | None = None


class Cluster:
    """A cluster that is there; a context manager.

    Raises:
        EnvironmentProblem: the extra is not installed, or nobody answers at the address.
    """

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client
        except ImportError:
            raise EnvironmentProblem(
                "a sweep on a cluster needs the extra: python -m pip install 'tickreel[dask]'"
            ) from None
        try:
            self._client: Any = Client(  # type: ignore[no-untyped-call]  # it has no types
                address, timeout=_CONNECT_S, set_as_default=False
            )
        except (OSError, ValueError, TimeoutError) as error:
            raise EnvironmentProblem(f"no Dask scheduler answers at {address}: {error}") from error

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    @property
    def workers(self) -> int:
        """How many runs it can do at once.

        Raises:
            EnvironmentProblem: it has no workers.
        """
        count = sum(self._client.nthreads().values())
        if not count:
            raise EnvironmentProblem("the Dask cluster has no workers: start some")
        return int(count)

    def child(self, manifest: Manifest, limits: Limits) -> RemoteChild:
        """Give what does runs there, one at a time."""
        return RemoteChild(self._client, msgspec.json.encode(manifest), limits)


class RemoteChild:
    """Does tasks on some worker of a cluster, as a child process does them here."""

    def __init__(self, client: Any, manifest: bytes, limits: Limits) -> None:
        self._client = client
        self._manifest = manifest
        self.limits = limits

    def close(self) -> None:
        """Let go of it; workers keep what they have for the next sweep."""

    def do(self, task: Task, output: Path, monitor: Monitor) -> Ending:
        """Have a task done there, and its files written here.

        Raises:
            EnvironmentProblem: the worker was lost, or the files cannot be written.
        """
        file = strategy_file(task.request)
        sent = _Sent(
            self._manifest,
            task,
            None if file is None or not file.is_file() else file.read_bytes(),
            self.limits.memory_bytes,
            self.limits.stall_s,
            self.limits.keeps_bytes,
        )
        topic = _topic_of(task.run_id)
        told: list[tuple[int, int | None]] = [(0, None)]
        self._client.subscribe_topic(topic, lambda event: told.append(tuple(event[1])))
        future = self._client.submit(simulate_there, msgspec.msgpack.encode(sent), pure=False, retries=0)
        try:
            while not future.done():
                del told[:-1]
                monitor.report(*told[-1])
                threading.Event().wait(_LOOK_S)
            back = msgspec.msgpack.decode(future.result(), type=_Back)
        except Cancelled:
            self._stop(topic)
            future.cancel()
            output.touch()
            return Ending(is_cancelled=True)
        except (OSError, RuntimeError) as error:
            raise EnvironmentProblem(f"the cluster lost run {task.run_id}: {error}") from error
        finally:
            self._client.unsubscribe_topic(topic)
        for name, content in back.files.items():
            path = output.parent / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return _ending(back)

    def _stop(self, topic: str) -> None:
        """Let the worker know that nobody wants the run any more: Dask stops nothing that has begun."""
        from distributed import Event

        stop: Any = Event(topic, client=self._client)  # type: ignore[no-untyped-call]  # it has no types
        stop.set()


class _Teller:
    """The monitor of a run on a worker: tells whoever asked how far it is, and stops it when they say so."""

    def __init__(self, topic: str) -> None:
        from distributed import Event, get_client, get_worker

        self._topic = topic
        self._worker: Any = get_worker()
        self._stop: Any = Event(topic, client=get_client())  # type: ignore[no-untyped-call]
        self._told_s = float("-inf")

    def report(self, done: int, total: int | None, note: str = "") -> None:
        """Pass it on, some times a second."""
        now_s = time.monotonic()
        if now_s - self._told_s < _TELL_EVERY_S:
            return
        self._told_s = now_s
        self._worker.log_event(self._topic, [done, total])
        if self._stop.is_set():
            raise Cancelled("nobody wants it any more")


def _topic_of(run_id: str) -> str:
    return f"tickreel-run-{run_id}"


def _ending(back: _Back) -> Ending:
    return Ending(
        back.summary,
        None if back.refusal is None else refusal_of(*back.refusal),
        None if back.failure is None else Failure(*back.failure),
        peak_memory_bytes=back.peak_memory_bytes,
    )


def simulate_there(packed: bytes) -> bytes:
    """Do a task on a worker, and give what came of it."""
    sent = msgspec.msgpack.decode(packed, type=_Sent)
    desk = _desk_of(sent)
    request = desk.moved(sent)
    with tempfile.TemporaryDirectory(dir=desk.folder) as name:
        folder = Path(name)
        task = Task(sent.task.run_id, name, request, sent.keeps_bytes)
        ending = desk.child.do(task, folder / OUTPUT, _Teller(_topic_of(sent.task.run_id)))
        paths = [path for path in folder.rglob("*") if path.is_file()]
        files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    failure, refusal = ending.failure, ending.refusal
    if failure is not None and failure.file == str(strategy_file(request)):
        # Its own place is the one that whoever asked knows.
        failure = replace(failure, file=str(strategy_file(sent.task.request)))
    return msgspec.msgpack.encode(
        _Back(
            files,
            ending.summary,
            None if failure is None else (failure.message, failure.file, failure.line),
            None if refusal is None else (type(refusal).__name__, str(refusal)),
            ending.peak_memory_bytes,
        )
    )


class _Desk:
    """What a thread of a worker keeps for the next run of a sweep: the home, the child, the code."""

    def __init__(self, sent: _Sent) -> None:
        self._kept = tempfile.TemporaryDirectory(prefix="tickreel-")
        self.folder = Path(self._kept.name)
        make_home(msgspec.json.decode(sent.manifest, type=Manifest), self.folder / "home")
        limits = Limits(sent.memory_bytes, sent.stall_s, sent.keeps_bytes)
        self.child = Child(self.folder / "home", limits)

    def moved(self, sent: _Sent) -> BacktestRequest:
        """Give the request with the code of its strategy in a file here."""
        request = sent.task.request
        file = strategy_file(request)
        if file is None or sent.code is None:
            return request
        here = self.folder / hashlib.sha256(sent.code).hexdigest()[:16] / file.name
        here.parent.mkdir(exist_ok=True)
        here.write_bytes(sent.code)
        return msgspec.structs.replace(request, strategy=request.strategy.replace(str(file), str(here), 1))

    def close(self) -> None:
        self.child.close()
        self._kept.cleanup()


_desks = threading.local()


def _desk_of(sent: _Sent) -> _Desk:
    """Find what this thread has for a manifest; of another one it lets go."""
    name = hashlib.sha256(sent.manifest).hexdigest()
    if getattr(_desks, "name", None) != name:
        if getattr(_desks, "desk", None) is not None:
            _desks.desk.close()
        _desks.desk, _desks.name = _Desk(sent), name
    desk: _Desk = _desks.desk
    return desk
