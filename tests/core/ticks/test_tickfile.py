"""Threads, processes, sudden ends, full disks and damage."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tickreel.errors import DataError, EnvironmentProblem, UsageError
from tickreel.market.types import DatasetKey, DataType
from tickreel.ticks import TickStore

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel.ticks import Value

KEY = DatasetKey("binance-futures", "BTCUSDT", DataType.TRADES)
T0 = 1_721_779_200_000_000
END = T0 + 10**9

_HEAD = """
import os, sys
from tickreel.market.types import DatasetKey, DataType
from tickreel.ticks import TickStore
KEY = DatasetKey("binance-futures", "BTCUSDT", DataType.TRADES)
T0 = 1_721_779_200_000_000
path, who = sys.argv[1], int(sys.argv[2])
"""

_STORES_MANY = (
    _HEAD
    + """
with TickStore(path) as store:
    print("ready", flush=True)
    sys.stdin.readline()
    stored = 0
    for batch in range(20):
        # Half of the ticks are the same in both processes.
        ticks = [(T0 + batch * 10 + n, {"n": n, "who": 0 if n % 2 else who}) for n in range(10)]
        stored += store.batch_store(KEY, ticks).stored
    print(stored)
"""
)

_DIES_AT_A_STATEMENT = (
    _HEAD
    + """
left = who

def seen(statement):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), 9)

