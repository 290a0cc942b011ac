"""How fast the fake is: a cap on all bytes together, and a wait before each answer."""

from __future__ import annotations

import asyncio
import time

_PIECE_BYTES = 1 << 18
_CAPPED_PIECE_BYTES = 1 << 14


class Throttle:
    """Shared by all connections of a fake; its settings may be changed from any thread."""

    def __init__(self) -> None:
        self.bytes_per_s: float | None = None
        self.latency_s = 0.0
        self._free_at_s = 0.0

    @property
    def piece_bytes(self) -> int:
        """How much is sent at once."""
        return _PIECE_BYTES if self.bytes_per_s is None else _CAPPED_PIECE_BYTES

    async def wait(self) -> None:
        """Let the time before an answer pass."""
        if self.latency_s > 0:
            await asyncio.sleep(self.latency_s)

    async def take(self, count: int) -> None:
        """Wait for the turn of so many bytes."""
        rate = self.bytes_per_s
        if rate is None:
            return
        now_s = time.monotonic()
        self._free_at_s = max(now_s, self._free_at_s) + count / rate
        await asyncio.sleep(self._free_at_s - now_s)
