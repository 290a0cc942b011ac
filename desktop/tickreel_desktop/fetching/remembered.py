"""What is remembered of fetching between starts: what was asked for last, and whether the window looks on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tickreel.market.types import DataType
from tickreel_desktop.fetching.wish import FetchWish
from tickreel_desktop.keeping import KeptFile

if TYPE_CHECKING:
    from pathlib import Path

_VERSION = 1
_FIRST_TYPES = (DataType.INCREMENTAL_BOOK_L2, DataType.TRADES)


class _Kept(msgspec.Struct, frozen=True):
    version: int
    exchange: str = ""
    symbols: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    is_watching: bool = False


class Remembered:
    """Read and write it; blocking, for a worker thread."""

    def __init__(self, home: Path) -> None:
        self._file = KeptFile(home / "desktop" / "fetching.json", _Kept, _VERSION)
        self.wish = FetchWish(types=_FIRST_TYPES)
        """What was asked for last, without days."""
        self.is_watching = False
        """Whether the window looks after standing orders while it is open."""

    def read(self) -> str:
        """Read the file; give what is wrong with it, if anything."""
        kept, problem = self._file.read()
        if kept is not None:
            known = {each.value: each for each in DataType}
            types = tuple(known[name] for name in kept.types if name in known)
            self.wish = FetchWish(kept.exchange, kept.symbols, types or _FIRST_TYPES)
            self.is_watching = kept.is_watching
        return problem

    def write(self) -> None:
        """Keep it.

        Raises:
            EnvironmentProblem: the file cannot be written.
        """
        wish = self.wish
        types = tuple(each.value for each in wish.types)
        self._file.write(_Kept(_VERSION, wish.exchange, wish.symbols, types, self.is_watching))
