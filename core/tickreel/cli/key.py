"""``tickreel key``: keys of paid services, in the system's store of passwords and nowhere else."""

from __future__ import annotations

import asyncio
import getpass
import sys
from typing import TYPE_CHECKING, Any

from tickreel.analysis.servers import host_of
from tickreel.cli.console import print_json, print_table, tell
from tickreel.errors import NotHeldError, UsageError
from tickreel.keys import KeyName, KeyOrigin, delete_key, find_key, keyring_name, set_key
from tickreel.market.units import ABSENT, format_stamp
from tickreel.settings import home_dir, load

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
    "set": f"{_NAMES} [--json] [--home DIR]",
    "status": f"[{_NAMES}] [--json] [--home DIR]",
    "check": f"[{KeyName.TARDIS}] [--json] [--home DIR]",
    "delete": f"{_NAMES} [--json] [--home DIR]",
}
DESCRIPTION = {
    "set": (
        "The key is asked for and not shown; where stdin is no terminal its first line is taken. It is never "
        "an argument, which other users of the machine could see. The key llm is that of the server which is "
        "set as llm.base_url, and is sent to no other."
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
        host = _host(name, args)
        set_key(name, _asked_for(name, host), host=host)
    elif verb == "delete" and name is not None and not delete_key(name, host=_host(name, args)):
        raise NotHeldError(f"the system's store of passwords holds no key {_whose(name, _host(name, args))}")
    names = list(KeyName) if name is None else [name]
    _tell_status({each: _host(each, args) for each in names}, as_json=args.json)
    return 0


def _host(name: KeyName, args: argparse.Namespace) -> str:
    """Name the host whose key it is; empty where there is one for all."""
    if name is not KeyName.LLM:
        return ""
    settings = load(home_dir(flag=args.home))
    settings.demand("llm")
    return host_of(settings.values.llm.base_url)


def _whose(name: KeyName, host: str) -> str:
    return f"{name} of {host}" if host else name.value


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


def _asked_for(name: KeyName, host: str) -> str:
    if sys.stdin.isatty():
        return getpass.getpass(f"key {_whose(name, host)} (not shown): ")
    return sys.stdin.readline()


def _tell_status(hosts: dict[KeyName, str], *, as_json: bool) -> None:
    store = keyring_name()
    found = {name: find_key(name, host=host).origin for name, host in hosts.items()}
    if as_json:
        print_json(
            [
                {"name": name.value, "origin": found[name].value, "store": store, "host": host or None}
                for name, host in hosts.items()
            ]
        )
        return
    for name, host in hosts.items():
        whose = _whose(name, host)
        match found[name]:
            case KeyOrigin.ENVIRONMENT:
                print(f"{whose}: from the environment ({name.variable})")
            case KeyOrigin.KEYRING:
                print(f"{whose}: from {store}")
            case KeyOrigin.NONE:
                print(f"{whose}: none")
    if store is None:
        variables = ", ".join(name.variable for name in hosts)
        tell(f"this system has no store of passwords: keys come from the environment alone ({variables})")
