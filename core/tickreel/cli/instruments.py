"""``tickreel instruments``: what is known of tick, lot, multiplier, fees and the like, and who says so.

Verbs by which facts come in stand in a module of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tickreel.cli.console import print_json, print_table
from tickreel.cli.opening import opened_cache
from tickreel.cli.output import opened_output
from tickreel.cli.words import TIMES, instrument, split_words
from tickreel.errors import NotHeldError, UsageError
from tickreel.instruments.exporting import csv_pieces, json_pieces, version_form
from tickreel.instruments.facts import FACTS, FactKind, Value
from tickreel.instruments.instrument import FactSource, Instrument, Version, ways_to_know
from tickreel.instruments.merging import latest, spans
from tickreel.instruments.table import InstrumentTable
from tickreel.market.numbers import positional
from tickreel.market.time import parse_instant
from tickreel.market.units import ABSENT, format_full, format_stamp

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Sequence

    from tickreel.instruments.merging import FactSpan

_HERE = "tickreel.cli.instruments"
_INTAKE = "tickreel.cli.instruments_intake"
VERBS = {
    "list": (_HERE, "list what is known of instruments"),
    "show": (_HERE, "show each fact of an instrument with its source and the time for which it is valid"),
    "history": (_HERE, "list everything that was ever said of an instrument"),
    "fetch": (_INTAKE, "ask the vendor for instruments"),
    "infer": (_INTAKE, "find tick and lot in the rows that are held"),
    "set": (_INTAKE, "type in what you know of an instrument"),
    "export": (_HERE, "write everything that was ever said as JSON or CSV"),
}
"""The module of each verb, and what it is for."""

USAGE = {
    "list": "[EXCHANGE [SYMBOL]] [--json] [--home DIR]",
    "show": "EXCHANGE SYMBOL [--at TIME] [--json] [--home DIR]",
    "history": "EXCHANGE SYMBOL [--json] [--home DIR]",
    "export": "[-o FILE] [--format json|csv] [--home DIR]",
}
_BELIEVED = "What is typed in goes before what the vendor says, and that before what was inferred."
DESCRIPTION = {
    "list": f"Of each fact what is known last. {_BELIEVED}",
    "show": f"Without --at over all time. {_BELIEVED} {TIMES}",
    "history": "Nothing is ever changed: what is said later takes the place of what was said before.",
    "export": "A version is what one source said at one time; all of them are written.",
}
_LISTED = ("type", "tick", "lot", "multiplier", "inverse", "settlement", "maker_fee", "taker_fee")


def add_arguments(verb: str, parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of one verb."""
    if verb == "export":
        parser.add_argument("-o", dest="output", metavar="FILE", help="write to this file, once all is there")
        parser.add_argument("--format", choices=("json", "csv"), help="form of the output (json)")
        return
    count = "*" if verb == "list" else "+"
    parser.add_argument("words", metavar="EXCHANGE SYMBOL", nargs=count, help="the instrument")
    if verb == "show":
        parser.add_argument("--at", metavar="TIME", type=parse_instant, help="only what holds at this time")


def run(verb: str, args: argparse.Namespace) -> int:
    """Do one verb, and give the exit code."""
    _DOING[verb](args)
    return 0


def one_instrument(words: Sequence[str]) -> tuple[str, str]:
    """Read EXCHANGE SYMBOL; raises UsageError."""
    exchange, symbol, _ = split_words(words, "SYMBOL")
    return instrument(exchange, symbol)


def value_text(name: str, value: Value | None) -> str:
    """Print the value of a fact for people, with all its digits."""
    if value is None:
        return ABSENT
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return value
    return moment_text(int(value)) if FACTS[name].kind is FactKind.TIME else positional(value)


def moment_text(instant_us: int | None) -> str:
    """Print a time for people, with as many decimals as it has."""
    return ABSENT if instant_us is None else format_stamp(instant_us, 0 if instant_us % 1_000_000 == 0 else 6)


def facts_text(version: Version) -> str:
    """Print what a version says in one line."""
    return ", ".join(
        f"{name} taken back" if value is None else f"{name}={value_text(name, value)}"
        for name, value in version.facts.items()
    )


def _source_text(version: Version) -> str:
    rests_on = version.evidence
    if rests_on is None:
        return version.source.value
    rows = format_full(max(rests_on.tick_rows, rests_on.lot_rows))
    return f"{version.source} from {rows} rows of {rests_on.type}"


