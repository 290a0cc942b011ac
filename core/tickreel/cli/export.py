"""``tickreel export``: a range in the form of another engine."""

from __future__ import annotations

import argparse

from tickreel.backtest.reports.events import events_of, write_npz
from tickreel.cli.console import print_json, tell
from tickreel.cli.opening import opened_cache
from tickreel.cli.output import opened_output
from tickreel.cli.progress import Progress
from tickreel.cli.words import TIMES, instrument, split_words
from tickreel.market.time import parse_range
from tickreel.market.units import format_full

USAGE = "EXCHANGE SYMBOL FROM TO --npz FILE [--allow-missing] [--json] [--home DIR] [--quiet]"
DESCRIPTION = (
    "Writes the order book of [FROM, TO), from the whole book at FROM on, and the trades that are held, "
    f"as the events that hftbacktest reads. {TIMES}"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's own arguments."""
    parser.add_argument("words", nargs="+", metavar="EXCHANGE SYMBOL FROM TO", help=argparse.SUPPRESS)
    parser.add_argument("--npz", metavar="FILE", required=True, help="the file to write")
    parser.add_argument("--allow-missing", action="store_true", help="leave out days that are not held")


def run(args: argparse.Namespace) -> int:
    """Do it, and give the exit code."""
    exchange, text, (start, end) = split_words(args.words, "SYMBOL", "FROM", "TO")
    exchange, symbol = instrument(exchange, text)
    start_us, end_us = parse_range(start, end)
    with opened_cache(args, only_reads=True) as cache, Progress(quiet=args.quiet) as progress:
        progress.begin(symbol)
        found = events_of(
            cache, exchange, symbol, start_us, end_us, allow_missing=args.allow_missing, monitor=progress
        )
        progress.report(0, None, "writing")
        with opened_output(args.npz) as file:
            write_npz(file, found)
    if found.shift_us:
        tell(
            f"warning: local times were moved by {format_full(found.shift_us)} µs, or messages arrive unsent"
        )
    if args.json:
        print_json(
            {
                "file": args.npz,
                "exchange": exchange,
                "symbol": symbol,
                "from_us": start_us,
                "to_us": end_us,
                "events": len(found.data),
                "shift_us": found.shift_us,
            }
        )
    return 0
