"""What the figures are held against: floors below which the work is not done, and how far it should reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from tickreel.bench.figures import Measure, UiMeasure, Unit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tickreel.bench.figures import Figure

_PARQUET = ("pyarrow", "polars", "duckdb_parquet")


@dataclass(frozen=True, slots=True)
class Floor:
    """One demand on one figure."""

    what: str
    unit: str
    floor: float
    reach: float
    is_most: bool
    """The figure may not be larger; else it may not be smaller."""
    value: float

    @property
    def is_met(self) -> bool:
        """Whether the figure is on the right side of the floor."""
        return self._holds(self.floor)

    @property
    def is_reached(self) -> bool:
        """Whether it also comes to the reach."""
        return self._holds(self.reach)

    def _holds(self, bound: float) -> bool:
        return self.value <= bound if self.is_most else self.value >= bound


def of_day(
    medians: Mapping[tuple[str, str], Mapping[str, float]], rows: int, book: str, *, is_large: bool
) -> list[Floor]:
    """Hold one day's figures against what is asked of them; speeds are asked of a large day only.

    *book* is the measure of a book's speed on one core, whose end it shares with its like.
    """

    def seconds(peer: str, measure: str) -> float:
        return medians[peer, measure]["seconds"]

    def bytes_of(peer: str, measure: str = "size") -> float:
        return medians[peer, measure]["bytes"]

    size = bytes_of("tickreel")
    demands: list[tuple[str, str, float, float, bool, Callable[[], float]]] = [
        ("size, of Parquet by pyarrow", "x", 0.85, 0.75, True, lambda: size / bytes_of("pyarrow")),
        ("keyframes, of the rows", "x", 0.15, 0.15, True, lambda: bytes_of("tickreel", "keyframes") / size),
        ("a minute at random, p99", "ms", 3, 2, True, lambda: 1e3 * medians["tickreel", "range"]["p99"]),
        ("a book at random, p99", "ms", 5, 3, True, lambda: 1e3 * medians["tickreel", "moment"]["p99"]),
        ("a seek at random, p99", "ms", 5, 3, True, lambda: 1e3 * medians["tickreel", "seek"]["p99"]),
        ("a frame of a heatmap, p99", "ms", 2, 2, True, lambda: 1e3 * medians["tickreel", "frames"]["p99"]),
    ]
    shared = medians.get(("tickreel", "shared"))
    if shared is not None:
        minute_ms = 1e3 * shared["p99"]
        demands.append(("a minute of the shared cache, p99", "ms", 5, 3, True, lambda: minute_ms))
    if is_large and shared is not None:
        put, read = (rows / shared[f"{way}_seconds"] / 1e6 for way in ("put", "read"))
        demands += [
            ("into the shared cache", "M rows/s", 10, 20, False, lambda: put),
            ("out of the shared cache", "M rows/s", 12, 25, False, lambda: read),
        ]
    if is_large:

        def of_parquet(scan: str) -> float:
            asked = [seconds(peer, scan) for peer in _PARQUET if (peer, scan) in medians]
            if not asked:
                raise KeyError(scan)
            return min(asked) / seconds("tickreel", scan)

        def speed(scan: str) -> float:
            return rows / seconds("tickreel", scan) / 1e6

        core = book.removeprefix("book")

        def of_hftbacktest() -> float:
            return seconds("hftbacktest", book) / seconds("tickreel", book)

        def quotes() -> float:
            return seconds("hftbacktest", "quotes") / seconds("tickreel", "quotes")

        ingest_s = seconds("tickreel", "ingest")
        demands += [
            ("a compiled strategy that quotes, of hftbacktest", "x", 1, 1, False, quotes),
            ("ingest, of polars", "x", 1.5, 2.5, False, lambda: seconds("polars", "ingest") / ingest_s),
            ("scan, of the best reading of Parquet", "x", 4, 4, False, lambda: of_parquet("scan")),
            ("the same, each on one core", "x", 4, 4, False, lambda: of_parquet("scan1")),
            ("scan", "M rows/s", 60, 90, False, lambda: speed("scan")),
            ("scan on one core", "M rows/s", 60, 90, False, lambda: speed("scan1")),
            ("file to book on one core", "M rows/s", 60, 100, False, lambda: speed(book)),
            ("the same, of hftbacktest, which keeps two books", "x", 5, 8, False, of_hftbacktest),
            ("with the touch series", "M rows/s", 40, 80, False, lambda: speed(f"bbo{core}")),
            ("with the top 20", "M rows/s", 25, 50, False, lambda: speed(f"tops{core}")),
            (
                "a day end to end, for 20 M rows",
                "s",
                1,
                1,
                True,
                lambda: seconds("tickreel", "replay") * 20e6 / rows,
            ),
            (
                "memory of ingest",
                "MB",
                700,
                700,
                True,
                lambda: medians["tickreel", "ingest"]["peak_bytes"] / 1e6,
            ),
        ]
    found: list[Floor] = []
    for what, unit, floor, reach, is_most, value in demands:
        try:
            found.append(Floor(what, unit, floor, reach, is_most, value()))
        except KeyError:
            continue  # that peer was left out of this run, or the system cannot measure it
    return found


class _Demand(NamedTuple):
    """What is asked of a figure, which is found by its measure, its unit and how its words begin."""

    measure: Measure | UiMeasure
    unit: Unit
    words: str
    shown: tuple[str, str, float]
    """How it is named and counted, and what of it makes one."""
    floor: float
    reach: float
    is_most: bool
    is_of_large_day: bool = False


_MILLION, _THOUSAND = 1e6, 1e3
_OF_PROGRAM = (
    _Demand(Measure.LISTING, Unit.MS, "datasets", ("datasets of 50,000 days", "ms", 1), 50, 50, True),
    _Demand(
        Measure.START, Unit.MS, "tickreel datasets", ("tickreel datasets, whole", "ms", 1), 400, 400, True
    ),
    _Demand(
        Measure.START,
        Unit.MS,
        "to a window, from the source",
        ("to a window, source", "s", _THOUSAND),
        2.5,
        1.5,
        True,
    ),
    _Demand(
        Measure.START,
        Unit.MS,
        "to a window, from the bundle",
        ("to a window, bundle", "s", _THOUSAND),
        3.5,
        2.5,
        True,
    ),
    _Demand(
        Measure.MERGE,
        Unit.ROWS_PER_S,
        "two symbols on one clock",
        ("two symbols merged", "M rows/s", _MILLION),
        40,
        40,
        False,
        is_of_large_day=True,
    ),
    _Demand(
        Measure.BACKTEST,
        Unit.MESSAGES_PER_S,
        "Python, every message",
        ("backtest, Python at every message", "k messages/s", _THOUSAND),
        150,
        300,
        False,
        is_of_large_day=True,
    ),
    _Demand(
        Measure.BACKTEST,
        Unit.ROWS_PER_S,
        "Numba, every message",
        ("backtest, Numba at every message", "M rows/s", _MILLION),
        3,
        5,
        False,
        is_of_large_day=True,
    ),
    _Demand(
        UiMeasure.FRAME,
        Unit.MS,
        "processor time, p99",
        ("a frame on the window's thread, p99", "ms", 1),
        33,
        16,
        True,
    ),
    _Demand(UiMeasure.RATE, Unit.FRAMES_PER_S, "frames", ("frames", "a second", 1), 30, 55, False),
)


def of_program(figures: Sequence[Figure], *, is_large: bool) -> list[tuple[str, Floor]]:
    """Hold what is measured with no peer beside it against what is asked, each with whose rows it is of.

    Some speeds are asked of a large day only: *is_large* tells whether the generated one is.
    """
    found = []
    for demand in _OF_PROGRAM:
        what, unit, one = demand.shown
        of_it = (
            figure
            for figure in figures
            if (figure.measure, figure.unit) == (demand.measure, demand.unit)
            and figure.what.startswith(demand.words)
        )
        whose: dict[str, Figure] = {}
        for figure in of_it:
            if is_large or not demand.is_of_large_day:
                whose.setdefault(figure.data, figure)
        found += [
            (data, Floor(what, unit, demand.floor, demand.reach, demand.is_most, figure.value / one))
            for data, figure in whose.items()
        ]
    return found
