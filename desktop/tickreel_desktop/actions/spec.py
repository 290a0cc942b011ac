"""What is written down of one action."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tickreel_resources import IconName

MENUS = ("File", "Edit", "View", "Data", "Replay", "Backtest", "Analysis", "Window", "Help")
"""The menus, from the left."""


class Place(StrEnum):
    """Name where an action can be done."""

    ANYWHERE = "anywhere"
    DATA = "data"
    """In the Data workspace only."""
    REPLAY = "replay"
    """In the Replay workspace only, while a replay is open."""
    BACKTEST = "backtest"
    """In the Backtest workspace only."""


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One thing that can be done; its place in the table is its place in its menu."""

    id: str
    text: str
    menu: str
    icon: IconName | None = None
    shortcut: str = ""
    """The keys it has until the user gives it others, as Qt spells them."""
    tip: str = ""
    words: str = ""
    """Further words by which somebody may look for it."""
    place: Place = Place.ANYWHERE
    is_checkable: bool = False
    choice_of: str = ""
    """Name of the group of which exactly one is checked."""
    has_line_above: bool = False
    submenu: str = ""
    """Name of the menu in its menu where it stands, if it is not in the menu itself."""
    is_listed: bool = True
    """Whether the palette offers it; the palette itself does not."""

    @property
    def name(self) -> str:
        """What it is called outside a menu, where nothing opens behind three dots."""
        return self.text.rstrip(".")
