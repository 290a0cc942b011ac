"""The analyst goes along a replay: in its rhythm, at pauses, with what was allowed, and never in the way."""

from __future__ import annotations

from contextlib import closing
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest
from support.analysisdesk import analysis_over, asked, use_model
from support.desks import until
from support.fakechat import FakeChat, refuses, stalls, streams
from support.feeds import EXCHANGE, OTHER, SPAN_US, SYMBOL, import_other
from support.qtloop import run_on_qt
from support.vendorfiles import START_US

from tickreel.analysis import Group, opened_live
from tickreel.analysis.history import Query, find_history
from tickreel.analysis.keeping import measured_again
from tickreel.market.types import DatasetKey, DataType
from tickreel.replay import ReplayLink
from tickreel.store import open_cache
from tickreel_desktop.analysis import companion
from tickreel_desktop.analysis.companion import NEVER, PAUSE, RHYTHMS
from tickreel_desktop.analysis.states import Way

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from tickreel.analysis.history import Kept
    from tickreel.analysis.keeping import KeptAnalysis
    from tickreel.store import Cache
    from tickreel_desktop.replay.player import Player

pytestmark = pytest.mark.long

EVERY_10_S = next(one for one in RHYTHMS if one.key == "10s")
WIDE_SPREAD = next(one for one in RHYTHMS if one.key == "spread")


