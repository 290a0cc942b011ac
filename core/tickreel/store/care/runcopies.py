"""The kept runs of a home: copied into a backup whole or not at all, and held to their checksums.

    runs/<id>/...           copies, each file of the SHA-256 that the catalog has of it
    runs/<id>.partial/      a run that is being copied

Runs never change once they have ended, so what a backup holds is not read again. Of a run whose files
are damaged or gone in the home the backup keeps its own copy.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.errors import EnvironmentProblem
from tickreel.filesystem import is_plain_name, is_plain_path

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tickreel.filesystem import Disk
    from tickreel.progress import Monitor

_RUNS = "runs"
_PARTIAL = ".partial"
_READ_BYTES = 2**20
_ENDED = "SELECT id, files FROM run WHERE state != 'running' ORDER BY id"

Files = dict[str, str]
"""The SHA-256 of each file of a run, by its name below the run's folder."""


@dataclass(frozen=True, slots=True)
class RunFault:
    """A file of a run that is not what it was when the run ended."""

    run_id: str
    file: str
    problem: str


def runs_of(catalog: sqlite3.Connection) -> dict[str, Files]:
    """Read which runs have ended, and the checksums of their files.

    Raises:
        EnvironmentProblem: the catalog holds what no run has: names that would lead elsewhere among them.
    """
    try:
        return {
            _checked_id(run_id): _checked_files(json.loads(files))
            for run_id, files in catalog.execute(_ENDED)
        }
    except (ValueError, TypeError, RecursionError) as error:
        raise EnvironmentProblem(f"the catalog holds a run that Tickreel did not write: {error}") from error


def _checked_id(run_id: object) -> str:
    if not is_plain_name(run_id):
        raise ValueError(f"{run_id!r} is no name of a run")
    return str(run_id)


def _checked_files(files: object) -> Files:
    if not isinstance(files, dict):
        raise ValueError("its files are no table")
    for name, digest in files.items():
        if not is_plain_path(name) or not isinstance(digest, str):
            raise ValueError(f"{name!r} is no file of a run")
    return files


def run_faults(root: Path, runs: Mapping[str, Files]) -> Iterator[RunFault]:
    """Read all files of runs below a home; give those that are gone or were changed."""
    for run_id, files in runs.items():
        for name, wanted in files.items():
            try:
                digest = _sha256(root / _RUNS / run_id / name)
            except OSError as error:
                yield RunFault(run_id, name, f"it cannot be read: {error.strerror or error}")
                continue
            if digest != wanted:
                yield RunFault(run_id, name, "it was changed: its checksum is another")


class RunCopies:
    """The runs of one home in one backup."""

    def __init__(self, disk: Disk, root: Path, target: Path) -> None:
        self._disk = disk
        self._home = root / _RUNS
        self._target = target / _RUNS
        self.copied_bytes = 0
        self.new: set[str] = set()
        self.damaged: set[str] = set()
        """Runs that the home has no sound files of."""

    def clear_partial(self) -> None:
        """Remove what a backup that was interrupted left."""
        for folder in self._target.glob(f"*{_PARTIAL}"):
            shutil.rmtree(folder)

    def needed_bytes(self, runs: Mapping[str, Files]) -> int:
        """Add up what :meth:`bring` would write."""
        wanted = [self._home / run_id / name for run_id in self._wanted(runs) for name in runs[run_id]]
        return sum(path.stat().st_size for path in wanted if path.exists())

    def bring(self, runs: Mapping[str, Files], monitor: Monitor) -> None:
        """Copy the runs that the backup lacks; raises OSError, and Cancelled as the monitor does."""
        wanted = self._wanted(runs)
        for number, run_id in enumerate(wanted):
            monitor.report(number, len(wanted), "copying runs")
            partial = self._target / f"{run_id}{_PARTIAL}"
            if not all(self._copied(run_id, name, digest, partial) for name, digest in runs[run_id].items()):
                self.damaged.add(run_id)
                if partial.exists():
                    shutil.rmtree(partial)
                continue
            for folder in (*(path for path in partial.rglob("*") if path.is_dir()), partial):
                self._disk.sync_folder(folder)
            place = self._target / run_id
            if place.exists():  # something of it is gone, which the new one has
                shutil.rmtree(place)
            self._disk.move(partial, place)
            self.new.add(run_id)
        if self.new:
            self._disk.sync_folder(self._target)
            self._disk.sync_folder(self._target.parent)

    def held(self, runs: Mapping[str, Files]) -> list[str]:
        """Name those of the runs that the backup has."""
        return [run_id for run_id in runs if (self._target / run_id).is_dir()]

    def prune(self, brought: set[str], runs: Mapping[str, Files]) -> None:
        """Remove what an earlier backup brought and the home has deleted."""
        for run_id in brought - set(runs):
            if (self._target / run_id).is_dir():
                shutil.rmtree(self._target / run_id)

    def _wanted(self, runs: Mapping[str, Files]) -> list[str]:
        return [run_id for run_id, files in runs.items() if files and not self._holds(run_id, files)]

    def _holds(self, run_id: str, files: Files) -> bool:
        for name in files:
            held, own = self._target / run_id / name, self._home / run_id / name
            if not held.exists() or (own.exists() and own.stat().st_size != held.stat().st_size):
                return False
        return True

    def _copied(self, run_id: str, name: str, wanted: str, partial: Path) -> bool:
        """Copy one file; False where it is gone, or no more what it was."""
        source, target, digest = self._home / run_id / name, partial / name, hashlib.sha256()
        try:
            rows = source.open("rb", buffering=0)
        except FileNotFoundError:
            return False
        self._disk.make_folder(target.parent)
        with rows, self._disk.create(target) as file:
            while data := rows.read(_READ_BYTES):
                digest.update(data)
                self._disk.write(file, data)
                self.copied_bytes += len(data)
            self._disk.sync(file)
        return digest.hexdigest() == wanted


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while data := file.read(_READ_BYTES):
            digest.update(data)
    return digest.hexdigest()
