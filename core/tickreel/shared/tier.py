"""Days on the shared server: put there as the store has them, looked up, and read back chunk by chunk.

Whatever is not there whole and sound counts as not there: nothing here fails because of what the server
holds, and a server that fails raises :class:`~tickreel.shared.trouble.LineFailed` within one deadline.
"""

from __future__ import annotations

import random
import threading
from collections import OrderedDict
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.errors import DataError
from tickreel.shared.calls import Calls, Counts
from tickreel.shared.deadline import Patience, patience_of_read, patient
from tickreel.shared.naming import DayKeys
from tickreel.shared.putting import Putter
from tickreel.shared.records import Records
from tickreel.shared.remotefile import RemoteFile
from tickreel.shared.trouble import LineFailed, Trouble
from tickreel.shared.values import DayRecord, Foreign, chunk_body, unpacked
from tickreel.shared.versions import ask_index, batches_of, numbers_in_index, span_of
from tickreel.store.segments import Segment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from concurrent.futures import Future
    from datetime import date

    from tickreel.market.block import Block
    from tickreel.market.types import DatasetKey
    from tickreel.shared.line import Line
    from tickreel.store.segments import Footer

_LET_GO = "the shared cache was let go of"
_AHEAD = 16
"""Days whose chunks may be on their way at once: so many threads bring days, none waits for another's."""
_REMEMBERED = 64
"""Days whose tables are kept in memory; each is still asked for its version with every read."""


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
        self._calls = Calls(line)
        self.records = Records(self._calls)
        """What the server says of days."""
        self.putter = Putter(self._calls, self.records, ttl_s=ttl_s, now_us=now_us, chance=chance)
        """Puts days there."""
        self._lock = threading.Lock()
        self._known: OrderedDict[DayKeys, _Known] = OrderedDict()
        self._ahead = ThreadPoolExecutor(_AHEAD, thread_name_prefix="tickreel-shared")

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
        return self._calls.counts

    def drop(self, key: DatasetKey, day: date) -> bool:
        """Take a day from the server; False where it was not there.

        Raises:
            LineFailed: the server failed or refused.
        """
        is_gone = self.putter.drop(key, day)
        self.forget(DayKeys(key, day))
        return is_gone

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
            with patient(Patience(self.line.timeout_s)):
                block = self._read_known(keys, start_us, end_us, columns)
                if block is None:  # nothing is known of the day, or by now something else
                    block = self._read_unknown(keys, start_us, end_us, columns)
        except (Foreign, DataError) as error:
            self._calls.put_aside("", error)
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
        value, *found = self._calls.asked(lambda client: ask_index(client, keys, start_us, end_us))
        if value is None:
            return None
        version = DayRecord.read(keys, value).version
        numbers = numbers_in_index(version, found)
        tail, *values = self._calls.gets(
            [keys.tail(version), *(keys.chunk(version, number) for number in numbers)]
        )
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
            (tail,) = self._calls.gets([keys.tail(record.version)])
            known = self._opened(keys, record.version, tail)
            if known is None:
                raise DataError(f"what the shared cache held of {key} {day} is not there any more")
            footer, segment, file = known.segment.footer, known.segment, known.file
            sizes = footer.chunks["stored_bytes"].tolist()
            batches = batches_of(range(len(sizes)), sizes)
            patience = patience_of_read(self.line.timeout_s)
            coming = self._coming(keys, known, batches[:1], patience)
            for place, batch in enumerate(batches):
                chunks = _awaited(coming.pop())
                coming = self._coming(keys, known, batches[place + 1 : place + 2], patience)
                if chunks is None:
                    raise DataError(f"a part of {key} {day} has left the shared cache")
                file.load(chunks)
                first, last = footer.chunks[batch[0]], footer.chunks[batch[-1]]
                yield from segment.blocks(int(first["first_local_us"]), int(last["last_local_us"]) + 1)
        except Foreign as error:
            self._calls.put_aside("", error)
            raise DataError(f"what the shared cache holds of {key} {day} is damaged: {error}") from error

    def _coming(
        self, keys: DayKeys, known: _Known, batches: list[list[int]], patience: Patience
    ) -> list[Future[dict[int, memoryview] | None]]:
        """Let chunks be brought while something else is done, with the patience of the read."""

        def bring(batch: list[int]) -> dict[int, memoryview] | None:
            with patient(patience):
                return self._brought(keys, known.version, known.segment.footer, batch)

        try:
            return [self._ahead.submit(bring, batch) for batch in batches]
        except RuntimeError as error:
            raise LineFailed(Trouble.CUT, _LET_GO, was_asked=False) from error

    def note(self, *, is_hit: bool) -> None:
        """Count a day that was brought whole, or was not there."""
        self._calls.count(hits=int(is_hit), misses=int(not is_hit))

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
            self._calls.count(lacking=1)
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
            self._calls.remove(name)  # so that whoever puts the day there again puts this as well
            raise Foreign(str(error)) from error
        return _Known(version, segment, file, threading.Lock())

    def _brought(
        self, keys: DayKeys, version: str, footer: Footer, numbers: Sequence[int]
    ) -> dict[int, memoryview] | None:
        """Bring chunks, by their offsets; None where one is not there, or another version holds by now.

        Raises Foreign.
        """
        names = [keys.chunk(version, number) for number in numbers]
        size = sum(int(footer.chunks[number]["stored_bytes"]) for number in numbers)
        record, *values = self._calls.gets([keys.day_name, *names], size)
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
            self._calls.count(lacking=1)
            return None
        found: dict[int, memoryview] = {}
        for number, value in values.items():
            try:
                body = chunk_body(keys, version, number, span_of(footer, number), value)
            except Foreign:
                self._calls.remove(keys.chunk(version, number))
                raise
            found[int(footer.chunks[number]["offset"])] = body
        self._calls.count(bytes_out=sum(map(len, found.values())))
        return found


def _awaited(coming: Future[dict[int, memoryview] | None]) -> dict[int, memoryview] | None:
    """Wait for chunks that are on their way; raises LineFailed, also where the tier was let go of."""
    try:
        return coming.result()
    except CancelledError as error:
        raise LineFailed(Trouble.CUT, _LET_GO, was_asked=False) from error


def _numbers(known: _Known, start_us: int, end_us: int) -> range:
    """Number the chunks that hold rows of a range, by the table."""
    return known.segment.chunks_of(start_us, end_us)
