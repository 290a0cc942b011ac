"""What an export would write, measured on a worker thread before it is asked for."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths

from tickreel.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.store import Cache
    from tickreel.store.library.exporting import ExportPlan
    from tickreel.store.library.forms import RowsForm
    from tickreel.store.model import DayRange


@dataclass(frozen=True, slots=True)
class Prospect:
    """What an export would write, as things stand in the folder."""

    plan: ExportPlan
    bytes: int
    """Estimated."""
    taken: tuple[str, ...]
    """Files of the same names."""
    free_bytes: int | None
    """On the disk of the folder; None where there is no such folder."""


def read_prospect(
    cache: Cache, ranges: Sequence[DayRange], form: RowsForm, folder: Path, *, is_per_day: bool
) -> Prospect:
    """Plan an export into a folder, and measure it; on a worker thread.

    Raises:
        DataError: segments that are measured are damaged.
        OSError: the folder cannot be looked into.
    """
    try:
        plan, size = cache.plan_export(ranges, form, is_per_day=is_per_day)
    except DataError:  # that day is out of service now, and stands among the missing ones
        plan, size = cache.plan_export(ranges, form, is_per_day=is_per_day)
    if not folder.is_dir():
        return Prospect(plan, size, (), None)
    return Prospect(plan, size, tuple(plan.taken(folder)), shutil.disk_usage(folder).free)


def usual_folder() -> Path:
    """Give the user's folder of documents, or his own where there is none."""
    documents = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))
    return documents if documents.is_dir() else Path.home()
