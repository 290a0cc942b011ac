"""The one codec of segments and keyframes: zstd frames, and the CRC-32 of stored bytes.

Contexts of zstd are dear to make and must not be shared by threads, so each thread keeps its own.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TypeAlias

import zstandard
from isal import isal_zlib

from tickreel.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

Bytes: TypeAlias = "bytes | memoryview"

_PARAMETERS = {
    "strategy": zstandard.STRATEGY_FAST,
    "window_log": 17,
    "min_match": 7,
    "hash_log": 8,
    "chain_log": 6,
    "search_log": 1,
    "target_length": 0,
}
"""Chosen by measurement: byte planes hold few repetitions, and looking harder for them costs both
size and time; nearly all is won by the entropy coding of each plane by itself."""
_SMALLEST_BLOCK = 256
"""Bytes below which a piece shares the block of its neighbours."""


class _Contexts(threading.local):
    def __init__(self) -> None:
        self.compressor = zstandard.ZstdCompressor(
            compression_params=zstandard.ZstdCompressionParameters(**_PARAMETERS)
        )
        self.decompressor = zstandard.ZstdDecompressor()


_contexts = _Contexts()


def checksum(data: Bytes) -> int:
    """Give the CRC-32 (as zlib's) of some bytes."""
    return isal_zlib.crc32(data)


def compress(pieces: Sequence[Bytes]) -> bytes:
    """Pack the concatenation of *pieces* into one frame that tells its length.

    Each piece begins a block, which has statistics of its own: pieces should be alike inside.
    Nothing is packed to nothing.
    """
    size = sum(map(len, pieces))
    if not size:
        return b""
    packing = _contexts.compressor.compressobj(size=size)
    packed: list[bytes] = []
    waiting = 0
    for piece in pieces:
        if waiting and waiting + len(piece) > _SMALLEST_BLOCK:
            packed.append(packing.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK))
            waiting = 0
        packed.append(packing.compress(piece))
        waiting += len(piece)
    packed.append(packing.flush())
    return b"".join(packed)


def decompress(frame: Bytes, payload_bytes: int) -> bytes:
    """Unpack one frame of exactly *payload_bytes*, no bytes at all where those are 0; raises DataError."""
    if not _is_there(frame, payload_bytes):
        return b""
    try:
        payload = _contexts.decompressor.decompress(frame)
    except (zstandard.ZstdError, MemoryError) as error:
        raise _unpackable(error) from error
    _check_length(len(payload), payload_bytes)
    return payload


def decompress_into(frame: Bytes, payload: memoryview) -> None:
    """Unpack one frame into the memory that it must fill, as :func:`decompress` does."""
    if not _is_there(frame, len(payload)):
        return
    try:
        # Where there is room for all of a frame, zstd unpacks it at once and without a window of its own.
        with _contexts.decompressor.stream_reader(frame) as reader:
            unpacked = reader.readinto(payload)
    except (zstandard.ZstdError, MemoryError) as error:
        raise _unpackable(error) from error
    _check_length(unpacked, len(payload))


def _is_there(frame: Bytes, payload_bytes: int) -> bool:
    """Tell whether there is a frame to unpack; raises DataError where it tells another length."""
    if not payload_bytes:
        if len(frame):
            raise DataError("a chunk has a frame where none must be")
        return False
    try:
        told = zstandard.frame_content_size(frame)
    except zstandard.ZstdError as error:
        raise _unpackable(error) from error
    if told != payload_bytes:
        raise DataError("a frame tells another length than its table")
    return True


def _check_length(unpacked: int, payload_bytes: int) -> None:
    if unpacked != payload_bytes:
        raise DataError("a frame holds another length than it tells")


def _unpackable(error: Exception) -> DataError:
    return DataError(f"a frame cannot be unpacked ({error})")
