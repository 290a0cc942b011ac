"""``tickreel cache evict --tier shared``: days out of the shared cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.cli.console import print_json, print_table
from tickreel.cli.jsonform import eviction_form
from tickreel.cli.progress import Progress
from tickreel.fetch.sharing import SharedService
from tickreel.market.units import format_bytes, format_full

if TYPE_CHECKING:
    import argparse

    from tickreel.store import Cache
    from tickreel.store.model import DayRange


def drop(cache: Cache, days: DayRange, args: argparse.Namespace) -> None:
    """Take days from the shared cache, and tell of each that was there."""
    with Progress(quiet=False) as progress:
        progress.begin("shared cache")
        done = SharedService(cache).drop(days, progress)
    if args.json:
        print_json(eviction_form(None, dropped=done))
        return
    rows = [
        (one.day.isoformat(), format_full(one.rows), format_bytes(one.stored_bytes))
        for one in done
        if one.was_there
    ]
    if rows:
        print_table(("DAY", "ROWS", "SIZE"), rows, right=("ROWS", "SIZE"))
    print(f"{len(rows)} of {len(done)} days have left the shared cache; what is held here stays")
