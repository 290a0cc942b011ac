"""Works the fetch queue of the home off inside this program, on a loop in a thread of its own.

Of all programs that use a home one fetches at a time; while another does, this one looks on and takes
over when that ends.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from tickreel.errors import TickreelError
from tickreel.fetch.service import FetchService

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel.store import Cache

_LOOK_EVERY_S = 0.5
_STOP_EVERY_S = 1.0
WATCH_EVERY_S = 600.0
"""How often standing orders are looked after, as by the command that does so."""
_LOGGER = logging.getLogger(__name__)


class FetchWorker(QObject):
    """Fetch from :meth:`start` on whatever is queued, until :meth:`close`; close it before the cache."""

    failed = Signal(object)
    """A ``TickreelError`` that ended the work, such as settings that cannot be read; start it anew."""

    _ended = Signal()

    def __init__(
        self,
        cache: Cache,
        open_service: Callable[[Cache], FetchService] = FetchService,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._cache = cache
        self._open_service = open_service
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stop: Callable[[], object] | None = None
        """Set while the loop runs."""
        self._is_closed = False
        self._is_watching = False
        self._is_stale = False
        """Settings have changed: it begins anew once what is under way has ended."""
        self._ended.connect(self._on_ended, Qt.ConnectionType.QueuedConnection)

    @property
    def is_working(self) -> bool:
        """Whether it fetches, or waits for something to fetch."""
        return self._thread is not None

    def start(self) -> None:
        """Begin, unless it has begun or was closed."""
        if self._thread is None and not self._is_closed:
            self._thread = threading.Thread(target=self._run, name="tickreel-fetch")
            self._thread.start()

    def watch(self, is_watching: bool) -> None:
        """Look after standing orders as well from now on, every ten minutes; or no longer."""
        self._is_watching = is_watching
        if is_watching:
            self.start()

    def renew(self) -> None:
        """Go by the settings of now once what is under way has ended."""
        self._is_stale = True

    def close(self) -> None:
        """Stop, leave what is under way queued, and block until the thread has ended."""
        self._is_closed = True
        thread = self._thread
        while thread is not None and thread.is_alive():
            # Again and again: up to Python 3.11 a wait that has just ended may lose a cancellation.
            with self._lock:
                if self._stop is not None:
                    self._stop()
            thread.join(_STOP_EVERY_S)

    def _on_ended(self) -> None:
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        try:
            while not self._is_closed:
                self._is_stale = False
                with self._open_service(self._cache) as service:
                    asyncio.run(self._work(service))
                if not self._is_stale:
                    break
        except TickreelError as error:
            _LOGGER.info("fetching has ended: %s", error)
            self.failed.emit(error)
        finally:
            self._ended.emit()

    async def _work(self, service: FetchService) -> None:
        loop = asyncio.get_running_loop()
        task = loop.create_task(self._work_forever(service))
        with self._lock:
            self._stop = lambda: loop.call_soon_threadsafe(task.cancel)
            if self._is_closed:
                task.cancel()
        try:
            await asyncio.wait([task])
        finally:
            with self._lock:
                self._stop = None
        if not task.cancelled():
            await task  # raises what it ended with

    async def _work_forever(self, service: FetchService) -> None:
        version = None
        watching = asyncio.create_task(self._watch_forever(service))
        try:
            while not (self._is_closed or self._is_stale):
                now = service.queue.version()
                if now != version and not service.queue.is_idle():
                    await service.work_all()
                version = now
                await asyncio.sleep(_LOOK_EVERY_S)
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def _watch_forever(self, service: FetchService) -> None:
        """Look after standing orders while that is wanted, also while days are fetched."""
        due_s = 0.0
        while True:
            if self._is_watching and time.monotonic() >= due_s:
                due_s = time.monotonic() + WATCH_EVERY_S
                try:
                    await service.check_standing()
                    await service.warm_standing()
                except TickreelError as error:
                    _LOGGER.info("standing orders could not be looked after: %s", error)
                    self.failed.emit(error)
            await asyncio.sleep(_LOOK_EVERY_S)
