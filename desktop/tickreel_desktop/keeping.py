"""Small files in which the window keeps what the user has arranged: layouts, keys, sessions.

One form for all: JSON with a version, replaced as a whole. A file that cannot be understood is set
aside under another name, never overwritten; one of a newer version, and one that can be neither read
nor set aside, is left alone and not used.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import msgspec

from tickreel.errors import EnvironmentProblem, TickreelError
from tickreel.filesystem import take_place

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_BYTES = 4_000_000
"""More than any of these files needs by far; a larger one is not read."""


class Versioned(Protocol):
    """What is kept: it says by which version it was written."""

    @property
    def version(self) -> int:
        """The version of its form."""


K = TypeVar("K", bound=Versioned)


class _Head(msgspec.Struct, frozen=True):
    version: int


class KeptFile(Generic[K]):
    """One such file."""

    def __init__(self, path: Path, kind: type[K], version: int) -> None:
        self._path = path
        self._decode: Callable[[bytes], K] = msgspec.json.Decoder(kind).decode
        self._version = version
        self._is_left_alone = False
        self._untold = ""
        """Why the file is left alone, as long as no write was refused for it."""

    def read(self) -> tuple[K | None, str]:
        """Give what is kept, or None with the reason; no reason where there is no file."""
        self._is_left_alone = False
        self._untold = ""
        try:
            if self._path.stat().st_size > _MOST_BYTES:
                return None, self._set_aside("it is far too large")
            content = self._path.read_bytes()
        except FileNotFoundError:
            return None, ""
        except OSError as error:
            return None, self._leave_alone(f"{self._path} cannot be read and is not used: {error}")
        try:
            head = msgspec.json.decode(content, type=_Head)
            if head.version > self._version:
                self._is_left_alone = True
                return None, f"{self._path} is of a newer Tickreel; it is left as it is and not used"
            return self._decode(content), ""
        except (msgspec.MsgspecError, RecursionError, ValueError) as error:  # nested too deep, or no UTF-8
            return None, self._set_aside(str(error))

    def write(self, kept: K) -> None:
        """Replace the file as a whole; one that is left alone stays as it is.

        Raises:
            EnvironmentProblem: it cannot be written; or, at the first write only, it stays as it is
                because it could be neither read nor set aside.
        """
        if self._is_left_alone:
            if reason := self._untold:
                self._untold = ""
                raise EnvironmentProblem(
                    f"{reason}. Nothing is kept in its place: move it away, then start Tickreel again"
                )
            return
        temporary: Path | None = None
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=self._path.name, suffix=".tmp", dir=self._path.parent)
            temporary = Path(name)
            with os.fdopen(handle, "wb") as file:
                file.write(msgspec.json.format(msgspec.json.encode(kept), indent=1))
                file.flush()
                os.fsync(file.fileno())
            take_place(temporary, self._path)
        except OSError as error:
            if temporary is not None:
                with suppress(OSError):
                    temporary.unlink(missing_ok=True)
            raise EnvironmentProblem(f"{self._path} cannot be written: {error}") from error

    def _set_aside(self, reason: str) -> str:
        with suppress(OSError):
            for number in range(1, 1_000):
                aside = self._path.with_name(f"{self._path.name}.bad-{number}")
                if aside.exists():
                    continue
                self._path.rename(aside)
                return f"{self._path} cannot be understood and was set aside as {aside.name}: {reason}"
        return self._leave_alone(
            f"{self._path} cannot be understood, nor set aside, and is not used: {reason}"
        )

    def _leave_alone(self, reason: str) -> str:
        self._is_left_alone = True
        self._untold = reason
        return reason


class Kept(Generic[K]):
    """What such a file holds, as it is now: read once, written as a whole when it has changed."""

    def __init__(self, path: Path, first: K) -> None:
        """Begin with what holds where there is no file; its version is that of the file's form."""
        self._file = KeptFile(path, type(first), first.version)
        self.now = first
        """Replaced by whoever changes it."""
        self._written = first

    def read(self) -> str:
        """Read the file; give what was wrong with it, if anything. It is then as if there were none."""
        kept, problem = self._file.read()
        if kept is not None:
            self.now = self._written = kept
        return problem

    def settle(self, now: K) -> None:
        """Let this hold from now on, and not be written for its own sake: it is what the file means."""
        self.now = self._written = now

    def write(self) -> None:
        """Write what has changed since it was read or written.

        Raises:
            EnvironmentProblem: the file cannot be written.
        """
        kept = self.now
        if kept != self._written:
            self._file.write(kept)
            self._written = kept


class Writer:
    """Writes on a worker thread, one write after the other, so that the last change is written last."""

    def __init__(self, write: Callable[[], None], tell: Callable[[TickreelError], object]) -> None:
        """Tell of a write that fails, once until one succeeds: it is tried again at every change."""
        self._write = write
        self._tell = tell
        self._turn = asyncio.Lock()
        self._is_trouble_told = False

    async def write(self) -> None:
        """Write what there is by the time that it is this write's turn."""
        async with self._turn:
            try:
                await asyncio.to_thread(self._write)
            except TickreelError as error:
                if not self._is_trouble_told:
                    self._tell(error)
                self._is_trouble_told = True
            else:
                self._is_trouble_told = False
