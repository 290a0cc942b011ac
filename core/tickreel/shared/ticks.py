"""Single ticks on the shared server, for a while: by time, in order of arrival, several in a microsecond.

Ticks of an hour lie in one sorted set, scored by their time, and a further one names the hours that there
are. A tick is a member that begins with time and arrival, so that two of one microsecond are two members in
order, and the same write sent twice is one. Days of the vendor's files belong elsewhere
(:mod:`tickreel.shared.tier`), where a row takes a few bytes.
"""

from __future__ import annotations

import os
import struct
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import zstandard
from isal import isal_zlib

from tickreel.errors import EnvironmentProblem, UsageError
from tickreel.market.time import US_PER_SECOND, parse_instant, parse_range
from tickreel.shared.deadline import Patience, patient
from tickreel.shared.naming import FORMAT
from tickreel.shared.trouble import LineFailed
from tickreel.ticks.values import MOST_BYTES, pack, unpack

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tickreel.market.time import Instant
    from tickreel.market.types import DatasetKey
    from tickreel.shared.clients import Client
    from tickreel.shared.line import Line
    from tickreel.ticks.model import Value

_HOUR_US = 3_600 * US_PER_SECOND
_HEAD = struct.Struct(">QQI4sQB")
"""Time, arrival, number in its write, who wrote, when it lapses, and whether it is compressed."""
_CRC = struct.Struct(">I")
"""CRC-32 of the head and of what follows it."""
_VALUE_AT = _HEAD.size + _CRC.size
_BATCH_TICKS = 2_000
_PAGE_TICKS = 5_000
_PLAIN, _ZSTD = 0, 1
_LEVEL = 1


@dataclass(frozen=True, slots=True)
class SharedTick:
    """One tick that is there."""

    time_us: int
    value: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class TickCounts:
    """What was met in this process."""

    hits: int = 0
    misses: int = 0
    damaged: int = 0
    """Members that were no ticks of ours; each was passed over."""


