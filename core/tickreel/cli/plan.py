"""``tickreel plan``: what data costs, what of the plan is used, and what the cache is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.cli.account import account_form, print_account, table_lines
from tickreel.cli.console import print_json
from tickreel.cli.opening import opened_cache
from tickreel.errors import UsageError
from tickreel.fetch.economics import PRESETS, adopt, give_up, read_account, read_prices
from tickreel.fetch.economics.prices import FIGURES, changed, checked_name
from tickreel.market.units import format_bytes

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from tickreel.fetch.economics import Adoption, PriceTable
    from tickreel.fetch.economics.prices import Figure
    from tickreel.store import Cache

_HERE = "tickreel.cli.plan"
VERBS = {
    "show": (_HERE, "tell what is typed in, what of the plan is used, and what the cache spared"),
    "set": (_HERE, "type in a plan or prices, and take the plan's storage as the quota"),
    "clear": (_HERE, "remove plan and prices, and put the quota back"),
}
"""The module of each verb, and what it is for."""

USAGE = {
    "show": "[--json] [--home DIR]",
    "set": "[NAME] [--usd-per-month N] [--calls-per-month N] [--storage-bytes N] [--usd-per-request N] "
    "[--usd-per-gb N] [--usd-per-waiting-hour N] [--json] [--home DIR]",
    "clear": "[--json] [--home DIR]",
}
DESCRIPTION = {
    "show": (
        "Everything is counted and timed in this home, and priced with what `plan set` typed in. What was "
        "not measured here says so."
    ),
    "set": (
        f"NAME is {', '.join(PRESETS)}, with the figures of the founding article, or a name of your own. "
        "What is not named stays as it is; `none` takes a figure away. The plan's calls are the budget of "
        "each UTC month: fetching warns from 80 % on and is refused beyond 100 %. Its storage becomes the "
        "setting store.quota_bytes where that is not lower already."
    ),
    "clear": "A quota that you have changed since the plan was set stays as it is.",
}
_NONE = "none"
_HELP = {
    "usd_per_month": "the plan's price",
    "calls_per_month": "requests that it allows in a UTC month (none: no limit)",
    "storage_bytes": "what may be kept (none: no quota of the plan)",
    "usd_per_request": "price of one request to the vendor",
    "usd_per_gb": "price of 10^9 bytes from the vendor",
    "usd_per_waiting_hour": "what an hour of waiting for data costs you",
}


def add_arguments(verb: str, parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of one verb."""
    if verb != "set":
        return
    parser.add_argument("name", metavar="NAME", nargs="?", help="the plan")
    for figure in FIGURES:
        parser.add_argument(
            f"--{figure.name.replace('_', '-')}",
            dest=figure.name,
            metavar="N",
            help=_HELP[figure.name],
        )


def run(verb: str, args: argparse.Namespace) -> int:
    """Do one verb, and give the exit code."""
    with opened_cache(args, only_reads=verb == "show") as cache:
        _DOING[verb](cache, args)
    return 0


def _show(cache: Cache, args: argparse.Namespace) -> None:
    _tell(cache, read_prices(cache.home), args)


def _set(cache: Cache, args: argparse.Namespace) -> None:
    name = None if args.name is None else _checked_name(args.name)
    figures = {
        figure: _typed(figure, text) for figure in FIGURES if (text := getattr(args, figure.name)) is not None
    }
    if name is None and not figures:
        raise UsageError(f"name a plan ({', '.join(PRESETS)}, or your own) or give a figure")
    if name is not None and name.lower() not in PRESETS and not any(f.section == "plan" for f in figures):
        raise UsageError(
            f"{name!r} is no plan that is known here: name {', '.join(PRESETS)}, or give what yours costs "
            "and allows (--usd-per-month, --calls-per-month, --storage-bytes)"
        )
    try:
        table = changed(read_prices(cache.home), name, figures)
    except ValueError as error:
        raise UsageError(str(error)) from None
    _tell_adoption(cache, adopt(cache.home, table, cache.disk), args)


def _clear(cache: Cache, args: argparse.Namespace) -> None:
    _tell_adoption(cache, give_up(cache.home, cache.disk), args)


def _checked_name(text: str) -> str:
    try:
        return checked_name(text)
    except ValueError as error:
        raise UsageError(f"NAME: {error}") from None


def _typed(figure: Figure, text: str) -> float | None:
    """Read an option; None where it takes the figure away."""
    if text == _NONE:
        return None
    try:
        return figure.read_text(text)
    except ValueError as error:
        raise UsageError(f"--{figure.name.replace('_', '-')}: {error}, or {_NONE}") from None


def _tell(cache: Cache, table: PriceTable, args: argparse.Namespace) -> None:
    account = read_account(cache, table)
    if args.json:
        print_json(account_form(account))
    else:
        print_account(account)


def _tell_adoption(cache: Cache, adoption: Adoption, args: argparse.Namespace) -> None:
    account = read_account(cache, adoption.table)
    note = adoption.note
    if account.over_bytes:
        note += (
            f"; {format_bytes(account.found.used_bytes)} are in use, and days that can be fetched again "
            "leave by themselves with the next import or fetch: `tickreel cache evict --preview` tells which"
        )
    if args.json:
        print_json(account_form(account, note))
        return
    for line in table_lines(adoption.table):
        print(line)
    print(note)


_DOING: dict[str, Callable[[Cache, argparse.Namespace], None]] = {
    "show": _show,
    "set": _set,
    "clear": _clear,
}
