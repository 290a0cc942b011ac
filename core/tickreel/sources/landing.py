"""A file on its way: hashed and written by threads, so that no slow disk holds up the loop."""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO, Self

from tickreel.errors import EnvironmentProblem
from tickreel.sources.completion import completed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

    from tickreel.filesystem import Disk

_BATCH_BYTES = 1 << 20
"""What is gathered before a thread is asked: going there and back costs more than 64 KiB are worth."""


class Landing:
    """Writes a file anew; an asynchronous context manager that removes it again unless it is kept.

    What is cancelled waits until the thread is done with the file.
    """

    def __init__(self, disk: Disk, target: Path) -> None:
        self.bytes = 0
        """How much has come."""
        self._disk = disk
        self._target = target
        self._file: BinaryIO | None = None
        self._digest = hashlib.sha256()
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._is_kept = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A close or a removal that fails hides no other error; the next try begins by removing.
        with suppress(OSError):
            if self._file is not None:
                self._file.close()
        if not self._is_kept:
            with suppress(OSError):
                self._disk.remove(self._target)

    async def add(self, piece: bytes) -> None:
        """Take the next bytes.

        Raises:
            EnvironmentProblem: the file cannot be written.
        """
        self.bytes += len(piece)
        self._waiting.append(piece)
        self._waiting_bytes += len(piece)
        if self._waiting_bytes >= _BATCH_BYTES:
            await self._run(self._write)

    async def keep(self) -> str:
        """Force the file to the disk, let it stay, and give the SHA-256 of it in hex.

        Raises:
            EnvironmentProblem: the file cannot be written.
        """
        await self._run(self._finish)
        self._is_kept = True
        return self._digest.hexdigest()

    def _opened(self) -> BinaryIO:
        """Give the file, which is made by the thread that writes the first bytes of it."""
        if self._file is None:
            self._disk.remove(self._target)
            self._file = self._disk.create(self._target)
        return self._file

    def _write(self) -> BinaryIO:
        file = self._opened()
        pieces, self._waiting, self._waiting_bytes = self._waiting, [], 0
        for piece in pieces:
            self._digest.update(piece)
            self._disk.write(file, piece)
        return file

    def _finish(self) -> None:
        file = self._write()
        self._disk.sync(file)
        file.close()

    async def _run(self, work: Callable[[], object]) -> None:
        try:
            await completed(asyncio.get_running_loop().run_in_executor(None, work))
        except OSError as error:
            raise EnvironmentProblem(
                f"the download cannot be written to {self._target.parent}: {error.strerror or error}"
            ) from error
