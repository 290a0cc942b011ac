"""How long the window takes from its command to its first drawing, from the source and from a bundle."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from setup_venv import ROOT
from virtual_screen import VirtualScreen

from tickreel.store import open_cache

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST_S = 120.0
_LOOKS_S = 0.05
_ROUNDS = 3
_BUNDLED = ROOT / "build" / "bundle" / "tickreel" / "tickreel-desktop"


def second_starts(folder: Path, csv: Path) -> dict[str, float]:
    """Give seconds to a window with a stored day, the middle of some starts after a first one.

    From the source tree, and from the bundle of ``make bundle`` where there is one.

    Raises:
        TimeoutError: no window came.
        FileNotFoundError: this system has no Xvfb or xwd.
    """
    home = folder / "home"
    with open_cache(home) as cache:
        cache.import_file(csv)
    ways = {"source": [sys.executable, "-m", "tickreel_desktop"]}
    if _BUNDLED.exists():
        ways["bundle"] = [str(_BUNDLED)]
    with VirtualScreen() as screen:
        environment = os.environ | {
            "DISPLAY": screen.name,
            "QT_QPA_PLATFORM": "xcb",
            "TICKREEL_HOME": str(home),
            # Bytecode is kept, as with a user, also where the system's own setting forbids it.
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
        }
        return {
            name: statistics.median([_start_s(words, environment, screen) for _ in range(_ROUNDS + 1)][1:])
            for name, words in ways.items()
        }


def _start_s(words: list[str], environment: dict[str, str], screen: VirtualScreen) -> float:
    began_s = time.monotonic()
    with subprocess.Popen(words, env=environment, stdout=2, start_new_session=True) as program:
        try:
            while not screen.is_drawn():
                took_s = time.monotonic() - began_s
                if program.poll() is not None or took_s > _LONGEST_S:
                    raise TimeoutError(f"{words[0]} showed no window in {took_s:.0f} s")
                time.sleep(_LOOKS_S)
            return time.monotonic() - began_s
        finally:
            program.send_signal(signal.SIGTERM)
            program.wait(timeout=_LONGEST_S)
