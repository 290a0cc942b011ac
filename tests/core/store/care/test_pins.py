"""Pins: by hand they keep a day, of others the version that they need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.storedhome import KEY, StoredHome, day, days

from tickreel.errors import NotHeldError
from tickreel.market.types import DatasetKey, DataType
from tickreel.store.care.pins import BY_HAND

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OTHER = DatasetKey("binance", "ETHUSDT", DataType.TRADES)


@pytest.fixture
def stored(home: Path) -> Iterator[StoredHome]:
    opened = StoredHome(home)
    yield opened
    opened.close()


def test_the_held_days_of_a_range_are_pinned_and_no_others(stored: StoredHome) -> None:
    for number in (0, 2, 4):
        stored.store(number)
    assert [one.day for one in stored.life.pins.pin(days(0, 3))] == [day(0), day(2)]
    assert [one.pinned for one in stored.catalog.days(KEY)] == [True, True, False]
    assert [one.pinned for one in stored.life.pins.unpin(days(1, 5))] == [False, False]
    assert [one.pinned for one in stored.catalog.days(KEY)] == [True, False, False]


def test_a_day_stays_pinned_until_its_last_holder_lets_go(stored: StoredHome) -> None:
    stored.store(0)
    pins = stored.life.pins
    pins.pin(days(0))
    pins.pin(days(0), holder="run 1")
    pins.pin(days(0), holder="run 1")
    assert pins.unpin(days(0), holder="run 1")[0].pinned
    assert not pins.unpin(days(0))[0].pinned


def test_a_pin_by_hand_keeps_the_day_whatever_version_is_held_and_that_of_a_run_does_not(
    stored: StoredHome,
) -> None:
    for number, holder in enumerate(("", "run 1")):
        part = stored.store(number)
        stored.life.pins.pin(days(number), holder)
        with stored.database.writing() as connection:
            stored.catalog.trash(connection, [part], stored.disk.now_us())
        stored.store(number)
    assert [one.pinned for one in stored.catalog.days(KEY)] == [True, False]
    assert [entry.holders for entry in stored.life.trash.entries()] == [(), ("run 1",)]


def test_who_pins_again_needs_the_version_that_is_held_by_then(stored: StoredHome) -> None:
    old = stored.store(0)
    stored.life.pins.pin(days(0), "run 1")
    with stored.database.writing() as connection:
        stored.catalog.trash(connection, [old], stored.disk.now_us())
    stored.store(0)
    (pinned,) = stored.life.pins.pin(days(0), "run 1")
    assert pinned.pinned
    assert stored.life.trash.entries()[0].holders == ()


def test_pinning_or_letting_go_of_nothing_is_told_and_leaves_no_trace(stored: StoredHome) -> None:
    stored.store(0)
    for act in (stored.life.pins.pin, stored.life.pins.unpin):
        with pytest.raises(NotHeldError, match=r"nothing is held of .* 2024-07-28"):
            act(days(5))
    assert stored.database.rows("SELECT 1 FROM pin") == []


def test_a_pin_may_be_taken_from_a_day_that_is_no_longer_held(stored: StoredHome) -> None:
    part = stored.store(0)
    stored.life.pins.pin(days(0), "run 1")
    with stored.database.writing() as connection:
        stored.catalog.trash(connection, [part], stored.disk.now_us())
        stored.catalog.drop_day(connection, KEY, day(0))
    assert stored.life.pins.unpin(days(0), "run 1") == []
    assert stored.life.trash.entries()[0].holders == ()


def test_who_pins_days_of_a_dataset_is_named(stored: StoredHome) -> None:
    for number in range(3):
        stored.store(number)
    stored.store(0, key=OTHER)
    pins = stored.life.pins
    assert pins.days_by_holder(KEY) == {}
    pins.pin(days(0, 2), "run 12")
    pins.pin(days(1))
    pins.pin(days(0, key=OTHER), "elsewhere")
    assert list(pins.days_by_holder(KEY).items()) == [(BY_HAND, 1), ("run 12", 3)]


def test_everybody_who_pins_what_is_held_is_named(stored: StoredHome) -> None:
    old = stored.store(0)
    stored.store(1)
    stored.life.pins.pin(days(0, 1), "run 1")
    stored.life.pins.pin(days(1))
    with stored.database.writing() as connection:
        stored.catalog.trash(connection, [old], stored.disk.now_us())
    stored.store(0)
    assert stored.life.pins.holders(days(0, 5)) == {day(1): ("", "run 1")}, (
        "run 1 needs the old version of day 0"
    )
