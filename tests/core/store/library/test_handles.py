"""Open segments: few at a time however many there are, and none closed while it is read."""

from __future__ import annotations

import gc
import os
import platform
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.vendorfiles import START_US

from tickreel.errors import DataError, TickreelError
from tickreel.filesystem import Disk
from tickreel.market.block import Block
from tickreel.market.types import SCHEMAS, DatasetKey, DataType
from tickreel.store.library.handles import SegmentHandles
from tickreel.store.segments import SealFacts, Segment, SegmentWriter

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = DatasetKey("binance", "BTCUSDT", DataType.QUOTES)
ALWAYS = (0, 2**62)


def seal(path: Path, price: float = 1.0, *, rows: int = 3) -> Path:
    schema = SCHEMAS[KEY.type]
    columns = {name: np.full(rows, price) for name in schema.names[4:]}
    times = START_US + np.arange(rows)
    block = Block(schema, KEY.exchange, KEY.symbol, {"timestamp": times, "local_timestamp": times, **columns})
    writer = SegmentWriter(Disk(), path, KEY, date(2024, 7, 23))
    writer.append(block)
    writer.seal(SealFacts("0" * 64, "import", None, START_US, is_whole=True))
    return path


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    return [seal(tmp_path / f"{number:032x}.tick", float(number)) for number in range(12)]


def is_open(segment: Segment) -> bool:
    try:
        return len(segment.read(*ALWAYS, ["bid_price"])) == 3
    except TickreelError:
        return False


def touch(handles: SegmentHandles, path: Path) -> Segment:
    with handles.opened(path) as segment:
        assert is_open(segment)
        return segment


def test_a_segment_stays_open_from_read_to_read_until_others_were_read_later(paths: list[Path]) -> None:
    handles = SegmentHandles(limit=3)
    first = touch(handles, paths[0])
    assert touch(handles, paths[0]) is first
    touch(handles, paths[1])
    touch(handles, paths[2])
    touch(handles, paths[0])
    second = touch(handles, paths[1])
    third = touch(handles, paths[2])
    touch(handles, paths[3])
    assert not is_open(first), "the one that was read longest ago"
    assert is_open(second)
    assert is_open(third)
    handles.close()
    assert not is_open(second)
    assert not is_open(third)


def test_what_is_being_read_is_never_closed_however_many_there_are(paths: list[Path]) -> None:
    handles = SegmentHandles(limit=2)
    with ExitStack() as reading:
        held = [reading.enter_context(handles.opened(path)) for path in paths]
        assert all(is_open(segment) for segment in held)
        handles.close()
        assert all(is_open(segment) for segment in held)
    assert not any(is_open(segment) for segment in held)


def test_no_more_than_the_limit_stay_open_once_the_readers_are_gone(paths: list[Path]) -> None:
    handles = SegmentHandles(limit=2)
    with ExitStack() as reading:
        held = [reading.enter_context(handles.opened(path)) for path in paths]
    assert sum(map(is_open, held)) == 2
    handles.close()


def test_a_file_that_is_let_go_of_is_closed_by_its_last_reader(paths: list[Path]) -> None:
    handles = SegmentHandles()
    with handles.opened(paths[0]) as one:
        with handles.opened(paths[0]) as other:
            assert one is other
            handles.forget(paths[0])
            assert is_open(one)
        assert is_open(one)
        fresh = touch(handles, paths[0])
        assert fresh is not one
    assert not is_open(one)
    assert is_open(fresh)
    handles.forget(paths[0])
    handles.forget(paths[0])
    assert not is_open(fresh)
    paths[0].unlink()
    with pytest.raises(DataError, match="cannot be read"):
        touch(handles, paths[0])


def test_many_threads_over_few_handles_read_what_they_asked_for(paths: list[Path]) -> None:
    handles = SegmentHandles(limit=3)
    start = threading.Barrier(8)

    def read(seed: int) -> None:
        start.wait()
        for number in np.random.default_rng(seed).integers(0, len(paths), 200).tolist():
            with handles.opened(paths[number]) as segment:
                assert segment.read(*ALWAYS, ["bid_price"]).array("bid_price").tolist() == [number] * 3

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(read, range(8)))
    handles.close()


class CollectingPath(type(Path())):  # type: ignore[misc]
    """Has garbage collected in the middle of whatever looks a path up."""

    def __hash__(self) -> int:
        gc.collect()
        return int(super().__hash__())


def give_up(handles: SegmentHandles, path: Path) -> None:
    """Begin a read, and leave it to the collector of garbage."""

    def read() -> Iterator[Segment]:
        with handles.opened(path) as segment:
            yield segment

    source = read()
    next(source)
    cycle: list[object] = [source]
    cycle.append(cycle)


def test_a_read_that_is_given_up_may_end_in_the_middle_of_another(paths: list[Path]) -> None:
    handles = SegmentHandles(limit=1)
    first, second, third, *_ = (CollectingPath(path) for path in paths)
    gc.disable()  # but where the paths ask for it
    try:
        give_up(handles, first)
        touch(handles, second)
        give_up(handles, first)
        give_up(handles, third)
        handles.forget(second)
        give_up(handles, second)
    finally:
        gc.enable()
    gc.collect()
    handles.close()
    touch(handles, first)


_READING = """
import resource
import sys
from pathlib import Path
from tickreel.store.library.handles import SegmentHandles

handles = SegmentHandles()

def read():
    with handles.opened(Path(sys.argv[1])) as segment:
        return sum(array.nbytes for array in segment.read(0, 2**62).columns.values())

for _ in range(5):
    taken_bytes = read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    read()
faulted = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
print(faulted * resource.getpagesize() / (20 * taken_bytes))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc gives memory back at once")
def test_a_read_takes_the_memory_that_the_one_before_gave_back(tmp_path: Path) -> None:
    path = seal(tmp_path / f"{0:032x}.tick", rows=60_000)
    # In a process of its own: this one has freed larger things than any read makes.
    words = [sys.executable, "-c", _READING, str(path)]
    ran = subprocess.run(words, capture_output=True, text=True, check=True)
    assert float(ran.stdout) < 0.1, "of what a read takes, faulted in anew"


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="the system does not list open files")
def test_threads_leave_no_file_open(paths: list[Path]) -> None:
    handles = SegmentHandles(limit=2)
    before = len(os.listdir("/proc/self/fd"))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: touch(handles, paths[number % len(paths)]), range(400)))
    assert len(os.listdir("/proc/self/fd")) <= before + 2
    handles.close()
    assert len(os.listdir("/proc/self/fd")) <= before
