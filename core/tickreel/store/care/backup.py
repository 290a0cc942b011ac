"""A second home made from this one, on another disk if need be, that opens like any other.

    catalog.sqlite      as it was at one instant, whatever others were writing
    segments/...        copies
    runs/...            copies, see ``care.runcopies``
    backup.json         what belongs to the backup; written last

A second backup into the same folder adds what is new, and takes away what the home has let
go of. What it holds already is not read again; a copy that ``verify`` found damaged there is
made anew. Of what is damaged in the home, or gone from it, the backup keeps its own copy, and
serves it where it is sound. Each file gets its name when it is whole, and the catalog after the
segments it names, so a backup that was interrupted is the one before it.
"""

from __future__ import annotations

import json
import re
import sqlite3
import uuid
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from tickreel.errors import ConflictError, EnvironmentProblem, UsageError
from tickreel.market.units import format_bytes
from tickreel.progress import UNWATCHED, Monitor
from tickreel.store.care.runcopies import RunCopies, runs_of
from tickreel.store.care.survival import DamagedDay, settle_damage
from tickreel.store.home import KEYFRAMES_SUFFIX, ROWS_SUFFIX
from tickreel.store.model import SEGMENT_FORMAT
from tickreel.store.records.database import connect_to_read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tickreel.filesystem import Disk
    from tickreel.store.care.runcopies import Files
    from tickreel.store.home import Home

MANIFEST = "backup.json"
_KIND = "tickreel backup"
_PARTIAL = ".partial"
_ID = re.compile("[0-9a-f]+")
"""What segments and runs are named by."""
_COPY_BYTES = 4 * 2**20
_DAMAGED = "SELECT id FROM segment WHERE damaged_us IS NOT NULL"
_SNAPSHOTS = 3
"""How often the catalog is read anew because segments were purged while they were being copied."""


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds, and what was done to make it."""

    target: Path
    made_us: int
    segments: int
    bytes: int
    """Size of the segments and their keyframes."""
    new_segments: int
    copied_bytes: int
    """Of what is new."""
    lost: tuple[str, ...]
    """Segments that the catalog names and whose files are gone from the home."""
    damaged: tuple[DamagedDay, ...]
    """Days of the home that cannot be read there, by dataset and day."""
    runs: int
    new_runs: int
    damaged_runs: tuple[str, ...]
    """Runs of which files in the home are gone or changed; what the backup had of them is kept."""


@dataclass(frozen=True, slots=True)
class _Named:
    """A segment that the home's catalog names."""

    id: str
    bytes: int
    is_marked: bool
    """Whether the catalog says that it cannot be read."""


def back_up(home: Home, target: Path, monitor: Monitor = UNWATCHED) -> Backup:
    """Bring the backup in the folder *target* up to date, or make it.

    Raises:
        UsageError: *target* holds something else, or is the home itself.
        ConflictError: another process is writing this backup.
        EnvironmentProblem: the catalog is damaged, or the target is full or cannot be written.
        Cancelled: the monitor said so; the backup is the one before.
    """
    _check_target(home, target)
    try:
        home.disk.make_folder(target)
        with FileLock(target / "backup.lock", timeout=0):
            return _Copying(home, target, monitor).run()
    except Timeout:
        raise ConflictError(f"another process is making a backup in {target}: let it finish first") from None
    except OSError as error:
        raise EnvironmentProblem(
            f"the backup in {target} cannot be written: {error.strerror or error}; "
            "what it held before is untouched"
        ) from error


def _check_target(home: Home, target: Path) -> None:
    inside, root = target.resolve(), home.root.resolve()
    if inside.is_relative_to(root) or root.is_relative_to(inside):
        raise UsageError(f"{target} and the home {home.root} lie in one another: name another folder")
    if target.exists() and not target.is_dir():
        raise UsageError(f"{target} is not a folder: name one for the backup")
    # A first backup that was interrupted has segments and no manifest yet.
    is_begun = (target / MANIFEST).exists() or (target / "backup.lock").exists()
    if target.is_dir() and not is_begun and any(target.iterdir()):
        raise UsageError(f"{target} holds something other than a backup: name an empty or a new folder")


