from __future__ import annotations

import subprocess
import sys

import pytest

_TRIAL = """
import psutil, sys
from tickreel_desktop.allocation import give_back_large_blocks
if sys.argv[1] == "give back":
    give_back_large_blocks()
held = lambda: psutil.Process().memory_info().rss
kept = [bytes(8 << 20)]
kept.clear()  # the first large block that is freed
before = held()
large = []
for _ in range(100):
    large.append(bytearray(b"x" * (3 << 19)))
    kept.append(bytes(100_000))  # lies above it and stays
del large
print((held() - before) >> 20)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="it is for glibc")
def test_what_was_needed_for_a_moment_goes_back_to_the_system() -> None:
    left = {
        how: int(subprocess.check_output([sys.executable, "-c", _TRIAL, how], text=True))
        for how in ("as it is", "give back")
    }
    assert left["give back"] < 30, left
    assert left["as it is"] > 100, f"there is nothing to be mended: {left}"
