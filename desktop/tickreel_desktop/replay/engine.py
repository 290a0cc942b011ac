"""Makes the book kernels ready before a replay needs them, without the window noticing.

The first time after an installation they are compiled, which takes seconds and would
make the window stutter even on a thread: so a helper process does it, and leaves the
result in Numba's cache on disk. A stamp in the home says for which kernels that was done.
"""

from __future__ import annotations

import asyncio
import hashlib
import sys
from importlib.metadata import version
from importlib.resources import files
from typing import TYPE_CHECKING

from tickreel.book.warm import warm
from tickreel_desktop.children import run_child

if TYPE_CHECKING:
    from pathlib import Path

STAMP = "kernels.stamp"


class Engine:
    """The book kernels of this installation; :meth:`prepare` may be awaited by many."""

    def __init__(self, home: Path) -> None:
        self._stamp = home / STAMP
        self._lock = asyncio.Lock()
        self.is_ready = False
        """Whether a replay can begin at once."""

    async def prepare(self) -> None:
        """Return once the kernels are loaded.

        Raises:
            EnvironmentProblem: they could not be compiled; the message has the compiler's last line.
        """
        async with self._lock:
            if self.is_ready:
                return
            wanted = kernels_fingerprint()
            if not self._stamp.exists() or self._stamp.read_text(encoding="ascii") != wanted:
                await run_child("the order-book kernels could not be compiled", "tickreel.book.warm")
                self._stamp.write_text(wanted, encoding="ascii")
            await asyncio.to_thread(warm)
            self.is_ready = True


def kernels_fingerprint() -> str:
    """Name what a compiled kernel depends on: its source, the compiler, the interpreter."""
    source = files("tickreel.book").joinpath("kernels.py").read_bytes()
    digest = hashlib.sha256(source)
    digest.update(f"{version('numba')} {version('numpy')} {sys.version} {sys.executable}".encode())
    return digest.hexdigest()
