"""Days on the shared server: put there as the store has them, looked up, and read back chunk by chunk.

Whatever is not there whole and sound counts as not there: nothing here fails because of what the server
holds, and a server that fails raises :class:`~tickreel.shared.trouble.LineFailed` within one deadline.
"""

from __future__ import annotations

import random
import threading
from collections import OrderedDict
from concurrent.futures import CancelledError, ThreadPoolExecutor
from typing import TYPE_CHECKING

from tickreel.errors import DataError
from tickreel.shared.calls import Calls, Counts
from tickreel.shared.deadline import Patience, patience_of_read, patient
from tickreel.shared.known import ComingPart, KnownDay, KnownPart
from tickreel.shared.listing import Listing
from tickreel.shared.naming import DayKeys
from tickreel.shared.putting import Putter
from tickreel.shared.records import Records
from tickreel.shared.remotefile import RemoteFile
from tickreel.shared.trouble import LineFailed, Trouble
from tickreel.shared.values import (
    MOST_RECORD_BYTES,
    MOST_TABLE_BYTES,
    DayRecord,
    Foreign,
    chunk_body,
    most_of_chunk,
    unpacked,
)
from tickreel.shared.versions import ask_index, batches_of, numbers_in_index, span_of
from tickreel.store.segments import Segment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future
    from datetime import date

    from tickreel.market.block import Block
    from tickreel.market.types import DatasetKey
    from tickreel.shared.known import Brought, Wanted
    from tickreel.shared.line import Line
    from tickreel.shared.values import PartRecord

