"""Runs a coroutine of a test on a loop that is the Qt loop, as the program does."""

from __future__ import annotations

import asyncio
import gc
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from qasync import QEventLoop

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from PySide6.QtCore import QCoreApplication

T = TypeVar("T")

HANG_GUARD_S = 60
"""No test waits longer; what it waits for takes a fraction of a second."""


def run_on_qt(app: QCoreApplication, work: Coroutine[Any, Any, T]) -> T:
    """Run *work* to its end."""

    async def guarded() -> T:
        executor = ThreadPoolExecutor(4)
        asyncio.get_running_loop().set_default_executor(executor)
        async with asyncio.timeout(HANG_GUARD_S):
            return await work

    try:
        with asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner:
            return runner.run(guarded())
    finally:
        gc.collect()  # what is left of the loop has timers, which only this thread may end
