"""Try the bundle where there is no Python and no source, and tell its size and how fast it starts.

A copy of it runs in a folder of its own, with an empty environment and a home and a cache of its
own, and must say the same as Tickreel from source: the hash of a book, reached by the command line
and by a replay in the window.
"""

from __future__ import annotations

import json
import mmap
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from setup_venv import ROOT

BUNDLE = ROOT / "build" / "bundle" / "tickreel"
_PICTURES = ROOT / "build" / "bundle" / "pictures"
_SYMBOL = ("tickreel-sim", "BTCUSDT")
_AT = "2025-03-14T15:45:00.5Z"
_MINUTE = ("2025-03-14T15:00", "2025-03-14T15:01")
_LONGEST_S = 600
_LISTED = 9
"""Parts of the bundle that are listed by themselves."""
_SUFFIX = ".exe" if sys.platform == "win32" else ""
_KEPT = ("SYSTEMROOT", "TEMP")
"""What a program on Windows cannot start without."""
_ZONE = {"PYTHONTZPATH": "", "TICKREEL_TIME_ZONE": "Asia/Tokyo"}
"""A zone where the system has no rules of any: the bundle must, or the doctor finds fault."""


class FallsShortError(Exception):
    """The bundle does not do what it must."""


def try_out() -> int:
    """Try everything and print what was found; give 1 when something is wrong."""
    shutil.rmtree(_PICTURES, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="tickreel-bundle-") as folder:
        trial = _Trial(Path(folder))
        try:
            trial.run()
        except FallsShortError as problem:
            print(f"\nThe bundle falls short: {problem}", file=sys.stderr)
            return 1
    trial.report()
    return 0


class _Start(NamedTuple):
    """What it took to run a program to its end."""

    seconds: float
    processor_seconds: float


