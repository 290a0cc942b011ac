"""``tickreel datasets``: what the cache holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.cli.console import print_json, print_table
from tickreel.cli.jsonform import dataset_form, day_form
from tickreel.cli.opening import opened_cache
from tickreel.market.units import ABSENT, format_bytes, format_full, format_stamp

if TYPE_CHECKING:
    import argparse
    from datetime import date

    from tickreel.market.types import DatasetKey
    from tickreel.store import Cache, Dataset, Day

USAGE = "[--days | --shared] [--json] [--home DIR]"
DESCRIPTION = "Days are UTC days by local time."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's own arguments."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--days", action="store_true", help="list every recorded day by itself")
    which.add_argument("--shared", action="store_true", help="list what lies in the shared cache instead")


def run(args: argparse.Namespace) -> int:
    """Do it, and give the exit code."""
    with opened_cache(args, only_reads=True) as cache:
        if args.shared:
            return _list_shared(cache, as_json=args.json)
        if args.days:
            days = cache.all_days()
            if args.json:
                shared = _shared(cache)
                print_json([day_form(day, is_shared=(day.key, day.day) in shared) for day in days])
                return 0
            _print_days(days)
            is_empty = not days
        else:
            datasets = cache.datasets()
            if args.json:
                keys = {key for key, _ in _shared(cache)}
                print_json([dataset_form(dataset, is_shared=dataset.key in keys) for dataset in datasets])
                return 0
            _print_datasets(datasets)
            is_empty = not datasets
    if is_empty:
        print("Nothing is held yet: `tickreel import PATH` stores files, `tickreel sample` makes an example.")
    return 0


def _list_shared(cache: Cache, *, as_json: bool) -> int:
    from tickreel.fetch.sharing import SharedService

    there = SharedService(cache).datasets()
    held = {dataset.key for dataset in cache.datasets()}
    if as_json:
        print_json(
            [
                {
                    "exchange": one.key.exchange,
                    "symbol": one.key.symbol,
                    "type": one.key.type.value,
                    "first_day": one.first_day.isoformat(),
                    "last_day": one.last_day.isoformat(),
                    "days": one.days,
                    "rows": one.rows,
                    "bytes": one.bytes,
                    "tiers": ["local", "shared"] if one.key in held else ["shared"],
                }
                for one in there
            ]
        )
        return 0
    header = ("EXCHANGE", "SYMBOL", "TYPE", "FIRST DAY", "LAST DAY", "DAYS", "ROWS", "SIZE", "ALSO HERE")
    rows = [
        (
            one.key.exchange,
            one.key.symbol,
            one.key.type.value,
            one.first_day.isoformat(),
            one.last_day.isoformat(),
            format_full(one.days),
            format_full(one.rows),
            format_bytes(one.bytes),
            "yes" if one.key in held else "no",
        )
        for one in there
    ]
    if rows:
        print_table(header, rows, right=("DAYS", "ROWS", "SIZE"))
    else:
        print("Nothing lies in the shared cache yet: `tickreel warm` puts days there.")
    return 0


def _shared(cache: Cache) -> set[tuple[DatasetKey, date]]:
    """Find the recorded days that the shared cache has; none where there is none, or no answer."""
    if cache.farther is None:
        return set()
    days: dict[DatasetKey, list[date]] = {}
    for day in cache.all_days():
        days.setdefault(day.key, []).append(day.day)
    return cache.farther.days_there(days)


def _print_datasets(datasets: list[Dataset]) -> None:
    header = ("EXCHANGE", "SYMBOL", "TYPE", "FIRST DAY", "LAST DAY", "DAYS", "HEALTH", "ROWS", "SIZE")
    rows = [
        (
            dataset.key.exchange,
            dataset.key.symbol,
            dataset.key.type.value,
            dataset.first_day.isoformat(),
            dataset.last_day.isoformat(),
            ", ".join(f"{count} {state}" for state, count in dataset.days.items() if count),
            dataset.grade.value if dataset.grade else ABSENT,
            format_full(dataset.rows),
            format_bytes(dataset.bytes),
        )
        for dataset in datasets
    ]
    if rows:
        print_table(header, rows, right=("ROWS", "SIZE"))


def _print_days(days: list[Day]) -> None:
    names = ("EXCHANGE", "SYMBOL", "TYPE", "DAY", "STATE", "HEALTH", "PARTS", "ROWS", "SIZE")
    rows = [
        (
            day.key.exchange,
            day.key.symbol,
            day.key.type.value,
            day.day.isoformat(),
            day.state.value,
            day.grade.value if day.grade else ABSENT,
            str(len(day.parts)),
            format_full(day.rows),
            format_bytes(day.bytes),
            _stamp(day.first_local_us),
            _stamp(day.last_local_us),
        )
        for day in days
    ]
    if rows:
        print_table((*names, "FIRST ROW", "LAST ROW"), rows, right=("PARTS", "ROWS", "SIZE"))


def _stamp(instant_us: int | None) -> str:
    return ABSENT if instant_us is None else format_stamp(instant_us)
