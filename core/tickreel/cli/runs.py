"""``tickreel runs``: what was run, compared, proved, marked, exported, deleted and restored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tickreel.backtest.runs.mending import mend
from tickreel.backtest.runs.run import Run
from tickreel.backtest.runs.service import opened_runs
from tickreel.backtest.runs.trash import KEPT_DAYS
from tickreel.cli.console import print_json, print_table, tell
from tickreel.cli.opening import opened_cache
from tickreel.cli.progress import Progress, TimeLeft
from tickreel.cli.runwords import card_lines, comparison_lines, figure, rerun_lines
from tickreel.errors import UsageError
from tickreel.market.units import ABSENT, format_full, format_stamp

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from tickreel.backtest.runs.service import Runs

_HERE = "tickreel.cli.runs"
_EXPORT = "tickreel.cli.runs_export"
_WHY = "tickreel.cli.runs_why"
VERBS = {
    "list": (_HERE, "list runs, the newest first"),
    "show": (_HERE, "tell all of a run: what was asked, on which data, and what came of it"),
    "compare": (_HERE, "name what differs between two runs, and the first event that does"),
    "rerun": (_HERE, "do a run once more, and prove that it gives the same"),
    "why": (_WHY, "tell why an order of a run was filled, or not"),
    "export": (_EXPORT, "write a run as a report, as CSV or as Parquet"),
    "tag": (_HERE, "give a run tags, and take others off"),
    "note": (_HERE, "write something about a run"),
    "delete": (_HERE, "move runs to the trash, and let go of their days"),
    "trash": (_HERE, "list the runs in the trash, the last deleted first"),
    "restore": (_HERE, "put runs back from the trash as they were"),
    "purge": (_HERE, "remove the runs in the trash for good"),
    "mend": (_HERE, "restore runs of which the catalog cannot be read"),
}
"""The module of each verb, and what it is for."""

_COMMON = "[--json] [--home DIR]"
USAGE = {
    "list": f"[--tag T] [--sweep SWEEP] {_COMMON}",
    "show": f"RUN {_COMMON}",
    "compare": f"RUN RUN {_COMMON}",
    "rerun": f"RUN {_COMMON} [--quiet]",
    "tag": f"RUN [TAG ...] [--remove TAG ...] {_COMMON}",
    "note": f"RUN TEXT {_COMMON}",
    "delete": f"RUN [RUN ...] {_COMMON}",
    "trash": _COMMON,
    "restore": f"RUN [RUN ...] {_COMMON}",
    "purge": f"[--older-than DAYS] {_COMMON}",
    "mend": _COMMON,
}
_NAMED = "A run is named by its id, or by as much of its beginning as no other has."
DESCRIPTION = {
    "list": "",
    "show": _NAMED,
    "compare": f"{_NAMED} Exit 0, whether they differ or not.",
    "rerun": (
        f"{_NAMED} Exit 1 when orders, fills or equity differ; versions, code and days that are not what "
        "they were are named either way. Nothing of it is kept."
    ),
    "tag": _NAMED,
    "note": f"{_NAMED} An empty text takes the note away.",
    "delete": (
        f"{_NAMED} Days that only these runs pinned may leave again. The trash keeps them {KEPT_DAYS} days."
    ),
    "trash": "",
    "restore": f"{_NAMED} Its days are pinned again where they are still held.",
    "purge": "Without an age all of them go.",
    "mend": (
        "They are taken in anew by the cards beside their files. Where no whole files lie, what the catalog "
        "has is written to runs/ID.row.json in the home, and taken out of it."
    ),
}


def add_arguments(verb: str, parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of one verb."""
    if verb == "list":
        parser.add_argument("--tag", metavar="T", help="those with this tag")
        parser.add_argument("--sweep", metavar="SWEEP", help="those of a sweep, in its order")
    elif verb == "compare":
        parser.add_argument("runs", nargs=2, metavar="RUN")
    elif verb in ("delete", "restore"):
        parser.add_argument("runs", nargs="+", metavar="RUN")
    elif verb == "purge":
        parser.add_argument(
            "--older-than", type=int, default=0, metavar="DAYS", help="in the trash for so long"
        )
    elif verb not in ("trash", "mend"):
        parser.add_argument("run", metavar="RUN")
    if verb == "tag":
        parser.add_argument("tags", nargs="*", metavar="TAG")
        parser.add_argument("--remove", action="append", default=[], metavar="TAG", help="take it off")
    if verb == "note":
        parser.add_argument("text", metavar="TEXT")


def run(verb: str, args: argparse.Namespace) -> int:
    """Do ``tickreel runs`` *verb*, and give the exit code."""
    reads = verb in ("list", "show", "compare", "trash")
    with opened_cache(args, only_reads=reads) as cache, opened_runs(cache) as runs:
        return _DOERS[verb](runs, args) or 0


