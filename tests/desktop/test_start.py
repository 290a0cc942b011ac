"""What stands between a start and the window."""

from __future__ import annotations

import subprocess
import sys

_SLOW = ("numba", "pandas", "pyarrow")
_LOADED = f"import sys, tickreel_desktop.app; print(*set({_SLOW}) & sys.modules.keys())"


def test_the_window_waits_for_no_compiler_and_no_table_library() -> None:
    told = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True)
    assert told.stdout.split() == []
