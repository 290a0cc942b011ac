"""Tickreel itself, by its public calls and, for the scan, by the decoder of a segment."""

from __future__ import annotations

import json
import shutil
import tempfile
from functools import cache
from pathlib import Path

from contest import Contest, timed_scan

from tickreel import Cache, open_cache
from tickreel.bench.generator import FEWEST_ROWS, write_day
from tickreel.bench.subject import Scanner, Subject, subject_of
from tickreel.kernels import load

contest = Contest()
home = contest.folder / "home"


def _ingest() -> None:
    with open_cache(home) as opened_home:
        opened_home.import_file(contest.csv)


def _load_kernels() -> None:
    """Load all kernels and store a tiny day, so that loading what is compiled is not taken for storing."""
    load("tickreel.book", "tickreel.store", "tickreel.vendorcsv")
    with tempfile.TemporaryDirectory(dir=contest.folder) as name:
        written = write_day(Path(name), FEWEST_ROWS)
        with open_cache(Path(name, "home")) as tiny:
            tiny.import_file(written.book.path)


@cache
def _opened() -> tuple[Cache, Subject]:
    found = open_cache(home)
    return found, subject_of(found)


@cache
def _scanner() -> Scanner:
    return Scanner(_opened()[1])


def _minute(start_us: int, end_us: int) -> int:
    held, subject = _opened()
    key = subject.key
    table = held.arrow(key.exchange, key.symbol, key.type, start_us, end_us, allow_missing=True)
    return int(table.num_rows)


def _moment(at_us: int, _: int) -> int:
    held, subject = _opened()
    held.book(subject.key.exchange, subject.key.symbol, at_us)
    return 1


match contest.measure:
    case "keyframes":
        print(json.dumps({"bytes": _opened()[1].keyframe_bytes}))
    case "book":
        print(json.dumps(timed_scan(lambda: _scanner().build_book())))
    case "arrays":
        print(json.dumps(contest.timed_minutes(lambda start_us, end_us: _scanner().read(start_us, end_us))))
    case "moment":
        print(json.dumps(contest.timed_minutes(_moment)))
    case _:
        if contest.measure == "ingest":
            shutil.rmtree(home, ignore_errors=True)
            _load_kernels()
        contest.run(_ingest, lambda: _opened()[1].all_bytes, lambda: _scanner().decode(), _minute)
