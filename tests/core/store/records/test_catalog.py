"""The catalog: its sums, and what it says when several threads, programs or a full disk are at work."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock
from support.vendorfiles import START_US, l2_line, line, write_csv

from tickreel.errors import EnvironmentProblem, TickreelError
from tickreel.market.time import US_PER_DAY
from tickreel.market.types import DataType
from tickreel.store import Cache, DayState, ImportRequest, open_cache
from tickreel.store.records.database import Database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

L2 = DataType.INCREMENTAL_BOOK_L2
TRADES = DataType.TRADES
NAME = ("binance-futures", "BTCUSDT")


@pytest.fixture
def cache(home: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        yield opened


def trades(path: Path, day: int, *offsets_us: int, **cells: str) -> Path:
    """Write trades of one day, counted from 2024-07-23."""
    rows = [line(TRADES, START_US + day * US_PER_DAY + offset_us, **cells) for offset_us in offsets_us]
    return write_csv(path, TRADES, rows)


def test_a_new_home_holds_nothing(cache: Cache) -> None:
    assert (cache.datasets(), cache.all_days(), cache.days(*NAME, TRADES)) == ([], [], [])


def test_a_dataset_sums_its_days_and_counts_those_missing_in_between(cache: Cache, tmp_path: Path) -> None:
    cache.import_file(trades(tmp_path / "a.csv", 0, 5, 9), type=TRADES, complete=True)
    cache.import_file(trades(tmp_path / "b.csv", 3, 1, 2, 3), type=TRADES)
    cache.import_file(trades(tmp_path / "c.csv", 3, 7), type=TRADES)
    cache.import_file(trades(tmp_path / "d.csv", 9, 4), type=TRADES)
    (dataset,) = cache.datasets()
    assert str(dataset.key) == "binance-futures BTCUSDT trades"
    assert (dataset.first_day, dataset.last_day) == (date(2024, 7, 23), date(2024, 8, 1))
    counted = {state: number for state, number in dataset.days.items() if number}
    assert counted == {DayState.PRESENT: 1, DayState.PARTIAL: 2, DayState.MISSING: 7}
    assert set(dataset.days) == set(DayState)
    assert dataset.rows == 7
    assert dataset.first_local_us == START_US + 5
    assert dataset.last_local_us == START_US + 9 * US_PER_DAY + 4
    assert dataset.bytes == sum(path.stat().st_size for path in (cache.home / "segments").rglob("*.tick"))


def test_a_dataset_of_one_day_without_rows_has_no_first_row(cache: Cache, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", TRADES, [])
    cache.import_file(path, type=TRADES, exchange="x", symbol="Y", day="2024-07-23")
    (dataset,) = cache.datasets()
    assert (dataset.rows, dataset.first_local_us, dataset.last_local_us) == (0, None, None)
    assert sum(dataset.days.values()) == dataset.days[DayState.PRESENT] == 1


def test_what_was_replaced_is_in_no_sum(cache: Cache, tmp_path: Path) -> None:
    cache.import_file(trades(tmp_path / "a.csv", 0, 1, 2, 3), type=TRADES)
    cache.import_file(trades(tmp_path / "b.csv", 0, 5), type=TRADES)
    cache.import_file(trades(tmp_path / "c.csv", 0, 2), type=TRADES, replace=True)
    (dataset,) = cache.datasets()
    (day,) = cache.days(*NAME, TRADES)
    assert (dataset.rows, day.rows, len(day.parts)) == (1, 1, 1)
    assert day.rows_sha256 == day.parts[0].rows_sha256


def test_a_part_may_reach_almost_from_midnight_to_midnight(cache: Cache, tmp_path: Path) -> None:
    cache.import_file(trades(tmp_path / "a.csv", 0, 0, 1), type=TRADES)
    cache.import_file(trades(tmp_path / "b.csv", 0, 2, US_PER_DAY - 1), type=TRADES)
    (day,) = cache.days(*NAME, TRADES)
    assert [part.rows for part in day.parts] == [2, 2], "no row of one lies within the other"
    assert day.state is DayState.PARTIAL
    assert not day.parts[0].end_us > day.parts[1].start_us


def test_datasets_and_days_are_listed_by_exchange_symbol_type_and_day(cache: Cache, tmp_path: Path) -> None:
    for exchange, symbol in (("b", "X"), ("a", "Z"), ("a", "Y")):
        for day in (1, 0):
            path = trades(tmp_path / f"{exchange}{symbol}{day}.csv", day, 1, exchange=exchange, symbol=symbol)
            cache.import_file(path, type=TRADES)
    l2 = write_csv(tmp_path / "l2.csv", L2, [l2_line(START_US, "bid", "1", "1", exchange="a", symbol="Y")])
    cache.import_file(l2)
    listed = [(d.key.exchange, d.key.symbol, d.key.type.value) for d in cache.datasets()]
    assert listed == sorted(listed)
    assert len(listed) == 4
    assert [(day.key, day.day) for day in cache.all_days()] == sorted(
        (day.key, day.day) for day in cache.all_days()
    )


def test_a_group_knows_its_members_and_a_member_its_group(cache: Cache, tmp_path: Path) -> None:
    rows = [line(TRADES, START_US + n, symbol=symbol) for n, symbol in enumerate("CABA")]
    cache.import_file(write_csv(tmp_path / "a.csv", TRADES, rows), type=TRADES, symbol="SPOT")
    selection = cache.library.select("binance-futures", "B", TRADES)
    assert (selection.key.symbol, selection.member) == ("SPOT", "B")
    group = cache.library.select("binance-futures", "SPOT", TRADES)
    assert (group.member, cache.library.members(group)) == (None, ["A", "B", "C"])
    replacing = write_csv(tmp_path / "b.csv", TRADES, [line(TRADES, START_US, symbol="A")])
    cache.import_file(replacing, type=TRADES, symbol="SPOT", replace=True)
    assert cache.library.members(group) == ["A"], "what was replaced has no members"


def stored(cache: Cache, path: Path) -> str:
    """Import a file and name what became of its one day, or the error."""
    try:
        (one,) = cache.import_path(ImportRequest(path, type=TRADES))
    except TickreelError as error:
        return type(error).__name__
    return one.outcome.value


def files_match_the_catalog(cache: Cache) -> bool:
    held = {part.segment_id for day in cache.all_days() for part in day.parts}
    left = list((cache.home / "staging").iterdir())
    return not left and {path.stem for path in (cache.home / "segments").rglob("*.tick")} == held


def test_threads_of_one_cache_import_different_days(cache: Cache, tmp_path: Path) -> None:
    files = [trades(tmp_path / f"{n}.csv", n, *range(n + 1)) for n in range(12)]
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda path: stored(cache, path), files))
    assert outcomes == ["stored"] * 12
    assert [day.rows for day in cache.days(*NAME, TRADES)] == list(range(1, 13))
    assert files_match_the_catalog(cache)


def test_of_threads_that_import_the_same_day_one_stores_it(cache: Cache, tmp_path: Path) -> None:
    same = [trades(tmp_path / f"same{n}.csv", 0, *range(500)) for n in range(6)]
    with ThreadPoolExecutor(6) as pool:
        outcomes = sorted(pool.map(lambda path: stored(cache, path), same))
    assert outcomes == ["already_here"] * 5 + ["stored"]
    other = [trades(tmp_path / f"other{n}.csv", 1, *range(500), id=str(n)) for n in range(6)]
    with ThreadPoolExecutor(6) as pool:
        outcomes = sorted(pool.map(lambda path: stored(cache, path), other))
    assert outcomes == ["ConflictError"] * 5 + ["stored"]
    assert files_match_the_catalog(cache)


_IMPORTING = """
import sys
from pathlib import Path
from tickreel.errors import TickreelError
from tickreel.market.types import DataType
from tickreel.store import ImportRequest, open_cache

