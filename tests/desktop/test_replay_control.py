"""The keys of a replay in the whole window, over a real cache."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from support.desks import desk_over, until
from support.feeds import EXCHANGE, SYMBOL, import_walk
from support.qtloop import run_on_qt

from tickreel.replay import CrossingSearch, Threshold
from tickreel.store import open_cache
from tickreel_desktop.replay.player import StepUnit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tickreel.store import Cache
    from tickreel_desktop.desk import Desk
    from tickreel_desktop.replay.player import Player

_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def cache(home: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        yield opened


def press(desk: Desk, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(QApplication.focusWidget() or desk.window, key, modifier)


def stands(player: Player, at_us: int) -> Callable[[], bool]:
    return lambda: player.frame is not None and player.frame.at_us == at_us


async def opened(desk: Desk, start_us: int, end_us: int) -> Player:
    link = f"tickreel://replay/{EXCHANGE}/{SYMBOL}?from={start_us}&to={end_us}&speed=1"
    player = await desk.operations.open_link(link)
    assert player is not None
    press(desk, Qt.Key.Key_Space)
    await until(lambda: not player.clock.is_playing)
    player.seek(start_us + 10_000_000)
    await until(stands(player, start_us + 10_000_000))
    return player


def test_the_keys_of_a_replay_do_what_the_table_says(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    start_us, end_us = import_walk(cache, tmp_path)

    async def journey() -> None:
        async with desk_over(cache) as desk:
            player = await opened(desk, start_us, end_us)
            transport, shared, at_us = desk.replay.transport, desk.replay.shared, start_us + 10_000_000
            transport.set_unit(StepUnit.MESSAGE)
            press(desk, Qt.Key.Key_U)
            assert transport.unit is StepUnit.SECOND
            press(desk, Qt.Key.Key_Period)
            await until(stands(player, at_us + 1_000_000))
            press(desk, Qt.Key.Key_Comma)
            await until(stands(player, at_us))
            press(desk, Qt.Key.Key_R)
            assert desk.replay.controls.is_looping
            assert desk.actions["replay.loop"].isChecked()
            press(desk, Qt.Key.Key_R)
            assert not desk.actions["replay.loop"].isChecked()
            press(desk, Qt.Key.Key_F)
            assert not desk.actions["replay.follow"].isChecked()
            press(desk, Qt.Key.Key_F)
            assert shared.follows
            press(desk, Qt.Key.Key_C)
            assert shared.is_cursor_held
            assert desk.actions["replay.hold"].isChecked()
            press(desk, Qt.Key.Key_M)
            assert desk.replay.panels.heatmap.is_measuring
            assert desk.actions["replay.measure"].isChecked()
            press(desk, Qt.Key.Key_M)
            assert not desk.actions["replay.measure"].isChecked()
            # What no chart can do says why.
            crossing = desk.actions.doing("replay.crossing")
            assert crossing.reason == "Set a threshold first: double-click the spread"
            strips = desk.replay.panels.strips
            strips.set_threshold(0.25)
            assert desk.actions.doing("replay.crossing").is_possible
            search = CrossingSearch(cache, player.request.plan, EXCHANGE, SYMBOL)
            before_us = search.before(player.clock.reached_us, Threshold(0.25))
            assert before_us is not None
            press(desk, Qt.Key.Key_Left, _CONTROL | _SHIFT)
            await until(lambda: player.clock.reached_us == before_us)
            at_us = before_us
            await until(
                lambda: bool(transport.overview.outlines) and transport.overview.outlines[-1].is_whole
            )
            press(desk, Qt.Key.Key_H, _SHIFT)
            await until(lambda: player.clock.reached_us < at_us)
            desk.window.go_to("data")
            assert not desk.actions["replay.loop"].isEnabled()

    run_on_qt(qapp, journey())


@pytest.mark.long
def test_a_bookmark_is_set_named_deleted_brought_back_and_kept(
    qapp: QApplication, cache: Cache, home: Path, tmp_path: Path
) -> None:
    start_us, end_us = import_walk(cache, tmp_path)
    file = home / "desktop" / "bookmarks.json"

    async def journey() -> None:
        async with desk_over(cache) as desk:
            player = await opened(desk, start_us, end_us)
            marks = desk.replay_control.bookmarking
            at_us = start_us + 10_000_000
            desk.actions["replay.goto"].trigger()
            field = desk.replay.transport.time_field
            await until(field.hasFocus)
            press(desk, Qt.Key.Key_B)
            assert (field.text(), marks.bookmarks.all) == ("b", ()), "letters go into a field"
            press(desk, Qt.Key.Key_Escape)
            desk.replay.transport.take_focus()
            press(desk, Qt.Key.Key_B)
            [mark] = marks.bookmarks.all
            assert (mark.at_us, mark.name) == (at_us, "Bookmark 1")
            player.seek(start_us + 20_000_000)
            await until(stands(player, start_us + 20_000_000))
            press(desk, Qt.Key.Key_B)
            press(desk, Qt.Key.Key_P)
            await until(stands(player, at_us))
            press(desk, Qt.Key.Key_N)
            await until(stands(player, start_us + 20_000_000))
            press(desk, Qt.Key.Key_B)
            await until(lambda: marks.list is not None and marks.list.isVisible())
            assert marks.list is not None
            assert marks.list.name.text() == "Bookmark 2"
            marks.list.name.setText("Low of the day")
            marks.list.name.editingFinished.emit()
            marks.list.delete_button.click()
            assert [one.name for one in marks.bookmarks.all] == ["Bookmark 1"]
            marks.list.close()
            desk.undo.undo()
            assert [one.name for one in marks.bookmarks.all] == ["Bookmark 1", "Low of the day"]
            desk.undo.undo()
            assert [one.name for one in marks.bookmarks.all] == ["Bookmark 1", "Bookmark 2"]
            desk.undo.redo()
            marks.export(str(tmp_path / "out.csv"))
            await until(
                lambda: (tmp_path / "out.csv").exists() and "Low of" in (tmp_path / "out.csv").read_text()
            )
            await until(lambda: file.exists() and "Low of the day" in file.read_text())
        async with desk_over(cache) as desk:
            await opened(desk, start_us, end_us)
            assert [one.name for one in desk.replay_control.bookmarking.bookmarks.all] == [
                "Bookmark 1",
                "Low of the day",
            ]

    run_on_qt(qapp, journey())
    assert list(json.loads(file.read_text())["symbols"]) == [f"{EXCHANGE}:{SYMBOL}"]
