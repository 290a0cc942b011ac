"""How the user has arranged the Data workspace, and which filters are saved: kept between starts.

Columns are a part of the layout of the workspace, all else holds in every layout.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tickreel_desktop.data.query import Query
from tickreel_desktop.keeping import Kept

if TYPE_CHECKING:
    from pathlib import Path

VERSION = 1
LONGEST_NAME = 40


class KeptColumn(msgspec.Struct, frozen=True):
    """One column, as it stands among the others."""

    id: str
    width: int
    is_shown: bool = True


class KeptTable(msgspec.Struct, frozen=True):
    """The columns of a table from the left, and the sort."""

    columns: tuple[KeptColumn, ...] = ()
    sort: str = ""
    descends: bool = False


class SavedFilter(msgspec.Struct, frozen=True):
    """A filter under a name."""

    name: str
    text: str = ""
    conditions: tuple[str, ...] = ()
    view: str = ""

    @property
    def query(self) -> Query:
        """What it asks for."""
        return Query(self.text, self.conditions, self.view)


class Arrangement(msgspec.Struct, frozen=True):
    """All that is kept."""

    version: int = VERSION
    grouping: str = "exchange"
    folded: tuple[str, ...] = ()
    lists_days: bool = False
    """Whether the days are in front."""
    filters: tuple[SavedFilter, ...] = ()


def kept_arrangement(home: Path) -> Kept[Arrangement]:
    """Give what is kept of it in a home."""
    return Kept(home / "desktop" / "data.json", Arrangement())


def filter_name(text: str) -> str:
    """Give a name as it is kept; empty when it is none, or too long."""
    name = " ".join(text.split())
    return name if len(name) <= LONGEST_NAME else ""
