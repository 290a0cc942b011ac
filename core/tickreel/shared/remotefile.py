"""A segment whose bytes lie on a server: what was brought of it, read as if it were a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.errors import DataError
from tickreel.store.segments.layout import HEAD_BYTES, head
from tickreel.store.segments.positioned import PositionedFile

if TYPE_CHECKING:
    from collections.abc import Mapping


class RemoteFile(PositionedFile):
    """Head, tail, and those chunks that were brought, by their places in the file."""

    def __init__(self, tail: bytes, tail_offset: int) -> None:
        self._head = head()
        self._tail = tail
        self._tail_offset = tail_offset
        self._chunks: Mapping[int, memoryview] = {}

    def load(self, chunks: Mapping[int, memoryview]) -> None:
        """Let these chunks be read, by their offsets, and no others any more."""
        self._chunks = chunks

    def close(self) -> None:
        """Let go of what was brought."""
        self._chunks = {}

    def size(self) -> int:
        """Tell how long the whole file is."""
        return self._tail_offset + len(self._tail)

    def read_into(self, offset: int, room: memoryview) -> int:
        """Fill *room* with the bytes from *offset* on, which must lie in one piece that is here."""
        if offset >= self._tail_offset:
            piece, start = memoryview(self._tail), offset - self._tail_offset
        elif offset < HEAD_BYTES:
            piece, start = memoryview(self._head), offset
        else:
            found = self._chunks.get(offset)
            if found is None:
                raise DataError(f"the chunk at byte {offset} was not brought")
            piece, start = found, 0
        count = min(len(room), len(piece) - start)
        room[:count] = piece[start : start + count]
        return count
