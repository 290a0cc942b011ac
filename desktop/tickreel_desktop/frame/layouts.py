"""Layouts: how the panels stand around each workspace, kept by name in a file of the home."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tickreel_desktop.keeping import Kept

if TYPE_CHECKING:
    from pathlib import Path

VERSION = 1
"""Raised when a stored arrangement no longer fits the panels that there are."""
LONGEST_NAME = 40
DEFAULT = "Default"
"""The name of the arrangement that a workspace begins with; nothing is stored under it."""


class Arrangement(msgspec.Struct, frozen=True):
    """How one workspace stood: the docks as Qt writes them, and sizes inside the workspace by name."""

    docks: bytes
    parts: dict[str, bytes] = {}


class _OfWorkspace(msgspec.Struct, frozen=True):
    last: Arrangement | None = None
    name: str = DEFAULT
    named: dict[str, Arrangement] = {}


class _Layouts(msgspec.Struct, frozen=True):
    version: int = VERSION
    geometry: bytes = b""
    workspace: str = ""
    workspaces: dict[str, _OfWorkspace] = {}


class LayoutBook(Kept["_Layouts"]):
    """All layouts of one home; read once, written as a whole by :meth:`write`."""

    def __init__(self, home: Path) -> None:
        super().__init__(home / "desktop" / "layouts.json", _Layouts())

    @property
    def geometry(self) -> bytes:
        """Where the window stood, as Qt writes it; empty when that is not known."""
        return self.now.geometry

    @property
    def workspace(self) -> str:
        """The workspace that was in front last, or an empty text."""
        return self.now.workspace

    def note_window(self, geometry: bytes, workspace: str) -> None:
        """Note where the window stands and what is in front."""
        self.now = msgspec.structs.replace(self.now, geometry=geometry, workspace=workspace)

    def last(self, workspace: str) -> Arrangement | None:
        """Give how a workspace stood when it was left."""
        return self._of(workspace).last

    def note_last(self, workspace: str, arrangement: Arrangement | None) -> None:
        """Note how a workspace stands; None is as at first."""
        self._put(workspace, msgspec.structs.replace(self._of(workspace), last=arrangement))

    def name(self, workspace: str) -> str:
        """Name the layout that was chosen last for a workspace."""
        return self._of(workspace).name

    def choose(self, workspace: str, name: str) -> Arrangement | None:
        """Take a layout by its name; None stands for the arrangement of the beginning."""
        of = self._of(workspace)
        arrangement = of.named.get(name)
        chosen = name if arrangement is not None else DEFAULT
        self._put(workspace, msgspec.structs.replace(of, last=arrangement, name=chosen))
        return arrangement

    def names(self, workspace: str) -> list[str]:
        """List the names under which layouts of a workspace are kept."""
        return sorted(self._of(workspace).named, key=str.casefold)

    def keep(self, workspace: str, name: str, arrangement: Arrangement) -> None:
        """Keep an arrangement under a name, in place of what was kept there, and choose it."""
        of = self._of(workspace)
        named = {**of.named, name: arrangement}
        self._put(workspace, _OfWorkspace(last=arrangement, name=name, named=named))

    def put_back(self, workspace: str, name: str, arrangement: Arrangement) -> None:
        """Keep again what was dropped; how the workspace stands, and what is chosen, does not change."""
        of = self._of(workspace)
        self._put(workspace, msgspec.structs.replace(of, named={**of.named, name: arrangement}))

    def forget(self, workspace: str, name: str) -> Arrangement | None:
        """Drop what is kept under a name, and give it; how the workspace stands does not change."""
        of = self._of(workspace)
        named = dict(of.named)
        dropped = named.pop(name, None)
        chosen = DEFAULT if of.name == name else of.name
        self._put(workspace, msgspec.structs.replace(of, named=named, name=chosen))
        return dropped

    def _of(self, workspace: str) -> _OfWorkspace:
        return self.now.workspaces.get(workspace, _OfWorkspace())

    def _put(self, workspace: str, of: _OfWorkspace) -> None:
        workspaces = {**self.now.workspaces, workspace: of}
        self.now = msgspec.structs.replace(self.now, workspaces=workspaces)


def layout_name(text: str) -> str | None:
    """Give a name as it is kept, or None when it is none: empty, too long, or that of the beginning."""
    name = " ".join(text.split())
    return name if 0 < len(name) <= LONGEST_NAME and name.casefold() != DEFAULT.casefold() else None
