"""The transport and a real player on a real cache, joined by the controls."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from support.feeds import EXCHANGE, SYMBOL, feed_files, import_walk
from support.qtloop import run_on_qt

from tickreel.market.time import US_PER_DAY
from tickreel.replay import BandAction, BandKind, NoteKind, ReplayPlan
from tickreel.store import open_cache
from tickreel_desktop.replay.controls import ReplayControls
from tickreel_desktop.replay.outline_reader import OutlineReader
from tickreel_desktop.replay.player import Player, ReplayRequest, StepUnit
from tickreel_desktop.replay.reached import Reached, ReachedMeter
from tickreel_desktop.replay.sharedview import SharedView
from tickreel_desktop.replay.transport import Transport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

    from tickreel.replay import DayOutline, Frame, Note
    from tickreel.store import Cache
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone


@pytest.fixture
def cache(home: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        yield opened


@pytest.fixture
def shared() -> SharedView:
    return SharedView()


@pytest.fixture
def transport(theme: Theme, zone: DisplayZone, shared: SharedView, qtbot: QtBot) -> Transport:
    made = Transport(theme, zone, shared)
    qtbot.addWidget(made)
    return made


@pytest.fixture
def controls(
    theme: Theme, zone: DisplayZone, shared: SharedView, transport: Transport, qtbot: QtBot
) -> ReplayControls:
    made = ReplayControls(theme, zone, transport, shared)
    for banner in (made.stop_banner, made.slow_banner):
        qtbot.addWidget(banner)
    return made


def looped(transport: Transport) -> tuple[int, int] | None:
    return transport.overview.loop


@asynccontextmanager
async def driven(controls: ReplayControls, cache: Cache, plan: ReplayPlan) -> AsyncIterator[Player]:
    player = Player(cache, ReplayRequest(plan, plan.start_us))
    controls._shared.begin(plan.start_us, plan.end_us)
    controls.show_player(player)
    async with asyncio.TaskGroup() as group:
        group.create_task(player.run())
        await until(lambda: player.frame is not None)
        yield player
        await player.close()


async def until(holds: Callable[[], bool]) -> None:
    while not holds():
        await asyncio.sleep(0.005)


def plan_of(start_us: int, end_us: int, **others: object) -> ReplayPlan:
    return ReplayPlan(((EXCHANGE, SYMBOL),), start_us, end_us, **others)  # type: ignore[arg-type]


def at(player: Player, at_us: int) -> Callable[[], bool]:
    return lambda: player.frame is not None and player.frame.at_us == at_us


def test_steps_go_by_the_unit_and_a_skip_does_not_pause(
    qapp: QApplication, controls: ReplayControls, transport: Transport, cache: Cache, tmp_path: Path
) -> None:
    start_us, end_us = import_walk(cache, tmp_path)

    async def drive() -> None:
        async with driven(controls, cache, plan_of(start_us, end_us, speed=1.0)) as player:
            transport.set_unit(StepUnit.SECOND)
            transport.step_requested.emit(1)
            await until(at(player, start_us + 1_000_000))
            controls.cycle_unit()
            assert transport.unit is StepUnit.TRADE
            controls.step(1)
            await until(at(player, start_us + 2_000_000))
            controls.step(-1)
            await until(at(player, start_us + 2_000_000 - 1))
            controls.play()
            controls.skip(1)
            await until(lambda: player.frame is not None and player.frame.at_us >= start_us + 30_000_000)
            assert player.clock.is_playing
            assert transport.overview.position_us >= start_us + 30_000_000

    run_on_qt(qapp, drive())


def test_a_step_that_cannot_be_is_said_and_the_replay_stays(
    qapp: QApplication, controls: ReplayControls, transport: Transport, cache: Cache, tmp_path: Path
) -> None:
    book, _trades = feed_files(tmp_path)
    cache.import_file(book)
    start_us = 1_721_692_800_000_000

    async def drive() -> None:
        async with driven(controls, cache, plan_of(start_us, start_us + 60_000_000)) as player:
            transport.set_unit(StepUnit.TRADE)
            controls.step(1)
            await until(lambda: bool(transport.problem()))
            assert "no trades" in transport.problem()
            transport.set_unit(StepUnit.SECOND)
            controls.step(1)
            await until(at(player, start_us + 1_000_000))
            assert transport.problem() == ""

    run_on_qt(qapp, drive())


def test_a_loop_takes_the_selection_else_what_is_in_view(
    qapp: QApplication,
    controls: ReplayControls,
    transport: Transport,
    cache: Cache,
    shared: SharedView,
    tmp_path: Path,
) -> None:
    start_us, end_us = import_walk(cache, tmp_path)

    async def drive() -> None:
        async with driven(controls, cache, plan_of(start_us, end_us)) as player:
            shared.set_width(5_000_000)
            player.seek(start_us + 12_000_000)
            await until(at(player, start_us + 12_000_000))
            shared.set_now(start_us + 12_000_000)
            assert looped(transport) is None
            transport.loop_button.click()
            assert looped(transport) == (start_us + 7_000_000, start_us + 12_000_000)
            await asyncio.sleep(0.05)
            assert player.clock.reached_us == start_us + 12_000_000, "while it is paused nothing moves"
            shared.select((start_us + 20_000_000, start_us + 22_000_000))
            assert looped(transport) == shared.selection
            player.seek(start_us + 20_500_000)
            frames: list[Frame] = []
            player.frame_ready.connect(frames.append)
            controls.set_speed(100.0)
            controls.play()
            await until(lambda: sum(frame.is_jump for frame in frames) > 2)
            ends = [frame.at_us for frame in frames]
            assert max(ends) < start_us + 22_000_000
            controls.toggle_loop()
            assert not transport.loop_button.isChecked()
            controls.set_speed(None)
            await until(lambda: player.is_at_end)

    run_on_qt(qapp, drive())


def test_where_the_plan_stops_a_banner_says_why_and_goes_on(
    qapp: QApplication,
    controls: ReplayControls,
    cache: Cache,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start_us, end_us = import_walk(cache, tmp_path)
    health = ((BandKind.MISSING, BandAction.STOP),)
    plan = plan_of(start_us, end_us + US_PER_DAY, health=health, allow_missing=True)

    async def drive() -> None:
        async with driven(controls, cache, plan) as player:
            controls.play()
            await until(lambda: not controls.stop_banner.isHidden())
            text = controls.stop_banner.text()
            assert text.startswith(f"Stopped before day missing of {SYMBOL} ")
            assert "2024-07-24 (UTC)" in text
            assert not player.clock.is_playing
            controls.stop_banner.action_triggered.emit()
            assert controls.stop_banner.isHidden()
            await until(lambda: player.is_at_end)

    run_on_qt(qapp, drive())


def test_health_events_are_not_sought_where_there_are_none(
    qapp: QApplication, controls: ReplayControls, transport: Transport, cache: Cache, tmp_path: Path
) -> None:
    start_us, end_us = import_walk(cache, tmp_path)

    async def drive() -> None:
        async with driven(controls, cache, plan_of(start_us, end_us)) as player:
            reader = OutlineReader(cache)
            reader.outline_read.connect(transport.overview.show_outline)
            await reader.read(EXCHANGE, SYMBOL, start_us, end_us)
            edges = {
                us
                for one in transport.overview.outlines
                for band in one.bands
                if band.kind not in (BandKind.USABLE, BandKind.BAD, BandKind.MISSING)
                for us in (band.from_us, band.to_us)
                if start_us <= us < end_us
            }
            here_us = max(edges, default=start_us) + 1
            player.seek(here_us)
            await until(at(player, here_us))
            controls.step_health(1)
            assert transport.problem() == "no health event after this moment"
            await asyncio.sleep(0.05)
            assert player.clock.reached_us == here_us

    run_on_qt(qapp, drive())


def test_quiet_is_skipped_and_shown(
    qapp: QApplication, controls: ReplayControls, transport: Transport, cache: Cache, tmp_path: Path
) -> None:
    start_us, end_us = import_walk(cache, tmp_path)

    async def drive() -> None:
        async with driven(controls, cache, plan_of(start_us, end_us, skip_quiet_us=1_000_000)) as player:
            assert transport.quiet_button.isChecked()
            assert transport.quiet_us == 1_000_000
            controls.toggle_quiet()
            assert not transport.quiet_button.isChecked()
            transport.quiet_button.click()
            # Trades come once a second, messages ten times; by a tenth there is quiet between them.
            transport.quiet_chosen.emit(50_000)
            notes: list[Note] = []
            player.frame_ready.connect(lambda frame: notes.extend(frame.notes))
            controls.set_speed(1.0)
            controls.play()
            await until(lambda: any(note.kind is NoteKind.QUIET for note in notes))

    run_on_qt(qapp, drive())


def test_no_frame_drops_a_row(
    qapp: QApplication, controls: ReplayControls, cache: Cache, tmp_path: Path
) -> None:
    start_us, end_us = import_walk(cache, tmp_path)

    async def drive() -> None:
        meter, told = ReachedMeter(), []
        async with driven(controls, cache, plan_of(start_us, end_us, speed=200.0)) as player:
            player.frame_ready.connect(lambda frame: told.append(meter.take(frame, player.clock)))
            player.seek(start_us)
            controls.play()
            await until(lambda: player.is_at_end)
        assert {one.dropped for one in told} == {0}
        assert max(one.rows_per_s for one in told) > 0

    run_on_qt(qapp, drive())


def test_an_outline_is_given_up_for_a_newer_one(qapp: QApplication, cache: Cache, tmp_path: Path) -> None:
    start_us, end_us = import_walk(cache, tmp_path)

    async def read() -> None:
        reader = OutlineReader(cache)
        seen: list[DayOutline] = []
        reader.outline_read.connect(seen.append)
        before = asyncio.ensure_future(reader.read(EXCHANGE, SYMBOL, start_us, end_us))
        await asyncio.sleep(0)
        await reader.read(EXCHANGE, SYMBOL, start_us, end_us - 10_000_000)
        await before
        assert {one.to_us for one in seen} == {end_us - 10_000_000}
        assert seen[-1].is_whole
        problems: list[str] = []
        reader.failed.connect(problems.append)
        await reader.read(EXCHANGE, "NOPE", start_us, end_us)
        cancelled = asyncio.ensure_future(reader.read(EXCHANGE, SYMBOL, start_us, end_us))
        await asyncio.sleep(0)
        cancelled.cancel()
        with pytest.raises(asyncio.CancelledError):
            await cancelled
        assert not reader._is_reading.locked()

    run_on_qt(qapp, read())


def test_the_banner_of_a_slow_machine_does_not_come_and_go(
    controls: ReplayControls, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now_s[0])
    controls._tell_slowness(Reached(500.0), 1000.0)
    assert controls.slow_banner.isVisible()
    now_s[0] += 1.0
    controls._tell_slowness(Reached(1000.0), 1000.0)
    assert controls.slow_banner.isVisible(), "it would make room, and take it away again"
    now_s[0] += 5.0
    controls._tell_slowness(Reached(1000.0), 1000.0)
    assert not controls.slow_banner.isVisible()
