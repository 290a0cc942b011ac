"""A file that is read by position, by several threads at once, through one handle."""

from __future__ import annotations

import errno
import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar, Self

from tickreel.errors import DataError, EnvironmentProblem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_AT_FAULT = frozenset({errno.ENOENT, errno.EISDIR, errno.ENOTDIR, errno.EIO})
"""What the system says when the file itself is at fault, not the machine."""


class PositionedFile:
    """An open file; raises OSError."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        self._seeking = threading.Lock()

    def close(self) -> None:
        """Let go of the file; may be called again."""
        handle, self._handle = self._handle, -1
        if handle >= 0:
            os.close(handle)

    def size(self) -> int:
        """Tell how long the file is."""
        return os.fstat(self._handle).st_size

    def read(self, offset: int, size: int) -> bytes:
        """Read *size* bytes at *offset*; fewer only at the end of the file."""
        room = memoryview(bytearray(size))
        return bytes(room[: self.read_into(offset, room)])

    def read_into(self, offset: int, room: memoryview) -> int:
        """Fill *room* with the bytes from *offset* on; give how many, fewer only at the end of the file.

        Memory that is used again spares the system the finding and clearing of new pages, which
        takes longer than the reading of a file that it holds.
        """
        filled = 0
        while filled < len(room):
            count = self._read_some(offset + filled, room[filled:])
            if not count:
                break
            filled += count
        return filled

    def _read_some(self, offset: int, room: memoryview) -> int:
        if hasattr(os, "preadv"):
            return os.preadv(self._handle, [room], offset)
        with self._seeking:
            os.lseek(self._handle, offset, os.SEEK_SET)
            data = os.read(self._handle, len(room))
        room[: len(data)] = data
        return len(data)


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Name the file in what goes wrong inside, as DataError or EnvironmentProblem."""
    try:
        yield
    except DataError as error:
        raise DataError(f"{name} cannot be read: {error}") from error
    except MemoryError as error:
        raise EnvironmentProblem(f"{name} cannot be read: there is not enough memory") from error
    except OSError as error:
        kind = DataError if error.errno in _AT_FAULT else EnvironmentProblem
        raise kind(f"{name} cannot be read: {error.strerror or error}") from error


class SealedFile:
    """A file of ours that is complete, open for reading; a context manager, shared by threads."""

    KIND: ClassVar[str]
    """What it is called in messages."""

    def __init__(self, name: str, file: PositionedFile) -> None:
        """Take over an open file; use :meth:`open`."""
        self._name = name
        self._file = file

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a file and read what it says of itself."""
        name = f"{cls.KIND} {path.stem}"
        with naming(name):
            file = PositionedFile(path)
            try:
                return cls(name, file)
            except BaseException:
                file.close()
                raise

    def close(self) -> None:
        """Let go of the file; may be called again."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
