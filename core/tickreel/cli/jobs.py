"""``tickreel jobs``: what is being fetched, and what is kept complete by itself."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tickreel.cli.console import print_json, print_table, tell
from tickreel.cli.fetchform import (
    fetch_day_form,
    hold_words,
    job_form,
    job_words,
    jobs_summary,
    standing_form,
)
from tickreel.cli.fetchwork import watch_orders, work_queue
from tickreel.cli.opening import opened_cache
from tickreel.cli.progress import Progress
from tickreel.cli.words import data_types, instruments, split_words
from tickreel.errors import UsageError
from tickreel.fetch.service import FetchService
from tickreel.fetch.states import FetchState
from tickreel.market.time import parse_day
from tickreel.market.types import DatasetKey
from tickreel.market.units import ABSENT, format_bytes, format_full, format_stamp

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

_HERE = "tickreel.cli.jobs"
VERBS = {
    "list": (_HERE, "list jobs, in the order in which they are done"),
    "show": (_HERE, "tell of every day of a job"),
    "run": (_HERE, "work the queue off, and with --watch look after standing orders as well"),
    "pause": (_HERE, "begin no more days of a job"),
    "resume": (_HERE, "go on with a paused job"),
    "cancel": (_HERE, "give up what a job still wants"),
    "retry": (_HERE, "ask anew for what failed or was cancelled, and at once for what waits"),
    "move": (_HERE, "put a job first, last, up or down, or give it another priority"),
    "clear": (_HERE, "forget jobs that have ended; what they fetched stays"),
    "keep": (_HERE, "keep a dataset complete from a day on"),
    "kept": (_HERE, "list standing orders"),
    "unkeep": (_HERE, "end a standing order; what was fetched stays"),
}
"""The module of each verb, and what it is for."""

_KEEP = "EXCHANGE SYMBOL[,S2] TYPE[,T2] FROM"
_COMMON = "[--json] [--home DIR]"
USAGE = {
    "list": _COMMON,
    "show": f"JOB {_COMMON}",
    "run": "[--watch [--every MINUTES]] [--json] [--home DIR] [--quiet]",
    "pause": f"JOB {_COMMON}",
    "resume": f"JOB {_COMMON}",
    "cancel": f"JOB {_COMMON}",
    "retry": f"JOB {_COMMON}",
    "move": f"JOB (--first | --last | --up | --down) [--priority N] {_COMMON}",
    "clear": _COMMON,
    "keep": f"{_KEEP} {_COMMON}",
    "kept": _COMMON,
    "unkeep": f"ORDER {_COMMON}",
}
DESCRIPTION = {
    "list": "",
    "show": "",
    "run": (
        "One process at a time works the queue of a home off; a second one waits and takes over when the "
        "first ends. Ctrl-C leaves what is not done in the queue."
    ),
    "pause": "Days on their way come to their end: the vendor serves no part of a file.",
    "resume": "",
    "cancel": "A day that another job wants as well goes on for that one.",
    "retry": (
        "Ends a hold of the whole queue, such as after a quota that was used up: what other jobs wait for "
        "then goes on as well."
    ),
    "move": "Jobs of a higher priority come first, then by place.",
    "clear": "",
    "keep": "Days are fetched as the vendor publishes them, by `tickreel jobs run --watch`.",
    "kept": "",
    "unkeep": "",
}


def add_arguments(verb: str, parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tickreel jobs`` *verb*."""
    if verb in ("show", "pause", "resume", "cancel", "retry", "move"):
        parser.add_argument("job", type=int, metavar="JOB", help="number of a job")
    if verb == "unkeep":
        parser.add_argument("order", type=int, metavar="ORDER", help="number of a standing order")
    if verb == "keep":
        parser.add_argument("words", nargs="+", metavar=_KEEP, help="the datasets, and the first day")
    if verb == "run":
        parser.add_argument("--watch", action="store_true", help="look after standing orders until Ctrl-C")
        parser.add_argument(
            "--every", type=float, default=10.0, metavar="MINUTES", help="how often to look (default 10)"
        )
    if verb == "move":
        parser.add_argument("--first", action="store_true", help="before all others of its priority")
        parser.add_argument("--last", action="store_true", help="after all others of its priority")
        parser.add_argument("--up", action="store_true", help="before the one that is before it")
        parser.add_argument("--down", action="store_true", help="after the one that is after it")
        parser.add_argument("--priority", type=int, metavar="N", help="higher goes first (default 0)")


def run(verb: str, args: argparse.Namespace) -> int:
    """Do ``tickreel jobs`` *verb*, and give the exit code."""
    reads = verb in ("list", "show", "kept")
    listens = getattr(args, "watch", False)
    with opened_cache(args, only_reads=reads, listens=listens) as cache, FetchService(cache) as service:
        return _DOERS[verb](service, args) or 0


def _list(service: FetchService, args: argparse.Namespace) -> None:
    jobs = service.jobs()
    if args.json:
        print_json([job_form(job, service.queue.hold.current()) for job in jobs])
    elif jobs:
        rows = [
            (
                f"{job.id}",
                job.state.value,
                f"{format_full(job.done)} of {format_full(job.total)}",
                format_bytes(job.bytes),
                job_words(job),
                str(job.request),
            )
            for job in jobs
        ]
        print_table(("JOB", "STATE", "DAYS", "SIZE", "OF THEM", "WHAT"), rows, right=("JOB", "SIZE"))
        if not service.queue.is_idle() and not service.is_anybody_fetching():
            tell("no program is fetching now: `tickreel jobs run` works the queue off")
        hold = service.queue.hold.current()
        if hold is not None:
            tell(f"{hold_words(hold)}; `tickreel jobs retry JOB` asks at once")
    else:
        tell("no jobs; `tickreel fetch` makes one")