def _list(args: argparse.Namespace) -> None:
    words: list[str] = args.words
    one = one_instrument(words) if len(words) > 1 or ":" in "".join(words) else None
    with opened_cache(args, only_reads=True) as cache, InstrumentTable(cache) as table:
        found = table.instruments(*words) if one is None else _known_of(table, *one)
        if args.json:
            for piece in json_pieces(map(_instrument_form, found)):
                print(piece, end="")
            return
        rows = [
            (one.exchange, one.symbol, *(value_text(name, one.value(name)) for name in _LISTED), _who(one))
            for one in found
        ]
    if rows:
        header = ("EXCHANGE", "SYMBOL", *(name.upper().removesuffix("_FEE") for name in _LISTED), "SOURCES")
        print_table(header, rows, right=("TICK", "LOT", "MULTIPLIER", "MAKER", "TAKER"))
    else:
        what = f"of {' '.join(words)}" if words else "of any instrument"
        print(
            f"Nothing is known {what} yet: `tickreel instruments fetch` asks the vendor, `infer` looks at "
            "rows, `set` takes what you type in."
        )


def _known_of(table: InstrumentTable, exchange: str, symbol: str) -> Iterator[Instrument]:
    times = table.timeline(exchange, symbol)
    if any(one.versions for one in times):
        yield latest(times)


def _instrument_form(one: Instrument) -> dict[str, Any]:
    return {
        "exchange": one.exchange,
        "symbol": one.symbol,
        **{name: one.value(name) for name in FACTS},
        "sources": {name: source and source.value for name in FACTS for source in [one.source(name)]},
    }


def _who(one: Instrument) -> str:
    met = {version.source for version in one.versions.values()}
    return ", ".join(source.value for source in FactSource if source in met)


def _show(args: argparse.Namespace) -> None:
    exchange, symbol = one_instrument(args.words)
    with opened_cache(args, only_reads=True) as cache, InstrumentTable(cache) as table:
        times = table.timeline(exchange, symbol)
    if not any(one.versions for one in times):
        raise NotHeldError(
            f"nothing is known of {exchange} {symbol}: {ways_to_know(times[0], ['tick', 'lot'])}"
        )
    known = {
        name: [span for span in spans(times, name) if args.at is None or span.covers(args.at)]
        for name in FACTS
    }
    if args.json:
        facts: list[dict[str, Any]] = []
        for name, found in known.items():
            facts += [_span_form(name, span) for span in found] or [_span_form(name, None)]
        print_json({"exchange": exchange, "symbol": symbol, "at_us": args.at, "facts": facts})
        return
    rows = [row for name, found in known.items() for row in _span_rows(name, found)]
    print_table(("FACT", "VALUE", "SOURCE", "VALID FROM", "TO", "SAID"), rows)
    if any(span.version.evidence for found in known.values() for span in found):
        print(
            "What is inferred is an upper bound: the true one is that, or goes into it a whole number of "
            "times."
        )


def _span_form(name: str, span: FactSpan | None) -> dict[str, Any]:
    if span is None:
        empty = ("value", "source", "valid_from_us", "valid_to_us", "recorded_us", "evidence")
        return {"fact": name, **dict.fromkeys(empty)}
    said = version_form(span.version)
    return {
        "fact": name,
        "value": span.value,
        "source": said["source"],
        "valid_from_us": span.from_us,
        "valid_to_us": span.to_us,
        "recorded_us": said["recorded_us"],
        "evidence": said["evidence"],
    }


def _span_rows(name: str, found: Sequence[FactSpan]) -> list[tuple[str, ...]]:
    if not found:
        return [(name, ABSENT, *[""] * 4)]
    return [
        (
            name,
            value_text(name, span.value),
            _source_text(span.version),
            moment_text(span.from_us),
            moment_text(span.to_us),
            format_stamp(span.version.recorded_us, 0),
        )
        for span in found
    ]


def _history(args: argparse.Namespace) -> None:
    exchange, symbol = one_instrument(args.words)
    with opened_cache(args, only_reads=True) as cache, InstrumentTable(cache) as table:
        versions = table.history(exchange, symbol)
    if args.json:
        print_json([version_form(version) for version in versions])
        return
    rows = [
        (
            format_stamp(version.recorded_us, 0),
            _source_text(version),
            moment_text(version.valid_from_us),
            moment_text(version.valid_to_us),
            facts_text(version),
        )
        for version in versions
    ]
    if rows:
        print_table(("SAID", "SOURCE", "VALID FROM", "TO", "WHAT"), rows)
    else:
        print(f"Nobody ever said anything of {exchange} {symbol}.")


def _export(args: argparse.Namespace) -> None:
    form = args.format or "json"
    if args.json and form != "json":
        raise UsageError(f"--json and --format {form} contradict each other: give one of them")
    with (
        opened_cache(args, only_reads=True) as cache,
        InstrumentTable(cache) as table,
        opened_output(args.output) as output,
    ):
        versions = table.versions()
        pieces = csv_pieces(versions) if form == "csv" else json_pieces(map(version_form, versions))
        for piece in pieces:
            output.write(piece.encode())


_DOING: dict[str, Callable[[argparse.Namespace], None]] = {
    "list": _list,
    "show": _show,
    "history": _history,
    "export": _export,
}
