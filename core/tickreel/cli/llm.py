"""``tickreel llm``: what calls of models cost, and the prices that they are counted with."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tickreel.analysis.caps import Caps
from tickreel.analysis.ledger import Ledger
from tickreel.analysis.prices import NANO, Price, prices, saving, set_price, unset_price
from tickreel.cli.console import print_json, print_table
from tickreel.cli.opening import opened_cache
from tickreel.errors import NotHeldError, UsageError
from tickreel.market.units import ABSENT, format_full, format_percent, format_stamp
from tickreel.settings import load

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from tickreel.analysis.calls import Call
    from tickreel.store import Cache

_HERE = "tickreel.cli.llm"
_BEFORE = "tickreel.cli.llm_answers"
VERBS = {
    "records": (_HERE, "list what was analysed along replays, by which it is had again"),
    "answers": (_BEFORE, "list the analyses that were made before"),
    "pin": (_BEFORE, "keep a finding on the time line of its instrument"),
    "unpin": (_BEFORE, "take it off again"),
    "rate": (_BEFORE, "say whether a finding was good"),
    "export": (_BEFORE, "write an analysis as Markdown or JSON, with all it rests on"),
    "calls": (_HERE, "list the newest calls, and what this day and each model has cost"),
    "prices": (_HERE, "list the prices of models"),
    "price": (_HERE, "say what a model costs; without a price none is called"),
    "unprice": (_HERE, "forget a price that was typed in"),
}
"""The module of each verb, and what it is for."""

USAGE = {
    "records": "[--json] [--home DIR]",
    "calls": "[--limit N] [--json] [--home DIR]",
    "prices": "[--json] [--home DIR]",
    "price": "MODEL USD_PER_MTOK [USD_PER_MTOK_OUT] [--json] [--home DIR]",
    "unprice": "MODEL [--json] [--home DIR]",
}
DESCRIPTION = {
    "records": "The newest first. `tickreel replay ... --record N` goes through one again; nothing is sent.",
    "calls": "Calls that failed, were stopped or were answered from the store are among them.",
    "prices": "US dollars for a million tokens. How far one lies below the dearest is computed.",
    "price": (
        "US dollars for a million tokens that are sent, and for those that come back where they differ; 0 "
        "where it is free. Calls that were made keep the price they had."
    ),
    "unprice": "One that is built in holds again.",
}


_READING = ("records", "calls", "prices")


def add_arguments(verb: str, parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tickreel llm`` *verb*."""
    if verb == "calls":
        parser.add_argument("--limit", metavar="N", default="20", help="how many calls (20)")
    if verb in ("price", "unprice"):
        parser.add_argument("model", metavar="MODEL", help="the name that the server knows it by")
    if verb == "price":
        parser.add_argument("sent", metavar="USD_PER_MTOK", help="for a million tokens")
        parser.add_argument(
            "received", metavar="USD_PER_MTOK_OUT", nargs="?", help="for those that come back"
        )


def run(verb: str, args: argparse.Namespace) -> int:
    """Do ``tickreel llm`` *verb*, and give the exit code."""
    with opened_cache(args, only_reads=verb in _READING) as cache, _ledger(cache) as ledger:
        if verb == "records":
            _tell_records(ledger, as_json=args.json)
            return 0
        if verb == "calls":
            _tell_calls(ledger, _count(args.limit), as_json=args.json)
            return 0
        if verb == "price":
            set_price(
                ledger.database, args.model, Price.per_mtok(args.sent, args.received), cache.disk.now_us()
            )
        elif verb == "unprice" and not unset_price(ledger.database, args.model):
            raise NotHeldError(f"no price of {args.model} was typed in")
        _tell_prices(ledger, as_json=args.json)
    return 0


@contextmanager
def _ledger(cache: Cache) -> Iterator[Ledger]:
    database = cache.connect()
    try:
        yield Ledger(database, Caps.of(load(cache.home)), cache.disk.now_us)
    finally:
        database.close()


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise UsageError(f"--limit {text}: write a number of calls")
    return int(text)


def _tell_records(ledger: Ledger, *, as_json: bool) -> None:
    from tickreel.analysis.records import records

    found = records(ledger.database)
    if as_json:
        print_json([one.to_form() for one in found])
        return
    rows = [
        (
            str(one.id),
            format_stamp(one.began_us, 0),
            one.model,
            ", ".join(symbol for _, symbol in one.symbols),
            ",".join(trigger.spelled() for trigger in one.setup.triggers),
            ", ".join(f"{count} {outcome}" for outcome, count in sorted(one.outcomes.items())),
        )
        for one in found
    ]
    print_table(("record", "began (UTC)", "model", "symbols", "triggers", "windows"), rows, right=("record",))


def _tell_calls(ledger: Ledger, limit: int, *, as_json: bool) -> None:
    day, by_model, calls = ledger.spend().day, ledger.by_model(), ledger.calls(limit=limit)
    if as_json:
        print_json(
            {
                "day_usd": day / NANO,
                "cap_call_usd": ledger.caps.call / NANO,
                "cap_session_usd": ledger.caps.session / NANO,
                "cap_day_usd": ledger.caps.day / NANO,
                "models": [
                    {
                        "model": one.model,
                        "calls": one.calls,
                        "tokens_in": one.tokens_in,
                        "tokens_out": one.tokens_out,
                        "cost_usd": one.nano_usd / NANO,
                    }
                    for one in by_model
                ],
                "calls": [call.to_form() for call in calls],
            }
        )
        return
    rows = [
        (
            format_stamp(call.began_us, 0),
            call.model,
            call.state.value.replace("_", " "),
            ABSENT if call.tokens is None else format_full(call.tokens.sent),
            ABSENT if call.tokens is None else format_full(call.tokens.received),
            _cost(call),
            call.reason,
        )
        for call in calls
    ]
    header = ("began (UTC)", "model", "state", "tokens in", "tokens out", "cost", "why")
    print_table(header, rows, right=("tokens in", "tokens out", "cost"))
    print(f"\n{_usd(day)} of {_usd(ledger.caps.day)} are spent on this UTC day")


def _tell_prices(ledger: Ledger, *, as_json: bool) -> None:
    known = prices(ledger.database)
    dearest = max((price for price, _ in known.values()), key=lambda price: price.nano_usd_in)
    forms: list[dict[str, Any]] = [
        {
            "model": model,
            "usd_per_mtok_in": price.usd_in_per_mtok,
            "usd_per_mtok_out": price.usd_out_per_mtok,
            "typed_in": is_typed,
            "below_dearest": saving(price, dearest),
        }
        for model, (price, is_typed) in known.items()
    ]
    if as_json:
        print_json(forms)
        return
    rows = [
        (
            form["model"],
            f"${form['usd_per_mtok_in']:g}",
            f"${form['usd_per_mtok_out']:g}",
            "typed in" if form["typed_in"] else "built in",
            ABSENT if form["below_dearest"] is None else format_percent(form["below_dearest"], 2),
        )
        for form in forms
    ]
    header = ("model", "in per MTok", "out per MTok", "from", "below the dearest")
    print_table(header, rows, right=("in per MTok", "out per MTok", "below the dearest"))


def _cost(call: Call) -> str:
    if call.tokens is None:
        return f"up to {_usd(call.nano_usd)}"
    return f"{'about ' if call.tokens.is_estimated else ''}{_usd(call.nano_usd)}"


def _usd(nano_usd: int) -> str:
    return f"${nano_usd / NANO:.6f}"
