"""What a run of the peers prints."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from peers import BOOK, IS_HELD_TO_CORES, QUOTES, SCANS, TICKREEL, TOLD

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from floors import Floor
    from materials import Material
    from peers import Peer

    Medians = Mapping[tuple[str, str], Mapping[str, float]]
    Materials = Mapping[int | None, Material]

_NAME_WIDTH = 32
_OF_TWO_BOOKS = ("hftbacktest",)
"""Those that keep the exchange's book beside the one that is known locally."""
_SAME = 1e-9
"""Prices that are no further apart, as a share of them: some count in steps, and multiply."""


def print_day(
    title: str, materials: Materials, peers: Sequence[Peer], versions: Mapping[str, str], medians: Medians
) -> None:
    """Print what the stores did and what the books did; in brackets how many times as good Tickreel is."""
    whole = materials[None]
    gz = whole.csv.stat().st_size / whole.rows
    print(
        f"\n{title}: {whole.rows} rows, csv.gz {gz:.2f} B/row. In brackets: Tickreel is so many times better."
    )
    _print_stores([peer for peer in peers if peer.is_store], materials, versions, medians)
    _print_books([peer for peer in peers if BOOK in peer.measures], materials, versions, medians)
    _print_backtests([peer for peer in peers if QUOTES in peer.measures], whole.rows, versions, medians)
    _print_told([peer for peer in peers if TOLD in peer.measures], materials, versions, medians)
    for limit in sorted({peer.most_rows for peer in peers if peer.most_rows is not None}):
        if materials[limit] is not whole:
            names = ", ".join(peer.title for peer in peers if peer.most_rows == limit)
            print(f"* on the first {limit} rows: {names}")
    _print_own(whole.rows, medians)


def _print_stores(
    peers: Sequence[Peer], materials: Materials, versions: Mapping[str, str], medians: Medians
) -> None:
    scans = ("SCAN M rows/s", "SCAN, ONE CORE")[: len(SCANS)]
    header = ("INGEST M rows/s", "SIZE B/row", *scans, "MINUTE p50 ms", "p99 ms", "INGEST MB")
    print(" " * _NAME_WIDTH + "".join(f"{cell:>20}" for cell in header))

    def of(peer: Peer) -> list[tuple[float, str]]:
        """Give what is less the better, by row where rows count, and how it is shown."""
        rows = materials[peer.most_rows].rows
        ingest, minute = medians[peer.name, "ingest"], medians[peer.name, "range"]
        size = medians[peer.name, "size"]["bytes"] / rows
        seconds = [timed["seconds"] / rows for timed in (ingest, *(medians[peer.name, s] for s in SCANS))]
        ingest_speed, *scan_speeds = ((each_s, f"{1e-6 / each_s:.2f}") for each_s in seconds)
        return [
            ingest_speed,
            (size, f"{size:.2f}"),
            *scan_speeds,
            *((minute[name], f"{1e3 * minute[name]:.2f}") for name in ("p50", "p99")),
            (ingest["peak_bytes"], f"{ingest['peak_bytes'] / 1e6:.0f}"),
        ]

    ours = of(TICKREEL)
    for peer in peers:
        cells = (
            f"{shown} {_ratio(peer, theirs, own)}"
            for (own, _), (theirs, shown) in zip(ours, of(peer), strict=True)
        )
        print(_named(peer, materials, versions) + "".join(f"{cell:>20}" for cell in cells))


def _print_books(
    peers: Sequence[Peer], materials: Materials, versions: Mapping[str, str], medians: Medians
) -> None:
    """Print the books; only Tickreel's reads its rows from a file, the others find them ready."""
    header = ("BOOK, ONE CORE" if IS_HELD_TO_CORES else "BOOK M rows/s", "ENDS WITH BID", "ASK")
    print(" " * _NAME_WIDTH + "".join(f"{cell:>20}" for cell in header))

    def row_s(peer: Peer) -> float:
        return medians[peer.name, BOOK]["seconds"] / materials[peer.most_rows].rows

    ours_s = row_s(TICKREEL)
    for peer in peers:
        timed = medians[peer.name, BOOK]
        ends = (timed["bid"], timed["ask"])
        speed = f"{1e-6 / row_s(peer):.2f} {_ratio(peer, row_s(peer), ours_s)}"
        is_same = all(map(_is_same, ends, materials[peer.most_rows].touch))
        cells = (speed, *(f"{price:.10g}" for price in ends))
        mark = "" if is_same else "   ANOTHER BOOK"
        books = "   keeps two books, so applies each row twice" if peer.name in _OF_TWO_BOOKS else ""
        print(_named(peer, materials, versions) + "".join(f"{cell:>20}" for cell in cells) + books + mark)


