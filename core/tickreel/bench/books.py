"""From the file of a day to its book, and what a book tells on the way: the work and the measures of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from tickreel.bench.figures import Measure, Unit, from_rounds, percentiles
from tickreel.bench.measures import instants_in, rounds, waits
from tickreel.bench.subject import Scanner
from tickreel.book import BookBuilder, Heatmap, PriceGrid

if TYPE_CHECKING:
    from tickreel.bench.figures import Figure
    from tickreel.bench.subject import Subject
    from tickreel.book import Book, L2Rows
    from tickreel.progress import Monitor
    from tickreel.store import Cache

TOP_LEVELS = 20
HEATMAP_CELLS = 600
HEATMAP_HEIGHT = 0.02
"""The share of the price that all cells of a heatmap cover together."""
COLUMNS_PER_S = 60
HEATMAP_SPEED = 1_000
"""At this speed a column is some 17 s of the market."""
_COLUMN_US = round(1e6 * HEATMAP_SPEED / COLUMNS_PER_S)
_MOST_DECIMALS = 15


def build_book(scanner: Scanner) -> Book:
    """Build the full book of a day, and nothing else."""
    builder = BookBuilder()
    for rows in scanner.l2_rows():
        builder.apply(rows)
    return builder.view()


def build_with_touch(scanner: Scanner) -> int:
    """Build it with the best prices after each message; give the number of these."""
    builder = BookBuilder()
    return sum(len(builder.apply_with_touch(rows).time_us) for rows in scanner.l2_rows())


def build_with_tops(scanner: Scanner) -> int:
    """Build it with the best levels after each message that changed any of them; give the number of these."""
    builder = BookBuilder()
    return sum(len(builder.apply_with_tops(rows, TOP_LEVELS)[1].time_us) for rows in scanner.l2_rows())


class HeatmapWork:
    """Heatmaps of a day as a screen has them that plays it fast; each is begun anew from the file."""

    def __init__(self, scanner: Scanner, subject: Subject) -> None:
        self._scanner = scanner
        self._first_us = subject.first_us
        self._grid = grid_around(build_book(scanner))

    def build(self) -> int:
        """Build the book and, beside it, the columns; give the number of these."""
        builder = BookBuilder()
        heatmap = self._heatmap()
        columns = 0
        for rows in self._scanner.l2_rows():
            builder.apply(rows)
            columns += len(heatmap.feed(rows, int(rows.local_us[-1]) + 1).start_us)
        return columns

    def frames(self) -> list[float]:
        """Feed one column a frame; give the seconds of each frame, without reading and decoding."""
        heatmap = self._heatmap()
        seconds: list[float] = []
        spent_s = 0.0
        end_us = self._first_us + _COLUMN_US

        def feed(rows: L2Rows, until_us: int) -> float:
            start_s = time.perf_counter()
            heatmap.feed(rows, until_us)
            return time.perf_counter() - start_s

        for rows in self._scanner.l2_rows():
            start = 0
            while int(rows.local_us[-1]) >= end_us:
                stop = int(np.searchsorted(rows.local_us, end_us))
                seconds.append(spent_s + feed(rows.part(start, stop), end_us))
                start, spent_s, end_us = stop, 0.0, end_us + _COLUMN_US
            spent_s += feed(rows.part(start, len(rows)), int(rows.local_us[-1]) + 1)
        return [*seconds, spent_s]

    def _heatmap(self) -> Heatmap:
        return Heatmap(self._grid, None, start_us=self._first_us, width_us=_COLUMN_US)


def grid_around(book: Book) -> PriceGrid:
    """Lay the cells of a heatmap around the middle of a book, on the decimal step of its prices."""
    sides = [side for side in (book.bids, book.asks) if len(side)]
    middle = float(np.mean([side[0, 0] for side in sides]))
    prices = np.concatenate([side[:, 0] for side in sides])
    near = prices[np.abs(prices - middle) <= HEATMAP_HEIGHT * abs(middle)]
    decimals = next(n for n in range(_MOST_DECIMALS + 1) if n == _MOST_DECIMALS or _fits(near, n))
    ticks = max(1, round(HEATMAP_HEIGHT * abs(middle) / HEATMAP_CELLS * 10**decimals))
    tick, group = float(f"1e-{decimals}"), float(f"{ticks}e-{decimals}")
    return PriceGrid.around(middle, group=group, cells=HEATMAP_CELLS, tick=tick)


def _fits(prices: np.ndarray, decimals: int) -> bool:
    return bool(np.array_equal(np.round(prices, decimals), prices))


def book(data: str, subject: Subject, monitor: Monitor) -> list[Figure]:
    """Build the full book of a day from its file."""

    def levels() -> int:
        built = build_book(scanner)
        return len(built.bids) + len(built.asks)

    with Scanner(subject) as scanner:
        seconds = rounds(levels, None, monitor)
    return [from_rounds(Measure.BOOK, data, "file to book", Unit.ROWS_PER_S, seconds, subject.rows)]


def bbo(data: str, subject: Subject, monitor: Monitor) -> list[Figure]:
    """Build it with the best prices after each message."""
    with Scanner(subject) as scanner:
        seconds = rounds(lambda: build_with_touch(scanner), None, monitor)
    what = "file to book and touch"
    return [from_rounds(Measure.BBO, data, what, Unit.ROWS_PER_S, seconds, subject.rows)]


def tops(data: str, subject: Subject, monitor: Monitor) -> list[Figure]:
    """Build it with the best levels after each message that changed any of them."""
    with Scanner(subject) as scanner:
        seconds = rounds(lambda: build_with_tops(scanner), None, monitor)
    what = f"file to book and top {TOP_LEVELS}"
    return [from_rounds(Measure.TOPS, data, what, Unit.ROWS_PER_S, seconds, subject.rows)]


def heatmap(data: str, subject: Subject, monitor: Monitor) -> list[Figure]:
    """Build it with the columns of a heatmap, and feed a heatmap frame by frame."""
    with Scanner(subject) as scanner:
        work = HeatmapWork(scanner, subject)
        seconds = rounds(work.build, None, monitor)
        frames = work.frames()
    what = "file to book and heatmap columns"
    return [
        from_rounds(Measure.HEATMAP, data, what, Unit.ROWS_PER_S, seconds, subject.rows),
        *percentiles(Measure.HEATMAP, data, "a frame of a heatmap", frames),
    ]


def moment(data: str, cache: Cache, subject: Subject, seed: int, monitor: Monitor) -> list[Figure]:
    """Build books at instants at random."""
    key = subject.key

    def levels_at(at_us: int) -> int:
        return len(cache.book(key.exchange, key.symbol, at_us).bids)

    return percentiles(Measure.MOMENT, data, "a book", waits(levels_at, instants_in(subject, seed), monitor))
