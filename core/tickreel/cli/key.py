"""``tickreel key``: keys of paid services, in the system's store of passwords and nowhere else."""

from __future__ import annotations

import getpass
import sys
from typing import TYPE_CHECKING

from tickreel.cli.console import print_json, tell
from tickreel.errors import NotHeldError, UsageError
from tickreel.keys import KeyName, KeyOrigin, delete_key, find_key, keyring_name, set_key

if TYPE_CHECKING:
    import argparse

_HERE = "tickreel.cli.key"
VERBS = {
    "set": (_HERE, "keep a key in the system's store of passwords"),
    "status": (_HERE, "tell where keys come from, and not what they are"),
    "delete": (_HERE, "take a key out of the system's store of passwords"),
}
"""The module of each verb, and what it is for."""

_NAMES = "|".join(KeyName)
USAGE = {
    "set": f"{_NAMES} [--json]",
    "status": f"[{_NAMES}] [--json]",
    "delete": f"{_NAMES} [--json]",
}
DESCRIPTION = {
    "set": (
        "The key is asked for and not shown; where stdin is no terminal its first line is taken. It is never "
        "an argument, which other users of the machine could see."
    ),
    "status": "A key in the environment (TARDIS_API_KEY, TICKREEL_LLM_API_KEY) stands above the store.",
    "delete": "A key in the environment stays.",
}


def add_arguments(verb: str, parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tickreel key`` *verb*."""
    parser.add_argument(
        "name", metavar="NAME", nargs="?" if verb == "status" else None, help=f"which key: {_NAMES}"
    )


def run(verb: str, args: argparse.Namespace) -> int:
    """Do ``tickreel key`` *verb*, and give the exit code."""
    name = None if args.name is None else _named(args.name)
    if verb == "set" and name is not None:
        set_key(name, _asked_for(name))
    elif verb == "delete" and name is not None and not delete_key(name):
        raise NotHeldError(f"the system's store of passwords holds no key {name}")
    _tell_status(list(KeyName) if name is None else [name], as_json=args.json)
    return 0


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
        tell("this system has no store of passwords: keys are taken from the environment alone")
