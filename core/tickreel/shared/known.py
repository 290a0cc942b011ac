"""Days of the server whose tables are in memory, and their parts on the way from there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from tickreel.store.segments.joining import joined

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator, Mapping, Sequence

    from tickreel.market.block import Block
    from tickreel.shared.remotefile import RemoteFile
    from tickreel.shared.values import PartRecord
    from tickreel.store.segments import Segment

Wanted: TypeAlias = "tuple[KnownPart, Sequence[int]]"
"""Chunks of a part, by their numbers."""
Brought: TypeAlias = "list[dict[int, memoryview]]"
"""Of each part the bytes of its chunks, by their offsets."""


@dataclass(slots=True)
class KnownPart:
    """A part of a day whose table is in memory."""

    version: str
    segment: Segment
    file: RemoteFile
    lock: threading.Lock

    def read(
        self, chunks: Mapping[int, memoryview], start_us: int, end_us: int, columns: Sequence[str] | None
    ) -> Block:
        """Decode rows of chunks that were brought; one thread at a time."""
        with self.lock:
            self.file.load(chunks)
            try:
                return self.segment.read(start_us, end_us, columns)
            finally:
                self.file.close()


@dataclass(frozen=True, slots=True)
class KnownDay:
    """A version of a day whose tables are in memory."""

    version: str
    parts: tuple[KnownPart, ...]

    def wanted(self, start_us: int, end_us: int) -> list[Wanted]:
        """Number the chunks of each part that hold rows of a range, by the tables."""
        return [(part, part.segment.chunks_of(start_us, end_us)) for part in self.parts]

    def read(
        self,
        brought: Sequence[Mapping[int, memoryview]],
        start_us: int,
        end_us: int,
        columns: Sequence[str] | None,
    ) -> Block:
        """Decode rows of chunks that were brought of each part."""
        return joined(
            [
                part.read(chunks, start_us, end_us, columns)
                for part, chunks in zip(self.parts, brought, strict=True)
            ]
        )


@dataclass(frozen=True, slots=True)
class ComingPart:
    """A part of a day on its way: what it is, and its rows."""

    record: PartRecord
    disconnects_us: tuple[tuple[int, int | None], ...]
    """Where the recorder was cut off, see :class:`~tickreel.store.segments.Footer`."""
    blocks: Iterator[Block]
    """A block a chunk, while the next chunks come; to be taken before the next part is."""
