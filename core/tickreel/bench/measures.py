"""How work is timed, and the measures of the store: each works some times over and gives its figures."""

from __future__ import annotations

import os
import subprocess
import time
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from tickreel.bench.figures import Figure, Measure, Unit, from_rounds, percentiles
from tickreel.bench.generator import FEWEST_ROWS, write_day
from tickreel.bench.storing import Stored, store_elsewhere
from tickreel.bench.subject import Scanner, Subject, multiply_days
from tickreel.errors import DataError
from tickreel.market.time import US_PER_SECOND
from tickreel.program import child_command
from tickreel.store import open_cache

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tickreel.progress import Monitor
    from tickreel.store import Cache

_Answer = TypeVar("_Answer")

_ROUNDS = 5
_WAITS = 200
_UNTIMED_WAITS = 20
_TINY_DAYS = 100
_LISTED_DATASETS, _LISTED_DAYS_EACH = 50, 1_000
_MINUTE_US = 60 * US_PER_SECOND


def timed(work: Callable[[], _Answer]) -> tuple[float, _Answer]:
    """Do some work; give the seconds that it took, and its answer."""
    start_s = time.perf_counter()
    answer = work()
    return time.perf_counter() - start_s, answer


def minutes_in(subject: Subject, seed: int) -> list[int]:
    """Draw the starts of minutes that lie in a subject, in microseconds."""
    return instants_in(subject, seed, room_us=_MINUTE_US)


def instants_in(subject: Subject, seed: int, *, room_us: int = 0) -> list[int]:
    """Draw instants that lie in a subject, and *room_us* before its end, in microseconds."""
    last_us = max(subject.first_us, subject.last_us - room_us)
    drawn = np.random.default_rng(seed).integers(subject.first_us, last_us + 1, _WAITS)
    return [int(each) for each in drawn]


def ingest(
    data: str, path: Path, homes: Sequence[Path], warm: Sequence[Path], monitor: Monitor
) -> Callable[[int], list[Figure]]:
    """Store a file once in each home; give what makes figures of it once its rows are counted."""
    stored: list[Stored] = [store_elsewhere(home, path, warm, monitor) for home in homes]
    seconds = [one.seconds for one in stored]
    measure = Measure.INGEST

    def figures(rows: int) -> list[Figure]:
        return [
            from_rounds(measure, data, "csv to sealed day", Unit.ROWS_PER_S, seconds, rows),
            from_rounds(measure, data, "csv read", Unit.BYTES_PER_S, seconds, path.stat().st_size),
            Figure(measure, data, "most memory held", max(one.peak_bytes for one in stored), Unit.BYTES),
        ]

    return figures


def size(data: str, path: Path, subject: Subject) -> list[Figure]:
    """Compare the bytes of a file with those it is stored in."""
    rows = subject.all_rows
    sizes = (
        ("vendor file", path.stat().st_size),
        ("stored", subject.all_bytes),
        ("keyframes", subject.keyframe_bytes),
    )
    return [
        Figure(Measure.SIZE, data, what, size_bytes / rows, Unit.BYTES_PER_ROW)
        for what, size_bytes in sizes
        if what != "keyframes" or subject.has_book
    ]


def scan(data: str, subject: Subject, monitor: Monitor) -> list[Figure]:
    """Decode all columns of a day into buffers that are used again and again."""
    with Scanner(subject) as scanner:
        seconds = rounds(scanner.decode, subject.rows, monitor)
    what = "file to decoded arrays"
    return [from_rounds(Measure.SCAN, data, what, Unit.ROWS_PER_S, seconds, subject.rows)]


def rounds(work: Callable[[], int], wanted: int | None, monitor: Monitor) -> list[float]:
    """Time some rounds after an untimed one; each must answer as the first, or with *wanted*."""
    first = work()
    seconds: list[float] = []
    for done in range(_ROUNDS):
        monitor.report(done, _ROUNDS)
        took_s, answer = timed(work)
        if answer != (first if wanted is None else wanted):
            raise DataError(f"a round gave {answer} where {first if wanted is None else wanted} was due")
        seconds.append(took_s)
    return seconds


