"""Open segments, kept from one read to the next: opening costs more than reading a minute.

However many days a home holds, only so many files are open. A segment that somebody reads
stays open until the last reader lets go of it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tickreel.store.segments import Segment

OPEN_SEGMENTS = 64


@dataclass(slots=True)
class _Handle:
    segment: Segment
    readers: int
    is_kept: bool = True
    """Whether others may still find it; what is not kept is closed by its last reader."""


class SegmentHandles:
    """At most *limit* idle segments held open, those read last; usable from several threads."""

    def __init__(self, limit: int = OPEN_SEGMENTS) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._handles: OrderedDict[Path, _Handle] = OrderedDict()
        self._let_go: deque[_Handle] = deque()

    @contextmanager
    def opened(self, path: Path) -> Iterator[Segment]:
        """Hold a segment open; several readers share one handle.

        Raises:
            DataError: the file is gone, damaged, or of a newer format.
        """
        handle = self._take(path)
        try:
            yield handle.segment
        finally:
            self._release(handle)

    def forget(self, path: Path) -> None:
        """Let go of a file that is about to be moved or removed, at the latest with its last reader."""
        with self._lock:
            handle = self._handles.pop(path, None)
        self._retire([] if handle is None else [handle])

    def close(self) -> None:
        """Let go of every file; those being read are closed by their readers."""
        with self._lock:
            handles = list(self._handles.values())
            self._handles.clear()
        self._retire(handles)

    def _take(self, path: Path) -> _Handle:
        with self._lock:
            handle = self._find(path)
        self._settle()
        if handle is not None:
            return handle
        from tickreel.store.segments import Segment  # the decoder comes with it

        segment = Segment.open(path)  # without the lock: a slow disk keeps nobody else waiting
        with self._lock:
            handle = self._find(path)
            if handle is None:
                self._handles[path] = opened = _Handle(segment, readers=1)
                surplus = self._surplus()
        if handle is not None:
            segment.close()  # another thread was faster
            self._settle()
            return handle
        self._retire(surplus)
        return opened

    def _find(self, path: Path) -> _Handle | None:
        handle = self._handles.get(path)
        if handle is not None:
            handle.readers += 1
            self._handles.move_to_end(path)
        return handle

    def _release(self, handle: _Handle) -> None:
        # A read that was given up is ended by the collector of garbage, which may run in the middle of
        # any of these methods, on their very thread: so nobody may wait for the lock here.
        self._let_go.append(handle)
        self._settle()

    def _settle(self) -> None:
        """Close what its last reader has let go of; when the lock is taken, its holder sees to it."""
        while self._let_go and self._lock.acquire(blocking=False):
            try:
                done = self._settled()
            finally:
                self._lock.release()
            for handle in done:
                handle.segment.close()

    def _settled(self) -> list[_Handle]:
        done: list[_Handle] = []
        while self._let_go:
            handle = self._let_go.popleft()
            handle.readers -= 1
            if not handle.is_kept and handle.readers == 0:
                done.append(handle)
        for handle in self._surplus():
            handle.is_kept = False
            done.append(handle)
        return done

    def _surplus(self) -> list[_Handle]:
        """Take out idle handles, longest unused first, until no more than the limit are kept."""
        excess = len(self._handles) - self._limit
        idle = [path for path, handle in self._handles.items() if handle.readers == 0] if excess > 0 else []
        return [self._handles.pop(path) for path in idle[:excess]]

    def _retire(self, handles: list[_Handle]) -> None:
        """Close handles that nobody can find any more, each when its last reader is gone."""
        with self._lock:
            for handle in handles:
                handle.is_kept = False
            idle = [handle for handle in handles if handle.readers == 0]
        for handle in idle:
            handle.segment.close()
        self._settle()
