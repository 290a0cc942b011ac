"""What the figures are held against: floors below which the work is not done, and how far it should reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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
    medians: Mapping[tuple[str, str], Mapping[str, float]], rows: int, *, is_large: bool
) -> list[Floor]:
    """Hold one day's figures against what is asked of them; speeds are asked of a large day only."""

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
    ]
    if is_large:

        def of_parquet(scan: str) -> float:
            best_s = min(
                (seconds(peer, scan) for peer in _PARQUET if (peer, scan) in medians), default=float("nan")
            )
            return best_s / seconds("tickreel", scan)

        def speed(scan: str) -> float:
            return rows / seconds("tickreel", scan) / 1e6

        ingest_s = seconds("tickreel", "ingest")
        demands += [
            ("ingest, of polars", "x", 1.5, 2.5, False, lambda: seconds("polars", "ingest") / ingest_s),
            ("scan, of the best reading of Parquet", "x", 4, 4, False, lambda: of_parquet("scan")),
            ("the same, each on one core", "x", 4, 4, False, lambda: of_parquet("scan1")),
            ("scan", "M rows/s", 60, 90, False, lambda: speed("scan")),
            ("scan on one core", "M rows/s", 60, 90, False, lambda: speed("scan1")),
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


def of_program(listing_ms: float, start_ms: float) -> list[Floor]:
    """Hold the figures that hang on no day against what is asked of them."""
    return [
        Floor("datasets of 50,000 days", "ms", 50, 50, True, listing_ms),
        Floor("tickreel datasets, from start to end", "ms", 400, 400, True, start_ms),
    ]
