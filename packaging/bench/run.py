"""Tickreel beside its peers, each in processes of its own, turn by turn: ``make bench``.

    .venv/bin/python packaging/bench/run.py [--rows N] [--rounds N] [--file PATH] [--peer NAME] [--json]

Prints a table and what is met of the floors, and leaves all figures in ``.bench/report.json`` and, as a
page with charts, in ``.bench/report.html``.
Nothing here fails because it is slow; it fails when a peer reads other rows than another.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import floors
from materials import Material, materials_of
from page import page_of
from peers import BENCH, BOOK, PEERS, QUOTES, SCANS, TICKREEL, TOLD, Peer
from program import program_figures
from tables import print_day, print_floors

from tickreel.bench.figures import Machine
from tickreel.bench.generator import write_day
from tickreel.bench.running import DEFAULT_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator

_LARGE_ROWS = 2_000_000
"""From so many rows on a day says something of speeds: below, the start of a query outweighs its rows."""
_ONCE = ("prepare", "size", "keyframes")
"""What is no faster the next time, or not timed; what others build on comes first."""
_MEASURES = tuple(dict.fromkeys(("prepare", *(measure for peer in PEERS for measure in peer.measures))))

Answers = dict[tuple[str, str], list[dict[str, float]]]
Medians = dict[tuple[str, str], dict[str, float]]
Materials = dict[int | None, Material]


def main() -> int:
    """Measure, print, and leave the figures behind."""
    args = _arguments()
    peers = [peer for peer in PEERS if peer is TICKREEL or not args.peer or peer.name in args.peer]
    BENCH.mkdir(exist_ok=True)
    pythons = {peer.name: peer.python() for peer in peers}
    versions = {peer.name: peer.version() for peer in peers}
    before = Machine.here()
    report: dict[str, Any] = {
        "machine": asdict(before),
        "rounds": args.rounds,
        "versions": versions,
        "days": [],
    }
    judged: list[tuple[str, floors.Floor]] = []
    with tempfile.TemporaryDirectory(prefix="run-", dir=BENCH) as name:
        root = Path(name)
        for number, (title, csv) in enumerate(_files(args, root)):
            folder = root / f"day{number}"
            folder.mkdir()
            _say(f"{title}: counting rows")
            materials = materials_of(title, csv, folder, [peer.most_rows for peer in peers])
            answers = _contest(peers, pythons, materials, folder, args.rounds)
            medians = _medians(answers)
            _check(peers, medians, materials)
            rows = materials[None].rows
            found = floors.of_day(medians, rows, BOOK, is_large=rows >= _LARGE_ROWS)
            judged += [(title, floor) for floor in found]
            report["days"].append(_day_form(title, materials, peers, answers, medians))
            if not args.json:
                print_day(title, materials, peers, versions, medians)
            shutil.rmtree(folder)
    figures = program_figures(args.rows, args.seed, args.file, _say)
    judged += floors.of_program(figures, is_large=args.rows >= _LARGE_ROWS)
    report["program"] = [asdict(figure) for figure in figures]
    report["load_after"] = os.getloadavg() if hasattr(os, "getloadavg") else None
    report["floors"] = [
        {"data": title, **asdict(floor), "met": floor.is_met, "reached": floor.is_reached}
        for title, floor in judged
    ]
    (BENCH / "report.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    (BENCH / "report.html").write_text(page_of(report), encoding="utf-8")
    if args.json:
        print(json.dumps(report, indent=2))
        return 0
    for figure in figures:
        print(
            f"{figure.measure:8}  {figure.data:22.22}  {figure.what:45}  {figure.value:14.2f} {figure.unit}"
        )
    print_floors(judged)
    print(
        f"Load before {before.load}, after {report['load_after']}. "
        "All figures: .bench/report.json, as a page: .bench/report.html"
    )
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


def _contest(
    peers: list[Peer], pythons: dict[str, Path], materials: Materials, folder: Path, rounds: int
) -> Answers:
    """Let every peer take every measure, one after the other in each round."""
    answers: Answers = defaultdict(list)
    for measure in _MEASURES:
        for number in range(1 if measure in _ONCE else rounds):
            for peer in peers:
                if measure not in peer.measures:
                    continue
                _say(f"{materials[None].name}: {measure}, round {number + 1}, {peer.title}")
                material = materials[peer.most_rows]
                own = folder / peer.name
                own.mkdir(exist_ok=True)
                words = (pythons[peer.name], peer.script, measure, own, material.csv, material.starts)
                with _one_core() if measure.endswith("1") else nullcontext():
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


def _check(peers: list[Peer], medians: Medians, materials: Materials) -> None:
    """Hold all peers to the same rows: a reading that leaves some out is no measure."""
    minutes: dict[str, float] = {}
    for peer in peers:
        material = materials[peer.most_rows]
        for scan in (*SCANS, BOOK, QUOTES, TOLD):
            if scan not in peer.measures:
                continue
            scanned = medians[peer.name, scan]["rows"]
            if scanned != material.rows:
                sys.exit(
                    f"{peer.title} read {scanned:.0f} rows of {material.name}, which has {material.rows}"
                )
        if not peer.is_store:
            continue
        read = medians[peer.name, "range"]["rows"]
        if minutes.setdefault(material.name, read) != read:
            sys.exit(f"{peer.title} read {read:.0f} rows in minutes that have {minutes[material.name]:.0f}")


def _day_form(
    title: str, materials: Materials, peers: list[Peer], answers: Answers, medians: Medians
) -> dict[str, Any]:
    whole = materials[None]
    return {
        "data": title,
        "rows": whole.rows,
        "touch": whole.touch,
        "csv_bytes": whole.csv.stat().st_size,
        "peers": {
            peer.name: {
                "rows": materials[peer.most_rows].rows,
                "touch": materials[peer.most_rows].touch,
            }
            | {
                measure: {"median": medians[peer.name, measure], "rounds": answers[peer.name, measure]}
                for measure in peer.measures
            }
            for peer in peers
        },
    }


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
