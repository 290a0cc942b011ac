"""Finds the value of every setting and remembers where it came from."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from typing import TYPE_CHECKING, Any

from tickreel.errors import EnvironmentProblem, UsageError
from tickreel.settings.places import machine_policy_path, settings_path
from tickreel.settings.tree import SCHEMA_VERSION, SETTINGS, Setting, Settings, setting, tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


class Source(StrEnum):
    """Kinds of place from which a value can come, lowest first."""

    DEFAULT = "default"
    FILE = "file"
    ENVIRONMENT = "environment"
    FLAG = "flag"
    POLICY = "policy"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from; *where* names the file or variable, empty for a default or flag."""

    source: Source
    where: str = ""


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """The values that hold, where each came from, and what in the user's file was not understood."""

    values: Settings
    problems: tuple[str, ...]
    origins: Mapping[str, Origin]

    def origin(self, key: str) -> Origin:
        """Tell where the value of *key* came from; raises KeyError for a key that is no setting."""
        return self.origins[key]

    def is_locked(self, key: str) -> bool:
        """Tell whether the machine's policy decides *key*."""
        return self.origin(key).source is Source.POLICY


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
    good is kept, the rest is told in ``problems``, and a file that is no TOML is set aside.

    Raises:
        UsageError: a value of the environment or of a flag is not accepted.
        EnvironmentProblem: the policy file cannot be read or understood.
    """
    values: dict[str, Any] = {}
    origins = {each.key: Origin(Source.DEFAULT) for each in SETTINGS}
    problems: list[str] = []

    path = settings_path(home)
    for key, raw in _user_entries(path, problems):
        known = setting(key)
        if known is None:
            problems.append(f"{path}: {key} is not a setting and is ignored")
            continue
        try:
            values[key] = known.read(raw)
            origins[key] = Origin(Source.FILE, str(path))
        except ValueError as error:
            problems.append(f"{path}: {key}: {error}")

    for each in SETTINGS:
        text = environ.get(each.environment, "").strip()
        if text:
            values[each.key] = _demand(each, text, each.environment)
            origins[each.key] = Origin(Source.ENVIRONMENT, each.environment)
        flag = (flags or {}).get(each.key)
        if flag is not None:
            values[each.key] = _demand(each, flag, f"the option for {each.key}")
            origins[each.key] = Origin(Source.FLAG)

    policy = policy_path or machine_policy_path(environ)
    for key, value in policy_values(policy).items():
        values[key] = value
        origins[key] = Origin(Source.POLICY, str(policy))
    return LoadedSettings(tree_of(values), tuple(problems), origins)


def policy_values(path: Path) -> dict[str, Any]:
    """Read what the machine's policy locks, by key; nothing when there is no policy.

    Raises:
        EnvironmentProblem: the file cannot be read, or names what is no setting or not accepted.
    """
    advice = "ask whoever runs this machine to correct it"
    try:
        entries = list(_entries(tomllib.loads(path.read_text(encoding="utf-8"))))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError) as error:
        raise EnvironmentProblem(f"the policy file {path} cannot be read: {error}; {advice}") from error
    values: dict[str, Any] = {}
    for key, raw in entries:
        known = setting(key)
        if known is None:
            raise EnvironmentProblem(f"the policy file {path} locks {key}, which is not a setting; {advice}")
        try:
            values[key] = known.read(raw)
        except ValueError as error:
            raise EnvironmentProblem(f"the policy file {path}: {key}: {error}; {advice}") from None
    return values


def _demand(known: Setting, raw: object, where: str) -> Any:
    try:
        return known.read(raw, is_text=isinstance(raw, str))
    except ValueError as error:
        raise UsageError(f"{where}: {error}") from None


def _user_entries(path: Path, problems: list[str]) -> Iterator[tuple[str, object]]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        problems.append(f"{path} cannot be read and is ignored: {error}")
        return
    except ValueError as error:
        problems.append(f"{path} is not TOML and {_set_aside(path)}: {error}")
        return
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


def _set_aside(path: Path) -> str:
    for number in count(1):
        aside = path.with_name(f"{path.name}.bad-{number}")
        if aside.exists():
            continue
        try:
            path.rename(aside)
        except OSError:
            break
        return f"was set aside as {aside.name}"
    return "is ignored"
