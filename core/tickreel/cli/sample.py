"""``tickreel sample``: a simulated extract to try things on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.cli.console import print_json
from tickreel.cli.jsonform import import_order, ingested_form
from tickreel.cli.opening import opened_cache
from tickreel.cli.progress import Progress
from tickreel.market.units import format_full
from tickreel.sample import (
    SAMPLE_DAY,
    SAMPLE_END_US,
    SAMPLE_EXCHANGE,
    SAMPLE_START_US,
    SAMPLE_SYMBOLS,
    sample_link,
    store_sample,
)
from tickreel.store import Outcome

if TYPE_CHECKING:
    import argparse

USAGE = "[--json] [--home DIR] [--quiet]"
DESCRIPTION = (
    f"The exchange is named {SAMPLE_EXCHANGE}, so that nobody takes it for a real one. "
    "The same rows on every machine; once made, it stays."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's own arguments: there are none."""


def run(args: argparse.Namespace) -> int:
    """Do it, and give the exit code."""
    with opened_cache(args) as cache, Progress(quiet=args.quiet) as progress:
        progress.begin("sample")
        found = store_sample(cache, progress)
    link = sample_link().text()
    entries = sorted((ingested_form(None, one) for one in found), key=import_order)
    if args.json:
        print_json(
            {
                "exchange": SAMPLE_EXCHANGE,
                "symbols": list(SAMPLE_SYMBOLS),
                "day": SAMPLE_DAY.isoformat(),
                "from_us": SAMPLE_START_US,
                "to_us": SAMPLE_END_US,
                "datasets": entries,
                "link": link,
            }
        )
        return 0
    for entry in entries:
        print(f"{entry['exchange']} {entry['symbol']} {entry['type']}: {format_full(entry['rows'])} rows")
    is_old = all(one.outcome is Outcome.ALREADY_HERE for one in found)
    print(f"The sample is {'already here' if is_old else 'made'}. Watch it with:")
    print(f"tickreel-desktop --open '{link}'")
    return 0
