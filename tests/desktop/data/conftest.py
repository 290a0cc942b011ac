from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.importdesk import Desk

from tickreel.events import Bus, DatasetsChanged
from tickreel.jobs import JobRunner
from tickreel.store import open_cache
from tickreel_desktop.data import ImportController, JobRelay
from tickreel_desktop.theme import Theme, ThemeMode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

    from tickreel.jobs import Job


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    made = Theme(ThemeMode.DARK)
    made.apply(qapp)
    return made


@pytest.fixture
def desk(qtbot: QtBot, home: Path) -> Iterator[Desk]:
    relay = JobRelay()
    on_worker: list[Callable[[Job[Any]], None]] = []

    def tell(job: Job[Any]) -> None:
        for hear in on_worker:
            hear(job)
        relay.tell(job)

    runner = JobRunner(tell, workers=4)
    bus = Bus()
    with open_cache(home) as cache:
        made = Desk(qtbot, cache, ImportController(cache, runner, bus, relay), on_worker)
        bus.subscribe(DatasetsChanged, lambda event: made.changed.append(event.keys))
        made.imports.finished.connect(made.summaries.append)
        yield made
        runner.shutdown()