class _Trial:
    """A copy of the bundle in a folder of its own, and what was found of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._programs = folder / "moved" / "tickreel"
        self._starts: list[tuple[str, list[_Start]]] = []

    def run(self) -> None:
        """Try everything.

        Raises:
            FallsShortError: something is not as it must be.
        """
        self._look_for_the_source()
        self._programs.parent.mkdir()
        shutil.copytree(BUNDLE, self._programs, symlinks=True)
        (self._folder / "user").mkdir(mode=0o700)  # or compiled kernels would not be kept there
        home = self._folder / "from-source"
        sample, book = self._from_source(home)
        link = sample["link"]
        version = self._twice("tickreel --version", "tickreel", "--version")
        self._twice("window with a list of data", *self._window(home, "tickreel://data", "data"))
        report = json.loads(
            self._twice("window, 1 s of a replay, a seek", *self._window(home, link, "replay"))
        )
        self._compare_replay(home, report["replay"]["sought"])
        self._twice("tickreel sample", "tickreel", "--home", "@", "sample", "--json")
        told = self._twice("tickreel book", "tickreel", "--home", "@", "book", *_SYMBOL, "--at", _AT)
        if json.loads(told) != book:
            raise FallsShortError(f"another book than from source:\n{told}")
        self._rows()
        self._call("tickreel", "key", "status", "--json")
        self._examine()
        print(f"{version.strip()}: books, a replay and rows are those of the source")

    def report(self) -> None:
        """Print the size, by what takes it, and the seconds of each start."""
        sizes: Counter[str] = Counter()
        files = 0
        for path in BUNDLE.rglob("*"):
            if path.is_symlink() or path.is_dir():
                continue
            files += 1
            parts = path.relative_to(BUNDLE).parts
            sizes["the two programs" if len(parts) == 1 else parts[1]] += path.stat().st_size
        print(f"\n{'what takes room':36}{'MB':>8}")
        for name, size_bytes in sizes.most_common(_LISTED):
            print(f"{name:36}{size_bytes / 1e6:>8.1f}")
        rest_bytes = sizes.total() - sum(size_bytes for _, size_bytes in sizes.most_common(_LISTED))
        print(f"{'all the rest':36}{rest_bytes / 1e6:>8.1f}")
        print(f"{f'all, {files} files':36}{sizes.total() / 1e6:>8.1f}")
        print(f"\n{'seconds from start to end':36}{'first':>8}{'second':>8}   of them on a processor")
        for what, (first, second) in self._starts:
            used = f"{first.processor_seconds:>10.2f}{second.processor_seconds:>8.2f}"
            print(f"{what:36}{first.seconds:>8.2f}{second.seconds:>8.2f}{used}")
        print("The first replay waits until its kernels are compiled. The disk was warm.")
        print(f"Pictures: {_PICTURES.relative_to(ROOT)}")

    def _look_for_the_source(self) -> None:
        """Make sure that no file of the bundle names the folder that it was made in."""
        wanted = os.fsencode(ROOT)
        for path in BUNDLE.rglob("*"):
            if path.is_symlink() or not path.is_file() or not path.stat().st_size:
                continue
            with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as held:
                if held.find(wanted) >= 0:
                    raise FallsShortError(f"{path} names {ROOT}")

    def _from_source(self, home: Path) -> tuple[dict[str, Any], dict[str, Any]]:
        """Make the sample from source, and give what it says of it and of a book in it."""
        return json.loads(_source(home, "sample", "--json")), json.loads(
            _source(home, "book", *_SYMBOL, "--at", _AT)
        )

    def _window(self, home: Path, link: str, name: str) -> tuple[str, ...]:
        taking = ("--screenshot", str(_PICTURES / name), "--play", "1", "--exit")
        return ("tickreel-desktop", "--home", str(home), "--open", link, *taking)

    def _compare_replay(self, home: Path, sought: dict[str, Any]) -> None:
        told = json.loads(_source(home, "book", *_SYMBOL, "--at", str(sought["at_us"])))
        if told["state_hash"] != sought["state_hash"]:
            raise FallsShortError(f"the replay shows another book than from source: {sought}")

    def _rows(self) -> None:
        """Have Arrow write a file and look whether it is one."""
        path = self._folder / "rows.parquet"
        words = ("rows", *_SYMBOL, "trades", *_MINUTE, "--format", "parquet", "-o", str(path))
        self._call("tickreel", "--home", str(self._folder / "home-1"), *words)
        if path.read_bytes()[:4] != b"PAR1":
            raise FallsShortError("rows were not written as Parquet")

    def _examine(self) -> None:
        told = json.loads(self._call("tickreel", "doctor", "--json"))
        wrong = [check for check in told if check["status"] != "ok" and check["name"] != "disk"]
        if wrong:
            raise FallsShortError(f"the doctor finds fault: {wrong}")

    def _twice(self, what: str, program: str, *words: str) -> str:
        """Run one line two times and note how long each took; ``@`` is another home each time."""
        starts = []
        for turn in (1, 2):
            began_s, used_s = time.perf_counter(), _processor_seconds()
            home = str(self._folder / f"home-{turn}")
            told = self._call(program, *(home if word == "@" else word for word in words))
            starts.append(_Start(time.perf_counter() - began_s, _processor_seconds() - used_s))
        self._starts.append((what, starts))
        return told

    def _call(self, program: str, *words: str) -> str:
        """Run a program of the bundle with nothing around it, and give what it printed."""
        user = str(self._folder / "user")
        environment = {"HOME": user, "USERPROFILE": user, "PATH": user, **_ZONE}
        environment |= {name: os.environ[name] for name in _KEPT if name in os.environ}
        return _told([str(self._programs / f"{program}{_SUFFIX}"), *words], cwd=self._folder, env=environment)


def _processor_seconds() -> float:
    """Tell what all children that have ended used, with theirs; nothing on Windows."""
    spent = os.times()
    return spent.children_user + spent.children_system


def _source(home: Path, *words: str) -> str:
    return _told([sys.executable, "-m", "tickreel", "--home", str(home), *words], cwd=ROOT, env=os.environ)


def _told(command: list[str], **options: Any) -> str:
    """Run a command and give its stdout.

    Raises:
        FallsShortError: it failed, or did not end.
    """
    shown = " ".join(command)
    print(f"  {shown}", file=sys.stderr)
    try:
        ran = subprocess.run(
            command, capture_output=True, encoding="utf-8", timeout=_LONGEST_S, check=False, **options
        )
    except subprocess.TimeoutExpired as error:
        raise FallsShortError(f"{shown} did not end within {_LONGEST_S} s") from error
    if ran.returncode:
        raise FallsShortError(f"{shown} ended with {ran.returncode}:\n{ran.stderr.strip()}")
    out: str = ran.stdout
    return out


if __name__ == "__main__":
    sys.exit(try_out())
