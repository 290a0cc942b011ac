"""The cache in figures: the sums of what is held, and none that a purge elsewhere could spoil."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.storedhome import StoredHome, days

from tickreel.store.care.statistics import gather_statistics
from tickreel.store.home import Home

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def stored(home: Path) -> Iterator[StoredHome]:
    opened = StoredHome(home)
    for number in range(3):
        opened.store(number, size=100 * (number + 1), rows=number)
    yield opened
    opened.close()


class _PurgedMeanwhile(Home):
    """Another program removes what was computed, just after it was listed."""

    def derived_files(self) -> list[Path]:
        return [*super().derived_files(), self.derived / "gone"]


def test_what_is_held_and_what_lies_in_the_trash_are_summed_apart(stored: StoredHome) -> None:
    stored.life.trash.put(days(1))
    stored.life.pins.pin(days(2))
    found = stored.life.statistics()
    assert (found.datasets, found.days, found.rows, found.pinned_days) == (1, 2, 2, 1)
    assert (found.bytes, found.keyframe_bytes, found.trash_bytes) == (400, 40, 220)
    assert (found.quota_bytes, found.local.since_us) == (None, None)


def test_files_that_are_purged_meanwhile_count_nothing(stored: StoredHome) -> None:
    stored.home.derived.mkdir()
    (stored.home.derived / "array").write_bytes(b"12345")
    home = _PurgedMeanwhile(stored.root, disk=stored.disk)
    assert gather_statistics(home, stored.database, stored.catalog, None).derived_bytes == 5
