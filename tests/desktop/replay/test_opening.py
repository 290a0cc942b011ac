"""One replay at a time, however many are asked for at once."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest
from support.desks import desk_over, until
from support.feeds import EXCHANGE, SYMBOL, import_walk
from support.qtloop import run_on_qt

from tickreel.errors import NotHeldError
from tickreel.replay import ReplayLink, parse_link
from tickreel.store import open_cache
from tickreel_desktop.replay.player import Player

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from tickreel.store import Cache
    from tickreel_desktop.desk import Desk
    from tickreel_desktop.replay.player import ReplayRequest

LINK = f"tickreel://replay/{EXCHANGE}/{SYMBOL}"


@pytest.fixture
def cache(home: Path, tmp_path: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        import_walk(opened, tmp_path)
        yield opened


def link(text: str) -> ReplayLink:
    parsed = parse_link(text)
    assert isinstance(parsed, ReplayLink)
    return parsed


def alive(desk: Desk) -> list[Player]:
    return desk.opener.findChildren(Player)


async def alone(desk: Desk, player: Player) -> None:
    """Wait until every other replay is gone; this one is shown and plays."""
    await until(lambda: alive(desk) == [player])
    assert desk.opener.player is player
    assert desk.replay.player is player
    assert player.clock.is_playing


def test_of_two_asked_for_at_once_over_an_open_one_the_later_plays_alone(
    qapp: QApplication, cache: Cache
) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            before = await desk.opener.open_link(link(f"{LINK}?speed=1"))
            request = before.request
            earlier, later = await asyncio.gather(
                desk.opener.open(request), desk.opener.open(request), return_exceptions=True
            )
            assert isinstance(earlier, asyncio.CancelledError)
            assert isinstance(later, Player)
            await alone(desk, later)
            earlier, last = await asyncio.gather(
                desk.opener.open_link(link(f"{LINK}?speed=1")),
                desk.opener.open_link(link(f"{LINK}?speed=2")),
                return_exceptions=True,
            )
            assert isinstance(last, Player)
            assert last.clock.speed == 2.0
            await alone(desk, last)
            assert not desk.window.toasts.kept(), "who asked for another one is told nothing"

    run_on_qt(qapp, journey())


def test_who_asked_last_is_served_though_an_earlier_link_is_looked_up_for_longer(
    qapp: QApplication, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            go_on = threading.Event()
            look_up = desk.opener._request

            def slowly(asked: ReplayLink) -> ReplayRequest:
                if asked.speed == 1.0:
                    go_on.wait(10)
                return look_up(asked)

            monkeypatch.setattr(desk.opener, "_request", slowly)
            earlier = asyncio.ensure_future(desk.opener.open_link(link(f"{LINK}?speed=1")))
            await asyncio.sleep(0)
            later = await desk.opener.open_link(link(f"{LINK}?speed=2"))
            go_on.set()
            with pytest.raises(asyncio.CancelledError):
                await earlier
            await alone(desk, later)

    run_on_qt(qapp, journey())


def test_a_later_link_that_leads_nowhere_takes_nothing_from_the_earlier(
    qapp: QApplication, cache: Cache
) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            earlier, later = await asyncio.gather(
                desk.opener.open_link(link(LINK)),
                desk.opener.open_link(link(f"tickreel://replay/{EXCHANGE}/ETHUSDT")),
                return_exceptions=True,
            )
            assert isinstance(later, NotHeldError)
            assert isinstance(earlier, Player)
            await alone(desk, earlier)

    run_on_qt(qapp, journey())


def test_closing_ends_the_wait_of_who_is_opening_one(qapp: QApplication, cache: Cache) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            shown = await desk.opener.open_link(link(LINK))
            opening = asyncio.ensure_future(desk.opener.open(shown.request))
            await asyncio.sleep(0)
            await desk.opener.close()
            with pytest.raises(asyncio.CancelledError):
                await opening
            await until(lambda: alive(desk) == [])
            assert desk.opener.player is None
            assert desk.replay.player is None

    run_on_qt(qapp, journey())
