"""Install Tickreel as a desk would, on a Debian 12 that has neither Python nor a compiler, and try it there.

Run by ``make rollout``, as root, after ``make packages``. The system is made by debootstrap below
``build/rollout``, and what is tried runs in it as an ordinary user without any network: the menu
entry under a virtual display, the sample, a replay, a backtest; then the upgrade, where a package of
an older version is named, the removal, and the same by the archive. It ends with a table, or at the
first thing that is not as it must be. Pictures go to ``build/rollout/pictures``.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from packages import APP_ID, PACKAGES, version
from rollout_system import FallsShortError, System
from setup_venv import ROOT

_FOLDER = ROOT / "build" / "rollout"
_PICTURES = _FOLDER / "pictures"
_HOME = "/home/analyst"
_DATA = f"{_HOME}/.local/share/tickreel"
_MOST_INSTALLED_BYTES = 620_000_000
_MOST_DEB_BYTES = 250_000_000
_FOR_PYTHON = ("python3", "python", "gcc", "cc", "g++", "clang")
_PREFIXES = ("/opt/tickreel", "/etc/tickreel", "/usr/bin/tickreel")


def main() -> int:
    """Try everything; give 1 at what falls short."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--older", type=Path, metavar="DEB", help="a package of an older version, to upgrade")
    older = parser.parse_args().older
    if os.geteuid() != 0:
        sys.exit("A system of its own can be made by root alone: sudo make rollout")
    shutil.rmtree(_PICTURES, ignore_errors=True)
    _PICTURES.mkdir(parents=True)
    with System(_FOLDER) as system:
        trial = _Trial(system)
        try:
            if older is not None:
                trial.older(older)
            trial.package(is_upgrade=older is not None)
            trial.archive()
            trial.rpm()
        except FallsShortError as problem:
            print(f"\nThe packages fall short: {problem}", file=sys.stderr)
            return 1
    trial.report()
    return 0


