"""The player over days that are still on their way from a shared cache."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from support.feeds import EXCHANGE, SYMBOL
from support.prefetching import END_US, FIRST, Gate, fill, gated, goes_on, nth, share_all
from support.qtloop import run_on_qt
from support.redisserver import RedisServer
from support.vendorfiles import START_US

from tickreel import open_cache
from tickreel.market.time import day_start_us
from tickreel.replay import ReplayPlan
from tickreel_desktop.replay.player import Player, ReplayRequest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from tickreel.store import Cache

EDGE_US = day_start_us(nth(1)) - 1


@pytest.fixture
def caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Cache, Cache]]:
    """Give a machine that put three days on a server, and another that holds nothing."""
    with RedisServer() as server:
        monkeypatch.setenv("TICKREEL_REDIS_URL", server.url)
        monkeypatch.setenv("TICKREEL_REDIS_TIMEOUT_S", "2")
        with open_cache(tmp_path / "one") as one, open_cache(tmp_path / "two") as two:
            fill(one, tmp_path / "files")
            share_all(one)
            yield one, two


@pytest.fixture
def gate(caches: tuple[Cache, Cache], monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    with gated(monkeypatch) as gate:
        yield gate


async def stands_at(player: Player, at_us: int) -> None:
    while player.frame is None or player.frame.at_us != at_us:
        await asyncio.sleep(0.01)


def player_of(cache: Cache) -> Player:
    return Player(cache, ReplayRequest(ReplayPlan(((EXCHANGE, SYMBOL),), START_US, END_US), START_US))


def test_it_shows_what_is_here_and_goes_on_when_the_next_day_has_come(
    qapp: QApplication, caches: tuple[Cache, Cache], gate: Gate
) -> None:
    one, two = caches

    async def play() -> None:
        player = player_of(two)
        async with asyncio.TaskGroup() as group:
            group.create_task(player.run())
            player.play()
            await stands_at(player, EDGE_US)
            gate.open(nth(1), nth(2))
            await stands_at(player, END_US - 1)
            assert player.frame is not None
            book = player.frame.symbols[0].book
            assert book is not None
            assert book.state_hash() == one.book(EXCHANGE, SYMBOL, END_US - 1).state_hash()
            await player.close()

    run_on_qt(qapp, play())


def test_it_can_be_closed_while_it_waits(qapp: QApplication, caches: tuple[Cache, Cache], gate: Gate) -> None:
    _, two = caches

    async def play() -> None:
        player = player_of(two)
        async with asyncio.TaskGroup() as group:
            group.create_task(player.run())  # which ends without an error
            player.play()
            await stands_at(player, EDGE_US)
            closing = asyncio.ensure_future(player.close())
            await asyncio.sleep(0)
            gate.open(nth(1))  # a call to the server that is under way ends by itself
            await closing
            while goes_on():
                await asyncio.sleep(0.01)

    run_on_qt(qapp, play())
    assert {day.day for day in two.all_days()} == {FIRST}
