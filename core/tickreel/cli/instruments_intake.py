"""``tickreel instruments fetch|infer|set``: the three ways by which facts come into the table."""

from __future__ import annotations

import asyncio
import re
from contextlib import closing
from typing import TYPE_CHECKING, Any

from tickreel.cli.console import print_json, tell
from tickreel.cli.instruments import facts_text, moment_text, one_instrument, value_text
from tickreel.cli.opening import opened_cache
from tickreel.cli.progress import Progress
from tickreel.cli.words import TIMES, instrument, instruments, split_words
from tickreel.errors import UsageError
from tickreel.instruments.exporting import version_form
from tickreel.instruments.facts import FACTS
from tickreel.instruments.instrument import FactSource
from tickreel.instruments.judging import refuted, why_unlikely
from tickreel.instruments.table import InstrumentTable
from tickreel.market.time import parse_instant
from tickreel.market.units import format_full

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from tickreel.instruments.inferring import Inference
    from tickreel.instruments.instrument import Version
    from tickreel.instruments.refresh import Refreshed

USAGE = {
    "fetch": "EXCHANGE [SYMBOL...] [--json] [--home DIR]",
    "infer": "EXCHANGE SYMBOL FROM TO [--type TYPE] [--allow-missing] [--json] [--home DIR]",
    "set": "EXCHANGE SYMBOL FACT=VALUE... [--from TIME] [--to TIME] [--allow-unlikely] [--json] [--home DIR]",
}
DESCRIPTION = {
    "fetch": (
        "Without a symbol all instruments of the exchange. The vendor asks for a key whose plan includes its "
        "instruments; only what it had not said before is recorded."
    ),
    "infer": (
        "The greatest step of which all prices (amounts) are whole multiples; the true tick (lot) is that, "
        f"or goes into it a whole number of times. It is valid for the range. {TIMES}"
    ),
    "set": (
        f"FACT= takes back what was typed in before. Facts: {', '.join(FACTS)}. Fees are parts of the value: "
        f"0.0002 is 2 bp; one beyond 5 % is refused, as is an exchange that the vendor does not list, unless "
        f"--allow-unlikely lets them. {TIMES}"
    ),
}
_FACT = re.compile(r"(?P<name>\w+)=(?P<value>.*)", re.DOTALL)


