"""``tickreel runs export``: a run as a report, as CSV or as Parquet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tickreel.backtest.reports.exporting import RunForm, export_run
from tickreel.backtest.runs.service import opened_runs
from tickreel.cli.console import print_json
from tickreel.cli.opening import opened_cache

if TYPE_CHECKING:
    import argparse

USAGE = {"export": "RUN [--format html|csv|parquet] [-o TARGET] [--json] [--home DIR]"}
DESCRIPTION = {
    "export": (
        "html is one file that needs nothing else; csv and parquet are a folder with every table and the "
        "card. Nothing that is there already is written over."
    )
}


def add_arguments(_verb: str, parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("run", metavar="RUN")
    parser.add_argument("--format", choices=tuple(RunForm), default=RunForm.HTML, help="html by default")
    parser.add_argument("-o", dest="output", metavar="TARGET", help="file or folder (run-ID here)")


def run(_verb: str, args: argparse.Namespace) -> int:
    """Do it, and give the exit code."""
    form = RunForm(args.format)
    with opened_cache(args, only_reads=True) as cache, opened_runs(cache) as runs:
        found = runs.run(args.run)
        suffix = ".html" if form is RunForm.HTML else f"-{form.value}"
        target = Path(args.output or f"run-{found.id}{suffix}").resolve()
        export_run(found, form, target)
    if args.json:
        print_json({"id": found.id, "format": form.value, "path": str(target)})
    else:
        print(target)
    return 0
