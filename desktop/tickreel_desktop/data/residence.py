"""Where days lie: on this machine, in the shared cache, or in both; as far as that is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tickreel.market.units import format_full
from tickreel_desktop.data.listing import DAYS_PER_DATASET

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel.market.types import DatasetKey
    from tickreel_desktop.data.listing import Listing

UNKNOWN = -1
"""Stands for a number of days that nobody has asked for yet."""


class Where(NamedTuple):
    """Where the days of a row lie: how many here, how many in the shared cache, of how many."""

    here: int
    shared: int
    days: int

    def words(self) -> str:
        """Say it, for tool-tips and for those who do not see the letters."""
        here = _part(self.here, self.days)
        if self.shared == UNKNOWN:
            return f"On this machine: {here}. Shared cache: not known yet"
        return f"On this machine: {here}. Shared cache: {_part(self.shared, self.days)}"


def _part(count: int, days: int) -> str:
    if days == 1:
        return "yes" if count else "no"
    return "none" if not count else f"{format_full(count)} of {format_full(days)} days"


class Residence:
    """Which days lie in the shared cache; datasets of which that is not known are left out."""

    def __init__(self, ordinals: Mapping[DatasetKey, npt.NDArray[np.int64]]) -> None:
        """Take ordinals of UTC days, ascending."""
        self.ordinals = ordinals
        self._prepared: list[tuple[Listing[Any], Listing[Any]]] = []
        """Lists, and what was made of them, the newest last."""

    def prepare(self, listing: Listing[Any]) -> None:
        """Do the work of :meth:`placed` for a long list; on any thread."""
        self._prepared.append((listing, self._placed(listing)))
        del self._prepared[:-2]  # the newest of each table

    def is_quick(self, listing: Listing[Any]) -> bool:
        """Tell whether :meth:`placed` takes no time that anybody would notice."""
        return len(listing.datasets) <= _QUICK or any(one is listing for one, _ in self._prepared)

    def dates(self, key: DatasetKey | None) -> frozenset[date]:
        """Give the days of a dataset that lie there."""
        found = None if key is None else self.ordinals.get(key)
        return frozenset() if found is None else frozenset(map(date.fromordinal, found.tolist()))

    def placed(self, listing: Listing[Any]) -> Listing[Any]:
        """Give a list that knows of each row how many of its days lie there, and sorts by it."""
        for one, placed in self._prepared:
            if one is listing:
                return placed
        return self._placed(listing)

    def _placed(self, listing: Listing[Any]) -> Listing[Any]:
        keys = listing.datasets
        counts = np.array([len(self.ordinals[key]) if key in self.ordinals else UNKNOWN for key in keys])
        owner, ordinal = np.divmod(listing.idents, DAYS_PER_DATASET)
        if len(listing.rows) == len(keys) and not ordinal.any():
            shared = counts.astype(np.int64)
        else:
            parts = [
                number * DAYS_PER_DATASET + self.ordinals.get(key, _NONE) for number, key in enumerate(keys)
            ]
            there = np.concatenate(parts or [_NONE])
            at = np.searchsorted(there, listing.idents)
            at[at == len(there)] = 0
            is_there = there[at] == listing.idents if len(there) else np.zeros(len(at), np.bool_)
            shared = np.where(counts[owner] == UNKNOWN, UNKNOWN, is_there).astype(np.int64)
        return replace(listing, keys={**listing.keys, "where": shared}, shared=shared)


_QUICK = 2_000
"""Datasets of a list that is marked at once; a longer one is marked by a worker thread."""
_NONE: npt.NDArray[np.int64] = np.empty(0, np.int64)
