"""Lock what the peers need, with hashes, for every system and Python at once.

Run as ``.venv/bin/python packaging/bench/lock_peers.py``; ``--upgrade`` also lifts pins that still hold.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from peers import PACKAGES, requirements_of
from resolving import resolve
from setup_venv import find_uv


def main() -> None:
    """Write the requirements of every environment."""
    uv = find_uv()
    with tempfile.TemporaryDirectory() as folder:
        for environment, packages in PACKAGES.items():
            wanted = Path(folder) / f"{environment}.in"
            wanted.write_text("\n".join(packages) + "\n", encoding="utf-8")
            resolve(uv, requirements_of(environment), wanted, "--python-version", "3.11")


if __name__ == "__main__":
    main()
