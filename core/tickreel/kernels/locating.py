"""Where Numba keeps one kernel, from source as in a bundle."""

from __future__ import annotations

import hashlib
from pathlib import Path

from numba.core.caching import UserProvidedCacheLocator


class KernelLocator(UserProvidedCacheLocator):
    """The folder that ``CACHE_DIR`` names, for code that is as old as its source.

    Numba takes the age of a bundled function from the program it runs in. Of those a bundle has
    two, which would throw away each other's code.
    """

    def get_source_stamp(self) -> bytes:
        """Give what must be the same for code to be used."""
        return hashlib.sha256(Path(self._py_file).read_bytes()).digest()
