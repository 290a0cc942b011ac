"""Has memory that was needed for a moment given back to the system."""

from __future__ import annotations

import ctypes
import logging
import sys

_LOGGER = logging.getLogger(__name__)

_MMAP_THRESHOLD, _TRIM_THRESHOLD, _ARENA_MAX = -3, -1, -8
"""What mallopt calls them."""
_LARGE_BYTES = 1 << 20
_ARENAS = 2


def give_back_large_blocks() -> None:
    """Let glibc map each block of a megabyte or more by itself, and keep few pools for small ones.

    To be called before threads begin. With the first block that is freed glibc by itself raises that
    limit to as much as 32 MiB, and each thread gets a pool of its own: what a jump of a replay needs for
    a moment, its past of some hours, then stays with the process, 90 MB of it. Where another C library
    is used nothing is done.
    """
    if sys.platform != "linux":
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except AttributeError:
        return
    for option, value in (
        (_MMAP_THRESHOLD, _LARGE_BYTES),
        (_TRIM_THRESHOLD, _LARGE_BYTES),
        (_ARENA_MAX, _ARENAS),
    ):
        if not mallopt(option, value):
            _LOGGER.info("the C library does not take the option %d of its memory", option)
