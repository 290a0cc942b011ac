"""The probe of the event loop: it sees what blocks, for how long, and where."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from typing import TYPE_CHECKING

from support.qtloop import run_on_qt

from tickreel_desktop.responsiveness import Responsiveness, Wait

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication


def sleepy_handler() -> None:
    time.sleep(0.3)


def busy_handler() -> None:
    until_s = time.thread_time() + 0.3
    while time.thread_time() < until_s:
        sum(range(1_000))


async def seen(probe: Responsiveness, handler: str) -> Wait:
    """Wait until the probe has told of a handler; the loop's own guard ends a wait that never does."""
    while True:
        for wait in probe.waits:
            if handler in wait.where:
                return wait
        await asyncio.sleep(0.01)


def test_what_blocks_is_measured_and_named(qapp: QApplication) -> None:
    async def journey() -> None:
        probe = Responsiveness(ask_every_s=0.01)
        try:
            asyncio.get_running_loop().call_soon(sleepy_handler)
            asleep = await seen(probe, "sleepy_handler")
            asyncio.get_running_loop().call_soon(busy_handler)
            busy = await seen(probe, "busy_handler")
        finally:
            probe.stop()
        assert asleep.wall_s > 0.2
        if sys.platform != "win32":
            assert asleep.cpu_s is not None
            assert busy.cpu_s is not None
            assert asleep.cpu_s < 0.15 < 0.2 < busy.cpu_s, "one waited and the other computed"
        assert probe.slowest in probe.waits

    run_on_qt(qapp, journey())


def test_a_loop_that_only_waits_answers_at_once(qapp: QApplication) -> None:
    async def journey() -> None:
        probe = Responsiveness(long_s=5.0, ask_every_s=0.01)
        while probe.answers < 5:
            await asyncio.sleep(0.01)
        probe.stop()
        assert probe.waits == ()
        assert probe.slowest is None

    run_on_qt(qapp, journey())
    assert "tickreel-responsiveness" not in {each.name for each in threading.enumerate()}
