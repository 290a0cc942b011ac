"""From one column of a chunk to a stream.

Which transform a column takes is not guessed: now and then the candidates are packed, and the
smallest is kept for the chunks that follow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tickreel.store.segments import encode_kernels as kernels
from tickreel.store.segments import text_kernels
from tickreel.store.segments.frames import Bytes, compress
from tickreel.store.segments.streams import (
    MAX_DECIMALS,
    UUID_BYTES,
    Descriptor,
    Form,
    Transform,
    chunk_head,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from tickreel.market.block import Texts

_TRIAL_EVERY = 32
"""Chunks between two trials of the transforms of a column."""
_ESCAPES_BORNE = 128
"""One number in so many may escape before other decimals are looked for."""
_NARROWED_BY = 1_024
"""One number in so many may be escaped so that the others take a byte less."""
_MOST_PLANES = 8
_NO_SIDES = np.empty(0, np.int8)
_NO_BITS = np.empty(0, np.int64)
EITHER = (Transform.PLAIN, Transform.DELTA)
_EXCHANGE_TIME = (Transform.LATENCY, Transform.LATENCY_DELTA, Transform.PLAIN, Transform.DELTA)


class Encoded:
    """One stream: its descriptor, the planes that are stored as they are, and what goes into the frame."""

    __slots__ = ("descriptor", "packed", "plain")

    def __init__(
        self,
        descriptor: Descriptor,
        planes: NDArray[np.uint8],
        mask: int,
        tail: Sequence[NDArray[np.uint8]] = (),
    ) -> None:
        """Take *planes* of shape (width, values), and which of them, a bit each, go into the frame."""
        self.descriptor = descriptor._replace(packed=mask)
        self.plain: list[Bytes] = []
        self.packed: list[Bytes] = []
        for place, plane in enumerate(planes):
            (self.packed if mask >> place & 1 else self.plain).append(plane.data)
        self.packed.extend(piece.data for piece in tail)

    def measured_bytes(self) -> int:
        """Pack the stream by itself, and tell how much it takes."""
        return sum(map(len, self.plain)) + len(compress(self.packed))


class Laid(NamedTuple):
    """A chunk laid out, its frame not packed yet."""

    plain: bytes
    """Head, descriptors, and the planes that come before the frame."""
    pieces: list[Bytes]
    """What goes into the frame, in pieces that are alike inside."""
    payload: bytes
    """The pieces one after the other."""


def laid_out(rows: int, runs: int, streams: Sequence[Encoded]) -> Laid:
    """Lay streams out as a chunk."""
    planes = [plane for stream in streams for plane in stream.plain]
    head = chunk_head(rows, runs, [stream.descriptor for stream in streams], sum(map(len, planes)))
    pieces = [piece for stream in streams for piece in stream.packed]
    return Laid(b"".join([head, *planes]), pieces, b"".join(pieces))


class ColumnEncoder:
    """Encode one column, chunk after chunk."""

    def __init__(self, column: int) -> None:
        self._column = column
        self._decimals = 0
        self._scratch = np.empty(0, np.int64)
        self._kept = np.empty((2, 0), np.int64)
        self._transform: Transform | None = None
        self._chunks = 0

    def integers(self, values: NDArray[np.int64], form: Form, transforms: Sequence[Transform]) -> Encoded:
        """Encode integers by one of *transforms*."""
        return self._chosen(transforms, lambda transform: self._planes(values, form, transform))

    def exchange_times(self, values: NDArray[np.int64], local_us: NDArray[np.int64]) -> Encoded:
        """Encode exchange times by themselves, or by how far they are behind local time."""
        latency = local_us - values  # may wrap around, as it does when it is undone

        def encode(transform: Transform) -> Encoded:
            measured = latency if transform >= Transform.LATENCY else values
            return self._planes(measured, Form.INTEGERS, transform)

        return self._chosen(_EXCHANGE_TIME, encode)

    def numbers(self, values: NDArray[np.float64], sides: NDArray[np.int8] = _NO_SIDES) -> Encoded:
        """Encode numbers as scaled integers; with *sides*, those of an order book's prices."""
        bits = values.view(np.int64)
        if len(self._scratch) < len(values):
            self._scratch = np.empty(len(values), np.int64)
        whole = self._scratch[: len(values)]
        escapes = kernels.scale(values, bits, float(10**self._decimals), whole)
        if escapes and self._find_decimals(values, bits):
            escapes = kernels.scale(values, bits, float(10**self._decimals), whole)
        form = Form.SIDED_PRICES if len(sides) else Form.NUMBERS
        return self._chosen(
            (Transform.DELTA,) if len(sides) else EITHER,
            lambda transform: self._planes(whole, form, transform, sides, escapes, bits),
        )

    def texts(self, column: Texts) -> Encoded:
        """Encode texts: as integers or UUIDs where every one of them is, else as they are."""
        offsets, data = np.ascontiguousarray(column.offsets), np.ascontiguousarray(column.data)
        count = len(column)
        whole = np.empty(count, np.int64)
        if text_kernels.parse_decimals(offsets, data, whole):
            return self.integers(whole, Form.DECIMALS, EITHER)
        planes = np.empty((UUID_BYTES, count), np.uint8)
        if text_kernels.parse_uuids(offsets, data, planes.reshape(-1)):
            mask = kernels.worth_packing(planes)
            return Encoded(self._descriptor(Form.UUIDS, Transform.PLAIN, UUID_BYTES, count), planes, mask)
        texts = data[offsets[0] : offsets[-1]]
        lengths = np.diff(offsets).astype(np.int64)
        encoded = self._planes(lengths, Form.TEXTS, Transform.PLAIN, tail=[texts])
        encoded.descriptor = encoded.descriptor._replace(tail=len(texts))
        return encoded

    def _find_decimals(self, values: NDArray[np.float64], bits: NDArray[np.int64]) -> bool:
        """Look for the fewest decimals by which few enough numbers escape; tell whether they are others.

        A number of many digits among short ones is cheaper to escape than to make room for.
        """
        enough = len(values) // _ESCAPES_BORNE
        found = self._decimals
        fewest = kernels.count_inexact(values, bits, float(10**found), len(values) + 1)
        if fewest <= enough:
            return False
        for decimals in range(MAX_DECIMALS + 1):
            inexact = kernels.count_inexact(values, bits, float(10**decimals), fewest)
            if inexact < fewest:
                found, fewest = decimals, inexact
            if fewest <= enough:
                break
        changed = found != self._decimals
        self._decimals = found
        return changed

    def _chosen(self, transforms: Sequence[Transform], encode: Callable[[Transform], Encoded]) -> Encoded:
        """Encode by the transform that packed best at the last trial."""
        if len(transforms) == 1:
            return encode(transforms[0])
        is_trial = self._chunks % _TRIAL_EVERY == 0
        self._chunks += 1
        if self._transform is not None and not is_trial:
            return encode(self._transform)
        tried = [encode(transform) for transform in transforms]
        sizes = [encoded.measured_bytes() for encoded in tried]
        best = sizes.index(min(sizes))
        self._transform = transforms[best]
        return tried[best]

    def _planes(
        self,
        whole: NDArray[np.int64],
        form: Form,
        transform: Transform,
        sides: NDArray[np.int8] = _NO_SIDES,
        escapes: int = 0,
        bits: NDArray[np.int64] = _NO_BITS,
        tail: Sequence[NDArray[np.uint8]] = (),
    ) -> Encoded:
        """Lay integers out in as many byte planes as they need; *bits* are those of numbers.

        A few numbers that alone need more planes are escaped.
        """
        count = len(whole)
        if self._kept.shape[1] != count:
            self._kept = np.empty((2, count), np.int64)
        laid = np.empty(_MOST_PLANES * count, np.uint8)
        told = np.empty(6, np.int64)
        spare = len(bits) // _NARROWED_BY
        kernels.lay_planes(whole, escapes, spare, sides, transform & 1, self._kept, laid, told)
        base, unit, width, escapes, mask, row = told.tolist()
        if escapes:
            escaped = bits[(whole if row < 0 else self._kept[row]) == kernels.ESCAPED]
            tail = [*np.ascontiguousarray(escaped.view(np.uint8).reshape(-1, 8).T)]
        descriptor = self._descriptor(form, transform, width, count, base, unit, escapes)
        return Encoded(descriptor, laid[: width * count].reshape(width, count), mask, tail)

    def _descriptor(
        self,
        form: Form,
        transform: Transform,
        width: int,
        count: int,
        base: int = 0,
        unit: int = 1,
        tail: int = 0,
    ) -> Descriptor:
        decimals = self._decimals if form in (Form.NUMBERS, Form.SIDED_PRICES) else 0
        return Descriptor(self._column, form, transform, width, decimals, 0, count, tail, base, unit)
