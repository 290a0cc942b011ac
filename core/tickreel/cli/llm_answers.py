"""``tickreel llm answers``, ``pin``, ``unpin``, ``rate`` and ``export``: what was analysed before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.analysis.exporting import json_of, markdown_of
from tickreel.analysis.history import Query, find_history, set_mark
from tickreel.analysis.keeping import kept_analyses, measured_again
from tickreel.cli.console import print_json
from tickreel.cli.opening import opened_cache
from tickreel.cli.words import TIMES, instrument, split_words
from tickreel.errors import NotHeldError, UsageError
from tickreel.market.time import format_us, parse_range

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from tickreel.analysis.history import Kept
    from tickreel.store import Cache
    from tickreel.store.records.database import Database

_FINDING = "CALL FINDING [--window N] [--json] [--home DIR]"
USAGE = {
    "answers": "[EXCHANGE SYMBOL [FROM TO]] [--search TEXT] [--pinned] [--json] [--home DIR]",
    "pin": _FINDING,
    "unpin": _FINDING,
    "rate": "CALL FINDING good|bad|none [--window N] [--json] [--home DIR]",
    "export": "CALL [--window N] [--json] [--home DIR]",
}
DESCRIPTION = {
    "answers": (
        "All of them, or those of an instrument, of windows that overlap [FROM, TO), that hold the words of "
        "TEXT, or that have a pinned finding. Each window is measured anew: an analysis is stale where its "
        f"rows are not the same any more. {TIMES}"
    ),
    "pin": "CALL is the number of a call, FINDING that of a finding among its answer, from 1 on.",
    "unpin": "CALL is the number of a call, FINDING that of a finding among its answer, from 1 on.",
    "rate": "CALL is the number of a call, FINDING that of a finding among its answer, from 1 on.",
    "export": (
        "As Markdown, or with --json as JSON: the answer, its figures, the check of its numbers, the rows "
        "that it was made from, who was asked, when, and what it cost."
    ),
}
_RATINGS = {"good": 1, "bad": -1, "none": 0}


def add_arguments(verb: str, parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tickreel llm`` *verb*."""
    if verb == "answers":
        parser.add_argument("words", nargs="*", metavar="EXCHANGE SYMBOL FROM TO")
        parser.add_argument("--search", metavar="TEXT", default="", help="words of answer, question or model")
        parser.add_argument("--pinned", action="store_true", help="those with a pinned finding only")
        return
    parser.add_argument(
        "call", metavar="CALL", help="the number of a call, as `tickreel llm answers` tells it"
    )
    if verb != "export":
        parser.add_argument("finding", metavar="FINDING", help="the number of a finding of its answer")
    if verb == "rate":
        parser.add_argument("rating", metavar="good|bad|none", help="what you think of it")
    parser.add_argument("--window", metavar="N", default="1", help="which window of a call of several (1)")


def run(verb: str, args: argparse.Namespace) -> int:
    """Do ``tickreel llm`` *verb*, and give the exit code."""
    with opened_cache(args, only_reads=verb in ("answers", "export")) as cache:
        database = cache.connect()
        try:
            if verb == "answers":
                _tell_answers(cache, database, args)
                return 0
            kept = _entry(database, args.call, _number(args.window, "--window"))
            if verb == "export":
                _export(cache, kept, as_json=args.json)
                return 0
            is_pinned = None if verb == "rate" else verb == "pin"
            rating = _rating(args.rating) if verb == "rate" else None
            finding = _number(args.finding, "FINDING") - 1
            mark = set_mark(database, kept, finding, cache.disk.now_us(), is_pinned=is_pinned, rating=rating)
        finally:
            database.close()
    if args.json:
        print_json({"call": kept.call.id, "pinned": mark.is_pinned, "rating": mark.rating})
    return 0


def _query(words: Sequence[str], text: str, *, is_pinned: bool) -> Query:
    if not words:
        return Query(text=text, is_pinned=is_pinned, is_answered=True)
    after = ("FROM", "TO") if len(words) > 2 else ()
    exchange, symbol_text, rest = split_words(words, "SYMBOL", *after)
    exchange, symbol = instrument(exchange, symbol_text)
    start_us, end_us = parse_range(*rest) if rest else (None, None)
    return Query(exchange, symbol, start_us, end_us, text, is_pinned=is_pinned, is_answered=True)


def _number(text: str, what: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise UsageError(f"{what} {text}: write a number from 1 on")
    return int(text)


def _rating(text: str) -> int:
    if text not in _RATINGS:
        raise UsageError(f"{text!r} is no opinion: write {', '.join(_RATINGS)}")
    return _RATINGS[text]


def _entry(database: Database, call: str, window: int) -> Kept:
    number = _number(call, "CALL")
    for kept in find_history(database, Query(call_id=number)):
        if kept.number == window - 1:
            return kept
    raise NotHeldError(f"there is no window {window} of a call {number}: `tickreel llm answers` lists them")


def _export(cache: Cache, kept: Kept, *, as_json: bool) -> None:
    analysis = measured_again(cache, kept)
    if analysis is None:
        raise NotHeldError(f"call {kept.call.id} gave no answer that could be exported: {kept.call.reason}")
    print((json_of if as_json else markdown_of)(analysis), end="")


def _tell_answers(cache: Cache, database: Database, args: argparse.Namespace) -> None:
    found = kept_analyses(cache, database, _query(args.words, args.search, is_pinned=args.pinned))
    if args.json:
        print_json([one.to_form() for one in found])
        return
    for one in found:
        kept = one.kept
        stale = "  (stale: its rows are not the same any more)" if one.is_stale else ""
        span = f"{format_us(kept.from_us)} to {format_us(kept.to_us)}"
        print(f"{kept.call.id}  {kept.exchange} {kept.symbol}  {span}  {kept.call.model}{stale}")
        for line in (*([f"? {kept.question}"] if kept.question else []), one.answer.prose):
            print(f"    {line}")
