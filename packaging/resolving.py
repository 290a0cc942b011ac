"""What packages are wanted, resolved to a file of pins with hashes that holds on every system and Python."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from setup_venv import run


def resolve(uv: Path, target: Path, source: Path, *options: str) -> None:
    """Resolve *source* into *target*, which may name no address."""
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
