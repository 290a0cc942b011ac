"""Lock what the peers need, with hashes, for every system and Python at once.

Run as ``.venv/bin/python packaging/bench/lock_peers.py``; ``--upgrade`` also lifts pins that still hold.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from peers import PACKAGES, requirements_of
from setup_venv import find_uv, run


def main() -> None:
    """Write the requirements of every environment."""
    uv = find_uv()
    with tempfile.TemporaryDirectory() as folder:
        for environment, packages in PACKAGES.items():
            target = requirements_of(environment)
            wanted = Path(folder) / f"{environment}.in"
            wanted.write_text("\n".join(packages) + "\n", encoding="utf-8")
            fresh = Path(folder) / target.name
            if target.exists():
                fresh.write_bytes(target.read_bytes())
            run(
                *(uv, "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"),
                *("--generate-hashes", "--no-header", "--no-annotate", *sys.argv[1:]),
                *(wanted, "-o", fresh),
            )
            text = fresh.read_text(encoding="utf-8")
            if "://" in text:
                line = next(line for line in text.splitlines() if "://" in line)
                sys.exit(f"{target.name} is left as it was: it would name an address ({line.strip()})")
            target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
