"""``tickreel rows``: the rows of a range, as CSV, JSON, Parquet or Arrow."""

from __future__ import annotations

import argparse

from tickreel.cli.holdings import refuse_holes
from tickreel.cli.opening import opened_cache
from tickreel.cli.output import opened_output
from tickreel.cli.words import DAYS, TIMES, instrument, split_words
from tickreel.errors import UsageError
from tickreel.market.time import parse_range
from tickreel.market.types import SCHEMAS
from tickreel.store import as_type
from tickreel.store.library.forms import RowsForm, write_rows

USAGE = f"{DAYS} [--format csv|parquet|arrow|json] [-o FILE] [--allow-missing] [--json] [--home DIR]"
DESCRIPTION = (
    "Rows whose local time lies in [FROM, TO), in file order. csv is the vendor's own form, json one "
    f"array of objects, arrow the IPC stream format. {TIMES}"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's own arguments."""
    parser.add_argument("words", nargs="+", metavar=DAYS, help=argparse.SUPPRESS)
    parser.add_argument(
        "--format", choices=[form.value for form in RowsForm], help="form of the output (csv)"
    )
    parser.add_argument("-o", dest="output", metavar="FILE", help="write to this file, once all is there")
    parser.add_argument("--allow-missing", action="store_true", help="read over days that are not held")


def run(args: argparse.Namespace) -> int:
    """Do it, and give the exit code."""
    exchange, text, (type_name, start, end) = split_words(args.words, "SYMBOL", "TYPE", "FROM", "TO")
    exchange, symbol = instrument(exchange, text)
    data_type = as_type(type_name)
    start_us, end_us = parse_range(start, end)
    form = _form(args)
    schema = SCHEMAS[data_type]
    with opened_cache(args, only_reads=True) as cache:
        plan = cache.library.plan_read(exchange, symbol, data_type, start_us, end_us)
        refuse_holes([plan], allow_missing=args.allow_missing)
        with opened_output(args.output) as output:
            write_rows(form, output, schema, cache.library.rows(plan, schema.names))
    return 0


def _form(args: argparse.Namespace) -> RowsForm:
    form = RowsForm(args.format or ("json" if args.json else "csv"))
    if args.json and form is not RowsForm.JSON:
        raise UsageError(f"--json and --format {form} contradict each other: give one of them")
    return form
