"""Compiled writing of normalized messages: columns into the bytes of JSON lines.

A number comes apart before it is written: *digits* and *places* say digits / 10**places in its
shortest form. Below zero *places* say something else, see the constants. All texts are escaped
before they come here. Written lines end with a line feed; *ends* tell where.
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

NUMBER, TIME, WORD, TEXT = 0, 1, 2, 3
"""Kinds of fields."""

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


@njit(types.int64(types.uint8[::1], types.int64, types.int64), cache=True, nogil=True)
def _put_integer(text: NDArray[np.uint8], at: int, value: int) -> int:
    """Write the digits of a number that is not negative; give the place after them."""
    length = 1
    limit = 10
    while length < 19 and value >= limit:
        limit *= 10
        length += 1
    place = at + length - 1
    while place >= at:
        text[place] = 48 + value % 10
        value //= 10
        place -= 1
    return at + length


@njit(
    types.int64(types.uint8[::1], types.int64, types.uint8[::1], types.int64, types.int64),
    cache=True,
    nogil=True,
)
def _put_bytes(text: NDArray[np.uint8], at: int, source: NDArray[np.uint8], low: int, high: int) -> int:
    for i in range(high - low):
        text[at + i] = source[low + i]
    return at + high - low


@njit(
    types.int64(types.uint8[::1], types.int64, types.int64, types.int64, types.int64[::1], types.uint8[::1]),
    cache=True,
    nogil=True,
)
def _put_number(
    text: NDArray[np.uint8],
    at: int,
    digits: int,
    places: int,
    hard_ends: NDArray[np.int64],
    hard: NDArray[np.uint8],
) -> int:
    """Write a number as ECMAScript prints it; what is absent as null."""
    if places == HARD:
        return int(_put_bytes(text, at, hard, hard_ends[digits], hard_ends[digits + 1]))
    if places == ABSENT:
        text[at], text[at + 1], text[at + 2], text[at + 3] = 110, 117, 108, 108
        return at + 4
    if digits < 0:
        text[at] = 45
        at += 1
        digits = -digits
    if places == 0:
        return int(_put_integer(text, at, digits))
    length = 1
    limit = 10
    while digits >= limit:
        limit *= 10
        length += 1
    point = length - places
    if point > 0:
        end = at + length + 1
        place = end - 1
        for _ in range(places):
            text[place] = 48 + digits % 10
            digits //= 10
            place -= 1
        text[place] = 46
        place -= 1
        while place >= at:
            text[place] = 48 + digits % 10
            digits //= 10
            place -= 1
        return end
    if point > -6:
        text[at], text[at + 1] = 48, 46
        at += 2
        for _ in range(-point):
            text[at] = 48
            at += 1
        place = at + length - 1
        while place >= at:
            text[place] = 48 + digits % 10
            digits //= 10
            place -= 1
        return at + length
    limit //= 10
    text[at] = 48 + digits // limit
    at += 1
    if length > 1:
        text[at] = 46
        rest = digits % limit
        place = at + length - 1
        while place > at:
            text[place] = 48 + rest % 10
            rest //= 10
            place -= 1
        at += length
    text[at], text[at + 1] = 101, 45
    return int(_put_integer(text, at + 2, 1 - point))


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
        _put_bytes(text, at, text, known[1], known[1] + 19)
    else:
        _put_second(text, at, second)
        known[0] = second
    known[1] = at
    text[at + 19] = 46
    count = 6
    if not is_fine:
        fraction //= 1000
        count = 3
    for place in range(count - 1, -1, -1):
        text[at + 20 + place] = 48 + fraction % 10
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
        types.int8[:, ::1],
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
    digits: NDArray[np.int64],
    places: NDArray[np.int8],
    hard_ends: NDArray[np.int64],
    hard: NDArray[np.uint8],
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
    of that kind; literal ``i + 1`` stands before field ``i``, which is left out with it where it is
    absent. A word's code is the number of its literal, below zero for none; a text is
    ``texts[text_ends[i, row] : text_ends[i, row + 1]]``, empty for none.
    """
    at = 0
    known = np.array([-(2**62), 0])
    missing_us = -(2**63)
    for row in range(rows):
        at = _put_bytes(out, at, literals, literal_ends[0], literal_ends[1])
        for field in range(len(fields)):
            kind, place = fields[field, 0], fields[field, 1]
            low, high = literal_ends[field + 1], literal_ends[field + 2]
            if kind == NUMBER:
                if places[place, row] != ABSENT or absent_is_null:
                    at = _put_bytes(out, at, literals, low, high)
                    at = _put_number(
                        out, at, digits[place, row], np.int64(places[place, row]), hard_ends, hard
                    )
            elif kind == TIME:
                if times_us[place, row] != missing_us:
                    at = _put_bytes(out, at, literals, low, high)
                    at = _put_time(out, at, times_us[place, row], is_fine[place, row], known)
                    out[at] = 34
                    at += 1
            elif kind == WORD:
                code = codes[place, row]
                if code >= 0:
                    at = _put_bytes(out, at, literals, low, high)
                    at = _put_bytes(out, at, literals, literal_ends[code], literal_ends[code + 1])
                    out[at] = 34
                    at += 1
            elif text_ends[place, row] != text_ends[place, row + 1]:
                at = _put_bytes(out, at, literals, low, high)
                at = _put_bytes(out, at, texts, text_ends[place, row], text_ends[place, row + 1])
                out[at] = 34
                at += 1
        out[at], out[at + 1] = 125, 10
        at += 2
        ends[row] = at
    return at


