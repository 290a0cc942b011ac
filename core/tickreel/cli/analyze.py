"""``tickreel analyze``: a range in figures, what an analyst makes of them, and what that cost."""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING

from tickreel.analysis import Group, Waiting, analyze_async
from tickreel.cli.console import print_json
from tickreel.cli.opening import opened_cache
from tickreel.cli.progress import Progress
from tickreel.cli.words import TIMES, instrument, split_words
from tickreel.errors import UsageError
from tickreel.market.units import format_duration_s

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel.analysis import Prose

USAGE = (
    "EXCHANGE SYMBOL FROM TO [--model M] [--only GROUPS] [--ask TEXT] [--dry-run] "
    "[--json] [--home DIR] [--quiet]"
)
DESCRIPTION = (
    "Measures [FROM, TO), at most 24 hours, has it analysed, and prints figures, findings, the check of "
    f"every number, and the cost as JSON. {TIMES}"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's own arguments."""
    parser.add_argument("words", nargs="+", metavar="EXCHANGE SYMBOL FROM TO", help=argparse.SUPPRESS)
    parser.add_argument("--model", metavar="M", help="a model, or offline (else what is set, else offline)")
    parser.add_argument(
        "--only", metavar="GROUPS", help=f"figures of these groups only, parted by commas: {', '.join(Group)}"
    )
    parser.add_argument("--ask", metavar="TEXT", default="", help="a question to the model about the window")
    parser.add_argument(
        "--dry-run", action="store_true", help="send nothing; show what would be sent, and what it could cost"
    )


def run(args: argparse.Namespace) -> int:
    """Do it, and give the exit code."""
    exchange, text, (start, end) = split_words(args.words, "SYMBOL", "FROM", "TO")
    exchange, symbol = instrument(exchange, text)
    progress = Progress(quiet=args.quiet)  # not entered: Ctrl-C ends the call itself, on the wire
    with opened_cache(args, only_reads=True) as cache:
        progress.begin(symbol)
        try:
            analysis = asyncio.run(
                analyze_async(
                    cache,
                    exchange,
                    symbol,
                    start,
                    end,
                    model=args.model,
                    groups=_groups(args.only),
                    question=args.ask,
                    dry_run=args.dry_run,
                    on_step=_told_by(progress),
                )
            )
        finally:
            progress.clear()
    print_json(analysis.to_form())
    return 0


def _groups(text: str | None) -> tuple[Group, ...] | None:
    if text is None:
        return None
    names = text.split(",")
    for name in names:
        if name not in list(Group):
            raise UsageError(f"{name!r} is no group of figures: write some of {', '.join(Group)}")
    return tuple(Group(name) for name in names)


def _told_by(progress: Progress) -> Callable[[Prose | Waiting], None]:
    said = 0

    def tell(step: Prose | Waiting) -> None:
        nonlocal said
        if isinstance(step, Waiting):
            progress.report(0, None, f"again in {format_duration_s(step.seconds)}: {step.reason}")
        else:
            said += len(step.text)
            progress.report(0, None, f"{said} characters")

    return tell
