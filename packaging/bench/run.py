"""Tickreel beside its peers, each in processes of its own, turn by turn: ``make bench``.

    .venv/bin/python packaging/bench/run.py [--rows N] [--rounds N] [--file PATH] [--peer NAME] [--json]

Prints a table and what is met of the floors, and leaves all figures in ``.bench/report.json``.
Nothing here fails because it is slow; it fails when a peer reads other rows than another.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import floors
from peers import BENCH, PEERS, SQLITE_ROWS, TICKREEL, Peer

from tickreel.bench.figures import Machine, Measure
from tickreel.bench.generator import write_day
from tickreel.bench.running import DEFAULT_ROWS, BenchRequest, run_bench
from tickreel.bench.subject import subject_of
from tickreel.store import open_cache

if TYPE_CHECKING:
    from collections.abc import Iterator

_MINUTES = 200
_MINUTE_US = 60_000_000
_LARGE_ROWS = 2_000_000
"""From so many rows on a day says something of speeds: below, the start of a query outweighs its rows."""
_SCANS = tuple(measure for measure in TICKREEL.measures if measure.startswith("scan"))
_MEASURES = tuple(dict.fromkeys(measure for peer in PEERS for measure in peer.measures))

Answers = dict[tuple[str, str], list[dict[str, float]]]
Medians = dict[tuple[str, str], dict[str, float]]


@dataclass(frozen=True, slots=True)
class Material:
    """A vendor file, and the minutes of it that are read."""

    name: str
    csv: Path
    rows: int
    starts: Path


def main() -> int:
    """Measure, print, and leave the figures behind."""
    args = _arguments()
    peers = [peer for peer in PEERS if peer is TICKREEL or not args.peer or peer.name in args.peer]
    pythons = {peer.name: peer.python() for peer in peers}
    BENCH.mkdir(exist_ok=True)
    before = Machine.here()
    report: dict[str, Any] = {"machine": asdict(before), "rounds": args.rounds, "days": []}
    judged: list[tuple[str, floors.Floor]] = []
    with tempfile.TemporaryDirectory(prefix="run-", dir=BENCH) as name:
        root = Path(name)
        for number, (title, csv) in enumerate(_files(args, root)):
            folder = root / f"day{number}"
            folder.mkdir()
            whole, cut = _materials(title, csv, folder)
            answers = _contest(peers, pythons, whole, cut, folder, args.rounds)
            medians = _medians(answers)
            _check(peers, medians, whole, cut)
            found = floors.of_day(medians, whole.rows, is_large=whole.rows >= _LARGE_ROWS)
            judged += [(title, floor) for floor in found]
            report["days"].append(_day_form(title, whole, cut, peers, answers, medians))
            if not args.json:
                _print_day(title, whole, cut, peers, medians)
            shutil.rmtree(folder)
    _say("listing, start, tiny days")
    wanted = frozenset({Measure.LISTING, Measure.START, Measure.DAYS})
    figures = run_bench(BenchRequest(only=wanted)).figures
    listing, start = (
        next(figure.value for figure in figures if figure.measure is measure)
        for measure in (Measure.LISTING, Measure.START)
    )
    judged += [("program", floor) for floor in floors.of_program(listing, start)]
    report["program"] = [asdict(figure) for figure in figures]
    report["load_after"] = os.getloadavg() if hasattr(os, "getloadavg") else None
    report["floors"] = [
        {"data": title, **asdict(floor), "met": floor.is_met, "reached": floor.is_reached}
        for title, floor in judged
    ]
    (BENCH / "report.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    if args.json:
        print(json.dumps(report, indent=2))
        return 0
    for figure in figures:
        print(f"{figure.measure:8}  {figure.what:45}  {figure.value:10.2f} {figure.unit}")
    _print_floors(judged)
    print(f"Load before {before.load}, after {report['load_after']}. All figures: .bench/report.json")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--rows", type=int, default=DEFAULT_ROWS, help="rows of the generated day; 0 for none"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--file", type=Path, action="append", default=[], help="an incremental_book_L2 file")
    parser.add_argument("--peer", action="append", choices=[peer.name for peer in PEERS if peer != TICKREEL])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def _files(args: argparse.Namespace, root: Path) -> list[tuple[str, Path]]:
    found: list[tuple[str, Path]] = []
    if args.rows:
        _say(f"generating {args.rows} rows")
        found.append(("generated", write_day(root, args.rows, seed=args.seed).book.path))
    return found + [("/".join(path.parts[-5:]), path.resolve()) for path in args.file]


def _materials(title: str, csv: Path, folder: Path) -> tuple[Material, Material]:
    """Give the whole file and the cut of it that slow peers get, which may be the same."""
    whole = _material(title, csv, folder / "whole")
    if whole.rows <= SQLITE_ROWS:
        return whole, whole
    path = folder / "cut.csv.gz"
    with gzip.open(csv, "rb") as source, gzip.open(path, "wb", compresslevel=1) as target:
        # The header, and the rows.
        target.writelines(islice(source, SQLITE_ROWS + 1))
    return whole, _material(f"{title}, its first {SQLITE_ROWS} rows", path, folder / "cut")


def _material(name: str, csv: Path, folder: Path) -> Material:
    """Find out by storing it how many rows a file has and when."""
    _say(f"{name}: counting rows")
    folder.mkdir()
    with open_cache(folder / "home") as cache:
        cache.import_file(csv)
        subject = subject_of(cache)
    shutil.rmtree(folder / "home")
    last_us = max(subject.first_us, subject.last_us - _MINUTE_US)
    chance = random.Random(7)
    starts = folder / "starts.json"
    drawn = [chance.randint(subject.first_us, last_us) for _ in range(_MINUTES)]
    starts.write_text(json.dumps(drawn), encoding="utf-8")
    return Material(name, csv, subject.all_rows, starts)


def _contest(
    peers: list[Peer],
    pythons: dict[str, Path],
    whole: Material,
    cut: Material,
    folder: Path,
    rounds: int,
) -> Answers:
    """Let every peer take every measure, one after the other in each round."""
    answers: Answers = defaultdict(list)
    for measure in _MEASURES:
        for number in range(rounds if measure not in ("size", "keyframes") else 1):
            for peer in peers:
                if measure not in peer.measures:
                    continue
                _say(f"{whole.name}: {measure}, round {number + 1}, {peer.title}")
                material = whole if peer.most_rows is None else cut
                own = folder / peer.name
                own.mkdir(exist_ok=True)
                words = (pythons[peer.name], peer.script, measure, own, material.csv, material.starts)
                with _one_core() if measure == "scan1" else nullcontext():
                    ran = subprocess.run(
                        [str(word) for word in words], stdout=subprocess.PIPE, text=True, check=False
                    )
                if ran.returncode:
                    sys.exit(f"{peer.title} failed at {measure}; what it said stands above")
                answers[peer.name, measure].append(json.loads(ran.stdout))
    return answers


@contextmanager
def _one_core() -> Iterator[None]:
    """Hold what is started inside, and all its threads, to one core: that passes to a new process."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _medians(answers: Answers) -> Medians:
    return {
        key: {name: statistics.median(answer[name] for answer in rounds) for name in rounds[0]}
        for key, rounds in answers.items()
    }


