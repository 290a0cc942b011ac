"""A screen in memory, on which programs are started as on a desktop and looked at from outside."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    from pathlib import Path

_SIZE = "1600x1000x24"
_SHOWN = 12
"""Colours that a screen has at least once a window is drawn on it; an empty one has one."""


class VirtualScreen:
    """An X server of its own, from the start of the block to its end; its name stands in DISPLAY."""

    name = ":87"

    def __init__(self) -> None:
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server."""
        words = ["Xvfb", self.name, "-screen", "0", _SIZE, "-nolisten", "tcp"]
        self._server = subprocess.Popen(words, stderr=subprocess.DEVNULL)

    def stop(self) -> None:
        """End the server, and what it shows with it."""
        if self._server is not None:
            self._server.terminate()
            self._server.wait()

    def is_drawn(self) -> bool:
        """Tell whether a window stands on it."""
        return _colours_of(self._dump()) >= _SHOWN

    def save(self, path: Path) -> None:
        """Save what stands on it as PNG.

        Raises:
            OSError: the picture cannot be written.
        """
        from PySide6.QtGui import QImage

        seen = _pixels_of(self._dump())
        kinds = {3: QImage.Format.Format_BGR888, 4: QImage.Format.Format_RGB32}
        row_bytes = seen.pixel_bytes * seen.width
        image = QImage(seen.pixels, seen.width, seen.height, row_bytes, kinds[seen.pixel_bytes])
        if not image.save(str(path)):
            raise OSError(f"the picture {path} cannot be written")

    def _dump(self) -> bytes:
        words = ["xwd", "-silent", "-root", "-display", self.name]
        return subprocess.run(words, capture_output=True, check=False).stdout


class _Pixels(NamedTuple):
    """What stands on a screen, row by row."""

    width: int
    height: int
    pixel_bytes: int
    pixels: bytes


def _pixels_of(dump: bytes) -> _Pixels:
    """Take the pixels out of a dump of the screen, whose header X11/XWDFile.h describes."""
    numbers = [int.from_bytes(dump[at : at + 4], "big") for at in range(0, 100, 4)]
    begin = numbers[0] + 12 * numbers[19]
    width, height, pixel_bytes, row_bytes = numbers[4], numbers[5], numbers[11] // 8, numbers[12]
    used = pixel_bytes * width
    rows = (dump[begin + y * row_bytes : begin + y * row_bytes + used] for y in range(height))
    return _Pixels(width, height, pixel_bytes, b"".join(rows))


def _colours_of(dump: bytes) -> int:
    if not dump:
        return 0
    seen = _pixels_of(dump)
    step = 101 * seen.pixel_bytes
    return len({seen.pixels[at : at + seen.pixel_bytes] for at in range(0, len(seen.pixels), step)})
