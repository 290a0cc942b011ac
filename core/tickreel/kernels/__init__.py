"""Kernels: loops that Numba compiles, and the care that nobody waits for the compiler.

A module of kernels takes its decorator from here instead of from Numba, and spells out every
signature: importing it then either loads machine code from this user's own cache on disk or
compiles it and leaves it there. ``python -m tickreel.kernels`` fills the cache ahead of use; the
desktop runs that as a helper process at a start that finds something missing. The public names load
what they stand for when they are first used, and Numba is not imported before a kernel is.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tickreel.kernels.cache import KernelCache
    from tickreel.kernels.compiling import compile_in_children, njit, why_nothing_is_kept
    from tickreel.kernels.filling import fill, load, missing_modules
    from tickreel.kernels.modules import KernelModule, kernel_modules
    from tickreel.kernels.slowness import tell_when_slow

__all__ = [
    "KernelCache",
    "KernelModule",
    "compile_in_children",
    "fill",
    "kernel_modules",
    "load",
    "missing_modules",
    "njit",
    "tell_when_slow",
    "why_nothing_is_kept",
]

_MODULES = {
    "KernelCache": "cache",
    "KernelModule": "modules",
    "compile_in_children": "compiling",
    "fill": "filling",
    "kernel_modules": "modules",
    "load": "filling",
    "missing_modules": "filling",
    "njit": "compiling",
    "tell_when_slow": "slowness",
    "why_nothing_is_kept": "compiling",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
