"""Resolve what pyproject.toml asks for and lock it with hashes, for every system and Python at once.

Run by ``make lock``; ``python packaging/lock.py --upgrade`` also lifts pins that still hold.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from setup_venv import REQUIREMENTS, ROOT, UV_REQUIREMENTS, find_uv, run


def main() -> None:
    """Write requirements.txt and requirements-uv.txt anew."""
    uv = find_uv()
    _lock(uv, REQUIREMENTS, ROOT / "pyproject.toml", "--extra", "desktop", "--group", "dev")
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "uv.in"
        wanted.write_text("uv\n", encoding="utf-8")
        _lock(uv, UV_REQUIREMENTS, wanted)


def _lock(uv: Path, target: Path, source: Path, *options: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / target.name
        if target.exists():
            fresh.write_bytes(target.read_bytes())
        run(
            *(uv, "pip", "compile", "--quiet", "--universal", "--generate-hashes"),
            *("--no-header", "--no-annotate", *options, *sys.argv[1:]),
            *(source, "-o", fresh),
        )
        text = fresh.read_text(encoding="utf-8")
        if "://" in text:
            line = next(line for line in text.splitlines() if "://" in line)
            sys.exit(f"{target.name} is left as it was: the new one would name an address ({line.strip()})")
        target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
