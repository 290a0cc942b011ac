"""A small Debian 12 in a folder, in which packages are installed and programs tried without a network."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

import zstandard
from virtual_screen import VirtualScreen

if TYPE_CHECKING:
    from collections.abc import Sequence

_SUITE = "bookworm"
_USER = "analyst"
_LONGEST_S = 900
_TO_WINDOW_S = 120


class FallsShortError(Exception):
    """Something is not as it must be."""


class Started(NamedTuple):
    """A start of the window."""

    seconds: float
    """From the command to the first moment at which something stood on the screen."""
    reached: tuple[str, ...]
    """Addresses of other machines that the program tried to reach."""


class System:
    """The system and its virtual display; both are gone at the end of the block, a clean copy is kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._root = folder / "system"
        self._mounted: list[Path] = []
        self._screen = VirtualScreen()

    def __enter__(self) -> Self:
        clean = self._folder / "clean"
        if not (clean / "etc" / "debian_version").exists():
            self._make(clean)
        shutil.rmtree(self._root, ignore_errors=True)
        print("Copying the system", file=sys.stderr)
        subprocess.run(["cp", "-a", clean, self._root], check=True)
        for name, kind in (("proc", "proc"), ("dev/shm", "tmpfs")):
            place = self._root / name
            place.mkdir(parents=True, exist_ok=True)
            subprocess.run(["mount", "-t", kind, kind, place], check=True)
            self._mounted.append(place)
        sockets = self._root / "tmp" / ".X11-unix"
        sockets.mkdir(mode=0o1777, parents=True, exist_ok=True)
        Path("/tmp/.X11-unix").mkdir(mode=0o1777, exist_ok=True)
        subprocess.run(["mount", "--bind", "/tmp/.X11-unix", sockets], check=True)
        self._mounted.append(sockets)
        self.told("useradd", "--create-home", "--shell", "/bin/sh", _USER)
        self._screen.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._screen.stop()
        for place in reversed(self._mounted):
            subprocess.run(["umount", "--lazy", place], check=False)
        shutil.rmtree(self._root, ignore_errors=True)

    def _make(self, clean: Path) -> None:
        print("Making a Debian 12, which takes some minutes", file=sys.stderr)
        shutil.rmtree(clean, ignore_errors=True)
        unfinished = clean.with_name("unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["debootstrap", "--variant=minbase", _SUITE, unfinished, _mirror()], check=True, stdout=2
        )
        shutil.copytree("/etc/apt/apt.conf.d", unfinished / "etc/apt/apt.conf.d", dirs_exist_ok=True)
        shutil.copyfile("/etc/resolv.conf", unfinished / "etc/resolv.conf")
        unfinished.rename(clean)

    def told(self, *words: str) -> str:
        """Run a command as root in the system, with its network, and give its stdout."""
        return self._told(["chroot", str(self._root), *words], {"DEBIAN_FRONTEND": "noninteractive"})

    def told_user(self, *words: str) -> str:
        """Run a command as the user, cut off from every network, and give its stdout."""
        return self._told(self._as_user(words), {})

    def install(self, package: str) -> None:
        """Install a package and what it needs, silently."""
        self.told("apt-get", "update", "-qq")
        self.told("apt-get", "install", "-y", "-qq", "--no-install-recommends", package)

    def bring(self, path: Path, inside: str) -> None:
        """Copy a file into the system."""
        shutil.copyfile(path, self._at(inside))

    def take(self, inside: str, folder: Path) -> None:
        """Copy a folder out of the system."""
        shutil.copytree(self._at(inside), folder, dirs_exist_ok=True)

    def unpack(self, archive: Path, inside: str) -> None:
        """Unpack an archive as the user's."""
        place = self._at(inside)
        with (
            archive.open("rb") as raw,
            zstandard.ZstdDecompressor().stream_reader(raw) as plain,
            tarfile.open(fileobj=plain, mode="r|") as tar,
        ):
            tar.extractall(place, filter="data")
        self.told("chown", "-R", f"{_USER}:{_USER}", inside)

    def menu_command(self, entry: str) -> list[str]:
        """Give the words of a menu entry as a desktop would run them without a file or link."""
        text = self._at(entry).read_text(encoding="utf-8")
        (line,) = re.findall(r"^Exec=(.+)$", text, re.MULTILINE)
        return [word for word in shlex.split(line) if not word.startswith("%")]

    def start_window(self, command: Sequence[str], picture: Path, *, is_cold: bool = False) -> Started:
        """Start a program with the display, wait until its window is drawn, take a picture, end it.

        *is_cold* first drops what the machine keeps of its disk in memory.

        Raises:
            FallsShortError: nothing was drawn, or it did not end well.
        """
        if is_cold:
            self._forget_disk()
        trace = self._folder / "trace.txt"
        # Stopped at these calls alone: at every call, a start would take three times as long.
        traced = ["strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=connect,sendto", "-o", str(trace)]
        began_s = time.monotonic()
        with subprocess.Popen(
            [*traced, *self._as_user(command, DISPLAY=self._screen.name)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as program:
            try:
                while not self._screen.is_drawn():
                    took_s = time.monotonic() - began_s
                    if program.poll() is not None or took_s > _TO_WINDOW_S:
                        raise FallsShortError(f"no window after {took_s:.0f} s: {self._last_words(program)}")
                    time.sleep(0.1)
                seconds = time.monotonic() - began_s
                time.sleep(8)
                self._screen.save(picture)
            finally:
                self._end(program)
            if program.wait(timeout=60):
                raise FallsShortError(f"it ended with {program.returncode}: {self._last_words(program)}")
        return Started(seconds, _addresses(trace.read_text(encoding="utf-8", errors="replace")))

    def files(self) -> set[str]:
        """List all files and folders of the system by their paths in it."""
        return {
            f"/{Path(folder, name).relative_to(self._root)}"
            for folder, folders, names in os.walk(self._root)
            if not any(mount == Path(folder) or mount in Path(folder).parents for mount in self._mounted)
            for name in (*folders, *names)
        }

    def written(self) -> set[str]:
        """List files with the moment of their last change."""
        found = set()
        for path in self.files():
            with contextlib.suppress(FileNotFoundError):
                at = self._at(path)
                if not at.is_dir():
                    found.add(f"{path}@{at.lstat().st_mtime_ns}")
        return found

    def size_bytes(self, inside: str) -> int:
        """Add up the files below a folder."""
        return sum(
            path.stat().st_size
            for path in (self._root / inside).rglob("*")
            if path.is_file() and not path.is_symlink()
        )

    def holds(self, inside: str) -> bool:
        """Tell whether a path exists in the system."""
        return os.path.lexists(self._at(inside))

    def is_file(self, inside: str) -> bool:
        """Tell whether a path in the system is a file."""
        return self._at(inside).is_file()

    def globbed(self, pattern: str) -> list[str]:
        """List the names that fit a pattern."""
        return sorted(path.name for path in self._root.glob(pattern.removeprefix("/")))

    def finds(self, programs: Sequence[str]) -> list[str]:
        """List those of *programs* that are on the path of the system."""
        folders = ("usr/local/bin", "usr/bin", "bin", "usr/sbin")
        return [name for name in programs if any(os.path.lexists(self._root / at / name) for at in folders)]

    def _at(self, inside: str) -> Path:
        return self._root / inside.removeprefix("/")

    def _as_user(self, words: Sequence[str], **environment: str) -> list[str]:
        home = f"HOME=/home/{_USER}"
        given = [f"{name}={value}" for name, value in environment.items()]
        inside = ["env", "-i", home, "PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", *given, *words]
        cut_off = ["unshare", "--net", "--"]
        return [*cut_off, "chroot", f"--userspec={_USER}:{_USER}", str(self._root), *inside]

    def _told(self, words: Sequence[str], environment: dict[str, str]) -> str:
        ran = subprocess.run(
            words,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_LONGEST_S,
            check=False,
            env=os.environ | environment | {"LC_ALL": "C.UTF-8"},
        )
        if ran.returncode:
            raise FallsShortError(
                f"{shlex.join(words)} ended with {ran.returncode}: {ran.stderr.strip()[-2000:]}"
            )
        return ran.stdout

    def _end(self, program: subprocess.Popen[bytes]) -> None:
        """Ask the program itself to end, as the end of a session would, not what traces it."""
        for path in Path("/proc").glob("[0-9]*/exe"):
            with contextlib.suppress(OSError):
                if path.readlink().name == "tickreel-desktop" and str(self._root) in os.readlink(
                    path.parent / "root"
                ):
                    os.kill(int(path.parent.name), signal.SIGTERM)
        try:
            program.wait(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(program.pid, signal.SIGKILL)
            raise FailsToEndError from None

    def _last_words(self, program: subprocess.Popen[bytes]) -> str:
        if program.poll() is None or program.stdout is None:
            return "it is still running"
        return program.stdout.read().decode(errors="replace")[-2000:]

    def _forget_disk(self) -> None:
        """Drop what the machine keeps of its disk in memory, where it lets us."""
        with contextlib.suppress(OSError):
            os.sync()
            Path("/proc/sys/vm/drop_caches").write_text("3", encoding="ascii")


class FailsToEndError(FallsShortError):
    """The window was asked to close and did not."""


def _mirror() -> str:
    """Give the server that this machine has its own packages from."""
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(SITE)", f"Codename: {_SUITE}"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    if not listed:
        sys.exit(f"This machine knows no server of Debian's {_SUITE}: add one to its sources of packages")
    return listed[0]


def _addresses(trace: str) -> tuple[str, ...]:
    """List where a program tried to connect or send to, of the internet's addresses."""
    found = re.findall(
        r"sin6?_port=htons\((\d+)\).*?(?:inet_addr\(|inet_pton\(AF_INET6, )\"([^\"]+)\"", trace
    )
    return tuple(sorted({f"{address} port {port}" for port, address in found}))
