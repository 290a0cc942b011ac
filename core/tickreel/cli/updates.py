"""``tickreel updates``: whether a newer version is there."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING

from tickreel.cli.console import print_json
from tickreel.settings import home_dir, load
from tickreel.updates import newest_release

if TYPE_CHECKING:
    import argparse

USAGE = "[--json] [--home DIR]"
DESCRIPTION = (
    "Asks the address of updates.url, and sends nothing but the request. Nothing is installed. A machine's "
    "policy may turn this off."
)


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """Declare the command's own arguments: there are none."""


def run(args: argparse.Namespace) -> int:
    """Do it, and give the exit code."""
    release = asyncio.run(newest_release(load(home_dir(flag=args.home))))
    if args.json:
        print_json(asdict(release) | {"is_newer": release.is_newer})
    elif release.is_newer:
        print(f"Tickreel {release.newest} is there, this is {release.installed}: {release.page}")
    else:
        print(f"Tickreel {release.installed} is the newest")
    return 0
