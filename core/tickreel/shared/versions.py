"""How a segment lies on the server: its version, its keys, and the chunks that a call brings at a time."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from tickreel.shared.calls import begin_of_value, value_of
from tickreel.shared.values import MOST_RECORD_BYTES, DayRecord, PartRecord
from tickreel.store.segments.layout import HEAD_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.shared.clients import Client
    from tickreel.shared.naming import DayKeys
    from tickreel.store.segments import Footer

_VERSION_DIGITS = 24
_MOST_IN_INDEX = 100_000
"""Chunks that one read asks the index for; the table tells of more."""
_BATCH_BYTES = 2_000_000
"""Of chunks in one call: large enough for a fast line, small enough for a slow one to end in time."""


def names_of(keys: DayKeys, record: DayRecord) -> list[str]:
    """Name the tables and the chunks of a version."""
    return [
        name
        for part in record.parts
        for name in (
            keys.tail(part.version),
            *(keys.chunk(part.version, number) for number in range(part.chunks)),
        )
    ]


def tail_offset(footer: Footer) -> int:
    """Tell where in the segment the footer begins: behind the last chunk."""
    if not len(footer.chunks):
        return HEAD_BYTES
    last = footer.chunks[-1]
    return int(last["offset"]) + int(last["stored_bytes"])


def part_record_of(footer: Footer, source: str) -> PartRecord:
    """Describe a segment; its version follows from what it holds, whoever puts it there."""
    words = json.dumps({name: list(words) for name, words in footer.words.items()}, sort_keys=True)
    digest = hashlib.sha256(footer.chunks.tobytes() + words.encode() + footer.rows_sha256.encode())
    return PartRecord(
        version=digest.hexdigest()[:_VERSION_DIGITS],
        rows_sha256=footer.rows_sha256,
        rows=footer.rows,
        messages=footer.messages,
        chunks=len(footer.chunks),
        stored_bytes=int(footer.chunks["stored_bytes"].sum()),
        first_local_us=footer.first_local_us,
        last_local_us=footer.last_local_us,
        source=source,
        source_sha256=footer.source_sha256,
        source_bytes=footer.source_bytes,
    )


def day_record_of(parts: Sequence[PartRecord], *, rows_sha256: str, is_whole: bool, now_us: int) -> DayRecord:
    """Describe a day by its parts, in time order."""
    version = parts[0].version
    if len(parts) > 1:
        together = hashlib.sha256("".join(part.version for part in parts).encode())
        version = together.hexdigest()[:_VERSION_DIGITS]
    return DayRecord(version, rows_sha256, now_us, is_whole, tuple(parts))


def span_of(footer: Footer, number: int) -> tuple[int, int]:
    """Give first and last local time of a chunk, in microseconds."""
    entry = footer.chunks[number]
    return int(entry["first_local_us"]), int(entry["last_local_us"])


def ask_index(client: Client, keys: DayKeys, start_us: int, end_us: int) -> list[Any]:
    """Ask for a day's record, and which chunks begin in a range, with the one before."""
    pipe = client.pipeline(transaction=False)
    begin_of_value(pipe, keys.day_name, MOST_RECORD_BYTES)
    pipe.zrevrangebyscore(keys.index, start_us, "-inf", start=0, num=1)
    pipe.zrangebyscore(keys.index, f"({start_us}", f"({end_us}", start=0, num=_MOST_IN_INDEX)
    value, *found = pipe.execute(raise_on_error=False)
    # An index that is none is as good as one that has left the server.
    return [value_of(value), *(members if isinstance(members, list) else [] for members in found)]


def numbers_in_index(version: str, found: Sequence[object]) -> list[int]:
    """Give the numbers of a version's chunks among what the index gave, which anybody may have written."""
    numbers: list[int] = []
    for members in found:
        for member in members if isinstance(members, list) else ():
            text = member.decode("ascii", "replace") if isinstance(member, bytes) else ""
            own, _, number = text.partition(":")
            if own == version and number.isascii() and number.isdecimal() and len(number) < 10:
                numbers.append(int(number))
    return sorted(set(numbers))


def batches_of(numbers: Sequence[int], sizes: Sequence[int]) -> list[list[int]]:
    """Part chunks into groups that go over the line together."""
    batches: list[list[int]] = []
    size = 0
    for number in numbers:
        if not batches or size + sizes[number] > _BATCH_BYTES:
            batches.append([])
            size = 0
        batches[-1].append(number)
        size += sizes[number]
    return batches
