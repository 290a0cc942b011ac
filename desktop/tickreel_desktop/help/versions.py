"""What runs here, in which versions: for the About dialog and for whoever reports a problem."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

import PySide6
from PySide6.QtCore import QSysInfo, qVersion

from tickreel import __version__

if TYPE_CHECKING:
    from pathlib import Path


def version_details(home: Path) -> tuple[tuple[str, str], ...]:
    """Name what runs and where its data lie; asks neither the disk nor another program."""
    system = f"{QSysInfo.prettyProductName()}, {QSysInfo.kernelType()} {QSysInfo.kernelVersion()}"
    return (
        ("Tickreel", __version__),
        ("Python", platform.python_version()),
        ("Qt", qVersion()),
        ("PySide6", PySide6.__version__),
        ("System", f"{system}, {QSysInfo.currentCpuArchitecture()}"),
        ("Home", str(home)),
    )


def as_text(details: tuple[tuple[str, str], ...]) -> str:
    """Write them down to be copied, a line each."""
    return "\n".join(f"{name}: {value}" for name, value in details)