class SharedTicks:
    """Ticks of one server; usable from several threads.

    Every call that reaches the server raises EnvironmentProblem where that fails, with what to do.
    """

    def __init__(self, line: Line, *, ttl_s: int, compress_from_bytes: int) -> None:
        self._line = line
        self._ttl_s = ttl_s
        self._compress_from = compress_from_bytes
        self._me = os.urandom(4)
        self._lock = threading.Lock()
        self._arrival = 0
        self._counts = TickCounts()

    @property
    def counts(self) -> TickCounts:
        """What was met so far."""
        return self._counts

    def store(
        self,
        key: DatasetKey,
        ticks: Iterable[tuple[Instant, Mapping[str, Value]]],
        *,
        ttl_s: int | None = None,
    ) -> int:
        """Store ticks, and give how many the server took.

        Raises:
            UsageError: a time or a value that cannot be stored; nothing was sent.
        """
        lives_s = self._ttl_s if ttl_s is None else ttl_s
        if lives_s < 1:
            raise UsageError(f"a tick lives a whole number of seconds from 1 on, not {lives_s}")
        arrival_ns = self._next_arrival()
        lapses_us = time.time_ns() // 1_000 + lives_s * US_PER_SECOND
        members: list[tuple[int, bytes]] = []
        for number, (at, value) in enumerate(ticks):
            time_us = parse_instant(at)
            rest = pack(dict(value), f"tick {number + 1}")
            form = _PLAIN
            if len(rest) >= self._compress_from:
                form, rest = _ZSTD, zstandard.ZstdCompressor(level=_LEVEL).compress(rest)
            head = _HEAD.pack(time_us, arrival_ns, number, self._me, lapses_us, form)
            members.append((time_us, head + _CRC.pack(_checksum(head, rest)) + rest))
        taken = 0
        for low in range(0, len(members), _BATCH_TICKS):
            batch = members[low : low + _BATCH_TICKS]
            taken += self._call(lambda client, batch=batch: _add(client, key, batch, lives_s), writes=True)
        return taken

    def at(self, key: DatasetKey, at: Instant) -> list[SharedTick]:
        """Give the ticks of a microsecond, in the order in which they arrived."""
        time_us = parse_instant(at)
        found = list(self._read(key, time_us, time_us + 1))
        with self._lock:
            hits, misses, damaged = self._counts.hits, self._counts.misses, self._counts.damaged
            self._counts = TickCounts(hits + bool(found), misses + (not found), damaged)
        return found

    def ticks(self, key: DatasetKey, start: Instant, end: Instant) -> Iterator[SharedTick]:
        """Yield the ticks of [start, end) by time and arrival; a page of them is in memory."""
        return self._read(key, *parse_range(start, end))

    def _read(self, key: DatasetKey, start_us: int, end_us: int) -> Iterator[SharedTick]:
        if start_us >= end_us:
            return
        first, last = start_us // _HOUR_US, (end_us - 1) // _HOUR_US
        patience = Patience(self._line.timeout_s)
        hours: list[bytes] = self._asked(
            patience, lambda client: client.zrangebyscore(_hours_of(key), first, last)
        )
        now_us = time.time_ns() // 1_000
        for hour in hours:
            name = _hour_of(key, int(hour)) if hour.isascii() and hour.isdigit() else ""
            place, before = 0, b""
            while name:
                page: list[bytes] = self._asked(
                    patience,
                    lambda client, name=name, place=place: client.zrangebyscore(
                        name, start_us, f"({end_us}", start=place, num=_PAGE_TICKS
                    ),
                )
                for member in page:
                    tick = self._tick_of(member, now_us)
                    if tick is None or member <= before:  # what is stored meanwhile moves others a page on
                        continue
                    before = member
                    yield tick
                if len(page) < _PAGE_TICKS:
                    break
                place += len(page)

    def _tick_of(self, member: bytes, now_us: int) -> SharedTick | None:
        """Read a member, which anybody may have written; None where it has lapsed, or is no tick."""
        try:
            time_us, _, _, _, lapses_us, form = _HEAD.unpack_from(member)
            rest = member[_VALUE_AT:]
            if _CRC.unpack_from(member, _HEAD.size)[0] != _checksum(
                member[: _HEAD.size], rest
            ) or form not in (_PLAIN, _ZSTD):
                raise ValueError("it is not what was written")
            if lapses_us <= now_us:
                return None
            if form == _ZSTD:
                if not 0 < zstandard.frame_content_size(rest) <= MOST_BYTES:
                    raise ValueError("it is too large, or tells no size")
                rest = zstandard.ZstdDecompressor().decompress(rest)
            return SharedTick(time_us, unpack(rest))
        except (struct.error, ValueError, zstandard.ZstdError):
            with self._lock:
                counts = self._counts
                self._counts = TickCounts(counts.hits, counts.misses, counts.damaged + 1)
            return None

    def _next_arrival(self) -> int:
        """Give a moment later than any before in this process, though the clock may stand or go back."""
        with self._lock:
            self._arrival = max(time.time_ns(), self._arrival + 1)
            return self._arrival

    def _asked(self, patience: Patience, work: Any) -> Any:
        """Ask with the patience of a whole read, whose pages are taken when its reader wants them."""
        with patient(patience):
            return self._call(work)

    def _call(self, work: Any, *, writes: bool = False) -> Any:
        try:
            return self._line.write(work) if writes else self._line.read(work)
        except LineFailed as failed:
            raise EnvironmentProblem(f"the shared cache at {self._line.address}: {failed}") from failed


def _checksum(head: bytes, rest: bytes) -> int:
    return isal_zlib.crc32(rest, isal_zlib.crc32(head))


def _add(client: Client, key: DatasetKey, batch: list[tuple[int, bytes]], lives_s: int) -> int:
    hours: dict[int, dict[bytes, int]] = {}
    for time_us, member in batch:
        hours.setdefault(time_us // _HOUR_US, {})[member] = time_us
    pipe = client.pipeline(transaction=False)
    for hour, members in hours.items():
        pipe.zadd(_hour_of(key, hour), members)
    for hour in hours:
        # Longer lives of other ticks of the hour are not cut short: each tick knows when it lapses.
        pipe.expire(_hour_of(key, hour), lives_s, gt=True)
        pipe.expire(_hour_of(key, hour), lives_s, nx=True)
    pipe.zadd(_hours_of(key), {str(hour): hour for hour in hours})
    pipe.expire(_hours_of(key), lives_s, gt=True)
    pipe.expire(_hours_of(key), lives_s, nx=True)
    return int(sum(pipe.execute()[: len(hours)]))


def _hours_of(key: DatasetKey) -> str:
    tag = ":".join(quote(part, safe="") for part in (key.exchange, key.symbol, key.type.value))
    return f"tickreel:{FORMAT}:ticks:{{{tag}}}"


def _hour_of(key: DatasetKey, hour: int) -> str:
    return f"{_hours_of(key)}:{hour}"