@njit(
    types.int64(
        types.uint8[::1],
        types.int64,
        types.int64[:, ::1],
        types.int8[:, ::1],
        types.int64[::1],
        types.uint8[::1],
        types.int64,
        types.boolean,
    ),
    cache=True,
    nogil=True,
)
def _put_level(
    out: NDArray[np.uint8],
    at: int,
    digits: NDArray[np.int64],
    places: NDArray[np.int8],
    hard_ends: NDArray[np.int64],
    hard: NDArray[np.uint8],
    row: int,
    is_first: bool,
) -> int:
    """Write ``{"price":1,"amount":2}``, after a comma unless it is the first; ``{}`` for none."""
    if not is_first:
        out[at] = 44
        at += 1
    out[at] = 123
    at += 1
    if places[0, row] != ABSENT:
        for i, byte in enumerate(b'"price":'):
            out[at + i] = byte
        at = _put_number(out, at + 8, digits[0, row], np.int64(places[0, row]), hard_ends, hard)
        for i, byte in enumerate(b',"amount":'):
            out[at + i] = byte
        at = _put_number(out, at + 10, digits[1, row], np.int64(places[1, row]), hard_ends, hard)
    out[at] = 125
    return at + 1


@njit(
    types.int64(
        types.int64[::1],
        types.int64[::1],
        types.int8[::1],
        types.int64[:, ::1],
        types.int8[:, ::1],
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
    digits: NDArray[np.int64],
    places: NDArray[np.int8],
    hard_ends: NDArray[np.int64],
    hard: NDArray[np.uint8],
    heads: NDArray[np.int32],
    times_us: NDArray[np.int64],
    is_fine: NDArray[np.bool_],
    literal_ends: NDArray[np.int64],
    literals: NDArray[np.uint8],
    out: NDArray[np.uint8],
    ends: NDArray[np.int64],
) -> int:
    """Write messages that hold levels of a book; give the bytes written.

    Message ``i`` has the rows [starts[i], stops[i]), of which *sides* tells bid (0) and ask (1), and
    *digits* and *places* price and amount. It opens with the literal of number heads[i], up to and
    with the bracket of the bids; literal 0 stands between bids and asks, 1 before the time and 2 before
    the local time.
    """
    at = 0
    known = np.array([-(2**62), 0])
    for message in range(len(starts)):
        head = heads[message]
        at = _put_bytes(out, at, literals, literal_ends[head], literal_ends[head + 1])
        for side in range(2):
            is_first = True
            for row in range(starts[message], stops[message]):
                if sides[row] == side:
                    at = _put_level(out, at, digits, places, hard_ends, hard, row, is_first)
                    is_first = False
            at = _put_bytes(out, at, literals, literal_ends[side], literal_ends[side + 1])
        at = _put_time(out, at, times_us[0, message], is_fine[0, message], known)
        at = _put_bytes(out, at, literals, literal_ends[2], literal_ends[3])
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
        at = _put_bytes(out, at, pool, starts[message], stops[message])
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
        at = _put_bytes(out, at, data, begin, begin + length)
        begin = ends[message]
    return at
