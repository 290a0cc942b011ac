"""Setting up replays in the window: from a dataset, from what was saved, from what was open last."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog
from support.desks import desk_over, until
from support.feeds import EXCHANGE, SYMBOL, feed_files, import_walk
from support.qtloop import run_on_qt

from tickreel.errors import UsageError
from tickreel.market.time import US_PER_DAY, day_of, day_start_us
from tickreel.market.types import DatasetKey, DataType
from tickreel.replay import BandAction, BandKind
from tickreel.store import open_cache
from tickreel.store.model import DayRange
from tickreel_desktop import offers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from tickreel.store import Cache
    from tickreel_desktop.desk import Desk
    from tickreel_desktop.replay.player import Player
    from tickreel_desktop.replay.setup_dialog import ReplaySetupDialog

PAIR = (EXCHANGE, SYMBOL)
BOOK = DatasetKey(EXCHANGE, SYMBOL, DataType.INCREMENTAL_BOOK_L2)


@pytest.fixture
def cache(home: Path, tmp_path: Path) -> Iterator[Cache]:
    """Hold part of a day, and part of the day two days after it."""
    with open_cache(home) as opened:
        import_walk(opened, tmp_path)
        for path in feed_files(tmp_path / "later", shift_us=2 * US_PER_DAY):
            opened.import_file(path)
        yield opened


async def played(desk: Desk) -> Player:
    await until(lambda: desk.opener.player is not None and desk.opener.player.frame is not None)
    assert desk.opener.player is not None
    return desk.opener.player


async def asked(desk: Desk) -> ReplaySetupDialog:
    await until(lambda: desk.setup.dialog is not None and desk.setup.dialog.isVisible())
    assert desk.setup.dialog is not None
    return desk.setup.dialog


def test_enter_plays_the_last_day_of_a_dataset_at_once(qapp: QApplication, cache: Cache) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            assert desk.data.select(BOOK)
            desk.data.take_focus()
            QTest.keyClick(desk.data.table, Qt.Key.Key_Return)
            player = await played(desk)
            last = cache.days(*PAIR, BOOK.type)[-1]
            plan = player.request.plan
            assert last.first_local_us is not None
            assert day_of(plan.start_us) == last.day == day_of(plan.end_us - 1)
            assert 0 <= last.first_local_us - plan.start_us < 1_000_000, "it begins where its rows do"
            assert player.clock.is_playing
            assert desk.setup.dialog is None
            first = cache.days(*PAIR, BOOK.type)[0].day
            desk.operations.play_dataset(BOOK, first)
            await until(lambda: desk.opener.player is not None and desk.opener.player is not player)
            assert (await played(desk)).request.start_us == day_start_us(first)

    run_on_qt(qapp, journey())


@pytest.mark.long
def test_a_set_up_is_kept_played_renamed_deleted_and_had_back(qapp: QApplication, cache: Cache) -> None:
    file = cache.home / "desktop" / "replays.json"

    async def first() -> None:
        async with desk_over(cache) as desk:
            await desk.setup.set_up(PAIR)
            dialog = await asked(desk)
            assert dialog.reason() == "1 day is missing"
            dialog.missing.leave_out.click()
            box = dialog.play.actions_by_kind[BandKind.GAP]
            box.setCurrentIndex(box.findText("Skip"))
            desk.setup.saved.save("  Crash   day ", dialog.plan(), dialog.panels.choice())
            assert dialog.saved.current == "Crash day"
            dialog.saved.renamed.emit("Crash day", "")
            assert "is no name for a set-up" in dialog.reason()
            dialog.saved.renamed.emit("Crash day", "Calm day")
            dialog.saved.deleted.emit("Calm day")
            assert (desk.setup.saved.names, dialog.saved.undo_action.text()) == (
                [],
                "Undo delete set-up Calm day",
            )
            dialog.saved.undo_action.trigger()
            await until(lambda: desk.setup.saved.names == ["Calm day"])
            dialog.open_button.click()
            player = await played(desk)
            assert player.request.plan.actions == {BandKind.GAP: BandAction.SKIP}
            command = desk.opener.command() or ""
            assert command.endswith("--health gap=skip --allow-missing")
            player.seek(player.request.start_us + 5_000_000)
            await until(lambda: player.clock.reached_us >= player.request.start_us + 5_000_000)

    async def second() -> None:
        async with desk_over(cache) as desk:
            assert desk.setup.saved.names == ["Calm day"]
            [candidate] = offers.setups(desk.setup).offer("")
            assert (candidate.title, candidate.detail) == ("Replay: Calm day", f"{EXCHANGE} {SYMBOL}")
            desk.actions["replay.reopen"].trigger()
            player = await played(desk)
            link = desk.opener.link()
            assert link is not None
            desk.operations.go_on(link.text())
            await until(lambda: desk.opener.player not in (None, player))
            assert (await played(desk)).request.plan == player.request.plan, "with what no link says"
            candidate.run()
            await until(lambda: desk.opener.player not in (None, player))
            assert player.request.at_us >= player.request.start_us + 5_000_000
            assert player.request.plan.allow_missing
            await desk.setup.set_up_again()
            dialog = await asked(desk)
            assert dialog.plan() == player.request.plan.with_speed(player.clock.speed)
            dialog.range.presets[1].click()
            dialog.saved.names.setCurrentIndex(1)
            dialog.saved.names.activated.emit(1)
            plan = desk.setup.saved.plan("Calm day")
            await until(lambda: dialog.plan() == plan)

    async def third() -> None:
        async with desk_over(cache) as desk:
            assert desk.setup.saved.names == []
            kept = [each.message.text for each in desk.window.toasts.kept()]
            assert any("set aside as replays.json.bad-1" in text for text in kept)

    run_on_qt(qapp, first())
    run_on_qt(qapp, second())
    whole = json.loads(file.read_bytes())
    whole["saved"]["Calm day"]["form"]["order"] = "by heart"
    file.write_text(json.dumps(whole))
    run_on_qt(qapp, third())
    assert json.loads(file.with_name("replays.json.bad-1").read_bytes()) == whole, "nothing is lost"


def test_what_was_filled_in_is_there_again_after_fetching(qapp: QApplication, cache: Cache) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            await asyncio.gather(desk.setup.set_up(PAIR), desk.setup.set_up(PAIR))
            assert len([each for each in desk.window.findChildren(QDialog) if each.isVisible()]) == 1
            wanted: list[object] = []
            desk.setup.fetch_wanted.connect(wanted.extend)
            await desk.setup.set_up(PAIR)
            dialog = await asked(desk)
            dialog.play.quiet.click()
            plan = dialog.plan()
            QTest.mouseClick(dialog.missing.fetch_button, Qt.MouseButton.LeftButton)
            days = cache.days(*PAIR, BOOK.type)
            first = wanted[0]
            assert isinstance(first, DayRange)
            assert (first.key, first.first) == (BOOK, days[0].day.replace(day=24))
            await until(lambda: desk.data_control.fetching.dialog is not None)
            fetch = desk.data_control.fetching.dialog
            assert fetch is not None
            await until(fetch.isVisible)
            assert fetch.form.symbols.symbols() == (SYMBOL,)
            fetch.reject()
            assert desk.setup.dialog is None
            await desk.setup.set_up(PAIR)
            assert (await asked(desk)).plan() == plan
            with pytest.raises(UsageError, match="21 symbols are too many"):
                await desk.setup.set_up(*[(EXCHANGE, f"S{n}") for n in range(21)])

    run_on_qt(qapp, journey())
