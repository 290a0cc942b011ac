"""Lists of the catalog: their sums are those of the days, and each list is of one moment."""

from __future__ import annotations

import random
import threading
from typing import TYPE_CHECKING

import pytest
from support.storedhome import KEY, StoredHome, day, days

from tickreel.market.types import DatasetKey, DataType
from tickreel.store.model import DayState, Grade, Source
from tickreel.store.records import listing
from tickreel.store.records.catalog import Catalog, HealthRecord
from tickreel.store.records.database import Database
from tickreel.store.records.listing import summarise
from tickreel.store.records.usage import UsageMeter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OTHER = DatasetKey("binance", "BTCUSDT", DataType.QUOTES)
BOOKS = DatasetKey(KEY.exchange, KEY.symbol, DataType.INCREMENTAL_BOOK_L2)


@pytest.fixture
def stored(home: Path) -> Iterator[StoredHome]:
    opened = StoredHome(home)
    yield opened
    opened.close()


def judge(stored: StoredHome, number: int, grade: Grade, *issues: str, key: DatasetKey = KEY) -> None:
    with stored.database.writing() as connection:
        record = HealthRecord("basis", grade, issues, '{"counts": {}}')
        stored.catalog.save_health(connection, key, day(number), record)


def test_sums_by_the_database_are_the_sums_of_the_days(stored: StoredHome) -> None:
    chance = random.Random(5)
    keys = [DatasetKey(e, s, t) for e in ("a", "b") for s in "XY" for t in (DataType.TRADES, DataType.QUOTES)]
    meter = UsageMeter(stored.database, stored.disk)
    for key in keys[1:]:
        for number in chance.sample(range(30), 8):
            part = stored.store(number, size=chance.randrange(1000), rows=chance.randrange(50), key=key)
            if chance.random() < 0.3:
                stored.life.pins.pin(days(number, key=key))
            if chance.random() < 0.5:
                judge(stored, number, chance.choice([*Grade]), "gap", key=key)
            if chance.random() < 0.1:
                with stored.database.writing() as connection:
                    stored.catalog.mark_damaged(connection, [part.segment_id], 1)
            for _ in range(chance.randrange(3)):
                meter.hit(key, day(number), 5)
    meter.close()
    recorded = stored.catalog.all_days()
    expected = [summarise(key, [one for one in recorded if one.key == key]) for key in sorted(keys[1:])]
    assert stored.catalog.datasets() == expected
    assert [stored.catalog.days(one.key) for one in expected] == [
        [day for day in recorded if day.key == one.key] for one in expected
    ]


def test_a_day_and_a_span_are_found_without_their_neighbours(stored: StoredHome) -> None:
    for number in (0, 1, 3, 4):
        stored.store(number)
        stored.store(number, key=OTHER)
    stored.store(3, span=(0.5, 1), key=DatasetKey("z", "Z", DataType.TRADES))
    found = stored.catalog.day(KEY, day(3))
    assert found is not None
    assert (found.key, found.day, found.state) == (KEY, day(3), DayState.PRESENT)
    assert stored.catalog.day(KEY, day(2)) is None
    assert [one.day for one in stored.catalog.days_between(KEY, day(1), day(3))] == [day(1), day(3)]
    assert stored.catalog.holds(OTHER)
    assert not stored.catalog.holds(DatasetKey("binance", "BTCUSDT", DataType.TRADES))
    assert stored.catalog.keys() == [OTHER, KEY, DatasetKey("z", "Z", DataType.TRADES)]


def test_a_day_without_rows_is_listed(stored: StoredHome) -> None:
    with stored.database.writing() as connection:
        stored.catalog.record_day(connection, KEY, day(0), DayState.ABSENT, "")
    (found,) = stored.catalog.days(KEY)
    assert (found.state, found.parts, found.rows, found.imported_us) == (DayState.ABSENT, (), 0, None)
    assert found.source is Source.TARDIS
    (dataset,) = stored.catalog.datasets()
    assert (dataset.days[DayState.ABSENT], dataset.rows, dataset.first_local_us) == (1, 0, None)


