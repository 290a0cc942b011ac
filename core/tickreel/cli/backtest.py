"""``tickreel backtest``: one run of a strategy, kept with its card."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tickreel.backtest.calls import request_of
from tickreel.backtest.presets import (
    FEES_WORDS,
    LATENCY_WORDS,
    PRESETS,
    QUEUE_WORDS,
    TYPICAL,
)
from tickreel.backtest.runs.card import RunState
from tickreel.backtest.runs.service import opened_runs
from tickreel.backtest.sweeps.grid import band, parse_params
from tickreel.backtest.sweeps.sweep import band_of, begin
from tickreel.cli.console import print_json, tell
from tickreel.cli.opening import opened_cache
from tickreel.cli.progress import Progress, TimeLeft
from tickreel.cli.runwords import doubt_line
from tickreel.cli.words import TIMES, instruments
from tickreel.errors import Cancelled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.backtest.request import BacktestRequest
    from tickreel.backtest.runs.card import RunCard

WORDS = "STRATEGY SYMBOLS FROM TO"
OPTIONS = (
    "[--preset careful|typical|optimistic] [--latency ..] [--queue ..] [--fees ..] [--capital N] [--seed N] "
    "[--analyst M] [--analysis-record N] [--allow-missing]"
)
USAGE = f"{WORDS} [--param k=v]... {OPTIONS} [--band] [--json] [--home DIR] [--quiet]"
DESCRIPTION = (
    "Runs a strategy, file.py[:Class] or an example by its name, over [FROM, TO) of EXCHANGE:SYMBOL[,..] "
    f"in a process of its own, keeps the run, and prints its card as JSON. {TIMES}"
)
CANCELLED = Cancelled.exit_code


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's own arguments."""
    add_request(parser)
    parser.add_argument(
        "--band",
        action="store_true",
        help="run latencies x queue models as well, and tell profit and loss as a band",
    )


def add_request(parser: argparse.ArgumentParser, *, is_required: bool = True) -> None:
    """Declare what says what is run."""
    count = 4 if is_required else "*"
    parser.add_argument("words", nargs=count, metavar=WORDS, help=argparse.SUPPRESS)
    parser.add_argument(
        "--param", action="append", default=[], metavar="k=v", help="a parameter of the strategy; repeatable"
    )
    parser.add_argument(
        "--preset", choices=tuple(PRESETS), default=TYPICAL, help=f"latency, queue and fees ({TYPICAL})"
    )
    parser.add_argument("--latency", metavar="L", help=f"of orders, both ways: {LATENCY_WORDS}")
    parser.add_argument("--queue", metavar="Q", help=QUEUE_WORDS)
    parser.add_argument("--fees", metavar="F", help=FEES_WORDS)
    parser.add_argument(
        "--capital", type=float, metavar="N", help="without it returns and Sharpe are unknown"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of all that is drawn (0)")
    parser.add_argument("--analyst", metavar="M", help="who answers analyses, a model or offline (llm.model)")
    parser.add_argument(
        "--analysis-record", type=int, metavar="N", help="take analyses from this record of an earlier run"
    )
    parser.add_argument("--allow-missing", action="store_true", help="run over days that are not held")


def request_from(args: argparse.Namespace) -> BacktestRequest:
    """Read what is to be run.

    Raises:
        UsageError: one of the words or options cannot be read.
    """
    strategy, symbols, start, end = args.words
    return request_of(
        strategy,
        instruments(None, symbols),
        start,
        end,
        params=parse_params(args.param),
        latency=args.latency,
        queue=args.queue,
        fees=args.fees,
        capital=args.capital,
        seed=args.seed,
        models=args.preset,
        allow_missing=args.allow_missing,
        analyst=args.analyst,
        analysis_record=args.analysis_record,
    )


def run(args: argparse.Namespace) -> int:
    """Do it, and give the exit code."""
    request = request_from(args)
    with opened_cache(args) as cache, opened_runs(cache) as runs, Progress(quiet=args.quiet) as progress:
        progress.begin(request.strategy)
        done = runs.backtest(request, TimeLeft(progress))
        form = done.to_form()
        if args.band and done.card.state is RunState.SUCCEEDED:
            progress.begin("band")
            form["band"] = band_of(begin(runs, band(request), TimeLeft(progress)))
    print_json(form)
    code = exit_code(done.card)
    return code or tell_doubts([done.card])


def tell_doubts(cards: Sequence[RunCard]) -> int:
    """Say on stderr why the results of runs may not be worth much, if there is anything; give 0."""
    if (line := doubt_line(cards)) is not None:
        tell(line)
    return 0


def exit_code(card: RunCard) -> int:
    """Say on stderr how a run ended that did not come to its end, and give the exit code."""
    if card.state is RunState.FAILED:
        tell(f"run {card.id} failed: {card.failure}")
        return 1
    if card.state is RunState.CANCELLED:
        tell(f"run {card.id} was cancelled; what there is of it is kept")
        return CANCELLED
    return 0
