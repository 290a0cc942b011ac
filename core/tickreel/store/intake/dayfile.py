"""The rows of one day on their way into a segment, with all that is learnt of them in the same pass."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.market.types import SCHEMAS
from tickreel.store.digest import RowsDigest
from tickreel.store.health import DayWatch
from tickreel.store.model import DayState, state_of_rows
from tickreel.store.segments import KeyframeWriter, SegmentWriter

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from tickreel.book import BookBuilder
    from tickreel.filesystem import Disk
    from tickreel.market.block import Block
    from tickreel.market.types import DatasetKey
    from tickreel.store.health import Health
    from tickreel.store.intake.lane import Lane
    from tickreel.store.segments import Sealed, SealFacts

_KEYFRAME_SHARE = 0.12
"""Of the bytes written so far, what keyframes may take: the deeper a book, the more rows lie between them."""
_LEVEL_BYTES = 4
"""About what a level takes in a keyframe."""


@dataclass(frozen=True, slots=True)
class Lanes:
    """The threads that share the work on a day's rows."""

    storing: Lane
    studying: Lane

    def wait(self) -> None:
        """Return when all work is done."""
        self.storing.wait()
        self.studying.wait()

    def drop(self) -> None:
        """Give up what is waiting."""
        self.storing.drop()
        self.studying.drop()


class _Gauge:
    """Tells one thread how many bytes another had written after each block."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._bytes = [0]
        self._is_over = False

    def tell(self, written_bytes: int) -> None:
        """Say how much is written after one more block."""
        with self._changed:
            self._bytes.append(written_bytes)
            self._changed.notify_all()

    def give_up(self) -> None:
        """Let nobody wait any more: what would be told will not come."""
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def after(self, blocks: int) -> int:
        """Wait until so many blocks were written; give the bytes, which mean nothing once given up."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._bytes) > blocks or self._is_over)
            return self._bytes[min(blocks, len(self._bytes) - 1)]


@dataclass(frozen=True, slots=True)
class Finished:
    """A sealed day."""

    sealed: Sealed
    facts: SealFacts
    keyframe_bytes: int
    health: Health
    books: Mapping[str, BookBuilder]
    """Those at the end of the rows, by symbol; nobody changes them any more."""


class DayFile:
    """Write the rows of one day, in order, to new files; nobody sees them until they are moved."""

    def __init__(
        self,
        disk: Disk,
        path: Path,
        keys_path: Path,
        key: DatasetKey,
        day: date,
        carried: Mapping[str, BookBuilder],
        lanes: Lanes,
    ) -> None:
        self.path = path
        self.day = day
        self.first_local_us: int | None = None
        self.last_local_us: int | None = None
        self.rows = 0
        self._lanes = lanes
        self._disk = disk
        self._keys_path = keys_path
        self._writer = SegmentWriter(disk, path, key, day)
        self._keyframes: KeyframeWriter | None = None
        self._gauge = _Gauge()
        self._studied = 0
        self._written_bytes = 0
        self._finished: Finished | None = None
        self._digest = RowsDigest(SCHEMAS[key.type], grouped=key.is_grouped)
        self._watch = DayWatch(
            key, carried=carried, on_keyframe=self._keep_book, wants_keyframe=self._has_room_for
        )

    def append(self, block: Block) -> None:
        """Take the next rows of the day, at least one; returns before they are written."""
        if self.first_local_us is None:
            self.first_local_us = int(block.local_us[0])
        self.last_local_us = int(block.local_us[-1])
        self.rows += len(block)
        self._lanes.storing.give(lambda: self._store(block))
        self._lanes.studying.give(lambda: self._study(block))

    def _store(self, block: Block) -> None:
        try:
            self._writer.append(block)
        except BaseException:
            self._gauge.give_up()
            raise
        self._gauge.tell(self._writer.bytes_written)

    def _study(self, block: Block) -> None:
        self._digest.update(block)
        # What is written with this block and no later one: which keyframes fit must not depend
        # on which thread is faster.
        self._studied += 1
        self._written_bytes = self._gauge.after(self._studied)
        self._watch.update(block)

    def _has_room_for(self, levels: int) -> bool:
        written = 0 if self._keyframes is None else self._keyframes.bytes_written
        return written + _LEVEL_BYTES * levels <= _KEYFRAME_SHARE * self._written_bytes

    def _keep_book(self, local_us: int, bids: NDArray[np.float64], asks: NDArray[np.float64]) -> None:
        if self._keyframes is None:
            self._keyframes = KeyframeWriter(self._disk, self._keys_path)
        self._keyframes.add(local_us, bids, asks)

    @property
    def rows_sha256(self) -> str:
        """Digest of the rows; only after the lanes were waited for."""
        return self._digest.hexdigest()

    @property
    def looks_whole(self) -> bool:
        """Whether its rows would be taken for all of their day were there no others."""
        return state_of_rows(self.day, self.first_local_us, self.last_local_us) is DayState.PRESENT

    def seal(self, facts: SealFacts) -> Finished:
        """Write what is left and the footers, and force the files to the disk; again gives the same."""
        if self._finished is None:
            sealed = self._writer.seal(facts)
            health = self._watch.finish()  # which may keep one more book
            keyframe_bytes = self._keyframes.seal() if self._keyframes else 0
            self._finished = Finished(sealed, facts, keyframe_bytes, health, self._watch.books)
        return self._finished

    def give_up(self) -> None:
        """Let the lanes come to their end, whatever is left undone."""
        self._gauge.give_up()

    def discard(self) -> None:
        """Remove the files, once the lanes have ended."""
        self._writer.discard()
        if self._keyframes:
            self._keyframes.discard()
