"""Write the pages of reference that follow from the program itself: on its commands, and on its catalog.

Run by ``make reference``; a test holds the pages that ship against what this would write.
"""

from __future__ import annotations

import argparse
import re
import sqlite3
import tempfile
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

from tickreel.cli.main import COMMANDS
from tickreel.cli.words import TIMES
from tickreel.store import open_cache

if TYPE_CHECKING:
    from tickreel.cli.main import Command, Verbs

_PAGES = Path(__file__).resolve().parent.parent / "resources" / "tickreel_resources" / "docs"
_LINE = 84
_ABOUT_COMMANDS = """# Commands

Every command of `tickreel`, its words and its options, as `tickreel COMMAND --help` tells them. Data goes to
stdout, progress and the one line of an error to stderr. [Exit codes](errors.md#exit-codes): 0 good, 1 failed,
2 usage, 130 cancelled.

- `--json`, `--quiet` and `--home DIR` may stand with every command: data as JSON, no progress, and the folder
  that holds everything, else `TICKREEL_HOME`, else the system's place for data.
- An instrument is `EXCHANGE SYMBOL`, or `EXCHANGE:SYMBOL` in one word.
- A time is `YYYY-MM-DD`, with a time of day after `T` or a space if wanted and a zone after that, UTC without
  one; or microseconds since 1970. FROM is part of a range, TO is not.
- Words in `[...]` may be left out, `|` parts alternatives, `...` may be repeated.
"""
_ABOUT_CATALOG = """# The catalog

`catalog.sqlite` in the home is a SQLite database in WAL mode that says what is held, what is being fetched,
and what was run. The rows themselves lie in [segment files](segment-format.md), from which `tickreel cache
rebuild` makes a lost catalog anew. Other programs may read it, best by a connection that is opened read-only;
to write to it is for Tickreel alone.

This page is schema version {version}, which stands in the database as `PRAGMA user_version`. A newer Tickreel
brings an older catalog up to date when it opens it, and keeps the old one beside it. Times are microseconds
since 1970 UTC where a name ends with `_us`; a day is `YYYY-MM-DD`, UTC.
"""
_TABLES = """
    SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name
"""


def commands_page() -> str:
    """Write the page of all commands."""
    parts = [_ABOUT_COMMANDS]
    for name, (module_name, summary) in COMMANDS.items():
        module = import_module(module_name)
        parts.append(f"## {name}\n\n{summary[0].upper()}{summary[1:]}.\n")
        if not hasattr(module, "VERBS"):
            single = cast("Command", module)
            parser = argparse.ArgumentParser(add_help=False)
            single.add_arguments(parser)
            parts.append(_told(f"tickreel {name} {single.USAGE}", single.DESCRIPTION, parser))
            continue
        for verb, (handler_name, verb_summary) in module.VERBS.items():
            handler = cast("Verbs", import_module(handler_name))
            parser = argparse.ArgumentParser(add_help=False)
            handler.add_arguments(verb, parser)
            parts.append(f"### {name} {verb}\n\n{verb_summary[0].upper()}{verb_summary[1:]}.\n")
            usage = f"tickreel {name} {verb} {handler.USAGE[verb]}"
            parts.append(_told(usage, handler.DESCRIPTION[verb], parser))
    return "\n".join(parts)


def _told(usage: str, description: str, parser: argparse.ArgumentParser) -> str:
    description = _plain(description.replace(TIMES, "").strip())  # told at the head of the page
    text = f"{description}\n\n" if description else ""
    text += f"```\n{_wrapped(usage)}\n```\n"
    # A word without a meaning of its own stands in the form alone.
    rows = [_option(action) for action in parser._actions if action.help not in (None, argparse.SUPPRESS)]
    if rows:
        text += "\n" + "".join(f"- {words}: {meaning}\n" for words, meaning in rows)
    return text


def _wrapped(usage: str) -> str:
    """Break a form into lines between its words, never inside brackets."""
    lines = [""]
    for word in re.findall(r"\[[^\]]*\](?:\.\.\.)?|\S+", usage):
        if lines[-1] and len(lines[-1]) + len(word) >= _LINE:
            lines.append("   ")
        lines[-1] += f" {word}" if lines[-1] else word
    return "\n".join(lines)


def _option(action: argparse.Action) -> tuple[str, str]:
    value = action.metavar or action.dest.upper()
    value = " ".join(value) if isinstance(value, tuple) else value
    takes_value = action.nargs != 0
    name = f"`{value}`"
    if action.option_strings:
        name = ", ".join(
            f"`{text} {value}`" if takes_value else f"`{text}`" for text in action.option_strings
        )
    told = (action.help or "") % {"default": action.default, "prog": "tickreel"}
    if action.choices and takes_value:
        name = name.replace(action.dest.upper(), "/".join(map(str, action.choices)))
    return name.replace("|", "/"), _plain(told.replace("|", "/"))


def _plain(text: str) -> str:
    """Keep what a parser tells from being taken for markdown."""
    return re.sub(r"[*_<]", r"\\\g<0>", text)


def catalog_page() -> str:
    """Write the page of all tables of the catalog, each with what its definition says of it."""
    with tempfile.TemporaryDirectory() as folder:
        with open_cache(Path(folder) / "home"):
            pass
        with closing(sqlite3.connect(Path(folder) / "home" / "catalog.sqlite")) as database:
            (version,) = database.execute("PRAGMA user_version").fetchone()
            tables = database.execute(_TABLES).fetchall()
            parts = [_ABOUT_CATALOG.format(version=version)]
            for name, sql in tables:
                parts.append(_table(name, sql, database.execute(f"PRAGMA table_info({name})").fetchall()))
    return "\n".join(parts)


def _table(name: str, sql: str, columns: list[tuple[object, ...]]) -> str:
    notes = _notes(sql)
    text = f"## {name}\n\n"
    if about := notes.get(""):
        text += f"{about[0].upper()}{about[1:]}.\n\n"
    for _, column, kind, is_needed, _, is_key in columns:
        marks = [
            mark for mark, holds in (("key", is_key), ("may be null", not is_needed and not is_key)) if holds
        ]
        told = "; ".join(part for part in (notes.get(str(column), ""), ", ".join(marks)) if part)
        text += f"- `{column}`, {str(kind).lower()}{': ' if told else ''}{told}\n"
    return text


def _notes(sql: str) -> dict[str, str]:
    """Give what stands beside the table's name (under no name) and beside each column in its definition."""
    notes: dict[str, str] = {}
    last = ""
    for line in sql.splitlines():
        code, _, note = line.partition("--")
        if (word := re.match(r"\s*(\w+)\b", code)) is not None:
            last = "" if line.startswith("CREATE") else word[1]
        if note:
            notes[last] = f"{notes[last]} {note.strip()}" if last in notes else note.strip()
    return notes


PAGES = {"commands": commands_page, "catalog-format": catalog_page}


def main() -> None:
    """Write all of them."""
    for name, write in PAGES.items():
        (_PAGES / f"{name}.md").write_text(write(), encoding="utf-8")


if __name__ == "__main__":
    main()
