"""How Tickreel starts processes of its own: from source by the Python at hand, in a bundle without one.

Every child of Tickreel is a module run as a program, and its command comes from :func:`child_command`.
A bundle holds the interpreter inside its programs, so there the program ``tickreel`` is started and
told which module it is to be.
"""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

CHILD_MODULES = frozenset(
    {
        "tickreel",
        "tickreel.backtest.declaring",
        "tickreel.backtest.runs.child",
        "tickreel.bench.storing",
        "tickreel.kernels",
        "tickreel.systemlibraries",
        "tickreel_desktop.bench",
    }
)
"""All that a bundled program can be told to be."""
IS_BUNDLED = getattr(sys, "frozen", False)
_BE = "--be-module"
_LIBRARY_PATH = "LD_LIBRARY_PATH"
_ANEW = "PYINSTALLER_RESET_ENVIRONMENT"
"""Has a program of a bundle find its libraries by itself, also when another one of it starts it."""
_SUFFIX = ".exe" if sys.platform == "win32" else ""


def child_command(module: str, *arguments: str) -> list[str]:
    """Give the words that start a module of Tickreel as a program."""
    if not IS_BUNDLED:
        return [sys.executable, "-m", module, *arguments]
    # Not this very program, which may be the desktop: that has no console to speak to on Windows.
    program = Path(sys.executable).with_name(f"tickreel{_SUFFIX}")
    return [str(program), _BE, module, *arguments]


def restore_environment() -> None:
    """Let programs of the system that a bundle starts, such as a file manager, find their own libraries.

    On Linux a bundle's libraries are found by a variable, which is read at the start of a process
    alone; our own children are told to set it anew.
    """
    os.environ[_ANEW] = "1"
    before = os.environ.pop(f"{_LIBRARY_PATH}_ORIG", None)
    if before is None:
        os.environ.pop(_LIBRARY_PATH, None)
    else:
        os.environ[_LIBRARY_PATH] = before


def run_bundled(main: Callable[[], int]) -> int:
    """Be the bundled ``tickreel``: the module that :func:`child_command` asks for, else *main*."""
    if sys.argv[1:2] != [_BE]:
        return main()
    _, _, module, *_ = sys.argv
    if module not in CHILD_MODULES:
        raise ValueError(f"{module} is no program of Tickreel")
    del sys.argv[1:3]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
    return 0
