"""Whether the card is shown, kept from start to start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tickreel_desktop.keeping import KeptFile

if TYPE_CHECKING:
    from pathlib import Path

_VERSION = 1


class _Kept(msgspec.Struct, frozen=True):
    version: int = _VERSION
    is_shown: bool = True


class CardChoice:
    """What the user chose of the card in one home."""

    def __init__(self, home: Path) -> None:
        self._file = KeptFile(home / "desktop" / "savings.json", _Kept, _VERSION)
        self.is_shown = True

    def read(self) -> str:
        """Read it; give what was wrong with the file, if anything. The card is shown then."""
        kept, problem = self._file.read()
        if kept is not None:
            self.is_shown = kept.is_shown
        return problem

    def write(self) -> None:
        """Keep it.

        Raises:
            EnvironmentProblem: the file cannot be written.
        """
        self._file.write(_Kept(is_shown=self.is_shown))
