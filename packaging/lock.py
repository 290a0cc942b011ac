"""Resolve what pyproject.toml asks for and lock it with hashes, for every system and Python at once.

Run by ``make lock``; ``python packaging/lock.py --upgrade`` also lifts pins that still hold.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from resolving import resolve
from setup_venv import REQUIREMENTS, ROOT, UV_REQUIREMENTS, find_uv


def main() -> None:
    """Write requirements.txt and requirements-uv.txt anew."""
    uv = find_uv()
    resolve(uv, REQUIREMENTS, ROOT / "pyproject.toml", "--extra", "desktop", "--group", "dev")
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "uv.in"
        wanted.write_text("uv\n", encoding="utf-8")
        resolve(uv, UV_REQUIREMENTS, wanted)


if __name__ == "__main__":
    main()
