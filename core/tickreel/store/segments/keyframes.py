"""Keyframes: whole books of a part, so that a seek need not start at its first row.

They lie in a file beside the segment, are derived from its rows, and may be dropped and made
again. ``segment-format.md`` in the documentation describes the file byte by byte.
"""

from __future__ import annotations

import struct
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tickreel.errors import DataError
from tickreel.store.segments.frames import checksum, compress
from tickreel.store.segments.positioned import PositionedFile, SealedFile, naming
from tickreel.store.segments.streams import MAX_COUNT, payload_of

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from tickreel.filesystem import Disk
    from tickreel.progress import Monitor

FORMAT_VERSION = 1
HEAD_MAGIC = b"\x89TKEY\r\n\x1a"
TRAILER_MAGIC = b"TKEYEND\n"
TABLE = np.dtype(
    [
        ("offset", "<u8"),
        ("stored_bytes", "<u4"),
        ("payload_bytes", "<u4"),
        ("local_us", "<i8"),
        ("bids", "<u4"),
        ("asks", "<u4"),
        ("crc32", "<u4"),
        ("zero", "<u4"),
    ]
)

_HEAD = struct.Struct("<8sI")
_TRAILER = struct.Struct("<QIII")
_CRC = struct.Struct("<I")
_HEAD_BYTES = _HEAD.size + _CRC.size
_TRAILER_BYTES = _TRAILER.size + _CRC.size + len(TRAILER_MAGIC)


@dataclass(frozen=True, slots=True)
class Keyframe:
    """The book after all messages up to and with *local_us*."""

    local_us: int
    bids: NDArray[np.float64]
    """Prices and amounts, shape (levels, 2), best first."""
    asks: NDArray[np.float64]
    """As *bids*."""


class KeyframeWriter:
    """Write keyframes of one part, in order of time, to a new file.

    Raises:
        OSError: as the system says it, from any call.
    """

    def __init__(self, disk: Disk, path: Path) -> None:
        # Imported here: what only names the class does not wait for the kernels.
        from tickreel.store.segments.levels import LevelsEncoder

        self._encoder = LevelsEncoder()
        self._disk = disk
        self._path = path
        self._entries: list[tuple[int, ...]] = []
        self._file = disk.create(path)
        self._bytes = 0
        begin = _HEAD.pack(HEAD_MAGIC, FORMAT_VERSION)
        try:
            self._write(begin + _CRC.pack(checksum(begin)))
        except BaseException:
            self.discard()
            raise

    @property
    def bytes_written(self) -> int:
        """Size of the file so far."""
        return self._bytes

    def add(self, local_us: int, bids: NDArray[np.float64], asks: NDArray[np.float64]) -> None:
        """Store the book after the messages up to and with *local_us*.

        Args:
            local_us: later than that of the keyframe before.
            bids: prices and amounts, shape (levels, 2), best first.
            asks: as *bids*.

        Raises:
            DataError: what was encoded does not read back as it was.
        """
        if self._entries and self._entries[-1][3] >= local_us:
            raise ValueError(f"a keyframe at {local_us} is not later than the one before")
        laid = self._encoder.encode(bids, asks)
        read = _levels(laid.plain, laid.payload, len(bids), len(asks))
        for given, back in zip((bids, asks), read, strict=True):
            if not np.array_equal(np.ascontiguousarray(given).view(np.int64), back.view(np.int64)):
                raise DataError(
                    f"keyframes {self._path.stem}: a book did not read back as it was; report this"
                )
        stored = laid.plain + compress(laid.pieces)
        payload_bytes = len(laid.payload)
        self._entries.append(
            (self._bytes, len(stored), payload_bytes, local_us, len(bids), len(asks), checksum(stored), 0)
        )
        self._write(stored)

    def seal(self) -> int:
        """Write the table, force the file to the disk, check what it reads back as; give its bytes.

        Raises:
            DataError: the file is not what was written.
        """
        table = np.array(self._entries, TABLE).tobytes()
        end = _TRAILER.pack(self._bytes, len(table), checksum(table), FORMAT_VERSION)
        self._write(table + end + _CRC.pack(checksum(end)) + TRAILER_MAGIC)
        self._disk.sync(self._file)
        self._file.close()
        with Keyframes.open(self._path) as written:
            written.verify()
        return self._bytes

    def discard(self) -> None:
        """Give up: close what is open and remove the file."""
        with suppress(OSError):  # a full disk fails once more; the handle is closed all the same
            self._file.close()
        self._disk.remove(self._path)

    def _write(self, data: bytes) -> None:
        self._disk.write(self._file, data)
        self._bytes += len(data)


