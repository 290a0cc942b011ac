"""Which modules hold kernels: found by looking, so that no list of them can go stale."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The folder of the package ``tickreel``."""
_NEEDS_NUMBA = re.compile(rb"^(?:from|import) numba\b", re.MULTILINE)
_NEEDED_LAST = "tickreel.bench."


@dataclass(frozen=True)
class KernelModule:
    """A module that holds kernels, by the file of its source."""

    path: Path

    @property
    def name(self) -> str:
        """Its dotted name; the stem alone where the file lies outside Tickreel."""
        if not self.path.is_relative_to(ROOT):
            return self.path.stem
        return ".".join((ROOT.name, *self.path.relative_to(ROOT).with_suffix("").parts))

    @cached_property
    def folder_name(self) -> str:
        """Name the folder of its machine code: other source or another place of it, other folder.

        So nothing that was compiled from an older source is ever found, not even where a process
        was killed between the two files that Numba writes. Numba finds code by where its source
        lies, so that another copy of Tickreel can use none of it.
        """
        digest = hashlib.sha256(os.fsencode(self.path))
        digest.update(self.path.read_bytes())
        return f"{self.path.stem}-{digest.hexdigest()[:16]}"


def kernel_modules(root: Path = ROOT) -> tuple[KernelModule, ...]:
    """Find all modules of Tickreel that hold kernels, those that only measuring needs last.

    They are the ones that import Numba when they are imported themselves.
    """
    own = root / "kernels"
    found = [
        KernelModule(path)
        for path in root.rglob("*.py")
        if own not in path.parents and _NEEDS_NUMBA.search(path.read_bytes())
    ]
    return tuple(sorted(found, key=lambda module: (module.name.startswith(_NEEDED_LAST), module.name)))
