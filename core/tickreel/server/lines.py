"""Normalized messages as the bytes of JSON lines, made of whole columns at once.

Keys stand in the order in which the vendor's client writes them, numbers as ECMAScript prints them,
and what is undefined is absent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import msgspec
import numpy as np
import pyarrow as pa

from tickreel.market.block import Texts, Words
from tickreel.server import jsonkernels as kernels
from tickreel.vendorcsv.writer import printed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_SPARE_BYTES = 64
"""Of a message: its braces, commas and quotes beside the literals."""
_LONGEST_HEAD = 10
"""Bytes before the payload of a frame."""


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Messages one after the other, each with its line end: message ``i`` ends before byte ends[i]."""

    data: NDArray[np.uint8]
    ends: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ends)

    @property
    def starts(self) -> NDArray[np.int64]:
        """Where each message begins."""
        return np.append(np.int64(0), self.ends[:-1])


NO_LINES = Lines(np.zeros(0, np.uint8), np.zeros(0, np.int64))


class Times(NamedTuple):
    """Microseconds since 1970, and which of them are spelled with all six digits."""

    us: NDArray[np.int64]
    is_fine: NDArray[np.bool_]

    @classmethod
    def local(cls, us: NDArray[np.int64]) -> Times:
        """Spell arrival times, which always have six digits."""
        return cls(us, np.ones(len(us), np.bool_))

    @classmethod
    def of_exchange(cls, us: NDArray[np.int64], local_us: NDArray[np.int64] | None = None) -> Times:
        """Spell the exchange's times: with six digits where they need them, or stand for the arrival."""
        is_fine = us % 1000 != 0
        return cls(us, is_fine if local_us is None else is_fine | (us == local_us))


Cells: TypeAlias = "NDArray[np.float64] | Times | Words | Texts"