_LET_GO = "the shared cache was let go of"
_AHEAD = 16
"""Days whose chunks may be on their way at once: so many threads bring days, none waits for another's."""
_REMEMBERED = 64
"""Days whose tables are kept in memory; each is still asked for its version with every read."""


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
        self.listing = Listing(self._calls)
        """What datasets lie there."""
        self.putter = Putter(
            self._calls, self.records, self.listing, ttl_s=ttl_s, now_us=now_us, chance=chance
        )
        """Puts days there."""
        self._lock = threading.Lock()
        self._known: OrderedDict[DayKeys, KnownDay] = OrderedDict()
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
        brought = self._brought(keys, known.version, known.wanted(start_us, end_us))
        if brought is None:
            self.forget(keys)
            return None
        return known.read(brought, start_us, end_us, columns)

    def _read_unknown(
        self, keys: DayKeys, start_us: int, end_us: int, columns: Sequence[str] | None
    ) -> Block | None:
        """Read without a table: record and index by one call, then the table together with the chunks."""
        value, *found = self._calls.asked(lambda client: ask_index(client, keys, start_us, end_us))
        if value is None:
            return None
        record = DayRecord.read(keys, value)
        numbers = [numbers_in_index(part.version, found) for part in record.parts]
        wanted_values = {keys.tail(part.version): MOST_TABLE_BYTES for part in record.parts}
        for part, own in zip(record.parts, numbers, strict=True):
            most_bytes = most_of_chunk(part.stored_bytes)  # how large each is only the table tells
            wanted_values |= {keys.chunk(part.version, one): most_bytes for one in own}
        came = dict(zip(wanted_values, self._calls.gets([*wanted_values.items()]), strict=True))
        known = self._opened(keys, record, [came[keys.tail(part.version)] for part in record.parts])
        if known is None:
            return None
        with self._lock:
            self._known[keys] = known
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        wanted = known.wanted(start_us, end_us)
        if any(not set(needed) <= set(own) for (_, needed), own in zip(wanted, numbers, strict=True)):
            return self._read_known(keys, start_us, end_us, columns)  # the index has left, or lags behind
        values = [came[keys.chunk(part.version, one)] for part, needed in wanted for one in needed]
        brought = self._checked(keys, wanted, values)
        return None if brought is None else known.read(brought, start_us, end_us, columns)

    def parts(self, key: DatasetKey, day: date, record: DayRecord) -> Iterator[ComingPart]:
        """Yield the parts of a version of a day, in time order, each to be read before the next.

        Taking them, or their blocks, raises:
            LineFailed: the server could not be asked.
            DataError: something of it is not there any more, or not sound.
        """
        keys = DayKeys(key, day)
        try:
            tails = self._calls.gets([(keys.tail(part.version), MOST_TABLE_BYTES) for part in record.parts])
            known = self._opened(keys, record, tails)
        except Foreign as error:
            raise self._spoiled(keys, error) from error
        if known is None:
            raise DataError(f"what the shared cache held of {key} {day} is not there any more")
        for part, own in zip(record.parts, known.parts, strict=True):
            disconnects_us = own.segment.footer.disconnects_us
            yield ComingPart(part, disconnects_us, self._blocks(keys, record.version, own))

    def _blocks(self, keys: DayKeys, version: str, part: KnownPart) -> Iterator[Block]:
        """Yield the rows of a part, as :meth:`parts`."""
        table = part.segment.footer.chunks
        sizes = table["stored_bytes"].tolist()
        batches = batches_of(range(len(sizes)), sizes)
        patience = patience_of_read(self.line.timeout_s)
        try:
            coming = self._coming(keys, version, part, batches[:1], patience)
            for place, batch in enumerate(batches):
                brought = _awaited(coming.pop())
                coming = self._coming(keys, version, part, batches[place + 1 : place + 2], patience)
                if brought is None:
                    raise DataError(f"a part of {keys.key} {keys.day} has left the shared cache")
                part.file.load(brought[0])
                first_us, last_us = table[batch[0]]["first_local_us"], table[batch[-1]]["last_local_us"]
                yield from part.segment.blocks(int(first_us), int(last_us) + 1)
        except Foreign as error:
            raise self._spoiled(keys, error) from error

    def _spoiled(self, keys: DayKeys, error: Foreign) -> DataError:
        self._calls.put_aside("", error)
        return DataError(f"what the shared cache holds of {keys.key} {keys.day} is damaged: {error}")

    def _coming(
        self, keys: DayKeys, version: str, part: KnownPart, batches: list[list[int]], patience: Patience
    ) -> list[Future[Brought | None]]:
        """Let chunks be brought while something else is done, with the patience of the read."""

        def bring(batch: list[int]) -> Brought | None:
            with patient(patience):
                return self._brought(keys, version, [(part, batch)])

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

    def _opened(self, keys: DayKeys, record: DayRecord, values: Sequence[object]) -> KnownDay | None:
        """Open the tables of a version from the values of their keys; None where one is not there.

        Raises Foreign.
        """
        tails = [keys.tail(part.version) for part in record.parts]
        if lacking := _lacking(tails, values):
            self._calls.lacks(lacking)
            return None
        pairs = zip(record.parts, values, strict=True)
        return KnownDay(record.version, tuple(self._opened_part(keys, part, value) for part, value in pairs))

    def _opened_part(self, keys: DayKeys, part: PartRecord, value: object) -> KnownPart:
        """Open the table of a part; raises Foreign."""
        name = keys.tail(part.version)
        try:
            fields, body = unpacked(name, value)
            if len(fields) != 2 or fields[0] != part.version or type(fields[1]) is not int:
                raise Foreign("its header is not that of a table")
            file = RemoteFile(bytes(body), fields[1])
            segment = Segment(f"shared {part.version}", file)
            if (segment.footer.key, segment.footer.day) != (keys.key, keys.day):
                raise Foreign("it tells of another day")
        except (Foreign, DataError) as error:
            self._calls.remove(name)  # so that whoever puts the day there again puts this as well
            raise Foreign(str(error)) from error
        return KnownPart(part.version, segment, file, threading.Lock())

    def _brought(self, keys: DayKeys, version: str, wanted: Sequence[Wanted]) -> Brought | None:
        """Bring chunks of parts; None where one is not there, or another version of the day holds by now.

        Raises Foreign.
        """
        sizes = [
            (keys.chunk(part.version, number), int(part.segment.footer.chunks[number]["stored_bytes"]))
            for part, numbers in wanted
            for number in numbers
        ]
        record, *values = self._calls.gets(
            [(keys.day_name, MOST_RECORD_BYTES), *((name, most_of_chunk(size)) for name, size in sizes)],
            sum(size for _, size in sizes),
        )
        if record is None or DayRecord.read(keys, record).version != version:
            return None
        return self._checked(keys, wanted, values)

    def _checked(self, keys: DayKeys, wanted: Sequence[Wanted], values: Sequence[object]) -> Brought | None:
        """Give the bytes of chunks that came, in their order; None where one was not there.

        Raises Foreign.
        """
        names = [keys.chunk(part.version, number) for part, numbers in wanted for number in numbers]
        if lacking := _lacking(names, values):
            self._calls.lacks(lacking)
            return None
        left = iter(values)
        brought: Brought = []
        for part, numbers in wanted:
            footer = part.segment.footer
            found: dict[int, memoryview] = {}
            for number in numbers:
                try:
                    body = chunk_body(keys, part.version, number, span_of(footer, number), next(left))
                except Foreign:
                    self._calls.remove(keys.chunk(part.version, number))
                    raise
                found[int(footer.chunks[number]["offset"])] = body
            brought.append(found)
        self._calls.count(bytes_out=sum(len(body) for found in brought for body in found.values()))
        return brought


def _lacking(names: Sequence[str], values: Sequence[object]) -> list[str]:
    """Name the values that did not come."""
    return [name for name, value in zip(names, values, strict=True) if value is None]


def _awaited(coming: Future[Brought | None]) -> Brought | None:
    """Wait for chunks that are on their way; raises LineFailed, also where the tier was let go of."""
    try:
        return coming.result()
    except CancelledError as error:
        raise LineFailed(Trouble.CUT, _LET_GO, was_asked=False) from error
