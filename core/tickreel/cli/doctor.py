"""``tickreel doctor``: what is wrong with this machine or the home, and what to do about it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tickreel.cli.console import print_json, print_table, tell
from tickreel.doctor import Status, check_form, examine
from tickreel.errors import UsageError
from tickreel.market.units import format_bytes
from tickreel.settings import home_dir

if TYPE_CHECKING:
    import argparse

    from tickreel.doctor import Report

USAGE = "[--bundle FILE [--force]] [--json] [--home DIR]"
DESCRIPTION = (
    "Changes nothing. Ends with 1 when a check came out as an error. --bundle also writes a zip of what "
    "helps support: versions, these checks, settings, figures of the catalog, jobs and the end of the log, "
    "without keys, passwords, rows, your user name and the path of your home folder."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's own arguments."""
    parser.add_argument("--bundle", type=Path, metavar="FILE", help="write a zip for support as well")
    parser.add_argument("--force", action="store_true", help="replace FILE if it is there")


def run(args: argparse.Namespace) -> int:
    """Do it, and give the exit code."""
    if args.bundle is not None and args.bundle.is_file() and not args.force:
        raise UsageError(f"{args.bundle} is there already: name another file, or replace it with --force")
    home = home_dir(flag=args.home)
    report = examine(home)
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
    if args.bundle is not None:
        _write_bundle(args.bundle, home, report)
    failed = [check.name for check in report.checks if check.status is Status.ERROR]
    if failed:
        tell(f"found wrong: {', '.join(failed)}")
        return 1
    return 0


def _write_bundle(path: Path, home: Path, report: Report) -> None:
    from tickreel.diagnostics import preview, save  # the checks alone need not wait for it

    files = preview(home, report)
    save(files, path)
    size = format_bytes(sum(file.size_bytes for file in files))
    tell(f"{path}: {len(files)} files, {size} of text; look through them before you send it")
