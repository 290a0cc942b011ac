"""Where the libraries of a bundle look for others: in the bundle alone, not where its Python was built.

The modules of an interpreter are linked with the folder that it was built in (their ``RUNPATH``). On
another machine the loader would look there first, and take what anybody put into it.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ELF = b"\x7fELF"
_OWN = "$ORIGIN"
"""What begins a path that is told from where the library itself lies."""


def leading_out(patchelf: Path, bundle: Path) -> dict[Path, str]:
    """Give the libraries with a search path that leads out of a bundle, each with its search paths.

    Raises:
        subprocess.CalledProcessError: a library could not be read.
    """
    found = {}
    for path in _libraries(bundle):
        told = subprocess.run(
            [patchelf, "--print-rpath", path], capture_output=True, text=True, check=True
        ).stdout.strip()
        if any(not each.startswith(_OWN) for each in told.split(":") if each):
            found[path] = told
    return found


def keep_inside(patchelf: Path, bundle: Path) -> int:
    """Take the search paths that lead out of a bundle from its libraries; give from how many.

    Raises:
        subprocess.CalledProcessError: a library could not be read or written.
    """
    changed = leading_out(patchelf, bundle)
    for path, told in changed.items():
        kept = ":".join(each for each in told.split(":") if each.startswith(_OWN))
        words = ("--set-rpath", kept) if kept else ("--remove-rpath",)
        subprocess.run([patchelf, *words, path], check=True)
    return len(changed)


def _libraries(bundle: Path) -> Iterator[Path]:
    """Give what the loader of Linux loads; the two programs are PyInstaller's, with their archive behind."""
    for path in sorted(bundle.rglob("*.so*")):
        if path.is_symlink() or not path.is_file():
            continue
        with path.open("rb") as file:
            if file.read(len(_ELF)) == _ELF:
                yield path
