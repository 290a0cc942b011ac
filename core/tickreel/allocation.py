"""What the C library does with memory that was given back."""

from __future__ import annotations

from functools import cache

_KEPT_BYTES = 1 << 24
"""More than the rows of a minute take in every column, and than a block of a vendor's file."""


@cache
def keep_freed_memory() -> None:
    """Have the C library keep what a read or an import gives back, for the next one.

    Both take some megabytes at a time and free them. glibc hands such memory back to the system
    at once, until it has seen something larger being freed; to fault it in again takes more than
    twice the time of reading a minute. What is made here is never touched, so it takes no memory.
    """
    import numpy as np

    np.empty(_KEPT_BYTES, np.uint8)
