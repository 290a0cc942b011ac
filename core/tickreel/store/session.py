"""What lies in the folder of a change that is under way: its lock, its list, and files not yet sealed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tickreel.filesystem import is_plain_name

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel.filesystem import Disk

MOVES = "moves.json"
"""The segments that are moved in or out."""
LOCK = "lock"
"""Held as long as the change lives."""


def read_moves(folder: Path) -> set[str]:
    """Read the list of a session; without one, or with a torn one, nothing was moved yet."""
    try:
        listed = json.loads((folder / MOVES).read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError, RecursionError):
        return set()
    return {name for name in listed if is_plain_name(name)} if isinstance(listed, list) else set()


def clear_session(disk: Disk, folder: Path) -> None:
    """Remove a session's folder; the list goes last but for the lock, which still guards it."""
    order = {MOVES: 1, LOCK: 2}
    try:
        for path in sorted(folder.iterdir(), key=lambda path: (order.get(path.name, 0), path.name)):
            disk.remove(path)
        folder.rmdir()
    except OSError:
        return  # Windows, or another process at the same moment: the next sweep finds it
