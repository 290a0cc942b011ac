"""Writes the user's settings file, changing only the lines that are meant.

The file belongs to the user: comments, order and keys of a newer Tickreel stay as they are.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from tickreel.errors import EnvironmentProblem, UsageError
from tickreel.filesystem import take_place
from tickreel.settings.load import read_policy, read_toml
from tickreel.settings.places import machine_policy_path, settings_path
from tickreel.settings.table import setting
from tickreel.settings.tree import SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEADER = re.compile(r"\s*\[")


def save(home: Path, changes: Mapping[str, object | None], *, policy_path: Path | None = None) -> None:
    """Write *changes* (value by key; None removes the user's own value) to the user's settings file.

    The file is replaced as a whole, so that it is never seen half written.

    Raises:
        UsageError: a key is no setting, a value is not accepted, the policy locks the key, or the
            file is no TOML or written in a form that cannot be changed by line.
        EnvironmentProblem: the file cannot be written.
    """
    policy = policy_path or machine_policy_path()
    locks = read_policy(policy)
    wanted: dict[str, object | None] = {}
    for key, raw in changes.items():
        known = setting(key)
        if known is None:
            raise UsageError(f"{key} is not a setting")
        if key in locks.values:
            reason = locks.reasons.get(key)
            told = f"{policy} ({reason})" if reason else str(policy)
            raise UsageError(f"{key} is locked by the policy file {told}; ask whoever runs this machine")
        try:
            wanted[key] = None if raw is None else msgspec.to_builtins(known.read(raw))
        except ValueError as error:
            raise UsageError(f"{key}: {error}") from None

    path = settings_path(home)
    try:
        old = path.read_bytes() if path.exists() else f"schema_version = {SCHEMA_VERSION}\n".encode()
        document = read_toml(path, old)
        new = _edited(old.decode(), document, wanted)
        if new is None:
            raise UsageError(f"{path} is written in a form that Tickreel cannot change; edit it by hand")
        _replace(path, new)
    except ValueError as error:
        raise UsageError(str(error)) from None
    except OSError as error:
        raise EnvironmentProblem(f"{path} cannot be written: {error}") from error


def _edited(old: str, document: dict[str, Any], wanted: dict[str, object | None]) -> str | None:
    """Change single lines; None when the outcome would not read as exactly what is wanted."""
    lines = old.splitlines()
    for key, value in wanted.items():
        section, _, name = key.partition(".")
        _edit_line(lines, section, name, value)
        table: object = document.setdefault(section, {})
        if not isinstance(table, dict):
            return None
        if value is None:
            table.pop(name, None)
        else:
            table[name] = value
    new = "\n".join(lines) + "\n"
    try:
        outcome = tomllib.loads(new)
    except ValueError:
        return None
    return new if _without_empty(outcome) == _without_empty(document) else None


def _edit_line(lines: list[str], section: str, name: str, value: object | None) -> None:
    header = re.compile(rf"\s*\[\s*{section}\s*\]\s*(#.*)?")
    entry = re.compile(rf"\s*{name}\s*=")
    start = next((at for at, line in enumerate(lines) if header.fullmatch(line)), None)
    text = f"{name} = {json.dumps(value)}"
    if start is None:
        if value is not None:
            lines += ["", f"[{section}]", text]
        return
    end = next((at for at in range(start + 1, len(lines)) if _HEADER.match(lines[at])), len(lines))
    for at in range(start + 1, end):
        if entry.match(lines[at]):
            lines[at : at + 1] = [] if value is None else [text]
            return
    if value is not None:
        lines.insert(start + 1, text)


def _without_empty(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if value != {}}


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        take_place(Path(name), path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