def _print_backtests(peers: Sequence[Peer], rows: int, versions: Mapping[str, str], medians: Medians) -> None:
    """Print a backtest of a strategy that quotes; only Tickreel's reads its rows from a file."""
    print(" " * _NAME_WIDTH + "".join(f"{cell:>20}" for cell in ("QUOTES M rows/s", "ORDERS")))

    def shown(name: str, timed: Mapping[str, float], ratio: str = "") -> str:
        speed = f"{rows / timed['seconds'] / 1e6:.2f} {ratio}"
        return f"{name:{_NAME_WIDTH}}{speed:>20}{timed['orders']:>20.0f}"

    ours = medians[TICKREEL.name, QUOTES]
    for peer in peers:
        timed = medians[peer.name, QUOTES]
        name = f"{peer.title} {versions[peer.name]}".rstrip() + ", Numba"
        print(shown(name, timed, _ratio(peer, timed["seconds"], ours["seconds"])))
    print(shown("Tickreel, Python", medians[TICKREEL.name, "quotes_python"]))


def _print_told(
    peers: Sequence[Peer], materials: Materials, versions: Mapping[str, str], medians: Medians
) -> None:
    """Print a backtest of a strategy in Python that does nothing; only Tickreel's reads a file."""
    print(" " * _NAME_WIDTH + f"{'TOLD, M rows/s':>20}")

    def row_s(peer: Peer) -> float:
        return medians[peer.name, TOLD]["seconds"] / materials[peer.most_rows].rows

    for peer in peers:
        speed = f"{1e-6 / row_s(peer):.2f} {_ratio(peer, row_s(peer), row_s(TICKREEL))}"
        print(_named(peer, materials, versions) + f"{speed:>20}   Python, each message, does nothing")


def _is_same(price: float, other: float) -> bool:
    return math.isclose(price, other, rel_tol=_SAME) or (math.isnan(price) and math.isnan(other))


def _named(peer: Peer, materials: Materials, versions: Mapping[str, str]) -> str:
    name = f"{peer.title} {versions[peer.name]}".rstrip()
    mark = "" if materials[peer.most_rows] is materials[None] else " *"
    return f"{name + mark:{_NAME_WIDTH}}"


def _ratio(peer: Peer, theirs: float, ours: float) -> str:
    return "" if peer is TICKREEL else f"({theirs / ours:.2f})".rjust(9)


def _print_own(rows: int, medians: Medians) -> None:
    """Print what is measured of Tickreel alone."""

    def timed(measure: str) -> Mapping[str, float]:
        return medians[TICKREEL.name, measure]

    def speeds(what: str, measure: str) -> str:
        names = (measure, f"{measure}1") if IS_HELD_TO_CORES else (measure,)
        shown = " / ".join(f"{rows / timed(name)['seconds'] / 1e6:.1f}" for name in names)
        return f"{what} {shown} M rows/s"

    def waits(what: str, measure: str) -> str:
        p50, p99 = (1e3 * timed(measure)[name] for name in ("p50", "p99"))
        return f"{what} p50 {p50:.2f}, p99 {p99:.2f} ms"

    print(f"Tickreel also: keyframes {timed('keyframes')['bytes'] / rows:.2f} B/row;")
    cores = ", on all cores and on one" if IS_HELD_TO_CORES else ""
    made = ", ".join(
        speeds(what, measure)
        for what, measure in (
            ("book", "book"),
            ("with touch", "bbo"),
            ("with top 20", "tops"),
            ("with heatmap", "heatmap"),
        )
    )
    print(f"  file to{cores}: {made};")
    print(
        f"  a day from end to end {timed('replay')['seconds']:.2f} s; "
        + "; ".join(
            waits(what, measure)
            for what, measure in (
                ("a minute as arrays", "arrays"),
                ("a book", "moment"),
                ("a seek", "seek"),
                ("a message back", "message_back"),
                ("a second back", "second_back"),
                ("a frame of a heatmap", "frames"),
            )
        )
    )
    _print_shared(rows, medians)


def _print_shared(rows: int, medians: Medians) -> None:
    """Print what the shared cache did, beside a value a tick as the founding article has it."""
    shared = medians.get((TICKREEL.name, "shared"))
    if shared is None:
        print("  no shared cache was measured: there is no redis-server")
        return
    put, read = (rows / shared[f"{way}_seconds"] / 1e6 for way in ("put", "read"))
    setex, zadd = (shared[f"{way}_rows_per_s"] / 1e6 for way in ("setex", "zadd"))
    print(
        f"  shared cache on loopback: in {put:.1f}, out {read:.1f} M rows/s, a minute p50 "
        f"{1e3 * shared['p50']:.2f}, p99 {1e3 * shared['p99']:.2f} ms; the article's value a tick: "
        f"SETEX {setex:.3f}, ZADD {zadd:.3f} M rows/s in"
    )


def print_floors(judged: Sequence[tuple[str, Floor]]) -> None:
    """Print what is asked of each figure, and whether it is met."""
    print("\nHeld against what is asked:")
    for title, floor in judged:
        bound = "at most" if floor.is_most else "at least"
        verdict = "met, and reached" if floor.is_reached else "met" if floor.is_met else "NOT MET"
        print(
            f"{verdict:17} {title:34} {floor.what:47} {floor.value:8.2f} {floor.unit}"
            f"  ({bound} {floor.floor:g}, reach {floor.reach:g})"
        )
