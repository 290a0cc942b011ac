"""The latency that is told of reads is that of reads: what a program loads first is none of it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from support.shareddesk import stored_day

from tickreel.market.types import DataType
from tickreel.store import Cache

if TYPE_CHECKING:
    from pathlib import Path

_PROGRAM = """
import sys
from time import perf_counter_ns
from tickreel import open_cache
from tickreel.store.library import booktime, reading

home, what, at_us, *needed = sys.argv[1:]
clocks = []

def clock():
    clocks.append([name for name in needed if name not in sys.modules])
    return perf_counter_ns()

booktime.perf_counter_ns = reading.perf_counter_ns = clock
with open_cache(home) as cache:
    assert all(name not in sys.modules for name in needed), "the test proves nothing"
    if what == "rows":
        named = ("binance-futures", "BTCUSDT", "incremental_book_L2")
        assert cache.arrow(*named, int(at_us), int(at_us) + 10**7).num_rows
    else:
        assert cache.book("binance-futures", "BTCUSDT", int(at_us) + 10**7).levels
assert clocks and not any(clocks), clocks
"""
_DECODING = "tickreel.store.segments.decoding"


@pytest.mark.parametrize(
    ("what", "needed"), [("rows", (_DECODING,)), ("book", (_DECODING, "tickreel.book.kernels"))]
)
def test_the_clock_of_the_first_read_begins_when_its_kernels_are_loaded(
    home: Path, what: str, needed: tuple[str, ...]
) -> None:
    with Cache(home) as cache:
        day = stored_day(cache, rows=20_000, data_type=DataType.INCREMENTAL_BOOK_L2)
    words = (str(home), what, str(day.first_local_us), *needed)
    ran = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *words], capture_output=True, text=True, check=False, timeout=300
    )
    assert ran.returncode == 0, ran.stderr
