"""The analyst goes along a replay: in its rhythm, at pauses, with what was allowed, and never in the way."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from support.analysisdesk import analysis_over, asked, use_model
from support.desks import until
from support.fakechat import FakeChat, stalls, streams
from support.qtloop import run_on_qt
from support.vendorfiles import START_US

from tickreel.analysis import Group
from tickreel.analysis.history import Query, find_history
from tickreel.store import open_cache
from tickreel_desktop.analysis.companion import NEVER, PAUSE, RHYTHMS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from tickreel.analysis.history import Kept
    from tickreel.store import Cache

EVERY_10_S = next(one for one in RHYTHMS if one.key == "10s")


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
