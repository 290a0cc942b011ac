"""``tickreel settings``: what is set, where it comes from, and the user's own file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from tickreel.cli.console import print_json, print_table, tell
from tickreel.errors import NotHeldError, UsageError
from tickreel.settings import (
    SECTIONS,
    SETTINGS,
    LoadedSettings,
    Setting,
    Settings,
    Source,
    home_dir,
    load,
    save,
    setting,
    settings_path,
    text_of,
    value_of,
    value_of_text,
)

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

_HERE = "tickreel.cli.settings"
VERBS = {
    "list": (_HERE, "tell every setting, its value and where it comes from"),
    "get": (_HERE, "tell all of one setting"),
    "set": (_HERE, "write a value to your settings file"),
    "unset": (_HERE, "take a value out of your settings file, so that the default holds"),
}
"""The module of each verb, and what it is for."""

USAGE = {
    "list": "[SECTION] [--json]",
    "get": "KEY [--json]",
    "set": "KEY VALUE [--json]",
    "unset": "KEY [--json]",
}
_FILE = (
    "Only this line of the file is changed. What a policy locks is refused; an environment variable stands "
    "above the file, and that is said."
)
DESCRIPTION = {
    "list": "Lowest to highest: default, your file, environment, command line, policy.",
    "get": "With its default, what it accepts, and your own value where something stands above it.",
    "set": f"A value may have its unit: 2 TB, 90 days, 20 s; none where there may be none. {_FILE}",
    "unset": _FILE,
}


def add_arguments(verb: str, parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tickreel settings`` *verb*."""
    if verb == "list":
        sections = ", ".join(each.name for each in SECTIONS)
        parser.add_argument("section", metavar="SECTION", nargs="?", help=f"only these: {sections}")
        return
    parser.add_argument("key", metavar="KEY", help="for instance store.quota_bytes")
    if verb == "set":
        parser.add_argument("value", metavar="VALUE", help="as in 2 TB or 2000000000000, dark, none")


def run(verb: str, args: argparse.Namespace) -> int:
    """Do ``tickreel settings`` *verb*, and give the exit code."""
    home = home_dir(flag=args.home)
    if verb == "list":
        _list(_loaded(home), args.section, as_json=args.json)
        return 0
    known = _known(args.key)
    if verb == "set":
        try:
            value = value_of_text(known, args.value)
        except ValueError as error:
            raise UsageError(f"{known.key}: {error}") from None
        save(home, {known.key: value})
    elif verb == "unset":
        if known.key not in _loaded(home).own:
            raise NotHeldError(f"{settings_path(home)} has no value of {known.key}")
        save(home, {known.key: None})
    loaded = _loaded(home)
    if args.json:
        print_json(_record(loaded, known))
    elif verb == "get":
        _tell_all(loaded, known)
    else:
        print(f"{known.key}: {text_of(known, value_of(loaded.values, known.key))} ({_origin(loaded, known)})")
    if verb in ("set", "unset") and loaded.origin(known.key).source is Source.ENVIRONMENT:
        tell(f"{loaded.origin(known.key).where} is set and stands above your file")
    return 0


def _loaded(home: Path) -> LoadedSettings:
    """Read the settings; nothing is told of a file that cannot be read but that."""
    loaded = load(home)
    loaded.demand()
    return loaded


def _known(key: str) -> Setting:
    known = setting(key)
    if known is None:
        from difflib import get_close_matches

        near = get_close_matches(key.lower(), [each.key for each in SETTINGS], n=2)
        hint = f"did you mean {' or '.join(near)}?" if near else "`tickreel settings list` names all"
        raise UsageError(f"{key} is not a setting: {hint}")
    return known


def _list(loaded: LoadedSettings, section: str | None, *, as_json: bool) -> None:
    if section is not None and section not in {each.name for each in SECTIONS}:
        names = ", ".join(each.name for each in SECTIONS)
        raise UsageError(f"there is no section {section!r}: choose from {names}")
    shown = [each for each in SETTINGS if section in (None, each.section)]
    if as_json:
        print_json([_record(loaded, each) for each in shown])
    else:
        rows = [
            (each.key, text_of(each, value_of(loaded.values, each.key)), _origin(loaded, each))
            for each in shown
        ]
        print_table(("KEY", "VALUE", "FROM"), rows)
    for problem in loaded.problems:
        tell(f"warning: {problem}")


def _origin(loaded: LoadedSettings, known: Setting) -> str:
    origin = loaded.origin(known.key)
    name = origin.source.words
    return name if origin.source in (Source.DEFAULT, Source.FLAG) else f"{name} {origin.where}"


def _tell_all(loaded: LoadedSettings, known: Setting) -> None:
    lines = [
        ("key", known.key),
        ("what", f"{known.title}. {known.explanation}"),
        ("value", text_of(known, value_of(loaded.values, known.key))),
        ("from", _origin(loaded, known)),
        ("default", text_of(known, value_of(Settings(), known.key))),
        ("accepts", known.accepts),
        ("environment", known.environment),
    ]
    if known.key in loaded.reasons:
        lines.append(("reason", loaded.reasons[known.key]))
    if known.key in loaded.own and loaded.origin(known.key).source is not Source.FILE:
        lines.append(("kept", f"{text_of(known, loaded.own[known.key])} in your file, not used"))
    for name, text in lines:
        print(f"{name:11}  {text}")


def _record(loaded: LoadedSettings, known: Setting) -> dict[str, Any]:
    origin = loaded.origin(known.key)
    own = loaded.own.get(known.key)
    return {
        "key": known.key,
        "title": known.title,
        "explanation": known.explanation,
        "kind": known.kind.value,
        "value": _plain(known, value_of(loaded.values, known.key)),
        "default": _plain(known, value_of(Settings(), known.key)),
        "own": None if own is None else _plain(known, own),
        "source": origin.source.value,
        "where": origin.where,
        "environment": known.environment,
        "locked": loaded.is_locked(known.key),
        "reason": loaded.reasons.get(known.key),
        "accepts": known.accepts,
        "needs_restart": known.needs_restart,
    }


def _plain(known: Setting, value: Any) -> Any:
    """Give a value for JSON; a URL that may hold a password as it is shown to people."""
    return text_of(known, value) if isinstance(value, str) and "@" in value else msgspec.to_builtins(value)
