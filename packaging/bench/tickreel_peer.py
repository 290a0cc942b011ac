"""Tickreel itself, by its public calls and, for the scan and the books, by the decoder of a segment."""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import shared_server
from contest import Contest, percentiles, say, timed_book, timed_run, timed_scan

from tickreel import Cache, open_cache
from tickreel.bench import backtests, books, sessions
from tickreel.bench.generator import FEWEST_ROWS, write_day
from tickreel.bench.subject import Scanner, Subject, subject_of
from tickreel.book import BookBuilder
from tickreel.kernels import load

if TYPE_CHECKING:
    from tickreel.book import Book

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


def _book_at(at_us: int) -> Book:
    held, subject = _opened()
    return held.book(subject.key.exchange, subject.key.symbol, at_us)


def _timed_book() -> dict[str, float]:
    """Time a book from the file, and count what it was built of: nobody's word is taken for the rows."""
    counted = 0

    def build() -> tuple[float, float]:
        nonlocal counted
        builder = BookBuilder()
        counted = 0
        for rows in _scanner().l2_rows():
            builder.apply(rows)
            counted += len(rows)
        built = builder.view()
        bid, ask = (float(side[0, 0]) if len(side) else float("nan") for side in (built.bids, built.asks))
        return bid, ask

    timed = timed_book(0, lambda: build)
    return timed | {"rows": counted}


def _frames() -> dict[str, float]:
    work = books.HeatmapWork(_scanner(), _opened()[1])
    work.frames()
    return percentiles(work.frames())


def _timed_backtest(strategy: type) -> dict[str, float]:
    work = backtests.work_of(*_opened(), strategy)

    def run() -> tuple[int, int]:
        outcome = work()
        return outcome.rows, len(outcome.orders)

    return timed_run(lambda: run)


def _step(unit: str) -> dict[str, float]:
    session = sessions.open_session(*_opened())
    return contest.timed_instants(lambda _: session.step_back(unit), before=session.seek)


def _measured(measure: str) -> dict[str, float] | None:
    """Take a measure that no other store has; None for one that they have."""
    match measure:
        case "keyframes":
            return {"bytes": _opened()[1].keyframe_bytes}
        case "book" | "book1":
            return _timed_book()
        case "bbo" | "bbo1":
            return timed_scan(lambda: books.build_with_touch(_scanner()))
        case "tops" | "tops1":
            return timed_scan(lambda: books.build_with_tops(_scanner()))
        case "heatmap" | "heatmap1":
            return timed_scan(books.HeatmapWork(_scanner(), _opened()[1]).build)
        case "quotes":
            return _timed_backtest(backtests.CompiledQuotes)
        case "quotes_python":
            return _timed_backtest(backtests.Quotes)
        case "told":
            return _timed_backtest(backtests.EveryMessage)
        case "frames":
            return _frames()
        case "arrays":
            return contest.timed_minutes(lambda start_us, end_us: _scanner().read(start_us, end_us))
        case "moment":
            return contest.timed_instants(_book_at)
        case "seek":
            return contest.timed_instants(sessions.open_session(*_opened()).seek)
        case "message_back":
            return _step("message")
        case "second_back":
            return _step("second")
        case "shared":
            held, subject = _opened()
            return shared_server.measure(contest, held, subject.key)
        case "replay":
            return timed_scan(lambda: sessions.play_day(*_opened(), with_series=False))
    return None


own = _measured(contest.measure)
if own is not None:
    say(own)
else:
    if contest.measure == "ingest":
        shutil.rmtree(home, ignore_errors=True)
        _load_kernels()
    contest.run(_ingest, lambda: _opened()[1].all_bytes, lambda: _scanner().decode(), _minute)
