"""Whole journeys through the real window over a real cache: import, set up, play, seek, close."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit
from support.accessibility import nameless_controls
from support.desks import desk_over, import_previewed, made_active, until
from support.feeds import EXCHANGE, SYMBOL, feed_files, import_walk
from support.qtloop import run_on_qt

from tickreel.errors import EnvironmentProblem, NotHeldError, UsageError
from tickreel.market.types import DatasetKey, DataType
from tickreel.store import open_cache
from tickreel_desktop import operations
from tickreel_desktop.actions import ACTIONS
from tickreel_desktop.actions.shortcuts import clash

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tickreel.store import Cache
    from tickreel_desktop.desk import Desk
    from tickreel_desktop.replay.player import Player

BOOK = DatasetKey(EXCHANGE, SYMBOL, DataType.INCREMENTAL_BOOK_L2)


@pytest.fixture
def cache(home: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        yield opened


async def shown_frame(player: Player, at_us: int) -> str:
    await until(lambda: player.frame is not None and player.frame.at_us == at_us)
    assert player.frame is not None
    book = player.frame.symbols[0].book
    assert book is not None
    return book.state_hash()


def press(desk: Desk, key: Qt.Key) -> None:
    QTest.keyClick(desk.window, key)


def test_from_dropped_files_to_a_playing_book(qapp: QApplication, cache: Cache, tmp_path: Path) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            desk.drops.dropped.emit(list(feed_files(tmp_path)))
            await import_previewed(desk)
            await until(lambda: len(cache.datasets()) == 2 and not desk.imports.is_busy)
            await until(lambda: desk.data.select(BOOK))
            desk.actions["data.replay"].trigger()
            await until(lambda: desk.setup.dialog is not None and desk.setup.dialog.isVisible())
            assert desk.setup.dialog is not None
            assert desk.setup.dialog.reason() == ""
            desk.setup.dialog.open_button.click()
            await until(lambda: desk.opener.player is not None and desk.opener.player.frame is not None)
            player = desk.opener.player
            assert player is not None
            assert player.clock.is_playing
            await made_active(desk)
            press(desk, Qt.Key.Key_Space)
            await until(lambda: not player.clock.is_playing)
            at_us = player.request.start_us + 33_333_333
            desk.replay.transport.seek_requested.emit(at_us)
            assert await shown_frame(player, at_us) == cache.book(EXCHANGE, SYMBOL, at_us).state_hash()
            desk.replay.transport.speed_chosen.emit(None)
            press(desk, Qt.Key.Key_Space)
            end_us = player.request.end_us - 1
            assert await shown_frame(player, end_us) == cache.book(EXCHANGE, SYMBOL, end_us).state_hash()
            await until(lambda: not player.clock.is_playing)

    run_on_qt(qapp, journey())


def test_keys_change_speed_and_place(qapp: QApplication, cache: Cache, tmp_path: Path) -> None:
    start_us, end_us = import_walk(cache, tmp_path)

    async def journey() -> None:
        async with desk_over(cache) as desk:
            link = f"tickreel://replay/{EXCHANGE}/{SYMBOL}?from={start_us}&to={end_us}&speed=2"
            player = await desk.operations.open_link(link)
            assert player is not None
            play_button = desk.replay.transport.play_button
            assert QApplication.focusWidget() is play_button, (
                "so that Space plays whatever was pressed before"
            )
            press(desk, Qt.Key.Key_Space)
            press(desk, Qt.Key.Key_BracketRight)
            assert player.clock.speed == 4.0
            press(desk, Qt.Key.Key_BracketLeft)
            press(desk, Qt.Key.Key_BracketLeft)
            assert player.clock.speed == 1.0
            player.seek(start_us + 10_000_000)
            await shown_frame(player, start_us + 10_000_000)
            press(desk, Qt.Key.Key_L)
            await shown_frame(player, start_us + 40_000_000)
            press(desk, Qt.Key.Key_L)
            await shown_frame(player, end_us - 1)
            press(desk, Qt.Key.Key_J)
            await shown_frame(player, end_us - 1 - 30_000_000)
            desk.actions["edit.command"].trigger()
            copied = QGuiApplication.clipboard().text()
            assert copied.startswith(f"tickreel replay {EXCHANGE} {SYMBOL} 2024-07-23 2024-07-23T00:01:00Z ")
            desk.actions["replay.link"].trigger()
            assert "at=2024-07-23T00:00:29.999999Z" in QGuiApplication.clipboard().text()

    run_on_qt(qapp, journey())


def test_letters_go_into_a_field_that_has_the_focus(qapp: QApplication, cache: Cache, tmp_path: Path) -> None:
    import_walk(cache, tmp_path)

    async def journey() -> None:
        async with desk_over(cache) as desk:
            player = await desk.operations.open_link(f"tickreel://replay/{EXCHANGE}/{SYMBOL}")
            assert player is not None
            desk.actions["replay.goto"].trigger()
            await until(lambda: QApplication.focusWidget() is not None)
            field = QApplication.focusWidget()
            assert isinstance(field, QLineEdit)
            was_playing = player.clock.is_playing
            QTest.keyClick(field, Qt.Key.Key_Space)
            QTest.keyClick(field, Qt.Key.Key_L)
            assert player.clock.is_playing == was_playing
            field.selectAll()
            QTest.keyClicks(field, "2024-07-23 00:00:20")
            QTest.keyClick(field, Qt.Key.Key_Return)
            assert QApplication.focusWidget() is desk.replay.transport.play_button

    run_on_qt(qapp, journey())


def test_another_replay_takes_the_place_of_the_one_before(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    import_walk(cache, tmp_path)

    async def journey() -> None:
        async with desk_over(cache) as desk:
            first = await desk.operations.open_link(f"tickreel://replay/{EXCHANGE}/{SYMBOL}?speed=max")
            second = await desk.operations.open_link(f"tickreel://replay/{EXCHANGE}/{SYMBOL}")
            assert desk.opener.player is second
            assert first is not second
            assert desk.replay.player is second

    run_on_qt(qapp, journey())


def test_refreshes_are_read_one_at_a_time_and_the_newest_is_shown_last(
    qapp: QApplication, cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            read, go_on = desk.operations._read, threading.Event()
            under_way, most, begun = 0, 0, 0
            shown: list[int] = []
            desk.operations.refreshed.connect(lambda rows: shown.append(len(rows)))

            def slow_at_first() -> object:
                nonlocal under_way, most, begun
                begun, under_way = begun + 1, under_way + 1
                most = max(most, under_way)
                held = read()
                if begun == 1:
                    go_on.wait(10)
                under_way -= 1
                return held

            monkeypatch.setattr(desk.operations, "_read", slow_at_first)
            older = asyncio.ensure_future(desk.operations.refresh())
            await until(lambda: begun == 1)
            await asyncio.to_thread(import_walk, cache, tmp_path)
            newer = [asyncio.ensure_future(desk.operations.refresh()) for _ in range(5)]
            await asyncio.sleep(0.01)
            assert not any(each.done() for each in newer), "each waits for a read that began after it"
            go_on.set()
            await newer[-1]
            assert shown[-1] == 2
            await asyncio.gather(older, *newer)
            assert shown == [0, 2]
            assert (begun, most) == (2, 1)

    run_on_qt(qapp, journey())


@pytest.mark.parametrize(
    "error", [EnvironmentProblem("no room for the sample"), OSError("no more processes")]
)
def test_a_sample_that_cannot_be_made_leaves_no_replay_behind(
    qapp: QApplication, cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    import_walk(cache, tmp_path)

    async def journey() -> None:
        async with desk_over(cache) as desk:
            told: list[BaseException] = []
            monkeypatch.setattr(desk.tasks, "_on_error", told.append)
            monkeypatch.setattr(operations, "make_sample", make)
            fail = asyncio.Event()
            fails.append(fail)
            await desk.operations.open_link(f"tickreel://replay/{EXCHANGE}/{SYMBOL}")
            assert desk.actions["replay.play"].isEnabled()
            desk.operations.open_sample()
            await until(lambda: "Making the sample" in shown_words(desk))
            assert nothing_is_open(desk)
            fail.set()
            await until(lambda: told == [error])
            assert nothing_is_open(desk)
            assert "Making the sample" not in shown_words(desk)
            assert "No replay open" in shown_words(desk)

    fails: list[asyncio.Event] = []

    async def make(_home: Path) -> None:
        await fails[0].wait()
        raise error

    run_on_qt(qapp, journey())


def nothing_is_open(desk: Desk) -> bool:
    return (
        desk.opener.player is None
        and desk.replay.player is None
        and desk.window.windowTitle() == "Replay - Tickreel"
        and not desk.actions["replay.play"].isEnabled()
    )


def shown_words(desk: Desk) -> list[str]:
    return [each.text() for each in desk.replay.findChildren(QLabel) if each.isVisible()]


def test_the_sample_is_made_once_and_takes_nothing_from_a_replay_opened_meanwhile(
    qapp: QApplication, cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_walk(cache, tmp_path)

    async def journey() -> None:
        async with desk_over(cache) as desk:
            made: list[Path] = []
            go_on = asyncio.Event()

            async def make(home: Path) -> None:
                made.append(home)
                await go_on.wait()

            monkeypatch.setattr(operations, "make_sample", make)
            desk.operations.open_sample()
            desk.operations.open_sample()
            await until(lambda: len(made) == 1)
            desk.window.go_to("data")
            desk.operations.open_sample()
            await until(lambda: desk.window.front == "replay")
            player = await desk.operations.open_link(f"tickreel://replay/{EXCHANGE}/{SYMBOL}")
            refreshed: list[object] = []
            desk.operations.refreshed.connect(refreshed.append)
            go_on.set()
            await until(lambda: bool(refreshed) and not desk.operations._is_opening_sample)
            assert desk.opener.player is player
            assert desk.replay.player is player
            assert made == [cache.home]
            assert not desk.window.toasts.kept()

    run_on_qt(qapp, journey())


def test_links_that_lead_nowhere_leave_the_window_as_it_was(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    import_walk(cache, tmp_path)

    async def journey() -> None:
        async with desk_over(cache) as desk:
            with pytest.raises(NotHeldError, match="ETHUSDT"):
                await desk.operations.open_link(f"tickreel://replay/{EXCHANGE}/ETHUSDT")
            with pytest.raises(UsageError):
                await desk.operations.open_link("https://example.org")
            with pytest.raises(NotHeldError, match="missing"):
                await desk.operations.open_link(
                    f"tickreel://replay/{EXCHANGE}/{SYMBOL}?from=2024-07-22&to=2024-07-25"
                )
            assert desk.opener.player is None
            await desk.operations.open_link(f"tickreel://replay/{EXCHANGE}/{SYMBOL}")
            assert desk.opener.player is not None

    run_on_qt(qapp, journey())


def test_closing_in_the_middle_of_everything_ends_it_all(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    import_walk(cache, tmp_path)

    async def journey() -> None:
        async with desk_over(cache) as desk:
            player = await desk.operations.open_link(f"tickreel://replay/{EXCHANGE}/{SYMBOL}?speed=max")
            assert player is not None
            player.seek(player.request.end_us)
            desk.operations.open_sample()
            desk.drops.dropped.emit([tmp_path])
            await asyncio.sleep(0)
        assert {task.get_name() for task in asyncio.all_tasks()} == {asyncio.current_task().get_name()}  # type: ignore[union-attr]

    run_on_qt(qapp, journey())


def test_every_action_is_named_by_its_id_and_no_two_share_keys(qapp: QApplication, cache: Cache) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            ids = [spec.id for spec in ACTIONS]
            assert len(set(ids)) == len(ids)
            assert [desk.actions[name].objectName() for name in ids] == ids
            named = {action.objectName() for action in (*desk.window.actions(), *desk.data.actions())}
            assert named == set(ids), "each of them works in the window, or in Data"
            keys = {spec.id: spec.shortcut for spec in ACTIONS}
            assert [name for name, own in keys.items() if clash(name, own, keys)] == []
            assert all(isinstance(desk.actions[name], QAction) for name in ids)

    run_on_qt(qapp, journey())


def test_everything_that_takes_the_keyboard_has_a_name(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    import_walk(cache, tmp_path)

    async def journey() -> None:
        async with desk_over(cache) as desk:
            await desk.operations.open_link(f"tickreel://replay/{EXCHANGE}/{SYMBOL}")
            await desk.setup.set_up((EXCHANGE, SYMBOL))
            assert nameless_controls(desk.window) == []

    run_on_qt(qapp, journey())


def test_the_theme_is_remembered(qapp: QApplication, cache: Cache) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            desk.actions["view.light"].trigger()
            kept = cache.home / "settings.toml"
            await until(kept.exists)
            assert kept.read_text().count('theme = "light"') == 1

    run_on_qt(qapp, journey())


def drive(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {
        name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")
    }
    environ.pop("QT_QPA_PLATFORM", None)
    return subprocess.run(
        [sys.executable, "-m", "tickreel_desktop", "--home", str(home), *arguments],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.mark.long
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is always a display")
def test_the_program_can_be_driven_without_a_display(home: Path, tmp_path: Path) -> None:
    with open_cache(home) as cache:
        start_us, end_us = import_walk(cache, tmp_path)
        wanted = cache.book(EXCHANGE, SYMBOL, end_us - 1).state_hash()
        middle = cache.book(EXCHANGE, SYMBOL, (start_us + end_us) // 2).state_hash()
    link = f"tickreel://replay/{EXCHANGE}/{SYMBOL}?from={start_us}&to={end_us}&speed=max"
    shots = tmp_path / "shots"
    done = drive(home, "--open", link, "--screenshot", str(shots), "--play", "0", "--exit")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout.splitlines()[-1])
    assert report["replay"]["played"]["state_hash"] == wanted
    assert report["replay"]["sought"]["state_hash"] == middle
    assert sorted(path.name for path in shots.iterdir()) == [
        "data.png",
        "replay-seek.png",
        "replay-setup.png",
        "replay.png",
    ]
    refused = drive(home, "--open", "tickreel://replay/no/where", "--exit")
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1].startswith("tickreel-desktop: nothing is held of no where")
    assert drive(home).returncode == 1, "it says that there is no display"
    assert drive(home, "--size", "big", "--exit").returncode == 2


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is always a display")
def test_a_replay_that_fails_midway_ends_the_drive_with_its_reason(home: Path, tmp_path: Path) -> None:
    with open_cache(home) as cache:
        import_walk(cache, tmp_path)
        next_day = feed_files(tmp_path / "next", shift_us=86_400_000_000)
        for path in next_day:
            cache.import_file(path)
        last = cache.days(EXCHANGE, SYMBOL, DataType.INCREMENTAL_BOOK_L2)[-1].parts[0].segment_id
    segment = home / "segments" / last[:2] / f"{last}.tick"
    segment.write_bytes(segment.read_bytes()[:-9])
    done = drive(home, "--open", f"tickreel://replay/{EXCHANGE}/{SYMBOL}?speed=max", "--play", "0", "--exit")
    assert done.returncode == 1
    assert "cannot be read" in done.stderr.splitlines()[-1]


def test_another_zone_labels_everything_anew_without_touching_the_replay(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    start_us, end_us = import_walk(cache, tmp_path)

    async def journey() -> None:
        async with desk_over(cache) as desk:
            link = f"tickreel://replay/{EXCHANGE}/{SYMBOL}?from={start_us}&to={end_us}&speed=1"
            player = await desk.operations.open_link(link)
            assert player is not None
            player.pause()
            at_us = start_us + 10_000_000
            player.seek(at_us)
            before = await shown_frame(player, at_us), desk.opener.link(), desk.opener.command()
            generation = player._generation
            desk.zone.set_name("Asia/Kolkata")
            await asyncio.sleep(0)
            zone = desk.zone.zone
            assert desk.replay.transport.time_field.text() == zone.stamp(at_us)
            labels = desk.window.findChildren(QLabel)
            words = " | ".join(each.text() for each in labels if each.isVisible())
            assert f"{zone.stamp(start_us, 0)} to {zone.stamp(end_us, 0)} IST" in words
            assert "Asia/Kolkata" in words
            assert "UTC" not in words
            assert (await shown_frame(player, at_us), desk.opener.link(), desk.opener.command()) == before
            assert player._generation == generation
            assert "Z" in str(desk.opener.command())

    run_on_qt(qapp, journey())


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is always a display")
def test_a_run_for_a_check_leaves_nothing_of_the_window(home: Path, tmp_path: Path) -> None:
    done = drive(home, "--screenshot", str(tmp_path / "shots"), "--exit")
    assert done.returncode == 0, done.stderr
    assert not (home / "desktop").exists()