def _check(peers: list[Peer], medians: Medians, whole: Material, cut: Material) -> None:
    """Hold all peers to the same rows: a reading that leaves some out is no measure."""
    minutes: dict[str, float] = {}
    for peer in peers:
        material = whole if peer.most_rows is None else cut
        for scan in _SCANS:
            scanned = medians[peer.name, scan]["rows"]
            if scanned != material.rows:
                sys.exit(
                    f"{peer.title} read {scanned:.0f} rows of {material.name}, which has {material.rows}"
                )
        read = medians[peer.name, "range"]["rows"]
        if minutes.setdefault(material.name, read) != read:
            sys.exit(f"{peer.title} read {read:.0f} rows in minutes that have {minutes[material.name]:.0f}")


def _day_form(
    title: str, whole: Material, cut: Material, peers: list[Peer], answers: Answers, medians: Medians
) -> dict[str, Any]:
    return {
        "data": title,
        "rows": whole.rows,
        "cut_rows": cut.rows,
        "csv_bytes": whole.csv.stat().st_size,
        "peers": {
            peer.name: {
                measure: {"median": medians[peer.name, measure], "rounds": answers[peer.name, measure]}
                for measure in peer.measures
            }
            for peer in peers
        },
    }


def _print_day(title: str, whole: Material, cut: Material, peers: list[Peer], medians: Medians) -> None:
    """Print a line for each peer; how many times as good Tickreel is stands in brackets."""
    gz = whole.csv.stat().st_size / whole.rows
    print(
        f"\n{title}: {whole.rows} rows, csv.gz {gz:.2f} B/row. In brackets: Tickreel is so many times better."
    )
    scans = ("SCAN M rows/s", "SCAN, ONE CORE")[: len(_SCANS)]
    header = ("INGEST M rows/s", "SIZE B/row", *scans, "MINUTE p50 ms", "p99 ms", "INGEST MB")
    print(" " * 22 + "".join(f"{cell:>20}" for cell in header))

    def of(peer: Peer) -> list[tuple[float, str]]:
        """Give what is less the better, by row where rows count, and how it is shown."""
        rows = (whole if peer.most_rows is None else cut).rows
        ingest, minute = medians[peer.name, "ingest"], medians[peer.name, "range"]
        size = medians[peer.name, "size"]["bytes"] / rows
        seconds = [timed["seconds"] / rows for timed in (ingest, *(medians[peer.name, s] for s in _SCANS))]
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
            f"{shown} {'' if peer is TICKREEL else f'({theirs / own:.2f})':>9}"
            for (own, _), (theirs, shown) in zip(ours, of(peer), strict=True)
        )
        mark = " *" if peer.most_rows is not None and cut.rows < whole.rows else ""
        print(f"{peer.title + mark:22}" + "".join(f"{cell:>20}" for cell in cells))
    if cut.rows < whole.rows:
        print(f"* on the first {cut.rows} rows")
    arrays, moment = medians["tickreel", "arrays"], medians["tickreel", "moment"]
    book_s = medians["tickreel", "book"]["seconds"]
    keyframes = medians["tickreel", "keyframes"]["bytes"] / whole.rows
    print(
        f"Tickreel also: keyframes {keyframes:.2f} B/row; "
        f"file to book {whole.rows / book_s / 1e6:.1f} M rows/s; "
        f"a minute as arrays p50 {1e3 * arrays['p50']:.2f}, p99 {1e3 * arrays['p99']:.2f} ms; "
        f"a book p50 {1e3 * moment['p50']:.2f}, p99 {1e3 * moment['p99']:.2f} ms"
    )


def _print_floors(judged: list[tuple[str, floors.Floor]]) -> None:
    print("\nHeld against what is asked:")
    for title, floor in judged:
        bound = "at most" if floor.is_most else "at least"
        verdict = "met, and reached" if floor.is_reached else "met" if floor.is_met else "NOT MET"
        print(
            f"{verdict:17} {title:34} {floor.what:38} {floor.value:8.2f} {floor.unit}"
            f"  ({bound} {floor.floor:g}, reach {floor.reach:g})"
        )


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
