"""Whole lines of a text, unpacked ahead by a thread of its own while others are parsed."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tickreel.vendorcsv.decompress import SourceFile, TextStream

BLOCK_BYTES = 6 << 20
"""Text that is parsed at once, at most."""
PADDING = 64
"""Readable bytes that follow the lines, so that eight can be loaded anywhere."""

_SMALLEST_BLOCK_BYTES = 2 << 20
_BLOCKS_AHEAD = 2  # one is parsed while one is filled


@dataclass(frozen=True, slots=True)
class Lines:
    """Some whole lines at the start of a buffer."""

    buffer: bytearray
    end: int
    """One past the last line end; :data:`PADDING` more bytes can be read."""
    position: int
    """Bytes of the source that were read for it."""


@dataclass(frozen=True, slots=True)
class Ending:
    """No more lines follow."""

    lines_lost: int = 0
    """Lines that came out of a damaged stream last, and are not given."""
    is_too_long: bool = False
    """A line does not end within a block."""


class LinesAhead:
    """Read a stream to its end on a thread, at most two blocks ahead; :meth:`close` ends the thread."""

    def __init__(self, source: SourceFile, stream: TextStream, text: bytes) -> None:
        """Begin with *text*, less than a block, which was taken from *stream* before."""
        # Of a small file smaller blocks: less memory to make, and all that follows begins sooner.
        self.block_bytes = min(max(source.size, len(text) + 1, _SMALLEST_BLOCK_BYTES), BLOCK_BYTES)
        """Text of a block; no line may be longer."""
        self._source = source
        self._stream = stream
        self._text = text
        self._is_closed = threading.Event()
        self._ready: SimpleQueue[Lines | Ending | BaseException] = SimpleQueue()
        self._free: SimpleQueue[bytearray | None] = SimpleQueue()
        for _ in range(_BLOCKS_AHEAD):
            self._free.put(bytearray())  # made large when it is needed: a small file needs one
        # A daemon: a reader that nobody closed must not keep the process from its end.
        self._thread = threading.Thread(target=self._run, name="tickreel-unpack", daemon=True)
        self._thread.start()

    def take(self) -> Lines | Ending:
        """Wait for the next lines; raises what the thread met."""
        if self._is_closed.is_set():
            raise ValueError("the file is closed")
        taken = self._ready.get()
        if isinstance(taken, BaseException):
            raise taken
        return taken

    def give_back(self, lines: Lines) -> None:
        """Let the buffer be filled again; nothing may look into it any more."""
        self._free.put(lines.buffer)

    def close(self) -> None:
        """End the thread and wait for it; again is nothing."""
        self._is_closed.set()
        self._free.put(None)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._read_all()
        except BaseException as error:  # noqa: BLE001  (raised again by whoever takes the lines)
            self._ready.put(error)

    def _read_all(self) -> None:
        while (buffer := self._free.get()) is not None:
            if not buffer:
                # Two more for the end that a last line may lack.
                buffer = bytearray(self.block_bytes + 2 + PADDING)
            held = self._fill(buffer)
            if self._is_closed.is_set():
                return
            at_end = held < self.block_bytes
            if at_end and self._stream.damage:
                self._ready.put(Ending(lines_lost=buffer.count(b"\n", 0, held)))
                return
            end = held if at_end else buffer.rfind(b"\n", 0, held) + 1
            if not end:
                self._ready.put(Ending(is_too_long=held > 0))
                return
            with memoryview(buffer) as view:
                self._text = bytes(view[end:held])
                if buffer[end - 1] != ord("\n"):
                    # A last line may lack its end, but half an end stays visible as what it is.
                    lacking = b"\r\n" if buffer[end - 1] == ord("\r") else b"\n"
                    view[end : end + len(lacking)] = lacking
                    end += len(lacking)
            self._ready.put(Lines(buffer, end, self._source.position))
            if at_end:
                self._ready.put(Ending())
                return

    def _fill(self, buffer: bytearray) -> int:
        """Put what is left of the last block and new text into *buffer*; returns how much it holds."""
        held = len(self._text)
        with memoryview(buffer) as view:
            view[:held] = self._text
            while held < self.block_bytes and not self._is_closed.is_set():
                size = self._stream.fill(view[held : self.block_bytes])
                if not size:
                    break
                held += size
        return held
