"""Puts days on the server as the store has them, lets readers find whole ones only, and drops them."""

from __future__ import annotations

import logging
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tickreel.progress import UNWATCHED
from tickreel.shared.naming import DayKeys
from tickreel.shared.trouble import LineFailed
from tickreel.shared.values import chunk_value, packed
from tickreel.shared.versions import batches_of, names_of, record_of, span_of, tail_offset
from tickreel.store.segments import Segment
from tickreel.store.segments.layout import tail as spelled_tail

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from pathlib import Path

    from tickreel.market.types import DatasetKey
    from tickreel.progress import Monitor
    from tickreel.shared.calls import Calls
    from tickreel.shared.line import Client
    from tickreel.shared.records import Records
    from tickreel.shared.values import DayRecord
    from tickreel.store.segments import Footer

_LOGGER = logging.getLogger(__name__)

_TTL_SPREAD = 0.1
_RECORD_LEAVES_FIRST_S = 1
_PUBLISH = """
local fence = tonumber(redis.call('GET', KEYS[2]) or '0')
if tonumber(ARGV[3]) > 0 and tonumber(ARGV[3]) < fence then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return 1
"""


class PutOutcome(StrEnum):
    """What came of putting a day on the server."""

    PUT = "put"
    ALREADY_THERE = "already there"
    OUTRUN = "outrun"
    """Somebody who was let in later has put the day there: theirs stays."""


class Putter:
    """Puts days on one server; for any thread."""

    def __init__(
        self,
        calls: Calls,
        records: Records,
        *,
        ttl_s: int,
        now_us: Callable[[], int],
        chance: Callable[[], float],
    ) -> None:
        self._calls = calls
        self._records = records
        self._ttl_s = ttl_s
        self._now_us = now_us
        self._chance = chance

    def put(
        self,
        key: DatasetKey,
        day: date,
        path: Path,
        *,
        source: str,
        token: int = 0,
        monitor: Monitor = UNWATCHED,
    ) -> PutOutcome:
        """Put the segment at *path*, all that is held of a day, there; what is there is not sent again.

        *token* is that of a lease: a day that was put with a later one stays.

        Raises:
            LineFailed: the server failed or refused; what was sent lapses by itself.
            DataError: the segment is damaged.
            Cancelled: the monitor said so.
        """
        keys = DayKeys(key, day)
        with Segment.open(path) as segment:
            footer = segment.footer
            tail = spelled_tail(footer, tail_offset(footer))
            record = record_of(footer, source, self._now_us())
            ttl_s = self._spread_ttl_s()
            found = self._records.of_day(key, day)
            if found is not None and found.rows_sha256 == record.rows_sha256 and self._is_whole(keys, found):
                self._renew(keys, found, ttl_s)
                return PutOutcome.ALREADY_THERE
            missing = self._lacking(keys, record)
            done = 0
            table = footer.chunks
            total = int(table["stored_bytes"].sum())
            for batch in batches_of(missing, table["stored_bytes"].tolist()):
                monitor.report(done, total)
                values = {
                    keys.chunk(record.version, number): chunk_value(
                        keys,
                        record.version,
                        number,
                        span_of(footer, number),
                        segment.stored_chunk(number),
                    )
                    for number in batch
                }
                self._send(values, ttl_s)
                done += sum(map(len, values.values()))
            self._calls.count(bytes_in=done)
            if len(missing) < record.chunks:  # what was there already is to live as long as the rest
                self._renew(keys, record, ttl_s)
        return self._publish(keys, record, tail, footer, ttl_s, token)

    def _is_whole(self, keys: DayKeys, record: DayRecord) -> bool:
        names = names_of(keys, record)
        (count,) = self._calls.asked(lambda client: [client.execute_command("EXISTS", *names)])
        return bool(count == len(names))

    def _lacking(self, keys: DayKeys, record: DayRecord) -> list[int]:
        """List the chunks of a version that the server does not have."""
        names = [keys.chunk(record.version, number) for number in range(record.chunks)]

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

    def _send(self, values: Mapping[str, bytes], ttl_s: int) -> None:
        def send(client: Client) -> None:
            pipe = client.pipeline(transaction=False)
            for name, value in values.items():
                pipe.set(name, value, ex=ttl_s + _RECORD_LEAVES_FIRST_S)
            pipe.execute()

        self._calls.written(send)

    def _publish(
        self, keys: DayKeys, record: DayRecord, tail: bytes, footer: Footer, ttl_s: int, token: int
    ) -> PutOutcome:
        """Let readers find a version, once all of it is there."""
        version = record.version
        scores = {
            f"{version}:{number}": int(first_us)
            for number, first_us in enumerate(footer.chunks["first_local_us"].tolist())
        }
        lives_s = ttl_s + _RECORD_LEAVES_FIRST_S
        table = packed(keys.tail(version), [version, tail_offset(footer)], tail)

        def send(client: Client) -> int:
            pipe = client.pipeline(transaction=False)
            pipe.set(keys.tail(version), table, ex=lives_s)
            pipe.unlink(keys.index)  # of a version of before; a reader without an index asks the table
            if scores:
                pipe.zadd(keys.index, scores)
                pipe.expire(keys.index, lives_s)
            pipe.execute()
            published: int = client.eval(
                _PUBLISH, 2, keys.day_name, keys.fence, record.value(keys), ttl_s, token
            )
            return published

        if not self._calls.written(send):
            return PutOutcome.OUTRUN
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
