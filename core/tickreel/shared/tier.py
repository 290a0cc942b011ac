"""Days on the shared server: put there as the store has them, looked up, and read back chunk by chunk.

Whatever is not there whole and sound counts as not there: nothing here fails because of what the server
holds, and a server that fails raises :class:`~tickreel.shared.trouble.LineFailed` within one deadline.
"""

from __future__ import annotations

import logging
import random
import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tickreel.errors import DataError
from tickreel.progress import UNWATCHED
from tickreel.shared.naming import DayKeys
from tickreel.shared.remotefile import RemoteFile
from tickreel.shared.trouble import LineFailed
from tickreel.shared.values import DayRecord, Foreign, chunk_body, chunk_value, packed, unpacked
from tickreel.shared.versions import (
    ask_index,
    batches_of,
    names_of,
    numbers_in_index,
    record_of,
    span_of,
    tail_offset,
)
from tickreel.store.segments import Segment
from tickreel.store.segments.layout import tail as spelled_tail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from concurrent.futures import Future
    from datetime import date
    from pathlib import Path

    from tickreel.market.block import Block
    from tickreel.market.types import DatasetKey
    from tickreel.progress import Monitor
    from tickreel.shared.line import Client, Line
    from tickreel.store.segments import Footer

_LOGGER = logging.getLogger(__name__)

_ASKED_AT_ONCE = 500
"""Days whose records one call asks for."""
_REMEMBERED = 64
"""Days whose tables are kept in memory; each is still asked for its version with every read."""
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


@dataclass(frozen=True, slots=True)
class Counts:
    """What the tier did in this process."""

    hits: int = 0
    misses: int = 0
    foreign: int = 0
    """Values that were damaged or not ours, each a miss."""
    lacking: int = 0
    """Reads for which the record was there and a chunk was not: partly evicted."""
    failures: int = 0
    """Calls that came to nothing."""
    bytes_in: int = 0
    """Of chunks that were put on the server."""
    bytes_out: int = 0
    """Of chunks that were brought from it."""


@dataclass(slots=True)
class _Known:
    """A version of a day whose table is in memory."""

    version: str
    segment: Segment
    file: RemoteFile
    lock: threading.Lock

    def read(
        self, chunks: Mapping[int, memoryview], start_us: int, end_us: int, columns: Sequence[str] | None
    ) -> Block:
        """Decode rows of chunks that were brought; one thread at a time."""
        with self.lock:
            self.file.load(chunks)
            try:
                return self.segment.read(start_us, end_us, columns)
            finally:
                self.file.close()