def one_minute(data: str, cache: Cache, subject: Subject, seed: int, monitor: Monitor) -> list[Figure]:
    """Read minutes at random: as an Arrow table through the cache, and as arrays from the file."""
    key = subject.key
    starts = minutes_in(subject, seed)

    def as_table(start_us: int) -> int:
        table = cache.arrow(
            key.exchange, key.symbol, key.type, start_us, start_us + _MINUTE_US, allow_missing=True
        )
        return int(table.num_rows)

    figures = percentiles(Measure.RANGE, data, "a minute as a table", waits(as_table, starts, monitor))
    with Scanner(subject) as scanner:
        seconds = waits(lambda start_us: scanner.read(start_us, start_us + _MINUTE_US), starts, monitor)
    return figures + percentiles(Measure.RANGE, data, "a minute as arrays", seconds)


def waits(
    work: Callable[[int], object],
    instants: Sequence[int],
    monitor: Monitor,
    *,
    before: Callable[[int], object] | None = None,
) -> list[float]:
    """Time some work for each instant, after a few untimed; what comes *before* each is never timed."""
    untimed = min(_UNTIMED_WAITS, len(instants))
    seconds: list[float] = []
    for done, at_us in enumerate((*instants[:untimed], *instants)):
        monitor.report(done, untimed + len(instants))
        if before is not None:
            before(at_us)
        seconds.append(timed(lambda at_us=at_us: work(at_us))[0])  # type: ignore[misc]
    return seconds[untimed:]


def days(folder: Path, seed: int, monitor: Monitor) -> list[Figure]:
    """Store many tiny days, each a file of its own."""
    paths: list[Path] = []
    for number in range(_TINY_DAYS // 2):
        monitor.report(number, _TINY_DAYS // 2)
        written = write_day(folder, FEWEST_ROWS, seed=seed, number=number)
        paths += [written.book.path, written.trades.path]
    with open_cache(folder / "home") as cache:
        # The first of either type loads the kernels.
        for path in paths[:2]:
            cache.import_file(path)
        start_s = time.perf_counter()
        for done, path in enumerate(paths[2:]):
            monitor.report(done, len(paths))
            cache.import_file(path)
        seconds = time.perf_counter() - start_s
    what = f"files of about {FEWEST_ROWS:,} rows".replace(",", "\N{THIN SPACE}")
    return [Figure(Measure.DAYS, "generated", what, (len(paths) - 2) / seconds, Unit.DAYS_PER_S)]


def listing(folder: Path, seed: int, monitor: Monitor) -> list[Figure]:
    """List a catalog of very many days."""
    written = write_day(folder, FEWEST_ROWS, seed=seed)
    home = folder / "home"
    with open_cache(home) as cache:
        (held,) = cache.import_file(written.book.path)
    monitor.report(0, None)
    multiply_days(home, held, _LISTED_DATASETS, _LISTED_DAYS_EACH)
    count = _LISTED_DATASETS * _LISTED_DAYS_EACH + 1
    with open_cache(home) as cache:
        overviews = rounds(lambda: len(cache.datasets()), _LISTED_DATASETS + 1, monitor)
        lists = rounds(lambda: len(cache.all_days()), count, monitor)
    shown = f"{count - 1:,} days".replace(",", "\N{THIN SPACE}")
    return [
        from_rounds(Measure.LISTING, "catalog", f"datasets of {shown}", Unit.MS, overviews),
        from_rounds(Measure.LISTING, "catalog", f"each of {shown}", Unit.MS, lists),
    ]


def start(home: Path, monitor: Monitor) -> list[Figure]:
    """Start the program anew to list what a home holds."""
    words = child_command("tickreel", "--home", str(home), "datasets")
    # As for a user, for whom Python keeps what it compiled: the first start, untimed, does that.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def run() -> int:
        return subprocess.run(words, stdout=subprocess.DEVNULL, env=environment, check=False).returncode

    what = "tickreel datasets, from start to end"
    return [from_rounds(Measure.START, "program", what, Unit.MS, rounds(run, 0, monitor))]
