"""What the system around the window says of motion, as far as it can be read without asking a service.

Qt 6.11 tells of the wish for contrast only. Where nothing is said, or it cannot be read, all may move.
What a service of the desktop says comes by :mod:`tickreel_desktop.theme.motionportal`.
"""

from __future__ import annotations

import configparser
import os
import plistlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_SPI_GETCLIENTAREAANIMATION = 0x1042
_MAC_FILE = Path("Library", "Preferences", "com.apple.universalaccess.plist")


def wants_less_motion(
    *,
    platform: str = sys.platform,
    environ: Mapping[str, str] = os.environ,
    folder: Path | None = None,
) -> bool:
    """Tell whether the system wishes for less motion; *folder* is the user's own."""
    home = Path.home() if folder is None else folder
    if platform == "win32":
        return _windows_wants_less()
    if platform == "darwin":
        return _mac_wants_less(home / _MAC_FILE)
    return _free_desktop_wants_less(Path(environ.get("XDG_CONFIG_HOME") or home / ".config"))


def _windows_wants_less() -> bool:
    import ctypes

    is_animated = ctypes.c_int(1)
    user32 = getattr(ctypes, "windll").user32  # noqa: B009 - there on Windows alone
    user32.SystemParametersInfoW(_SPI_GETCLIENTAREAANIMATION, 0, ctypes.byref(is_animated), 0)
    return not is_animated.value


def _mac_wants_less(path: Path) -> bool:
    try:
        kept = plistlib.loads(path.read_bytes())
    except (OSError, ValueError, plistlib.InvalidFileException):
        return False
    return isinstance(kept, dict) and bool(kept.get("reduceMotion"))


def _free_desktop_wants_less(config: Path) -> bool:
    """Look at KDE's factor, which is 0 for none, and then at what GTK was told, the newest first."""
    factor = _entry(config / "kdeglobals", "KDE", "AnimationDurationFactor")
    if factor is not None:
        return factor.strip() in ("0", "0.0")
    for version in ("gtk-4.0", "gtk-3.0"):
        animates = _entry(config / version / "settings.ini", "Settings", "gtk-enable-animations")
        if animates is not None:
            return animates.strip().casefold() in ("0", "false")
    return False


def _entry(path: Path, section: str, key: str) -> str | None:
    parser = configparser.ConfigParser(strict=False, interpolation=None, default_section="")
    try:
        parser.read_string(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, configparser.Error):
        return None
    return parser.get(section, key, fallback=None)
