"""``tickreel doctor``: what is wrong with this machine or the home, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.cli.console import print_json, print_table, tell
from tickreel.cli.jsonform import check_form
from tickreel.doctor import Check, Status, examine
from tickreel.errors import TickreelError
from tickreel.market.units import format_bytes, format_full
from tickreel.settings import home_dir
from tickreel.store import open_cache

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

USAGE = "[--json] [--home DIR]"
DESCRIPTION = "Changes nothing. Ends with 1 when a check came out as an error."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's own arguments: there are none."""


def run(args: argparse.Namespace) -> int:
    """Do it, and give the exit code."""
    home = home_dir(flag=args.home)
    report = examine(home, [lambda: _store(home)])
    if args.json:
        print_json([check_form(check) for check in report.checks])
    else:
        print_table(
            ("CHECK", "STATUS", "DETAIL"),
            [(check.name, check.status.value, check.detail) for check in report.checks],
        )
        for check in report.checks:
            if check.advice:
                print(f"\n{check.name}: {check.advice}")
    failed = [check.name for check in report.checks if check.status is Status.ERROR]
    if failed:
        tell(f"found wrong: {', '.join(failed)}")
        return 1
    return 0


def _store(home: Path) -> Check:
    """Open the catalog and count what it lists, without changing anything."""
    if not (home / "catalog.sqlite").exists():
        return Check("store", Status.OK, "nothing is held yet")
    try:
        with open_cache(home, read_only=True) as cache:
            datasets = cache.datasets()
    except TickreelError as error:
        advice = "If no other program uses this home, restore it from a backup or choose another."
        return Check("store", Status.ERROR, str(error), advice)
    rows = format_full(sum(dataset.rows for dataset in datasets))
    size = format_bytes(sum(dataset.bytes for dataset in datasets))
    count = f"{len(datasets)} dataset{'s' if len(datasets) != 1 else ''}"
    return Check("store", Status.OK, f"{count}, {rows} rows, {size}")
