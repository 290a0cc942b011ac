"""How files come into the home and leave it: never half, and nothing that might be wanted is cleared."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from faults.homes import DAY, KEY, NEXT_DAY, opened, store_part

from tickreel.errors import EnvironmentProblem, TickreelError, UsageError
from tickreel.progress import UNWATCHED
from tickreel.store import open_cache
from tickreel.store.care.rebuilding import rebuild
from tickreel.store.home import Home
from tickreel.store.library.handles import SegmentHandles
from tickreel.store.model import DayRange
from tickreel.store.staging import Staging

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def _nothing_known(_ids: Iterable[str]) -> set[str]:
    return set()


def _write(path: Path) -> None:
    path.write_bytes(b"rows")


def test_rows_and_keyframes_are_moved_together_and_staging_is_left_empty(home: Path) -> None:
    place = Home(home)
    with Staging(place) as staging:
        segment_id, path = staging.new_segment()
        _write(path)
        _write(staging.keyframes_path(segment_id))
        staging.publish([segment_id])
    assert place.segment_path(segment_id).exists()
    assert place.keyframes_path(segment_id).exists()
    assert list(place.staging.iterdir()) == []
    assert list(place.segment_ids()) == [segment_id]


def test_what_was_refused_is_withdrawn(home: Path) -> None:
    place = Home(home)
    with Staging(place) as staging:
        segment_id, path = staging.new_segment()
        _write(path)
        staging.publish([segment_id])
        staging.withdraw([segment_id])
    assert list(place.segment_ids()) == []
    assert list(place.staging.iterdir()) == []


def test_a_dead_session_is_cleared_with_what_the_catalog_never_came_to_know(home: Path) -> None:
    place = Home(home)
    staging = Staging(place)
    staging.__enter__()
    known, path = staging.new_segment()
    _write(path)
    unknown, path = staging.new_segment()
    _write(path)
    _write(staging.new_segment()[1])
    staging.publish([known, unknown])
    staging._lock.release()  # as the system does when a process dies
    assert place.unknown_segments(_nothing_known) == []
    assert place.sweep(lambda ids: {known} & set(ids)) == 1
    assert list(place.segment_ids()) == [known]
    assert list(place.staging.iterdir()) == []


def test_a_living_session_is_left_alone(home: Path) -> None:
    place = Home(home)
    with Staging(place) as staging:
        segment_id, path = staging.new_segment()
        _write(path)
        staging.publish([segment_id])
        assert place.sweep(_nothing_known) == 0
        assert place.unknown_segments(_nothing_known) == []
        assert list(place.segment_ids()) == [segment_id]


def test_a_sealed_segment_that_nobody_knows_is_offered_back_and_never_cleared(home: Path) -> None:
    with opened(home) as store:
        segment_id = store_part(store)
        kept = store_part(store, NEXT_DAY)
    with closing(sqlite3.connect(home / "catalog.sqlite")) as catalog, catalog:
        catalog.execute("DELETE FROM segment WHERE id = ?", (segment_id,))
    with opened(home) as store:
        assert store.home.orphans(store.catalog.held_segments) == [segment_id]
        assert set(store.home.segment_ids()) == {segment_id, kept}


def test_only_what_a_rebuild_takes_in_is_offered_back(home: Path) -> None:
    with opened(home) as store:
        whole, cut = store_part(store), store_part(store, NEXT_DAY)
        path = store.home.segment_path(cut)
        path.write_bytes(path.read_bytes()[:-1])
        with store.database.writing() as connection:
            store.catalog.forget_segments(connection, [whole, cut])
        known = store.catalog.held_segments
        assert set(store.home.unknown_segments(known)) == {whole, cut}
        offered = store.home.orphans(known)
        assert offered == [whole]
        rebuilt = rebuild(home)
        assert rebuilt.added == len(offered)
        assert [one.segment_id for one in rebuilt.unreadable] == [cut]
        assert store.home.orphans(known) == []
        assert store.home.unknown_segments(known) == [cut]


def test_a_start_after_a_death_brings_the_marks_into_line_with_the_catalog(home: Path) -> None:
    with opened(home) as store:
        held, gone = store_part(store), store_part(store, NEXT_DAY)
        store.trash.put(DayRange(KEY, NEXT_DAY, NEXT_DAY))
        store.home.mark_trashed([held])
        store.home.mark_trashed([gone], trashed=False)
    with opened(home) as store:
        assert store.home.is_trashed(held), "nobody died: nothing is looked through"
        (store.home.staging / "dead").mkdir()
    with opened(home) as store:
        assert (store.home.is_trashed(held), store.home.is_trashed(gone)) == (False, True)
        assert list(store.home.staging.iterdir()) == []


def test_an_open_segment_is_let_go_of_before_its_file_is_removed(home: Path) -> None:
    with opened(home) as store:
        segment_id = store_part(store)
        handles = SegmentHandles()
        store.home.before_removal(handles.forget)
        with handles.opened(store.home.segment_path(segment_id)) as segment:
            segment.verify(UNWATCHED)
        segment.verify(UNWATCHED)
        store.home.remove_segment(segment_id)
        with pytest.raises(TickreelError):
            segment.verify(UNWATCHED)


def test_no_session_begins_in_a_home_that_was_opened_for_reading_only(home: Path) -> None:
    open_cache(home).close()
    with pytest.raises(UsageError, match="opened for reading only"), Staging(Home(home, read_only=True)):
        pass
    assert list((home / "staging").iterdir()) == []


def test_a_torn_list_means_that_nothing_was_moved(home: Path) -> None:
    place = Home(home)
    with Staging(place) as staging:
        segment_id, path = staging.new_segment()
        _write(path)
        staging.publish([segment_id])
    dead = place.staging / "dead"
    dead.mkdir()
    (dead / "moves.json").write_text(f'["{segment_id}"')
    assert place.sweep(_nothing_known) == 1
    assert list(place.segment_ids()) == [segment_id]


def test_more_segments_than_one_statement_can_name_are_asked_for_in_helpings(home: Path) -> None:
    place = Home(home)
    folder = place.segments / "aa"
    folder.mkdir()
    for number in range(1_200):
        (folder / f"aa{number:030x}.tick").touch()
    asked: list[int] = []

    def know_all(ids: Iterable[str]) -> set[str]:
        asked.append(len(list(ids)))
        return set(ids)

    assert place.unknown_segments(know_all) == []
    assert sum(asked) == 1_200
    assert max(asked) <= 500


def test_old_segments_are_left_as_they_are(home: Path) -> None:
    place = Home(home)
    old = place.segments / "ab" / "ab12.parquet"
    old.parent.mkdir()
    old.write_bytes(b"PAR1")
    assert place.sweep(_nothing_known) == 0
    assert old.exists()
    assert list(place.segment_ids()) == []


def test_a_home_that_cannot_be_made_says_what_to_do(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(EnvironmentProblem, match="TICKREEL_HOME"):
        open_cache(blocked / "home")


def test_a_network_file_system_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickreel.store.home.file_system_of", lambda _path: "nfs4")
    with pytest.raises(EnvironmentProblem, match=r"network file system \(nfs4\).*TICKREEL_HOME"):
        open_cache(home)
    assert not home.exists()


def test_a_catalog_of_a_newer_program_is_refused(home: Path) -> None:
    open_cache(home).close()
    with closing(sqlite3.connect(home / "catalog.sqlite")) as catalog:
        catalog.execute("PRAGMA user_version = 999")
    with pytest.raises(EnvironmentProblem, match="version 999"):
        open_cache(home)


def test_a_home_is_not_made_for_reading(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="no Tickreel home"):
        open_cache(tmp_path / "nowhere", read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_a_stray_file_in_staging_is_nobodys_business(home: Path) -> None:
    open_cache(home).close()
    stray = home / "staging" / ".DS_Store"
    stray.write_bytes(b"")
    open_cache(home).close()
    assert stray.exists()


def test_two_programs_see_each_others_changes(home: Path) -> None:
    with opened(home) as one, opened(home) as two:
        before = one.database.changes_elsewhere()
        store_part(two, DAY)
        assert one.database.changes_elsewhere() != before
        assert [day.day for day in one.catalog.days(KEY)] == [DAY]