class Keyframes(SealedFile):
    """The keyframes of one part, open; several threads may read them at once.

    Every call that reads raises:
        DataError: the file is gone, damaged, or of a newer format.
        EnvironmentProblem: the system does not let it be read.
    """

    KIND = "keyframes"

    def __init__(self, name: str, file: PositionedFile) -> None:
        """Take over an open file; use :meth:`open`."""
        super().__init__(name, file)
        self._table = self._read_table()

    @property
    def times_us(self) -> NDArray[np.int64]:
        """Times of the keyframes, ascending."""
        return self._table["local_us"]

    def before(self, at_us: int) -> Keyframe | None:
        """Give the last keyframe that is not later than *at_us*."""
        place = int(np.searchsorted(self.times_us, at_us, "right")) - 1
        if place < 0:
            return None
        entry = self._table[place]
        with naming(self._name):
            stored = self._stored(place)
            payload = payload_of(stored, int(entry["payload_bytes"]))
            bids, asks = _levels(stored, payload, int(entry["bids"]), int(entry["asks"]))
        return Keyframe(int(entry["local_us"]), bids, asks)

    def verify(self, monitor: Monitor | None = None) -> None:
        """Check every byte of the file against its checksums."""
        with naming(self._name):
            self._read_table()
            done = 0
            for place in range(len(self._table)):
                done += len(self._stored(place))
                if monitor is not None:
                    monitor.report(done, None)

    def _stored(self, place: int) -> bytes:
        entry = self._table[place]
        stored = self._file.read(int(entry["offset"]), int(entry["stored_bytes"]))
        if checksum(stored) != entry["crc32"]:
            raise DataError(f"the keyframe at byte {entry['offset']} is not what was written")
        return stored

    def _read_table(self) -> NDArray[np.void]:
        head = self._file.read(0, _HEAD_BYTES)
        if len(head) < _HEAD_BYTES or not head.startswith(HEAD_MAGIC):
            raise DataError("it does not begin as keyframes do")
        if _CRC.unpack_from(head, _HEAD.size)[0] != checksum(head[: _HEAD.size]):
            raise DataError("its head is not what was written")
        if _HEAD.unpack_from(head)[1] != FORMAT_VERSION:
            raise DataError(
                f"it has format version {_HEAD.unpack_from(head)[1]}, this program reads {FORMAT_VERSION}: "
                "use the version of Tickreel that wrote it"
            )
        size = self._file.size()
        trailer = self._file.read(max(size - _TRAILER_BYTES, 0), _TRAILER_BYTES)
        if len(trailer) != _TRAILER_BYTES or trailer[-len(TRAILER_MAGIC) :] != TRAILER_MAGIC:
            raise DataError("its end is missing: it was cut off, or not finished")
        if _CRC.unpack_from(trailer, _TRAILER.size)[0] != checksum(trailer[: _TRAILER.size]):
            raise DataError("its trailer is not what was written")
        offset, table_bytes, table_crc, version = _TRAILER.unpack_from(trailer)
        fits = offset + table_bytes + _TRAILER_BYTES == size and table_bytes % TABLE.itemsize == 0
        if version != FORMAT_VERSION or not fits:
            raise DataError("its trailer does not fit its length")
        raw = self._file.read(offset, table_bytes)
        if checksum(raw) != table_crc:
            raise DataError("its table is not what was written")
        table = np.frombuffer(raw, TABLE)
        ends = _HEAD_BYTES + np.cumsum(table["stored_bytes"].astype(np.int64))
        begins = ends - table["stored_bytes"]
        good = (
            bool((table["offset"] == begins.astype(np.uint64)).all())
            and (int(ends[-1]) if len(ends) else _HEAD_BYTES) == offset
            and bool((table["local_us"][:-1] < table["local_us"][1:]).all())
            and bool((table["bids"] <= MAX_COUNT).all())
            and bool((table["asks"] <= MAX_COUNT).all())
        )
        if not good:
            raise DataError("its table does not hang together")
        return table


def _levels(
    stored: bytes, payload: bytes, bids: int, asks: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from tickreel.store.segments.levels import decode_levels

    return decode_levels(stored, payload, bids, asks)
