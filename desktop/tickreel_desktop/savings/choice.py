"""Whether the card is shown, kept from start to start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tickreel_desktop.keeping import Kept

if TYPE_CHECKING:
    from pathlib import Path

_VERSION = 1


class _Form(msgspec.Struct, frozen=True):
    version: int = _VERSION
    is_shown: bool = True


class CardChoice(Kept["_Form"]):
    """What the user chose of the card in one home."""

    def __init__(self, home: Path) -> None:
        super().__init__(home / "desktop" / "savings.json", _Form())

    @property
    def is_shown(self) -> bool:
        """Whether the card is shown."""
        return self.now.is_shown

    def choose(self, *, is_shown: bool) -> None:
        """Show the card, or not."""
        self.now = _Form(is_shown=is_shown)
