"""A replay of a day that is in the shared cache alone: set up, told, brought and played."""

from __future__ import annotations

import asyncio
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from support.desks import desk_over, until
from support.feeds import EXCHANGE, SYMBOL, feed_files, import_walk
from support.qtloop import run_on_qt

from tickreel.market.time import US_PER_DAY, day_start_us
from tickreel.market.types import DatasetKey, DataType
from tickreel.replay.link import ReplayLink
from tickreel.settings import load, save
from tickreel.shared.opening import open_supply
from tickreel.shared.supply import SharedSupply
from tickreel.store import Cache, Source, open_cache
from tickreel.store.model import DayRange

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication
    from support.redisserver import RedisServer

    from tickreel.progress import Monitor

BOOK = DatasetKey(EXCHANGE, SYMBOL, DataType.INCREMENTAL_BOOK_L2)


@pytest.fixture
def cache(home: Path, tmp_path: Path, server: RedisServer) -> Iterator[Cache]:
    """Hold a day; one two days later lies on the server alone."""
    with open_cache(home) as opened:
        import_walk(opened, tmp_path)
        for path in feed_files(tmp_path / "later", shift_us=2 * US_PER_DAY):
            opened.import_file(path)
        save(home, {"shared.url": server.url})
        supply = open_supply(opened, load(home))
        assert supply is not None
        last = max(day.day for day in opened.all_days())
        for day in opened.all_days():
            if day.day == last:
                supply.share(day)
                opened.life.trash.put(DayRange(day.key, last, last))
        supply.close()
        yield opened


@pytest.mark.long
def test_a_day_that_is_there_alone_is_named_and_played(qapp: QApplication, cache: Cache) -> None:
    first = cache.days(*BOOK_WORDS)[0].day

    async def journey() -> None:
        async with desk_over(cache) as desk:
            await until(lambda: cache.farther is not None)
            later = type(first).fromordinal(first.toordinal() + 2)
            await desk.setup.play(EXCHANGE, SYMBOL, later)
            await until(lambda: desk.setup.dialog is not None and desk.setup.dialog.isVisible())
            dialog = desk.setup.dialog
            assert dialog is not None
            await until(dialog.missing.coming.isVisible)
            assert dialog.missing.coming.text().startswith("1 day comes from the shared cache")
            await until(dialog.open_button.isEnabled)
            QTest.mouseClick(dialog.open_button, Qt.MouseButton.LeftButton)
            await until(lambda: desk.opener.player is not None and desk.opener.player.frame is not None)
            brought = cache.day(*BOOK_WORDS, later)
            assert brought is not None
            assert (brought.source, brought.rows > 0) == (Source.SHARED, True)

    run_on_qt(qapp, journey())


BOOK_WORDS = (BOOK.exchange, BOOK.symbol, BOOK.type)


def test_the_first_day_is_seen_to_come_and_can_be_left(
    qapp: QApplication, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = cache.days(*BOOK_WORDS)[0].day
    later = type(first).fromordinal(first.toordinal() + 2)
    bring, may_come = SharedSupply._bring, threading.Event()

    def held_up(self: SharedSupply, *args: Any, monitor: Monitor, **given: Any) -> Any:
        while not may_come.wait(0.02):
            monitor.report(30, 60)
        return bring(self, *args, monitor=monitor, **given)

    monkeypatch.setattr(SharedSupply, "_bring", held_up)

    async def journey() -> None:
        async with desk_over(cache) as desk:
            await until(lambda: cache.farther is not None)
            start_us = day_start_us(later)
            link = ReplayLink(EXCHANGE, SYMBOL, start_us, start_us + US_PER_DAY)
            leave = desk.replay.leave_button
            opening = asyncio.ensure_future(desk.opener.open_link(link))
            await until(leave.isVisible)
            texts = [one.text() for one in desk.replay.findChildren(QLabel) if one.isVisible()]
            assert any("from the shared cache, 1 of 2 days" in text for text in texts), texts
            QTest.mouseClick(leave, Qt.MouseButton.LeftButton)
            await until(opening.done)
            await until(lambda: desk.opener.player is None and not leave.isVisible())
            held = cache.day(*BOOK_WORDS, later)
            assert held is None or not held.state.is_held
            may_come.set()
            player = await desk.opener.open_link(link)
            assert player.frame is not None
            assert not leave.isVisible()
            assert opening.cancelled()

    run_on_qt(qapp, journey())


@pytest.mark.long
def test_a_book_of_which_nothing_is_here_is_played_by_a_double_click(
    qapp: QApplication, tmp_path: Path, server: RedisServer
) -> None:
    with Cache(tmp_path / "other") as other:
        import_walk(other, tmp_path)
        save(tmp_path / "other", {"shared.url": server.url})
        supply = open_supply(other, load(tmp_path / "other"))
        assert supply is not None
        with closing(supply):
            for day in other.all_days():
                supply.share(day)
    save(tmp_path / "empty", {"shared.url": server.url})

    async def journey(cache: Cache) -> None:
        async with desk_over(cache) as desk:
            desk.window.go_to("data")
            await until(lambda: desk.data.select(BOOK))
            desk.data.table.row_opened.emit(desk.data.table.currentIndex().row())
            await until(lambda: desk.opener.player is not None and desk.opener.player.frame is not None)
            assert {day.source for day in cache.days(*BOOK_WORDS)} == {Source.SHARED}

    with open_cache(tmp_path / "empty") as cache:
        run_on_qt(qapp, journey(cache))