def test_health_is_kept_with_its_basis_until_the_rows_are_others(stored: StoredHome) -> None:
    stored.store(0, key=BOOKS)
    stored.store(1, key=BOOKS)
    judge(stored, 0, Grade.USABLE, "gap", "crossed", key=BOOKS)
    judge(stored, 1, Grade.GOOD, key=BOOKS)
    first, second = stored.catalog.days(BOOKS)
    assert (first.grade, first.issues) == (Grade.USABLE, ("gap", "crossed"))
    assert (second.grade, second.issues) == (Grade.GOOD, ())
    kept = stored.catalog.health(BOOKS, day(0))
    assert kept == HealthRecord("basis", Grade.USABLE, ("gap", "crossed"), '{"counts": {}}')
    assert stored.catalog.datasets()[0].grade is Grade.USABLE
    stored.store(2, key=BOOKS)
    assert stored.catalog.days(BOOKS)[1].grade is Grade.GOOD, "a later day changes nothing"
    stored.life.trash.put(days(0, key=BOOKS))
    assert stored.catalog.health(BOOKS, day(0)) is None
    assert stored.catalog.days(BOOKS)[0].grade is None, "the book of the day before is no longer carried in"
    stored.life.restore(days(0, key=BOOKS))
    assert [one.grade for one in stored.catalog.days(BOOKS)] == [None, None, None]


def test_a_list_is_of_one_moment_while_others_write(stored: StoredHome, home: Path) -> None:
    other = Database(home / "catalog.sqlite", read_only=False)
    done = threading.Event()

    def read() -> int:
        catalog, lists = Catalog(other), 0
        while not done.is_set():
            recorded = catalog.all_days()
            assert all(one.parts for one in recorded), "a day without its parts"
            assert sum(one.rows for one in catalog.datasets()) % 10 == 0
            lists += 1
        return lists

    results: list[int] = []
    reader = threading.Thread(target=lambda: results.append(read()))
    reader.start()
    try:
        for number in range(40):
            stored.store(number)
            if number % 3 == 0:
                stored.life.trash.put(days(number))
    finally:
        done.set()
        reader.join()
    other.close()
    assert results[0] > 0


def test_of_what_was_known_only_datasets_that_changed_are_listed_again(stored: StoredHome) -> None:
    first = stored.store(0, source=Source.TARDIS)
    for number in (1, 2):
        stored.store(number)
    stored.store(0, key=OTHER)
    known = stored.catalog.changes({})
    assert known.days == {key: stored.catalog.days(key) for key in (OTHER, KEY)}
    assert list(known.revisions) == [OTHER, KEY]
    assert stored.catalog.changes(known.revisions).days == {}
    meter = UsageMeter(stored.database, stored.disk)

    def damage() -> None:
        with stored.database.writing() as connection:
            stored.catalog.mark_damaged(connection, [first.segment_id], 1)

    def read() -> None:
        meter.hit(KEY, day(1), 5)
        meter.close()

    acts = (
        lambda: stored.store(3),
        lambda: stored.life.pins.pin(days(1)),
        lambda: stored.life.pins.unpin(days(1)),
        lambda: stored.life.expire(days(0), 1),
        lambda: judge(stored, 1, Grade.USABLE, "gap"),
        damage,
        read,
        lambda: stored.life.trash.put(days(2)),
    )
    for act in acts:
        before = stored.catalog.days(KEY)
        act()
        changed = stored.catalog.changes(known.revisions)
        assert changed.days == {KEY: stored.catalog.days(KEY)}
        assert changed.days[KEY] != before
        known = changed
    with stored.database.writing() as connection:
        stored.catalog.drop_day(connection, OTHER, day(0))
    assert list(stored.catalog.changes(known.revisions).revisions) == [KEY]


def test_what_comes_before_a_day_takes_its_health_away_where_a_book_is_carried_into_it_alone(
    stored: StoredHome,
) -> None:
    for key in (KEY, BOOKS):
        stored.store(1, key=key)
        judge(stored, 1, Grade.BAD, "gap", key=key)
        stored.store(0, key=key)
    assert [one.grade for one in stored.catalog.days(KEY)] == [None, Grade.BAD]
    assert [one.grade for one in stored.catalog.days(BOOKS)] == [None, None]


def test_many_changed_datasets_are_read_in_one_go(
    stored: StoredHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "_FEW_DATASETS", 1)
    for name in "abc":
        stored.store(0, key=DatasetKey(name, "X", DataType.TRADES))
    known = stored.catalog.changes({})
    assert [day for days in known.days.values() for day in days] == stored.catalog.all_days()
    stored.store(1, key=DatasetKey("a", "X", DataType.TRADES))
    stored.store(1, key=DatasetKey("c", "X", DataType.TRADES))
    again = stored.catalog.changes(known.revisions)
    assert [(key.exchange, len(days)) for key, days in again.days.items()] == [("a", 2), ("c", 2)]
