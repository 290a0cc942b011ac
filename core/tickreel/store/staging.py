"""One change to the files of a home: written apart, listed, and then moved to its place."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

from tickreel.errors import EnvironmentProblem
from tickreel.store.home import KEYFRAMES_SUFFIX, ROWS_SUFFIX
from tickreel.store.session import LOCK, MOVES, clear_session

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tickreel.store.home import Home


class Staging:
    """The folder of one change to the files; a context manager that leaves nothing behind."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._disk = home.disk
        self._folder = home.staging / uuid.uuid4().hex
        from filelock import FileLock

        self._lock = FileLock(self._folder / LOCK)
        self._is_clear = True

    def __enter__(self) -> Staging:
        self._home.ensure_writable()
        try:
            with self._home.beginning:
                self._disk.make_folder(self._folder)
                self._lock.acquire()
        except OSError as error:
            clear_session(self._disk, self._folder)
            raise EnvironmentProblem(
                f"the home {self._home.root} cannot be written: {error.strerror or error}"
            ) from error
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()
        if self._is_clear:
            clear_session(self._disk, self._folder)

    def new_segment(self) -> tuple[str, Path]:
        """Give a fresh segment id and the path at which to write its rows."""
        segment_id = uuid.uuid4().hex
        return segment_id, self._folder / f"{segment_id}{ROWS_SUFFIX}"

    def keyframes_path(self, segment_id: str) -> Path:
        """Give the path at which to write a segment's keyframes, if it has any."""
        return self._folder / f"{segment_id}{KEYFRAMES_SUFFIX}"

    def publish(self, segment_ids: list[str]) -> None:
        """Move sealed segments and their keyframes to their places; the caller commits right after."""
        self.list_moves(segment_ids)
        folders = set()
        for segment_id in segment_ids:
            target = self._home.segment_path(segment_id)
            self._disk.make_folder(target.parent)
            self._disk.move(self._folder / target.name, target)
            keyframes = self.keyframes_path(segment_id)
            if keyframes.exists():
                self._disk.move(keyframes, self._home.keyframes_path(segment_id))
            folders.add(target.parent)
        for folder in sorted(folders):
            self._disk.sync_folder(folder)
        self._disk.sync_folder(self._home.segments)

    def list_moves(self, segment_ids: list[str]) -> None:
        """Write down, for the next start, the segments that are nobody's unless the catalog knows them.

        Before a purge's transaction it lists what the catalog is about to let go of.
        """
        moves = self._folder / MOVES
        with self._disk.create(moves) as file:
            self._disk.write(file, json.dumps(segment_ids).encode("ascii"))
            self._disk.sync(file)
        self._disk.sync_folder(self._folder)
        self._disk.sync_folder(self._home.staging)

    def withdraw(self, segment_ids: Iterable[str]) -> None:
        """Remove listed segments that the catalog refused or has let go of; raises OSError.

        What cannot be removed as long as a reader has it open is left to a later sweep.
        """
        self._is_clear = False  # until all are gone: an error leaves the list to the next start
        self._is_clear = self._home.remove_segments(segment_ids)

    def mark_trashed(self, *, put: Iterable[str] = (), taken: Iterable[str] = ()) -> None:
        """Mark what the catalog has just put into the trash, and unmark what it has taken out."""
        self._is_clear = False  # until all are made: an interrupt leaves them to the next start
        is_put = self._home.mark_trashed(put)
        is_taken = self._home.mark_trashed(taken, trashed=False)
        self._is_clear = is_put and is_taken
