"""What is chosen, told as other parts want it: datasets, ranges of days, sums in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from tickreel.market.units import format_bytes, format_count, format_full
from tickreel.store.model import DayRange
from tickreel_desktop.data.listing import DAYS_PER_DATASET

if TYPE_CHECKING:
    from tickreel.store import Day
    from tickreel_desktop.data.listing import Listing, Places
    from tickreel_desktop.data.rows import DatasetRow


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over some datasets."""

    datasets: int
    days: int
    rows: int
    bytes: int

    def words(self) -> str:
        """Say them: ``8 datasets, 8 days, 1.9 M rows, 12 MB``."""
        return ", ".join(
            (
                _counted(self.datasets, "dataset"),
                _counted(self.days, "day"),
                f"{format_count(self.rows)} rows",
                format_bytes(self.bytes),
            )
        )


def _counted(count: int, noun: str) -> str:
    return f"{format_full(count)} {noun if count == 1 else noun + 's'}"


def dataset_numbers(listing: Listing[Any], rows: Places) -> list[int]:
    """Give the numbers of the datasets to which rows belong, ascending."""
    is_touched = np.zeros(len(listing.datasets), np.bool_)
    is_touched[listing.idents[rows] // DAYS_PER_DATASET] = True
    return np.flatnonzero(is_touched).tolist()


def dataset_sums(listing: Listing[DatasetRow], rows: Places) -> Sums:
    """Sum up some datasets."""
    keys = listing.keys
    return Sums(
        len(rows), int(keys["days"][rows].sum()), int(keys["rows"][rows].sum()), int(keys["size"][rows].sum())
    )


def day_sums(listing: Listing[Day], rows: Places) -> Sums:
    """Sum up some recorded days."""
    keys = listing.keys
    return Sums(
        len(dataset_numbers(listing, rows)),
        len(rows),
        int(keys["rows"][rows].sum()),
        int(keys["size"][rows].sum()),
    )


def whole_ranges(listing: Listing[DatasetRow], rows: Places) -> tuple[DayRange, ...]:
    """Give the span of each of some datasets."""
    chosen = [listing.rows[row] for row in np.sort(rows).tolist()]
    return tuple(DayRange(row.key, row.first_day, row.last_day) for row in chosen)


def merged_ranges(listing: Listing[Day], rows: Places) -> tuple[DayRange, ...]:
    """Merge some days to ranges of days that follow each other, by dataset and day."""
    if not len(rows):
        return ()
    idents = listing.idents[np.sort(rows)]
    # Ordinals never reach the end of a dataset's numbers: two datasets never follow each other by one.
    ends = np.flatnonzero(np.diff(idents) != 1)
    firsts = idents[np.concatenate(([0], ends + 1))]
    lasts = idents[np.concatenate((ends, [len(idents) - 1]))]
    return tuple(
        DayRange(
            listing.datasets[first // DAYS_PER_DATASET],
            date.fromordinal(first % DAYS_PER_DATASET),
            date.fromordinal(last % DAYS_PER_DATASET),
        )
        for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True)
    )
