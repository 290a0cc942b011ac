"""``tickreel cache``: what the store holds, what of it stays, and what leaves.

Verbs that read or write segments themselves stand in modules of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.cli.console import print_json, print_table, tell
from tickreel.cli.jsonform import (
    day_form,
    entry_form,
    eviction_form,
    purged_form,
    version_form,
)
from tickreel.cli.opening import opened_cache
from tickreel.cli.words import DAYS, TIMES, day_range, no_day
from tickreel.errors import UsageError
from tickreel.market.time import parse_instant
from tickreel.market.units import (
    ABSENT,
    format_bytes,
    format_full,
    format_stamp,
)
from tickreel.store.care.eviction import size_of
from tickreel.store.model import DayRange

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from tickreel.store.care.eviction import EvictionPlan
    from tickreel.store.care.lifecycle import LifeCycle
    from tickreel.store.care.trash import TrashEntry
    from tickreel.store.model import Day

_HERE = "tickreel.cli.cache"
_READING = ("versions", "trash")
VERBS = {
    "stats": ("tickreel.cli.cache_statistics", "sum up what is held and how it is used"),
    "health": ("tickreel.cli.cache_health", "tell how far the rows of days can be relied on"),
    "verify": ("tickreel.cli.cache_care", "hold every byte against its checksums"),
    "evict": (_HERE, "move days to the trash, or let the policy make room"),
    "pin": (_HERE, "keep days from leaving"),
    "unpin": (_HERE, "let pinned days leave again"),
    "expire": (_HERE, "let days that can be fetched again leave at a time"),
    "versions": (_HERE, "list what is held and what is in the trash of days"),
    "trash": (_HERE, "list the trash"),
    "restore": (_HERE, "put days back from the trash"),
    "purge": (_HERE, "remove what is in the trash for good"),
    "backup": ("tickreel.cli.cache_care", "make or renew a copy of the home"),
    "rebuild": ("tickreel.cli.cache_care", "remake the catalog from the segments"),
}
"""The module of each verb, and what it is for."""

USAGE = {
    "evict": f"[{DAYS}] [--for-good] [--preview] [--tier local|shared] [--json] [--home DIR]",
    "pin": f"{DAYS} [--json] [--home DIR]",
    "unpin": f"{DAYS} [--json] [--home DIR]",
    "expire": f"{DAYS} (--at TIME | --never) [--json] [--home DIR]",
    "versions": f"{DAYS} [--json] [--home DIR]",
    "trash": f"[{DAYS}] [--json] [--home DIR]",
    "restore": f"[{DAYS}] [--id N] [--replace] [--json] [--home DIR]",
    "purge": f"[{DAYS}] [--id N] [--older-than DAYS] [--json] [--home DIR]",
}
_EVERY_DAY = (
    "Every UTC day that the range touches is meant, as a whole, however little of it the range names; "
    f"TO is exclusive. {TIMES}"
)
DESCRIPTION = {
    "evict": (
        "With a range its days go to the trash, or with --for-good those leave that can be fetched again and "
        "are not pinned; without one those leave for good that are over their time or over the quota and "
        "can be fetched again. With --tier shared the days of a range leave the shared cache, for everybody, "
        f"and stay here. {_EVERY_DAY}"
    ),
    "pin": f"A pinned day never leaves, by hand or by itself. {_EVERY_DAY}",
    "unpin": _EVERY_DAY,
    "expire": f"Days that were imported never leave by themselves. {_EVERY_DAY}",
    "versions": _EVERY_DAY,
    "trash": _EVERY_DAY,
    "restore": f"Of each day the version comes back that went to the trash last. {_EVERY_DAY}",
    "purge": f"Without a range or a number the whole trash is emptied, and derived files go. {_EVERY_DAY}",
}


def add_arguments(verb: str, parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of one verb."""
    parser.add_argument("range", metavar=DAYS, nargs="*", help="the days")
    if verb == "evict":
        parser.add_argument("--preview", action="store_true", help="only tell what would leave for good")
        parser.add_argument(
            "--for-good", action="store_true", help="free the room of days that can be fetched again"
        )
        parser.add_argument(
            "--tier",
            choices=("local", "shared"),
            default="local",
            help="where days leave (default: local)",
        )
    if verb == "expire":
        when = parser.add_mutually_exclusive_group(required=True)
        when.add_argument("--at", metavar="TIME", type=parse_instant, help="from when on the days may leave")
        when.add_argument("--never", action="store_true", help="take their time away")
    if verb in ("restore", "purge"):
        parser.add_argument("--id", metavar="N", type=int, help="this version alone, as `trash` names it")
    if verb == "restore":
        parser.add_argument("--replace", action="store_true", help="swap what is held for the version")
    if verb == "purge":
        parser.add_argument(
            "--older-than", metavar="DAYS", type=int, help="only what has been in the trash for so long"
        )


