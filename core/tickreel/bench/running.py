"""A whole run: in a folder of its own, which is gone at the end however that came."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tickreel.bench import backtests, books, measures, serving, sessions
from tickreel.bench.figures import Figure, Machine, Measure, Report, Unit, from_rounds
from tickreel.bench.generator import FEWEST_ROWS, GeneratedDay, write_day
from tickreel.bench.subject import subject_of
from tickreel.progress import UNWATCHED, Monitor
from tickreel.store import open_cache

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel.bench.subject import Subject
    from tickreel.store import Cache

DEFAULT_ROWS = 20_000_000
_OF_ANY_FILE = frozenset({Measure.INGEST, Measure.SIZE, Measure.SCAN, Measure.RANGE})
_OF_A_BOOK = frozenset(
    {
        Measure.BOOK,
        Measure.BBO,
        Measure.TOPS,
        Measure.HEATMAP,
        Measure.MOMENT,
        Measure.REPLAY,
        Measure.SEEK,
        Measure.STEP,
        Measure.SERVE,
        Measure.BACKTEST,
    }
)
_OF_A_FILE = _OF_ANY_FILE | _OF_A_BOOK
_STORE_ROUNDS = 3
_PREFIX = "tickreel-bench-"


@dataclass(frozen=True, slots=True)
class BenchRequest:
    """What to measure, and on what."""

    rows: int = DEFAULT_ROWS
    """Rows of the generated day."""
    files: tuple[Path, ...] = ()
    """Vendor files to be measured beside it."""
    only: frozenset[Measure] = frozenset(Measure)
    seed: int = 0


class TitledMonitor:
    """A monitor that says which measure is under way, whatever the work itself says."""

    def __init__(self, monitor: Monitor, title: str) -> None:
        self._monitor = monitor
        self._title = title
        self.report(0, None)

    def report(self, done: int, total: int | None, note: str = "") -> None:
        """Pass it on under the title."""
        self._monitor.report(done, total, self._title)


def run_bench(request: BenchRequest, monitor: Monitor = UNWATCHED) -> Report:
    """Measure, in a temporary folder in the system's place for such.

    Raises:
        UsageError: the generated day is too small.
        TickreelError: a file could not be stored; the message is the importer's.
        Cancelled: the monitor said so.
    """
    machine = Machine.here()
    figures: list[Figure] = []
    # A folder that is in use somewhere on Windows must not hide what went wrong.
    with tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True) as name:
        run = _Run(request, Path(name), monitor)
        # What needs no large day comes last, after all that may be refused.
        if request.only & (_OF_A_FILE | {Measure.GENERATE}):
            figures += run.generated_day()
        for number, path in enumerate(request.files):
            figures += run.file(path.name, path, run.folder(f"file{number}"))
        figures += run.merge()
        figures += run.program()
    return Report(machine, request.rows, request.seed, tuple(figures))


class _Run:
    def __init__(self, request: BenchRequest, root: Path, monitor: Monitor) -> None:
        self._request = request
        self._root = root
        self._monitor = monitor
        self._tiny: GeneratedDay | None = None

    def folder(self, name: str) -> Path:
        """Make a folder inside that of the run."""
        folder = self._root / name
        folder.mkdir()
        return folder

    def _wants(self, measure: Measure) -> bool:
        return measure in self._request.only

    def _stage(self, title: str) -> TitledMonitor:
        return TitledMonitor(self._monitor, title)

    def _tiny_day(self) -> GeneratedDay:
        """Give a day by which kernels are loaded before anything is timed."""
        if self._tiny is None:
            self._tiny = write_day(self.folder("tiny"), FEWEST_ROWS, seed=self._request.seed)
        return self._tiny

    def generated_day(self) -> list[Figure]:
        """Write the day, and measure its book file as any other."""
        request = self._request
        self._tiny_day()
        folder = self.folder("generated")
        stage = self._stage("generate")
        seconds, day = measures.timed(
            lambda: write_day(folder, request.rows, seed=request.seed, monitor=stage)
        )
        figures: list[Figure] = []
        if self._wants(Measure.GENERATE):
            what = "day written as csv.gz"
            figures.append(
                from_rounds(Measure.GENERATE, "generated", what, Unit.ROWS_PER_S, [seconds], day.book.rows)
            )
        figures += self.file("generated", day.book.path, folder)
        if request.only & {Measure.INGEST, Measure.SIZE}:
            trades = self.folder("trades")
            only = request.only & {Measure.INGEST, Measure.SIZE}
            figures += self.file("generated trades", day.trades.path, trades, only)
        return figures

    def file(
        self, data: str, path: Path, folder: Path, only: frozenset[Measure] | None = None
    ) -> list[Figure]:
        """Measure how one file is stored and read."""
        wanted = (self._request.only if only is None else only) & _OF_A_FILE
        if not wanted:
            return []
        seed = self._request.seed
        rounds = _STORE_ROUNDS if Measure.INGEST in wanted else 1
        homes = [folder / f"home{number}" for number in range(rounds)]
        tiny = self._tiny_day()
        stage = self._stage(f"ingest, {data}")
        to_ingest = measures.ingest(data, path, homes, (tiny.book.path, tiny.trades.path), stage)
        figures: list[Figure] = []
        with open_cache(homes[-1]) as cache:
            subject = subject_of(cache)
            if Measure.INGEST in wanted:
                figures += to_ingest(subject.all_rows)
            if Measure.SIZE in wanted:
                figures += measures.size(data, path, subject)
            if Measure.SCAN in wanted:
                figures += measures.scan(data, subject, self._stage(f"scan, {data}"))
            if Measure.RANGE in wanted:
                figures += measures.one_minute(data, cache, subject, seed, self._stage(f"range, {data}"))
            if subject.has_book:
                figures += self._book(data, cache, subject, wanted)
        return figures

    def _book(self, data: str, cache: Cache, subject: Subject, wanted: frozenset[Measure]) -> list[Figure]:
        """Measure what is made of the rows of a book."""
        seed = self._request.seed
        measured: dict[Measure, Callable[[Monitor], list[Figure]]] = {
            Measure.BOOK: lambda stage: books.book(data, subject, stage),
            Measure.BBO: lambda stage: books.bbo(data, subject, stage),
            Measure.TOPS: lambda stage: books.tops(data, subject, stage),
            Measure.HEATMAP: lambda stage: books.heatmap(data, subject, stage),
            Measure.MOMENT: lambda stage: books.moment(data, cache, subject, seed, stage),
            Measure.REPLAY: lambda stage: sessions.replay(data, cache, subject, stage),
            Measure.SEEK: lambda stage: sessions.seek(data, cache, subject, seed, stage),
            Measure.STEP: lambda stage: sessions.step(data, cache, subject, seed, stage),
            Measure.SERVE: lambda stage: serving.serve(data, cache.home, subject, seed, stage),
            Measure.BACKTEST: lambda stage: backtests.backtest(data, cache, subject, stage),
        }
        return [
            figure
            for measure, measure_it in measured.items()
            if measure in wanted
            for figure in measure_it(self._stage(f"{measure}, {data}"))
        ]

    def merge(self) -> list[Figure]:
        """Measure two symbols that are played as one."""
        if not self._wants(Measure.MERGE):
            return []
        request = self._request
        return sessions.merge(self.folder("merge"), request.rows, request.seed, self._stage("merge"))

    def program(self) -> list[Figure]:
        """Measure what does not hang on the rows of a day."""
        figures: list[Figure] = []
        seed = self._request.seed
        if self._wants(Measure.DAYS):
            figures += measures.days(self.folder("days"), seed, self._stage("days"))
        if self._wants(Measure.LISTING):
            figures += measures.listing(self.folder("listing"), seed, self._stage("listing"))
        if self._wants(Measure.START):
            home = self.folder("start")
            with open_cache(home) as cache:
                cache.import_file(self._tiny_day().book.path)
            figures += measures.start(home, self._stage("start"))
        return figures
