"""``tickreel cache health``: how far the rows of days can be relied on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tickreel.cli.console import print_json, print_table, tell
from tickreel.cli.opening import opened_cache
from tickreel.cli.words import DAYS, TIMES, instrument, no_day, split_words
from tickreel.errors import NotHeldError
from tickreel.market.time import days_touched, parse_range
from tickreel.market.units import ABSENT, format_full

if TYPE_CHECKING:
    import argparse

    from tickreel.store.health import Health
    from tickreel.store.model import Day

USAGE = {"health": f"{DAYS} [--json] [--home DIR]"}
DESCRIPTION = {
    "health": (
        "A day is good, usable or bad; --json tells of every interval in which something was met. "
        f"Every UTC day that the range touches is meant. {TIMES}"
    )
}


def add_arguments(verb: str, parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tickreel cache`` *verb*."""
    parser.add_argument("words", nargs="+", metavar=DAYS, help="the days")


def run(verb: str, args: argparse.Namespace) -> int:
    """Do ``tickreel cache`` *verb*, and give the exit code."""
    exchange, symbol, (data_type, start, end) = split_words(args.words, "SYMBOL", "TYPE", "FROM", "TO")
    exchange, symbol = instrument(exchange, symbol)
    with opened_cache(args, only_reads=True) as cache:
        found = cache.health(exchange, symbol, data_type, start, end)
    if not days_touched(*parse_range(start, end)):
        tell(no_day(args.words, "looked at"))
    elif not found:
        raise NotHeldError(
            f"nothing is held of {exchange} {symbol} {data_type} from {start} to {end}: "
            "`tickreel datasets` lists what is held"
        )
    if args.json:
        print_json([health_form(day, health) for day, health in found])
    else:
        _print(found)
    return 0


def health_form(day: Day, health: Health | None) -> dict[str, Any]:
    """Tell the health of a day; None for one that is damaged, of whose rows nothing is known."""
    from tickreel.store.health import Kind

    unknown: dict[str, Any] = {
        "grade": "bad",
        "counts": {kind.value: None for kind in Kind},
        "snapshot_only": None,
        "intervals": [],
    }
    return {
        "exchange": day.key.exchange,
        "symbol": day.key.symbol,
        "type": day.key.type.value,
        "day": day.day.isoformat(),
        **(unknown if health is None else health.to_form()),
    }


def _print(found: list[tuple[Day, Health | None]]) -> None:
    rows = []
    for day, health in found:
        if health is None:
            grade, reasons = "bad", "the day is damaged: import it again"
        else:
            counts = (f"{format_full(health.counts[kind])} {kind}" for kind in health.issues)
            grade, reasons = health.grade.value, ", ".join(counts) or ABSENT
        rows.append((day.day.isoformat(), day.state.value, grade, reasons))
    if rows:
        print_table(("DAY", "STATE", "HEALTH", "WHAT WAS MET"), rows)