home, file = map(Path, sys.argv[1:])
with open_cache(home) as cache:
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        (one,) = cache.import_path(ImportRequest(file, type=DataType.TRADES))
        print(one.outcome.value)
    except TickreelError as error:
        print(type(error).__name__)
"""


def outcomes_of_processes(home: Path, files: list[Path]) -> list[str]:
    """Let a process for each file import it, all at one moment."""
    children = [
        subprocess.Popen(
            [sys.executable, "-c", _IMPORTING, str(home), str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for path in files
    ]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    return sorted(child.communicate(timeout=120)[0].strip() for child in children)


def test_of_programs_that_import_the_same_day_one_stores_it(home: Path, tmp_path: Path) -> None:
    same = trades(tmp_path / "same.csv", 0, *range(5_000))
    assert outcomes_of_processes(home, [same] * 2) == ["already_here", "stored"]
    other = [trades(tmp_path / f"{n}.csv", 1, *range(5_000), id=str(n)) for n in range(2)]
    assert outcomes_of_processes(home, other) == ["ConflictError", "stored"]
    with open_cache(home) as cache:
        assert [day.rows for day in cache.days(*NAME, TRADES)] == [5_000, 5_000]
        assert files_match_the_catalog(cache)


def test_who_decides_over_a_day_keeps_all_others_waiting(home: Path) -> None:
    open_cache(home).close()
    first, second = (Database(home / "catalog.sqlite", read_only=False) for _ in range(2))
    is_in = threading.Event()

    def enter() -> None:
        with second.writing():
            is_in.set()

    other = threading.Thread(target=enter)
    with first.writing():
        other.start()
        assert not is_in.wait(0.2), "two decide at once"
    assert is_in.wait(30)
    other.join()
    first.close()
    second.close()


def test_a_start_leaves_an_import_alone_that_begins_at_that_very_moment(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_clearing, has_begun = threading.Event(), threading.Event()
    remove = shutil.rmtree
    starts: list[threading.Thread] = []

    def remove_late(folder: Path, **named: Any) -> None:
        """Let the start remove the folder when the import holds its lock, if it comes to that."""
        if threading.current_thread() in starts:
            is_clearing.set()
            has_begun.wait(1)
        remove(folder, **named)

    class LockBesideAStart(FileLock):
        """Let another program start between the making of a staging folder and its lock."""

        def acquire(self, *args: Any, **named: Any) -> Any:
            if starts or "staging" not in self.lock_file:
                return super().acquire(*args, **named)
            starts.append(threading.Thread(target=lambda: open_cache(home).close()))
            starts[0].start()
            is_clearing.wait(1)
            taken = super().acquire(*args, **named)
            has_begun.set()
            starts[0].join(1)
            return taken

    with open_cache(home) as cache:
        monkeypatch.setattr("filelock.FileLock", LockBesideAStart)
        monkeypatch.setattr(shutil, "rmtree", remove_late)
        try:
            assert stored(cache, trades(tmp_path / "a.csv", 0, 1)) == "stored"
        finally:
            starts[0].join()


def test_readers_see_whole_days_while_others_import(home: Path, tmp_path: Path) -> None:
    files = [trades(tmp_path / f"{n}.csv", n, *range(700)) for n in range(10)]
    done = threading.Event()

    def read(cache: Cache) -> set[int]:
        seen = set()
        while True:
            is_last = done.is_set()
            days = cache.days(*NAME, TRADES)
            if days:
                span = (START_US, START_US + 10 * US_PER_DAY)
                table = cache.arrow(*NAME, TRADES, *span, columns=["local_timestamp"], allow_missing=True)
                assert table.num_rows >= 700 * len(days)
                assert table.num_rows % 700 == 0
                assert sum(dataset.rows for dataset in cache.datasets()) % 700 == 0
            seen.add(len(days))
            if is_last:
                return seen

    with (
        open_cache(home) as writer,
        open_cache(home, read_only=True) as other,
        ThreadPoolExecutor(3) as pool,
    ):
        readers = [pool.submit(read, cache) for cache in (writer, other, other)]
        try:
            assert {stored(writer, path) for path in files} == {"stored"}
        finally:
            done.set()
        for reader in readers:
            assert max(reader.result()) == 10


def test_a_closed_cache_says_so(home: Path, tmp_path: Path) -> None:
    cache = open_cache(home)
    cache.close()
    cache.close()
    path = trades(tmp_path / "a.csv", 0, 1)
    calls: list[Callable[[], object]] = [
        cache.datasets,
        cache.changes_elsewhere,
        lambda: cache.import_file(path, type=TRADES),
        lambda: cache.arrow(*NAME, TRADES, START_US, START_US + 1),
    ]
    for call in calls:
        with pytest.raises(EnvironmentProblem, match="closed"):
            call()


def test_a_catalog_that_is_no_database_is_refused(home: Path) -> None:
    home.mkdir()
    (home / "catalog.sqlite").write_bytes(b"not a database, and longer than a header of one " * 40)
    for read_only in (False, True):
        with pytest.raises(EnvironmentProblem, match=r"catalog\.sqlite cannot be opened"):
            open_cache(home, read_only=read_only)


def test_a_catalog_that_was_damaged_while_open_is_told_as_a_problem(cache: Cache, tmp_path: Path) -> None:
    path = trades(tmp_path / "a.csv", 0, 1)
    with sqlite3.connect(cache.home / "catalog.sqlite") as connection:
        connection.execute("DROP TABLE member")
    connection.close()
    with pytest.raises(EnvironmentProblem, match="catalog"):
        cache.import_file(path, type=TRADES)
    assert cache.datasets() == []
    assert files_match_the_catalog(cache)


# Imports in a process that may write no file beyond a size: the same errors as on a full disk.
_ON_A_FULL_DISK = """
import resource, sys
from tickreel.errors import EnvironmentProblem
from tickreel.store import open_cache

