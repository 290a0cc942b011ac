"""The life of days: whatever is done in whatever order, the catalog is what a simple model says."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings as examples
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from support.storedhome import KEY, ClockedDisk, StoredHome, days

from tickreel.errors import ConflictError, DataError, EnvironmentProblem, NotHeldError, UsageError
from tickreel.market.time import US_PER_DAY
from tickreel.settings import EvictionPolicy, StoreSettings
from tickreel.store import open_cache
from tickreel.store.model import DayState, Source
from tickreel.store.records.listing import summarise
from tickreel.store.records.usage import UsageMeter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tickreel.store.care.lifecycle import LifeCycle

_HALVES = {"first": (0.0, 0.4), "second": (0.5, 0.9), "whole": (0.0, 1.0)}
NUMBERS = st.integers(0, 2)
SOURCES = st.sampled_from([Source.TARDIS, Source.TARDIS, *Source])
SIZE = 110


@dataclass
class ModelDay:
    """A day of the model: halves held by their segment, and what hangs on the day."""

    parts: dict[str, str] = field(default_factory=dict)
    is_pinned: bool = False
    hits: int = 0
    expires_us: int | None = None


class LifeMachine(RuleBasedStateMachine):
    """Does what users, programs and time do, beside a model made of dictionaries."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.stored = StoredHome(self.folder / "home")
        self.days: dict[int, ModelDay] = {}
        self.trash: list[tuple[int, int, dict[str, str]]] = []
        self.sources: dict[str, Source] = {}
        self.damaged: set[str] = set()

    def teardown(self) -> None:
        self.stored.close()
        shutil.rmtree(self.folder)

    @initialize(quota=st.sampled_from([None, 0, SIZE, 2 * SIZE]), policy=st.sampled_from(EvictionPolicy))
    def open(self, quota: int | None, policy: EvictionPolicy) -> None:
        for number, source in enumerate((Source.TARDIS, Source.TARDIS, Source.IMPORT)):
            self.add_part(number, "whole", source)
        self.stored.reopen(StoreSettings(quota_bytes=quota, eviction=policy, trash_days=5))

    @rule(number=NUMBERS, piece=st.sampled_from(sorted(_HALVES)), source=SOURCES)
    def add_part(self, number: int, piece: str, source: Source) -> None:
        held = self.days.setdefault(number, ModelDay())
        if held.parts and (piece == "whole" or piece in held.parts or "whole" in held.parts):
            return
        part = self.stored.store(number, span=_HALVES[piece], source=source)
        held.parts[piece] = part.segment_id
        self.sources[part.segment_id] = source

    @rule(number=NUMBERS)
    def trash_a_day(self, number: int) -> None:
        held = self.days.get(number)
        try:
            (entry,) = self.stored.life.trash.put(days(number))
        except NotHeldError:
            assert held is None or not held.parts
        except ConflictError:
            assert held is not None
            assert held.is_pinned
        else:
            assert held is not None
            assert not held.is_pinned
            self.trash.append((entry.id, number, held.parts))
            del self.days[number]

    @rule(number=NUMBERS, replace=st.booleans())
    def restore_the_newest(self, number: int, replace: bool) -> None:
        versions = [one for one in self.trash if one[1] == number]
        held = self.days.get(number, ModelDay())
        try:
            self.stored.life.restore(days(number), replace=replace)
        except NotHeldError:
            assert not versions
            return
        except ConflictError:
            assert held.parts
            assert not replace
            return
        except DataError:
            assert self.damaged & set(max(versions)[2].values())
            return
        newest = max(versions)
        self.trash.remove(newest)
        if held.parts:
            assert replace
            last = self.stored.life.trash.entries(days(number))[-1]
            self.trash.append((last.id, number, held.parts))
        self.days[number] = held
        held.parts = newest[2]

    @rule(number=NUMBERS)
    def purge(self, number: int) -> None:
        if any(one[1] == number for one in self.trash):
            self.stored.life.purge(days(number))
            self.trash = [one for one in self.trash if one[1] != number]

    @rule(number=NUMBERS, pinned=st.booleans())
    def pin(self, number: int, pinned: bool) -> None:
        if number in self.days and self.days[number].parts:
            act = self.stored.life.pins.pin if pinned else self.stored.life.pins.unpin
            (found,) = act(days(number))
            assert found.pinned is pinned
            self.days[number].is_pinned = pinned

    @rule(number=NUMBERS, in_days=st.integers(-2, 6))
    def expire(self, number: int, in_days: int) -> None:
        at_us = self.stored.disk.clock_us + in_days * US_PER_DAY
        try:
            self.stored.life.expire(days(number), at_us)
        except (NotHeldError, ConflictError):
            assert number not in self.days or not self._is_refetchable(self.days[number].parts)
        else:
            self.days[number].expires_us = at_us

    @rule(number=NUMBERS)
    def use(self, number: int) -> None:
        meter = UsageMeter(self.stored.database, self.stored.disk)
        meter.hit(KEY, days(number).first, 1000)
        meter.close()
        if number in self.days:
            self.days[number].hits += 1

    @rule(number=NUMBERS, is_damaged=st.booleans())
    def find_damage(self, number: int, is_damaged: bool) -> None:
        parts = self.days.get(number, ModelDay()).parts
        for segment_id in list(parts.values())[:1]:
            with self.stored.database.writing() as connection:
                if is_damaged:
                    self.stored.catalog.mark_damaged(connection, [segment_id], 1)
                    self.damaged.add(segment_id)
                else:
                    self.stored.catalog.mark_sound(connection, [segment_id])
                    self.damaged.discard(segment_id)

    @rule(in_days=st.integers(-3, 4))
    def time_passes(self, in_days: int) -> None:
        self.stored.disk.clock_us += in_days * US_PER_DAY

    @rule()
    def tidy(self) -> None:
        preview = self.stored.life.eviction.preview()
        plan = self.stored.life.tidy()
        if plan is None:
            assert not preview.evict
            assert not preview.purge
            return
        assert plan == preview
        for choice in plan.evict:
            number = choice.day.day.toordinal() - days(0).first.toordinal()
            gone = self.days.pop(number)
            assert not gone.is_pinned
            assert self._is_refetchable(gone.parts)
        purged = {entry.id for entry in plan.purge}
        assert all(self._is_refetchable(parts) for trash_id, _, parts in self.trash if trash_id in purged)
        self.trash = [one for one in self.trash if one[0] not in purged]

    @rule()
    def reopen(self) -> None:
        self.stored.reopen()

    def _is_refetchable(self, parts: dict[str, str]) -> bool:
        vendors = (Source.TARDIS, Source.SHARED_TARDIS)
        return all(self.sources[segment_id] in vendors for segment_id in parts.values())

    @invariant()
    def the_catalog_is_the_model(self) -> None:
        recorded = self.stored.catalog.all_days()
        first = days(0).first.toordinal()
        model = {number: held for number, held in self.days.items() if held.parts}
        assert [one.day.toordinal() - first for one in recorded] == sorted(model)
        for one in recorded:
            held = model[one.day.toordinal() - first]
            assert {part.segment_id for part in one.parts} == set(held.parts.values())
            assert (one.pinned, one.hits, one.expires_us) == (held.is_pinned, held.hits, held.expires_us)
            whole = DayState.PRESENT if "whole" in held.parts else DayState.PARTIAL
            assert one.state is (DayState.DAMAGED if self.damaged & set(held.parts.values()) else whole)
        entries = self.stored.life.trash.entries()
        in_trash = sorted((e.id, {part.segment_id for part in e.parts}) for e in entries)
        assert in_trash == sorted((one[0], set(one[2].values())) for one in self.trash)

    @invariant()
    def every_file_is_known_and_every_known_file_is_there(self) -> None:
        held = {segment_id for one in self.days.values() for segment_id in one.parts.values()}
        assert self.stored.files() == held | {s for _, _, parts in self.trash for s in parts.values()}
        assert not list(self.stored.home.staging.iterdir())

    @invariant()
    def the_sums_are_those_of_the_days(self) -> None:
        recorded = self.stored.catalog.all_days()
        assert self.stored.catalog.datasets() == ([summarise(KEY, recorded)] if recorded else [])


