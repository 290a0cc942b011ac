"""Makes calls, one at a time, on a thread of its own, so that neither figures nor models hold up the window.

What streams in is gathered there, and fetched by the window twenty times a second.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, closing
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from tickreel.analysis import Group, Prose, Waiting, opened_service, take_snapshot
from tickreel.analysis.answers import Answer
from tickreel.analysis.history import Kept, Query, find_history
from tickreel.analysis.keeping import KeptAnalysis
from tickreel.errors import TickreelError
from tickreel.progress import stoppable
from tickreel_desktop.analysis.spending import Spending, read_spending

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence

    from tickreel.analysis import Analysis, AnalysisService, Preview, Snapshot
    from tickreel.analysis.calls import Call
    from tickreel.analysis.prompt import Inquiry
    from tickreel.progress import StopSign
    from tickreel.store import Cache
    from tickreel_desktop.analysis.scope import Subject

_T = TypeVar("_T")

FETCH_MS = 50
"""So often what has come is shown, at most."""


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody wants to have analysed, and by whom."""

    subject: Subject
    groups: tuple[Group, ...]
    question: str
    model: str
    place: str
    """Address of the server, as it was told to whoever asks; empty for the offline analyst."""
    digest: str = ""
    """Of the request that was previewed, by which none but that is sent; empty where none was."""