home, file, limit = sys.argv[1], sys.argv[2], int(sys.argv[3])
no_limit = resource.RLIM_INFINITY
with open_cache(home) as cache:
    def traces():
        files = [path for path in cache.home.rglob("*") if path.is_file() and "catalog" not in path.name]
        return cache.all_days(), sorted(files)

    before = traces()
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, no_limit))
    try:
        cache.import_file(file, type="trades")
    except EnvironmentProblem as error:
        print(error)
    else:
        raise SystemExit("it was stored")
    assert traces() == before, "something was left behind"
    resource.setrlimit(resource.RLIMIT_FSIZE, (no_limit, no_limit))
    assert len(cache.import_file(file, type="trades")) == 1, "the same import then succeeds"
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot limit the size of files")
@pytest.mark.parametrize(
    ("rows", "limit"),
    [(20, 1), (20, 2_000), (20, 8_000), (40_000, 100_000)],
    ids=["at the first byte", "in a small segment", "in the catalog", "in the middle of the rows"],
)
def test_an_import_on_a_full_disk_says_so_and_leaves_the_store_as_it_was(
    home: Path, tmp_path: Path, rows: int, limit: int
) -> None:
    with open_cache(home) as cache:  # what is held before must be held afterwards
        cache.import_file(trades(tmp_path / "before.csv", 5, 1), type=TRADES)
    chance = random.Random(7)  # what follows no rule cannot be packed small
    numbers = [(n, str(chance.randrange(10**12))) for n in range(rows)]
    lines = [line(TRADES, START_US + n, price=number, id=number) for n, number in numbers]
    path = write_csv(tmp_path / "a.csv", TRADES, lines)
    child = subprocess.run(
        [sys.executable, "-W", "error", "-c", _ON_A_FULL_DISK, str(home), str(path), str(limit)],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (child.returncode, child.stderr) == (0, "")
    assert str(home) in child.stdout, "the message says where"
