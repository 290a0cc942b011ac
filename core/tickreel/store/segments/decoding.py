"""From the payload of a chunk to columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tickreel.errors import DataError
from tickreel.market.block import Words
from tickreel.market.types import SIDES, Column, Kind
from tickreel.store.segments import decode_kernels as kernels
from tickreel.store.segments.stored import Chunk, check_codes, unpack
from tickreel.store.segments.streams import RUN_COLUMNS, RUN_LENGTHS, Form, Transform

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from tickreel.market.block import Texts
    from tickreel.store.segments.frames import Bytes

DTYPES: dict[Kind, type[np.generic]] = {
    Kind.TIME: np.int64,
    Kind.FLAG: np.bool_,
    Kind.NUMBER: np.float64,
    Kind.BOOK_SIDE: np.int8,
    Kind.TRADE_SIDE: np.int8,
}
"""How the columns that are no text lie in memory."""

_SIDE_AND_PRICE = frozenset({"side", "price"})
BOOK_COLUMNS = ("timestamp", "local_timestamp", "is_snapshot", "side", "price", "amount")
"""The columns that are stored of one order book, in their order."""
_NO_TIMES = np.empty(0, np.int64)
_NO_SIDES = np.empty(0, np.int8)
_NO_NUMBERS = np.empty(0, np.float64)

EVER = (-(2**63), 2**63 - 1)
"""All the local times that rows can have."""
_FULL = (
    frozenset({"price", "amount"}),
    frozenset({"amount"}),
    frozenset({"price"}),
    frozenset[str](),
)
"""The numbers of an order book of which no cell is empty, by what its kernel tells of the others."""


class Decoded(NamedTuple):
    """What came out of a chunk, beside the arrays that were filled."""

    texts: dict[str, Words | Texts]
    """The text columns, of all rows."""
    low: int
    """The first row that was asked for."""
    high: int
    """The row behind the last one; what the arrays hold outside [low, high) means nothing."""
    first_us: int
    """Local time of the first row of all."""
    last_us: int
    full: frozenset[str]
    """Columns of numbers that are known to have no empty cell in [low, high)."""


class ChunkDecoder:
    """Decode chunks of one dataset: the columns asked for, and always local_timestamp.

    Args:
        columns: those that the segment stores, in its order.
        words: of the columns that are stored as codes.
        wanted: names of the columns to decode.
    """

    def __init__(
        self, columns: Sequence[Column], words: Mapping[str, Sequence[str]], wanted: frozenset[str]
    ) -> None:
        self._columns = columns
        self._places = {column.name: place for place, column in enumerate(columns)}
        self._words = words
        self._wanted = wanted | {"local_timestamp"}
        # Sides come with the prices, so one of them alone takes the slower way.
        self._is_book = tuple(self._places) == BOOK_COLUMNS and len(_SIDE_AND_PRICE & wanted) != 1

    @property
    def text_names(self) -> list[str]:
        """Names of the text columns that are decoded."""
        return [c.name for c in self._columns if c.kind is Kind.TEXT and c.name in self._wanted]

    def buffers(self, rows: int) -> dict[str, NDArray[Any]]:
        """Make arrays of *rows* for the columns that are no text."""
        return {
            column.name: np.empty(rows, DTYPES[column.kind])
            for column in self._columns
            if column.name in self._wanted and column.kind is not Kind.TEXT
        }

    def decode_stored(
        self,
        stored: Bytes,
        room: memoryview,
        rows: int,
        into: Mapping[str, NDArray[Any]],
        span_us: tuple[int, int] = EVER,
    ) -> Decoded:
        """Decode a chunk as :meth:`decode` does, its payload unpacked into *room*, which it must fill."""
        unpack(stored, room)
        return self.decode(stored, room, rows, into, span_us)

    def decode(
        self,
        stored: Bytes,
        payload: Bytes,
        rows: int,
        into: Mapping[str, NDArray[Any]],
        span_us: tuple[int, int] = EVER,
    ) -> Decoded:
        """Decode a chunk of *rows* into arrays of that length, and text columns, which are fresh.

        Args:
            stored: the bytes of the chunk.
            payload: what came out of the frame in them.
            rows: how many the chunk has.
            into: an array for each column that is no text.
            span_us: only rows with local time in this half-open range are asked for.

        Raises:
            DataError: the chunk is not laid out as it must be.
        """
        chunk = Chunk(stored, payload, rows)
        if self._is_book:
            extent = np.empty(4, np.int64)
            told = kernels.decode_book(
                chunk.plain,
                chunk.packed,
                chunk.streams,
                into.get("timestamp", _NO_TIMES),
                into["local_timestamp"],
                into["is_snapshot"] if "is_snapshot" in into else np.empty(rows, np.bool_),
                into.get("side", _NO_SIDES),
                into.get("price", _NO_NUMBERS),
                into.get("amount", _NO_NUMBERS),
                *span_us,
                extent,
            )
            if told != kernels.OTHER:
                low, high, first_us, last_us = extent.tolist()
                return Decoded({}, low, high, first_us, last_us, _FULL[told])
        texts = self._decode_columns(chunk, rows, into)
        local_us = into["local_timestamp"]
        low, high = np.searchsorted(local_us, span_us).tolist()
        return Decoded(texts, low, max(low, high), int(local_us[0]), int(local_us[-1]), frozenset())

    def _decode_columns(
        self, chunk: Chunk, rows: int, into: Mapping[str, NDArray[Any]]
    ) -> dict[str, Words | Texts]:
        """Decode all rows, column by column."""
        runs = chunk.runs
        if runs > rows:
            raise DataError("a chunk has more runs than rows")
        lengths = None
        if runs:
            lengths = chunk.stream(RUN_LENGTHS, runs, Form.INTEGERS).integers(np.empty(runs, np.int64))
        texts = self._decode_times(chunk, rows, lengths, into)
        is_sided = False
        for place, column in enumerate(self._columns):
            name = column.name
            if name not in self._wanted or (lengths is not None and name in RUN_COLUMNS):
                continue
            if name in _SIDE_AND_PRICE and self._is_sided(chunk):
                is_sided = True
                continue
            match column.kind:
                case Kind.NUMBER:
                    chunk.stream(place, rows, Form.NUMBERS).numbers(into[name])
                case Kind.TEXT:
                    texts[name] = self._text(chunk, place, rows)
                case Kind.BOOK_SIDE | Kind.TRADE_SIDE | Kind.FLAG:
                    stream = chunk.stream(place, rows, Form.INTEGERS)
                    codes = stream.integers(np.empty(rows, np.int64))
                    check_codes(codes, len(SIDES.get(column.kind, (False, True))))
                    into[name][:] = codes
                case Kind.TIME if name not in ("timestamp", "local_timestamp"):
                    chunk.stream(place, rows, Form.INTEGERS).integers(into[name])
        if is_sided:
            stream = chunk.stream(self._places["price"], rows, Form.SIDED_PRICES)
            sides = into["side"] if "side" in into else np.empty(rows, np.int8)
            prices = into["price"] if "price" in into else np.empty(rows, np.float64)
            stream.numbers(prices, sides)
        return texts

    def _is_sided(self, chunk: Chunk) -> bool:
        stream = chunk.find(self._places["price"])
        return stream is not None and stream.form == Form.SIDED_PRICES

    def _decode_times(
        self,
        chunk: Chunk,
        rows: int,
        lengths: NDArray[np.int64] | None,
        into: Mapping[str, NDArray[Any]],
    ) -> dict[str, Words | Texts]:
        """Decode the times, and with runs whatever else is stored once a run."""
        count = rows if lengths is None else len(lengths)

        def values(name: str) -> NDArray[np.int64]:
            out = into[name] if lengths is None else np.empty(count, np.int64)
            return chunk.stream(self._places[name], count, Form.INTEGERS).integers(out)

        local_us = values("local_timestamp")
        if bool((local_us[1:] < local_us[:-1]).any()):
            raise DataError("local time goes back inside a chunk")
        exchange_us = None
        if "timestamp" in into:
            exchange_us = values("timestamp")
            transform = chunk.stream(self._places["timestamp"], count, Form.INTEGERS).transform
            if transform >= Transform.LATENCY:
                np.subtract(local_us, exchange_us, out=exchange_us)
        texts: dict[str, Words | Texts] = {}
        if lengths is None:
            return texts
        if int(lengths.min()) <= 0 or int(lengths.max()) > rows or int(lengths.sum()) != rows:
            raise DataError("the runs of a chunk do not add up to its rows")
        into["local_timestamp"][:] = np.repeat(local_us, lengths)
        if exchange_us is not None:
            into["timestamp"][:] = np.repeat(exchange_us, lengths)
        if "is_snapshot" in into:
            flags = values("is_snapshot")
            check_codes(flags, 2)
            into["is_snapshot"][:] = np.repeat(flags, lengths)
        if "symbol" in self._places and "symbol" in self._wanted:
            stream = chunk.stream(self._places["symbol"], count, Form.WORDS)
            words = self._words.get("symbol", ())
            codes = stream.integers(np.empty(count, np.int64))
            check_codes(codes, len(words))
            texts["symbol"] = Words(np.repeat(codes.astype(np.int32), lengths), tuple(words))
        return texts

    def _text(self, chunk: Chunk, place: int, rows: int) -> Words | Texts:
        stream = chunk.stream(place, rows, Form.WORDS, Form.DECIMALS, Form.UUIDS, Form.TEXTS)
        match stream.form:
            case Form.WORDS:
                words = self._words.get(self._columns[place].name, ())
                codes = stream.integers(np.empty(rows, np.int64))
                check_codes(codes, len(words))
                return Words(codes.astype(np.int32), tuple(words))
            case Form.DECIMALS:
                return stream.decimal_texts()
            case Form.UUIDS:
                return stream.uuid_texts()
        return stream.texts()
