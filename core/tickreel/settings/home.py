"""Which folder is the home, that holds all state."""

from __future__ import annotations

import getpass
import os
from pathlib import Path
from typing import TYPE_CHECKING

from tickreel.errors import UsageError
from tickreel.settings.load import read_policy
from tickreel.settings.places import machine_policy_path, system_home

if TYPE_CHECKING:
    from collections.abc import Mapping

_VARIABLE = "TICKREEL_HOME"


def home_dir(
    environ: Mapping[str, str] = os.environ,
    flag: str | Path | None = None,
    *,
    policy_path: Path | None = None,
) -> Path:
    """Choose the home: the policy's, else *flag*, else ``TICKREEL_HOME``, else the system's place.

    The folder need not exist; nothing is created.

    Raises:
        UsageError: the policy names a home, and another one was asked for.
        EnvironmentProblem: the policy file cannot be read or understood.
    """
    asked = flag or environ.get(_VARIABLE)
    path = policy_path or machine_policy_path(environ)
    kept = read_policy(path).home
    if kept is None:
        return _placed(asked or system_home())
    place = _placed(kept.replace("{user}", getpass.getuser()))
    if asked and _placed(asked) != place:
        named = "--home" if flag else _VARIABLE
        raise UsageError(f"the policy file {path} keeps the home at {place}: leave {named} out")
    return place


def _placed(folder: str | Path) -> Path:
    return Path(folder).expanduser().absolute()
