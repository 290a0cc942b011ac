"""Puts days on the server as the store has them, lets readers find whole ones only, and drops them."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tickreel.errors import ConflictError
from tickreel.progress import UNWATCHED
from tickreel.shared.naming import DayKeys
from tickreel.shared.trouble import LineFailed
from tickreel.shared.values import MOST_TABLE_BYTES, chunk_value, packed
from tickreel.shared.versions import (
    batches_of,
    day_record_of,
    names_of,
    part_record_of,
    span_of,
    tail_offset,
)
from tickreel.store.segments import Segment
from tickreel.store.segments.layout import tail as spelled_tail

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from tickreel.market.types import DatasetKey
    from tickreel.progress import Monitor
    from tickreel.shared.calls import Calls
    from tickreel.shared.clients import Client
    from tickreel.shared.listing import Listing
    from tickreel.shared.records import Records
    from tickreel.shared.values import DayRecord, PartRecord
    from tickreel.store.segments import Footer

_LOGGER = logging.getLogger(__name__)

_TTL_SPREAD = 0.1
_RECORD_LEAVES_FIRST_S = 1
# Where the last token was evicted, whoever comes with one must still have the lease.
_PUBLISH = """
local token = ARGV[3]
if token ~= '0' then
  local fence = tonumber(redis.call('GETRANGE', KEYS[2], 0, 31))
  if fence and tonumber(token) < fence then return 0 end
  if not fence and redis.call('GETRANGE', KEYS[3], 0, #token) ~= token .. '|' then return 0 end
end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return 1
"""


class PutOutcome(StrEnum):
    """What came of putting a day on the server."""

    PUT = "put"
    ALREADY_THERE = "already there"
    OUTRUN = "outrun"
    """Somebody who was let in later has put the day there: theirs stays."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A segment that holds a part of a day."""

    path: Path
    source: str
    """Where its rows came from."""


@dataclass(slots=True)
class _Sending:
    """How far a day has been sent."""

    monitor: Monitor
    total: int
    done: int = 0
    is_spared: bool = False
    """Whether some of it was there already."""


class Putter:
    """Puts days on one server; for any thread."""

    def __init__(
        self,
        calls: Calls,
        records: Records,
        listing: Listing,
        *,
        ttl_s: int,
        now_us: Callable[[], int],
        chance: Callable[[], float],
    ) -> None:
        self._calls = calls
        self._records = records
        self._listing = listing
        self._ttl_s = ttl_s
        self._now_us = now_us
        self._chance = chance

    def put(
        self,
        key: DatasetKey,
        day: date,
        pieces: Sequence[Piece],
        *,
        rows_sha256: str,
        token: int = 0,
        monitor: Monitor = UNWATCHED,
    ) -> PutOutcome:
        """Put the segments that are all that is held of a day there; what is there is not sent again.

        *pieces* are its parts in time order, *rows_sha256* is the digest of all their rows. *token* is that
        of a lease: a day that was put with a later one stays.

        Raises:
            LineFailed: the server failed or refused; what was sent lapses by itself.
            DataError: a segment is damaged.
            ConflictError: it cannot go there.
            Cancelled: the monitor said so.
        """
        keys = DayKeys(key, day)
        with ExitStack() as stack:
            segments = [stack.enter_context(Segment.open(piece.path)) for piece in pieces]
            parts = [
                part_record_of(segment.footer, piece.source)
                for segment, piece in zip(segments, pieces, strict=True)
            ]
            is_whole = all(segment.footer.is_whole for segment in segments)
            record = day_record_of(parts, rows_sha256=rows_sha256, is_whole=is_whole, now_us=self._now_us())
            ttl_s = self._spread_ttl_s()
            found = self._records.of_day(key, day)
            is_told = found is not None and found.rows_sha256 == rows_sha256 and found.is_whole >= is_whole
            if found is not None and is_told and self._is_complete(keys, found):
                self._renew(keys, found, ttl_s)
                return PutOutcome.ALREADY_THERE
            sending = _Sending(monitor, record.stored_bytes)
            for part, segment in zip(parts, segments, strict=True):
                self._put_chunks(keys, part, segment, ttl_s, sending)
            self._calls.count(bytes_in=sending.done)
            if sending.is_spared:  # what was there already is to live as long as the rest
                self._renew(keys, record, ttl_s)
            footers = [segment.footer for segment in segments]
            return self._publish(keys, record, footers, ttl_s, token)

    def _put_chunks(
        self, keys: DayKeys, part: PartRecord, segment: Segment, ttl_s: int, sending: _Sending
    ) -> None:
        """Send those chunks of a part that the server lacks."""
        footer = segment.footer
        missing = self._lacking(keys, part)
        sending.is_spared |= len(missing) < part.chunks
        for batch in batches_of(missing, footer.chunks["stored_bytes"].tolist()):
            sending.monitor.report(sending.done, sending.total)
            values = {
                keys.chunk(part.version, number): chunk_value(
                    keys, part.version, number, span_of(footer, number), segment.stored_chunk(number)
                )
                for number in batch
            }
            self._send(values, ttl_s)
            sending.done += sum(map(len, values.values()))

    def _is_complete(self, keys: DayKeys, record: DayRecord) -> bool:
        names = names_of(keys, record)
        (count,) = self._calls.asked(lambda client: [client.execute_command("EXISTS", *names)])
        return bool(count == len(names))

    def _lacking(self, keys: DayKeys, part: PartRecord) -> list[int]:
        """List the chunks of a part that the server does not have."""
        names = [keys.chunk(part.version, number) for number in range(part.chunks)]

        def ask(client: Client) -> list[Any]:
            pipe = client.pipeline(transaction=False)
            for name in names:
                pipe.exists(name)
            answers: list[Any] = pipe.execute()
            return answers

        return [
            number for number, is_there in enumerate(self._calls.asked(ask) if names else []) if not is_there
        ]

    def _renew(self, keys: DayKeys, record: DayRecord, ttl_s: int) -> None:
        """Let what is there stay for another while."""

        def expire(client: Client) -> None:
            pipe = client.pipeline(transaction=False)
            for name in (*names_of(keys, record), keys.index):
                pipe.expire(name, ttl_s + _RECORD_LEAVES_FIRST_S)
            pipe.expire(keys.day_name, ttl_s)
            pipe.execute()

        self._calls.written(expire)
        self._listing.enter(keys, self._now_us(), ttl_s)

    def _send(self, values: Mapping[str, bytes], ttl_s: int) -> None:
        def send(client: Client) -> None:
            pipe = client.pipeline(transaction=False)
            for name, value in values.items():
                pipe.set(name, value, ex=ttl_s + _RECORD_LEAVES_FIRST_S)
            pipe.execute()

        self._calls.written(send)

    def _publish(
        self, keys: DayKeys, record: DayRecord, footers: Sequence[Footer], ttl_s: int, token: int
    ) -> PutOutcome:
        """Let readers find a version, once all of it is there."""
        scores: dict[str, int] = {}
        tables: dict[str, bytes] = {}
        for part, footer in zip(record.parts, footers, strict=True):
            firsts_us = footer.chunks["first_local_us"].tolist()
            scores |= {f"{part.version}:{number}": first_us for number, first_us in enumerate(firsts_us)}
            offset = tail_offset(footer)
            name = keys.tail(part.version)
            tables[name] = packed(name, [part.version, offset], spelled_tail(footer, offset))
            if len(tables[name]) > MOST_TABLE_BYTES:
                raise ConflictError(f"{keys.key} {keys.day} has too large a table for the shared cache")
        lives_s = ttl_s + _RECORD_LEAVES_FIRST_S

        def send(client: Client) -> int:
            pipe = client.pipeline(transaction=False)
            for name, table in tables.items():
                pipe.set(name, table, ex=lives_s)
            pipe.execute()
            names = (keys.day_name, keys.fence, keys.lease)
            published: int = client.eval(_PUBLISH, len(names), *names, record.value(keys), ttl_s, token)
            if published:  # what nobody was let put leaves the index of another version alone
                index(client)
            return published

        def index(client: Client) -> None:
            """Name the chunks; who reads sooner finds those of a version of before, and asks the table."""
            pipe = client.pipeline(transaction=False)
            pipe.unlink(keys.index)
            if scores:
                pipe.zadd(keys.index, scores)
                pipe.expire(keys.index, lives_s)
            pipe.execute()

        if not self._calls.written(send):
            return PutOutcome.OUTRUN
        self._listing.enter(keys, self._now_us(), ttl_s)
        self._tell_changed(keys)
        return PutOutcome.PUT

    def drop(self, key: DatasetKey, day: date) -> bool:
        """Take a day from the server; False where it was not there.

        Raises:
            LineFailed: the server failed or refused.
        """
        keys = DayKeys(key, day)
        record = self._records.of_day(key, day)
        names = [keys.day_name]
        if record is not None:
            names += [*names_of(keys, record), keys.index]

        def remove(client: Client) -> int:
            pipe = client.pipeline(transaction=False)
            for name in names:
                pipe.unlink(name)
            return int(sum(pipe.execute()))

        gone = self._calls.written(remove)
        self._listing.leave(keys)
        self._tell_changed(keys)
        return bool(gone)

    def _tell_changed(self, keys: DayKeys) -> None:
        """Tell everybody that a day is not what it was; a message that is lost harms nobody."""
        message = packed(
            "changed", [keys.key.exchange, keys.key.symbol, keys.key.type.value, keys.day.isoformat()]
        )
        is_sharded = self._calls.line.is_cluster
        channel = keys.channel(is_sharded=is_sharded)
        try:
            self._calls.line.write(
                lambda client: (client.spublish if is_sharded else client.publish)(channel, message)
            )
        except LineFailed as failed:
            _LOGGER.info("that %s %s changed was not told: %s", keys.key, keys.day, failed)

    def _spread_ttl_s(self) -> int:
        """Give a time to live, give or take a tenth, so that days do not all leave in one moment."""
        return max(1, round(self._ttl_s * (1 + _TTL_SPREAD * (2 * self._chance() - 1))))
