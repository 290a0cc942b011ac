"""Set-ups of replays under names, and the replay that was open last, kept in a file of the home."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from tickreel.errors import UsageError
from tickreel.replay import ReplayPlan
from tickreel_desktop.keeping import KeptFile

if TYPE_CHECKING:
    from pathlib import Path

VERSION = 1
LONGEST_NAME = 60


class SavedPlan(msgspec.Struct, frozen=True):
    """A plan as it is written down, and where in it to begin; None is its start."""

    form: dict[str, Any]
    at_us: int | None = None

    @classmethod
    def of(cls, plan: ReplayPlan, at_us: int | None = None) -> SavedPlan:
        """Write a plan down."""
        return cls(plan.to_form(), at_us)

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


class _Kept(msgspec.Struct, frozen=True):
    version: int = VERSION
    saved: dict[str, SavedPlan] = {}
    last: SavedPlan | None = None


class ReplayBook:
    """All that is kept of replays in one home; read once, written as a whole by :meth:`write`."""

    def __init__(self, home: Path) -> None:
        self._file = KeptFile(home / "desktop" / "replays.json", _Kept, VERSION)
        self._kept = _Kept()
        self._written = self._kept

    def read(self) -> str:
        """Read the file; give what was wrong with it, if anything. It is then as if there were none."""
        kept, problem = self._file.read()
        if kept is not None:
            self._kept = self._written = kept
        return problem

    def write(self) -> None:
        """Write what has changed since it was read or written.

        Raises:
            EnvironmentProblem: the file cannot be written.
        """
        kept = self._kept
        if kept != self._written:
            self._file.write(kept)
            self._written = kept

    @property
    def names(self) -> list[str]:
        """The names of the set-ups, sorted."""
        return sorted(self._kept.saved, key=str.casefold)

    @property
    def last(self) -> SavedPlan | None:
        """The replay that was open last, and where it stood."""
        return self._kept.last

    def note_last(self, plan: ReplayPlan, at_us: int) -> None:
        """Note which replay is open, and where it stands."""
        self._kept = msgspec.structs.replace(self._kept, last=SavedPlan.of(plan, at_us))

    def plan(self, name: str) -> ReplayPlan | None:
        """Give a set-up; None when there is none of that name."""
        saved = self._kept.saved.get(name)
        return None if saved is None else saved.plan

    def keep(self, name: str, plan: ReplayPlan) -> None:
        """Keep a set-up under a name, in the place of one that has it."""
        self._save({**self._kept.saved, name: SavedPlan.of(plan)})

    def forget(self, name: str) -> ReplayPlan | None:
        """Drop a set-up and give it back; None when there is none of that name."""
        plan = self.plan(name)
        self._save({other: saved for other, saved in self._kept.saved.items() if other != name})
        return plan

    def rename(self, name: str, to: str) -> None:
        """Give a set-up another name.

        Raises:
            UsageError: another one has that name, or there is none to rename.
        """
        if name not in self._kept.saved:
            raise UsageError(f"there is no set-up {name!r}")
        if to in self._kept.saved and to != name:
            raise UsageError(f"there is a set-up {to!r} already: delete it first, or choose another name")
        self._save({(to if each == name else each): saved for each, saved in self._kept.saved.items()})

    def _save(self, saved: dict[str, SavedPlan]) -> None:
        self._kept = msgspec.structs.replace(self._kept, saved=saved)


def setup_name(text: str) -> str:
    """Read a name for a set-up.

    Raises:
        UsageError: it is none.
    """
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise UsageError(f"{text.strip()!r} is no name for a set-up: write 1 to {LONGEST_NAME} characters")
    return name
