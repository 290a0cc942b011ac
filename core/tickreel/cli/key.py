"""``tickreel key``: keys of paid services, in the system's store of passwords and nowhere else."""

from __future__ import annotations

import asyncio
import getpass
import sys
from typing import TYPE_CHECKING, Any

from tickreel.cli.console import print_json, print_table, tell
from tickreel.errors import NotHeldError, UsageError
from tickreel.keys import KeyName, KeyOrigin, delete_key, find_key, keyring_name, set_key
from tickreel.market.units import ABSENT, format_stamp

if TYPE_CHECKING:
    import argparse

    from tickreel.sources.access import Reach

_HERE = "tickreel.cli.key"
VERBS = {
    "set": (_HERE, "keep a key in the system's store of passwords"),
    "status": (_HERE, "tell where keys come from, and not what they are"),
    "check": (_HERE, "ask the vendor whether it can be reached and what its key gives"),
    "delete": (_HERE, "take a key out of the system's store of passwords"),
}
"""The module of each verb, and what it is for."""

_NAMES = "|".join(KeyName)
USAGE = {
    "set": f"{_NAMES} [--json]",
    "status": f"[{_NAMES}] [--json]",
    "check": f"[{KeyName.TARDIS}] [--json] [--home DIR]",
    "delete": f"{_NAMES} [--json]",
}
DESCRIPTION = {
    "set": (
        "The key is asked for and not shown; where stdin is no terminal its first line is taken. It is never "
        "an argument, which other users of the machine could see."
    ),
    "status": f"A key in the environment ({', '.join(n.variable for n in KeyName)}) stands above the store.",
    "check": (
        "Nothing but lists is asked for. Ends with 1 where the key is refused, where what it includes cannot "
        "be told, or where the vendor cannot be reached; the error names the host and the proxy."
    ),
    "delete": "A key in the environment stays.",
}


def add_arguments(verb: str, parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tickreel key`` *verb*."""
    parser.add_argument(
        "name",
        metavar="NAME",
        nargs="?" if verb in ("status", "check") else None,
        help=f"which key: {_NAMES}",
    )


def run(verb: str, args: argparse.Namespace) -> int:
    """Do ``tickreel key`` *verb*, and give the exit code."""
    name = None if args.name is None else _named(args.name)
    if verb == "check":
        return _check(KeyName.TARDIS if name is None else name, args)
    if verb == "set" and name is not None:
        set_key(name, _asked_for(name))
    elif verb == "delete" and name is not None and not delete_key(name):
        raise NotHeldError(f"the system's store of passwords holds no key {name}")
    _tell_status(list(KeyName) if name is None else [name], as_json=args.json)
    return 0


def _check(name: KeyName, args: argparse.Namespace) -> int:
    from tickreel.cli.opening import opened_cache
    from tickreel.fetch.service import FetchService

    if name is not KeyName.TARDIS:
        raise UsageError(f"only the key {KeyName.TARDIS} can be checked: no list tells of {name}")
    with opened_cache(args, only_reads=True) as cache, FetchService(cache) as service:
        found = asyncio.run(service.check())
    if args.json:
        print_json(_reach_form(found))
    else:
        _tell_reach(found)
    if found.accesses == ():
        tell(f"the key from the {found.key.origin} is refused or has expired: it includes nothing")
        return 1
    if found.accesses is None and found.key.origin is not KeyOrigin.NONE:
        tell(f"the key from the {found.key.origin} is not verified: what it includes could not be read")
        return 1
    return 0


def _reach_form(found: Reach) -> dict[str, Any]:
    return {
        "way": found.way,
        "exchanges": found.exchanges,
        "key": found.key.origin.value,
        "access": None
        if found.accesses is None
        else [
            {
                "exchange": one.exchange,
                "plan": one.plan or None,
                "from_us": one.from_us,
                "to_us": one.to_us,
                "symbols": sorted(one.symbols),
            }
            for one in found.accesses
        ],
    }


def _tell_reach(found: Reach) -> None:
    print(f"{found.way} answers: {found.exchanges} exchanges")
    if found.key.origin is KeyOrigin.NONE:
        print("no key: the first day of every month is free (`tickreel key set tardis`)")
    elif found.accesses:
        rows = [
            (
                one.exchange,
                one.plan or ABSENT,
                ABSENT if one.from_us is None else format_stamp(one.from_us, 0),
                ABSENT if one.to_us is None else format_stamp(one.to_us, 0),
                ", ".join(sorted(one.symbols)) or "all",
            )
            for one in found.accesses
        ]
        print_table(("EXCHANGE", "PLAN", "FROM", "TO", "SYMBOLS"), rows)


def _named(text: str) -> KeyName:
    try:
        return KeyName(text)
    except ValueError:
        raise UsageError(f"there is no key {text!r}: choose from {', '.join(KeyName)}") from None


def _asked_for(name: KeyName) -> str:
    if sys.stdin.isatty():
        return getpass.getpass(f"key {name} (not shown): ")
    return sys.stdin.readline()


def _tell_status(names: list[KeyName], *, as_json: bool) -> None:
    store = keyring_name()
    found = {name: find_key(name).origin for name in names}
    if as_json:
        print_json([{"name": name.value, "origin": found[name].value, "store": store} for name in names])
        return
    for name in names:
        match found[name]:
            case KeyOrigin.ENVIRONMENT:
                print(f"{name}: from the environment ({name.variable})")
            case KeyOrigin.KEYRING:
                print(f"{name}: from {store}")
            case KeyOrigin.NONE:
                print(f"{name}: none")
    if store is None:
        variables = ", ".join(name.variable for name in names)
        tell(f"this system has no store of passwords: keys come from the environment alone ({variables})")
