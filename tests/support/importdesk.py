"""A cache with everything an import needs, and a record of what was seen of it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tickreel.events import Bus, DatasetsChanged
from tickreel.jobs import JobRunner
from tickreel.store import open_cache
from tickreel_desktop.imports import ImportController, JobRelay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tickreel.jobs import Job
    from tickreel.store import Cache
    from tickreel_desktop.imports import ImportSummary


@dataclass
class Desk:
    """What an import needs, and what was seen of it."""

    qtbot: QtBot
    cache: Cache
    runner: JobRunner
    relay: JobRelay
    imports: ImportController
    on_worker: list[Callable[[Job[Any]], None]]
    """Called on the thread that changed a job, before the user interface hears of it."""
    changed: list[tuple[str, ...]] = field(default_factory=list)
    summaries: list[ImportSummary] = field(default_factory=list)

    def run(self, *paths: Path) -> ImportSummary:
        """Import and wait for the end of it."""
        before = len(self.summaries)
        self.imports.import_paths(paths)
        self.wait(lambda: len(self.summaries) > before)
        return self.summaries[-1]

    def wait(self, condition: Callable[[], bool]) -> None:
        # Compiling and a busy machine may take long; a test that hangs is stopped all the same.
        self.qtbot.waitUntil(condition, timeout=120_000)


@contextmanager
def import_desk(qtbot: QtBot, home: Path) -> Iterator[Desk]:
    """Open a cache in *home* with a controller that imports into it."""
    relay = JobRelay()
    on_worker: list[Callable[[Job[Any]], None]] = []

    def tell(job: Job[Any]) -> None:
        for hear in on_worker:
            hear(job)
        relay.tell(job)

    runner = JobRunner(tell, workers=4)
    bus = Bus()
    with open_cache(home) as cache:
        made = Desk(qtbot, cache, runner, relay, ImportController(cache, runner, bus, relay), on_worker)
        bus.subscribe(DatasetsChanged, lambda event: made.changed.append(event.keys))
        made.imports.finished.connect(made.summaries.append)
        yield made
        made.imports.close()  # also closes a question that is still open, which would block later windows
        runner.shutdown()
