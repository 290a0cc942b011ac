"""Brings all long work of a home together in the Jobs panel."""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from tickreel.fetch.queue import FetchQueue
from tickreel_desktop.jobs import (
    FetchJobs,
    FetchWorker,
    ImportJobs,
    ImportQuestions,
    JobBoard,
    JobsPanel,
    RunnerJobs,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tickreel.jobs.runner import JobRunner
    from tickreel.store import Cache
    from tickreel_desktop.frame import MainWindow
    from tickreel_desktop.imports import ImportController, JobRelay
    from tickreel_desktop.jobs import JobSource
    from tickreel_desktop.telling import Teller
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.undo import Undo
    from tickreel_desktop.zone import DisplayZone


class JobsControl:
    """The jobs of one window: imports and other work of its own, and fetches of whichever program."""

    def __init__(
        self,
        *,
        window: MainWindow,
        theme: Theme,
        zone: DisplayZone,
        cache: Cache,
        imports: ImportController,
        runner: JobRunner,
        relay: JobRelay,
        others: Sequence[JobSource],
        teller: Teller,
        undo: Undo,
    ) -> None:
        self._cache = cache
        self._teller = teller
        self._fetches = FetchJobs(cache, zone)
        self._fetcher = FetchWorker(cache)
        now_us = cache.disk.now_us
        import_jobs = ImportJobs(imports, now_us, zone, window)
        self._questions = ImportQuestions(theme, imports, window)
        import_jobs.answer_wanted.connect(self._questions.open)
        board = JobBoard(
            (self._fetches, import_jobs, RunnerJobs(runner, relay, now_us, zone), *others), window
        )
        self.panel = JobsPanel(theme, zone, board, window.toasts, undo)
        self.panel.summary_changed.connect(window.status.tell_jobs)
        self.panel.fetch_requested.connect(self._fetcher.start)
        self.panel.reveal_requested.connect(self.reveal)
        self._fetches.going_wanted.connect(self.fetch_now)
        self._fetches.idle_changed.connect(self.panel.show_idle_fetches)
        for each in (self._fetches, self._fetcher):
            each.failed.connect(teller.error)

    def reveal(self, path: Path) -> None:
        """Show the folder of a file where the system shows such."""
        folder = path if path.is_dir() else path.parent
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self._teller.warning("The folder cannot be shown", str(folder))

    def fetch_now(self) -> None:
        """Let this program work the fetch queue off, unless another one does."""
        self._fetcher.start()

    def renew_fetching(self) -> None:
        """Let fetches go by the settings of now, once what is under way has ended."""
        self._fetcher.renew()

    def watch_orders(self, is_watching: bool) -> None:
        """Let this program look after standing orders from now on, or no longer."""
        self._fetcher.watch(is_watching)

    def count_fetches(self) -> int:
        """Count the fetches that have not ended, whoever asked for them; on a worker thread."""
        with closing(self._cache.connect()) as database:
            jobs = FetchQueue(database, self._cache.disk.now_us).jobs()
        return sum(not job.is_ended for job in jobs)

    async def close(self) -> None:
        """End the fetching of this program and the looking at that of others; before the cache."""
        await asyncio.to_thread(self._fetcher.close)
        await asyncio.to_thread(self._fetches.close)
