"""Two SHA-256 digests that run side by side, over texts that grow at the same pace."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tickreel.store import hashkernels as kernels

Pair = tuple[NDArray[np.uint8], NDArray[np.uint8]]


class TwinSha256:
    """As two of ``hashlib.sha256()``; only where ``hashkernels.ARE_HERE``."""

    def __init__(self) -> None:
        self._states = np.stack([kernels.FIRST_STATE] * kernels.STREAMS)
        self._bytes = 0
        # What does not fill a block waits for more.
        self._waiting = np.empty((kernels.STREAMS, kernels.BLOCK_BYTES), np.uint8)

    def update(self, one: NDArray[np.uint8], other: NDArray[np.uint8]) -> None:
        """Take in the next bytes of either text, as many of both, else raises ValueError."""
        if len(one) != len(other):
            raise ValueError("the texts are not of one length")
        waiting = self._bytes % kernels.BLOCK_BYTES
        self._bytes += len(one)
        if waiting:
            end = min(waiting + len(one), kernels.BLOCK_BYTES)
            taken = end - waiting
            self._keep(waiting, one[:taken], other[:taken])
            if end < kernels.BLOCK_BYTES:
                return
            kernels.work_blocks(self._waiting[0], self._waiting[1], self._states)
            one, other = one[taken:], other[taken:]
        kernels.work_blocks(one, other, self._states)
        whole = len(one) - len(one) % kernels.BLOCK_BYTES
        self._keep(0, one[whole:], other[whole:])

    def _keep(self, place: int, one: NDArray[np.uint8], other: NDArray[np.uint8]) -> None:
        for waiting, text in zip(self._waiting, (one, other), strict=True):
            waiting[place : place + len(text)] = text

    def digests(self) -> tuple[bytes, bytes]:
        """Give the digests of both texts so far; more may follow."""
        waiting = self._bytes % kernels.BLOCK_BYTES
        length_bytes = 8
        zeros = -(waiting + 1 + length_bytes) % kernels.BLOCK_BYTES
        end = b"\x80" + bytes(zeros) + (8 * self._bytes).to_bytes(length_bytes, "big")
        states = self._states.copy()
        one, other = (np.frombuffer(text[:waiting].tobytes() + end, np.uint8) for text in self._waiting)
        kernels.work_blocks(one, other, states)
        first, second = (state.astype(">u4").tobytes() for state in states)
        return first, second