class _Copying:
    """One run of a backup, under the target's lock."""

    def __init__(self, home: Home, target: Path, monitor: Monitor) -> None:
        self._home = home
        self._disk: Disk = home.disk
        self._target = target
        self._monitor = monitor
        self._copied_bytes = 0
        self._runs = RunCopies(home.disk, home.root, target)
        self._damaged_here = _found_damaged(target / "catalog.sqlite")

    def run(self) -> Backup:
        self._clear_partial_files()
        new: set[str] = set()
        for _ in range(_SNAPSHOTS):
            snapshot, named = self._snapshot()
            suspects, lost = self._bring(named, new)
            if not lost:
                break
            if lost <= self._ids_now():
                break  # not purged meanwhile: their files are gone from the home itself
            self._disk.remove(snapshot)
        else:
            raise ConflictError(f"days of {self._home.root} are being purged all the time: back up again")
        runs = self._bring_runs(snapshot)
        made_us = self._disk.now_us()
        damaged = self._settle(snapshot, suspects, made_us)
        with snapshot.open("rb+", buffering=0) as file:
            self._disk.sync(file)
        for suffix in ("-wal", "-shm"):  # of a program that had the backup open as a home
            self._disk.remove(self._target / f"catalog.sqlite{suffix}")
        self._disk.move(snapshot, self._target / "catalog.sqlite")
        self._disk.sync_folder(self._target)
        held = {one.id for one in named if one.id not in lost or self._place(one.id).exists()}
        self._prune(held)
        self._runs.prune(_listed(self._target / MANIFEST, "runs"), runs)
        held_runs = self._runs.held(runs)
        self._write_manifest(made_us, sorted(held), held_runs)
        return Backup(
            target=self._target,
            made_us=made_us,
            segments=len(held),
            bytes=sum(path.stat().st_size for one in held for _, path in self._pairs(one) if path.exists()),
            new_segments=len(new & held),
            copied_bytes=self._copied_bytes + self._runs.copied_bytes,
            runs=len(held_runs),
            new_runs=len(self._runs.new),
            damaged_runs=tuple(sorted(self._runs.damaged)),
            lost=tuple(sorted(lost)),
            damaged=damaged,
        )

    def _clear_partial_files(self) -> None:
        for path in [*self._target.glob(f"*{_PARTIAL}*"), *self._target.glob(f"segments/*/*{_PARTIAL}")]:
            self._disk.remove(path)
        self._runs.clear_partial()

    def _bring_runs(self, snapshot: Path) -> dict[str, Files]:
        """Bring the runs that the copied catalog names; give them."""
        with closing(connect_to_read(snapshot)) as catalog:
            runs = runs_of(catalog)
        self._check_space(self._runs.needed_bytes(runs))
        self._runs.bring(runs, self._monitor)
        return runs

    def _snapshot(self) -> tuple[Path, list[_Named]]:
        """Copy the catalog as it is now; give the copy and the segments it names."""
        path = self._target / f"catalog-{uuid.uuid4().hex}{_PARTIAL}"
        try:
            with (
                closing(connect_to_read(self._home.catalog)) as source,
                closing(sqlite3.connect(path)) as copy,
            ):
                source.backup(copy)
                if copy.execute("PRAGMA quick_check").fetchone()[0] != "ok":
                    raise EnvironmentProblem(_damaged(self._home))
                # One file, that opens on a disk that cannot be written as well.
                copy.execute("PRAGMA journal_mode = DELETE")
                named = [
                    _Named(segment_id, size, damaged_us is not None or form != SEGMENT_FORMAT)
                    for segment_id, size, damaged_us, form in copy.execute(
                        "SELECT id, bytes, damaged_us, format FROM segment ORDER BY id"
                    )
                ]
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise EnvironmentProblem(
                    f"the catalog cannot be copied to {self._target}: {error}"
                ) from error
            raise EnvironmentProblem(_damaged(self._home)) from error
        return path, named

    def _settle(self, snapshot: Path, suspects: set[str], now_us: int) -> tuple[DamagedDay, ...]:
        """Let the copied catalog say of suspects what the backup's own files are."""
        if not suspects:
            return ()
        try:
            return settle_damage(snapshot, suspects, self._place, now_us, self._monitor)
        except sqlite3.Error as error:
            raise EnvironmentProblem(f"the catalog cannot be written to {self._target}: {error}") from error

    def _ids_now(self) -> set[str]:
        with closing(connect_to_read(self._home.catalog)) as source:
            return {row[0] for row in source.execute("SELECT id FROM segment")}

    def _pairs(self, segment_id: str) -> Iterator[tuple[Path, Path]]:
        """Name a segment's files in the home and in the backup, the rows last."""
        for source in (self._home.keyframes_path(segment_id), self._home.segment_path(segment_id)):
            yield source, self._target / source.relative_to(self._home.root)

    def _place(self, segment_id: str) -> Path:
        """Give the place of a segment's rows in the backup."""
        return self._target / self._home.segment_path(segment_id).relative_to(self._home.root)

    def _bring(self, named: Iterable[_Named], new: set[str]) -> tuple[set[str], set[str]]:
        """Bring the files of segments that the backup lacks.

        Gives those that are no good in the home, and of these the ones whose files are gone from it.
        """
        suspects, lost = set(), set()
        wanted: list[tuple[str, int]] = []
        for one in named:
            try:
                size = self._home.segment_path(one.id).stat().st_size
            except FileNotFoundError:
                suspects.add(one.id)
                lost.add(one.id)
                continue
            if one.is_marked or size != one.bytes:
                suspects.add(one.id)
                # Never in place of what the backup has, which may be the better file.
                is_held = self._place(one.id).exists()
            else:
                is_held = self._holds(one)
            if not is_held:
                wanted.append((one.id, size))
        self._check_space(sum(size for _, size in wanted))
        total, done = sum(size for _, size in wanted), 0
        folders: set[Path] = set()
        for segment_id, size in wanted:
            self._monitor.report(done, total, "copying segments")
            for source, target in self._pairs(segment_id):
                try:
                    self._bring_file(source, target)
                    folders.add(target.parent)
                except FileNotFoundError:
                    # Keyframes need not be there; rows were purged at this moment.
                    if source == self._home.segment_path(segment_id):
                        suspects.add(segment_id)
                        lost.add(segment_id)
            new.add(segment_id)
            done += size
        self._monitor.report(total, total, "copying segments")
        for folder in sorted(folders | {folder.parent for folder in folders}):
            self._disk.sync_folder(folder)
        return suspects, lost

    def _holds(self, one: _Named) -> bool:
        if one.id in self._damaged_here:
            return False
        try:
            return self._place(one.id).stat().st_size == one.bytes
        except FileNotFoundError:
            return False

    def _check_space(self, needed_bytes: int) -> None:
        free_bytes = self._disk.free_bytes(self._target)
        if needed_bytes > free_bytes:
            raise EnvironmentProblem(
                f"the backup needs {format_bytes(needed_bytes)} more and {self._target} has "
                f"{format_bytes(free_bytes)} free: name a larger disk; what it held before is untouched"
            )

    def _bring_file(self, source: Path, target: Path) -> None:
        partial = target.with_name(f"{target.name}{_PARTIAL}")
        self._disk.make_folder(target.parent)
        # Never a hard link, although that would cost nothing: what damages the one would damage the other.
        with source.open("rb", buffering=0) as rows, self._disk.create(partial) as file:
            while data := rows.read(_COPY_BYTES):
                self._disk.write(file, data)
                self._copied_bytes += len(data)
            self._disk.sync(file)
        self._disk.move(partial, target)

    def _prune(self, held: set[str]) -> None:
        """Remove what an earlier backup brought and the home has let go of."""
        for segment_id in _listed(self._target / MANIFEST, "segments") - held:
            for _, target in self._pairs(segment_id):
                self._disk.remove(target)
        for keyframes in self._target.glob(f"segments/*/*{KEYFRAMES_SUFFIX}"):
            if not keyframes.with_suffix(ROWS_SUFFIX).exists():
                self._disk.remove(keyframes)  # a backup ended between the two

    def _write_manifest(self, made_us: int, segments: Iterable[str], runs: Iterable[str]) -> None:
        partial = self._target / f"{MANIFEST}{_PARTIAL}"
        manifest = {"kind": _KIND, "version": 1, "made_us": made_us}
        manifest |= {"segments": list(segments), "runs": list(runs)}
        with self._disk.create(partial) as file:
            self._disk.write(file, json.dumps(manifest).encode())
            self._disk.sync(file)
        self._disk.move(partial, self._target / MANIFEST)
        self._disk.sync_folder(self._target)


def _found_damaged(catalog: Path) -> set[str]:
    """Read which segments of an earlier backup were found damaged when it was looked through."""
    if not catalog.exists():
        return set()
    try:
        with closing(connect_to_read(catalog)) as earlier:
            return {row[0] for row in earlier.execute(_DAMAGED)}
    except sqlite3.Error:
        return set()  # it is about to be replaced


def _damaged(home: Home) -> str:
    return f"the catalog of {home.root} is damaged: run `tickreel cache rebuild` first"


def _listed(manifest: Path, what: str) -> set[str]:
    """Read the ids of the segments or runs an earlier backup brought; none when it never got so far."""
    try:
        found = json.loads(manifest.read_bytes())
    except (FileNotFoundError, ValueError, RecursionError):
        return set()
    names = found.get(what) if isinstance(found, dict) and found.get("kind") == _KIND else None
    if not isinstance(names, list):
        return set()
    # What is listed is removed: a name that is no id could lead out of the backup, to anything.
    return {name for name in names if isinstance(name, str) and _ID.fullmatch(name)}
