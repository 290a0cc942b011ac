"""What other programs do to the home is seen, from before the first read on."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest
from support.desks import desk_over, until
from support.feeds import import_walk
from support.qtloop import run_on_qt

from tickreel.errors import EnvironmentProblem
from tickreel.events import Bus, DatasetsChanged
from tickreel.store import open_cache
from tickreel_desktop import outside
from tickreel_desktop.operations import Operations
from tickreel_desktop.outside import OutsideWatch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from tickreel.store import Cache


@pytest.fixture
def cache(home: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        yield opened


class Looks:
    """Answers of a catalog, one after another; the last one stays. An exception is raised."""

    def __init__(self, *answers: int | Exception) -> None:
        self._answers = list(answers)

    def __call__(self) -> int:
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def watch_until_changes(
    qapp: QApplication, cache: Cache, monkeypatch: pytest.MonkeyPatch, count: int, *answers: int | Exception
) -> None:
    """Watch over *answers*, the first of them the baseline, until so many changes were published."""

    async def watching() -> None:
        monkeypatch.setattr(outside, "LOOK_EVERY_S", 0)
        monkeypatch.setattr(type(cache), "changes_elsewhere", Looks(*answers))
        bus = Bus()
        seen: list[DatasetsChanged] = []
        bus.subscribe(DatasetsChanged, seen.append)
        watch = OutsideWatch(cache, bus)
        await watch.begin()
        running = asyncio.ensure_future(watch.run())
        await until(lambda: len(seen) == count or running.done())
        assert not running.done()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert len(seen) == count

    run_on_qt(qapp, watching())


def test_a_change_while_the_window_reads_the_catalog_for_the_first_time_is_seen(
    qapp: QApplication, cache: Cache, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[int] = []
    refresh = Operations.refresh

    async def read_and_import_elsewhere(operations: Operations) -> None:
        await refresh(operations)
        shown.append(len(cache.datasets()))
        if len(shown) == 1:
            with open_cache(home) as other:
                import_walk(other, tmp_path)

    monkeypatch.setattr(Operations, "refresh", read_and_import_elsewhere)

    async def journey() -> None:
        async with desk_over(cache):
            await until(lambda: shown[-1] == 2)
            assert shown[0] == 0

    run_on_qt(qapp, journey())


def test_each_change_is_published_once_and_none_where_there_is_none(
    qapp: QApplication, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch_until_changes(qapp, cache, monkeypatch, 2, 1, 1, 2, 2, 3)


@pytest.mark.logs_warnings
def test_without_a_baseline_the_first_look_counts_as_a_change(
    qapp: QApplication, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch_until_changes(qapp, cache, monkeypatch, 1, EnvironmentProblem("locked"), 1)


@pytest.mark.logs_warnings
def test_nothing_ends_the_watch_and_each_trouble_is_told_once(
    qapp: QApplication, cache: Cache, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    locked, unforeseen = EnvironmentProblem("the catalog is locked"), ValueError("no foreseen number")
    with caplog.at_level(logging.WARNING, outside.__name__):
        watch_until_changes(qapp, cache, monkeypatch, 1, 1, locked, locked, unforeseen, unforeseen, 2)
    told = [record for record in caplog.records if record.name == outside.__name__]
    assert [str(locked) in record.getMessage() for record in told] == [True, False]
    assert "ValueError: no foreseen number" in told[1].getMessage()
    assert told[1].exc_info is not None
    assert told[1].exc_info[1] is unforeseen
