"""The folder of machine code on disk: where it lies, whether it may be trusted, what is in it.

Numba reads its cache by unpickling, so whoever can write there can run anything as this user. The
folder is therefore the user's alone, and one that others could have written to is not read. Its
name holds the versions of Tickreel, Numba and Python and the processor; in it every module of
kernels has a folder named by its source.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import stat
import sys
import time
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from tickreel.errors import EnvironmentProblem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tickreel.kernels.modules import KernelModule

_FILLED = "filled"
_LOCK = "lock"
_UNUSED_S = 60 * 24 * 3600
"""What nothing has read for so long belongs to versions that are gone."""
_ADVICE = "remove it, or name another folder by NUMBA_CACHE_DIR"


class KernelCache:
    """The machine code of this version of Tickreel on this processor."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def of_user(cls, environ: Mapping[str, str] = os.environ) -> KernelCache:
        """Name the cache of this user; nothing is made."""
        from tickreel.settings.places import kernel_cache_dir

        numba = version("numba")
        tickreel = version("tickreel")
        name = f"{tickreel}-{numba}-{sys.implementation.cache_tag}-{_processor()}"
        return cls(kernel_cache_dir(environ) / name)

    def folder(self, module: KernelModule) -> Path:
        """Name the folder of a module's machine code."""
        return self.root / module.folder_name

    def lock_path(self, module: KernelModule) -> Path:
        """Name the file by which processes take turns at a module."""
        return self.folder(module) / _LOCK

    def prepare(self, module: KernelModule) -> Path:
        """Make a module's folder, note that it is in use, and give it.

        Raises:
            EnvironmentProblem: it cannot be made, or is not the user's alone; the message says what to do.
        """
        folder = self.folder(module)
        try:
            self.root.parent.mkdir(parents=True, exist_ok=True)
            self.root.mkdir(mode=0o700, exist_ok=True)
            self.check()
            folder.mkdir(mode=0o700, exist_ok=True)
            os.utime(folder)
            os.utime(self.root)
        except OSError as error:
            raise EnvironmentProblem(
                f"the folder for compiled kernels {self.root} cannot be written ({error.strerror}): "
                "give yourself the right to, or name another by NUMBA_CACHE_DIR"
            ) from error
        return folder

    def check(self) -> None:
        """Make sure that nobody else can have written what is here; a folder that is not there passes.

        Raises:
            EnvironmentProblem: somebody could; the message says what to do.
        """
        if os.name == "nt" or not self.root.exists():
            return  # on Windows the profile's own access list keeps others out
        told = f"the folder for compiled kernels {self.root}"
        found = self.root.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            raise EnvironmentProblem(f"{told} is not yours, and so is not read: {_ADVICE}")
        if found.st_mode & 0o077:
            raise EnvironmentProblem(f"{told} is open to others, and so is not read: {_ADVICE}")
        for above in self.root.resolve().parents:
            if _others_may_swap(above.stat()):
                raise EnvironmentProblem(
                    f"{told} is not read because others can put something else in its place: "
                    f"close {above} to them, or name another folder by NUMBA_CACHE_DIR"
                )

    def is_filled(self, module: KernelModule) -> bool:
        """Tell whether all of a module's kernels have been compiled, and something of them is there."""
        folder = self.folder(module)
        return (folder / _FILLED).exists() and any(folder.rglob("*.nbi"))

    def mark_filled(self, module: KernelModule) -> None:
        """Note that all of a module's kernels have been compiled."""
        (self.folder(module) / _FILLED).touch()

    def forget(self, module: KernelModule) -> None:
        """Remove a module's machine code, by whoever has its turn; the lock stays."""
        folder = self.folder(module)
        (folder / _FILLED).unlink(missing_ok=True)
        for below in folder.iterdir():
            if below.is_dir():
                shutil.rmtree(below, ignore_errors=True)

    def size_bytes(self) -> int:
        """Add up what the machine code takes on disk, while others may be removing some of it."""
        size_bytes = 0
        for folder, _, names in os.walk(self.root):
            for name in names:
                with suppress(FileNotFoundError):
                    size_bytes += Path(folder, name).lstat().st_size
        return size_bytes

    def prune(self) -> None:
        """Remove what has not been used for two months: other versions, and older sources of this one."""
        before = time.time() - _UNUSED_S
        for folder in (*_folders(self.root.parent), *_folders(self.root)):
            with suppress(FileNotFoundError):  # another process may remove it at the same moment
                if folder != self.root and folder.lstat().st_mtime < before:
                    shutil.rmtree(folder, ignore_errors=True)


def _folders(above: Path) -> list[Path]:
    try:
        return [path for path in above.iterdir() if path.is_dir() and not path.is_symlink()]
    except FileNotFoundError:
        return []


def _others_may_swap(above: os.stat_result) -> bool:
    """Tell whether somebody else could rename what lies in a folder.

    Many systems give each user a group and let it write; the sticky bit keeps names to their owners.
    """
    if above.st_uid not in (0, os.geteuid()):
        return True
    if above.st_mode & stat.S_ISVTX:
        return False
    by_group = above.st_mode & stat.S_IWGRP and above.st_gid not in (0, os.getegid())
    return bool(above.st_mode & stat.S_IWOTH or by_group)


def _processor() -> str:
    """Name the processor by a few digits, without waiting for the compiler's own name of it.

    Numba checks its own name of it once more, entry by entry.
    """
    told = [platform.machine()]
    if sys.platform == "linux":
        # The first processor is enough, and reading all of many takes long.
        try:
            with Path("/proc/cpuinfo").open(encoding="utf-8", errors="replace") as lines:
                told += [line for line in _first_block(lines) if line.startswith(("model name", "flags"))]
        except OSError:
            told.append("unknown")
    else:
        told.append(platform.processor())
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:8]


def _first_block(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if not line.strip():
            return
        yield line
