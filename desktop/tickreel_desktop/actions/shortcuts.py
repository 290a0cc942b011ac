"""The keys that the user has given to actions, in a file of the home.

Only what differs from the table is kept, so that a later version may give an action better keys.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtGui import QKeySequence

from tickreel_desktop.actions.table import ACTIONS
from tickreel_desktop.components.keyboard import sequences
from tickreel_desktop.keeping import KeptFile

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_VERSION = 1


class _Kept(msgspec.Struct, frozen=True):
    version: int
    keys: dict[str, str]


class Shortcuts:
    """Read and write the user's own keys."""

    def __init__(self, home: Path) -> None:
        self._file = KeptFile(home / "desktop" / "shortcuts.json", _Kept, _VERSION)

    def read(self) -> tuple[dict[str, str], str]:
        """Give the user's own keys by action id, and what was wrong with the file, if anything.

        An action that this version does not know, and keys that Qt cannot read, are left out.
        """
        kept, problem = self._file.read()
        if kept is None:
            return {}, problem
        known = {spec.id for spec in ACTIONS}
        return {name: keys for name, keys in kept.keys.items() if name in known and is_keys(keys)}, problem

    def write(self, own: Mapping[str, str]) -> None:
        """Keep the user's own keys; those that the table has anyway are left out.

        Raises:
            EnvironmentProblem: the file cannot be written.
        """
        first = {spec.id: spec.shortcut for spec in ACTIONS}
        self._file.write(_Kept(_VERSION, {name: keys for name, keys in own.items() if keys != first[name]}))


def is_keys(text: str) -> bool:
    """Tell whether a text is no keys at all, or keys that exist."""
    sequence = QKeySequence(text)
    return not text or (sequence.count() > 0 and sequence.toString() != "")


def clash(action_id: str, keys: str, all_keys: Mapping[str, str]) -> str | None:
    """Name the other action that has the same keys, in the view of Qt, or None."""
    wanted = sequences(keys)
    for other, others in all_keys.items():
        # One that begins with the other would wait for keys that never come.
        if other != action_id and any(_overlap(*pair) for pair in product(wanted, sequences(others))):
            return other
    return None


def _overlap(one: QKeySequence, other: QKeySequence) -> bool:
    none = QKeySequence.SequenceMatch.NoMatch
    return one.matches(other) != none or other.matches(one) != none
