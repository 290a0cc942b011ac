"""Several programs on one home at the same time."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from faults.acts import ACTS
from faults.homes import DAY, KEY, NEXT_DAY, check_sound, facts_of, opened, opened_cache, store_part

from tickreel.errors import NotHeldError
from tickreel.filesystem import Disk
from tickreel.settings import StoreSettings
from tickreel.store.care.eviction import Eviction
from tickreel.store.model import DayState

if TYPE_CHECKING:
    from pathlib import Path

_IMPORTING = """
import sys
from pathlib import Path
from tickreel.store import Cache, ImportRequest
with Cache(Path(sys.argv[1])) as cache:
    print("ready", flush=True)
    sys.stdin.readline()
    print(*(one.outcome.value for one in cache.import_path(ImportRequest(Path(sys.argv[2])))))
"""


def test_two_processes_that_import_one_file_store_it_once(tmp_path: Path) -> None:
    ACTS["ingest"].prepare(tmp_path)
    command = [sys.executable, "-c", _IMPORTING, str(tmp_path / "home"), str(tmp_path / "a.csv")]
    pipe = subprocess.PIPE
    both = [subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) for _ in range(2)]
    for one in both:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in both:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    told = [one.communicate(timeout=120) for one in both]
    assert [one.returncode for one in both] == [0, 0], told
    outcomes = [set(out.split()) for out, _ in told]
    assert outcomes[0] | outcomes[1] == {"stored", "already_here"}
    assert outcomes[0].isdisjoint(outcomes[1]), "the days of a file come in together"
    alone = tmp_path / "alone"
    alone.mkdir()
    ACTS["ingest"].prepare(alone)
    ACTS["ingest"].perform(alone, Disk())
    assert facts_of(tmp_path / "home") == facts_of(alone / "home")
    check_sound(tmp_path / "home")


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be removed there; it is kept")
def test_a_reader_of_a_day_that_is_evicted_gets_all_of_it(tmp_path: Path) -> None:
    root = tmp_path / "home"
    with opened(root) as store:
        store_part(store, DAY, rows=40_000)
    with opened_cache(root) as cache, opened(root) as other:
        batches = cache.batches(KEY.exchange, KEY.symbol, KEY.type, "2024-07-23", "2024-07-24", rows=1_000)
        read = next(batches).num_rows
        settings = StoreSettings(quota_bytes=0)
        plan = Eviction(other.home, other.database, other.catalog, other.trash, settings).run()
        assert [one.day.day for one in plan.evict] == [DAY]
        read += sum(batch.num_rows for batch in batches)
        assert read == 40_000
        assert cache.datasets() == []
    check_sound(root)


def test_a_reader_is_told_of_a_later_day_that_is_evicted_and_no_day_is_called_damaged(tmp_path: Path) -> None:
    root = tmp_path / "home"
    # The next day may have been begun already, and is then read to its end.
    gone = NEXT_DAY.replace(day=25)
    with opened(root) as store:
        store_part(store, DAY)
        store_part(store, NEXT_DAY)
        store_part(store, gone)
        kept = store_part(store, NEXT_DAY.replace(day=26))
    with opened_cache(root) as cache, opened(root) as other:
        batches = cache.batches(KEY.exchange, KEY.symbol, KEY.type, "2024-07-23", "2024-07-27", rows=100)
        next(batches)
        with other.database.writing() as connection:
            other.catalog.set_expiry(connection, KEY, [gone], 1)
        Eviction(other.home, other.database, other.catalog, other.trash, StoreSettings()).run()
        with pytest.raises(NotHeldError, match="2024-07-25 was taken away while it was being read"):
            list(batches)
        days = cache.days(KEY.exchange, KEY.symbol, KEY.type)
        assert [day.state for day in days] == [DayState.PRESENT] * 3
        assert days[2].parts[0].segment_id == kept
    check_sound(root)
