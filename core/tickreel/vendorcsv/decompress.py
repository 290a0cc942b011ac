"""The bytes of a file, hashed and counted as they lie on disk, and the text that is packed in them.

Truncation is met in the middle of reading, when only the reader knows the row. So a stream
never raises for a damaged file: it gives all text that it could unpack, then ends and tells
in ``damage`` what is wrong.

Every call of an unpacker gives up the interpreter's lock and waits to have it back, which among
threads that are all busy takes longer than what is unpacked meanwhile. So gzip is unpacked by as
few calls as there can be, right into the place where the text is wanted.
"""

from __future__ import annotations

import hashlib
import os
from abc import ABC, abstractmethod
from gzip import BadGzipFile
from typing import TYPE_CHECKING, BinaryIO, cast

import zstandard
from isal import igzip_lib, isal_zlib

from tickreel.errors import EnvironmentProblem, UsageError

if TYPE_CHECKING:
    from pathlib import Path

_CHUNK_BYTES = 1 << 17
_QUICK_CHUNK_BYTES = 1 << 18
_PIECE_BYTES = 1 << 18  # what was unpacked is still in the processor's cache when it is copied
# How much text comes out of a step cannot be limited: four bytes may stand for 128 KB. Small steps
# bound it, and lose little text when one of them is found damaged.
_ZSTD_STEP_BYTES = 1 << 11
# Its types call the classes instances.
_GzipError: type[Exception] = igzip_lib.error  # type: ignore[assignment]
_QuickError: type[Exception] = isal_zlib.error  # type: ignore[assignment]
_GzipReader = isal_zlib._GzipReader  # what isal's own files are made of
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

    def readinto(self, room: memoryview) -> int:
        """Read into *room* as :meth:`read` does; give how many bytes."""
        try:
            size = self._file.readinto(room) or 0
        except OSError as error:
            raise EnvironmentProblem(f"{self.path}: cannot be read: {error.strerror}") from error
        self.position += size
        self._sha256.update(room[:size])
        return size

    def rewind(self) -> bool:
        """Go back to the start, as if nothing had been read; False where the file is a pipe, say."""
        if not self._file.seekable():
            return False
        self._file.seek(0)
        self.position = 0
        self._sha256 = hashlib.sha256()
        return True

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


class TextStream(ABC):
    """Unpacked text in pieces."""

    def __init__(self, packing: str | None) -> None:
        self.packing = packing
        """``gzip`` or ``zstd``; None where the text lies bare."""
        self.damage: str | None = None
        """Once the text has ended: what is wrong with the packing, None when all is well."""

    @abstractmethod
    def fill(self, room: memoryview) -> int:
        """Put text at the start of *room*, which is not empty; give how many bytes, 0 only at the end."""

    def read(self, limit: int) -> bytes:
        """Give at least one and at most *limit* bytes of text; none at the end."""
        room = memoryview(bytearray(limit))
        return bytes(room[: self.fill(room)])


def text_of(source: SourceFile) -> TextStream:
    """Unpack *source*, telling gzip and zstd by their first bytes, whatever the file is called."""
    head = source.read()
    if head[:2] == b"\x1f\x8b":
        return _Gzip(source) if source.rewind() else _CarefulGzip(source, head)
    # Parallel compressors put a skippable frame, 50..5f 2a 4d 18, before the first.
    if head[:4] == b"\x28\xb5\x2f\xfd" or (head[1:4] == b"\x2a\x4d\x18" and head[0] >> 4 == 5):
        return _Zstd(source, head)
    return _Plain(source, head)


class _Plain(TextStream):
    def __init__(self, source: SourceFile, head: bytes) -> None:
        super().__init__(None)
        self._source = source
        self._head = head

    def fill(self, room: memoryview) -> int:
        if not self._head:
            return self._source.readinto(room)
        piece, self._head = self._head[: len(room)], self._head[len(room) :]
        room[: len(piece)] = piece
        return len(piece)


class _Gzip(TextStream):
    """All members of a gzip file, the quick way as long as nothing is wrong.

    What is wrong the quick unpacker says only when it has thrown away the text before it. Then the
    file is unpacked once more from its start, with care, and what was given before is passed over.
    """

    def __init__(self, source: SourceFile) -> None:
        super().__init__("gzip")
        self._source = source
        self._quick = _GzipReader(cast("BinaryIO", source), _QUICK_CHUNK_BYTES)  # calls nothing but readinto
        self._given = 0
        self._careful: _CarefulGzip | None = None

    def fill(self, room: memoryview) -> int:
        if self._careful is None:
            try:
                size: int = self._quick.readinto(room)
            except (EOFError, BadGzipFile, _QuickError):
                self._careful = self._begin_anew()
            else:
                self._given += size
                return size
        size = self._careful.fill(room)
        self.damage = self._careful.damage
        return size

    def _begin_anew(self) -> _CarefulGzip:
        self._source.rewind()
        careful = _CarefulGzip(self._source, b"")
        left = self._given
        while left and (piece := careful.read(min(left, _PIECE_BYTES))):
            left -= len(piece)
        return careful


class _CarefulGzip(TextStream):
    """All members of a gzip file, one after the other, to the last byte before what is wrong.

    Zeros after a member are padding.
    """

    def __init__(self, source: SourceFile, head: bytes) -> None:
        super().__init__("gzip")
        self._source = source
        self._packed = head
        self._member = _new_member()
        self._members_done = 0
        self._member_begun = False

    def fill(self, room: memoryview) -> int:
        text = self._next(min(len(room), _PIECE_BYTES))
        room[: len(text)] = text
        return len(text)

    def _next(self, limit: int) -> bytes:
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
        """Start the next member, whatever it is; False where nothing but padding follows."""
        while self._packed and not (rest := self._packed.lstrip(b"\0")):
            self._packed = self._source.read()
        if not self._packed:
            return False
        self._packed = rest
        self._member = _new_member()
        self._members_done += 1
        self._member_begun = False
        return True


def _new_member() -> igzip_lib.IgzipDecompressor:
    return igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)


class _Zstd(TextStream):
    """All frames of a zstd file, one after the other."""

    def __init__(self, source: SourceFile, head: bytes) -> None:
        super().__init__("zstd")
        self._source = source
        self._packed = memoryview(head)
        self._text = b""
        self._unpacker = zstandard.ZstdDecompressor()
        self._frame = self._unpacker.decompressobj()

    def fill(self, room: memoryview) -> int:
        filled = 0
        while filled < len(room) and (self._text or self._unpack()):
            piece, self._text = self._text[: len(room) - filled], self._text[len(room) - filled :]
            room[filled : filled + len(piece)] = piece
            filled += len(piece)
        return filled

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