class SharedTier:
    """The days of one server or Cluster; usable from several threads, closed by its owner."""

    def __init__(
        self,
        line: Line,
        *,
        ttl_s: int,
        now_us: Callable[[], int],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.line = line
        self._ttl_s = ttl_s
        self._now_us = now_us
        self._chance = chance
        self._lock = threading.Lock()
        self._known: OrderedDict[DayKeys, _Known] = OrderedDict()
        self._counts = Counts()
        self._ahead = ThreadPoolExecutor(1, thread_name_prefix="tickreel-shared")

    def close(self) -> None:
        """Let go of the server; a second call does nothing."""
        self._ahead.shutdown(wait=True, cancel_futures=True)
        self.line.close()

    def __enter__(self) -> SharedTier:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def counts(self) -> Counts:
        """What it did so far."""
        return self._counts

    # Looking

    def record(self, key: DatasetKey, day: date) -> DayRecord | None:
        """Give what the server says of a day; None where it says nothing, or nothing sound.

        Raises:
            LineFailed: the server could not be asked.
        """
        return self.records(key, [day]).get(day)

    def records(self, key: DatasetKey, days: Sequence[date]) -> dict[date, DayRecord]:
        """Give what the server says of some days; those of which it says nothing sound are left out.

        Raises:
            LineFailed: the server could not be asked.
        """
        found: dict[date, DayRecord] = {}
        for low in range(0, len(days), _ASKED_AT_ONCE):
            asked = [DayKeys(key, day) for day in days[low : low + _ASKED_AT_ONCE]]
            values = self._gets([keys.day_name for keys in asked])
            for keys, value in zip(asked, values, strict=True):
                if value is None:
                    continue
                try:
                    found[keys.day] = DayRecord.read(keys, value)
                except Foreign as error:
                    self._put_aside(keys.day_name, error)
        return found

    def unbroken_days(self, key: DatasetKey, days: Sequence[date]) -> dict[date, DayRecord]:
        """Give those of some days that are there with every chunk; one that is partly evicted is left out.

        Raises:
            LineFailed: the server could not be asked.
        """
        records = self.records(key, days)
        whole: dict[date, DayRecord] = {}
        found = list(records.items())
        for low in range(0, len(found), _ASKED_AT_ONCE):
            part = found[low : low + _ASKED_AT_ONCE]

            def ask(client: Client, part: list[tuple[date, DayRecord]] = part) -> list[Any]:
                pipe = client.pipeline(transaction=False)
                for day, record in part:
                    keys = DayKeys(key, day)
                    pipe.execute_command("EXISTS", *names_of(keys, record))
                answers: list[Any] = pipe.execute()
                return answers

            for (day, record), count in zip(part, self._asked(ask), strict=True):
                if count == record.chunks + 1:
                    whole[day] = record
        return whole

    # Putting

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
            found = self.record(key, day)
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
            self._count(bytes_in=done)
            if len(missing) < record.chunks:  # what was there already is to live as long as the rest
                self._renew(keys, record, ttl_s)
        return self._publish(keys, record, tail, footer, ttl_s, token)

    def _is_whole(self, keys: DayKeys, record: DayRecord) -> bool:
        names = names_of(keys, record)
        (count,) = self._asked(lambda client: [client.execute_command("EXISTS", *names)])
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

        return [number for number, is_there in enumerate(self._asked(ask) if names else []) if not is_there]

    def _renew(self, keys: DayKeys, record: DayRecord, ttl_s: int) -> None:
        """Let what is there stay for another while."""

        def expire(client: Client) -> None:
            pipe = client.pipeline(transaction=False)
            for name in (*names_of(keys, record), keys.index):
                pipe.expire(name, ttl_s + _RECORD_LEAVES_FIRST_S)
            pipe.expire(keys.day_name, ttl_s)
            pipe.execute()

        self._written(expire)

    def _send(self, values: Mapping[str, bytes], ttl_s: int) -> None:
        def send(client: Client) -> None:
            pipe = client.pipeline(transaction=False)
            for name, value in values.items():
                pipe.set(name, value, ex=ttl_s + _RECORD_LEAVES_FIRST_S)
            pipe.execute()

        self._written(send)

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

        if not self._written(send):
            return PutOutcome.OUTRUN
        self.tell_changed(keys)
        return PutOutcome.PUT

    def drop(self, key: DatasetKey, day: date) -> bool:
        """Take a day from the server; False where it was not there.

        Raises:
            LineFailed: the server failed or refused.
        """
        keys = DayKeys(key, day)
        record = self.record(key, day)
        names = [keys.day_name]
        if record is not None:
            names += [*names_of(keys, record), keys.index]

        def remove(client: Client) -> int:
            pipe = client.pipeline(transaction=False)
            for name in names:
                pipe.unlink(name)
            return int(sum(pipe.execute()))

        gone = self._written(remove)
        self.forget(keys)
        self.tell_changed(keys)
        return bool(gone)

    def tell_changed(self, keys: DayKeys) -> None:
        """Tell everybody that a day is not what it was; a message that is lost harms nobody."""
        message = packed(
            "changed", [keys.key.exchange, keys.key.symbol, keys.key.type.value, keys.day.isoformat()]
        )
        is_sharded = self.line.is_cluster
        channel = keys.channel(is_sharded=is_sharded)
        try:
            self.line.write(
                lambda client: (client.spublish if is_sharded else client.publish)(channel, message)
            )
        except LineFailed as failed:
            _LOGGER.info("that %s %s changed was not told: %s", keys.key, keys.day, failed)

    # Reading

    def read(
        self, key: DatasetKey, day: date, start_us: int, end_us: int, columns: Sequence[str] | None = None
    ) -> Block | None:
        """Give the rows of [start_us, end_us) of a day; None where they are not all there.

        Raises:
            LineFailed: the server could not be asked.
        """
        keys = DayKeys(key, day)
        block: Block | None = None
        try:
            block = self._read_known(keys, start_us, end_us, columns)
            if block is None:  # nothing is known of the day, or by now something else
                block = self._read_unknown(keys, start_us, end_us, columns)
        except (Foreign, DataError) as error:
            self._put_aside("", error)
            self.forget(keys)
        self.note(is_hit=block is not None)
        return block

    def _read_known(
        self, keys: DayKeys, start_us: int, end_us: int, columns: Sequence[str] | None
    ) -> Block | None:
        """Read by the table in memory: in one call, which also asks whether that still holds."""
        with self._lock:
            known = self._known.get(keys)
            if known is None:
                return None
            self._known.move_to_end(keys)
        chunks = self._brought(keys, known.version, known.segment.footer, _numbers(known, start_us, end_us))
        if chunks is None:
            self.forget(keys)
            return None
        return known.read(chunks, start_us, end_us, columns)

    def _read_unknown(
        self, keys: DayKeys, start_us: int, end_us: int, columns: Sequence[str] | None
    ) -> Block | None:
        """Read without a table: record and index by one call, then the table together with the chunks."""
        value, *found = self._asked(lambda client: ask_index(client, keys, start_us, end_us))
        if value is None:
            return None
        version = DayRecord.read(keys, value).version
        numbers = numbers_in_index(version, found)
        tail, *values = self._gets([keys.tail(version), *(keys.chunk(version, number) for number in numbers)])
        known = self._opened(keys, version, tail)
        if known is None:
            return None
        with self._lock:
            self._known[keys] = known
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        needed = _numbers(known, start_us, end_us)
        if not set(needed) <= set(numbers):  # the index has left the server, or lags behind
            return self._read_known(keys, start_us, end_us, columns)
        came = dict(zip(numbers, values, strict=True))
        chunks = self._checked(keys, version, known.segment.footer, {one: came[one] for one in needed})
        return None if chunks is None else known.read(chunks, start_us, end_us, columns)

    def blocks(self, key: DatasetKey, day: date, record: DayRecord) -> Iterator[Block]:
        """Yield all rows of a version of a day, a block a chunk; the next chunks are on their way meanwhile.

        Raises:
            LineFailed: the server could not be asked.
            DataError: something of it is not there any more, or not sound.
        """
        keys = DayKeys(key, day)
        try:
            (tail,) = self._gets([keys.tail(record.version)])
            known = self._opened(keys, record.version, tail)
            if known is None:
                raise DataError(f"what the shared cache held of {key} {day} is not there any more")
            footer, segment, file = known.segment.footer, known.segment, known.file
            sizes = footer.chunks["stored_bytes"].tolist()
            batches = batches_of(range(len(sizes)), sizes)
            coming = self._coming(keys, known, batches[:1])
            for place, batch in enumerate(batches):
                chunks = coming.pop().result()
                coming = self._coming(keys, known, batches[place + 1 : place + 2])
                if chunks is None:
                    raise DataError(f"a part of {key} {day} has left the shared cache")
                file.load(chunks)
                first, last = footer.chunks[batch[0]], footer.chunks[batch[-1]]
                yield from segment.blocks(int(first["first_local_us"]), int(last["last_local_us"]) + 1)
        except Foreign as error:
            self._put_aside("", error)
            raise DataError(f"what the shared cache holds of {key} {day} is damaged: {error}") from error

    def _coming(
        self, keys: DayKeys, known: _Known, batches: list[list[int]]
    ) -> list[Future[dict[int, memoryview] | None]]:
        """Let chunks be brought while something else is done."""
        footer = known.segment.footer
        return [self._ahead.submit(self._brought, keys, known.version, footer, batch) for batch in batches]

    def note(self, *, is_hit: bool) -> None:
        """Count a day that was brought whole, or was not there."""
        self._count(hits=int(is_hit), misses=int(not is_hit))

    def forget(self, keys: DayKeys | None = None) -> None:
        """Forget the table of a day, or of all days: it may have changed."""
        with self._lock:
            if keys is None:
                self._known.clear()
            else:
                self._known.pop(keys, None)

    def _opened(self, keys: DayKeys, version: str, value: object) -> _Known | None:
        """Open the table of a version from the value of its key; None where there is none.

        Raises Foreign.
        """
        name = keys.tail(version)
        if value is None:
            self._count(lacking=1)
            return None
        try:
            fields, body = unpacked(name, value)
            if len(fields) != 2 or fields[0] != version or type(fields[1]) is not int:
                raise Foreign("its header is not that of a table")
            file = RemoteFile(bytes(body), fields[1])
            segment = Segment(f"shared {version}", file)
            if (segment.footer.key, segment.footer.day) != (keys.key, keys.day):
                raise Foreign("it tells of another day")
        except (Foreign, DataError) as error:
            self._remove(name)  # so that whoever puts the day there again puts this as well
            raise Foreign(str(error)) from error
        return _Known(version, segment, file, threading.Lock())

    def _brought(
        self, keys: DayKeys, version: str, footer: Footer, numbers: Sequence[int]
    ) -> dict[int, memoryview] | None:
        """Bring chunks, by their offsets; None where one is not there, or another version holds by now.

        Raises Foreign.
        """
        names = [keys.chunk(version, number) for number in numbers]
        record, *values = self._gets([keys.day_name, *names])
        if record is None or DayRecord.read(keys, record).version != version:
            return None
        return self._checked(keys, version, footer, dict(zip(numbers, values, strict=True)))

    def _checked(
        self, keys: DayKeys, version: str, footer: Footer, values: Mapping[int, object]
    ) -> dict[int, memoryview] | None:
        """Give the bytes of chunks that came, by their offsets; None where one was not there.

        Raises Foreign.
        """
        if any(value is None for value in values.values()):
            self._count(lacking=1)
            return None
        found: dict[int, memoryview] = {}
        for number, value in values.items():
            try:
                body = chunk_body(keys, version, number, span_of(footer, number), value)
            except Foreign:
                self._remove(keys.chunk(version, number))
                raise
            found[int(footer.chunks[number]["offset"])] = body
        self._count(bytes_out=sum(map(len, found.values())))
        return found

    # The server

    def _gets(self, names: Sequence[str]) -> list[Any]:
        def ask(client: Client) -> list[Any]:
            pipe = client.pipeline(transaction=False)
            for name in names:
                pipe.get(name)
            answers: list[Any] = pipe.execute()
            return answers

        return self._asked(ask)

    def _asked(self, ask: Callable[[Client], list[Any]]) -> list[Any]:
        try:
            return self.line.read(ask)
        except LineFailed:
            self._count(failures=1)
            raise

    def _written(self, change: Callable[[Client], Any]) -> Any:
        try:
            return self.line.write(change)
        except LineFailed:
            self._count(failures=1)
            raise

    def _remove(self, name: str) -> None:
        try:
            self.line.write(lambda client: client.unlink(name))
        except LineFailed as failed:
            _LOGGER.info("a damaged value was not removed from the shared cache: %s", failed)

    def _put_aside(self, name: str, error: Exception) -> None:
        self._count(foreign=1)
        _LOGGER.info("a value of the shared cache is passed over: %s", error)
        if name:
            self._remove(name)

    def _spread_ttl_s(self) -> int:
        """Give a time to live, give or take a tenth, so that days do not all leave in one moment."""
        return max(1, round(self._ttl_s * (1 + _TTL_SPREAD * (2 * self._chance() - 1))))

    def _count(self, **more: int) -> None:
        with self._lock:
            counts = self._counts
            self._counts = replace(
                counts, **{name: getattr(counts, name) + add for name, add in more.items()}
            )


def _numbers(known: _Known, start_us: int, end_us: int) -> range:
    """Number the chunks that hold rows of a range, by the table."""
    return known.segment.chunks_of(start_us, end_us)
