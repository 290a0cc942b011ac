"""The folder in which everything lives, and how files come into it without ever being half there.

    catalog.sqlite          which days there are, and which segment files hold them
    segments/ab/ab12...     sealed files, named by id alone: .tick the rows, .keys their keyframes;
                            an empty .trashed beside them says that they lie in the trash
    runs/<id>/              what is kept of a backtest, see ``backtest.runs.folder``
    derived/                what was computed from rows and can be computed again at any time
    staging/<session>/      files of a change that is under way, behind a lock

A segment is written in staging, forced to the disk, and moved to its place just before the catalog
commits. The session first lists what it is about to move; when it dies in between, the next start
finds its lock free, and clears both its staging files and those listed segments that the catalog does
not know. A purge uses the same list the other way round: what the catalog has let go of is removed in
the end. Whatever session died, the marks of the trash are then brought into line with the catalog.

A sealed segment that neither the catalog nor a list knows is never removed: it is somebody's rows,
offered back by :meth:`Home.orphans` and taken in by a rebuild.
"""

from __future__ import annotations

import errno
import logging
import os
from contextlib import closing
from functools import cached_property
from typing import TYPE_CHECKING

from tickreel.errors import DataError, EnvironmentProblem, UsageError
from tickreel.filesystem import Disk, file_system_of, is_network_file_system, is_plain_name
from tickreel.store.session import LOCK, MOVES, clear_session, read_moves

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from filelock import BaseFileLock

# The locks are imported where they are taken: listing what is held takes none.

_LOGGER = logging.getLogger(__name__)

ROWS_SUFFIX = ".tick"
KEYFRAMES_SUFFIX = ".keys"
_TRASHED_SUFFIX = ".trashed"
UNFINISHED = ".unfinished"
"""In the name of a catalog, or the copy of one, that a rebuild has not finished yet."""
_ASKED_AT_ONCE = 500


