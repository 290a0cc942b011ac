"""The bytes of a file, hashed and counted as they lie on disk, and the text that is packed in them.

Truncation is met in the middle of reading, when only the reader knows the row. So a stream
never raises for a damaged file: it gives all text that it could unpack, then ends and tells
in ``damage`` what is wrong.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Protocol

import zstandard
from isal import igzip_lib

from tickreel.errors import EnvironmentProblem, UsageError

if TYPE_CHECKING:
    from pathlib import Path

_CHUNK_BYTES = 1 << 17
# How much text comes out of a step cannot be limited: four bytes may stand for 128 KB. Small steps
# bound it, and lose little text when one of them is found damaged.
_ZSTD_STEP_BYTES = 1 << 11
# Its types call the class an instance.
_GzipError: type[Exception] = igzip_lib.error  # type: ignore[assignment]
_GZIP_FAULTS = {
    "-1": "invalid block",
    "-2": "invalid code",
    "-3": "invalid distance too far back",
    "-4": "incorrect header check",
    "-5": "unknown compression method",
    "-6": "incorrect data check",
}
"""What the numbers mean that the unpacker puts into its errors."""


class SourceFile:
    """A file read from start to end, with its size and the SHA-256 of what was read so far."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.position = 0
        self._sha256 = hashlib.sha256()
        try:
            self._file = path.open("rb", buffering=0)
            self.size = os.fstat(self._file.fileno()).st_size
        except FileNotFoundError as error:
            raise UsageError(f"{path}: there is no such file") from error
        except OSError as error:
            raise EnvironmentProblem(f"{path}: cannot be opened: {error.strerror}") from error

    def read(self, size: int = _CHUNK_BYTES) -> bytes:
        """Read up to *size* bytes; none at the end.

        Raises:
            EnvironmentProblem: the disk or the system refuses.
        """
        try:
            data = self._file.read(size) or b""
        except OSError as error:
            raise EnvironmentProblem(f"{self.path}: cannot be read: {error.strerror}") from error
        self.position += len(data)
        self._sha256.update(data)
        return data

    @property
    def sha256(self) -> str:
        """SHA-256 of the bytes read so far, in hexadecimal."""
        return self._sha256.hexdigest()

    @property
    def closed(self) -> bool:
        """Whether the file is closed."""
        return self._file.closed

    def close(self) -> None:
        """Close the file; again is nothing."""
        self._file.close()


class TextStream(Protocol):
    """Unpacked text in pieces."""

    packing: str | None
    """``gzip`` or ``zstd``; None where the text lies bare."""
    damage: str | None
    """Once the text has ended: what is wrong with the packing, None when all is well."""

    def read(self, limit: int) -> bytes:
        """Give at least one and at most *limit* bytes of text; none at the end."""


def text_of(source: SourceFile) -> TextStream:
    """Unpack *source*, telling gzip and zstd by their first bytes, whatever the file is called."""
    head = source.read()
    if head[:2] == b"\x1f\x8b":
        return _Gzip(source, head)
    # Parallel compressors put a skippable frame, 50..5f 2a 4d 18, before the first.
    if head[:4] == b"\x28\xb5\x2f\xfd" or (head[1:4] == b"\x2a\x4d\x18" and head[0] >> 4 == 5):
        return _Zstd(source, head)
    return _Plain(source, head)


class _Plain:
    def __init__(self, source: SourceFile, head: bytes) -> None:
        self.packing: str | None = None
        self.damage: str | None = None
        self._source = source
        self._head = head

    def read(self, limit: int) -> bytes:
        if self._head:
            piece, self._head = self._head[:limit], self._head[limit:]
            return piece
        return self._source.read(limit)


class _Gzip:
    """All members of a gzip file, one after the other; zeros after the last are padding."""

    def __init__(self, source: SourceFile, head: bytes) -> None:
        self.packing: str | None = "gzip"
        self.damage: str | None = None
        self._source = source
        self._packed = head
        self._member = _new_member()
        self._members_done = 0
        self._member_begun = False

    def read(self, limit: int) -> bytes:
        while self.damage is None:
            if not self._packed and (self._member.eof or self._member.needs_input):
                self._packed = self._source.read()
            if self._member.eof:
                if not self._next_member():
                    return b""
            elif self._member.needs_input and not self._packed:
                self.damage = "ends early"
            else:
                text = self._inflate(limit)
                if text:
                    return text
        return b""

    def _inflate(self, limit: int) -> bytes:
        packed, self._packed = self._packed, b""
        try:
            text = self._member.decompress(packed, limit)
        except _GzipError as error:
            if self._members_done and not self._member_begun:
                self.damage = "is followed by bytes that are not gzip"
            else:
                number = str(error).split()[1]
                self.damage = f"is damaged ({_GZIP_FAULTS.get(number, error)})"
            return b""
        self._member_begun = self._member_begun or bool(text)
        if self._member.eof:
            self._packed = self._member.unused_data
        return text

    def _next_member(self) -> bool:
        """Start the next member; False when the file ends here, as it should or not."""
        if self._packed[:1] == b"\0":
            while self._packed and not self._packed.strip(b"\0"):
                self._packed = self._source.read()
            if self._packed:
                self.damage = "is followed by bytes that are not gzip"
        if not self._packed or self.damage:
            return False
        self._member = _new_member()
        self._members_done += 1
        self._member_begun = False
        return True


def _new_member() -> igzip_lib.IgzipDecompressor:
    return igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)


class _Zstd:
    """All frames of a zstd file, one after the other."""

    def __init__(self, source: SourceFile, head: bytes) -> None:
        self.packing: str | None = "zstd"
        self.damage: str | None = None
        self._source = source
        self._packed = memoryview(head)
        self._text = b""
        self._unpacker = zstandard.ZstdDecompressor()
        self._frame = self._unpacker.decompressobj()

    def read(self, limit: int) -> bytes:
        pieces = []
        wanted = limit
        while wanted > 0 and (self._text or self._unpack()):
            piece, self._text = self._text[:wanted], self._text[wanted:]
            pieces.append(piece)
            wanted -= len(piece)
        return b"".join(pieces)

    def _unpack(self) -> bool:
        """Fetch some more text; False at the end, as it should be or not."""
        while not self._text and self.damage is None:
            if not self._packed:
                self._packed = memoryview(self._source.read())
            if self._frame.eof:
                if not self._packed:
                    return False
                self._frame = self._unpacker.decompressobj()
            elif not self._packed:
                self.damage = "ends early"
            else:
                self._step()
        return self.damage is None

    def _step(self) -> None:
        step, rest = self._packed[:_ZSTD_STEP_BYTES], self._packed[_ZSTD_STEP_BYTES:]
        try:
            self._text = self._frame.decompress(step)
        except zstandard.ZstdError as error:
            self.damage = f"is damaged ({str(error).rpartition(': ')[2]})"
            return
        # What a frame leaves of a step begins the next.
        self._packed = self._packed[len(step) - len(self._frame.unused_data) :] if self._frame.eof else rest