def run(verb: str, args: argparse.Namespace) -> int:
    """Do one verb, and give the exit code."""
    words: list[str] = args.range
    days = _range_of(verb, words)
    _refuse_contradictions(verb, words, args)
    if words and days is None:
        if args.json:
            print_json(_of_nothing(verb))
        tell(no_day(words, "listed" if verb in _READING else "touched"))
        return 0
    with opened_cache(args, only_reads=verb in _READING or getattr(args, "preview", False)) as cache:
        if days is not None and getattr(args, "tier", "local") == "shared":
            from tickreel.cli.cache_shared import drop  # what talks to a server is loaded by nobody else

            drop(cache, days, args)
        elif changed := _DOING[verb](cache.life, days, args):
            cache.renew_health(*changed)
    return 0


def _refuse_contradictions(verb: str, words: Sequence[str], args: argparse.Namespace) -> None:
    """Refuse options of which one would have to be ignored."""
    if verb == "evict":
        if words and args.preview and not args.for_good:
            raise UsageError(
                "--preview tells what leaves for good; a range goes to the trash and can be put back, "
                "unless --for-good is given"
            )
        if args.tier == "shared" and (not words or args.preview or args.for_good):
            raise UsageError(
                f"--tier shared takes the days of a range from the shared cache: {DAYS}, and neither "
                "--preview nor --for-good; by itself the server drops what is used least"
            )
        if args.for_good and not words:
            raise UsageError("--for-good is of a range; without one the policy lets days leave for good")
    if getattr(args, "id", None) is not None:
        if words:
            raise UsageError("name a range or --id, not both")
        if getattr(args, "older_than", None) is not None:
            raise UsageError("name --id or --older-than, not both")
    if verb == "purge" and args.older_than is not None and args.older_than < 0:
        raise UsageError(f"--older-than {args.older_than}: give a number of days")


def _of_nothing(verb: str) -> object:
    """Give what a verb prints as JSON for a range in which there is no day."""
    return {"evict": eviction_form(None), "purge": purged_form(None)}.get(verb, [])


def _range_of(verb: str, words: Sequence[str]) -> DayRange | None:
    """Read the words of a range; None without them where they may be left out, and for no day."""
    if not words:
        if verb in ("pin", "unpin", "expire", "versions"):
            raise UsageError(f"say which days: tickreel cache {verb} {DAYS}")
        return None
    return day_range(words)


def _evict(life: LifeCycle, days: DayRange | None, args: argparse.Namespace) -> list[DayRange]:
    if days is not None and not args.for_good:
        entries = life.trash.put(days)
        if args.json:
            print_json(eviction_form(None, trashed=entries))
        else:
            _print_entries(entries, "moved to the trash")
        return [DayRange(entry.key, entry.day, entry.day) for entry in entries]
    ranges = None if days is None else [days]
    if args.preview:
        plan = life.eviction.preview(ranges)
    else:
        if ranges is None:
            life.eviction.set_times()
        plan = life.eviction.run(ranges)
    if args.json:
        print_json(eviction_form(plan, is_preview=args.preview))
    else:
        _print_plan(plan, is_preview=args.preview, is_policy=ranges is None)
    return [] if args.preview else [_range_of_day(choice.day) for choice in plan.evict]


def _print_plan(plan: EvictionPlan, *, is_preview: bool, is_policy: bool) -> None:
    going = [
        (str(one.day.key), one.day.day.isoformat(), format_bytes(size_of(one.day)), "leaves", one.reason)
        for one in plan.evict
    ]
    going += [
        (str(entry.key), entry.day.isoformat(), format_bytes(entry.bytes), "leaves", "in the trash")
        for entry in plan.purge
    ]
    staying = [
        (str(one.day.key), one.day.day.isoformat(), format_bytes(size_of(one.day)), "stays", one.reason)
        for one in plan.keep
    ]
    if going or staying:
        print_table(("DATASET", "DAY", "SIZE", "", "WHY"), [*going, *staying], right=("SIZE",))
    verb = "would free" if is_preview else "freed"
    quota = (
        "no quota is set" if plan.quota_bytes is None else f"of a quota of {format_bytes(plan.quota_bytes)}"
    )
    print(
        f"{format_bytes(plan.used_bytes)} in use, {quota}; "
        f"{f'policy {plan.policy}' if is_policy else 'the range'} {verb} {format_bytes(plan.freed_bytes)}"
    )
    if is_policy and plan.over_bytes:
        print(f"{format_bytes(plan.over_bytes)} stay over the quota: nothing more can leave by itself")


