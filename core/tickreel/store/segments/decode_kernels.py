"""The compiled reading of streams: byte planes to integers, numbers, sides and times.

A stream's values lie as byte planes, the lowest byte of every value first, each plane either in
the stored bytes as it is, or in what their frame held. Kernels work through a piece at a time, which
stays in the nearest cache. Every count and length was checked before a kernel of these is called;
what depends on the values themselves (escapes, lengths of runs) is checked here.

Constants are spelled here and not in a module without Numba, and the kernels that are compiled into
one another share this file: its cache on disk looks at this file alone, and would keep kernels
compiled for the constants and helpers of an older version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import config as numba_config
from numba import types
from numba.core.registry import cpu_target
from numba.extending import intrinsic

from tickreel.kernels import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A stream as a row of int64: its descriptor, and where its planes begin.
_COLUMN, _FORM, _TRANSFORM, _WIDTH, _DECIMALS, _PACKED, _VALUES, _TAIL, _BASE, _UNIT = range(10)
_PLAIN_AT, _PACKED_AT = 10, 11

_INTEGERS, _NUMBERS, _SIDED, _TEXTS = 1, 2, 3, 7
OTHER, PRICE_EMPTY, AMOUNT_EMPTY = -1, 1, 2
"""What :func:`decode_book` tells."""
_DELTA, _LATENCY = 1, 2
_RUN_LENGTHS = 0xFFFF

_PIECE = 1_024
"""Values that are worked on at a time."""
_RUNS = 512
"""Runs that are worked on at a time, which have four streams."""
_FIRST, _MORE = 4, 16
"""Rows that are filled at once: the first of every run, however short it is, and further ones."""
_LOW, _HIGH, _FIRST_US, _LAST_US = range(4)
"""Of an extent."""
_NEAR = 2.0**51
_LARGE = float(3 << 51)
_LARGE_BITS = 0x4338 << 48
"""Its bits."""

_COMPILED: dict[str, Any] = {"error_model": "numpy", "nogil": True, "cache": True}
_INSIDE: dict[str, Any] = {"error_model": "numpy", "_nrt": False}
"""Of what only kernels call: it is compiled with them, and kept on disk as a part of them.

