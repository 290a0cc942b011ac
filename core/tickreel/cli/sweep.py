"""``tickreel sweep``: a strategy over a grid, several runs at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.backtest.calls import axes
from tickreel.backtest.runs.card import RunState
from tickreel.backtest.runs.service import opened_runs
from tickreel.backtest.sweeps.grid import Axis, SweepRequest, parse_grid
from tickreel.backtest.sweeps.ranking import DEFAULT_FIGURE, FIGURES
from tickreel.backtest.sweeps.sweep import begin, resume
from tickreel.cli.backtest import OPTIONS, WORDS, add_request, request_from, tell_doubts
from tickreel.cli.console import print_json, tell
from tickreel.cli.opening import opened_cache
from tickreel.cli.progress import Progress, TimeLeft
from tickreel.cli.words import TIMES
from tickreel.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from tickreel.backtest.sweeps.sweep import Sweep

USAGE = (
    f"{WORDS} --grid k=a,b,c ... [--apart symbols,days] [--param k=v]... {OPTIONS} "
    "[--workers N | --scheduler ADDRESS] [--rank FIGURE] [--json] [--home DIR] [--quiet]\n"
    "       tickreel sweep --resume SWEEP"
)
DESCRIPTION = (
    "Runs a strategy for every combination of the values of a grid, keeps all runs, and prints their cards "
    f"as a JSON array in the order of the grid. {TIMES}"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's own arguments."""
    add_request(parser, is_required=False)
    parser.add_argument(
        "--grid", action="append", default=[], metavar="k=a,b,c", help="values of a parameter; repeatable"
    )
    parser.add_argument(
        "--apart", default="", metavar="A,..", help=f"take into runs of their own: {', '.join(Axis)}"
    )
    parser.add_argument("--workers", type=int, metavar="N", help="runs at a time (backtest.workers)")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="do them on a Dask cluster: tickreel[dask]")
    parser.add_argument(
        "--rank",
        choices=FIGURES,
        default=DEFAULT_FIGURE,
        metavar="FIGURE",
        help=f"what the progress ranks runs by: {', '.join(FIGURES)} ({DEFAULT_FIGURE})",
    )
    parser.add_argument("--resume", metavar="SWEEP", help="go on with a sweep that did not come to its end")


def run(args: argparse.Namespace) -> int:
    """Do it, and give the exit code."""
    if args.workers is not None and args.scheduler is not None:
        raise UsageError("--workers and --scheduler exclude one another")
    request = None if args.resume is not None else _request(args)
    with opened_cache(args) as cache, opened_runs(cache) as runs, Progress(quiet=args.quiet) as progress:
        progress.begin("sweep")
        options = {"workers": args.workers, "scheduler": args.scheduler, "figure": args.rank}
        if request is None:
            done = resume(runs, args.resume, TimeLeft(progress), **options)
        else:
            done = begin(runs, request, TimeLeft(progress), **options)
    print_json([one.to_form() for one in done.runs])
    return _exit_code(done) or tell_doubts([one.card for one in done.runs])


def _request(args: argparse.Namespace) -> SweepRequest:
    if len(args.words) != len(WORDS.split()):
        raise UsageError(f"this needs {WORDS}, or --resume SWEEP (see tickreel sweep --help)")
    apart = axes(args.apart.split(",") if args.apart else ())
    if not args.grid and not apart:
        raise UsageError("a sweep needs --grid k=a,b,c, or --apart symbols,days")
    return SweepRequest(base=request_from(args), grid=parse_grid(args.grid), apart=apart)


def _exit_code(done: Sweep) -> int:
    failed = [run for run in done.runs if run.card.state is RunState.FAILED]
    if failed:
        tell(f"{len(failed)} of {len(done.runs)} runs failed; the first: {failed[0].card.failure}")
    return 1 if failed else 0
