"""The player on a real loop, a real worker thread and a real cache."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import pytest
from support.feeds import EXCHANGE, SYMBOL, import_walk
from support.qtloop import run_on_qt

from tickreel.errors import NotHeldError
from tickreel.replay import Replay
from tickreel.store import open_cache
from tickreel_desktop.replay.player import Player, ReplayRequest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from tickreel.replay import Frame
    from tickreel.store import Cache


@pytest.fixture
def cache(home: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        yield opened


def request(
    start_us: int, end_us: int, speed: float | None = None, at_us: int | None = None
) -> ReplayRequest:
    return ReplayRequest(EXCHANGE, SYMBOL, start_us, end_us, start_us if at_us is None else at_us, speed)


@asynccontextmanager
async def running(player: Player) -> AsyncIterator[list[Frame]]:
    frames: list[Frame] = []
    player.frame_ready.connect(frames.append)
    async with asyncio.TaskGroup() as group:
        group.create_task(player.run())
        yield frames
        await player.close()


async def until(player: Player, holds: Callable[[], bool]) -> None:
    arrived = asyncio.Event()
    player.frame_ready.connect(arrived.set)
    player.playing_changed.connect(arrived.set)
    while not holds():
        arrived.clear()
        await arrived.wait()


def shows(frames: list[Frame], at_us: int) -> bool:
    return bool(frames) and frames[-1].at_us == at_us


def hash_at(cache: Cache, at_us: int) -> str:
    return cache.book(EXCHANGE, SYMBOL, at_us).state_hash()


def shown_hash(player: Player) -> str:
    assert player.frame is not None
    book = player.frame.symbols[0].book
    assert book is not None
    return book.state_hash()


def test_it_plays_to_the_end_at_full_speed_and_shows_every_message_once(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    start_us, end_us = import_walk(cache, tmp_path)

    async def play() -> None:
        player = Player(cache, request(start_us, end_us))
        async with running(player) as frames:
            player.play()
            await until(player, lambda: player.is_at_end and not player.clock.is_playing)
            assert frames[0].is_jump
            times = [int(t) for frame in frames for t in frame.symbols[0].touch.time_us]
            assert times == sorted(set(times))
            assert len(times) == 600
            assert shown_hash(player) == hash_at(cache, end_us - 1)
            assert sum(len(frame.symbols[0].trades) for frame in frames) == 60

    run_on_qt(qapp, play())


def test_a_seek_shows_exactly_the_book_of_that_moment_and_its_past(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    start_us, end_us = import_walk(cache, tmp_path)

    async def play() -> None:
        player = Player(cache, request(start_us, end_us))
        async with running(player) as frames:
            for at_us in (start_us + 40_000_001, start_us + 3, end_us - 1, start_us + 12_345_678):
                player.seek(at_us)
                await until(player, partial(shows, frames, at_us))
                assert frames[-1].is_jump
                assert shown_hash(player) == hash_at(cache, at_us)
                assert int(frames[-1].symbols[0].touch.time_us[0]) == start_us

    run_on_qt(qapp, play())


def test_of_many_seeks_only_the_newest_is_shown(qapp: QApplication, cache: Cache, tmp_path: Path) -> None:
    start_us, end_us = import_walk(cache, tmp_path)

    async def play() -> None:
        player = Player(cache, request(start_us, end_us))
        async with running(player) as frames:
            for second in range(1, 50):
                player.seek(start_us + second * 1_000_000)
            await until(player, lambda: bool(frames))
            assert [frame.at_us for frame in frames] == [start_us + 49_000_000]

    run_on_qt(qapp, play())


def test_pause_holds_and_play_goes_on_from_there(qapp: QApplication, cache: Cache, tmp_path: Path) -> None:
    start_us, end_us = import_walk(cache, tmp_path)

    async def play() -> None:
        player = Player(cache, request(start_us, end_us, speed=200.0))
        async with running(player) as frames:
            player.play()
            await until(player, lambda: bool(frames) and frames[-1].at_us > start_us + 1_000_000)
            player.pause()
            player.set_speed(400.0)
            assert not player.clock.is_playing
            assert player.clock.due_us() == player.clock.reached_us, "whatever passes, nothing falls due"
            assert not player.is_at_end
            player.play()
            await until(player, lambda: player.is_at_end and not player.clock.is_playing)
            assert shown_hash(player) == hash_at(cache, end_us - 1)
            player.toggle()  # from the end it starts over
            await until(player, lambda: frames[-1].is_jump)
            assert frames[-1].at_us == start_us

    run_on_qt(qapp, play())


def test_closing_ends_it_whatever_it_is_doing(qapp: QApplication, cache: Cache, tmp_path: Path) -> None:
    start_us, end_us = import_walk(cache, tmp_path)

    async def play() -> None:
        for busy in (False, True):
            player = Player(cache, request(start_us, end_us, speed=1.0))
            async with running(player):
                if busy:
                    player.play()
                    player.seek(end_us - 5)

    run_on_qt(qapp, play())


def test_what_is_not_held_is_told(qapp: QApplication, cache: Cache, tmp_path: Path) -> None:
    start_us, end_us = import_walk(cache, tmp_path)

    async def play() -> None:
        player = Player(cache, request(start_us, end_us + 86_400_000_000))
        try:
            with pytest.raises(NotHeldError, match="2024-07-24"):
                await player.run()
        finally:
            await player.close()

    run_on_qt(qapp, play())
    with pytest.raises(NotHeldError):
        Replay(cache, [(EXCHANGE, SYMBOL)], start_us, end_us + 86_400_000_000)
