"""``tickreel fetch``: days from the vendor into the cache, each once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tickreel.cli.console import print_json, print_table, tell
from tickreel.cli.fetchform import plan_form, plan_sentence
from tickreel.cli.fetchwork import work_job
from tickreel.cli.opening import opened_cache
from tickreel.cli.progress import Progress
from tickreel.cli.words import TIMES, data_types, instruments, split_words
from tickreel.errors import UsageError
from tickreel.fetch.preflight import Action
from tickreel.fetch.request import FetchRequest, Origin
from tickreel.fetch.service import FetchService
from tickreel.market.time import parse_range
from tickreel.market.units import ABSENT

if TYPE_CHECKING:
    import argparse

    from tickreel.fetch.preflight import FetchPlan

_WORDS = "EXCHANGE SYMBOL[,S2] TYPE[,T2] FROM TO"
USAGE = (
    f"{_WORDS} [--dry-run | --paused] [--jobs N] [--source datasets|machine] [--refetch] [--leave-out-bad] "
    "[--keep-partial] [--pin] [--allow-over-budget] [--json] [--home DIR] [--quiet]"
)
DESCRIPTION = (
    "Every UTC day that the range touches is fetched unless it is held; a day held in part is replaced once "
    "the whole day is here. --source machine takes exactly [FROM, TO) from a tardis-machine, as a part of "
    "the day. The queue outlives the program: the same command, or `tickreel jobs run`, goes on with it. "
    f"{TIMES}"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's own arguments."""
    parser.add_argument("words", nargs="+", metavar=_WORDS, help="what to fetch")
    parser.add_argument("--dry-run", action="store_true", help="say what it would do, and download nothing")
    parser.add_argument("--paused", action="store_true", help="queue it, and download nothing before resume")
    parser.add_argument("--jobs", type=int, metavar="N", help="days to download at a time, at most")
    parser.add_argument(
        "--source",
        choices=[origin.value for origin in Origin],
        default="datasets",
        help="what serves the rows",
    )
    parser.add_argument(
        "--refetch", action="store_true", help="ask again for days that are held or recorded as absent"
    )
    parser.add_argument(
        "--leave-out-bad",
        action="store_true",
        help="leave out days with an incident of an hour or more at the vendor, or whose file was refused",
    )
    parser.add_argument("--keep-partial", action="store_true", help="leave days alone that are held in part")
    parser.add_argument(
        "--pin", action="store_true", help="pin every day of the range that is held, now or once it has come"
    )
    parser.add_argument(
        "--allow-over-budget", action="store_true", help="go on beyond the calls of the plan (tickreel plan)"
    )


def run(args: argparse.Namespace) -> int:
    """Do it, and give the exit code."""
    request = _request(args)
    with opened_cache(args, only_reads=args.dry_run) as cache, Progress(quiet=args.quiet) as progress:
        with FetchService(cache, concurrency=args.jobs) as service:
            plan = asyncio.run(service.preflight(request, allow_over_budget=args.allow_over_budget))
            for note in plan.notes:
                tell(note)
            job_id = None
            if not args.dry_run:
                plan, job_id = _fetch(service, plan, progress, args)
        if args.json:
            print_json(plan_form(plan, cache.disk.now_us(), job_id))
        else:
            _show(plan, job_id, is_dry=args.dry_run or args.paused)
    return 0 if args.dry_run or args.paused or all(item.action.is_good for item in plan.items) else 1


def _request(args: argparse.Namespace) -> FetchRequest:
    exchange, symbols, (types, start, end) = split_words(args.words, "SYMBOL[,S2]", "TYPE[,T2]", "FROM", "TO")
    if args.dry_run and args.paused:
        raise UsageError("--dry-run queues nothing, and --paused does: say one of them")
    if args.jobs is not None and args.jobs < 1:
        raise UsageError(f"--jobs takes a number from 1 on, not {args.jobs}")
    from_us, to_us = parse_range(start, end)
    return FetchRequest(
        instruments=tuple(instruments(exchange, symbols)),
        types=data_types(types),
        from_us=from_us,
        to_us=to_us,
        origin=Origin(args.source),
        refetch=args.refetch,
        leave_out_bad=args.leave_out_bad,
        keep_partial=args.keep_partial,
        pin=args.pin,
    )


def _fetch(
    service: FetchService, plan: FetchPlan, progress: Progress, args: argparse.Namespace
) -> tuple[FetchPlan, int | None]:
    job_id = service.submit(plan, allow_over_budget=args.allow_over_budget, paused=args.paused)
    if job_id is None:
        return plan, None
    if args.paused:
        if not (args.json or args.quiet):
            tell(f"job {job_id} is queued and paused; `tickreel jobs resume {job_id}` lets it begin")
        return plan, job_id
    if not (args.json or args.quiet):
        tell(f"job {job_id}: {plan_sentence(plan)}")
    asyncio.run(work_job(service, job_id, progress))
    progress.clear()
    return service.outcome(plan, job_id), job_id


def _show(plan: FetchPlan, job_id: int | None, *, is_dry: bool) -> None:
    """Print a line for every run of days with one fate, and for a plan the sum of it."""
    if not plan.items:
        tell("no day lies in the range: TO is exclusive, name the day after the last one")
        return
    rows: list[tuple[str, ...]] = []
    begun = plan.items[0]
    for item, following in zip(plan.items, [*plan.items[1:], None], strict=True):
        same = following is not None and (following.key, following.action, following.reason) == (
            item.key,
            item.action,
            item.reason,
        )
        if same:
            continue
        count = (item.day - begun.day).days + 1
        span = f"{begun.day}" if count == 1 else f"{begun.day} to {item.day}"
        rows.append(
            (
                f"{item.key.exchange} {item.key.symbol}",
                item.key.type.value,
                span,
                f"{count}",
                item.action.value,
                item.reason or ABSENT,
            )
        )
        if following is not None:
            begun = following
    print_table(("SYMBOL", "TYPE", "DAYS", "COUNT", "ACTION", "WHY"), rows, right=("COUNT",))
    if is_dry:
        print(f"\n{plan_sentence(plan)}")
    failed = [item for item in plan.items if item.action is Action.FAILED]
    if failed:
        tell(
            f"{len(failed)} of {len(plan.items)} days failed; `tickreel jobs list` and `tickreel jobs retry`"
        )
