"""Days put into the shared cache and dropped from it by hand, through the real window over a real server."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog
from support.accessibility import nameless_controls
from support.caredays import KEY, fill, nth
from support.desks import desk_over, until
from support.qtloop import run_on_qt
from support.redisserver import RedisServer
from support.shareddesk import tier_at

from tickreel.jobs import State
from tickreel.settings import save
from tickreel.store import Cache, open_cache
from tickreel_desktop.care.shared_dialogs import DropDialog, WarmDialog
from tickreel_desktop.data.model import DatasetRole
from tickreel_desktop.data.residence import Where

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tickreel_desktop.desk import Desk

pytestmark = pytest.mark.long

D = TypeVar("D", bound=QDialog)


@pytest.fixture
def cache(home: Path, tmp_path: Path, server: RedisServer) -> Iterator[Cache]:
    """Hold four days, none of which lies on the server."""
    with open_cache(home) as opened:
        fill(opened, tmp_path)
        save(home, {"shared.url": server.url})
        yield opened


async def opened(kind: type[D]) -> D:
    def find() -> D | None:
        return next(
            (each for each in QApplication.topLevelWidgets() if isinstance(each, kind) and each.isVisible()),
            None,
        )

    await until(lambda: find() is not None)
    found = find()
    assert found is not None
    assert nameless_controls(found) == []
    return found


async def selected(desk: Desk) -> None:
    desk.window.go_to("data")
    await until(lambda: desk.data.select(KEY))
    await until(lambda: desk.shared_control.watch.is_used and desk.actions["data.warm"].isEnabled())


def where(desk: Desk) -> Where | None:
    model = desk.data._sheets.model
    row = desk.data.table.currentIndex().row()
    found: Where | None = model.index(row, model.column_of("where")).data(DatasetRole.WHERE)
    return found


def days_there(server: RedisServer) -> set[int]:
    with tier_at(server.url) as tier:
        found = tier.records.unbroken(KEY, [nth(number) for number in range(4)])
    return {number for number in range(4) if nth(number) in found}


def told(desk: Desk) -> list[str]:
    return [kept.message.heading for kept in desk.window.toasts.kept()]


def test_days_are_put_there_as_a_job_and_dropped_after_a_preview(
    qapp: QApplication, cache: Cache, server: RedisServer
) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            await selected(desk)
            calendar = desk.data.detail.calendar
            calendar.show_opened(nth(0))
            QTest.keyClick(calendar, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
            assert desk.actions.command("data.warm") == (
                "tickreel warm binance-futures BTCUSDT trades 2024-07-23 2024-07-25 --no-fetch"
            )
            desk.actions["data.warm"].trigger()
            dialog = await opened(WarmDialog)
            assert dialog.heading.text() == "Put 2 days there"
            assert "0 days are there already" in dialog.text.text()
            assert not dialog.fetch.isVisible(), "nothing is in neither place"
            QTest.mouseClick(dialog.put_button, Qt.MouseButton.LeftButton)
            await until(lambda: told(desk) == ["2 days are in the shared cache"])
            assert days_there(server) == {0, 1}
            (job,) = (job for job in desk.runner.jobs if job.kind == "warm")
            assert (job.state, job.title.startswith("Put 2 days of ")) == (State.SUCCEEDED, True)
            assert job.progress.total
            await until(lambda: where(desk) == Where(4, 2, 4))

            calendar.clear_range()
            desk.actions["data.drop"].trigger()
            drop = await opened(DropDialog)
            assert drop.heading.text().startswith("Drop 2 days, ")
            assert [one.day for one in drop._model.rows] == [nth(0), nth(1)]
            assert all(one.is_here for one in drop._model.rows)
            QTest.mouseClick(drop.drop_button, Qt.MouseButton.LeftButton)
            await until(
                lambda: told(desk)[-1:] == ["2 days dropped from the shared cache"] or len(told(desk)) > 1
            )
            assert days_there(server) == set()
            assert len(cache.days(KEY.exchange, KEY.symbol, KEY.type)) == 4
            await until(lambda: where(desk) == Where(4, 0, 4))

            desk.actions["data.drop"].trigger()
            nothing = await opened(DropDialog)
            assert not nothing.drop_button.isEnabled()
            nothing.reject()

    run_on_qt(qapp, journey())


def test_a_warm_is_cancelled_while_its_server_stands_still(qapp: QApplication, cache: Cache) -> None:
    async def journey(server: RedisServer) -> None:
        async with desk_over(cache) as desk:
            await selected(desk)
            desk.actions["data.warm"].trigger()
            dialog = await opened(WarmDialog)
            server.pause()
            QTest.mouseClick(dialog.put_button, Qt.MouseButton.LeftButton)
            await until(lambda: any(job.state is State.RUNNING for job in desk.runner.jobs))
            (job,) = desk.runner.jobs
            server.go_on()
            server.pause()
            desk.runner.cancel(job)
            server.go_on()
            await until(lambda: job.state.is_final)
            assert job.state in (State.CANCELLED, State.FAILED)
            await until(lambda: bool(told(desk)))

    with RedisServer() as server:
        save(cache.home, {"shared.url": server.url, "shared.timeout_s": 0.5})
        run_on_qt(qapp, journey(server))


def test_what_is_not_used_says_so_and_what_is_not_set_is_not_offered(
    qapp: QApplication, cache: Cache
) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            await selected(desk)
            desk.actions["data.shared_use"].trigger()
            await until(lambda: not desk.actions["data.warm"].isEnabled())
            assert desk.actions.doing("data.warm").reason == "The shared cache is set, and not used"
            desk.settings_control.dialog.keeper.change("shared.url", None)
            await until(lambda: not desk.actions["data.warm"].isVisible())
            assert all("shared" not in action.text().lower() for action in desk.data._menu.actions)

    run_on_qt(qapp, journey())


def test_a_server_that_is_gone_is_told_of_and_changes_nothing(
    qapp: QApplication, cache: Cache, server: RedisServer
) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            await selected(desk)
            server.kill()
            desk.actions["data.warm"].trigger()
            dialog = await opened(WarmDialog)
            assert not days_known(dialog)
            dialog.reject()
            server.start()

    run_on_qt(qapp, journey())


def days_known(dialog: WarmDialog) -> bool:
    return not dialog._outlook.unknown
