"""Set-ups of replays under names, and the replay that was open last, kept in a file of the home."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from tickreel.errors import UsageError
from tickreel.replay import ReplayPlan
from tickreel_desktop.keeping import Kept

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel_desktop.replay.panel_choice import PanelChoice

VERSION = 1
LONGEST_NAME = 60


class SavedPlan(msgspec.Struct, frozen=True):
    """A plan as it is written down."""

    form: dict[str, Any]
    at_us: int | None = None
    """Where in it to begin; None is its start."""
    panels: tuple[str, ...] | None = None
    """The keys of the panels that it shows, sorted; None leaves those that are shown."""

    @classmethod
    def of(cls, plan: ReplayPlan, at_us: int | None = None, panels: PanelChoice | None = None) -> SavedPlan:
        """Write a plan down."""
        return cls(plan.to_form(), at_us, None if panels is None else tuple(sorted(panels)))

    def __post_init__(self) -> None:
        """Refuse what is no plan, so that a file that holds it is set aside as a whole."""
        try:
            self.plan  # noqa: B018 - it is read
        except UsageError as error:
            raise ValueError(str(error)) from error

    @property
    def plan(self) -> ReplayPlan:
        """Read the plan."""
        return ReplayPlan.from_form(self.form)

    @property
    def choice(self) -> PanelChoice | None:
        """Which panels it shows; None leaves those that are shown."""
        return None if self.panels is None else frozenset(self.panels)


class _Replays(msgspec.Struct, frozen=True):
    version: int = VERSION
    saved: dict[str, SavedPlan] = {}
    last: SavedPlan | None = None


class ReplayBook(Kept["_Replays"]):
    """All that is kept of replays in one home; read once, written as a whole by :meth:`write`."""

    def __init__(self, home: Path) -> None:
        super().__init__(home / "desktop" / "replays.json", _Replays())

    @property
    def names(self) -> list[str]:
        """The names of the set-ups, sorted."""
        return sorted(self.now.saved, key=str.casefold)

    @property
    def last(self) -> SavedPlan | None:
        """The replay that was open last, and where it stood."""
        return self.now.last

    def note_last(self, plan: ReplayPlan, at_us: int) -> None:
        """Note which replay is open, and where it stands."""
        self.now = msgspec.structs.replace(self.now, last=SavedPlan.of(plan, at_us))

    def setup(self, name: str) -> SavedPlan | None:
        """Give a set-up; None when there is none of that name."""
        return self.now.saved.get(name)

    def keep(self, name: str, setup: SavedPlan) -> None:
        """Keep a set-up under a name, in the place of one that has it."""
        self._save({**self.now.saved, name: setup})

    def forget(self, name: str) -> None:
        """Drop a set-up, if there is one of that name."""
        self._save({other: saved for other, saved in self.now.saved.items() if other != name})

    def rename(self, name: str, to: str) -> None:
        """Give a set-up another name.

        Raises:
            UsageError: another one has that name, or there is none to rename.
        """
        if name not in self.now.saved:
            raise UsageError(f"there is no set-up {name!r}")
        if to in self.now.saved and to != name:
            raise UsageError(f"there is a set-up {to!r} already: delete it first, or choose another name")
        self._save({(to if each == name else each): saved for each, saved in self.now.saved.items()})

    def _save(self, saved: dict[str, SavedPlan]) -> None:
        self.now = msgspec.structs.replace(self.now, saved=saved)


def setup_name(text: str) -> str:
    """Read a name for a set-up.

    Raises:
        UsageError: it is none.
    """
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise UsageError(f"{text.strip()!r} is no name for a set-up: write 1 to {LONGEST_NAME} characters")
    return name
