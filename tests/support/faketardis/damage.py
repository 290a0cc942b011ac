"""What faults do to compressed bytes."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING

import zstandard
from support.faketardis.faults import Fault, Kind

if TYPE_CHECKING:
    from support.faketardis.answers import Answer

_CRC_AT = -8
_ZSTD = b"\x28\xb5\x2f\xfd"


def damaged(answer: Answer, fault: Fault | None) -> Answer:
    """Apply what *fault* does to the body or the headers of a good answer."""
    if fault is None or not answer.is_data:
        return answer
    if not isinstance(answer.body, bytes):
        return _ended_late(answer, fault)
    body = answer.body
    match fault.kind:
        case Kind.NOISE:
            return replace(answer, body=bytes(byte ^ 0x5A for byte in body[:4096]), is_data=False)
        case Kind.TRUNCATED:
            return replace(answer, body=body[: max(1, int(len(body) * fault.at))], is_data=False)
        case Kind.BAD_CRC:
            return replace(answer, body=with_bad_checksum(body), is_data=False)
        case Kind.MEMBERS:
            return replace(answer, body=in_members(body))
        case Kind.CHUNKED:
            return replace(answer, body=_pieces(body))
        case Kind.ENCODED:
            return replace(answer, headers=(*answer.headers, ("Content-Encoding", "gzip")))
        case Kind.NO_SLICE_SIZE:
            kept = tuple(pair for pair in answer.headers if pair[0] != "X-Slice-Size")
            return replace(answer, headers=kept)
        case _:
            return answer


def with_bad_checksum(body: bytes) -> bytes:
    """Turn one bit of the last checksum of a gzip file, or of a frame of zstd that has one."""
    at = len(body) + (-4 if body.startswith(_ZSTD) else _CRC_AT)
    return body[:at] + bytes([body[at] ^ 0x01]) + body[at + 1 :]


def in_members(body: bytes, count: int = 3) -> bytes:
    """Compress the same data as *count* members or frames, cut anywhere; an empty one lies between."""
    is_zstd = body.startswith(_ZSTD)
    text = unpacked(body)
    step = -(-len(text) // count) or 1
    parts = [text[at : at + step] for at in range(0, len(text), step)]
    packed = [
        zstd_frame(part) if is_zstd else gzip.compress(part, 6, mtime=0)
        for part in (*parts[:1], b"", *parts[1:])
    ]
    return b"".join(packed)


def unpacked(body: bytes) -> bytes:
    """Decompress gzip or zstd through all its members or frames."""
    if not body.startswith(_ZSTD):
        return gzip.decompress(body)
    with zstandard.ZstdDecompressor().stream_reader(body, read_across_frames=True) as reader:
        return reader.read()


def zstd_frame(text: bytes) -> bytes:
    """Compress *text* as one frame of zstd with a checksum."""
    return zstandard.ZstdCompressor(write_checksum=True).compress(text)


def is_whole_gzip(body: bytes) -> bool:
    """Tell whether *body* is a gzip file from its first byte to its last."""
    try:
        gzip.decompress(body)
    except (OSError, EOFError, zlib.error):
        return False
    return bool(body)


def _ended_late(answer: Answer, fault: Fault) -> Answer:
    """Let a stream that goes on line by line end with an error; other faults leave it as it is."""
    if isinstance(answer.body, bytes) or fault.kind is not Kind.LATE_ERROR or answer.ending is None:
        return answer
    text = b"".join(answer.body)
    kept = text[: text.rfind(b"\n", 0, int(len(text) * fault.at)) + 1]
    return replace(answer, body=_pieces(kept + answer.ending), is_data=False)


def _pieces(body: bytes, size: int = 1 << 16) -> list[bytes]:
    return [body[at : at + size] for at in range(0, len(body), size)]
