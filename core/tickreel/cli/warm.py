"""``tickreel warm``: days into the shared cache, so that a desk finds them there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tickreel.cli.console import print_json, print_table, tell
from tickreel.cli.fetchwork import work_job
from tickreel.cli.opening import opened_cache
from tickreel.cli.progress import Progress
from tickreel.cli.words import DAYS, TIMES, day_range, no_day
from tickreel.fetch.filling import WarmResult
from tickreel.fetch.sharing import SharedService
from tickreel.fetch.warming import WarmRequest
from tickreel.market.units import ABSENT, format_bytes, format_full

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from tickreel.fetch.filling import Warmed
    from tickreel.fetch.service import FetchService
    from tickreel.progress import Monitor

USAGE = f"{DAYS} [--no-fetch] [--allow-over-budget] [--json] [--home DIR] [--quiet]"
DESCRIPTION = (
    "Days that are held here are put into the shared cache (shared.url, or TICKREEL_REDIS_URL); days that "
    "are neither here nor there are fetched from the vendor first, each by one machine of all. What is there "
    f"already is not sent again, and stays for another while. {TIMES}"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's own arguments."""
    parser.add_argument("words", nargs="+", metavar=DAYS, help="the days to put there")
    parser.add_argument("--no-fetch", action="store_true", help="ask the vendor for nothing")
    parser.add_argument(
        "--allow-over-budget", action="store_true", help="go on beyond the calls of the plan (tickreel plan)"
    )


def run(args: argparse.Namespace) -> int:
    """Do it, and give the exit code."""
    days = day_range(args.words)
    done: Sequence[Warmed] = ()
    if days is None:
        tell(no_day(args.words, "put into the shared cache"))
    else:
        with opened_cache(args) as cache, Progress(quiet=args.quiet) as progress:
            progress.begin("shared cache")
            request = WarmRequest((days,), not args.no_fetch, args.allow_over_budget)

            async def follow(service: FetchService, job_id: int, _: Monitor) -> None:
                await work_job(service, job_id, progress)

            report = SharedService(cache).warm(request, progress, follow=follow)
            progress.clear()
            done = report.days
            for note in report.notes:
                tell(note)
    if args.json:
        print_json([_form(one) for one in done])
    else:
        _show(done)
    return 0 if all(one.result.is_good for one in done) else 1


def _form(one: Warmed) -> dict[str, Any]:
    return {
        "exchange": one.key.exchange,
        "symbol": one.key.symbol,
        "type": one.key.type.value,
        "day": one.day.isoformat(),
        "result": one.result.value,
        "rows": one.rows,
        "bytes": one.stored_bytes,
        "error": one.error or None,
    }


def _show(done: Sequence[Warmed]) -> None:
    rows = [
        (
            one.day.isoformat(),
            one.result.value.replace("_", " "),
            ABSENT if one.rows is None else format_full(one.rows),
            ABSENT if one.stored_bytes is None else format_bytes(one.stored_bytes),
            one.error or ABSENT,
        )
        for one in done
    ]
    if rows:
        print_table(("DAY", "RESULT", "ROWS", "SIZE", "WHY"), rows, right=("ROWS", "SIZE"))
    bad = sum(1 for one in done if one.result in (WarmResult.FAILED, WarmResult.MISSING))
    if bad:
        tell(f"{bad} of {len(done)} days are not in the shared cache")
