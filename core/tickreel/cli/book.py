"""``tickreel book``: an order book at an instant."""

from __future__ import annotations

import argparse

from tickreel.cli.console import print_json
from tickreel.cli.jsonform import book_form
from tickreel.cli.opening import opened_cache
from tickreel.cli.words import TIMES, instrument, split_words
from tickreel.errors import UsageError
from tickreel.market.time import parse_instant
from tickreel.market.types import DataType
from tickreel.store.library.booktime import book_at

USAGE = "EXCHANGE SYMBOL --at TIME [--depth N|all] [--json] [--home DIR]"
DESCRIPTION = f"The book after all messages with local time up to and including TIME, as JSON. {TIMES}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's own arguments."""
    parser.add_argument("words", nargs="+", metavar="EXCHANGE SYMBOL", help=argparse.SUPPRESS)
    parser.add_argument("--at", metavar="TIME", required=True, help="the instant")
    parser.add_argument("--depth", metavar="N|all", default="20", help="levels to show of each side (20)")


def run(args: argparse.Namespace) -> int:
    """Do it, and give the exit code."""
    exchange, text, _ = split_words(args.words, "SYMBOL")
    exchange, symbol = instrument(exchange, text)
    at_us = parse_instant(args.at)
    depth = _depth(args.depth)
    with opened_cache(args, only_reads=True) as cache:
        cache.library.bring([(exchange, symbol)], [DataType.INCREMENTAL_BOOK_L2], at_us, at_us + 1)
        found = book_at(cache.library, cache.book_selection(exchange, symbol, asked_days=1), at_us)
    print_json(book_form(exchange, symbol, at_us, found, depth))
    return 0


def _depth(text: str) -> int | None:
    if text == "all":
        return None
    if not (text.isascii() and text.isdigit()):
        raise UsageError(f"--depth {text}: write a number of levels, or all")
    return int(text)