def _number_texts(columns: Sequence[NDArray[np.float64]]) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Print columns of numbers, one after the other: where each text ends, from 0 on, and the texts."""
    values = np.concatenate(columns) if columns else np.zeros(0)
    digits, places = np.empty(len(values), np.int64), np.empty(len(values), np.int8)
    hard_ends, hard = np.zeros(1, np.int64), np.zeros(0, np.uint8)
    if kernels.take_apart(values, digits, places):
        texts = printed(pa.array(values[places == kernels.HARD]))
        _, offsets, data = texts.buffers()
        hard_ends = np.frombuffer(offsets, np.int32)[: len(texts) + 1].astype(np.int64)
        hard = np.frombuffer(data, np.uint8).copy()
    out, ends = np.empty(len(values) * kernels.LONGEST_NUMBER, np.uint8), np.empty(len(values) + 1, np.int64)
    written = kernels.print_numbers(digits, places, hard_ends, hard, out, ends)
    return ends, out[:written]


def quoted(text: str) -> bytes:
    """Give a text as JSON has it between its quotes."""
    return msgspec.json.encode(text)[1:-1]


def flat_lines(
    head: bytes, fields: Sequence[tuple[str, Cells]], rows: int, *, absent_is_null: bool = False
) -> Lines:
    """Write messages that begin with *head* and go on with *fields*, by name and cells."""
    numbers: list[NDArray[np.float64]] = []
    times: list[Times] = []
    codes: list[NDArray[np.int32]] = []
    texts: list[Texts] = []
    places = []
    literals, words = [head], list[bytes]()
    for name, cells in fields:
        quote = '"'
        if isinstance(cells, np.ndarray):
            places.append((kernels.NUMBER, len(numbers)))
            numbers.append(cells)
            quote = ""
        elif isinstance(cells, Times):
            places.append((kernels.TIME, len(times)))
            times.append(cells)
        elif isinstance(cells, Words):
            places.append((kernels.WORD, len(codes)))
            first = 1 + len(fields) + len(words)
            numbered = [first + place if word else -1 for place, word in enumerate(cells.words)]
            codes.append(np.array([*numbered, -1], np.int32)[cells.codes])
            words += map(quoted, cells.words)
        else:
            # The texts of the numbers stand before those of the texts.
            places.append((kernels.TEXT, len(texts)))
            texts.append(_escaped(cells))
        literals.append(f',"{name}":{quote}'.encode())
    literals += words
    number_ends, number_data = _number_texts(numbers)
    text_ends, shift = np.zeros((len(numbers) + len(texts), rows + 1), np.int64), len(number_data)
    for place in range(len(numbers)):
        text_ends[place] = number_ends[place * rows : (place + 1) * rows + 1]
    for place, text in enumerate(texts, len(numbers)):
        text_ends[place] = text.offsets
        text_ends[place] += shift
        shift += len(text.data)
    kinds = np.array(places, np.int64).reshape(-1, 2)
    kinds[kinds[:, 0] == kernels.TEXT, 1] += len(numbers)
    text_data = np.concatenate([number_data, *(text.data for text in texts)])
    room = len(text_data) + rows * (
        sum(map(len, literals[: 1 + len(fields)]))
        + len(numbers) * len("null")
        + len(times) * kernels.LONGEST_TIME
        + len(codes) * max(map(len, words), default=0)
        + _SPARE_BYTES
        + len(fields)
    )
    out, ends = np.empty(room, np.uint8), np.empty(rows, np.int64)
    written = kernels.write_flat(
        rows,
        kinds,
        *_joined(literals),
        _stacked([each.us for each in times], np.int64, rows),
        _stacked([each.is_fine for each in times], np.bool_, rows),
        _stacked(codes, np.int32, rows),
        text_ends,
        text_data,
        absent_is_null,
        out,
        ends,
    )
    return Lines(out[:written], ends)


@dataclass(frozen=True, slots=True, eq=False)
class LevelRows:
    """Messages that hold levels: message ``i`` has the rows [starts[i], stops[i])."""

    starts: NDArray[np.int64]
    stops: NDArray[np.int64]
    sides: NDArray[np.int8]
    """Of each row, 0 for bids and 1 for asks."""
    prices: NDArray[np.float64]
    amounts: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.starts)


def book_lines(
    heads: Sequence[bytes], head_of: NDArray[np.int32], levels: LevelRows, time: Times, local: Times
) -> Lines:
    """Write messages with the levels of a book, each with one of *heads*, which end before ``"bids"``."""
    literals = [b'],"asks":[', b'],"timestamp":"', b'","localTimestamp":"']
    first = len(literals)
    literals += [head + b',"bids":[' for head in heads]
    text_ends, texts = _number_texts([levels.prices, levels.amounts])
    level_room = len('{"price":,"amount":},')
    room = len(texts) + len(levels.prices) * level_room
    room += len(levels) * (2 * kernels.LONGEST_TIME + max(map(len, literals)) * 2 + _SPARE_BYTES)
    out, ends = np.empty(room, np.uint8), np.empty(len(levels), np.int64)
    written = kernels.write_books(
        levels.starts,
        levels.stops,
        levels.sides,
        text_ends,
        texts,
        (head_of + first).astype(np.int32),
        _stacked([time.us, local.us], np.int64, len(levels)),
        _stacked([time.is_fine, local.is_fine], np.bool_, len(levels)),
        *_joined(literals),
        out,
        ends,
    )
    return Lines(out[:written], ends)


def gathered(lines: Sequence[Lines], order: NDArray[np.int64]) -> Lines:
    """Put the messages of several, numbered one after the other, into an order."""
    shifts = np.cumsum([0, *(len(each.data) for each in lines)])
    starts = np.concatenate([each.starts + shift for each, shift in zip(lines, shifts, strict=False)])
    stops = np.concatenate([each.ends + shift for each, shift in zip(lines, shifts, strict=False)])
    pool = np.concatenate([each.data for each in lines])
    out, ends = np.empty(len(pool), np.uint8), np.empty(len(order), np.int64)
    written = kernels.gather(pool, starts, stops, order, out, ends)
    return Lines(out[:written], ends)


def framed(lines: Lines) -> bytes:
    """Give messages as WebSocket frames of text, each unmasked and whole, as a server sends them."""
    room = len(lines.data) + _LONGEST_HEAD * len(lines)
    out = np.empty(room, np.uint8)
    written = kernels.frame(lines.data, lines.ends, out)
    return out[:written].tobytes()


def _joined(literals: Sequence[bytes]) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    ends = np.cumsum([0, *map(len, literals)], dtype=np.int64)
    return ends, np.frombuffer(bytearray().join(literals), np.uint8)


def _stacked(columns: Sequence[NDArray[Any]], dtype: type[np.generic], rows: int) -> NDArray[Any]:
    if not columns:
        return np.zeros((0, rows), dtype)
    return np.ascontiguousarray(np.stack(columns), dtype)


def _escaped(texts: Texts) -> Texts:
    """Escape what JSON does not take as it is, which ids hardly ever have."""
    low, high = int(texts.offsets[0]), int(texts.offsets[-1])
    used = texts.data[low:high]
    if not ((used < 32) | (used == 34) | (used == 92)).any():
        return Texts(texts.offsets - np.int32(low), used)
    spelled = [quoted(text) for text in texts.texts()]
    offsets = np.cumsum([0, *map(len, spelled)], dtype=np.int32)
    return Texts(offsets, np.frombuffer(bytearray().join(spelled), np.uint8))
