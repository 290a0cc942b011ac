"""The compiled heart of the parser: whole lines of text into columns, one pass, no second look.

One kernel reads every data type. All begin with exchange, symbol, timestamp and local_timestamp,
which mostly repeat the row before and are compared with it eight bytes at a time; the columns
after them follow a plan. What the kernel does not take for plain it leaves alone: it stops at that
row, and the grammar decides. So nothing is refused here, and nothing refused gets through.

A second kernel knows only the rows of an order book that are written as nearly all are, and reads
them in two thirds of the time; at any other row it stops, and the first goes on from there.

The kernels are long and say some things twice, because a helper that is given arrays makes such a
loop three times as slow. They lie in one file because what they share is compiled into both, and
Numba's cache looks at the file of a kernel alone.

For the same reason constants are spelled here and not in a module without Numba: kernels compiled
for those of an older version would be kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from tickreel.kernels import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

# What a column of the plan holds, and its other entries.
TIME = 0
NUMBER = 1
FLAG = 2
BOOK_SIDE = 3
TRADE_SIDE = 4
WORDS = 5
TEXTS = 6
PLAN_KIND = 0
PLAN_SLOT = 1  # row of the array that takes the column
PLAN_REQUIRED = 2
PLAN_AMOUNT = 3  # below zero is refused
PLAN_SIZE = 4

# Slots of the state that lasts from call to call over one piece of text.
POSITION = 0  # where the next row begins
ROWS = 1
LAST_LOCAL_US = 2
PENDING = 3
TEXT_BYTES = 4  # written to the data of the TEXTS column
PREVIOUS = 5  # where the last row begins whose exchange and symbol may repeat, or -1
PREFIX_BYTES = 6
STATE_SIZE = 7

# Why the kernel came back.
DONE = 0
ODD = 1  # the row at POSITION is not plain, or must be refused
PENDING_FULL = 2
ROWS_FULL = 3  # of the arrays, or up to the row that the caller named

# A number left to Python, which rounds any digits correctly.
PENDING_ROW = 0
PENDING_COLUMN = 1  # position in the plan
PENDING_BEGIN = 2
PENDING_END = 3
PENDING_LINE = 4  # where its row begins
PENDING_SIZE = 5

PADDING = 64
"""Readable bytes that must follow the text."""

_MISSING = np.int64(-(2**63))
_EARLIEST_US = 1_262_304_000_000_000
_LATEST_US = 4_102_444_800_000_000
_MOST_DIGITS = 18
"""Digits that surely fit into 64 bits."""
_EXACT = np.uint64(2**53)
"""Up to here, and up to this power of ten, float64 is exact: one division then rounds correctly."""
_EXACT_POWER = 22
_POWERS = np.array([10.0**power for power in range(_EXACT_POWER + 1)])

_COMMA = np.uint8(44)
_MINUS = np.uint8(45)
_POINT = np.uint8(46)
_LF = np.uint8(10)
_CR = np.uint8(13)

# Words as the first bytes of a little-endian load; what lies behind them is masked away.
_TRUE = np.uint64(int.from_bytes(b"true", "little"))
_FALSE = np.uint64(int.from_bytes(b"false", "little"))
_BID = np.uint64(int.from_bytes(b"bid", "little"))
_ASK = np.uint64(int.from_bytes(b"ask", "little"))
_BUY = np.uint64(int.from_bytes(b"buy", "little"))
_SELL = np.uint64(int.from_bytes(b"sell", "little"))
_UNKNOWN = np.uint64(int.from_bytes(b"unknown", "little"))
_TRUE_CELL = np.uint64(int.from_bytes(b"true,", "little"))
_FALSE_CELL = np.uint64(int.from_bytes(b"false,", "little"))
_BID_CELL = np.uint64(int.from_bytes(b"bid,", "little"))
_ASK_CELL = np.uint64(int.from_bytes(b"ask,", "little"))
_THREE = np.uint64(2**24 - 1)
_FOUR = np.uint64(2**32 - 1)
_FIVE = np.uint64(2**40 - 1)
_SIX = np.uint64(2**48 - 1)
_SEVEN = np.uint64(2**56 - 1)

_ZEROS = np.uint64(int.from_bytes(b"00000000", "little"))
_POINTS = np.uint64(int.from_bytes(b"........", "little"))
_MINUSES = np.uint64(int.from_bytes(b"--------", "little"))
_ONES = np.uint64(0x0101010101010101)

_at = np.uint64


def _loading(context: Any, text: Any, place: Any) -> Any:
    """Load eight bytes of an array from anywhere, as one little-endian number."""
    signature = types.uint64(text, types.uint64)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        view: Any = cgutils.create_struct_proxy(signature.args[0])  # type: ignore[no-untyped-call]
        array = view(context, builder, arguments[0])
        pointer = builder.gep(array.data, [arguments[1]])
        value = builder.load(builder.bitcast(pointer, ir.IntType(64).as_pointer()))
        value.align = 1
        return value

    return signature, generate


_load8: Any = intrinsic(_loading)


def _counting_zeros(context: Any, word: Any) -> Any:
    """Count the zero bits below the lowest one that is set; 64 where none is."""
    signature = types.uint64(types.uint64)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return signature, generate


_zeros_below: Any = intrinsic(_counting_zeros)


@njit(inline="always")
def _bits_before(marks: np.uint64) -> np.uint64:
    """Count the bits of the bytes before the first whose highest bit is set; 64 where none is."""
    return np.uint64(_zeros_below(marks & np.uint64(0x8080808080808080)) & np.uint64(0x78))


@njit(inline="always")
def _are_digits(word: np.uint64) -> bool:
    high = np.uint64(0xF0F0F0F0F0F0F0F0)
    carried = word + np.uint64(0x0606060606060606)
    return bool(((word & high) | ((carried & high) >> np.uint64(4))) == np.uint64(0x3333333333333333))


@njit(inline="always")
def _are_values(values: np.uint64) -> bool:
    """Tell whether no byte is above 9."""
    above = values + np.uint64(0x7676767676767676)
    return bool((values | above) & np.uint64(0x8080808080808080) == np.uint64(0))


@njit(inline="always")
def _joined(values: np.uint64) -> np.uint64:
    """Join the values of eight digits: neighbours to pairs, pairs to fours, fours to eight."""
    mask = np.uint64(0x000000FF000000FF)
    values = values * np.uint64(10) + (values >> np.uint64(8))
    low = (values & mask) * np.uint64(0x000F424000000064)
    high = ((values >> np.uint64(16)) & mask) * np.uint64(0x0000271000000001)
    return np.uint64((low + high) >> np.uint64(32))


@njit(inline="always")
def _eight_digits(word: np.uint64) -> np.int64:
    return np.int64(_joined(word - _ZEROS))


@njit(inline="always")
def _short_number(word: np.uint64) -> tuple[np.uint64, np.uint64, np.uint64]:
    """Read a number of less than eight bytes: all its digits, how many are behind the point, its bits.

    0 bits where it does not end so soon, or is anything but digits with at most one point.
    """
    end_bits = _bits_before((word - _MINUSES) & ~word)
    differs_by = word ^ _POINTS
    whole_bits = min(_bits_before((differs_by - _ONES) & ~differs_by), end_bits)
    values = word ^ _ZEROS
    # The point is taken out, and what is behind the number pushed out.
    below = (np.uint64(1) << whole_bits) - np.uint64(1)
    bits = end_bits - (np.uint64(whole_bits != end_bits) << np.uint64(3))
    values = ((values & below) | ((values >> np.uint64(8)) & ~below)) << (
        (np.uint64(64) - bits) & np.uint64(63)
    )
    is_plain = (end_bits != np.uint64(64)) & (bits != np.uint64(0)) & _are_values(values)
    return _joined(values), (bits - whole_bits) >> np.uint64(3), end_bits if is_plain else np.uint64(0)


@njit(inline="always")
def _long_number(low: np.uint64, high: np.uint64) -> tuple[np.uint64, np.uint64, np.uint64]:
    """Read a number of 8 to 15 bytes, the first eight of which are *low*, as :func:`_short_number` does."""
    end_bits = _bits_before((high - _MINUSES) & ~high)
    differs_by = low ^ _POINTS
    whole_bits = _bits_before((differs_by - _ONES) & ~differs_by)
    first = low ^ _ZEROS
    last = high ^ _ZEROS
    if whole_bits != np.uint64(64):
        below = (np.uint64(1) << whole_bits) - np.uint64(1)
        first = (first & below) | (((first >> np.uint64(8)) | (last << np.uint64(56))) & ~below)
        last >>= np.uint64(8)
        bits = end_bits + np.uint64(56)
    else:
        differs_by = high ^ _POINTS
        whole_bits = min(_bits_before((differs_by - _ONES) & ~differs_by), end_bits)
        below = (np.uint64(1) << (whole_bits & np.uint64(63))) - np.uint64(1)
        last = (last & below) | ((last >> np.uint64(8)) & ~below)
        bits = end_bits + np.uint64(64) - (np.uint64(whole_bits != end_bits) << np.uint64(3))
        whole_bits += np.uint64(64)
    if bits <= np.uint64(64):
        last = first << (np.uint64(64) - bits)
        first = np.uint64(0)
    else:
        shift = (np.uint64(128) - bits) & np.uint64(63)
        last = (last << shift) | (first >> (np.uint64(64) - shift))
        first <<= shift
    is_plain = (end_bits != np.uint64(64)) & _are_values(first) & _are_values(last)
    mantissa = _joined(first) * np.uint64(100_000_000) + _joined(last)
    whole = end_bits + np.uint64(64)
    return mantissa, (bits - whole_bits) >> np.uint64(3), whole if is_plain else np.uint64(0)


@njit(
    types.int64(
        types.uint8[::1],
        types.int64,
        types.int64,
        types.int64,
        types.uint8[::1],
        types.int64[:, ::1],
        types.int64[::1],
        types.int64[:, ::1],
        types.float64[:, ::1],
        types.boolean[:, ::1],
        types.int8[:, ::1],
        types.int32[:, ::1],
        types.int32[:, ::1],
        types.int32[:, :, ::1],
        types.int64[::1],
        types.int32[::1],
        types.uint8[::1],
        types.int64[:, ::1],
        types.int64[::1],
    ),
    cache=True,
    nogil=True,
    error_model="numpy",  # no check of divisors: they are powers of ten
    _nrt=False,  # it makes no arrays: counting who holds them takes longer than it should
)
def parse_rows(
    text: NDArray[np.uint8],
    end: int,
    most: int,
    trusted: int,
    exchange: NDArray[np.uint8],
    plan: NDArray[np.int64],
    given_us: NDArray[np.int64],
    times: NDArray[np.int64],
    numbers: NDArray[np.float64],
    flags: NDArray[np.bool_],
    sides: NDArray[np.int8],
    codes: NDArray[np.int32],
    tables: NDArray[np.int32],
    spans: NDArray[np.int32],
    word_counts: NDArray[np.int64],
    offsets: NDArray[np.int32],
    data: NDArray[np.uint8],
    pending: NDArray[np.int64],
    state: NDArray[np.int64],
) -> int:
    """Parse the lines of *text* up to *end*, where the last one ends, into columns.

    Args:
        text: the lines, and :data:`PADDING` bytes more.
        end: one past the last line end.
        most: rows of the arrays to fill, at most all.
        trusted: the row that the grammar found good: its times are *given_us* where they are not
            plain, and its texts are UTF-8; -1 for none.
        exchange: the only one that the rows may have.
        plan: the columns after local_timestamp, see ``PLAN_*``.
        given_us: times of the trusted row, by slot.
        times: (slots, rows); slot 0 is timestamp, 1 local_timestamp.
        numbers: (slots, rows), like *flags*, *sides* and *codes*; slot 0 of *codes* is symbol.
        flags: see *numbers*.
        sides: see *numbers*.
        codes: see *numbers*.
        tables: (slots of codes, a power of two more than twice the rows), zeros at first.
        spans: (slots of codes, rows, 2), where each word begins and ends in *text*.
        word_counts: words met so far, by slot of codes.
        offsets: ends of the TEXTS column, from index 1.
        data: bytes of the TEXTS column, as large as *text*.
        pending: see ``PENDING_*``; numbers that the caller must fill in.
        state: see ``POSITION`` and so on.

    Returns:
        ``DONE``, ``ODD``, ``PENDING_FULL`` or ``ROWS_FULL``; *state* tells how far it came.
    """
    here = _at(state[POSITION])
    stop = _at(end)
    row = _at(state[ROWS])
    last_us = state[LAST_LOCAL_US]
    waiting = state[PENDING]
    text_bytes = _at(state[TEXT_BYTES])
    previous = _at(0)
    prefix = _at(0)  # 0 where the row must be read from its start
    symbol = np.int32(0)
    if state[PREVIOUS] >= 0:
        previous = _at(state[PREVIOUS])
        prefix = _at(state[PREFIX_BYTES])
        symbol = codes[0, row - _at(1)]
    capacity = _at(min(most, times.shape[1]))
    columns = _at(plan.shape[0])
    last_column = columns - _at(1)
    table_mask = _at(tables.shape[1] - 1)
    # The words of the times read last; no digits look like 0.
    time_high = time_low = local_high = local_low = _at(0)
    exchange_us = np.int64(0)
    local_us = np.int64(0)
    one = _at(1)
    eight = _at(8)
    status = DONE
    while here < stop:
        was_waiting = waiting
        was_text_bytes = text_bytes
        is_trusted = np.int64(row) == trusted
        if waiting + np.int64(columns) > pending.shape[0]:
            status = PENDING_FULL
            break
        if row == capacity:
            status = ROWS_FULL
            break
        status = ODD  # until the row is through

        # Exchange and symbol, mostly those of the row before.
        repeats = bool(prefix >= eight)
        if repeats:
            step = _at(0)
            while step + eight < prefix:
                if _load8(text, here + step) != _load8(text, previous + step):
                    repeats = False
                    break
                step += eight
            step = prefix - eight
            repeats = repeats and _load8(text, here + step) == _load8(text, previous + step)
        if repeats:
            place = here + prefix
        else:
            place = here
            differs = exchange.shape[0] == 0
            for index in range(exchange.shape[0]):
                if text[place] != exchange[_at(index)]:
                    differs = True
                    break
                place += one
            if differs or text[place] != _COMMA:
                break
            place += one

        # Words of the symbol here, and below of other columns: the two loops are one.
        column = _at(0)
        failed = False
        begin = place
        if not repeats:
            hashed = _at(14695981039346656037)
            bytes_or = _at(0)
            byte = _at(text[place])
            while byte != _at(_COMMA) and byte != _at(_LF) and byte != _at(_CR):
                hashed = (hashed ^ byte) * _at(1099511628211)
                bytes_or |= byte
                place += one
                byte = _at(text[place])
            if byte != _at(_COMMA) or place == begin:
                break
            cell = (hashed ^ (hashed >> _at(29))) & table_mask
            while True:
                code = tables[0, cell] - np.int32(1)
                if code < 0:
                    break
                word = _at(spans[0, _at(code), 0])
                if _at(spans[0, _at(code), 1]) - word == place - begin:
                    step = begin
                    while step < place and text[step] == text[word]:
                        step += one
                        word += one
                    if step == place:
                        break
                cell = (cell + one) & table_mask
            if code < 0:
                if bytes_or >= _at(128) and not is_trusted:
                    break
                code = np.int32(word_counts[0])
                word_counts[0] += 1
                spans[0, _at(code), 0] = begin
                spans[0, _at(code), 1] = place
                tables[0, cell] = code + np.int32(1)
            symbol = code
            place += one
            previous = here
            prefix = place - here

        # The two times: equal bytes have equal values.
        is_plain = bool(text[place + _at(16)] == _COMMA and text[place + _at(33)] == _COMMA)
        if is_plain:
            word0 = _load8(text, place)
            word1 = _load8(text, place + eight)
            word2 = _load8(text, place + _at(17))
            word3 = _load8(text, place + _at(25))
            if ((word0 ^ time_high) | (word1 ^ time_low) | (word2 ^ local_high) | (word3 ^ local_low)) != _at(
                0
            ):
                is_plain = bool(
                    _are_digits(word0) and _are_digits(word1) and _are_digits(word2) and _are_digits(word3)
                )
                exchange_us = _eight_digits(word0) * 100_000_000 + _eight_digits(word1)
                local_us = _eight_digits(word2) * 100_000_000 + _eight_digits(word3)
                time_high = word0
                time_low = word1
                local_high = word2
                local_low = word3
        if is_plain:
            place += _at(34)
        else:
            time_high = time_low = local_high = local_low = _at(0)
            for slot in range(2):
                begin = place
                negative = text[place] == _MINUS
                if negative:
                    place += one
                digits = place
                value = np.int64(0)
                byte = _at(text[place]) - _at(48)
                while byte < _at(10):
                    value = value * 10 + np.int64(byte)
                    place += one
                    byte = _at(text[place]) - _at(48)
                if place == digits or text[place] != _COMMA:
                    failed = True
                    break
                if place - digits > _at(_MOST_DIGITS):
                    if not is_trusted:
                        failed = True
                        break
                    value = given_us[_at(slot)]
                elif negative:
                    value = -value
                if slot == 0:
                    exchange_us = value
                else:
                    local_us = value
                place += one
            if failed:
                break
        if local_us < last_us or local_us < _EARLIEST_US or local_us >= _LATEST_US:
            break
        times[0, row] = exchange_us
        times[1, row] = local_us
        codes[0, row] = symbol

        while column < columns:
            kind = plan[column, PLAN_KIND]
            slot_at = _at(plan[column, PLAN_SLOT])
            begin = place
            if kind == NUMBER:
                negative = text[place] == _MINUS
                if negative:
                    place += one
                # Most numbers are short: all digits are read at once, and where the next column begins
                # follows from few steps, which the row behind waits for.
                word = _load8(text, place)
                mantissa, behind, bits = _short_number(word)
                if bits == _at(0):
                    mantissa, behind, bits = _long_number(word, _load8(text, place + eight))
                if bits != _at(0):
                    count = one  # or more, but never too many
                    power = -np.int64(behind)
                    place += bits >> _at(3)
                else:
                    digits = place
                    mantissa = _at(0)
                    byte = _at(text[place]) - _at(48)
                    while byte < _at(10):
                        mantissa = mantissa * _at(10) + byte
                        place += one
                        byte = _at(text[place]) - _at(48)
                    count = place - digits
                    power = np.int64(0)
                    if text[place] == _POINT:
                        place += one
                        digits = place
                        byte = _at(text[place]) - _at(48)
                        while byte < _at(10):
                            mantissa = mantissa * _at(10) + byte
                            place += one
                            byte = _at(text[place]) - _at(48)
                        power = -np.int64(place - digits)
                        count += place - digits
                number = np.nan
                if count == _at(0):
                    if place != begin or plan[column, PLAN_REQUIRED]:
                        failed = True
                        break
                else:
                    if text[place] | np.uint8(32) == 101:  # e or E
                        place += one
                        down = text[place] == _MINUS
                        if down or text[place] == 43:
                            place += one
                        digits = place
                        exponent = np.int64(0)
                        byte = _at(text[place]) - _at(48)
                        while byte < _at(10):
                            exponent = min(exponent * 10 + np.int64(byte), np.int64(99_999))
                            place += one
                            byte = _at(text[place]) - _at(48)
                        if place == digits:
                            failed = True
                            break
                        power += -exponent if down else exponent
                    if (
                        count > _at(_MOST_DIGITS)
                        or mantissa > _EXACT
                        or power < -_EXACT_POWER
                        or power > _EXACT_POWER
                    ):
                        pending[waiting, PENDING_ROW] = row
                        pending[waiting, PENDING_COLUMN] = column
                        pending[waiting, PENDING_BEGIN] = begin
                        pending[waiting, PENDING_END] = place
                        pending[waiting, PENDING_LINE] = here
                        waiting += 1
                    else:
                        if power <= 0:
                            number = np.float64(np.int64(mantissa)) / _POWERS[_at(-power)]
                        else:
                            number = np.float64(np.int64(mantissa)) * _POWERS[_at(power)]
                        if negative and mantissa != _at(0):
                            if plan[column, PLAN_AMOUNT]:
                                failed = True
                                break
                            number = -number
                numbers[slot_at, row] = number
            elif kind == FLAG:
                word = _load8(text, place)
                is_true = word & _FOUR == _TRUE
                if not is_true and word & _FIVE != _FALSE:
                    failed = True
                    break
                place += _at(4) if is_true else _at(5)
                flags[slot_at, row] = is_true
            elif kind == BOOK_SIDE:
                word = _load8(text, place) & _THREE
                is_ask = word == _ASK
                if not is_ask | (word == _BID):  # one branch, which can be foretold
                    failed = True
                    break
                place += _at(3)
                sides[slot_at, row] = is_ask
            elif kind == TRADE_SIDE:
                word = _load8(text, place)
                if word & _THREE == _BUY:
                    sides[slot_at, row] = 0
                    place += _at(3)
                elif word & _FOUR == _SELL:
                    sides[slot_at, row] = 1
                    place += _at(4)
                elif word & _SEVEN == _UNKNOWN:
                    sides[slot_at, row] = 2
                    place += _at(7)
                else:
                    sides[slot_at, row] = 3  # right if the cell ends here
            elif kind == TIME:
                negative = text[place] == _MINUS
                if negative:
                    place += one
                digits = place
                value = np.int64(0)
                byte = _at(text[place]) - _at(48)
                while byte < _at(10):
                    value = value * 10 + np.int64(byte)
                    place += one
                    byte = _at(text[place]) - _at(48)
                if place == digits:
                    if negative or plan[column, PLAN_REQUIRED]:
                        failed = True
                        break
                    value = _MISSING
                elif place - digits > _at(_MOST_DIGITS):
                    if not is_trusted:
                        failed = True
                        break
                    value = given_us[slot_at]
                elif negative:
                    value = -value
                times[slot_at, row] = value
            elif kind == TEXTS:
                bytes_or = _at(0)
                byte = _at(text[place])
                while byte != _at(_COMMA) and byte != _at(_LF) and byte != _at(_CR):
                    data[text_bytes] = np.uint8(byte)
                    bytes_or |= byte
                    text_bytes += one
                    place += one
                    byte = _at(text[place])
                if bytes_or >= _at(128) and not is_trusted:
                    failed = True
                    break
                offsets[row + one] = text_bytes
            else:
                hashed = _at(14695981039346656037)
                bytes_or = _at(0)
                byte = _at(text[place])
                while byte != _at(_COMMA) and byte != _at(_LF) and byte != _at(_CR):
                    hashed = (hashed ^ byte) * _at(1099511628211)
                    bytes_or |= byte
                    place += one
                    byte = _at(text[place])
                cell = (hashed ^ (hashed >> _at(29))) & table_mask
                while True:
                    code = tables[slot_at, cell] - np.int32(1)
                    if code < 0:
                        break
                    word = _at(spans[slot_at, _at(code), 0])
                    if _at(spans[slot_at, _at(code), 1]) - word == place - begin:
                        step = begin
                        while step < place and text[step] == text[word]:
                            step += one
                            word += one
                        if step == place:
                            break
                    cell = (cell + one) & table_mask
                if code < 0:
                    if bytes_or >= _at(128) and not is_trusted:
                        failed = True
                        break
                    code = np.int32(word_counts[slot_at])
                    word_counts[slot_at] += 1
                    spans[slot_at, _at(code), 0] = begin
                    spans[slot_at, _at(code), 1] = place
                    tables[slot_at, cell] = code + np.int32(1)
                codes[slot_at, row] = code
            if column < last_column:
                if text[place] != _COMMA:
                    failed = True
                    break
            else:
                if text[place] == _CR:
                    place += one
                if text[place] != _LF:
                    failed = True
                    break
            place += one
            column += one
        if failed:
            break

        last_us = local_us
        here = place
        row += one
        status = DONE
    if status != DONE:
        waiting = was_waiting
        text_bytes = was_text_bytes
    state[POSITION] = here
    state[ROWS] = row
    state[LAST_LOCAL_US] = last_us
    state[PENDING] = waiting
    state[TEXT_BYTES] = text_bytes
    is_known = prefix >= eight and previous < here
    state[PREVIOUS] = np.int64(previous) if is_known else np.int64(-1)
    state[PREFIX_BYTES] = prefix
    return status


@njit(
    types.int64(
        types.uint8[::1],
        types.int64,
        types.int64[:, ::1],
        types.float64[:, ::1],
        types.boolean[:, ::1],
        types.int8[:, ::1],
        types.int32[:, ::1],
        types.int64[::1],
    ),
    cache=True,
    nogil=True,
    error_model="numpy",
    _nrt=False,
)
def parse_plain_book_rows(
    text: NDArray[np.uint8],
    end: int,
    times: NDArray[np.int64],
    numbers: NDArray[np.float64],
    flags: NDArray[np.bool_],
    sides: NDArray[np.int8],
    codes: NDArray[np.int32],
    state: NDArray[np.int64],
) -> int:
    """Go on with rows of an order book, as far as they are written as most are.

    That is: exchange and symbol of the row before, which :func:`parse_rows` has read, times of 16
    digits, price and amount of at most 15 bytes without sign and exponent. The arguments are those
    of :func:`parse_rows`.

    Returns:
        ``DONE``, ``ROWS_FULL``, or ``ODD`` where only :func:`parse_rows` can go on.
    """
    if state[PREVIOUS] < 0:
        return ODD
    here = _at(state[POSITION])
    stop = _at(end)
    row = _at(state[ROWS])
    last_us = state[LAST_LOCAL_US]
    capacity = _at(times.shape[1])
    previous = _at(state[PREVIOUS])
    one = _at(1)
    eight = _at(8)
    prefix = _at(state[PREFIX_BYTES])
    prefix_end = _load8(text, previous + prefix - eight)
    symbol = codes[0, row - one]
    time_high = time_low = local_high = local_low = _at(0)
    exchange_us = np.int64(0)
    local_us = np.int64(0)
    status = ODD
    while True:
        if here >= stop:
            status = DONE
            break
        if row == capacity:
            status = ROWS_FULL
            break
        place = here + prefix
        differs = _load8(text, place - eight) ^ prefix_end
        step = _at(0)
        while step + eight < prefix:
            differs |= _load8(text, here + step) ^ _load8(text, previous + step)
            step += eight
        if differs != _at(0) or text[place + _at(16)] != _COMMA or text[place + _at(33)] != _COMMA:
            break
        word0 = _load8(text, place)
        word1 = _load8(text, place + eight)
        word2 = _load8(text, place + _at(17))
        word3 = _load8(text, place + _at(25))
        if ((word0 ^ time_high) | (word1 ^ time_low) | (word2 ^ local_high) | (word3 ^ local_low)) != _at(0):
            if not (_are_digits(word0) and _are_digits(word1) and _are_digits(word2) and _are_digits(word3)):
                break
            exchange_us = _eight_digits(word0) * 100_000_000 + _eight_digits(word1)
            local_us = _eight_digits(word2) * 100_000_000 + _eight_digits(word3)
            if local_us < last_us or local_us < _EARLIEST_US or local_us >= _LATEST_US:
                break
            time_high = word0
            time_low = word1
            local_high = word2
            local_low = word3
        place += _at(34)

        word = _load8(text, place)
        is_true = word & _FIVE == _TRUE_CELL
        if not is_true and word & _SIX != _FALSE_CELL:
            break
        place += _at(5) if is_true else _at(6)
        word = _load8(text, place) & _FOUR
        is_ask = word == _ASK_CELL
        if not is_ask | (word == _BID_CELL):  # one branch, which can be foretold
            break
        place += _at(4)

        word = _load8(text, place)
        price, price_power, bits = _short_number(word)
        if bits == _at(0):
            price, price_power, bits = _long_number(word, _load8(text, place + eight))
            if bits == _at(0):
                break
        place += bits >> _at(3)
        if text[place] != _COMMA:
            break
        place += one
        word = _load8(text, place)
        amount, amount_power, bits = _short_number(word)
        if bits == _at(0):
            amount, amount_power, bits = _long_number(word, _load8(text, place + eight))
            if bits == _at(0):
                break
        place += bits >> _at(3)
        if text[place] != _LF:
            break

        times[0, row] = exchange_us
        times[1, row] = local_us
        codes[0, row] = symbol
        flags[0, row] = is_true
        sides[0, row] = is_ask
        numbers[0, row] = np.float64(np.int64(price)) / _POWERS[price_power]
        numbers[1, row] = np.float64(np.int64(amount)) / _POWERS[amount_power]
        last_us = local_us
        here = place + one
        row += one
    state[POSITION] = here
    state[ROWS] = row
    state[LAST_LOCAL_US] = last_us
    return status