@pytest.fixture
def cache(home: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        yield opened


def entries(cache: Cache, **wanted: Any) -> list[Kept]:
    with closing(cache.connect()) as database:
        return find_history(database, Query(**wanted))


def test_the_offline_analyst_goes_along_and_at_a_pause(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    async def journey() -> None:
        async with analysis_over(cache, tmp_path) as desk:
            panel, along, player = desk.analysis, desk.analysis_control.along, desk.opener.player
            assert player is not None
            panel.ask.rhythm.rhythm_chosen.emit(EVERY_10_S)
            await until(lambda: along.companion.is_going)
            player.set_speed(20.0)
            player.play()
            await until(
                lambda: bool(entries(cache)) and desk.analysis_control.conversation.analysis is not None
            )
            kept = entries(cache)[-1]
            assert kept.to_us % 10_000_000 == 0
            assert (kept.call.model, kept.from_us) == ("offline", START_US)
            await until(lambda: not player.clock.is_playing)
            panel.ask.rhythm.rhythm_chosen.emit(PAUSE)
            await until(lambda: along.companion.is_going)
            player.seek(START_US + 20_000_000)
            await until(lambda: player.frame is not None and player.frame.at_us == START_US + 20_000_000)
            before = len(entries(cache))
            player.set_speed(1.0)
            player.play()
            player.pause()
            await until(lambda: len(entries(cache)) == before + 1)
            panel.ask.rhythm.rhythm_chosen.emit(NEVER)
            await until(lambda: not along.companion.is_going)

    run_on_qt(qapp, journey())


def test_a_model_goes_along_only_where_all_is_sent_and_was_seen(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    with FakeChat(streams(), stalls()) as fake:
        use_model(cache, fake.url)

        async def journey() -> None:
            async with analysis_over(cache, tmp_path) as desk:
                panel, control = desk.analysis, desk.analysis_control
                player = desk.opener.player
                assert player is not None
                control.conversation.shows_first = True
                panel.ask.rhythm.rhythm_chosen.emit(EVERY_10_S)
                assert panel.ask.rhythm.rhythm == NEVER
                assert "Ask once by hand" in panel.obstacles.text()
                control.conversation.shows_first = False
                await asked(desk)
                desk.scope.take_group(Group.HEALTH, is_in=False)
                panel.ask.rhythm.rhythm_chosen.emit(EVERY_10_S)
                assert panel.ask.rhythm.rhythm == NEVER
                assert "all figures are sent" in panel.obstacles.text()
                desk.scope.take_group(Group.HEALTH, is_in=True)
                panel.ask.rhythm.rhythm_chosen.emit(EVERY_10_S)
                await until(lambda: control.along.companion.is_going)
                player.set_speed(20.0)
                player.play()
                await until(lambda: len(fake.requests) == 2)
                desk.scope.take_group(Group.TRADES, is_in=False)
                assert panel.ask.rhythm.rhythm == NEVER
                assert fake.requests[1].closed.wait(30), "what is under way is stopped on the wire"

        run_on_qt(qapp, journey())


async def played_to_the_end(player: Player) -> None:
    player.set_speed(20.0)
    player.play()
    await until(lambda: not player.clock.is_playing)


def test_only_the_symbol_that_the_chips_name_is_sent(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    import_other(cache, tmp_path)
    with FakeChat() as fake:
        use_model(cache, fake.url)

        async def journey() -> None:
            async with analysis_over(cache, tmp_path) as desk:
                panel, along = desk.analysis, desk.analysis_control.along
                span = START_US, START_US + SPAN_US, START_US
                player = await desk.opener.open_link(
                    ReplayLink(EXCHANGE, SYMBOL, *span, others=((EXCHANGE, OTHER),))
                )
                player.pause()
                player.seek(START_US)
                await until(lambda: player.frame is not None and player.frame.at_us == START_US)
                panel.ask.rhythm.rhythm_chosen.emit(EVERY_10_S)
                await until(lambda: along.companion.is_going)
                await played_to_the_end(player)
                await until(lambda: bool(entries(cache)))
                assert {one.symbol for one in entries(cache)} == {SYMBOL}
                desk.replay.stage.company.choose((EXCHANGE, OTHER))
                panel.ask.rhythm.rhythm_chosen.emit(WIDE_SPREAD)  # by the series of what is chosen
                await until(lambda: along.companion.is_going)
                told = len(entries(cache, symbol=SYMBOL))
                player.seek(START_US)
                await until(lambda: player.frame is not None and player.frame.at_us == START_US)
                await played_to_the_end(player)
                await until(lambda: bool(entries(cache, symbol=OTHER)))
                assert len(entries(cache, symbol=SYMBOL)) == told
                desk.scope.take_dataset(is_in=False)
                assert panel.ask.rhythm.rhythm == NEVER
                assert "nothing is sent while playing" in panel.obstacles.text()

        run_on_qt(qapp, journey())


@pytest.mark.parametrize("way", ["action", "button"])
def test_stop_reaches_a_call_along_a_replay(
    qapp: QApplication, cache: Cache, tmp_path: Path, way: str
) -> None:
    with FakeChat(stalls()) as fake:
        use_model(cache, fake.url)

        async def journey() -> None:
            async with analysis_over(cache, tmp_path) as desk:
                panel, stop = desk.analysis, desk.actions["analysis.stop"]
                player = desk.opener.player
                assert player is not None
                assert not stop.isEnabled()
                assert not panel.ask.stop_along_button.isVisible()
                panel.ask.rhythm.rhythm_chosen.emit(EVERY_10_S)
                assert stop.isEnabled()
                assert panel.ask.stop_along_button.isVisible()
                assert panel.ask.along.text() == f"{EXCHANGE} {SYMBOL}, last minute, all figures"
                await until(lambda: desk.analysis_control.along.companion.is_going)
                player.set_speed(20.0)
                player.play()
                await until(lambda: bool(fake.requests))
                if way == "action":
                    stop.trigger()
                else:
                    panel.ask.stop_along_button.click()
                assert fake.requests[0].closed.wait(30)
                assert panel.ask.rhythm.rhythm == NEVER
                assert not stop.isEnabled()
                assert not panel.ask.stop_along_button.isVisible()
                assert panel.ask.along.text() == ""
                await until(lambda: entries(cache)[0].call.state == "stopped")

        run_on_qt(qapp, journey())


def test_while_the_chips_name_another_instrument_nothing_of_the_replay_is_sent(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    import_other(cache, tmp_path)
    with FakeChat() as fake:
        use_model(cache, fake.url)

        async def journey() -> None:
            async with analysis_over(cache, tmp_path) as desk:
                panel, along = desk.analysis, desk.analysis_control.along
                player = desk.opener.player
                assert player is not None
                player.seek(START_US)
                await until(lambda: player.frame is not None and player.frame.at_us == START_US)
                panel.ask.rhythm.rhythm_chosen.emit(EVERY_10_S)
                await until(lambda: along.companion.is_going)
                desk.window.go_to("data")
                desk.window.show_panel("analysis")
                desk.data.select(DatasetKey(EXCHANGE, OTHER, DataType.INCREMENTAL_BOOK_L2))
                await until(lambda: panel.chips.texts()[0] == f"{EXCHANGE} {OTHER}")
                assert not along.is_going
                assert panel.ask.along.text() == f"{EXCHANGE} {SYMBOL} waits: the chips name another"
                assert panel.ask.rhythm.rhythm == EVERY_10_S
                await played_to_the_end(player)
                assert (fake.requests, entries(cache)) == ([], [])
                desk.window.go_to("replay")
                desk.window.show_panel("analysis")
                await until(lambda: along.companion.is_going)
                assert panel.chips.texts()[0] == f"{EXCHANGE} {SYMBOL}"
                player.seek(START_US)
                await until(lambda: player.frame is not None and player.frame.at_us == START_US)
                await played_to_the_end(player)
                await until(lambda: bool(entries(cache)))
                assert {one.symbol for one in entries(cache)} == {SYMBOL}
                desk.window.go_to("data")
                await until(lambda: not along.is_going)
                desk.actions["analysis.stop"].trigger()
                assert panel.ask.rhythm.rhythm == NEVER

        run_on_qt(qapp, journey())


def test_a_run_that_was_overtaken_ends_no_other(
    qapp: QApplication, cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = Event()

    def opens(*args: Any, **options: Any) -> Any:
        if not late.is_set():
            late.wait(60)
            raise RuntimeError("the first run")
        return opened_live(*args, **options)

    monkeypatch.setattr(f"{companion.__name__}.opened_live", opens)

    async def journey() -> None:
        async with analysis_over(cache, tmp_path) as desk:
            panel, along = desk.analysis, desk.analysis_control.along
            panel.ask.rhythm.rhythm_chosen.emit(EVERY_10_S)
            panel.ask.rhythm.rhythm_chosen.emit(WIDE_SPREAD)
            late.set()
            await until(lambda: along.companion.is_going)
            assert panel.ask.rhythm.rhythm == WIDE_SPREAD
            assert panel.obstacles.text() == ""

    run_on_qt(qapp, journey())


def test_nothing_goes_along_to_a_server_that_was_set_meanwhile(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    with FakeChat() as shown, FakeChat() as other:
        use_model(cache, shown.url)

        async def journey() -> None:
            async with analysis_over(cache, tmp_path) as desk:
                panel, player = desk.analysis, desk.opener.player
                assert player is not None
                use_model(cache, other.url)  # by another window: this one has not heard of it
                panel.ask.rhythm.rhythm_chosen.emit(EVERY_10_S)
                await until(lambda: f"the server is {other.url} by now" in panel.obstacles.text())
                assert panel.ask.rhythm.rhythm == NEVER
                await played_to_the_end(player)
                assert (shown.requests, other.requests) == ([], [])

        run_on_qt(qapp, journey())


def test_what_fails_at_a_pause_says_why(qapp: QApplication, cache: Cache, tmp_path: Path) -> None:
    with FakeChat(refuses(401, "bad key")) as fake:
        use_model(cache, fake.url)

        async def journey() -> None:
            async with analysis_over(cache, tmp_path) as desk:
                panel, player = desk.analysis, desk.opener.player
                assert player is not None
                panel.ask.rhythm.rhythm_chosen.emit(PAUSE)
                await until(lambda: desk.analysis_control.along.companion.is_going)
                player.play()
                player.pause()
                await until(lambda: "The last minute of the replay has no answer" in panel.obstacles.text())
                assert "401" in panel.obstacles.text()
                assert panel.obstacles.obstacle is not None
                assert panel.obstacles.obstacle.way is Way.KEY
                assert panel.ask.rhythm.rhythm == PAUSE

        run_on_qt(qapp, journey())


def test_what_nobody_expected_ends_it_and_is_told(
    qapp: QApplication, cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError("this cannot be")

    monkeypatch.setattr("tickreel.analysis.askqueue.take_snapshot", breaks)

    async def journey() -> None:
        async with analysis_over(cache, tmp_path) as desk:
            panel, along, player = desk.analysis, desk.analysis_control.along, desk.opener.player
            assert player is not None
            told: list[BaseException] = []
            monkeypatch.setattr(along, "_tell", told.append)
            panel.ask.rhythm.rhythm_chosen.emit(EVERY_10_S)
            await until(lambda: along.companion.is_going)
            player.set_speed(20.0)
            player.play()
            await until(lambda: bool(told))
            assert isinstance(told[0], RuntimeError)
            desk.scope.changed.emit()  # as the window of a replay that plays does
            assert panel.obstacles.text() == "Nothing is analysed along any more: this cannot be."
            assert panel.ask.rhythm.rhythm == NEVER

    run_on_qt(qapp, journey())


def test_what_is_found_late_is_not_shown_where_the_replay_is_elsewhere(
    qapp: QApplication, cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end = Event(), Event()

    def slowly(*args: Any) -> KeptAnalysis | None:
        begun.set()
        may_end.wait(30)
        return measured_again(*args)

    monkeypatch.setattr("tickreel_desktop.analysis_along.measured_again", slowly)

    async def journey() -> None:
        async with analysis_over(cache, tmp_path) as desk:
            control, player = desk.analysis_control, desk.opener.player
            assert player is not None
            desk.analysis.ask.rhythm.rhythm_chosen.emit(EVERY_10_S)
            await until(lambda: control.along.companion.is_going)
            player.set_speed(20.0)
            player.play()
            await until(begun.is_set)
            player.pause()
            player.seek(START_US)
            await until(lambda: player.frame is not None and player.frame.at_us == START_US)
            shown: list[object] = []
            control.conversation.shown.connect(shown.append)
            may_end.set()
            await until(lambda: len(desk.analysis.earlier.rows) == len(entries(cache)) > 0)
            assert shown == []

    run_on_qt(qapp, journey())
