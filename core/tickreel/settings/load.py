"""Finds the value of every setting and remembers where it came from."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tickreel.errors import EnvironmentProblem, UsageError
from tickreel.settings.places import machine_policy_path, settings_path
from tickreel.settings.table import SECTIONS, SETTINGS, Setting, setting
from tickreel.settings.tree import SCHEMA_VERSION, Settings, tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Source(StrEnum):
    """Kinds of place from which a value can come, lowest first."""

    DEFAULT = "default"
    FILE = "file"
    ENVIRONMENT = "environment"
    FLAG = "flag"
    POLICY = "policy"

    @property
    def words(self) -> str:
        """The place's name for people."""
        return _WORDS[self]


_WORDS = {
    Source.DEFAULT: "default",
    Source.FILE: "your file",
    Source.ENVIRONMENT: "environment",
    Source.FLAG: "command line",
    Source.POLICY: "policy",
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from; *where* names the file or variable, empty for a default or flag."""

    source: Source
    where: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """What the machine's policy locks, by key, and why, where it says so."""

    values: Mapping[str, Any] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    home: str | None = None
    """The folder that holds all state, of which ``{user}`` stands for the user's name; None: it is free."""


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """The values that hold, where each came from, and what in the user's file was not understood."""

    values: Settings
    problems: tuple[str, ...]
    origins: Mapping[str, Origin]
    own: Mapping[str, Any] = field(default_factory=dict)
    """The values of the user's file by key, also those that something above keeps from being used."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Why the policy locks a key, by key, where its file says so."""
    unusable: Mapping[str, str] = field(default_factory=dict)
    """By key, values of the user's file that are not accepted and that nothing else decides: why."""
    unread: str = ""
    """Why nothing of the user's file is used although there is one; empty where it could be read."""

    def origin(self, key: str) -> Origin:
        """Tell where the value of *key* came from; raises KeyError for a key that is no setting."""
        return self.origins[key]

    def is_locked(self, key: str) -> bool:
        """Tell whether the machine's policy decides *key*."""
        return self.origin(key).source is Source.POLICY

    def demand(self, *sections: str) -> None:
        """Refuse to go on with a default where the user's file meant something else.

        Raises:
            EnvironmentProblem: the file cannot be read, or holds a value of one of *sections* that
                cannot be used.
        """
        if self.unread:
            raise EnvironmentProblem(self.unread)
        wrong = [why for key, why in self.unusable.items() if key.partition(".")[0] in sections]
        if wrong:
            raise EnvironmentProblem(f"{'; '.join(wrong)}; correct the line, or remove it for the default")


def load(
    home: Path,
    *,
    environ: Mapping[str, str] = os.environ,
    flags: Mapping[str, object] | None = None,
    policy_path: Path | None = None,
) -> LoadedSettings:
    """Read all settings.

    *flags* are values from the command line by key; None means not given. Without *policy_path*
    the machine's own policy file is used. Nothing in the user's file stops the start: what is
    good is kept and the rest told in ``problems``. A file that cannot be read stays where it is, for
    its owner to mend: until then whoever must not take a default for what it says asks ``demand``.

    Raises:
        UsageError: a value of the environment or of a flag is not accepted.
        EnvironmentProblem: the policy file cannot be read or understood.
    """
    values: dict[str, Any] = {}
    origins = {each.key: Origin(Source.DEFAULT) for each in SETTINGS}
    problems: list[str] = []
    unusable: dict[str, str] = {}

    path = settings_path(home)
    document, unread = _user_document(path)
    if unread:
        problems.append(f"{unread}; until then the defaults hold")
    for key, raw in _user_entries(path, document, problems):
        known = setting(key)
        if known is None:
            problems.append(f"{path}: {key} is not a setting and is ignored")
            continue
        try:
            values[key] = known.read(raw)
            origins[key] = Origin(Source.FILE, str(path))
        except ValueError as error:
            unusable[key] = f"{path}: {key}: {error}"
            problems.append(unusable[key])
    own = dict(values)

    for each in SETTINGS:
        text = environ.get(each.environment, "").strip()
        if text:
            values[each.key] = _demand(each, text, each.environment)
            origins[each.key] = Origin(Source.ENVIRONMENT, each.environment)
        flag = (flags or {}).get(each.key)
        if flag is not None:
            values[each.key] = _demand(each, flag, f"the option for {each.key}")
            origins[each.key] = Origin(Source.FLAG)

    path = policy_path or machine_policy_path(environ)
    policy = read_policy(path)
    for key, value in policy.values.items():
        values[key] = value
        origins[key] = Origin(Source.POLICY, str(path))
    open_still = {key: why for key, why in unusable.items() if origins[key].source is Source.DEFAULT}
    return LoadedSettings(tree_of(values), tuple(problems), origins, own, policy.reasons, open_still, unread)


def read_policy(path: Path) -> Policy:
    """Read what the machine's policy locks; nothing when there is no policy.

    ``reason`` at the top of the file is told of every key that it locks, one in a table of the
    keys of that table. ``home`` at the top is no setting: settings lie in the home.

    Raises:
        EnvironmentProblem: the file cannot be read, or names what is no setting or not accepted.
    """
    advice = "ask whoever runs this machine to correct it"
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        reasons = _taken_reasons(document)
        home = _taken_home(document)
    except (FileNotFoundError, NotADirectoryError):
        return Policy()
    except (OSError, ValueError, RecursionError) as error:
        raise EnvironmentProblem(f"the policy file {path} cannot be read: {error}; {advice}") from error
    values: dict[str, Any] = {}
    for key, raw in _entries(document):
        known = setting(key)
        if known is None:
            raise EnvironmentProblem(f"the policy file {path} locks {key}, which is not a setting; {advice}")
        try:
            values[key] = known.read(raw)
        except ValueError as error:
            raise EnvironmentProblem(f"the policy file {path}: {key}: {error}; {advice}") from None
    told = {key: reasons.get(key.partition(".")[0], reasons.get("", "")) for key in values}
    return Policy(values, {key: reason for key, reason in told.items() if reason}, home)


def _taken_home(document: dict[str, Any]) -> str | None:
    """Take the home out of a policy."""
    home = document.pop("home", None)
    if home is not None and not (isinstance(home, str) and Path(home).expanduser().is_absolute()):
        raise ValueError(f"home is {home!r}, and must be the full path of a folder")
    return home


def _taken_reasons(document: dict[str, Any]) -> dict[str, str]:
    """Take the reasons out of a policy, by section; that of the whole file is under the empty name."""
    sections = {each.name for each in SECTIONS}
    tables = {"": document, **{name: table for name, table in document.items() if name in sections}}
    reasons: dict[str, str] = {}
    for name, table in tables.items():
        if isinstance(table, dict) and (reason := table.pop("reason", None)) is not None:
            if not isinstance(reason, str):
                raise ValueError(f"{f'{name}.' if name else ''}reason is {reason!r}, and must be a text")
            reasons[name] = " ".join(reason.split())
    return reasons


def _demand(known: Setting, raw: object, where: str) -> Any:
    try:
        return known.read(raw, is_text=isinstance(raw, str))
    except ValueError as error:
        raise UsageError(f"{where}: {error}") from None


def read_toml(path: Path, text: bytes) -> dict[str, Any]:
    """Read the text of a file that its owner writes by hand.

    Raises:
        ValueError: it is no TOML; the message names file and line, and says what to do.
    """
    try:
        return tomllib.loads(text.decode())
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        why = f"it holds what is no UTF-8 (at line {line})"
    except tomllib.TOMLDecodeError as error:
        why = str(error)
    except RecursionError:
        why = "it is nested without end"
    raise ValueError(f"{path} is not TOML: {why}; correct it, or remove the file for the defaults")


def _user_document(path: Path) -> tuple[dict[str, Any], str]:
    """Read the user's file; where that is not possible nothing of it, and why."""
    try:
        return read_toml(path, path.read_bytes()), ""
    except (FileNotFoundError, NotADirectoryError):
        return {}, ""
    except OSError as error:
        return {}, f"{path} cannot be read: {error.strerror or error}; make it readable, or remove it"
    except ValueError as error:
        return {}, str(error)


def _user_entries(path: Path, document: dict[str, Any], problems: list[str]) -> Iterator[tuple[str, object]]:
    version = document.pop("schema_version", SCHEMA_VERSION)
    if not isinstance(version, int) or version > SCHEMA_VERSION:
        problems.append(
            f"{path} has schema_version {version!r} and this Tickreel knows {SCHEMA_VERSION}; "
            "what it understands is used"
        )
    yield from _entries(document)


def _entries(document: dict[str, Any]) -> Iterator[tuple[str, object]]:
    for section, content in document.items():
        if isinstance(content, dict):
            for name, raw in content.items():
                yield f"{section}.{name}", raw
        elif section != "schema_version":
            yield section, content
