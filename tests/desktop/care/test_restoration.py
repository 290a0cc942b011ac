"""Versions that come back from the trash, and go there again by one undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.caredays import KEY, ROWS, fill, held, span
from support.vendorfiles import START_US, line, write_csv

from tickreel.errors import ConflictError
from tickreel.market.types import DataType
from tickreel.store import open_cache
from tickreel_desktop.care.restoration import Restoration

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tickreel.store import Cache

NOON_US = START_US + 43_200_000_000
HOUR_US = 3_600_000_000


@pytest.fixture
def cache(home: Path, tmp_path: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        fill(opened, tmp_path)
        yield opened


def store(cache: Cache, folder: Path, at_us: int) -> None:
    path = write_csv(folder / f"{at_us}.csv", KEY.type, [line(DataType.TRADES, at_us, id=str(at_us))])
    cache.import_file(path, type=KEY.type)


def rows(cache: Cache) -> list[int]:
    return [day.rows for day in cache.days(KEY.exchange, KEY.symbol, KEY.type) if day.parts]


def test_what_a_version_took_the_place_of_comes_back_by_undoing_it(cache: Cache, tmp_path: Path) -> None:
    entries = cache.life.trash.put(span(0, 1))
    store(cache, tmp_path, NOON_US)
    act = Restoration(cache, entries, replaces=True)
    assert rows(cache) == [1, ROWS, ROWS]
    for _ in range(2):
        act.do()
        assert rows(cache) == [ROWS] * 4
        assert act.is_undoable
        assert act.words == "What was here lies in the trash."
        act.undo()
        assert rows(cache) == [1, ROWS, ROWS]
        assert held(cache) == [0, 2, 3]
    assert [entry.rows for entry in cache.life.trash.entries()] == [ROWS, ROWS]


def test_hours_beside_which_a_version_comes_to_stand_are_not_taken_away_with_it(
    cache: Cache, tmp_path: Path
) -> None:
    entries = cache.life.trash.put(span(0, 0))
    store(cache, tmp_path, NOON_US + 6 * HOUR_US)
    act = Restoration(cache, entries, replaces=True)
    act.do()
    assert rows(cache)[0] == ROWS + 1
    assert not act.is_undoable
    assert act.words == "It stands beside the other hours that are held."


def test_a_day_that_changed_since_it_came_back_is_left_as_it_is(cache: Cache, tmp_path: Path) -> None:
    act = Restoration(cache, cache.life.trash.put(span(0, 0)), replaces=False)
    act.do()
    store(cache, tmp_path, NOON_US + 6 * HOUR_US)
    with pytest.raises(ConflictError, match="has changed since"):
        act.undo()
    assert rows(cache)[0] == ROWS + 1
