"""Make .venv ready to run, test and change Tickreel, from nothing but Python and a package index.

Run by ``make setup`` (and so by ``make run`` and ``make test``) with any Python from 3.11 on. It
finds or fetches uv, installs exactly what requirements.txt locks, installs the project itself
in place, and on Debian and Ubuntu the system libraries that Qt needs. When nothing has changed
since the last time it ends at once.
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the reason for this check is to run on what is too old
    sys.exit("Tickreel needs Python 3.11 or newer; this is %d.%d." % sys.version_info[:2])  # noqa: UP031

import hashlib
import os
import re
import shlex
import shutil
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "packaging" / "requirements.txt"
UV_REQUIREMENTS = ROOT / "packaging" / "requirements-uv.txt"
VENV = ROOT / ".venv"
STAMP = VENV / "tickreel-setup.stamp"
_BIN = "Scripts" if os.name == "nt" else "bin"
_EXE = ".exe" if os.name == "nt" else ""
PYTHON = VENV / _BIN / f"python{_EXE}"
_UV_VENV = ROOT / "build" / "uv"
_UV_PYTHON = _UV_VENV / _BIN / f"python{_EXE}"
# Not sys.executable, which may lie in the very .venv that is to be replaced.
_BASE_PYTHON = Path(getattr(sys, "_base_executable", sys.executable))
_OLDEST_UV = (0, 9)

SYSTEM_PACKAGES = (
    "fonts-dejavu-core",
    "libdbus-1-3",
    "libegl1",
    "libfontconfig1",
    "libgl1",
    "libglib2.0-0",
    "libx11-xcb1",
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-image0",
    "libxcb-keysyms1",
    "libxcb-randr0",
    "libxcb-render-util0",
    "libxcb-shape0",
    "libxcb-sync1",
    "libxcb-xfixes0",
    "libxcb-xkb1",
    "libxkbcommon-x11-0",
    "libxkbcommon0",
    "redis-server",
    "xauth",
    "xvfb",
)
"""What Qt, its xcb platform, a virtual display and tests of the shared cache need on Debian and Ubuntu."""

_RENAMED = {"libglib2.0-0": "libglib2.0-0t64"}
"""Names since the change to 64-bit time, where they differ."""


def main() -> None:
    """Bring everything up to date."""
    stamp = _stamp()
    is_current = _is_current(stamp)
    missing = _missing_system_packages()
    if missing:
        # Whoever is not root is told every time; root has it tried once for each change.
        _install_system_packages(missing, is_told_only=is_current)
    if is_current:
        _compile_kernels()  # the source may have changed since
        return
    uv = find_uv()
    is_fitting = _venv_fits()
    STAMP.unlink(missing_ok=True)
    if not is_fitting:
        run(uv, "venv", "--quiet", "--clear", "--no-project", "--python", _BASE_PYTHON, VENV)
    pip = (uv, "pip")
    # Compiled now: where Python is told to write no bytecode, every start would compile all packages.
    run(*pip, "sync", "--python", PYTHON, "--compile-bytecode", "--require-hashes", REQUIREMENTS)
    # Built with the locked hatchling, not with whatever the index offers today.
    run(*pip, "install", "--python", PYTHON, "--quiet", "--no-deps", "--no-build-isolation", "-e", ROOT)
    _compile_kernels()
    STAMP.write_text(stamp, encoding="utf-8")


def _compile_kernels() -> None:
    """Fill the cache of compiled kernels, so that nobody waits for a compiler at the first replay.

    Two helpers work from both ends until they meet; with nothing to do they end at once. Without a
    result the first use compiles, which is slower but no failure.
    """
    helper = (str(PYTHON), "-m", "tickreel.kernels")
    backwards = subprocess.Popen((*helper, "--backwards"), cwd=ROOT, stdout=subprocess.DEVNULL)
    with subprocess.Popen(helper, cwd=ROOT, stdout=subprocess.PIPE) as forwards:
        if forwards.stdout is not None and forwards.stdout.readline():
            print("Compiling the kernels, once for this machine", file=sys.stderr)
        forwards.communicate()
    backwards.wait()


def run(*command: str | Path) -> None:
    """Run a command from the project's root; end this program with a clear line if it fails."""
    words = [str(word) for word in command]
    if subprocess.run(words, cwd=ROOT, env=_environment(), check=False).returncode:
        sys.exit(f"This failed, and without it Tickreel cannot be set up: {shlex.join(words)}")


