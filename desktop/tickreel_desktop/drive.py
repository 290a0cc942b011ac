"""Drives the window from the command line: opens, plays, seeks, takes pictures, and reports.

It waits for what the program does, never for a time, but for the time that is asked to be played.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from tickreel.errors import EnvironmentProblem
from tickreel.replay import MAX_SPEED
from tickreel_desktop.camera import settled_picture

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel.replay import Frame
    from tickreel_desktop.desk import Desk
    from tickreel_desktop.replay.player import Player

_LOOK_S = 0.02


async def drive(desk: Desk, link: str | None, folder: Path | None, *, play_for_s: float) -> dict[str, Any]:
    """Do what a check asks for, and say what was seen.

    Raises:
        TickreelError: the link leads nowhere, the replay failed, or a picture cannot be saved.
    """
    camera = _Camera(desk, folder)
    report: dict[str, Any] = {"screenshots": camera.taken, "replay": None, "run": None}
    player = None if link is None else await desk.operations.open_link(link)
    if desk.window.front == "backtest":
        report["run"] = await _show_run(desk, camera)
        return report
    if player is not None:
        report["replay"] = await _play(desk, player, camera, play_for_s)
        await desk.setup.set_up_again()
        await camera.take("replay-setup")
        if desk.setup.dialog is not None:
            desk.setup.dialog.reject()
    desk.window.go_to("data")
    await camera.take("data")
    return report


async def _show_run(desk: Desk, camera: _Camera) -> dict[str, Any] | None:
    """Wait until the run that was opened, if one was, is in view, and say what is seen of it.

    Raises:
        EnvironmentProblem: the run cannot be read.
    """
    view = desk.backtest.run_view
    while view.run_id and view.record is None:
        if view.obstacle:
            raise EnvironmentProblem(view.obstacle)
        await asyncio.sleep(_LOOK_S)
    await camera.take("backtest")
    if view.record is None:
        return None
    card = view.record.card
    figures = {name: card.metrics.get(name) for name in ("pnl", "sharpe")}
    return {"id": card.id, "state": card.state.value, "total_trades": card.total_trades, **figures}


async def _play(desk: Desk, player: Player, camera: _Camera, play_for_s: float) -> dict[str, Any]:
    """Play for a while or to the end, then seek to the middle of what there is."""
    began_s = time.monotonic()
    frames = 0
    while player.clock.is_playing and (not play_for_s or time.monotonic() - began_s < play_for_s):
        await _next_frame(desk, player)
        frames += 1
    elapsed_s = time.monotonic() - began_s
    player.clock.pause()  # hold still for the picture, which shows a replay that plays
    await camera.take("replay")
    player.pause()
    played = _state(player)
    middle_us = (player.request.start_us + player.request.end_us) // 2
    player.seek(middle_us)
    while player.frame is None or player.frame.at_us != middle_us:
        await _next_frame(desk, player)
    await camera.take("replay-seek")
    speed = player.clock.speed
    return {
        "exchange": player.request.exchange,
        "symbol": player.request.symbol,
        "from_us": player.request.start_us,
        "to_us": player.request.end_us,
        "speed": MAX_SPEED if speed is None else speed,
        "elapsed_s": elapsed_s,
        "frames": frames,
        "played": played,
        "sought": _state(player),
    }


def _state(player: Player) -> dict[str, Any]:
    """Say where the replay stands and what its book is."""
    frame = player.frame
    shown = None if frame is None else frame.symbols[0]
    book = None if shown is None else shown.book
    return {
        "at_us": None if frame is None else frame.at_us,
        "message_us": None if book is None else book.message_us,
        "messages": None if shown is None else shown.totals.messages,
        "rows": None if shown is None else shown.totals.rows,
        "state_hash": None if book is None else book.state_hash(),
    }


class _Camera:
    """Save pictures of the window, one by one."""

    def __init__(self, desk: Desk, folder: Path | None) -> None:
        self._desk = desk
        self._folder = folder
        self.taken: list[str] = []

    async def take(self, name: str) -> None:
        """Let the window settle, and save it."""
        if self._folder is None:
            return
        path = self._folder / f"{name}.png"
        self._folder.mkdir(parents=True, exist_ok=True)
        taken = await settled_picture(self._desk.window)
        if not taken.save(str(path)):
            raise EnvironmentProblem(f"the picture {path} cannot be saved")
        self.taken.append(str(path))


async def _next_frame(desk: Desk, player: Player) -> None:
    """Wait for a frame, or for the replay to stop playing.

    Raises:
        TickreelError: the replay failed.
    """
    arrived: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def arrive(_anything: Frame | bool | None = None) -> None:
        if not arrived.done():
            arrived.set_result(None)

    player.frame_ready.connect(arrive)
    player.playing_changed.connect(arrive)
    desk.opener.opened.connect(arrive)
    try:
        await arrived
    finally:
        player.frame_ready.disconnect(arrive)
        player.playing_changed.disconnect(arrive)
        desk.opener.opened.disconnect(arrive)
    if desk.opener.player is not player:
        raise desk.opener.error or EnvironmentProblem("the replay ended before its time; see the log")