class NotAsShown(TickreelError):
    """What would be sent, or where to, is not what was shown any more; nothing was sent."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request as it would be sent, and what it could cost."""

    request: Request
    """With the server and the digest of what is shown here."""
    snapshots: tuple[Snapshot, ...]
    """One for each window."""
    preview: Preview
    tokens: Mapping[Group, int]
    """Estimated, of the figures of each group."""
    instruction_tokens: int
    question_tokens: int
    spending: Spending


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request."""

    request: Request
    analysis: KeptAnalysis | None = None
    """Of the last of its windows."""
    kept: Kept | None = None
    """Its entry in the ledger; None where nothing was entered."""
    error: TickreelError | None = None
    is_stopped: bool = False


class Caller(QObject):
    """Ask an analyst; what comes meanwhile is told by the signals."""

    said = Signal(str)
    """More of the answer."""
    waiting = Signal(object)
    """The server is asked again after this :class:`Waiting`."""

    def __init__(self, cache: Cache, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cache = cache
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="tickreel-analysis")
        self._lock = threading.Lock()
        self._text: list[str] = []
        self._waiting: Waiting | None = None
        self._running: tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]] | None = None
        self._is_stopped = False
        self._is_busy = False
        self._timer = QTimer(self)
        self._timer.setInterval(FETCH_MS)
        self._timer.timeout.connect(self._fetch)

    @property
    def is_busy(self) -> bool:
        """Whether a call is under way."""
        return self._is_busy

    async def prepare(self, request: Request) -> Prepared:
        """Measure the window and tell what would be sent; nothing is.

        Raises:
            TickreelError: the window cannot be measured, or nobody can be asked.
            asyncio.CancelledError: it was stopped.
        """
        return await self._on_worker(self._prepare, request)

    async def send(self, request: Request) -> Outcome:
        """Have it analysed, and give what became of it."""
        self._is_busy = True
        self._timer.start()
        try:
            return await self._on_worker(self._send, request)
        finally:
            self._timer.stop()
            self._fetch()
            self._is_busy = False

    def stop(self) -> None:
        """Stop what is under way: the connection is closed, and what came is entered with its cost."""
        with self._lock:
            self._is_stopped = True
            if self._running is not None:
                loop, task = self._running
                loop.call_soon_threadsafe(task.cancel)

    async def close(self) -> None:
        """Stop, and end the thread."""
        self.stop()
        self._timer.stop()
        await asyncio.to_thread(self._worker.shutdown)

    def _fetch(self) -> None:
        with self._lock:
            text, self._text = "".join(self._text), []
            waiting, self._waiting = self._waiting, None
        if waiting is not None:
            self.waiting.emit(waiting)
        if text:
            self.said.emit(text)

    async def _on_worker(self, work: Callable[[Request], _T], request: Request) -> _T:
        with self._lock:
            self._is_stopped = False
            self._text.clear()
            self._waiting = None
        return await asyncio.get_running_loop().run_in_executor(self._worker, work, request)

    # On the worker

    def _run(self, work: Callable[[], Coroutine[object, object, _T]]) -> _T:
        async def guarded() -> _T:
            task = asyncio.current_task()
            assert task is not None
            with self._lock:
                self._running = asyncio.get_running_loop(), task
                if self._is_stopped:
                    task.cancel()
            try:
                return await work()
            finally:
                with self._lock:
                    self._running = None

        return asyncio.run(guarded())

    def _prepare(self, request: Request) -> Prepared:
        async def work() -> Prepared:
            async with opened_service(self._cache, model=request.model) as service:
                inquiry = await self._inquiry(service, request)
                preview = await asyncio.to_thread(service.preview, inquiry)
                analyst = service.analyst
                shown = replace(
                    request, place=analyst.place, digest=inquiry.digest(analyst.model, analyst.place)
                )
            return Prepared(
                shown,
                inquiry.snapshots,
                preview,
                {group: inquiry.tokens_of(group) for group in Group},
                inquiry.instruction_tokens,
                inquiry.question_tokens,
                await asyncio.to_thread(read_spending, self._cache),
            )

        return self._run(work)

    def _send(self, request: Request) -> Outcome:
        entered: list[Call] = []
        try:
            analysis = self._run(lambda: self._analysed(request, entered.append))
        except asyncio.CancelledError:
            return Outcome(request, kept=self._entry(entered), is_stopped=True)
        except TickreelError as error:
            return Outcome(request, kept=self._entry(entered), error=error)
        call = analysis.call
        assert call is not None  # it was no dry run
        kept = self._entry([call]) or _unkept(analysis)
        answer = Answer(analysis.prose, analysis.findings, analysis.problems)
        return Outcome(request, KeptAnalysis(kept, answer, analysis.snapshot), kept)

    async def _analysed(self, request: Request, on_entered: Callable[[Call], object]) -> Analysis:
        async with opened_service(self._cache, model=request.model) as service:
            _hold_place(service, request)
            inquiry = await self._inquiry(service, request)
            _hold_digest(service, request, inquiry)
            async with aclosing(service.steps(inquiry, on_entered=on_entered)) as steps:
                async for step in steps:
                    if isinstance(step, tuple):
                        return step[-1]
                    self._note(step)
        raise AssertionError("an analysis ends with what it found")

    def _note(self, step: Prose | Waiting) -> None:
        with self._lock:
            if isinstance(step, Prose):
                self._text.append(step.text)
            else:
                self._waiting = step

    async def _inquiry(self, service: AnalysisService, request: Request) -> Inquiry:
        subject = request.subject
        snapshots = []
        for from_us, to_us in subject.spans:
            window = (subject.exchange, subject.symbol, from_us, to_us)
            seen = await stoppable(partial(_measured, self._cache, window))
            snapshots.append(seen.only(request.groups))
        return service.inquiry(*snapshots, question=request.question)

    def _entry(self, calls: Sequence[Call]) -> Kept | None:
        """Find what was entered of the last of some calls; others may enter theirs meanwhile."""
        number = calls[-1].id if calls else None
        if number is None:  # nothing was sent, or nothing can be written
            return None
        with closing(self._cache.connect()) as database:
            found = find_history(database, Query(call_id=number))
        return found[-1] if found else None  # of the last of its windows


def _hold_place(service: AnalysisService, request: Request) -> None:
    """Refuse to send to a server that was not told; raises NotAsShown."""
    place = service.analyst.place
    if place != request.place:
        raise NotAsShown(f"the server is {place} by now, so that nothing was sent")


def _hold_digest(service: AnalysisService, request: Request, inquiry: Inquiry) -> None:
    """Refuse to send what was not previewed; raises NotAsShown."""
    analyst = service.analyst
    if request.digest and inquiry.digest(analyst.model, analyst.place) != request.digest:
        raise NotAsShown("the figures are others than those of the preview, so that nothing was sent")


def _unkept(analysis: Analysis) -> Kept:
    """Tell of an analysis in a home that can only be read what an entry would tell."""
    seen, call = analysis.snapshot, analysis.call
    assert call is not None  # it was no dry run
    return Kept(
        call=call,
        request_sha256="",
        number=0,
        windows=1,
        exchange=seen.exchange,
        symbol=seen.symbol,
        from_us=seen.from_us,
        to_us=seen.to_us,
        snapshot_sha256=seen.digest,
        groups=seen.groups,
        data=seen.sources,
        question="",
        answered_by=None,
        answer=Answer(analysis.prose, analysis.findings, analysis.problems),
        is_whole=analysis.is_whole,
        partial="",
        marks={},
    )


def _measured(cache: Cache, window: tuple[str, str, int, int], sign: StopSign) -> Snapshot:
    """Measure a window of an instrument, on a thread that hears when nobody waits any more."""
    return take_snapshot(cache, *window, cuts=True, monitor=sign)
