"""Makes the kernels ready before anything needs them, without the window noticing.

What is not compiled yet, as after an installation, is compiled by a helper process: it takes a
minute of a processor and would make the window stutter even on a thread. Who opens a replay before
the helper is through gets a second one for what a replay needs; the two take turns by themselves.
"""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tickreel.errors import TickreelError
from tickreel.kernels import load, missing_modules
from tickreel_desktop.children import run_child
from tickreel_desktop.components.sentences import capital

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel.kernels import KernelModule

_HELPER = "tickreel.kernels"
_PROBLEM = "the engine could not be prepared ahead"
_REPLAYING = ("tickreel.book", "tickreel.store.segments")
"""The packages whose kernels a replay uses."""
_QUIET_S = 0.6
"""Work that ends within this time is not worth a word."""


class Engine(QObject):
    """The kernels of this installation; all calls may be awaited by many at once."""

    progressed = Signal(int, int)
    """How many modules of kernels are compiled, of how many that were not."""
    filled = Signal()
    """Nothing is left to compile."""
    failed = Signal(str)
    """Something could not be compiled ahead; the message says why and what to do."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._filling = asyncio.Lock()
        self._loading = asyncio.Lock()
        self.is_ready = False
        """Whether a replay can begin at once."""

    async def fill(self) -> None:
        """Have all compiled that is not; a failure is told by :attr:`failed` and not raised."""
        async with self._filling:
            progress = _Progress(self.progressed.emit)
            waiting = asyncio.get_running_loop().call_later(_QUIET_S, progress.speak)
            try:
                if await asyncio.to_thread(missing_modules):
                    await run_child(_PROBLEM, _HELPER, on_line=progress.hear)
            except TickreelError as error:
                self.failed.emit(capital(str(error)))
            else:
                self.filled.emit()
            finally:
                waiting.cancel()

    async def prepare(self) -> None:
        """Return once what a replay needs is loaded; what could not be compiled ahead, is now."""
        async with self._loading:
            if self.is_ready:
                return
            try:
                await _compile(await asyncio.to_thread(missing_modules))
            except TickreelError as error:
                self.failed.emit(capital(str(error)))
            await asyncio.to_thread(load, *_REPLAYING)
            # The window and the compiler stay. To look for cycles among their half a million objects
            # would hold the frames of a replay for up to 0.2 s each time.
            gc.freeze()
            self.is_ready = True


class _Progress:
    """What the helper has said last; passed on once it has worked for a while."""

    def __init__(self, tell: Callable[[int, int], None]) -> None:
        self._tell = tell
        self._said: tuple[int, int] | None = None
        self._is_silent = True

    def hear(self, line: str) -> None:
        words = line.split()
        if len(words) != 2 or not all(map(str.isdecimal, words)):
            return  # a warning of some library is no progress
        done, total = map(int, words)
        self._said = done, total
        if not self._is_silent:
            self._tell(done, total)

    def speak(self) -> None:
        self._is_silent = False
        if self._said is not None:
            self._tell(*self._said)


async def _compile(missing: tuple[KernelModule, ...]) -> None:
    """Compile those kernels of *missing* that a replay uses."""
    packages = tuple(f"{package}." for package in _REPLAYING)
    needed = [module.name for module in missing if module.name.startswith(packages)]
    if needed:
        await run_child(_PROBLEM, _HELPER, *needed)
