"""A terminal in which a journey types command lines, and Python, as somebody would; all of it is counted."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST_S = 600


class JourneyEnds(Exception):
    """Something did not do what its page says."""


class Terminal:
    """Command lines in a folder of their own, with a home of their own; each is shown as it is typed."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self._environment = {
            name: value for name, value in os.environ.items() if not name.startswith("TICKREEL_")
        }
        self._environment |= {"TICKREEL_HOME": str(folder / "home"), **environment}
        self.commands = 0
        self.python_lines = 0

    def json(self, line: str) -> Any:
        """Type ``tickreel`` *line* and read the JSON that it prints."""
        return json.loads(self.says(line))

    def says(self, line: str, *words: str, code: int = 0) -> str:
        """Type ``tickreel`` *line*; give what it prints, in which *words* must stand, and its error.

        Raises:
            JourneyEnds: it ended with another code, or said something else.
        """
        print(f"$ tickreel {line}")
        self.commands += 1
        ran = self._run([sys.executable, "-m", "tickreel", *shlex.split(line)])
        told = ran.stdout + (ran.stderr if code else "")
        if ran.returncode != code:
            raise JourneyEnds(f"tickreel {line} ended with {ran.returncode}: {ran.stderr.strip()}")
        for wanted in words:
            if wanted not in told:
                raise JourneyEnds(f"tickreel {line} does not say {wanted!r}: {told}")
        return told

    def python(self, text: str, *words: str) -> str:
        """Have Python run a script; give what it prints, in which *words* must stand.

        Raises:
            JourneyEnds: it failed, or said something else.
        """
        lines = [line for line in text.splitlines() if line.strip()]
        print(f"$ python - <<'END'    # {len(lines)} lines")
        self.python_lines += len(lines)
        ran = self._run([sys.executable, "-c", text])
        if ran.returncode:
            raise JourneyEnds(f"Python ended with {ran.returncode}: {ran.stderr.strip()}")
        for wanted in words:
            if wanted not in ran.stdout:
                raise JourneyEnds(f"Python does not print {wanted!r}: {ran.stdout}")
        return ran.stdout

    def started(self, line: str) -> subprocess.Popen[str]:
        """Type ``tickreel`` *line* and let it run on."""
        print(f"$ tickreel {line} &")
        self.commands += 1
        return subprocess.Popen(
            [sys.executable, "-m", "tickreel", *shlex.split(line)],
            cwd=self.folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def must(self, holds: bool, otherwise: str) -> None:
        """Go on only where something holds; raises JourneyEnds."""
        if not holds:
            raise JourneyEnds(otherwise)

    def _run(self, words: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words,
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=_LONGEST_S,
            check=False,
        )