def _list(runs: Runs, args: argparse.Namespace) -> None:
    sweep_id = None if args.sweep is None else runs.records.sweep(args.sweep).id
    recorded, faults = runs.records.listed(sweep_id, args.tag)
    found = [Run(runs.cache.home, one) for one in recorded]
    if args.json:
        print_json([one.to_form() for one in found])
    elif found:
        print_table(
            ("RUN", "CREATED", "STATE", "KIND", "STRATEGY", "INSTRUMENTS", "FILLS", "PNL", "SHARPE", "TAGS"),
            [_row(one) for one in found],
            right=("FILLS", "PNL", "SHARPE"),
        )
    else:
        tell("no runs; `tickreel backtest` makes one")
    for fault in faults:
        tell(f"left out: {fault}")


def _mend(runs: Runs, args: argparse.Namespace) -> None:
    mended = mend(runs.cache, runs.records)
    if args.json:
        print_json({"restored": mended.restored, "set_aside": mended.set_aside})
        return
    for run_id in mended.restored:
        print(f"run {run_id} is restored from its files")
    for run_id in mended.set_aside:
        print(f"run {run_id} has no whole files; what the catalog said of it is in runs/{run_id}.row.json")
    if not (mended.restored or mended.set_aside):
        tell("no run is damaged")


def _row(run: Run) -> tuple[str, ...]:
    card = run.card
    return (
        card.id,
        format_stamp(card.created_us, 0),
        card.state.value,
        card.kind.value,
        str(card.strategy["name"]),
        ",".join(f"{one['exchange']}:{one['symbol']}" for one in card.instruments),
        ABSENT if card.total_trades is None else format_full(card.total_trades),
        figure(card.metrics.get("pnl")),
        figure(card.metrics.get("sharpe")),
        ", ".join(card.tags) or ABSENT,
    )


def _show(runs: Runs, args: argparse.Namespace) -> None:
    _told(runs.run(args.run), args)


def _told(run: Run, args: argparse.Namespace) -> None:
    if args.json:
        print_json(run.to_form())
    else:
        print("\n".join(card_lines(run.card)))


def _compare(runs: Runs, args: argparse.Namespace) -> None:
    form = runs.compare(*args.runs)
    if args.json:
        print_json(form)
    else:
        print("\n".join(comparison_lines(form)))


def _rerun(runs: Runs, args: argparse.Namespace) -> int:
    with Progress(quiet=args.quiet) as progress:
        progress.begin(f"run {args.run}")
        form: dict[str, Any] = runs.rerun(args.run, TimeLeft(progress))
    if args.json:
        print_json(form)
    else:
        print("\n".join(rerun_lines(form)))
    if not form["identical"]:
        tell(f"run {form['id']} gave another result when it was done again")
    return 0 if form["identical"] else 1


def _tag(runs: Runs, args: argparse.Namespace) -> None:
    if not args.tags and not args.remove:
        raise UsageError("name tags to give, or --remove TAG")
    recorded = runs.records.tag(args.run, args.tags, args.remove)
    _told(runs.run(recorded.card.id), args)


def _note(runs: Runs, args: argparse.Namespace) -> None:
    recorded = runs.records.note(args.run, args.text)
    _told(runs.run(recorded.card.id), args)


def _delete(runs: Runs, args: argparse.Namespace) -> None:
    ids = [runs.run(one).id for one in args.runs]  # all of them are there before one is deleted
    for run_id in dict.fromkeys(ids):
        runs.trash.put(run_id)
    _tell_done("deleted", list(dict.fromkeys(ids)), args)


def _trash(runs: Runs, args: argparse.Namespace) -> None:
    found = runs.trash.entries()
    if args.json:
        print_json([{"id": one.card.id, "trashed_us": one.trashed_us} for one in found])
    elif found:
        print_table(
            ("RUN", "DELETED", "STATE", "STRATEGY", "CREATED"),
            [
                (
                    one.card.id,
                    format_stamp(one.trashed_us, 0),
                    one.card.state.value,
                    str(one.card.strategy["name"]),
                    format_stamp(one.card.created_us, 0),
                )
                for one in found
            ],
        )
    else:
        tell("no runs in the trash")


def _restore(runs: Runs, args: argparse.Namespace) -> None:
    _tell_done("restored", [runs.trash.restore(one).card.id for one in dict.fromkeys(args.runs)], args)


def _purge(runs: Runs, args: argparse.Namespace) -> None:
    _tell_done("purged", runs.trash.purge(args.older_than), args)


def _tell_done(done: str, ids: list[str], args: argparse.Namespace) -> None:
    if args.json:
        print_json({done: ids})
    else:
        print(f"{len(ids)} run{'s' if len(ids) != 1 else ''} {done}")


_DOERS: dict[str, Callable[[Runs, argparse.Namespace], int | None]] = {
    "list": _list,
    "show": _show,
    "compare": _compare,
    "rerun": _rerun,
    "tag": _tag,
    "note": _note,
    "delete": _delete,
    "trash": _trash,
    "restore": _restore,
    "purge": _purge,
    "mend": _mend,
}