store = TickStore(path)
store._file._writer.set_trace_callback(seen)
store.batch_store(KEY, [(T0 + n, {"n": n, "text": "x" * 50}) for n in range(3000)])
store._file._writer.set_trace_callback(None)
os.write(1, b"done")
os._exit(0)
"""
)


def _ticks(count: int) -> list[tuple[int, dict[str, Value]]]:
    return [(T0 + n, {"n": n}) for n in range(count)]


def test_two_processes_store_the_same_ticks_once(tmp_path: Path) -> None:
    path = tmp_path / "ticks.sqlite"
    running = [
        subprocess.Popen(
            [sys.executable, "-c", _STORES_MANY, str(path), str(who)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for who in (1, 2)
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    stored = [int(process.communicate(timeout=300)[0]) for process in running]
    assert [process.returncode for process in running] == [0, 0]
    with TickStore(path) as store:
        ticks = list(store.ticks(KEY, T0, END))
        assert len(ticks) == store.stats().ticks == sum(stored) == 20 * 15
        assert [(tick.time_us, tick.sequence) for tick in ticks] == [
            (T0 + n, place) for n in range(200) for place in range(1 if n % 2 else 2)
        ]


@pytest.mark.parametrize("at", [1, 5, 9, 11, 100, 2999, 3011, 3012, 3013])
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_batch_that_is_killed_is_there_whole_or_not_at_all(tmp_path: Path, at: int) -> None:
    path = tmp_path / "ticks.sqlite"
    with TickStore(path) as store:
        store.batch_store(KEY, [(T0 - 1, {"n": "before"})])
    died = subprocess.run(
        [sys.executable, "-c", _DIES_AT_A_STATEMENT, str(path), str(at)], check=False, capture_output=True
    )
    assert died.returncode in (0, -signal.SIGKILL), died.stderr.decode()
    if at < 3000:
        assert died.returncode == -signal.SIGKILL, "it died in the middle of something"
    with TickStore(path) as store:
        found = len(list(store.ticks(KEY, T0, END)))
        assert found == (3000 if died.returncode == 0 else 0)
        assert store.stats().ticks == found + 1
        again = store.batch_store(KEY, [(T0 + n, {"n": n, "text": "x" * 50}) for n in range(3000)])
        assert again.stored == 3000 - found


def test_threads_share_a_store(tmp_path: Path) -> None:
    with TickStore(tmp_path / "ticks.sqlite") as store:

        def work(who: int) -> int:
            stored = 0
            for batch in range(10):
                done = store.batch_store(KEY, [(T0 + batch, {"n": n, "who": who % 2}) for n in range(20)])
                stored += done.stored
                for tick_id in done.ids:
                    tick = store.get(tick_id)
                    assert tick is not None
                    assert tick.value["who"] == who % 2
                list(store.ticks(KEY, T0, END, page_ticks=7))
            return stored

        with ThreadPoolExecutor(4) as pool:
            stored = sum(pool.map(work, range(4)))
        assert stored == store.stats().ticks == 10 * 20 * 2
        assert sum(tick.hits for tick in store.ticks(KEY, T0, END)) == 4 * 10 * 20
        assert store.stats().misses == 0


def test_a_read_does_not_wait_for_a_writer(tmp_path: Path) -> None:
    path = tmp_path / "ticks.sqlite"
    with TickStore(path) as store, TickStore(path) as other:
        ids = store.batch_store(KEY, _ticks(4200)).ids
        read = threading.Event()

        def reads() -> None:
            for tick_id in ids:  # more than are noted before they are written
                assert store.get(tick_id) is not None
                assert other.get(tick_id) is not None
            read.set()

        with store._file.writing():
            thread = threading.Thread(target=reads)
            thread.start()
            assert read.wait(60), "a reader waits for a writer"
            thread.join()
    with TickStore(path) as store:
        assert sum(tick.hits for tick in store.ticks(KEY, T0, END)) == 8400, "nothing noted was lost"


def test_a_full_disk_is_told_and_changes_nothing(tmp_path: Path) -> None:
    with TickStore(tmp_path / "ticks.sqlite") as store:
        store.batch_store(KEY, _ticks(100))
        # SQLite's own way to the error that it gives for a full disk.
        pages = store._file.rows("PRAGMA page_count")[0][0]
        store._file._writer.execute(f"PRAGMA max_page_count = {pages + 4}")
        with pytest.raises(EnvironmentProblem, match="the disk is full; free some space"):
            store.batch_store(KEY, [(T0 + n, {"n": "new", "text": f"{n:0500x}"}) for n in range(5000)])
        assert store.stats().ticks == len(list(store.ticks(KEY, T0, END))) == 100
        store._file._writer.execute("PRAGMA max_page_count = 1000000")
        assert store.batch_store(KEY, _ticks(200)).stored == 100


@pytest.mark.skipif(os.name == "nt", reason="limits of POSIX")
def test_a_disk_that_takes_no_more_is_told_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ticks.sqlite"
    with TickStore(path) as store:
        store.batch_store(KEY, _ticks(100))
    script = _HEAD + (
        "import resource, signal\n"
        "from tickreel.errors import EnvironmentProblem\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "store = TickStore(path)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))\n"
        "try:\n"
        "    store.batch_store(KEY, [(T0 + n, {'n': 'new', 'text': f'{n:0500x}'}) for n in range(5000)])\n"
        "except EnvironmentProblem as error:\n"
        "    print(error)\n"
        "    print(len(list(store.ticks(KEY, T0, T0 + 10**9))))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, str(path), "0"], capture_output=True, text=True, check=False
    )
    assert "cannot be written" in ran.stdout, ran.stderr
    assert ran.stdout.endswith("\n100\n")
    with TickStore(path) as store:
        assert store.stats().ticks == 100


def test_a_damaged_value_names_its_row(tmp_path: Path) -> None:
    path = tmp_path / "ticks.sqlite"
    with TickStore(path) as store:
        # The dictionary comes from the first tick: what the others do not share with it lies in their rows.
        store.store(KEY, T0 - 1, {"unlike": "all of those that follow " * 3})
        ids = store.batch_store(KEY, [(T0 + n, {"n": n, "text": "some text"}) for n in range(30)]).ids
    raw = sqlite3.connect(path)
    (value,) = raw.execute("SELECT value FROM tick WHERE id = ?", (ids[20],)).fetchone()
    told = 0
    for bit in range(8 * len(value)):
        damaged = bytearray(value)
        damaged[bit // 8] ^= 1 << bit % 8
        raw.execute("UPDATE tick SET value = ? WHERE id = ?", (bytes(damaged), ids[20]))
        raw.commit()
        with TickStore(path, read_only=True) as store:
            assert store.get(ids[19]) is not None
            try:
                tick = store.get(ids[20])
            except DataError:
                told += 1
                with pytest.raises(
                    DataError, match=rf"row {ids[20]} \(binance-futures BTCUSDT trades at 2024-07-24"
                ):
                    list(store.ticks(KEY, T0, END))
                continue
            assert tick is not None
            assert tick.value == {"n": 20, "text": "some text"}, "a bit without a meaning; others are noticed"
    assert told > 6 * len(value)
    raw.execute("UPDATE tick SET raw_bytes = 1 << 40 WHERE id = ?", (ids[20],))
    raw.execute("UPDATE dictionary SET content = x'00'")
    raw.commit()
    raw.close()
    with TickStore(path) as store:
        with pytest.raises(DataError, match=rf"row {ids[20]} .*it claims 1,099,511,627,776 bytes"):
            store.get(ids[20])
        with pytest.raises(DataError, match="dictionary 1 is not what was written"):
            store.get(1)


@pytest.mark.parametrize(
    "content", [b"this is no database at all" * 50, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_file_that_is_none_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ticks.sqlite"
    path.write_bytes(content)
    for read_only in (False, True):
        with pytest.raises(DataError, match=r"ticks\.sqlite is damaged .*move the file away"):
            TickStore(path, read_only=read_only)
    assert path.read_bytes() == content


def test_pages_that_are_damaged_are_told(tmp_path: Path) -> None:
    path = tmp_path / "ticks.sqlite"
    with TickStore(path) as store:
        store.batch_store(KEY, _ticks(5000))
    content = bytearray(path.read_bytes())
    content[8192:] = b"\xa5" * (len(content) - 8192)
    path.write_bytes(content)
    with pytest.raises(DataError, match="is damaged"), TickStore(path) as store:
        list(store.ticks(KEY, T0, END))


def test_a_database_of_another_program_or_a_newer_version_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite"
    raw = sqlite3.connect(other)
    raw.execute("CREATE TABLE a (b)")
    raw.close()
    with pytest.raises(DataError, match="database of another kind"):
        TickStore(other)
    path = tmp_path / "ticks.sqlite"
    TickStore(path).close()
    raw = sqlite3.connect(path)
    raw.execute("PRAGMA user_version = 99")
    raw.close()
    with pytest.raises(EnvironmentProblem, match="version 99"):
        TickStore(path)


def test_reading_only_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ticks.sqlite"
    with pytest.raises(EnvironmentProblem, match="no tick store"):
        TickStore(path, read_only=True)
    assert list(tmp_path.iterdir()) == []
    with TickStore(path) as store:
        store.batch_store(KEY, _ticks(10))
    before = path.read_bytes()
    with TickStore(path, read_only=True) as store:
        assert len(list(store.ticks(KEY, T0, END))) == 10
        assert store.get(1) is not None
        assert store.stats().hits == 2
        for write in (lambda: store.store(KEY, T0, {}), store.expire, lambda: store.evict(1)):
            with pytest.raises(UsageError, match="for reading only"):
                write()
    assert path.read_bytes() == before


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = TickStore(tmp_path / "ticks.sqlite")
    store.close()
    store.close()
    with pytest.raises(UsageError, match="is closed"):
        store.get(1)
    with pytest.raises(UsageError, match="is closed"):
        store.store(KEY, T0, {})


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(EnvironmentProblem, match="cannot be made or written"):
        TickStore(tmp_path / "file" / "ticks.sqlite")
