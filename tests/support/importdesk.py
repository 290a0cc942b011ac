"""A cache with everything an import needs, and a record of what was seen of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tickreel.jobs import Job
    from tickreel.store import Cache
    from tickreel_desktop.data import ImportController, ImportSummary


@dataclass
class Desk:
    """What an import needs, and what was seen of it."""

    qtbot: QtBot
    cache: Cache
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
