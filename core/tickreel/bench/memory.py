"""The most memory that this process ever held."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import psutil

_STATUS = Path("/proc/self/status")


def peak_memory_bytes() -> int:
    """Tell the most memory that this process has held at once since it began."""
    if _STATUS.exists():
        # What getrusage tells here also counts the memory of the parent at the moment of the start.
        match = re.search(r"^VmHWM:\s+(\d+) kB", _STATUS.read_text(encoding="ascii"), re.MULTILINE)
        if match:
            return int(match[1]) * 1024
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    import resource  # there is none on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
