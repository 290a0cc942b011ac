"""A disk in the way of a finished file: nothing is lost, nothing comes twice, and the path is told."""

from __future__ import annotations

import asyncio
import errno
from typing import TYPE_CHECKING

import pytest
from support.faketardis import Kind
from support.faultydisk import FaultyDisk
from support.fetchdesk import EXCHANGE, FIRST, SYMBOL, asked, fetch_desk, hurry, path_of, write_days

from tickreel.fetch.preflight import Action
from tickreel.fetch.states import FetchState
from tickreel.store import DayState

if TYPE_CHECKING:
    from pathlib import Path


class Trouble:
    """Lets the next operations of a name fail."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.left = 0

    def __call__(self, number: int, name: str) -> bool:
        if name != self.name or self.left < 1:
            return False
        self.left -= 1
        return True


@pytest.mark.parametrize("kinds", [(None,), (Kind.HTML,), (Kind.TRUNCATED,)])
def test_a_finished_file_that_cannot_be_moved_waits_and_comes_no_second_time(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch, kinds: tuple[Kind | None, ...]
) -> None:
    hurry(monkeypatch)
    write_days(tmp_path / "vendor", 1)
    trouble = Trouble("move")
    disk = FaultyDisk(fails=trouble, error=errno.ENOSPC)
    with fetch_desk(tmp_path / "vendor", home, disk=disk) as desk, desk.service() as service:
        desk.fake.plan(path_of(FIRST), kinds)
        plan = asyncio.run(service.preflight(asked(1)))
        job_id = service.submit(plan)
        assert job_id is not None
        trouble.left = 2
        asyncio.run(asyncio.wait_for(service.work(job_id), 20))
        (item,) = service.outcome(plan, job_id).items
        assert (item.action, trouble.left) == (Action.FETCHED, 0)
        if kinds == (None,):
            (day,) = service.queue.days(job_id)
            assert (day.troubles, desk.fake.downloads[path_of(FIRST)]) == ({"disk": 2}, 1)


@pytest.mark.parametrize("name", ["move", "sync_folder"])
def test_a_finished_file_that_could_not_be_moved_serves_the_next_program(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    write_days(tmp_path / "vendor", 1)
    trouble = Trouble(name)
    disk = FaultyDisk(fails=trouble, error=errno.EACCES)
    with fetch_desk(tmp_path / "vendor", home, disk=disk) as desk:
        with desk.service() as service:
            job_id = service.submit(asyncio.run(service.preflight(asked(1))))
            assert job_id is not None
            trouble.left = 1_000
            with pytest.raises(TimeoutError):
                asyncio.run(asyncio.wait_for(service.work(job_id), 1))
            (day,) = service.queue.days(job_id)
            assert day.state is FetchState.WAITING
            assert str(home / "downloads") in day.reason
            assert "Permission denied" in day.reason
        trouble.left = 0
        hurry(monkeypatch)
        with desk.service() as service:
            service.control.retry(job_id)
            asyncio.run(asyncio.wait_for(service.work(job_id), 20))
        assert desk.fake.downloads[path_of(FIRST)] == 1
        (held,) = desk.cache.days(EXCHANGE, SYMBOL, "trades")
        assert held.state is DayState.PRESENT
