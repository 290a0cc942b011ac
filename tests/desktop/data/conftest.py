from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.importdesk import Desk

from tickreel.events import Bus, DatasetsChanged
from tickreel.jobs import JobRunner
from tickreel.store import open_cache
from tickreel_desktop.data import ImportController, JobRelay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tickreel.jobs import Job


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
        made.imports.close()  # also closes a question that is still open, which would block later windows
        runner.shutdown()