TestLifeCycle = LifeMachine.TestCase
TestLifeCycle.settings = examples(max_examples=25, stateful_step_count=30, deadline=None)


@pytest.fixture
def stored(home: Path) -> Iterator[StoredHome]:
    opened = StoredHome(home)
    yield opened
    opened.close()


def test_one_version_is_not_named_together_with_a_range_or_an_age(stored: StoredHome) -> None:
    stored.store(0)
    (entry,) = stored.life.trash.put(days(0))
    with pytest.raises(UsageError, match=f"version {entry.id} is named by its number alone"):
        stored.life.purge(trash_id=entry.id, older_than_days=0)
    with pytest.raises(UsageError, match="leave the range and the age out"):
        stored.life.purge(days(0), trash_id=entry.id)
    with pytest.raises(UsageError, match="leave the range out"):
        stored.life.restore(days(0), trash_id=entry.id)
    with pytest.raises(UsageError, match="-1 days in the trash"):
        stored.life.purge(older_than_days=-1)
    assert stored.life.trash.entries() == [entry]


def test_of_a_range_only_what_is_old_enough_is_purged(stored: StoredHome) -> None:
    stored.store(0)
    stored.store(1)
    for number in (0, 1):
        stored.disk.clock_us += US_PER_DAY
        stored.life.trash.put(days(number))
    stored.store(2)
    stored.life.trash.put(days(2))
    stored.disk.clock_us += US_PER_DAY
    assert [entry.day for entry in stored.life.purge(days(1, 2), older_than_days=2).entries] == []
    assert [entry.day for entry in stored.life.purge(days(0, 1), older_than_days=2).entries] == [
        days(0).first
    ]


