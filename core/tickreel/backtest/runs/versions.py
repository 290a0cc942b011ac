"""The versions on which the result of a run may depend; the same ones give the same result."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_PACKAGES = ("tickreel", "numpy", "numba", "llvmlite")


def versions_here() -> dict[str, str]:
    """Name what runs here: Tickreel, Python, what computes, system and kind of processor."""
    return {
        **{name: version(name) for name in _PACKAGES},
        "python": platform.python_version(),
        "system": platform.system(),
        "machine": platform.machine(),
    }


def differing(then: Mapping[str, str], now: Mapping[str, str]) -> list[dict[str, str | None]]:
    """List what is of another version now than it was then, by name."""
    return [
        {"name": name, "then": then.get(name), "now": now.get(name)}
        for name in sorted({*then, *now})
        if then.get(name) != now.get(name)
    ]
