"""The player on a real loop, a real worker thread and a real cache."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import pytest
from support.feeds import EXCHANGE, SYMBOL, import_walk
from support.qtloop import run_on_qt

from tickreel.book import PriceGrid
from tickreel.errors import NotHeldError, UsageError
from tickreel.replay import Loop, NoteKind, Replay, ReplayPlan, Views
from tickreel.store import open_cache
from tickreel_desktop.replay.player import Player, ReplayRequest, StepUnit

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
    plan = ReplayPlan(((EXCHANGE, SYMBOL),), start_us, end_us, speed=speed)
    return ReplayRequest(plan, start_us if at_us is None else at_us)


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


def test_the_request_says_what_was_changed_while_it_was_open(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    start_us, end_us = import_walk(cache, tmp_path)

    async def play() -> None:
        player = Player(cache, request(start_us, end_us))
        async with running(player):
            player.set_loop(start_us + 1, start_us + 9)
            player.skip_quiet(5_000_000)
            plan = player.request.plan
            assert (plan.loop, plan.skip_quiet_us) == (Loop(start_us + 1, start_us + 9), 5_000_000)
            with pytest.raises(UsageError):
                player.set_loop(start_us, end_us + 1)
            assert player.request.plan is plan
            player.set_loop(None)
            player.skip_quiet(None)
            assert (player.request.plan.loop, player.request.plan.skip_quiet_us) == (None, None)

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


def test_steps_pause_and_stand_where_the_session_would(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    start_us, end_us = import_walk(cache, tmp_path)
    middle_us = start_us + 30_000_000
    expected: list[tuple[StepUnit, int, int, str]] = []
    session = Replay(cache, [(EXCHANGE, SYMBOL)], start_us, end_us)
    session.seek(middle_us)

    def expect(unit: StepUnit, count: int) -> None:
        book = session.book(EXCHANGE, SYMBOL)
        expected.append((unit, count, session.at_us, book.state_hash()))

    for unit in (StepUnit.MESSAGE, StepUnit.TRADE, StepUnit.PRICE):
        session.step_back(unit, 2)
        expect(unit, -2)
        if unit is StepUnit.MESSAGE:
            session.advance_messages(3)
        else:
            for _ in range(3):
                session.until(unit)
        expect(unit, 3)
    session.seek(session.at_us - 1_000_000)
    expect(StepUnit.SECOND, -1)
    session.advance(min(session.at_us + 4_000_000, end_us - 1))
    expect(StepUnit.SECOND, 4)

    async def play() -> None:
        player = Player(cache, request(start_us, end_us, speed=1.0, at_us=middle_us))
        async with running(player) as frames:
            player.play()
            for unit, count, at_us, state_hash in expected:
                player.step(unit, count)
                assert not player.clock.is_playing
                await until(player, partial(shows, frames, at_us))
                assert player.clock.reached_us == at_us
                assert shown_hash(player) == state_hash

    run_on_qt(qapp, play())


def test_steps_that_wait_are_taken_together_and_a_seek_takes_their_place(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    start_us, end_us = import_walk(cache, tmp_path)

    async def play() -> None:
        player = Player(cache, request(start_us, end_us, at_us=start_us + 5_000_000))
        async with running(player) as frames:
            await until(player, lambda: bool(frames))
            for count in (5, 5, -3):
                player.step(StepUnit.SECOND, count)
            await until(player, partial(shows, frames, start_us + 12_000_000))
            assert len(frames) == 2
            player.step(StepUnit.SECOND, 20)
            player.seek(start_us + 3)
            await until(player, partial(shows, frames, start_us + 3))
            assert [frame.at_us for frame in frames[2:]] == [start_us + 3]

    run_on_qt(qapp, play())


def test_views_are_in_the_next_frame_with_their_past_and_in_all_that_follow(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    start_us, end_us = import_walk(cache, tmp_path)
    grid = PriceGrid.around(100.0, group=0.5, cells=20, tick=0.1)
    views = Views({(EXCHANGE, SYMBOL): grid}, 500_000, imbalance_levels=5)

    async def play() -> None:
        player = Player(cache, request(start_us, end_us, at_us=start_us + 20_000_000))
        async with running(player) as frames:
            await until(player, lambda: bool(frames))
            assert frames[0].symbols[0].heat is None
            player.show(views, 10_000_000)
            await until(player, lambda: len(frames) > 1)
            heat, balance = frames[1].symbols[0].heat, frames[1].symbols[0].balance
            assert heat is not None
            assert balance is not None
            assert (frames[1].at_us, frames[1].is_jump) == (start_us + 20_000_000, True)
            assert (int(heat.start_us[0]), len(heat)) == (start_us + 10_000_000, 20)
            player.step(StepUnit.SECOND, 3)
            await until(player, lambda: len(frames) > 2)
            assert frames[2].symbols[0].heat is not None
            assert len(frames[2].symbols[0].heat) == 6

    run_on_qt(qapp, play())


def test_a_loop_that_ends_with_the_range_does_not_stop_there(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    start_us, end_us = import_walk(cache, tmp_path)

    async def journey() -> None:
        plan = request(start_us, end_us, speed=None).plan.with_loop(Loop(start_us, end_us))
        player = Player(cache, ReplayRequest(plan, start_us))
        async with running(player) as frames:
            player.play()
            await until(player, lambda: sum(_is_loop(frame) for frame in frames) >= 2)
            assert player.clock.is_playing
            player.set_loop(None)
            await until(player, lambda: not player.clock.is_playing)
            assert player.is_at_end

    run_on_qt(qapp, journey())


def _is_loop(frame: Frame) -> bool:
    return any(note.kind is NoteKind.LOOPED for note in frame.notes)


def test_a_loop_is_played_again_until_it_is_taken_away(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    start_us, end_us = import_walk(cache, tmp_path)

    async def play() -> None:
        player = Player(cache, request(start_us, end_us, speed=None, at_us=start_us + 10_000_000))
        async with running(player) as frames:
            player.set_loop(start_us + 10_000_000, start_us + 11_000_000)
            player.play()
            await until(player, lambda: [frame.is_jump for frame in frames].count(True) > 3)
            assert max(frame.at_us for frame in frames) == start_us + 10_999_999
            player.set_loop(None)
            await until(player, lambda: player.is_at_end)
            with pytest.raises(UsageError, match="a loop needs a beginning before its end"):
                player.set_loop(start_us, start_us)

    run_on_qt(qapp, play())
