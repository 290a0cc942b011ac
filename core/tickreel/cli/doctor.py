"""``tickreel doctor``: what is wrong with this machine or the home, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.cli.console import print_json, print_table, tell
from tickreel.cli.jsonform import check_form
from tickreel.doctor import Status, examine
from tickreel.settings import home_dir

if TYPE_CHECKING:
    import argparse

USAGE = "[--json] [--home DIR]"
DESCRIPTION = "Changes nothing. Ends with 1 when a check came out as an error."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's own arguments: there are none."""


def run(args: argparse.Namespace) -> int:
    """Do it, and give the exit code."""
    report = examine(home_dir(flag=args.home))
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