def add_arguments(verb: str, parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tickreel instruments`` *verb*."""
    words = USAGE[verb].partition(" [--")[0]
    parser.add_argument("words", metavar=words, nargs="+", help="what is meant")
    if verb == "infer":
        parser.add_argument("--type", metavar="TYPE", help="the rows to read (the order book, else trades)")
        parser.add_argument("--allow-missing", action="store_true", help="read over days that are not held")
    if verb == "set":
        parser.add_argument(
            "--from", dest="start", metavar="TIME", type=parse_instant, help="valid from then (the beginning)"
        )
        parser.add_argument(
            "--to", dest="end", metavar="TIME", type=parse_instant, help="valid until then (further notice)"
        )
        parser.add_argument(
            "--allow-unlikely", action="store_true", help="take fees beyond 5 %% and an unknown exchange"
        )


def run(verb: str, args: argparse.Namespace) -> int:
    """Do ``tickreel instruments`` *verb*, and give the exit code."""
    return {"fetch": _fetch, "infer": _infer, "set": _set}[verb](args)


def _fetch(args: argparse.Namespace) -> int:
    from tickreel.fetch.admission import Admission, ListCalls
    from tickreel.fetch.economics import read_prices
    from tickreel.fetch.hold import HoldRecord
    from tickreel.instruments.refresh import refresh
    from tickreel.keys import KeyName, find_key
    from tickreel.settings import load
    from tickreel.sources.datasets import DatasetsClient
    from tickreel.sources.network import NETWORK_SECTIONS, network_of

    exchange, symbols = _asked(args.words)

    async def ask() -> Refreshed:
        settings = load(cache.home)
        settings.demand(*NETWORK_SECTIONS)
        network = network_of(settings.values)
        now_us = cache.disk.now_us
        with closing(cache.connect()) as database:
            plan = read_prices(cache.home).plan
            calls = ListCalls(Admission(database, HoldRecord(database, now_us), plan, now_us))
            async with DatasetsClient(network, find_key(KeyName.TARDIS), cache.disk, calls=calls) as client:
                return await refresh(table, client, exchange, symbols)

    with opened_cache(args) as cache, InstrumentTable(cache) as table, Progress(quiet=args.quiet) as progress:
        progress.begin("asking the vendor")
        found = asyncio.run(ask())
        progress.clear()
    recorded = found.recorded
    if args.json:
        print_json(
            {
                "exchange": exchange,
                "instruments": recorded.instruments,
                "versions": recorded.versions,
                "changed": list(recorded.changed),
                "problems": [str(problem) for problem in found.problems],
            }
        )
    else:
        print(
            f"{exchange}: {format_full(recorded.instruments)} instruments, of which "
            f"{format_full(len(recorded.changed))} were new or had changed"
        )
    for problem in found.problems:
        tell(str(problem))
    return 1 if found.problems else 0


def _asked(words: Sequence[str]) -> tuple[str, list[str] | None]:
    """Read EXCHANGE [SYMBOL...]; symbols may be parted by commas as well, and name their exchange."""
    if len(words) == 1 and ":" not in words[0]:
        return words[0], None
    exchange, rest = (None, words) if ":" in words[0] else (words[0], words[1:])
    named = [one for word in rest for one in instruments(exchange, word)]
    exchanges = {of for of, _ in named}
    if len(exchanges) > 1:
        raise UsageError(f"ask for one exchange at a time, not for {', '.join(sorted(exchanges))}")
    return exchanges.pop(), list(dict.fromkeys(symbol for _, symbol in named))


def _infer(args: argparse.Namespace) -> int:
    from tickreel.instruments.inferring import infer

    exchange, text, (start, end) = split_words(args.words, "SYMBOL", "FROM", "TO")
    exchange, symbol = instrument(exchange, text)
    with opened_cache(args) as cache, InstrumentTable(cache) as table, Progress(quiet=args.quiet) as progress:
        progress.begin("inferring")
        found = infer(
            cache,
            exchange,
            symbol,
            start,
            end,
            type=args.type,
            allow_missing=args.allow_missing,
            monitor=progress,
        )
        progress.clear()
        version = table.record_inference(found)
        wrong = refuted(table, found)
    if args.json:
        print_json(_inference_form(found, version, wrong))
    else:
        _print_inference(found)
    for name, value, source in wrong:
        who = "the vendor says" if source is FactSource.VENDOR else f"was {source}"
        tell(
            f"{value_text(name, value)} {who} for the {name} of {exchange} {symbol}, and there are rows that "
            f"are no multiples of it: {value_text(name, found.facts[name])} would fit them"
        )
    return 0


def _inference_form(
    found: Inference, version: Version | None, wrong: Sequence[tuple[str, float, FactSource]]
) -> dict[str, Any]:
    return {
        "exchange": found.exchange,
        "symbol": found.symbol,
        "type": found.evidence.type.value,
        "from_us": found.from_us,
        "to_us": found.to_us,
        "rows": found.rows,
        "tick": found.tick,
        "tick_rows": found.evidence.tick_rows,
        "lot": found.lot,
        "lot_rows": found.evidence.lot_rows,
        "recorded_us": None if version is None else version.recorded_us,
        "refutes": [{"fact": name, "value": value, "source": source.value} for name, value, source in wrong],
    }


def _print_inference(found: Inference) -> None:
    rests_on = found.evidence
    for name, what, rows in (("tick", "prices", rests_on.tick_rows), ("lot", "amounts", rests_on.lot_rows)):
        value = found.facts.get(name)
        told = (
            "not known: fewer than two different ones"
            if value is None
            else f"at most {value_text(name, value)}"
        )
        print(f"{name:<5} {told}  ({format_full(rows)} {what} of {rests_on.type})")


def _set(args: argparse.Namespace) -> int:
    words: list[str] = args.words
    first = next((place for place, word in enumerate(words) if place and _FACT.fullmatch(word)), len(words))
    facts: dict[str, str] = {}
    for word in words[first:]:
        match = _FACT.fullmatch(word)
        if match is None:
            raise UsageError(f"{word!r} is no fact: write FACT=VALUE, such as tick=0.1")
        if match["name"] in facts:
            raise UsageError(f"{match['name']} is given twice: name each fact once")
        facts[match["name"]] = match["value"]
    exchange, symbol = one_instrument(words[:first])
    with opened_cache(args) as cache, InstrumentTable(cache) as table:
        why = None if args.allow_unlikely else why_unlikely(cache, exchange, facts)
        if why is not None:
            raise UsageError(f"{why}; --allow-unlikely takes it")
        version = table.type_in(exchange, symbol, facts, start=args.start, end=args.end)
    if args.json:
        print_json(version_form(version))
        return 0
    start_us, end_us = version.valid_from_us, version.valid_to_us
    since = "from the beginning" if start_us is None else f"from {moment_text(start_us)}"
    until = "until further notice" if end_us is None else f"to {moment_text(end_us)}"
    print(f"{version.exchange} {version.symbol}  {facts_text(version)}  {since} {until}")
    return 0