Numba's counting of references is left out: to count each array that is handed on up and down again,
in steps that other cores see, takes a fifth of the time of decoding. Such a function can use parts
of arrays, but Numba refuses one that makes an array or gives one back.
"""

_u = np.uint64  # mixed with int64 it would become float64, so every operand is cast

_BYTES = types.Array(types.uint8, 1, "C", readonly=True)  # takes writable arrays as well
_STREAM = (_BYTES, _BYTES, types.int64[::1])
_STREAMS = (_BYTES, _BYTES, types.int64[:, ::1])
_TIMES = (types.int64[::1], types.int64[::1], types.boolean[::1])


def _rounds_once() -> bool:
    """Tell whether the processor that is compiled for has a product and a sum in one step, rounded once."""
    triple, _, features = cpu_target.target_context.codegen().magic_tuple()
    return "+fma" in features.split(",") or triple.startswith(("aarch64", "arm64"))


_config: Any = numba_config
_ROUNDS_ONCE = not _config.DISABLE_JIT and _rounds_once()


def _write_multiply_add(_context: Any, _a: types.Type, _b: types.Type, _c: types.Type) -> tuple[Any, Any]:
    def write(_context: Any, builder: Any, _signature: Any, values: Any) -> Any:
        return builder.fma(*values)

    return types.float64(types.float64, types.float64, types.float64), write


_multiply_add: Any = intrinsic(_write_multiply_add)
"""``a * b + c`` of three float64, rounded once; only inside of kernels."""


@njit(**_INSIDE)
def _divide(number: float, power: float, inverse: float) -> float:
    """Divide a number by a power of ten, of which *inverse* is ``1 / power``; rounded as division rounds.

    The processor divides one number in the time of some ten products. So the quotient is guessed, and
    twice mended by what is left over, which is known exactly: the first time it comes within one step
    of float64, from where the second finds the nearest one (Markstein, 1990).
    """
    if not _ROUNDS_ONCE:
        return number / power
    guess = number * inverse
    guess = _multiply_add(_multiply_add(-guess, power, number), inverse, guess)
    return float(_multiply_add(_multiply_add(-guess, power, number), inverse, guess))


@njit(**_INSIDE)
def _packed_below(stream: NDArray[np.int64], place: int) -> int:
    """Count the planes below one that are packed."""
    count = 0
    for lower in range(place):
        count += stream[_PACKED] >> lower & 1
    return count


@njit(types.int64(types.int64[::1]), **_COMPILED)
def tail_place(stream: NDArray[np.int64]) -> int:
    """Tell where in the payload the tail of a stream begins."""
    return int(stream[_PACKED_AT] + stream[_VALUES] * _packed_below(stream, stream[_WIDTH]))


@njit(**_INSIDE)
def _plane_at(stream: NDArray[np.int64], place: int) -> int:
    """Tell where a plane begins, among the packed bytes or the plain ones as the stream has it."""
    before = _packed_below(stream, place)
    if stream[_PACKED] >> place & 1:
        return int(stream[_PACKED_AT] + stream[_VALUES] * before)
    return int(stream[_PLAIN_AT] + stream[_VALUES] * (place - before))


@njit(**_INSIDE)
def _put_together(
    plain: NDArray[np.uint8],
    packed: NDArray[np.uint8],
    stream: NDArray[np.int64],
    low: int,
    codes: NDArray[Any],
) -> None:
    """Put the codes from *low* on together from their planes, three planes in one pass."""
    kind = codes.dtype.type
    width, n = stream[_WIDTH], codes.size
    if width == 0:
        codes[:] = 0
        return
    at = low + _plane_at(stream, 0)
    first = (packed if stream[_PACKED] >> 0 & 1 else plain)[at : at + n]
    if width == 1:
        for i in range(n):
            codes[i] = first[i]
        return
    at = low + _plane_at(stream, 1)
    second = (packed if stream[_PACKED] >> 1 & 1 else plain)[at : at + n]
    if width == 2:
        for i in range(n):
            codes[i] = kind(first[i]) | kind(second[i]) << kind(8)
        return
    at = low + _plane_at(stream, 2)
    third = (packed if stream[_PACKED] >> 2 & 1 else plain)[at : at + n]
    for i in range(n):
        codes[i] = kind(first[i]) | kind(second[i]) << kind(8) | kind(third[i]) << kind(16)
    for place in range(3, width):
        at = low + _plane_at(stream, place)
        further = (packed if stream[_PACKED] >> place & 1 else plain)[at : at + n]
        shift = kind(8 * place)
        for i in range(n):
            codes[i] |= kind(further[i]) << shift


@njit(**_INSIDE)
def _take_out(
    codes: NDArray[Any], stream: NDArray[np.int64], sides: NDArray[np.int8], escaped: NDArray[np.int64]
) -> int:
    """Take sides and escapes out of the codes of numbers.

    An escape becomes 0, which leaves a sum as it was. Gives how many there were, their places in *escaped*.
    """
    kind = codes.dtype.type
    sided = stream[_FORM] == _SIDED
    if sided:
        for i in range(codes.size):
            sides[i] = codes[i] & kind(1)
            codes[i] >>= kind(1)
    found = 0
    if stream[_TAIL]:
        escape = kind(~_u(0) >> _u(64 + sided - 8 * stream[_WIDTH]))
        greatest = kind(0)
        for i in range(codes.size):
            greatest = max(greatest, codes[i])
        if greatest == escape:
            for i in range(codes.size):
                if codes[i] == escape:
                    escaped[found] = i
                    found += 1
                    codes[i] = kind(0)
    return found


@njit(**_INSIDE)
def _unfold(codes: NDArray[Any], stream: NDArray[np.int64], total: int, out: NDArray[np.int64]) -> int:
    """Unfold codes to integers from *total* on; give what the next piece starts from.

    Sums wrap around at 64 bits, so that any two int64 have a difference.
    """
    kind = codes.dtype.type
    unit = stream[_UNIT]
    if stream[_TRANSFORM] & _DELTA:
        for i in range(codes.size):
            out[i] = np.int64(codes[i] >> kind(1)) ^ -np.int64(codes[i] & kind(1))
        for i in range(codes.size):
            total += unit * out[i]
            out[i] = total
    elif unit == 1:
        for i in range(codes.size):
            out[i] = total + np.int64(codes[i])
    else:
        for i in range(codes.size):
            out[i] = total + unit * np.int64(codes[i])
    return total


@njit(**_INSIDE)
def _integers(
    plain: NDArray[np.uint8],
    packed: NDArray[np.uint8],
    stream: NDArray[np.int64],
    low: int,
    total: int,
    short: NDArray[np.uint32],
    long: NDArray[np.uint64],
    out: NDArray[np.int64],
) -> int:
    """Decode a piece of integers, from *low* on; *total* is of :func:`_unfold`."""
    if stream[_WIDTH] <= 4:
        codes = short[: out.size]
        _put_together(plain, packed, stream, low, codes)
        return int(_unfold(codes, stream, total, out))
    wide = long[: out.size]
    _put_together(plain, packed, stream, low, wide)
    return int(_unfold(wide, stream, total, out))


@njit(types.void(*_STREAM, types.int64[::1]), **_COMPILED)
def decode_integers(
    plain: NDArray[np.uint8], packed: NDArray[np.uint8], stream: NDArray[np.int64], out: NDArray[np.int64]
) -> None:
    """Decode integers, before LATENCY is undone."""
    short = np.empty(_PIECE, np.uint32)
    long = np.empty(_PIECE, np.uint64)
    total = stream[_BASE]
    for low in range(0, out.size, _PIECE):
        piece = out[low : low + _PIECE]
        total = _integers(plain, packed, stream, low, total, short, long, piece)


@njit(**_INSIDE)
def _stays_near(stream: NDArray[np.int64]) -> bool:
    """Tell whether no integer of a stream can be beyond 2^51: by its width, whatever its codes are."""
    reach = 2.0 ** (8 * stream[_WIDTH] - (stream[_FORM] == _SIDED))
    if stream[_TRANSFORM] & _DELTA:
        reach *= 0.5 * stream[_VALUES]
    return bool(abs(float(stream[_BASE])) + abs(float(stream[_UNIT])) * reach < _NEAR)


@njit(error_model="numpy")  # it makes arrays
def _numbers(
    plain: NDArray[np.uint8],
    packed: NDArray[np.uint8],
    stream: NDArray[np.int64],
    sides: NDArray[np.int8],
    out: NDArray[np.float64],
    first: int,
    end: int,
) -> int:
    """Decode the numbers [first, end) of all those of *out*, in whole pieces; the others mean nothing.

    Gives the number of escapes met. Those behind *end* are taken for what the stream tells of them.
    """
    short = np.empty(_PIECE, np.uint32)
    long = np.empty(_PIECE, np.uint64)
    whole = np.empty(_PIECE, np.int64)
    escaped = np.empty(_PIECE, np.int64)
    shifted = whole.view(np.float64)
    bits = out.view(np.int64)
    tail = stream[_TAIL]
    tail_at = tail_place(stream)
    power = 1.0
    for _ in range(stream[_DECIMALS]):
        power *= 10.0
    inverse = 1.0 / power
    # An integer added to the bits of a float64 this large is added to its value, so that subtracting
    # it again makes a float64 of the integer: many at once, which the processor's own conversion
    # of 64 bits is not. The sums start there.
    is_near = _stays_near(stream)
    total = stream[_BASE] + (_LARGE_BITS if is_near else 0)
    met = 0
    first -= first % _PIECE
    # Sums and escapes are those of all numbers before; where there are neither, these are passed over.
    begin = 0 if tail or stream[_TRANSFORM] & _DELTA else first
    for low in range(begin, end, _PIECE):
        numbers = out[low : low + _PIECE]
        n = numbers.size
        if stream[_WIDTH] <= 4:
            codes = short[:n]
            _put_together(plain, packed, stream, low, codes)
            found = _take_out(codes, stream, sides[low : low + n], escaped)
            total = _unfold(codes, stream, total, whole[:n])
        else:
            wide = long[:n]
            _put_together(plain, packed, stream, low, wide)
            found = _take_out(wide, stream, sides[low : low + n], escaped)
            total = _unfold(wide, stream, total, whole[:n])
        if low < first:  # only its sum and its escapes count
            met += found
            continue
        if is_near:
            for i in range(n):
                numbers[i] = _divide(shifted[i] - _LARGE, power, inverse)
        else:
            for i in range(n):
                numbers[i] = _divide(float(whole[i]), power, inverse)
        for place in range(min(found, tail - met)):
            value = _u(0)
            for plane in range(8):
                value |= _u(packed[tail_at + plane * tail + met + place]) << _u(8 * plane)
            bits[low + escaped[place]] = np.int64(value)
        met += found
    return max(met, tail) if end < out.size else met


@njit(types.int64(*_STREAM, types.int8[::1], types.float64[::1]), **_COMPILED)
def decode_numbers(
    plain: NDArray[np.uint8],
    packed: NDArray[np.uint8],
    stream: NDArray[np.int64],
    sides: NDArray[np.int8],
    out: NDArray[np.float64],
) -> int:
    """Decode numbers, which are integers over a power of ten, and the sides that ride on their codes.

    Gives the number of escapes met; at most the stream's tail of them are read.
    """
    return int(_numbers(plain, packed, stream, sides, out, 0, out.size))


@njit(**_INSIDE)
def _hang_together(
    lengths: NDArray[np.int64],
    local: NDArray[np.int64],
    flag: NDArray[np.int64],
    previous: int,
    room: int,
) -> bool:
    """Tell whether some runs are what runs must be, after local time *previous* and in *room* rows."""
    ascends = local[0] >= previous
    lengths_less_one, flags = _u(0), _u(0)
    rows = 0
    for i in range(1, local.size):
        ascends &= local[i] >= local[i - 1]
    for i in range(local.size):
        lengths_less_one |= _u(lengths[i] - 1)
        flags |= _u(flag[i])
        rows += lengths[i]
    # What is below 2^32 for each of so few cannot wrap around in their sum.
    return bool(ascends and flags <= _u(1) and lengths_less_one >> _u(32) == 0 and rows <= room)


@njit(**_INSIDE)
def _spread(lengths: NDArray[np.int64], values: NDArray[np.int64], out: NDArray[np.int64], row: int) -> int:
    """Repeat the values of runs for each of their rows, from *row* on; give the row after them.

    A fixed count of stores costs less than the wrong guess of where a short run ends: what is too
    much is overwritten by the runs that follow.
    """
    for run in range(lengths.size):
        end = row + lengths[run]
        value = values[run]
        if end + _MORE <= out.size:
            for i in range(_FIRST):
                out[_u(row + i)] = value
            for at in range(row + _FIRST, end, _MORE):
                for i in range(_MORE):
                    out[_u(at + i)] = value
        else:
            for at in range(row, end):
                out[_u(at)] = value
        row = end
    return row


@njit(**_INSIDE)
def _spread_both(
    lengths: NDArray[np.int64],
    exchange: NDArray[np.int64],
    local: NDArray[np.int64],
    exchange_us: NDArray[np.int64],
    local_us: NDArray[np.int64],
    row: int,
) -> int:
    """Spread exchange and local times as :func:`_spread` does, at less than twice the cost."""
    for run in range(lengths.size):
        end = row + lengths[run]
        exchange_of_run, local_of_run = exchange[run], local[run]
        if end + _MORE <= local_us.size:
            for i in range(_FIRST):
                exchange_us[_u(row + i)] = exchange_of_run
            for i in range(_FIRST):
                local_us[_u(row + i)] = local_of_run
            for at in range(row + _FIRST, end, _MORE):
                for i in range(_MORE):
                    exchange_us[_u(at + i)] = exchange_of_run
                for i in range(_MORE):
                    local_us[_u(at + i)] = local_of_run
        else:
            for at in range(row, end):
                exchange_us[_u(at)] = exchange_of_run
                local_us[_u(at)] = local_of_run
        row = end
    return row


@njit(error_model="numpy")  # it makes arrays
def _decode_messages(
    plain: NDArray[np.uint8],
    packed: NDArray[np.uint8],
    streams: NDArray[np.int64],
    exchange_us: NDArray[np.int64],
    local_us: NDArray[np.int64],
    flags: NDArray[np.bool_],
    start_us: int,
    end_us: int,
    extent: NDArray[np.int64],
) -> bool:
    """Decode the columns of an order book's runs into their rows; tell whether they hang together.

    Where *exchange_us* is empty, it is not asked for. Rows with local time outside [*start_us*, *end_us*)
    are checked, but not written; *extent* is that of :func:`decode_book`.
    """
    short = np.empty(_RUNS, np.uint32)
    long = np.empty(_RUNS, np.uint64)
    # Lengths, exchange times, local times and flags of the runs, a row each.
    found = np.empty((4, _RUNS), np.int64)
    totals = streams[:4, _BASE].copy()
    runs, rows = streams[0, _VALUES], local_us.size
    row, previous = 0, np.int64(-(2**63))
    before = after = 0
    for low in range(0, runs, _RUNS):
        n = min(_RUNS, runs - low)
        for place in range(4):
            if place == 1 and exchange_us.size == 0:
                continue
            totals[place] = _integers(
                plain, packed, streams[place], low, totals[place], short, long, found[place, :n]
            )
        lengths, exchange, local, flag = found[0, :n], found[1, :n], found[2, :n], found[3, :n]
        if not _hang_together(lengths, local, flag, previous, rows - row):
            return False
        previous = local[n - 1]
        if low == 0:
            extent[_FIRST_US] = local[0]
        early = late = 0
        if local[0] < start_us or previous >= end_us:
            begin, stop = np.searchsorted(local, start_us), np.searchsorted(local, end_us)
            early, late = lengths[:begin].sum(), lengths[stop:].sum()
            lengths, exchange, local, flag = (
                lengths[begin:stop],
                exchange[begin:stop],
                local[begin:stop],
                flag[begin:stop],
            )
            n = local.size
            before += early
            after += late
        row += early
        if n == 0:
            row += late
            continue
        if exchange_us.size:
            if streams[1, _TRANSFORM] & _LATENCY:
                for i in range(n):
                    exchange[i] = local[i] - exchange[i]
            end = _spread_both(lengths, exchange, local, exchange_us, local_us, row)
        else:
            end = _spread(lengths, local, local_us, row)
        differing = np.int64(0)
        for i in range(n):
            differing |= flag[i] ^ flag[0]
        if differing == 0:
            flags[row:end] = flag[0] != 0
        else:
            at = row
            for run in range(n):
                flags[at : at + lengths[run]] = flag[run] != 0
                at += lengths[run]
        row = end + late
    extent[_LOW], extent[_HIGH], extent[_LAST_US] = before, rows - after, previous
    return row == rows


@njit(**_INSIDE)
def _any_empty(numbers: NDArray[np.float64]) -> bool:
    """Tell whether any number is the NaN that stands for an empty cell."""
    empty = False
    for i in range(numbers.size):
        empty |= numbers[i] != numbers[i]
    return empty


@njit(
    types.int64(
        *_STREAMS,
        *_TIMES,
        types.int8[::1],
        types.float64[::1],
        types.float64[::1],
        types.int64,
        types.int64,
        types.int64[::1],
    ),
    **_COMPILED,
)
def decode_book(
    plain: NDArray[np.uint8],
    packed: NDArray[np.uint8],
    streams: NDArray[np.int64],
    exchange_us: NDArray[np.int64],
    local_us: NDArray[np.int64],
    flags: NDArray[np.bool_],
    sides: NDArray[np.int8],
    prices: NDArray[np.float64],
    amounts: NDArray[np.float64],
    start_us: int,
    end_us: int,
    extent: NDArray[np.int64],
) -> int:
    """Decode a chunk of one order book at once, where it is laid out as such chunks mostly are.

    Where *exchange_us*, *prices* or *amounts* are empty, they are not asked for. Of the other rows than
    those with local time in [*start_us*, *end_us*) nothing is written that means anything. *extent* takes
    the first row inside and the one behind the last, then the first and last local time of the chunk.

    Gives PRICE_EMPTY and AMOUNT_EMPTY where any such cell inside is; OTHER for any other chunk and any
    fault: those are for the way that takes column by column, and tells what is wrong.
    """
    rows, runs = local_us.size, streams[0, _VALUES]
    if streams.shape[0] != 6 or runs == 0:
        return OTHER
    for place in range(6):
        column = place - (place < 4) if place else _RUN_LENGTHS
        form = _INTEGERS if place < 4 else _SIDED if place == 4 else _NUMBERS
        stream = streams[place]
        if (
            stream[_COLUMN] != column
            or stream[_FORM] != form
            or stream[_VALUES] != (runs if place < 4 else rows)
        ):
            return OTHER
    price, amount = streams[4], streams[5]
    if not _decode_messages(plain, packed, streams, exchange_us, local_us, flags, start_us, end_us, extent):
        return OTHER
    low, high = extent[_LOW], extent[_HIGH]
    empty = 0
    if prices.size:
        if _numbers(plain, packed, price, sides, prices, low, high) != price[_TAIL]:
            return OTHER
        # An empty cell is an escape.
        empty |= PRICE_EMPTY * (price[_TAIL] > 0 and _any_empty(prices[low:high]))
    if amounts.size:
        if _numbers(plain, packed, amount, sides, amounts, low, high) != amount[_TAIL]:
            return OTHER
        empty |= AMOUNT_EMPTY * (amount[_TAIL] > 0 and _any_empty(amounts[low:high]))
    return int(empty)
