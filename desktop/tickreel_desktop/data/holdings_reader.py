"""Reads what is held off the thread of the window, and of what was read before only what has changed."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from tickreel_desktop.data.listing import NOTHING, Holdings
from tickreel_desktop.data.rows import dataset_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.market.types import DatasetKey
    from tickreel.store import Cache
    from tickreel_desktop.data.rows import DatasetRow

_MANY_DAYS = 10_000


class HoldingsReader:
    """What is held as it was read last; one thread at a time may read."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._revisions: dict[DatasetKey, int] = {}
        self._rows: dict[DatasetKey, DatasetRow] = {}
        self._held = NOTHING
        self._elsewhere: tuple[DatasetRow, ...] = ()
        self._listed_elsewhere: tuple[DatasetRow, ...] = ()

    def list_elsewhere(self, rows: Sequence[DatasetRow]) -> None:
        """List datasets of which nothing is held as well, from the next read on; from any thread."""
        self._elsewhere = tuple(rows)

    def read(self) -> Holdings:
        """Give what is held now: the same object again as long as nothing of it has changed.

        Raises:
            EnvironmentProblem: the catalog cannot be read.
        """
        found, elsewhere = self._cache.changes(self._revisions), self._elsewhere
        if found.revisions != self._revisions or elsewhere != self._listed_elsewhere:
            fresh = {row.key: row for days in found.days.values() for row in dataset_rows(days)}
            self._rows = {key: fresh.get(key) or self._rows[key] for key in found.revisions}
            others = (row for row in elsewhere if row.key not in self._rows)
            self._held = Holdings.of([*self._rows.values(), *others])
            self._listed_elsewhere = elsewhere
            self._revisions = found.revisions
            if sum(map(len, found.days.values())) > _MANY_DAYS:
                # Days are in no cycles. To look for some in 100,000 of them, again and again, would hold
                # all threads for 0.3 s each time; they are let go all the same when nobody holds them.
                gc.freeze()
        return self._held
