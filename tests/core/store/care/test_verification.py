"""Damage is found, taken out of service, and never served; what is sound again is served again."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from faults.homes import DAY, KEY, NEXT_DAY, Store, opened, store_part

from tickreel.errors import Cancelled, UsageError
from tickreel.store.care.rebuilding import rebuild
from tickreel.store.care.verification import Finding, confirm_damage, verify
from tickreel.store.home import Home
from tickreel.store.model import DayRange, DayState

if TYPE_CHECKING:
    from pathlib import Path


def _flip(path: Path, place: int, bit: int = 0) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1 << bit
    path.write_bytes(data)


def _verify(store: Store, ranges: list[DayRange] | None = None, *, deep: bool = False) -> list[Finding]:
    return verify(store.home, store.catalog, store.database, ranges, deep=deep)


def _states(store: Store) -> list[DayState]:
    return [day.state for day in store.catalog.days(KEY)]


def test_a_sound_store_has_no_findings_but_good_ones(home: Path) -> None:
    with opened(home) as store:
        store_part(store, DAY)
        store_part(store, NEXT_DAY, whole=False)
        findings = _verify(store, deep=True)
    assert [(one.key, one.day, one.state, one.problem, one.note) for one in findings] == [
        (KEY, DAY, DayState.PRESENT, None, None),
        (KEY, NEXT_DAY, DayState.PARTIAL, None, None),
    ]


def test_a_flipped_bit_anywhere_is_found_and_its_day_quarantined(home: Path) -> None:
    chance = random.Random(5)
    with opened(home) as store:
        segment_id = store_part(store)
        path = store.home.segment_path(segment_id)
        size = path.stat().st_size
        places = {0, size - 1, *(chance.randrange(size) for _ in range(60))}
        for place in sorted(places):
            bit = chance.randrange(8)
            _flip(path, place, bit)
            (found,) = _verify(store)
            assert found.problem, f"bit {bit} of byte {place} of {size}"
            assert found.state is DayState.DAMAGED
            assert path.exists()
            _flip(path, place, bit)
            (found,) = _verify(store)
            assert found.problem is None
            assert found.state is DayState.PRESENT
            assert found.note == "the file is sound again: the day is back in service"


@pytest.mark.parametrize("harm", ["gone", "cut", "longer", "another day's"])
def test_a_file_that_is_not_what_was_stored_is_found(home: Path, harm: str) -> None:
    with opened(home) as store:
        path = store.home.segment_path(store_part(store, DAY))
        other = store.home.segment_path(store_part(store, NEXT_DAY))
        match harm:
            case "gone":
                path.unlink()
            case "cut":
                path.write_bytes(path.read_bytes()[:-10])
            case "longer":
                path.write_bytes(path.read_bytes() + b"x")
            case _:
                path.write_bytes(other.read_bytes())
        first, second = _verify(store)
        assert first.problem
        assert second.problem is None
        assert _states(store) == [DayState.DAMAGED, DayState.PRESENT]


def test_only_the_days_asked_for_are_looked_at(home: Path) -> None:
    with opened(home) as store:
        for day in (DAY, NEXT_DAY):
            _flip(store.home.segment_path(store_part(store, day)), 40)
        findings = _verify(store, [DayRange(KEY, NEXT_DAY, NEXT_DAY)])
        assert [one.day for one in findings] == [NEXT_DAY]
        assert _states(store) == [DayState.PRESENT, DayState.DAMAGED]


def test_damaged_keyframes_are_dropped_and_the_day_stays_in_service(home: Path) -> None:
    with opened(home) as store:
        segment_id = store_part(store)
        keyframes = store.home.keyframes_path(segment_id)
        _flip(keyframes, keyframes.stat().st_size // 2)
        (found,) = _verify(store)
        assert found.problem is None
        assert found.note is not None
        assert "keyframes" in found.note
        assert not keyframes.exists()
        (day,) = store.catalog.days(KEY)
        assert (day.state, day.keyframe_bytes) == (DayState.PRESENT, 0)


def test_damage_in_the_trash_is_found_too(home: Path) -> None:
    with opened(home) as store:
        path = store.home.segment_path(store_part(store))
        store.trash.put(DayRange(KEY, DAY, DAY))
        _flip(path, 50)
        (found,) = _verify(store)
        assert found.problem
        assert found.state is None
        assert _states(store) == []


def test_a_look_without_recording_changes_nothing(home: Path) -> None:
    with opened(home) as store:
        _flip(store.home.segment_path(store_part(store)), 50)
        (found,) = verify(store.home, store.catalog, store.database, records=False)
        assert found.problem
        assert _states(store) == [DayState.PRESENT]


def test_damage_in_a_home_opened_for_reading_only_is_found_and_not_recorded(home: Path) -> None:
    with opened(home) as store:
        _flip(store.home.segment_path(store_part(store)), 50)
        seen = Home(home, read_only=True)
        with pytest.raises(UsageError, match="opened for reading only"):
            verify(seen, store.catalog, store.database)
        (found,) = verify(seen, store.catalog, store.database, records=False)
        assert found.problem
        assert _states(store) == [DayState.PRESENT]


def test_a_reader_that_stumbles_has_the_segment_looked_at(home: Path) -> None:
    with opened(home) as store:
        segment_id = store_part(store)
        assert confirm_damage(store.home, store.catalog, store.database, segment_id) is None
        assert _states(store) == [DayState.PRESENT]
        _flip(store.home.segment_path(segment_id), 50)
        assert confirm_damage(store.home, store.catalog, store.database, segment_id)
        assert _states(store) == [DayState.DAMAGED]
        assert confirm_damage(store.home, store.catalog, store.database, "ff" * 16) is None


def test_progress_is_in_bytes_and_a_wish_to_stop_is_heard(home: Path) -> None:
    class StopAtTheSecond:
        def __init__(self) -> None:
            self.files: set[str] = set()

        def report(self, done: int, total: int | None, note: str = "") -> None:
            assert total is not None
            assert 0 <= done <= total
            self.files.add(note)
            if str(NEXT_DAY) in note:
                raise Cancelled("enough")

    with opened(home) as store:
        _flip(store.home.segment_path(store_part(store, DAY)), 50)
        store_part(store, NEXT_DAY)
        with pytest.raises(Cancelled):
            verify(store.home, store.catalog, store.database, monitor=StopAtTheSecond())
        assert _states(store) == [DayState.DAMAGED, DayState.PRESENT]


def test_keyframes_that_are_gone_are_given_up(home: Path) -> None:
    with opened(home) as store:
        store.home.keyframes_path(store_part(store)).unlink()
        (found,) = verify(store.home, store.catalog, store.database, records=False)
        assert found.problem is None
        assert found.note is not None
        assert store.catalog.days(KEY)[0].keyframe_bytes > 0
        (found,) = _verify(store)
        assert found.note is not None
        assert "keyframes" in found.note
        (day,) = store.catalog.days(KEY)
        assert (day.state, day.keyframe_bytes) == (DayState.PRESENT, 0)
        (found,) = _verify(store)
        assert (found.problem, found.note) == (None, None)


def test_a_day_that_is_back_in_service_has_the_digest_of_all_its_rows(home: Path) -> None:
    with opened(home) as store:
        lost = store.home.segment_path(store_part(store, hour=1, whole=False))
        store_part(store, hour=5, whole=False)
        rebuild(home)
        (before,) = store.catalog.days(KEY)
        _flip(lost, 50)
        _verify(store)
        with store.database.writing() as connection:  # as when another part comes to a damaged day
            store.catalog.record_day(connection, KEY, DAY, DayState.DAMAGED, "")
        _flip(lost, 50)
        _verify(store)
        (after,) = store.catalog.days(KEY)
        assert (after.state, after.rows_sha256) == (DayState.PARTIAL, before.rows_sha256)


def test_a_day_whose_mending_was_interrupted_gets_its_digest_by_the_next_look(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> str:
        raise KeyboardInterrupt

    with opened(home) as store:
        lost = store.home.segment_path(store_part(store, hour=1, whole=False))
        store_part(store, hour=5, whole=False)
        rebuild(home)
        (before,) = store.catalog.days(KEY)
        _flip(lost, 50)
        _verify(store)
        with store.database.writing() as connection:  # as when another part comes to a damaged day
            store.catalog.record_day(connection, KEY, DAY, DayState.DAMAGED, "")
        _flip(lost, 50)
        with monkeypatch.context() as patched:
            patched.setattr("tickreel.store.care.verification.rows_sha256_of", interrupt)
            with pytest.raises(KeyboardInterrupt):
                _verify(store)
        assert store.catalog.days(KEY)[0].rows_sha256 == ""
        _verify(store)
        assert store.catalog.days(KEY)[0].rows_sha256 == before.rows_sha256
