"""Where the home, the user's settings and the machine's policy lie on each system."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def home_dir(environ: Mapping[str, str] = os.environ, flag: str | Path | None = None) -> Path:
    """Choose the folder that holds all state: *flag*, else ``TICKREEL_HOME``, else the system's place.

    The folder need not exist; nothing is created.
    """
    chosen = flag or environ.get("TICKREEL_HOME") or _system_place()
    return Path(chosen).expanduser().absolute()


def _system_place() -> str:
    # Imported here: whoever names the home need not wait for what finds it.
    from platformdirs import user_data_dir

    return user_data_dir("tickreel", appauthor=False)


def settings_path(home: Path) -> Path:
    """Name the user's settings file."""
    return home / "settings.toml"


def machine_policy_path(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """Name the file by which whoever runs the machine locks settings."""
    if platform == "win32":
        return Path(environ.get("ProgramData") or r"C:\ProgramData") / "Tickreel" / "policy.toml"
    if platform == "darwin":
        return Path("/Library/Application Support/Tickreel/policy.toml")
    return Path("/etc/tickreel/policy.toml")
