"""``tickreel cache verify|backup|rebuild``: looking after the store."""

from __future__ import annotations

from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tickreel.cli.console import print_json, print_table, tell
from tickreel.cli.opening import is_unwritable, logged
from tickreel.cli.progress import Progress
from tickreel.cli.words import DAYS, TIMES, day_range, no_day
from tickreel.errors import NotHeldError
from tickreel.market.units import format_bytes, format_full
from tickreel.settings import home_dir

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from tickreel.store.care.backup import Backup
    from tickreel.store.care.rebuilding import Rebuilt
    from tickreel.store.care.runcopies import RunFault
    from tickreel.store.care.verification import Finding
    from tickreel.store.home import Home
    from tickreel.store.model import DayRange
    from tickreel.store.records.catalog import Catalog
    from tickreel.store.records.database import Database

USAGE = {
    "verify": f"[{DAYS}] [--deep] [--json] [--home DIR]",
    "backup": "FOLDER [--json] [--home DIR]",
    "rebuild": "[--json] [--home DIR]",
}
DESCRIPTION = {
    "verify": (
        "Every byte of the days is held against its checksums; damaged days are taken out of service "
        f"(but not where the home can only be read). {TIMES}"
    ),
    "backup": "The folder then opens like any home; the next backup into it adds only what is new.",
    "rebuild": "The catalog is made anew from the segments; the old one is kept beside it.",
}


