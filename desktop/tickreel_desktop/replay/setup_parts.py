"""The parts of the set-up form, which take as long to make as it does."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from tickreel_desktop.replay.panel_form import PanelForm
from tickreel_desktop.replay.play_form import PlayForm
from tickreel_desktop.replay.range_form import RangeForm
from tickreel_desktop.replay.saved_bar import SavedBar
from tickreel_desktop.replay.symbol_table import SymbolTable

if TYPE_CHECKING:
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone


@dataclass(frozen=True, slots=True)
class SetupParts:
    """What stands in one form."""

    saved: SavedBar
    table: SymbolTable
    range: RangeForm
    play: PlayForm
    panels: PanelForm

    @classmethod
    async def made(cls, theme: Theme, zone: DisplayZone) -> Self:
        """Make one part after the other, and let the window breathe between them."""
        play = PlayForm(theme)
        await asyncio.sleep(0)
        return cls(SavedBar(theme), SymbolTable(theme), RangeForm(theme, zone), play, PanelForm(theme))
