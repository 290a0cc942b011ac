"""What the panel remembers between starts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

from tickreel.errors import TickreelError
from tickreel_desktop.keeping import KeptFile

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_VERSION = 1


class _Kept(msgspec.Struct, frozen=True):
    version: int = _VERSION
    shows_first: bool = True


class RememberedAnalysis:
    """Whether the first call to a server is shown before it is sent."""

    def __init__(self, home: Path, tell: Callable[[BaseException], None]) -> None:
        self._file = KeptFile(home / "desktop" / "analysis.json", _Kept, _VERSION)
        self._tell = tell

    def read(self) -> tuple[bool, str]:
        """Read it, and what was wrong with the file, if anything; on a worker thread."""
        kept, problem = self._file.read()
        return kept is None or kept.shows_first, problem

    async def keep(self, *, shows_first: bool) -> None:
        """Write it."""
        try:
            await asyncio.to_thread(self._file.write, _Kept(_VERSION, shows_first))
        except TickreelError as error:
            self._tell(error)