class _Refusing(ClockedDisk):
    """Does not let derived files be removed."""

    def remove(self, path: Path) -> None:
        if path.parent.name == "derived":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        super().remove(path)


def test_derived_files_that_cannot_be_removed_are_told(home: Path) -> None:
    stored = StoredHome(home, disk=_Refusing())
    stored.store(0)
    stored.life.trash.put(days(0))
    stored.home.derived.mkdir()
    (stored.home.derived / "array").touch()
    with pytest.raises(EnvironmentProblem, match=r"the trash is purged, but files in .*derived cannot"):
        stored.life.purge()
    assert stored.life.trash.entries() == []
    stored.close()


_CHANGES: dict[str, Callable[[LifeCycle], object]] = {
    "pin": lambda life: life.pins.pin(days(0)),
    "unpin": lambda life: life.pins.unpin(days(0)),
    "trash": lambda life: life.trash.put(days(0)),
    "restore": lambda life: life.restore(days(1)),
    "restore entries": lambda life: life.trash.restore(life.trash.entries()),
    "purge": lambda life: life.purge(),
    "purge entries": lambda life: life.trash.purge(life.trash.entries()),
    "evict": lambda life: life.eviction.run(),
    "set times": lambda life: life.eviction.set_times(),
    "tidy": lambda life: life.tidy(),
    "expire": lambda life: life.expire(days(0), None),
}


@pytest.mark.parametrize("change", _CHANGES)
def test_a_home_opened_for_reading_only_is_changed_by_nothing(home: Path, change: str) -> None:
    stored = StoredHome(home)
    stored.store(0)
    stored.store(1)
    stored.life.trash.put(days(1))
    stored.home.derived.mkdir()
    (stored.home.derived / "array").touch()
    before = (stored.catalog.all_days(), stored.life.trash.entries())
    stored.close()
    with open_cache(home, read_only=True) as cache:
        with pytest.raises(UsageError, match="was opened for reading only"):
            _CHANGES[change](cache.life)
        assert (cache.all_days(), cache.life.trash.entries()) == before
        assert cache.life.eviction.preview().evict == ()
    assert (home / "derived" / "array").exists()
    assert list((home / "staging").iterdir()) == []
