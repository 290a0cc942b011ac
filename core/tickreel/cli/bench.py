"""``tickreel bench``: how fast storing, reading and a playing window are on this machine."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tickreel.bench.figures import Figure, Measure, Report, Unit
from tickreel.bench.generator import FEWEST_ROWS
from tickreel.bench.playing import (
    DEFAULT_SECONDS,
    FEWEST_SECONDS,
    MOST_SECONDS,
    PlayRequest,
    play_bench,
)
from tickreel.bench.running import DEFAULT_ROWS, BenchRequest, run_bench
from tickreel.cli.console import print_json, print_table
from tickreel.cli.progress import Progress
from tickreel.errors import UsageError
from tickreel.market.units import ABSENT, format_bytes, format_count, format_full

if TYPE_CHECKING:
    from collections.abc import Iterable

USAGE = "[--rows N] [--file PATH ...] [--only NAME ... | --ui [--seconds S]] [--seed N] [--json] [--quiet]"
DESCRIPTION = (
    "A day is generated, stored and read in a temporary folder, which is gone afterwards; the cache is not "
    f"touched. The measures are {', '.join(Measure)}. With --ui the window of the desktop plays instead, at "
    "1000x, without a screen."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's own arguments."""
    parser.add_argument(
        "--rows",
        metavar="N",
        type=_whole,
        default=DEFAULT_ROWS,
        help=f"rows of the generated day, {FEWEST_ROWS} at least (default {DEFAULT_ROWS})",
    )
    parser.add_argument(
        "--file", metavar="PATH", action="append", default=[], help="a vendor file to measure as well"
    )
    parser.add_argument(
        "--only", metavar="NAME", action="append", default=[], help="a measure to take, instead of all"
    )
    parser.add_argument(
        "--seed", metavar="N", type=_whole, default=0, help="another generated day (default 0)"
    )
    parser.add_argument(
        "--ui", action="store_true", help="have the desktop play, and measure what its frames cost"
    )
    parser.add_argument(
        "--seconds",
        metavar="S",
        type=float,
        help=f"with --ui: how long each symbol is played (default {DEFAULT_SECONDS:g})",
    )


def _whole(text: str) -> int:
    try:
        value = int(text.replace("_", ""))
    except ValueError:
        value = -1
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 on")
    return value


def run(args: argparse.Namespace) -> int:
    """Do it, and give the exit code."""
    if args.ui:
        return _run_ui(args)
    request = _request(args)
    with Progress(quiet=args.quiet) as progress:
        report = run_bench(request, progress)
    if args.json:
        print_json(report_form(report))
        return 0
    _print_report(report, "Middle of several rounds.")
    return 0


def _run_ui(args: argparse.Namespace) -> int:
    request = _play_request(args)
    with Progress(quiet=args.quiet) as progress:
        report = play_bench(request, progress)
    if args.json:
        print_json(report_form(report) | {"seconds": request.seconds})
        return 0
    _print_report(
        report, f"Played at 1000x for {request.seconds:g} s in a window of 1920x1080, drawn by software."
    )
    return 0


def _request(args: argparse.Namespace) -> BenchRequest:
    if args.seconds is not None:
        raise UsageError("--seconds: only a window is played for a time, see --ui")
    files = _files(args)
    _check_rows(args.rows)
    return BenchRequest(args.rows, files, _measures(args.only), args.seed)


def _play_request(args: argparse.Namespace) -> PlayRequest:
    if args.only:
        raise UsageError("--only: with --ui all is measured at once")
    files = _files(args)
    if args.rows or not files:
        _check_rows(args.rows)
    seconds = DEFAULT_SECONDS if args.seconds is None else args.seconds
    if not FEWEST_SECONDS <= seconds <= MOST_SECONDS:
        raise UsageError(f"--seconds {seconds:g}: choose from {FEWEST_SECONDS:g} to {MOST_SECONDS:g}")
    return PlayRequest(args.rows, files, seconds, args.seed)


def _check_rows(rows: int) -> None:
    if rows < FEWEST_ROWS:
        raise UsageError(f"--rows {rows}: a generated day has at least {FEWEST_ROWS} rows")


def _files(args: argparse.Namespace) -> tuple[Path, ...]:
    if args.home is not None:
        raise UsageError("--home: a bench works in the folder for temporary files; TMPDIR names another")
    files = tuple(Path(path) for path in args.file)
    for path in files:
        if not path.is_file():
            raise UsageError(f"{path}: there is no such file")
    return files


def _measures(names: Iterable[str]) -> frozenset[Measure]:
    found: set[Measure] = set()
    for name in names:
        try:
            found.add(Measure(name))
        except ValueError:
            raise UsageError(f"{name!r} is not a measure: choose from {', '.join(Measure)}") from None
    return frozenset(found or Measure)


def report_form(report: Report) -> dict[str, Any]:
    """Give a report as JSON has it."""
    return {
        "rows": report.rows,
        "seed": report.seed,
        "machine": asdict(report.machine) | {"load": list(report.machine.load)},
        "figures": [
            {
                "measure": figure.measure.value,
                "data": figure.data,
                "what": figure.what,
                "value": figure.value,
                "unit": figure.unit.value,
                "best": figure.best,
            }
            for figure in report.figures
        ],
    }


def _print_report(report: Report, how: str) -> None:
    """Print it for people; *how* it was measured stands above."""
    machine = report.machine
    loads = ", ".join(f"{each:.2f}" for each in machine.load)
    print(
        f"{machine.system}, Python {machine.python}, {machine.cores} cores, "
        f"{format_bytes(machine.memory_bytes)} of memory; load before {loads}"
    )
    day = f"A generated day of {format_full(report.rows)} rows, seed {report.seed}. " if report.rows else ""
    print(f"{day}{how}")
    print()
    header = ("MEASURE", "DATA", "WHAT", "VALUE", "BEST")
    rows = [
        (
            figure.measure.value,
            figure.data,
            figure.what,
            _shown(figure, figure.value),
            ABSENT if figure.best is None else _shown(figure, figure.best),
        )
        for figure in report.figures
    ]
    print_table(header, rows, right=("VALUE", "BEST"))


def _shown(figure: Figure, value: float) -> str:
    match figure.unit:
        case Unit.ROWS_PER_S:
            return f"{format_count(round(value))} rows/s"
        case Unit.MESSAGES_PER_S:
            return f"{format_count(round(value))} messages/s"
        case Unit.DAYS_PER_S:
            return f"{value:.0f} days/s"
        case Unit.BYTES_PER_S:
            return f"{format_bytes(round(value))}/s"
        case Unit.BYTES_PER_ROW:
            return f"{value:.2f} B/row"
        case Unit.BYTES:
            return format_bytes(round(value))
        case Unit.MS:
            return f"{value:.2f} ms"
        case Unit.FRAMES_PER_S:
            return f"{value:.1f} frames/s"
        case Unit.SPEED:
            return f"{value:.0f}x"
        case Unit.PERCENT_OF_CORE:
            return f"{value:.1f} % of a core"
