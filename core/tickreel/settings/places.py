"""Where the system puts homes, the user's settings, the machine's policy and compiled kernels."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def system_home() -> str:
    """Give the place that the system has for an application's data."""
    # Imported here: whoever names the home need not wait for what finds it.
    from platformdirs import user_data_dir

    return user_data_dir("tickreel", appauthor=False)


def kernel_cache_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """Choose the folder below which compiled kernels are kept; nothing is created.

    It lies in ``NUMBA_CACHE_DIR`` where that is set, as Numba itself does it, else in the system's
    place for caches: not in the home, for they fit the machine and serve every home on it.
    """
    if told := environ.get("NUMBA_CACHE_DIR"):
        return Path(told).expanduser().absolute() / "tickreel"
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("tickreel", appauthor=False)) / "kernels"


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
