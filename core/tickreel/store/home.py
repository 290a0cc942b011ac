"""The folder in which everything lives, and how files come into it without ever being half there.

    catalog.sqlite          which days there are, and which segment files hold them
    segments/ab/ab12...     sealed segment files, named by id alone
    staging/<session>/      files of an import that is under way, behind a lock

A segment is written in staging, forced to the disk, and moved to its place just
before the catalog commits. The session first lists what it is about to move; when
it dies in between, the next start finds its lock free, and clears both its staging
files and those listed segments that the catalog never came to know.
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from tickreel.errors import EnvironmentProblem
from tickreel.filesystem import file_system_of, is_network_file_system

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

_MOVES = "moves.json"
_LOCK = "lock"


class Home:
    """Paths of one home; made on first use unless *read_only*.

    Raises:
        EnvironmentProblem: it lies on a network file system, or cannot be made or written.
    """

    def __init__(self, root: Path, *, read_only: bool = False) -> None:
        self.root = root
        self.catalog = root / "catalog.sqlite"
        self.segments = root / "segments"
        self.staging = root / "staging"
        # Held while an import's folder is made and locked, so that no start takes it for a dead one.
        self.beginning = FileLock(root / "catalog.lock")
        kind = file_system_of(root)
        if is_network_file_system(kind):
            raise EnvironmentProblem(
                f"{root} lies on a network file system ({kind}), where locks and crash safety do not hold: "
                "set TICKREEL_HOME to a folder on a local disk"
            )
        if read_only:
            if not self.catalog.exists():
                raise EnvironmentProblem(f"there is no Tickreel home at {root}")
            return
        try:
            for folder in (root, self.segments, self.staging):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise EnvironmentProblem(
                f"the home {root} cannot be made or written: {error.strerror or error}; "
                "set TICKREEL_HOME to a folder you can write to"
            ) from error

    def segment_path(self, segment_id: str) -> Path:
        """Give the place of a sealed segment."""
        return self.segments / segment_id[:2] / f"{segment_id}.parquet"

    def sweep(self, is_known: Callable[[Iterable[str]], set[str]]) -> int:
        """Clear what dead imports left in staging; give the number of sessions cleared.

        *is_known* tells which of some segment ids the catalog has.
        """
        try:
            with self.beginning:
                return self._sweep(is_known)
        except OSError as error:
            raise EnvironmentProblem(f"the home {self.root} cannot be tidied: {error}") from error

    def _sweep(self, is_known: Callable[[Iterable[str]], set[str]]) -> int:
        cleared = 0
        for session in sorted(path for path in self.staging.iterdir() if path.is_dir()):
            lock = FileLock(session / _LOCK, timeout=0)
            try:
                lock.acquire()
            except Timeout:
                continue  # that import is alive
            try:
                moves = session / _MOVES
                if moves.exists():
                    listed = _read_moves(moves)
                    for segment_id in listed - is_known(listed):
                        self.segment_path(segment_id).unlink(missing_ok=True)
            finally:
                lock.release()
            shutil.rmtree(session, ignore_errors=True)
            cleared += 1
        return cleared


def _read_moves(path: Path) -> set[str]:
    """Read the list of a dead session; a torn list means that nothing was moved yet."""
    try:
        listed = json.loads(path.read_text(encoding="ascii"))
    except ValueError:
        return set()
    return {name for name in listed if isinstance(name, str)}


class Staging:
    """One import's own folder; a context manager that leaves nothing behind."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._folder = home.staging / uuid.uuid4().hex
        self._lock = FileLock(self._folder / _LOCK)

    def __enter__(self) -> Staging:
        try:
            with self._home.beginning:
                self._folder.mkdir()
                self._lock.acquire()
        except OSError as error:
            raise EnvironmentProblem(f"the home {self._home.root} cannot be written: {error}") from error
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()
        shutil.rmtree(self._folder, ignore_errors=True)

    def new_segment(self) -> tuple[str, Path]:
        """Give a fresh segment id and the path at which to write it."""
        segment_id = uuid.uuid4().hex
        return segment_id, self._folder / f"{segment_id}.parquet"

    def publish(self, segment_ids: list[str]) -> None:
        """Move sealed segments to their places; the caller commits the catalog right after."""
        moves = self._folder / _MOVES
        with moves.open("w", encoding="ascii") as file:
            json.dump(segment_ids, file)
            file.flush()
            os.fsync(file.fileno())
        _sync_folder(self._folder)
        for segment_id in segment_ids:
            target = self._home.segment_path(segment_id)
            target.parent.mkdir(exist_ok=True)
            (self._folder / target.name).replace(target)
            _sync_folder(target.parent)
        _sync_folder(self._home.segments)

    def withdraw(self, segment_ids: list[str]) -> None:
        """Take published segments away again after the catalog refused them."""
        for segment_id in segment_ids:
            self._home.segment_path(segment_id).unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Force a folder's entries to the disk; Windows does so by itself."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
