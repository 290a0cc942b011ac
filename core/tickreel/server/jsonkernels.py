"""Compiled writing of normalized messages: columns into the bytes of JSON lines.

Numbers become text first, all of them in one go, so that messages are put together from pieces of
text alone; all other texts are escaped before they come here. Lines end with a line feed, *ends* tell
where. What copies a few bytes does so in place: to hand arrays to a function costs more. It is one file,
because Numba's cache on disk looks at the file of a kernel alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import types

from tickreel.kernels import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

HARD = -1
"""The number has too many digits to be written here: *digits* is its place among ready texts."""
ABSENT = -2
"""There is no number."""

TIME, WORD, TEXT, NUMBER = 0, 1, 2, 3
"""Kinds of fields; all but numbers stand between quotes."""

LONGEST_NUMBER = 25
LONGEST_TIME = 27

_LIMIT = 1e15
"""Below it every decimal is told from every other by its float64."""
_MOST_PLACES = 22
"""Powers of ten up to this one are exact."""
_TENS = 10.0 ** np.arange(_MOST_PLACES + 1)


@njit(
    types.int64(types.float64[::1], types.int64[::1], types.int8[::1]),
    cache=True,
    nogil=True,
    error_model="numpy",
)
def take_apart(values: NDArray[np.float64], digits: NDArray[np.int64], places: NDArray[np.int8]) -> int:
    """Find digits and places of each number; give how many are hard.

    A decimal of at most 15 digits that reads back to the same float64 is the shortest, and dividing
    by an exact power of ten rounds as reading does.
    """
    hard = 0
    guess = 0
    for i in range(len(values)):
        value = values[i]
        if np.isnan(value):
            digits[i], places[i] = 0, ABSENT
            continue
        size = abs(value)
        place = guess
        if size * _TENS[place] >= _LIMIT:
            place = 0
        found = False
        while place <= _MOST_PLACES:
            scaled = size * _TENS[place]
            if scaled >= _LIMIT:
                break
            whole = np.floor(scaled + 0.5)
            if whole / _TENS[place] == size:
                found = True
                break
            place += 1
        if not found:
            digits[i], places[i] = hard, HARD
            hard += 1
            continue
        count = np.int64(np.floor(size * _TENS[place] + 0.5))
        guess = place
        while place > 0 and count % 10 == 0:
            count //= 10
            place -= 1
        digits[i], places[i] = (-count if value < 0 else count), place
    return hard


@njit(
    types.int64(
        types.int64[::1],
        types.int8[::1],
        types.int64[::1],
        types.uint8[::1],
        types.uint8[::1],
        types.int64[::1],
    ),
    cache=True,
    nogil=True,
    error_model="numpy",
)
def print_numbers(
    digits: NDArray[np.int64],
    places: NDArray[np.int8],
    hard_ends: NDArray[np.int64],
    hard: NDArray[np.uint8],
    out: NDArray[np.uint8],
    ends: NDArray[np.int64],
) -> int:
    """Print numbers that were taken apart as ECMAScript does; give the bytes written.

    Number ``i`` is ``out[ends[i] : ends[i + 1]]``, nothing where it is absent.
    """
    at = 0
    ends[0] = 0
    for i in range(len(digits)):
        decimals = int(places[i])
        if decimals == HARD:
            for k in range(hard_ends[digits[i]], hard_ends[digits[i] + 1]):
                out[at] = hard[k]
                at += 1
        elif decimals != ABSENT:
            rest = digits[i]
            if rest < 0:
                out[at] = 45
                at += 1
                rest = -rest
            length = 1
            limit = 10
            while rest >= limit:
                limit *= 10
                length += 1
            point = length - decimals
            end = at + length
            if point <= -6:  # as 1.5e-7
                unit = limit // 10
                out[at] = 48 + rest // unit
                at += 1
                if length > 1:
                    out[at] = 46
                    rest %= unit
                    for place in range(at + length - 1, at, -1):
                        out[place] = 48 + rest % 10
                        rest //= 10
                    at += length
                out[at], out[at + 1] = 101, 45
                at += 2
                if 1 - point >= 10:
                    out[at] = 48 + (1 - point) // 10
                    at += 1
                out[at] = 48 + (1 - point) % 10
                at += 1
            elif point <= 0:  # as 0.0015
                out[at], out[at + 1] = 48, 46
                for place in range(at + 2, at + 2 - point):
                    out[place] = 48
                at += 2 - point
                for place in range(at + length - 1, at - 1, -1):
                    out[place] = 48 + rest % 10
                    rest //= 10
                at += length
            elif decimals:
                for place in range(end, at + point, -1):
                    out[place] = 48 + rest % 10
                    rest //= 10
                out[at + point] = 46
                for place in range(at + point - 1, at - 1, -1):
                    out[place] = 48 + rest % 10
                    rest //= 10
                at = end + 1
            else:
                for place in range(end - 1, at - 1, -1):
                    out[place] = 48 + rest % 10
                    rest //= 10
                at = end
        ends[i + 1] = at
    return at


@njit(types.void(types.uint8[::1], types.int64, types.int64), cache=True, nogil=True)
def _put_second(text: NDArray[np.uint8], at: int, second: int) -> None:
    """Write ``2019-04-01T00:00:02`` of a second since 1970."""
    days = second // 86_400
    rest = second - days * 86_400
    # The civil calendar in eras of 400 years, from 0000-03-01.
    shifted = days + 719_468
    era = shifted // 146_097
    of_era = shifted - era * 146_097
    year_of_era = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted_month = (5 * of_year + 2) // 153
    day = of_year - (153 * shifted_month + 2) // 5 + 1
    month = shifted_month + 3 if shifted_month < 10 else shifted_month - 9
    year = year_of_era + era * 400 + (1 if month <= 2 else 0)
    for place in range(3, -1, -1):
        text[at + place] = 48 + year % 10
        year //= 10
    text[at + 4] = 45
    text[at + 5], text[at + 6] = 48 + month // 10, 48 + month % 10
    text[at + 7] = 45
    text[at + 8], text[at + 9] = 48 + day // 10, 48 + day % 10
    text[at + 10] = 84
    hour = rest // 3600
    minute = rest // 60 % 60
    rest %= 60
    text[at + 11], text[at + 12] = 48 + hour // 10, 48 + hour % 10
    text[at + 13] = 58
    text[at + 14], text[at + 15] = 48 + minute // 10, 48 + minute % 10
    text[at + 16] = 58
    text[at + 17], text[at + 18] = 48 + rest // 10, 48 + rest % 10


@njit(
    types.int64(types.uint8[::1], types.int64, types.int64, types.boolean, types.int64[::1]),
    cache=True,
    nogil=True,
)
def _put_time(text: NDArray[np.uint8], at: int, time_us: int, is_fine: bool, known: NDArray[np.int64]) -> int:
    """Write a time with 6 digits of its second, or 3; *known* is a second and where it was written last."""
    second = time_us // 1_000_000
    fraction = time_us - second * 1_000_000
    if known[0] == second:
        for i in range(19):
            text[at + i] = text[known[1] + i]
    else:
        _put_second(text, at, second)
        known[0] = second
    known[1] = at
    text[at + 19] = 46
    count = 6
    if not is_fine:
        fraction //= 1000
        count = 3
    for place in range(at + 19 + count, at + 19, -1):
        text[place] = 48 + fraction % 10
        fraction //= 10
    text[at + 20 + count] = 90
    return at + 21 + count


@njit(
    types.int64(
        types.int64,
        types.int64[:, ::1],
        types.int64[::1],
        types.uint8[::1],
        types.int64[:, ::1],
        types.boolean[:, ::1],
        types.int32[:, ::1],
        types.int64[:, ::1],
        types.uint8[::1],
        types.boolean,
        types.uint8[::1],
        types.int64[::1],
    ),
    cache=True,
    nogil=True,
)
def write_flat(
    rows: int,
    fields: NDArray[np.int64],
    literal_ends: NDArray[np.int64],
    literals: NDArray[np.uint8],
    times_us: NDArray[np.int64],
    is_fine: NDArray[np.bool_],
    codes: NDArray[np.int32],
    text_ends: NDArray[np.int64],
    texts: NDArray[np.uint8],
    absent_is_null: bool,
    out: NDArray[np.uint8],
    ends: NDArray[np.int64],
) -> int:
    """Write messages whose fields are single values; give the bytes written.

    Literal 0 opens each message. *fields* has of each field its kind and its place among the columns
    of that kind, of texts and numbers together; literal ``i + 1`` stands before field ``i``, which is
    left out with it where it is absent. A word's code is the number of its literal, below zero for
    none; a text is ``texts[text_ends[i, row] : text_ends[i, row + 1]]``, empty for none.
    """
    at = 0
    known = np.array([-(2**62), 0])
    missing_us = -(2**63)
    for row in range(rows):
        for k in range(literal_ends[0], literal_ends[1]):
            out[at] = literals[k]
            at += 1
        for field in range(len(fields)):
            kind, place = fields[field, 0], fields[field, 1]
            low, high = 0, 0
            if kind == TIME:
                if times_us[place, row] == missing_us:
                    continue
            elif kind == WORD:
                code = codes[place, row]
                if code < 0:
                    continue
                low, high = literal_ends[code], literal_ends[code + 1]
            else:
                low, high = text_ends[place, row], text_ends[place, row + 1]
                if low == high and not (kind == NUMBER and absent_is_null):
                    continue
            for k in range(literal_ends[field + 1], literal_ends[field + 2]):
                out[at] = literals[k]
                at += 1
            if kind == TIME:
                at = _put_time(out, at, times_us[place, row], is_fine[place, row], known)
            elif kind == WORD:
                for k in range(low, high):
                    out[at] = literals[k]
                    at += 1
            elif low == high:
                out[at], out[at + 1], out[at + 2], out[at + 3] = 110, 117, 108, 108
                at += 4
            else:
                for k in range(low, high):
                    out[at] = texts[k]
                    at += 1
            if kind != NUMBER:
                out[at] = 34
                at += 1
        out[at], out[at + 1] = 125, 10
        at += 2
        ends[row] = at
    return at


@njit(
    types.int64(
        types.int64[::1],
        types.int64[::1],
        types.int8[::1],
        types.int64[::1],
        types.uint8[::1],
        types.int32[::1],
        types.int64[:, ::1],
        types.boolean[:, ::1],
        types.int64[::1],
        types.uint8[::1],
        types.uint8[::1],
        types.int64[::1],
    ),
    cache=True,
    nogil=True,
)
def write_books(
    starts: NDArray[np.int64],
    stops: NDArray[np.int64],
    sides: NDArray[np.int8],
    text_ends: NDArray[np.int64],
    texts: NDArray[np.uint8],
    heads: NDArray[np.int32],
    times_us: NDArray[np.int64],
    is_fine: NDArray[np.bool_],
    literal_ends: NDArray[np.int64],
    literals: NDArray[np.uint8],
    out: NDArray[np.uint8],
    ends: NDArray[np.int64],
) -> int:
    """Write messages that hold levels of a book; give the bytes written.

    Message ``i`` has the rows [starts[i], stops[i]), of which *sides* tells bid (0) and ask (1); of their
    printed numbers all prices come first, then all amounts, and a level without a price is empty. The
    message opens with the literal of number heads[i], up to and with the bracket of the bids; literal 0
    stands between bids and asks, 1 before the time and 2 before the local time.
    """
    at = 0
    known = np.array([-(2**62), 0])
    for message in range(len(starts)):
        for k in range(literal_ends[heads[message]], literal_ends[heads[message] + 1]):
            out[at] = literals[k]
            at += 1
        for side in range(2):
            is_first = True
            for row in range(starts[message], stops[message]):
                if sides[row] != side:
                    continue
                if not is_first:
                    out[at] = 44
                    at += 1
                is_first = False
                out[at] = 123
                at += 1
                if text_ends[row] != text_ends[row + 1]:
                    # "price":
                    out[at], out[at + 1], out[at + 2], out[at + 3] = 34, 112, 114, 105
                    out[at + 4], out[at + 5], out[at + 6], out[at + 7] = 99, 101, 34, 58
                    at += 8
                    for k in range(text_ends[row], text_ends[row + 1]):
                        out[at] = texts[k]
                        at += 1
                    # ,"amount":
                    out[at], out[at + 1], out[at + 2], out[at + 3], out[at + 4] = 44, 34, 97, 109, 111
                    out[at + 5], out[at + 6], out[at + 7], out[at + 8], out[at + 9] = 117, 110, 116, 34, 58
                    at += 10
                    amount = len(sides) + row
                    for k in range(text_ends[amount], text_ends[amount + 1]):
                        out[at] = texts[k]
                        at += 1
                out[at] = 125
                at += 1
            for k in range(literal_ends[side], literal_ends[side + 1]):
                out[at] = literals[k]
                at += 1
        at = _put_time(out, at, times_us[0, message], is_fine[0, message], known)
        for k in range(literal_ends[2], literal_ends[3]):
            out[at] = literals[k]
            at += 1
        at = _put_time(out, at, times_us[1, message], is_fine[1, message], known)
        out[at], out[at + 1], out[at + 2] = 34, 125, 10
        at += 3
        ends[message] = at
    return at


@njit(
    types.int64(
        types.uint8[::1],
        types.int64[::1],
        types.int64[::1],
        types.int64[::1],
        types.uint8[::1],
        types.int64[::1],
    ),
    cache=True,
    nogil=True,
)
def gather(
    pool: NDArray[np.uint8],
    starts: NDArray[np.int64],
    stops: NDArray[np.int64],
    order: NDArray[np.int64],
    out: NDArray[np.uint8],
    ends: NDArray[np.int64],
) -> int:
    """Copy messages out of a pool in an order; give the bytes written."""
    at = 0
    for i in range(len(order)):
        message = order[i]
        for k in range(starts[message], stops[message]):
            out[at] = pool[k]
            at += 1
        ends[i] = at
    return at


@njit(
    types.int64(types.uint8[::1], types.int64[::1], types.uint8[::1]),
    cache=True,
    nogil=True,
)
def frame(data: NDArray[np.uint8], ends: NDArray[np.int64], out: NDArray[np.uint8]) -> int:
    """Put each message, without its line end, into a WebSocket frame of text; give the bytes written."""
    at = 0
    begin = 0
    for message in range(len(ends)):
        length = ends[message] - begin - 1
        out[at] = 0x81
        if length < 126:
            out[at + 1] = length
            at += 2
        elif length < 65_536:
            out[at + 1] = 126
            out[at + 2], out[at + 3] = length >> 8, length & 255
            at += 4
        else:
            out[at + 1] = 127
            for place in range(8):
                out[at + 2 + place] = (length >> (8 * (7 - place))) & 255
            at += 10
        for k in range(begin, begin + length):
            out[at] = data[k]
            at += 1
        begin = ends[message]
    return at