def _pin(life: LifeCycle, days: DayRange | None, args: argparse.Namespace) -> None:
    assert days is not None
    _show_days(life.pins.pin(days), args, "pinned")


def _unpin(life: LifeCycle, days: DayRange | None, args: argparse.Namespace) -> None:
    assert days is not None
    _show_days(life.pins.unpin(days), args, "unpinned")


def _expire(life: LifeCycle, days: DayRange | None, args: argparse.Namespace) -> None:
    assert days is not None
    before = {day.day: day.expires_us for day in life.versions(days).held}
    changed = life.expire(days, args.at)
    if args.json:
        print_json([day_form(day) for day in changed])
        return
    for day in changed:
        print(f"{day.key} {day.day}  {_expiry_told(day, before.get(day.day))}")


def _expiry_told(day: Day, before_us: int | None) -> str:
    if day.expires_us is not None:
        return f"may leave from {format_stamp(day.expires_us, 0)} on"
    if before_us is not None:
        return f"stays: it may no longer leave from {format_stamp(before_us, 0)} on"
    return "unchanged: there was no time from which it may leave"


def _restore(life: LifeCycle, days: DayRange | None, args: argparse.Namespace) -> list[DayRange]:
    restored = life.restore(days, trash_id=args.id, replace=args.replace)
    _show_days(restored, args, "restored")
    return [_range_of_day(day) for day in restored]


def _range_of_day(day: Day) -> DayRange:
    return DayRange(day.key, day.day, day.day)


def _show_days(days: list[Day], args: argparse.Namespace, what: str) -> None:
    if args.json:
        print_json([day_form(day) for day in days])
        return
    for day in days:
        print(f"{day.key} {day.day}  {what}")


def _versions(life: LifeCycle, days: DayRange | None, args: argparse.Namespace) -> None:
    assert days is not None
    found = life.versions(days)
    if args.json:
        versions: tuple[Day | TrashEntry, ...] = (*found.held, *found.trashed)
        print_json(sorted(map(version_form, versions), key=lambda form: (form["day"], form["id"] or 0)))
        return
    rows = [
        (day.day.isoformat(), ABSENT, day.state.value, format_full(day.rows), format_bytes(size_of(day)), "")
        for day in found.held
    ] + [
        (e.day.isoformat(), str(e.id), "in the trash", format_full(e.rows), format_bytes(e.bytes), e.reason)
        for e in found.trashed
    ]
    if not rows:
        print(f"There is no version of {days}, neither held nor in the trash.")
        return
    print_table(("DAY", "ID", "STATE", "ROWS", "SIZE", "WHY"), sorted(rows), right=("ID", "ROWS", "SIZE"))


def _trash(life: LifeCycle, days: DayRange | None, args: argparse.Namespace) -> None:
    entries = life.trash.entries(days)
    if args.json:
        print_json([entry_form(entry) for entry in entries])
    else:
        _print_entries(entries, "in the trash")


def _print_entries(entries: Sequence[TrashEntry], what: str) -> None:
    if entries:
        header = ("ID", "EXCHANGE", "SYMBOL", "TYPE", "DAY", "ROWS", "SIZE", "TRASHED", "WHY")
        rows = [
            (
                str(entry.id),
                entry.key.exchange,
                entry.key.symbol,
                entry.key.type.value,
                entry.day.isoformat(),
                format_full(entry.rows),
                format_bytes(entry.bytes),
                format_stamp(entry.trashed_us, 0),
                entry.reason,
            )
            for entry in entries
        ]
        print_table(header, rows, right=("ID", "ROWS", "SIZE"))
    size = format_bytes(sum(entry.bytes for entry in entries))
    print(f"{len(entries)} version{'s' if len(entries) != 1 else ''} {what}, {size}")


def _purge(life: LifeCycle, days: DayRange | None, args: argparse.Namespace) -> None:
    purged = life.purge(days, trash_id=args.id, older_than_days=args.older_than)
    if args.json:
        print_json(purged_form(purged))
        return
    _print_entries(purged.entries, "removed for good")
    for entry in purged.kept:
        print(f"{entry} stays: needed by {', '.join(entry.holders)}")


_DOING: dict[str, Callable[[LifeCycle, DayRange | None, argparse.Namespace], list[DayRange] | None]] = {
    "evict": _evict,
    "pin": _pin,
    "unpin": _unpin,
    "expire": _expire,
    "versions": _versions,
    "trash": _trash,
    "restore": _restore,
    "purge": _purge,
}
"""What does each verb; gives the days whose rows came or went."""