class Home:
    """Paths of one home, and the disk under it; made on first use unless *read_only*.

    Raises:
        EnvironmentProblem: it lies on a network file system, cannot be made or written, or has
            lost its catalog while segments are there (accepted when *without_catalog*).
    """

    def __init__(
        self,
        root: Path,
        *,
        read_only: bool = False,
        without_catalog: bool = False,
        disk: Disk | None = None,
    ) -> None:
        self.root = root
        self.read_only = read_only
        self.disk = disk or Disk()
        self.catalog = root / "catalog.sqlite"
        self.segments, self.staging, self.derived = root / "segments", root / "staging", root / "derived"
        self._before_removal: list[Callable[[Path], object]] = []
        kind = file_system_of(root)
        if is_network_file_system(kind):
            raise EnvironmentProblem(
                f"{root} lies on a network file system ({kind}), where locks and crash safety do not hold: "
                "set TICKREEL_HOME to a folder on a local disk"
            )
        if not self.has_catalog and not without_catalog:
            self._refuse_lost_catalog()
            if read_only:
                raise EnvironmentProblem(f"there is no Tickreel home at {root}")
        if read_only:
            return
        try:
            for folder in (root, self.segments, self.staging):
                self.disk.make_folder(folder)
            if not os.access(root, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        except OSError as error:
            raise EnvironmentProblem(
                f"the home {root} cannot be made or written: {error.strerror or error}; "
                "set TICKREEL_HOME to a folder you can write to"
            ) from error

    @property
    def has_catalog(self) -> bool:
        """Whether there is a catalog; a file of no bytes is what a torn one may leave."""
        return self.catalog.exists() and self.catalog.stat().st_size > 0

    def ensure_writable(self) -> None:
        """Stop before anything is changed through a home that was opened for reading only.

        Raises:
            UsageError: it was.
        """
        if self.read_only:
            raise UsageError(f"the home {self.root} was opened for reading only")

    def _refuse_lost_catalog(self) -> None:
        # An empty catalog in its place would show an empty home, and rows would be fetched again.
        if next(self.segment_ids(), None) is not None:
            raise EnvironmentProblem(
                f"the catalog of {self.root} is gone while its segments are there: "
                "`tickreel cache rebuild` remakes it from them"
            )

    @cached_property
    def beginning(self) -> BaseFileLock:
        """Held while an import's folder is made and locked, so that no start takes it for a dead one."""
        from filelock import FileLock

        return FileLock(self.root / "catalog.lock")

    def segment_path(self, segment_id: str) -> Path:
        """Give the place of a sealed segment.

        Raises:
            DataError: a name that somebody put into the catalog, or into a list, would lead elsewhere.
        """
        if not is_plain_name(segment_id):
            raise DataError(f"{segment_id!r} is no name of a segment")
        return self.segments / segment_id[:2] / f"{segment_id}{ROWS_SUFFIX}"

    def keyframes_path(self, segment_id: str) -> Path:
        """Give the place of a segment's keyframes, if there are any; raises DataError as for its rows."""
        return self.segment_path(segment_id).with_suffix(KEYFRAMES_SUFFIX)

    def derived_files(self) -> list[Path]:
        """List what was computed from rows and may be removed at any time."""
        return sorted(path for path in self.derived.glob("*") if path.is_file())

    def clear_derived(self) -> None:
        """Remove what can be computed again; raises OSError."""
        for path in self.derived_files():
            self.disk.remove(path)

    def is_trashed(self, segment_id: str) -> bool:
        """Tell whether a segment is marked as lying in the trash."""
        return self.segment_path(segment_id).with_suffix(_TRASHED_SUFFIX).exists()

    def mark_trashed(self, segment_ids: Iterable[str], *, trashed: bool = True) -> bool:
        """Say beside the files what the catalog has just decided, for the day on which it is lost.

        While the catalog is there it holds, whatever the marks say. Tells whether all could be
        made, or taken away.
        """
        is_done = True
        for segment_id in segment_ids:
            mark = self.segment_path(segment_id).with_suffix(_TRASHED_SUFFIX)
            try:
                if not trashed:
                    self.disk.remove(mark)
                elif mark.parent.exists():
                    mark.touch()
            except OSError as error:
                _LOGGER.warning("%s could not be marked: %s", mark.stem, error)
                is_done = False
        return is_done

    def mend_marks(self) -> None:
        """Bring the marks into line with the catalog, as a program that died did not come to do."""
        if not self.has_catalog:
            return
        marked = {path.stem for path in self.segments.glob(f"*/*{_TRASHED_SUFFIX}")}
        trashed = self._in_trash()
        while trashed != marked:
            self.mark_trashed(sorted(trashed - marked))
            self.mark_trashed(sorted(marked - trashed), trashed=False)
            marked, trashed = trashed, self._in_trash()  # again: others go on meanwhile

    def _in_trash(self) -> set[str]:
        from tickreel.store.records.database import Database

        with closing(Database(self.catalog, read_only=True)) as database:
            rows = database.tuples("SELECT id FROM segment WHERE trash_id IS NOT NULL")
        return {segment_id for (segment_id,) in rows}

    def segment_ids(self) -> Iterator[str]:
        """List every sealed segment that lies in its place, whether or not the catalog knows it."""
        if not self.segments.is_dir():
            return
        for folder in sorted(path for path in self.segments.iterdir() if path.is_dir()):
            for path in sorted(folder.glob(f"*{ROWS_SUFFIX}")):
                yield path.stem

    def before_removal(self, let_go: Callable[[Path], object]) -> None:
        """Have *let_go* called with the path of rows just before they are removed, to close them."""
        self._before_removal.append(let_go)

    def remove_segment(self, segment_id: str) -> None:
        """Remove a segment's files; raises OSError."""
        rows = self.segment_path(segment_id)
        for let_go in self._before_removal:
            let_go(rows)
        # As long as there are rows they must be explained: they go after the keyframes that follow
        # from them, and before the mark that says what they are.
        self.disk.remove(self.keyframes_path(segment_id))
        self.disk.remove(rows)
        self.disk.remove(rows.with_suffix(_TRASHED_SUFFIX))

    def orphans(self, is_known: Callable[[Iterable[str]], set[str]]) -> list[str]:
        """List the segments that a rebuild would take in: unknown to the catalog, and they can be read.

        *is_known* as for :meth:`unknown_segments`.
        """
        from tickreel.store.segments import Segment  # what has no orphans needs no decoder

        found = []
        for segment_id in self.unknown_segments(is_known):
            try:
                Segment.open(self.segment_path(segment_id)).close()
            except DataError:
                continue  # a rebuild names it, and leaves it where it is
            found.append(segment_id)
        return found

    def unknown_segments(self, is_known: Callable[[Iterable[str]], set[str]]) -> list[str]:
        """List segments which the catalog does not know and no session is moving.

        *is_known* tells which of some segment ids the catalog has, trashed ones included. What a
        session is just moving is left out, be it alive or dead: the sweep clears it.
        """
        ids = list(self.segment_ids())
        moving = self.moving()
        known = _known(ids, is_known)
        return [segment_id for segment_id in ids if segment_id not in known and segment_id not in moving]

    def moving(self) -> set[str]:
        """List the segments that sessions, alive or dead, are moving in or out."""
        if not self.staging.is_dir():
            return set()
        return set().union(*(read_moves(path.parent) for path in self.staging.glob(f"*/{MOVES}")))

    def unclaimed(self, is_known: Callable[[Iterable[str]], set[str]]) -> set[str]:
        """List the segments that sessions are moving and the catalog does not know: not in yet, or let go."""
        moving = self.moving()
        return moving - _known(moving, is_known)

    def sweep(self, is_known: Callable[[Iterable[str]], set[str]]) -> int:
        """Clear what dead sessions left in staging, and mend marks; give the number of sessions cleared.

        *is_known* tells which of some segment ids the catalog has, trashed ones included.
        """
        try:
            if not any(self.staging.iterdir()) and not self._unfinished():
                return 0  # the usual case, without waiting for anybody
            with self.beginning:
                for path in self._unfinished():
                    self.disk.remove(path)
                return self._sweep(is_known)
        except OSError as error:
            raise EnvironmentProblem(f"the home {self.root} cannot be tidied: {error}") from error

    def _unfinished(self) -> list[Path]:
        """List what a rebuild that died left beside the catalog; a living one holds ``beginning``."""
        return list(self.root.glob(f"{self.catalog.name}.*{UNFINISHED}*"))

    def _sweep(self, is_known: Callable[[Iterable[str]], set[str]]) -> int:
        from filelock import FileLock, Timeout

        cleared, is_marked = 0, False
        for session in sorted(path for path in self.staging.iterdir() if path.is_dir()):
            lock = FileLock(session / LOCK, timeout=0)
            try:
                lock.acquire()
            except Timeout:
                continue  # that session is alive
            try:
                listed = read_moves(session)
                is_clear = self.remove_segments(listed - _known(listed, is_known))
                if not is_marked:
                    self.mend_marks()
                    is_marked = True
            finally:
                lock.release()
            if is_clear:
                clear_session(self.disk, session)
                cleared += 1
        return cleared

    def remove_segments(self, segment_ids: Iterable[str]) -> bool:
        """Remove segments; tell whether all went (Windows keeps a file that a reader has open)."""
        is_clear = True
        for segment_id in sorted(segment_ids):
            try:
                self.remove_segment(segment_id)
            except PermissionError:
                is_clear = False
        return is_clear


def _known(ids: Iterable[str], is_known: Callable[[Iterable[str]], set[str]]) -> set[str]:
    """Ask the catalog in helpings that fit one statement."""
    wanted = sorted(ids)
    helpings = (wanted[low : low + _ASKED_AT_ONCE] for low in range(0, len(wanted), _ASKED_AT_ONCE))
    return set().union(*map(is_known, helpings))
