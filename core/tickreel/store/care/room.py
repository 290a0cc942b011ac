"""Room on the disk: a share that is never filled, so that the system and the catalog can go on working."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from tickreel.errors import EnvironmentProblem
from tickreel.market.units import format_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel.filesystem import Disk

_KEPT_BYTES = 2**30
_KEPT_SHARE = 0.02


def kept_free_bytes(folder: Path, setting_bytes: int | None = None) -> int:
    """Tell how much of the disk under *folder* is kept free: as set, else 1 GiB or 2 %, the lesser."""
    if setting_bytes is not None:
        return setting_bytes
    return min(_KEPT_BYTES, int(_KEPT_SHARE * shutil.disk_usage(folder).total))


def ensure_room(disk: Disk, folder: Path, needed_bytes: int, keep_free_bytes: int | None = None) -> None:
    """Stop before *needed_bytes* are written under *folder*, which exists, when they do not fit.

    *keep_free_bytes* is the setting ``store.keep_free_bytes``.

    Raises:
        EnvironmentProblem: less would remain free than is kept; the message has the figures.
    """
    free_bytes = disk.free_bytes(folder)
    kept_bytes = kept_free_bytes(folder, keep_free_bytes)
    if free_bytes - needed_bytes < kept_bytes:
        raise EnvironmentProblem(
            f"the disk under {folder} has {format_bytes(free_bytes)} free, {format_bytes(needed_bytes)} are "
            f"needed and {format_bytes(kept_bytes)} are kept free: make room with `tickreel cache purge` or "
            "elsewhere, or lower the setting store.keep_free_bytes"
        )
