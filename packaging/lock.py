"""Resolve what pyproject.toml asks for and lock it with hashes, for every system and Python at once.

Run by ``make lock``; ``python packaging/lock.py --upgrade`` also lifts pins that still hold.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from bundle import REQUIREMENTS as BUNDLE_REQUIREMENTS
from linux import REQUIREMENTS as PACKAGES_REQUIREMENTS
from resolving import resolve
from setup_venv import REQUIREMENTS, ROOT, UV_REQUIREMENTS, find_uv


def main() -> None:
    """Write all files of requirements anew."""
    uv = find_uv()
    project = ROOT / "pyproject.toml"
    resolve(uv, REQUIREMENTS, project, "--extra", "desktop", "--extra", "dask", "--group", "dev")
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "wanted.in"
        wanted.write_text("uv\n", encoding="utf-8")
        resolve(uv, UV_REQUIREMENTS, wanted)
        wanted.write_text("nfpm\ncyclonedx-bom\n", encoding="utf-8")
        resolve(uv, PACKAGES_REQUIREMENTS, wanted)
        wanted.write_text("mkdocs\n", encoding="utf-8")
        resolve(uv, ROOT / "packaging" / "requirements-site.txt", wanted)
        wanted.write_text("pyinstaller\npatchelf; sys_platform == 'linux'\n", encoding="utf-8")
        # Bundled or not, Tickreel runs on the same packages.
        same = ("--constraint", str(REQUIREMENTS))
        resolve(uv, BUNDLE_REQUIREMENTS, project, "--extra", "desktop", *same, str(wanted))


if __name__ == "__main__":
    main()
