"""Build the wheel and the sdist, and try both in clean environments of every Python that is here.

Run by ``make wheels``. The wheel is installed twice a Python: without extras, where nothing of Qt may
come along and the command line must work, and as ``tickreel[desktop]``, where the window must open
offscreen. The sdist is built to a wheel again, which must hold the same files. Versions are those of
requirements.txt, as constraints.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from setup_venv import REQUIREMENTS, ROOT, find_uv, run

WHEELS = ROOT / "build" / "wheels"
_PYTHONS = ("3.11", "3.12", "3.13")
_LONGEST_S = 900
_AT = "2025-03-14T15:45:00.5Z"


def main() -> int:
    """Build, try, and print a line for each; give 1 when something is wrong."""
    shutil.rmtree(WHEELS, ignore_errors=True)
    run(sys.executable, "-m", "hatchling", "build", "-d", WHEELS)
    (wheel,) = WHEELS.glob("*.whl")
    (sdist,) = WHEELS.glob("*.tar.gz")
    uv = find_uv()
    with tempfile.TemporaryDirectory(prefix="tickreel-wheels-") as folder:
        place = Path(folder)
        constraints = _constraints(place)
        _compare(uv, wheel, sdist, place)
        books = set()
        for version in _PYTHONS:
            python = _python(uv, version)
            if python is None:
                print(f"Python {version}: not here, not tried")
                continue
            for extra in ("", "[desktop]"):
                venv = place / f"{version}{extra.strip('[]')}"
                run(uv, "venv", "--quiet", "--no-project", "--python", python, venv)
                run(
                    *(uv, "pip", "install", "--quiet", "--python", venv / "bin/python"),
                    *("--constraints", constraints, f"{wheel}{extra}"),
                )
                books.add(_try(venv, place / "homes" / venv.name, has_window=bool(extra)))
                size_bytes = sum(path.stat().st_size for path in venv.rglob("*") if path.is_file())
                print(f"Python {version}: tickreel{extra} works, {size_bytes / 1e6:.0f} MB")
                shutil.rmtree(venv)
    if len(books) > 1:
        print(f"The same moment has {len(books)} books, by the Python that asks", file=sys.stderr)
        return 1
    return 0


def _constraints(place: Path) -> Path:
    """Give the pins of the lock file without its hashes, which constraints may not have."""
    text = REQUIREMENTS.read_text(encoding="utf-8")
    path = place / "constraints.txt"
    path.write_text(re.sub(r" \\\n    --hash=\S+", "", text), encoding="utf-8")
    return path


def _python(uv: Path, version: str) -> str | None:
    """Find a Python by its version: on the path, or beside the one at hand where pyenv keeps several."""
    found = subprocess.run(
        [uv, "python", "find", "--no-project", version], capture_output=True, text=True, check=False
    )
    kept = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    beside = sorted(kept.glob(f"{version}.*/bin/python"))
    return found.stdout.strip() or next((str(path) for path in beside), None)


def _compare(uv: Path, wheel: Path, sdist: Path, place: Path) -> None:
    """Build the sdist to a wheel and hold its files against those of the wheel."""
    again = place / "again"
    run(
        uv,
        "build",
        "--quiet",
        "--wheel",
        "--no-build-isolation",
        "--python",
        sys.executable,
        "-o",
        again,
        sdist,
    )
    (rebuilt,) = again.glob("*.whl")
    names = [set(zipfile.ZipFile(path).namelist()) for path in (wheel, rebuilt)]
    if names[0] != names[1]:
        sys.exit(f"the sdist makes another wheel: {sorted(names[0] ^ names[1])}")
    strange = [name for name in names[0] if name.split("/")[0].startswith("test")]
    if strange:
        sys.exit(f"the wheel holds tests: {strange}")


def _try(venv: Path, home: Path, *, has_window: bool) -> str:
    """Use what was installed, and give the hash of a book."""
    held = _told([venv / "bin/python", "-c", "import PySide6"], may_fail=True)
    if (held is None) is has_window:
        sys.exit(f"{venv.name}: Qt is {'not ' if has_window else ''}there")
    _told([venv / "bin/tickreel", "--version"])
    link = json.loads(_told([venv / "bin/tickreel", "--home", home, "sample", "--json"]) or "")["link"]
    book = ("book", "tickreel-sim", "BTCUSDT", "--at", _AT)
    told = json.loads(_told([venv / "bin/tickreel", "--home", home, *book]) or "")
    if has_window:
        shots = home.with_name(f"{home.name}-shots")
        opening = ("--open", link, "--screenshot", shots, "--play", "1", "--exit")
        report = json.loads(_told([venv / "bin/tickreel-desktop", "--home", home, *opening]) or "")
        if not report["replay"]:
            sys.exit(f"{venv.name}: the window played nothing")
    state_hash: str = told["state_hash"]
    return state_hash


def _told(command: list[object], *, may_fail: bool = False) -> str | None:
    words = [str(word) for word in command]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL"))}
    ran = subprocess.run(
        words,
        capture_output=True,
        text=True,
        env=clean | {"QT_QPA_PLATFORM": "offscreen"},
        timeout=_LONGEST_S,
        check=False,
        cwd=tempfile.gettempdir(),  # not where the source lies
    )
    if ran.returncode == 0:
        return ran.stdout
    if may_fail:
        return None
    sys.exit(f"{' '.join(words)} ended with {ran.returncode}:\n{ran.stderr}")


if __name__ == "__main__":
    sys.exit(main())