def _show(service: FetchService, args: argparse.Namespace) -> None:
    job, days = service.job(args.job)
    if args.json:
        print_json(
            {**job_form(job, service.queue.hold.current()), "items": [fetch_day_form(day) for day in days]}
        )
        return
    print(f"job {job.id}: {job.request}\n{job_words(job)}\n")
    rows = [
        (
            f"{day.key.exchange} {day.key.symbol}",
            day.key.type.value,
            day.day.isoformat(),
            day.state.value,
            format_bytes(day.bytes) if day.bytes else ABSENT,
            f"{day.attempts}",
            " ".join(
                filter(
                    None,
                    (
                        f"until {format_stamp(day.wait_until_us, 0)}:" if day.wait_until_us else "",
                        day.reason,
                        f"(kept: {day.evidence})" if day.evidence else "",
                    ),
                )
            )
            or ABSENT,
        )
        for day in days
    ]
    header = ("SYMBOL", "TYPE", "DAY", "STATE", "SIZE", "FAILURES", "WHY")
    print_table(header, rows, right=("SIZE", "FAILURES"))


def _run(service: FetchService, args: argparse.Namespace) -> int:
    if args.every <= 0:
        raise UsageError(f"--every takes minutes above 0, not {args.every}")
    open_before = {job.id for job in service.queue.jobs() if not job.is_ended}
    if service.is_anybody_fetching():
        tell("another program is fetching: this one looks on, and takes over when that ends")
    with Progress(quiet=args.quiet) as progress:
        if args.watch:
            asyncio.run(watch_orders(service, progress, 60 * args.every))
        else:
            asyncio.run(work_queue(service, progress))
    worked = [job for job in service.queue.jobs() if job.id in open_before]
    if args.json:
        print_json([job_form(job, service.queue.hold.current()) for job in worked])
    else:
        print(jobs_summary(worked) or "nothing was queued")
    return 1 if any(job.days.get(FetchState.FAILED) for job in worked) else 0


def _pause(service: FetchService, args: argparse.Namespace) -> None:
    _changed(args, service, service.control.pause(args.job), "paused; what is on its way comes to its end")


def _resume(service: FetchService, args: argparse.Namespace) -> None:
    _changed(args, service, service.control.resume(args.job), "queued again")


def _cancel(service: FetchService, args: argparse.Namespace) -> None:
    _changed(args, service, service.control.cancel(args.job), "cancelled")


def _retry(service: FetchService, args: argparse.Namespace) -> None:
    _changed(args, service, service.control.retry(args.job), "queued again")


def _move(service: FetchService, args: argparse.Namespace) -> None:
    if sum((args.first, args.last, args.up, args.down)) != 1:
        raise UsageError("say one of --first, --last, --up and --down")
    if args.first or args.last:
        service.control.place(args.job, first=args.first, priority=args.priority)
    elif args.priority is not None:
        raise UsageError("--priority goes with --first or --last")
    elif not service.control.shift(args.job, up=args.up):
        tell(f"job {args.job} is the {'first' if args.up else 'last'} of its priority already")
    _changed(args, service, None, "")


def _changed(args: argparse.Namespace, service: FetchService, days: int | None, what: str) -> None:
    if args.json:
        print_json(job_form(service.job(args.job)[0], service.queue.hold.current()))
    elif days is not None:
        print(f"job {args.job}: {format_full(days)} day{'s' if days != 1 else ''} {what}")
    else:
        print(f"job {args.job} moved")


def _clear(service: FetchService, args: argparse.Namespace) -> None:
    count = service.control.clear()
    if args.json:
        print_json({"cleared": count})
    else:
        print(f"{format_full(count)} job{'s' if count != 1 else ''} forgotten")


def _keep(service: FetchService, args: argparse.Namespace) -> None:
    exchange, symbols, (types, first) = split_words(args.words, "SYMBOL[,S2]", "TYPE[,T2]", "FROM")
    day = parse_day(first)
    for name, symbol in instruments(exchange, symbols):
        for data_type in data_types(types):
            key = asyncio.run(service.listed(DatasetKey(name, symbol, data_type)))
            service.standing.add(key, day)
    _kept(service, args)


def _kept(service: FetchService, args: argparse.Namespace) -> None:
    orders = service.standing.all()
    if args.json:
        print_json([standing_form(order) for order in orders])
        return
    rows = [
        (
            f"{order.id}",
            str(order.key),
            order.first_day.isoformat(),
            ABSENT if order.checked_us is None else format_stamp(order.checked_us, 0),
            ABSENT if order.until_us is None else format_stamp(order.until_us, 0),
            order.problem or ABSENT,
        )
        for order in orders
    ]
    if rows:
        print_table(("ORDER", "DATASET", "FROM", "LOOKED AT", "PUBLISHED UNTIL", "PROBLEM"), rows)
        tell("`tickreel jobs run --watch` looks after them")
    else:
        tell("no standing orders; `tickreel jobs keep` makes one")


def _unkeep(service: FetchService, args: argparse.Namespace) -> None:
    order = service.standing.remove(args.order)
    if args.json:
        _kept(service, args)
    else:
        print(
            f"order {order.id} has ended: {order.key} from {order.first_day} on is kept complete no longer, "
            "and what was fetched stays"
        )


_DOERS: dict[str, Callable[[FetchService, argparse.Namespace], int | None]] = {
    "list": _list,
    "show": _show,
    "run": _run,
    "pause": _pause,
    "resume": _resume,
    "cancel": _cancel,
    "retry": _retry,
    "move": _move,
    "clear": _clear,
    "keep": _keep,
    "kept": _kept,
    "unkeep": _unkeep,
}
