"""``tickreel cache stats``: what is held, how it is used, and what that has spared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.cli.console import print_json, tell
from tickreel.cli.jsonform import statistics_form
from tickreel.cli.opening import opened_cache
from tickreel.errors import TickreelError
from tickreel.fetch.economics import Rates, avoided, read_prices
from tickreel.market.units import (
    ABSENT,
    format_bytes,
    format_duration_s,
    format_full,
    format_percent,
    format_stamp,
)

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from tickreel.fetch.economics import Bill
    from tickreel.store.care.statistics import Statistics

USAGE = {"stats": "[--json] [--home DIR]"}
DESCRIPTION = {"stats": "Hits are read calls served for one day of a dataset."}


def add_arguments(verb: str, parser: argparse.ArgumentParser) -> None:
    """Declare no arguments beside those of every verb."""


def run(verb: str, args: argparse.Namespace) -> int:
    """Do ``tickreel cache`` *verb*, and give the exit code."""
    with opened_cache(args, only_reads=True) as cache:
        found = cache.life.statistics()
        shared_state = "off" if cache.farther is None else cache.farther.state()
    spared = avoided(found, _rates_of(found.home))
    if args.json:
        print_json(statistics_form(found, spared, shared_state))
    else:
        _print(found, spared, shared_state)
    return 0


def _rates_of(home: Path) -> Rates:
    """Read the prices of a home; what is wrong with them is told, and takes nothing but the money away."""
    try:
        return read_prices(home).rates
    except TickreelError as error:
        tell(f"warning: no money is counted: {error}")
        return Rates()


def _print(found: Statistics, spared: Bill, shared_state: str) -> None:
    local, shared, origin = found.local, found.shared, found.origin
    quota = ABSENT if found.quota_bytes is None else format_bytes(found.quota_bytes)
    if found.quota_bytes is not None and found.used_bytes > found.quota_bytes:
        quota += f", {format_bytes(found.used_bytes - found.quota_bytes)} over it: what was imported stays"
    lines = (
        ("home", str(found.home)),
        ("datasets", format_full(found.datasets)),
        ("days", f"{format_full(found.days)}, {format_full(found.pinned_days)} pinned"),
        ("rows", format_full(found.rows)),
        ("size", f"{format_bytes(found.bytes)}, keyframes {format_bytes(found.keyframe_bytes)}"),
        ("trash", format_bytes(found.trash_bytes)),
        ("derived files", format_bytes(found.derived_bytes)),
        ("quota", quota),
        ("disk free", format_bytes(found.disk_free_bytes)),
        ("counted since", ABSENT if local.since_us is None else format_stamp(local.since_us)),
        ("hits", f"{format_full(local.hits)}, {format_full(local.misses)} misses"),
        ("hit rate", ABSENT if local.hit_rate is None else format_percent(local.hit_rate)),
        ("latency", _latencies(local.p50_ms, local.p99_ms)),
        *(
            (
                ("shared cache", f"{shared_state}, {format_full(shared.hits)} days brought"),
                ("not there", format_full(shared.misses)),
                ("time to bring", _latencies(shared.p50_ms, shared.p99_ms)),
            )
            if shared_state != "off"
            else ()
        ),
        ("vendor", f"{format_full(origin.requests)} requests, {format_bytes(origin.bytes)}"),
        ("download", _latencies(origin.p50_ms, origin.p99_ms)),
        ("avoided", str(spared)),
    )
    width = max(len(name) for name, _ in lines)
    for name, value in lines:
        print(f"{name:<{width}}  {value}")


def _latencies(p50_ms: float | None, p99_ms: float | None) -> str:
    return f"{_latency(p50_ms)} half of all, {_latency(p99_ms)} 99 of 100"


def _latency(latency_ms: float | None) -> str:
    return ABSENT if latency_ms is None else format_duration_s(latency_ms / 1000)
