"""How fast the vendor is asked: bytes a second, and days at a time."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_BURST_S = 0.25
"""Seconds of the allowed rate that may be taken at once."""
_CALM_S = 1.0
"""After a step down, further trouble within this time is of the same cause and steps no further."""


class Bandwidth:
    """A limit of bytes a second for all downloads together; None = none."""

    def __init__(self, bytes_per_s: int | None, clock: Callable[[], float] = time.monotonic) -> None:
        self.bytes_per_s = bytes_per_s
        self._clock = clock
        self._free_at_s = clock()

    async def take(self, size: int) -> None:
        """Wait until *size* more bytes fit into the limit."""
        if not self.bytes_per_s:
            return
        now_s = self._clock()
        self._free_at_s = max(self._free_at_s, now_s - _BURST_S) + size / self.bytes_per_s
        if self._free_at_s > now_s:
            await asyncio.sleep(self._free_at_s - now_s)


class Concurrency:
    """How many days are asked for at a time: one more for every round that went well, half after trouble.

    The rule by which TCP shares a line: additive increase, multiplicative decrease.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = max(1, most)
        self._limit = float(min(2, self._most))
        self._clock = clock
        self._stepped_s = float("-inf")

    @property
    def limit(self) -> int:
        """Days that may be asked for at a time."""
        return int(self._limit)

    def went_well(self) -> None:
        """Take note of a day that came whole."""
        self._limit = min(float(self._most), self._limit + 1 / self._limit)

    def met_trouble(self) -> None:
        """Take note of an answer that asks for less: a limit, a refusal, a line that breaks."""
        now_s = self._clock()
        if now_s - self._stepped_s >= _CALM_S:
            self._stepped_s = now_s
            self._limit = max(1.0, self._limit / 2)