class _Trial:
    """What is done in the system, and what was found."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._found: list[tuple[str, str]] = []
        self._before: dict[str, Any] = {}

    def older(self, package: Path) -> None:
        """Install an older version and leave a home of it."""
        self._install(package)
        self._note("older version", self._user("tickreel", "--version").strip())
        self._user("tickreel", "sample", "--json")
        self._before = self._book()

    def package(self, *, is_upgrade: bool) -> None:
        """Install the .deb, use it as analyst and engineer would, and remove it."""
        (package,) = PACKAGES.glob("*.deb")
        size_bytes = package.stat().st_size
        self._must(size_bytes <= _MOST_DEB_BYTES, f"the .deb has {size_bytes / 1e6:.0f} MB")
        self._note(".deb", f"{size_bytes / 1e6:.0f} MB")
        listed = None if is_upgrade else self._system.files()
        self._install(package)
        self._must(
            not self._system.finds(_FOR_PYTHON), "the package brought Python or a compiler into the system"
        )
        if listed is not None:
            self._only_own_files(listed)
        self._must(version() in self._user("tickreel", "--version"), "another version is on the PATH")
        installed = self._system.size_bytes("opt/tickreel")
        self._must(installed <= _MOST_INSTALLED_BYTES, f"it takes {installed / 1e6:.0f} MB once installed")
        self._note("installed", f"{installed / 1e6:.0f} MB")
        if is_upgrade:
            self._must(self._book() == self._before, "the book of the older version's home is another now")
            kept = self._system.globbed(f"{_DATA}/catalog.sqlite.of-version-*")
            self._note(
                "upgraded", f"the same book; kept of the older: {', '.join(kept) or 'nothing was changed'}"
            )
        self._use("/usr/bin", "package")
        self._remove()

    def archive(self) -> None:
        """Unpack the archive where the user may write, use it, move it, and forget it."""
        (archive,) = PACKAGES.glob("*.tar.zst")
        self._note(".tar.zst", f"{archive.stat().st_size / 1e6:.0f} MB")
        self._system.unpack(archive, f"{_HOME}/apps")
        folder = f"{_HOME}/apps/{archive.name.removesuffix('.tar.zst')}"
        self._user(f"{folder}/install.sh")
        entry = f"{_HOME}/.local/share/applications/{APP_ID}.desktop"
        self._must(self._system.holds(entry), "install.sh made no menu entry")
        self._use(folder, "archive", entry)
        moved = f"{_HOME}/moved"
        self._user("mv", folder, moved)
        self._must(version() in self._user(f"{moved}/tickreel", "--version"), "it does not run once moved")
        self._user(f"{moved}/install.sh")
        self._user(f"{moved}/install.sh", "--remove")
        self._must(not self._system.holds(entry), "the menu entry is still there")
        self._must(self._system.holds(f"{_DATA}/catalog.sqlite"), "the removal took the user's data")
        self._user(f"{moved}/install.sh", "--remove", "--delete-data")
        self._must(not self._system.holds(_DATA), "the user's data is still there, against what was asked")
        self._note("archive", "runs from anywhere; forgotten with and without data, as asked")

    def rpm(self) -> None:
        """Have rpm install the .rpm, look that what it asks for is what is needed, use it, and remove it."""
        (package,) = PACKAGES.glob("*.rpm")
        self._note(".rpm", f"{package.stat().st_size / 1e6:.0f} MB")
        self._system.install("rpm")
        inside = f"/root/{package.name}"
        self._system.bring(package, inside)
        known = self._system.told("ldconfig", "--print-cache")
        asked = self._system.told("rpm", "-qp", "--requires", inside).splitlines()
        libraries = [line.split("(")[0] for line in asked if line.endswith("()(64bit)")]
        self._must(bool(libraries), "the .rpm asks for no library")
        strange = [name for name in libraries if f"{name} (" not in known]
        self._must(not strange, f"the .rpm asks for {strange}, which the .deb does not need")
        # What Debian brought is in no database of rpm's.
        self._system.told("rpm", "--install", "--nodeps", inside)
        self._system.told("rpm", "--verify", "--nodeps", "tickreel")
        self._must(version() in self._user("tickreel", "--version"), "another version is on the PATH")
        self._use("/usr/bin", "rpm")
        self._system.told("rpm", "--erase", "tickreel")
        self._gone()

    def report(self) -> None:
        """Print what was found."""
        print()
        for what, told in self._found:
            print(f"{what:34}{told}")
        print(f"Pictures: {_PICTURES.relative_to(ROOT)}")

    def _install(self, package: Path) -> None:
        self._system.bring(package, f"/root/{package.name}")
        # The line that the guide for desk IT gives.
        self._system.install(f"/root/{package.name}")

    def _only_own_files(self, before: set[str]) -> None:
        """Look that the package itself put files only where it says."""
        listed = self._system.told("dpkg", "-L", "tickreel").split()
        folders = (
            "/usr/share/applications",
            "/usr/share/doc/tickreel",
            "/usr/share/icons",
            "/usr/share/metainfo",
        )
        own = (*_PREFIXES, *folders, "/usr/share/mime/packages")
        strange = [path for path in listed if path not in before and not path.startswith(own)]
        self._must(not [path for path in strange if self._system.is_file(path)], f"it also holds {strange}")

    def _use(
        self, programs: str, name: str, entry: str = f"/usr/share/applications/{APP_ID}.desktop"
    ) -> None:
        """Start the window by its menu entry, play the sample, run a backtest; watch what is written."""
        before = self._system.written()
        command = self._system.menu_command(entry)
        started = self._system.start_window(command, _PICTURES / f"{name}-menu.png", is_cold=True)
        self._note(
            f"{name}: first start to window", f"{started.seconds:.1f} s, disk cold, kernels not compiled"
        )
        self._must(not started.reached, f"the start reached for the network: {started.reached}")
        again = self._system.start_window(command, _PICTURES / f"{name}-menu-again.png")
        self._note(f"{name}: second start to window", f"{again.seconds:.1f} s")
        sample = json.loads(self._user(f"{programs}/tickreel", "sample", "--json"))
        self._replay(programs, name, sample["link"])
        self._backtest(programs, name, sample)
        written = {path.rpartition("@")[0] for path in self._system.written() - before}
        strange = sorted(path for path in written if not path.startswith((f"{_HOME}/", "/tmp/")))
        self._must(not strange, f"it wrote outside the user's home: {strange}")
        below = {"/".join(path.split("/")[3:6]) for path in written if path.startswith(f"{_HOME}/.")}
        self._note(f"{name}: written below the home", ", ".join(sorted(below)))

    def _replay(self, programs: str, name: str, link: str) -> None:
        shots = f"{_HOME}/shots-{name}"
        told = self._user(
            *(f"{programs}/tickreel-desktop", "--open", link, "--screenshot", shots, "--play", "2", "--exit"),
        )
        report = json.loads(told.splitlines()[-1])
        book = self._book(programs, str(report["replay"]["sought"]["at_us"]))
        self._must(
            book["state_hash"] == report["replay"]["sought"]["state_hash"],
            "the replay's book is not the command line's",
        )
        self._system.take(shots, _PICTURES / name)
        self._note(f"{name}: replay", "the book of the window is that of the command line")

    def _backtest(self, programs: str, name: str, sample: dict[str, Any]) -> None:
        day = sample["link"].split("from=")[1][:10]
        told = self._user(
            *(f"{programs}/tickreel", "backtest", "market_maker", "tickreel-sim:BTCUSDT"),
            *(f"{day}T15:00", f"{day}T15:10", "--json"),
        )
        run = json.loads(told)
        self._must(run["state"] == "succeeded", f"the backtest ended as {run['state']}")
        self._note(f"{name}: backtest", f"{run['state']}, result {run['result_sha256'][:12]}")

    def _book(self, programs: str = "/usr/bin", at: str = "2025-03-14T15:45:00.5Z") -> dict[str, Any]:
        told = self._user(f"{programs}/tickreel", "book", "tickreel-sim", "BTCUSDT", "--at", at)
        book: dict[str, Any] = json.loads(told)
        return book

    def _remove(self) -> None:
        self._system.told("apt-get", "remove", "-y", "-qq", "tickreel")
        self._gone()

    def _gone(self) -> None:
        """Look that nothing is left of the program, and all of the user's data."""
        left = [path for path in _PREFIXES[:1] if self._system.holds(path)]
        self._must(not left, f"the removal left {left}")
        self._must(not self._system.finds(("tickreel",)), "the command is still there")
        self._must(self._system.holds(f"{_DATA}/catalog.sqlite"), "the removal took the user's data")
        self._note("removed", "nothing left of the program; the user's data is all there")

    def _user(self, *words: str) -> str:
        return self._system.told_user(*words)

    def _note(self, what: str, told: str) -> None:
        print(f"  {what}: {told}", file=sys.stderr)
        self._found.append((what, told))

    def _must(self, holds: bool, otherwise: str) -> None:
        if not holds:
            raise FallsShortError(otherwise)


if __name__ == "__main__":
    sys.exit(main())