def find_uv() -> Path:
    """Find a good uv on the path, else install the locked one into build/uv."""
    on_path = shutil.which("uv")
    if on_path and _uv_version(Path(on_path)) >= _OLDEST_UV:
        return Path(on_path)
    own = _UV_VENV / _BIN / f"uv{_EXE}"
    if own.exists() and _uv_version(own) >= _OLDEST_UV:
        return own
    _need_ensurepip()
    run(_BASE_PYTHON, "-m", "venv", "--clear", _UV_VENV)
    run(
        *(_UV_PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
        *("--require-hashes", "--only-binary", ":all:", "-r", UV_REQUIREMENTS),
    )
    return own


def _uv_version(uv: Path) -> tuple[int, ...]:
    try:
        told = subprocess.run([uv, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return ()
    match = re.match(r"uv (\d+)\.(\d+)", told.stdout)
    return tuple(int(part) for part in match.groups()) if match else ()


def _need_ensurepip() -> None:
    """Debian parts venv from Python; get it, or say how."""
    tried = subprocess.run([_BASE_PYTHON, "-c", "import ensurepip"], capture_output=True, check=False)
    if tried.returncode == 0:
        return
    package = "python{}.{}-venv".format(*sys.version_info[:2])
    if not (shutil.which("apt-get") and _is_root() and _apt_install([package])):
        sys.exit(f"This Python cannot make virtual environments. Run: {_apt_line([package])}")


def _environment() -> dict[str, str]:
    """Give the environment for uv and pip: no other Python's traces, and pip's index for uv as well."""
    environment = dict(os.environ)
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONHOME", "PYTHONPATH", "UV_PYTHON"):
        environment.pop(name, None)
    environment["UV_PYTHON_DOWNLOADS"] = "never"
    if not any(name.startswith("UV_") and "INDEX" in name for name in environment):
        environment |= _pip_index()
    return environment


@cache
def _pip_index() -> dict[str, str]:
    """Say in uv's words where pip was told to find packages; uv does not read pip's settings."""
    python = _UV_PYTHON if _UV_PYTHON.exists() else _BASE_PYTHON
    listed = subprocess.run(
        [python, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    told: dict[str, str] = {}
    for place in ("global", "install", ":env:"):  # the later wins
        for name, value in re.findall(rf"^{place}\.([\w-]+)='(.*)'$", listed.stdout, re.MULTILINE):
            told[name] = value.replace("\\n", " ").strip()
    found = {"UV_DEFAULT_INDEX": told.get("index-url", "")}
    if "SSL_CERT_FILE" not in os.environ:
        found["SSL_CERT_FILE"] = told.get("cert", "")
    if extra := told.get("extra-index-url", ""):
        # Any index may serve any package, as with pip: each file is held to its hash.
        found |= {"UV_INDEX": extra, "UV_INDEX_STRATEGY": "unsafe-best-match"}
    if trusted := told.get("trusted-host", ""):
        found["UV_INSECURE_HOST"] = trusted
    return {name: value for name, value in found.items() if value}


def _stamp() -> str:
    """Describe all that the environment is made from, a line each: the files, Python, the folder."""
    digest = hashlib.sha256()
    for path in (REQUIREMENTS, ROOT / "pyproject.toml", Path(__file__)):
        digest.update(path.read_bytes())
    version = "{}.{}.{}".format(*sys.version_info[:3])
    # The scripts hold the folder's own path, so a moved folder is made anew.
    return f"{digest.hexdigest()}\n{version}\n{ROOT}\n"


def _is_current(stamp: str) -> bool:
    scripts = (PYTHON, VENV / _BIN / f"tickreel{_EXE}", VENV / _BIN / f"tickreel-desktop{_EXE}")
    return (
        STAMP.exists()
        and STAMP.read_text(encoding="utf-8") == stamp
        and all(script.exists() for script in scripts)
    )


def _venv_fits() -> bool:
    """Tell whether the environment there is can be brought up to date rather than made anew."""
    if not (PYTHON.exists() and STAMP.exists()):
        return False
    _, version, root = STAMP.read_text(encoding="utf-8").splitlines()
    return root == str(ROOT) and version.split(".")[:2] == [str(part) for part in sys.version_info[:2]]


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _missing_system_packages() -> list[str]:
    """List what this Debian or Ubuntu lacks; nothing elsewhere."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-query")):
        return []
    asked = (*SYSTEM_PACKAGES, *_RENAMED.values())
    told = subprocess.run(
        ["dpkg-query", "--show", "--showformat=${Package} ${db:Status-Status}\n", *asked],
        capture_output=True,
        text=True,
        check=False,
    )
    held = {line.split()[0] for line in told.stdout.splitlines() if line.endswith(" installed")}
    return [name for name in SYSTEM_PACKAGES if name not in held and _RENAMED.get(name) not in held]


def _install_system_packages(missing: list[str], *, is_told_only: bool) -> None:
    if _is_root() and not is_told_only and _apt_install(missing):
        return
    print(f"For the desktop and the tests, run: {_apt_line(missing)}", file=sys.stderr)


def _apt_line(packages: list[str]) -> str:
    return f"sudo apt-get update && sudo apt-get install -y {shlex.join(packages)}"


def _apt_install(packages: list[str]) -> bool:
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"]
    # An old list may name files that are gone; without any answer the list there is will have to do.
    subprocess.run([*apt, "update"], env=environment, check=False)
    names = [_RENAMED[name] if name in _RENAMED and _apt_knows(_RENAMED[name]) else name for name in packages]
    command = [*apt, "install", "-y", "--no-install-recommends", *names]
    return subprocess.run(command, env=environment, check=False, stdout=sys.stderr).returncode == 0


def _apt_knows(package: str) -> bool:
    told = subprocess.run(["apt-cache", "show", package], capture_output=True, check=False)
    return told.returncode == 0


if __name__ == "__main__":
    main()