def add_arguments(name: str, parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tickreel cache`` *name*."""
    if name == "verify":
        parser.add_argument("range", metavar=DAYS, nargs="*", help="the days to look at (default: all)")
        parser.add_argument(
            "--deep", action="store_true", help="decode every row as well, and compute the days' digests"
        )
    elif name == "backup":
        parser.add_argument("folder", metavar="FOLDER", help="where the backup is, or shall be")


def run(name: str, args: argparse.Namespace) -> int:
    """Do ``tickreel cache`` *name*, and give the exit code."""
    return {"verify": _verify, "backup": _backup, "rebuild": _rebuild}[name](args)


@contextmanager
def _opened(args: argparse.Namespace) -> Iterator[tuple[Home, Catalog, Database]]:
    """Open what lies below a cache; only for reading where the home cannot be written."""
    from tickreel.store.home import Home
    from tickreel.store.records.catalog import Catalog
    from tickreel.store.records.database import Database

    root = home_dir(flag=args.home)
    read_only = is_unwritable(root)
    with logged(root):
        home = Home(root, read_only=read_only)
        with closing(Database(home.catalog, read_only=read_only)) as database:
            catalog = Catalog(database)
            if not read_only:
                home.sweep(catalog.held_segments)
            yield home, catalog, database


def _verify(args: argparse.Namespace) -> int:
    from tickreel.store.care.runcopies import run_faults, runs_of
    from tickreel.store.care.verification import verify
    from tickreel.store.records.database import connect_to_read

    ranges: list[DayRange] | None = None
    if args.range:
        days = day_range(args.range)
        if days is None:
            tell(no_day(args.range, "looked at"))
        ranges = [] if days is None else [days]
    with _opened(args) as (home, catalog, database), Progress(quiet=args.quiet) as progress:
        progress.begin("verifying")
        findings = verify(
            home, catalog, database, ranges, deep=args.deep, records=not home.read_only, monitor=progress
        )
        progress.clear()
        if ranges and not findings:
            raise NotHeldError(
                f"nothing is held of {' '.join(args.range)}: `tickreel datasets` lists what is"
            )
        orphans = unreadable = 0
        faults: list[RunFault] = []
        if ranges is None:
            progress.begin("verifying runs")
            with closing(connect_to_read(home.catalog)) as connection:
                faults = list(run_faults(home.root, runs_of(connection)))
            progress.clear()
            orphans = len(home.orphans(catalog.held_segments))
            unreadable = len(home.unknown_segments(catalog.held_segments)) - orphans
    if args.json:
        print_json([_finding_form(finding) for finding in findings])
    else:
        _print_findings(findings)
    for fault in faults:
        tell(f"run {fault.run_id}, {fault.file}: {fault.problem}")
    if orphans:
        tell(
            f"the catalog does not know {orphans} sealed segment{'s' if orphans > 1 else ''} in "
            f"{home.segments}: `tickreel cache rebuild` takes {'them' if orphans > 1 else 'it'} in"
        )
    if unreadable:
        tell(
            f"{unreadable} file{'s' if unreadable > 1 else ''} in {home.segments} cannot be read and "
            f"belong{'' if unreadable > 1 else 's'} to no day that the catalog knows: "
            "`tickreel cache rebuild` names them and leaves them where they are"
        )
    damaged = [finding for finding in findings if finding.problem is not None]
    held = sum(finding.state is not None for finding in damaged)
    if held:
        tell(
            f"{held} of {_counted(len(findings), 'segment')} {'are' if held > 1 else 'is'} damaged: "
            f"import {'their days' if held > 1 else 'its day'} again"
        )
    if len(damaged) > held:
        tell(
            f"{_counted(len(damaged) - held, 'segment')} in the trash cannot be read any more, without harm: "
            "`tickreel cache purge` with the range removes what lies there"
        )
    return 1 if held or faults else 0


def _finding_form(finding: Finding) -> dict[str, Any]:
    return {
        "exchange": finding.key.exchange,
        "symbol": finding.key.symbol,
        "type": finding.key.type.value,
        "day": finding.day.isoformat(),
        "state": None if finding.state is None else finding.state.value,
        "segment": finding.segment_id,
        "problem": finding.problem,
        "note": finding.note,
    }


def _print_findings(findings: list[Finding]) -> None:
    told = [finding for finding in findings if finding.problem or finding.note]
    rows = [
        (
            finding.key.exchange,
            finding.key.symbol,
            finding.key.type.value,
            finding.day.isoformat(),
            "in the trash" if finding.state is None else finding.state.value,
            finding.segment_id,
            finding.problem or finding.note or "",
        )
        for finding in told
    ]
    if rows:
        print_table(("EXCHANGE", "SYMBOL", "TYPE", "DAY", "STATE", "SEGMENT", "WHAT"), rows)
    sound = sum(finding.problem is None for finding in findings)
    print(
        f"{format_full(sound)} of {_counted(len(findings), 'segment')} {'is' if sound == 1 else 'are'} sound"
    )


def _backup(args: argparse.Namespace) -> int:
    from tickreel.store.care.backup import back_up

    with _opened(args) as (home, _, _), Progress(quiet=args.quiet) as progress:
        progress.begin("backup")
        made = back_up(home, Path(args.folder), progress)
        progress.clear()
    if args.json:
        print_json(
            {
                "folder": str(made.target),
                "made_us": made.made_us,
                "segments": made.segments,
                "bytes": made.bytes,
                "new_segments": made.new_segments,
                "copied_bytes": made.copied_bytes,
                "runs": made.runs,
                "new_runs": made.new_runs,
                "damaged_runs": list(made.damaged_runs),
                "lost": list(made.lost),
                "damaged": [
                    {
                        "exchange": one.key.exchange,
                        "symbol": one.key.symbol,
                        "type": one.key.type.value,
                        "day": one.day.isoformat(),
                        "kept": one.is_kept,
                    }
                    for one in made.damaged
                ],
            }
        )
    else:
        print(
            f"{made.target} holds {_counted(made.segments, 'segment')} ({format_bytes(made.bytes)}), "
            f"{format_full(made.new_segments)} of them new, and {_counted(made.runs, 'run')}, "
            f"{format_full(made.new_runs)} of them new ({format_bytes(made.copied_bytes)} copied)"
        )
    if made.damaged_runs:
        tell(
            f"files of {_counted(len(made.damaged_runs), 'run')} are gone from the home or were changed: "
            f"{', '.join(made.damaged_runs)}; what the backup had of them is kept"
        )
    if made.damaged:
        tell(_damage_told(made))
    if made.lost:
        count, are = len(made.lost), "are" if len(made.lost) > 1 else "is"
        tell(
            f"{count} segment{'s' if count > 1 else ''} that the catalog names {are} gone from "
            f"{home.segments}: `tickreel cache verify` names the days"
        )
    return 1 if made.lost or made.damaged_runs else 0


def _damage_told(made: Backup) -> str:
    """Say how many days of the home are damaged, and of how many the backup has the rows."""
    count = len(made.damaged)
    kept = sum(one.is_kept for one in made.damaged)
    told = f"{_counted(count, 'day')} of the home {'are' if count > 1 else 'is'} damaged, as --json names: "
    read = f"its own sound copy, which `tickreel rows --home {made.target}` reads"
    if kept == count:
        return f"{told}the backup keeps {read}"
    if kept:
        rest = f"of {count - kept} it has none: import what is damaged again"
        return f"{told}of {kept} the backup keeps {read}; {rest}"
    return f"{told}the backup has no sound copy either: import {'them' if count > 1 else 'it'} again"


def _rebuild(args: argparse.Namespace) -> int:
    from tickreel.store.care.rebuilding import rebuild

    home = home_dir(flag=args.home)
    with logged(home), Progress(quiet=args.quiet) as progress:
        progress.begin("rebuilding")
        rebuilt = rebuild(home, monitor=progress)
        progress.clear()
    if args.json:
        print_json(
            {
                "days": rebuilt.days,
                "segments": rebuilt.segments,
                "added": rebuilt.added,
                "trashed": rebuilt.trashed,
                "kept": None if rebuilt.kept is None else str(rebuilt.kept),
                "unreadable": [
                    {"segment": one.segment_id, "file": str(one.path), "problem": one.problem}
                    for one in rebuilt.unreadable
                ],
            }
        )
    else:
        print(_rebuilt_told(rebuilt))
        if rebuilt.kept is not None:
            print(f"the old catalog is kept as {rebuilt.kept}")
        if rebuilt.added:
            print(
                "segments know nothing of pins, times to live and use, nor since when and why some lie in "
                "the trash: what the old catalog could not tell is lost unless a backup has it"
            )
    for one in rebuilt.unreadable:
        tell(f"{one.path} is left where it is: {one.problem}")
    return 1 if rebuilt.unreadable else 0


def _rebuilt_told(rebuilt: Rebuilt) -> str:
    """Say what the catalog lists now, and what of it is new to it."""
    told = f"the catalog lists {_counted(rebuilt.days, 'day')}; "
    segments = _counted(rebuilt.segments, "segment")
    if not rebuilt.segments:
        told += "there is no segment to take in"
    elif not rebuilt.added:
        told += f"{segments} {'were' if rebuilt.segments > 1 else 'was'} known to it already, nothing was new"
    else:
        told += f"{format_full(rebuilt.added)} of {segments} {'were' if rebuilt.added > 1 else 'was'} "
        told += "not known to it and taken in"
    return f"{told}; {format_full(rebuilt.trashed)} went to the trash" if rebuilt.trashed else told


def _counted(count: int, what: str) -> str:
    return f"{format_full(count)} {what}{'s' if count != 1 else ''}"
