"""The compiled reading of streams: byte planes to integers, numbers, sides and times.

A stream's values lie as byte planes, the lowest byte of every value first, each plane either in
the stored bytes as it is, or in what their frame held. Kernels work through a piece at a time, which
stays in the nearest cache. Every count and length was checked before a kernel of these is called;
what depends on the values themselves (escapes, lengths of runs) is checked here.

Constants are spelled here and not in a module without Numba: its cache on disk looks at this
file alone, and would keep kernels compiled for the constants of an older version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit, types

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A stream as a row of int64: its descriptor, and where its planes begin.
_COLUMN, _FORM, _TRANSFORM, _WIDTH, _DECIMALS, _PACKED, _VALUES, _TAIL, _BASE, _UNIT = range(10)
_PLAIN_AT, _PACKED_AT = 10, 11

_INTEGERS, _NUMBERS, _SIDED, _TEXTS = 1, 2, 3, 7
_DELTA, _LATENCY = 1, 2
_RUN_LENGTHS = 0xFFFF

_PIECE = 1_024
"""Values that are worked on at a time."""
_WIDE, _NARROW = 16, 4
"""Rows that are filled at once, however short the run: where runs are long, and where they are short."""
_HALF = 1 << 51
_LARGE = float(3 << 51)
_LARGE_BITS = 0x4338 << 48
"""Its bits."""

_COMPILED: dict[str, Any] = {"error_model": "numpy", "nogil": True, "cache": True}

_u = np.uint64  # mixed with int64 it would become float64, so every operand is cast
_u4 = np.uint32

_BYTES = types.Array(types.uint8, 1, "C", readonly=True)  # takes writable arrays as well
_STREAM = (_BYTES, _BYTES, types.int64[::1])
_SCRATCH = (types.uint32[::1], types.uint64[::1], types.int8[::1], types.int64[::1], types.int64[::1])
_RUNS = (types.int64[::1], types.int64[::1], types.boolean[::1])
_STREAMS = (_BYTES, _BYTES, types.int64[:, ::1])


@njit(types.int64(types.int64[::1]), **_COMPILED)
def tail_place(stream: NDArray[np.int64]) -> int:
    """Tell where in the payload the tail of a stream begins."""
    at = stream[_PACKED_AT]
    for plane in range(stream[_WIDTH]):
        at += stream[_VALUES] * (stream[_PACKED] >> plane & 1)
    return int(at)


@njit(types.int64(*_STREAM, types.int64, types.int64, *_SCRATCH), **_COMPILED)
def _steps(
    plain: NDArray[np.uint8],
    packed: NDArray[np.uint8],
    stream: NDArray[np.int64],
    low: int,
    high: int,
    short: NDArray[np.uint32],
    long: NDArray[np.uint64],
    sides: NDArray[np.int8],
    steps: NDArray[np.int64],
    escaped: NDArray[np.int64],
) -> int:
    """Put the values [low, high) together from their planes, as counts of units, before sums.

    A code that means an escape gives a step of 0, and its place; gives how many there were.
    """
    n = high - low
    width, values, mask = stream[_WIDTH], stream[_VALUES], stream[_PACKED]
    plain_at, packed_at = stream[_PLAIN_AT] + low, stream[_PACKED_AT] + low
    is_short = width <= 4
    if width == 0:
        for i in range(n):
            short[i] = 0
    for plane in range(width):
        if mask >> plane & 1:
            bytes_ = packed[packed_at : packed_at + n]
            packed_at += values
        else:
            bytes_ = plain[plain_at : plain_at + n]
            plain_at += values
        if is_short:
            if plane == 0:
                for i in range(n):
                    short[i] = bytes_[i]
            else:
                shift = _u4(8 * plane)
                for i in range(n):
                    short[i] |= _u4(bytes_[i]) << shift
        elif plane == 0:
            for i in range(n):
                long[i] = bytes_[i]
        else:
            for i in range(n):
                long[i] |= _u(bytes_[i]) << _u(8 * plane)
    sided = stream[_FORM] == _SIDED
    found = 0
    if sided:
        if is_short:
            for i in range(n):
                sides[i] = short[i] & _u4(1)
                short[i] >>= _u4(1)
        else:
            for i in range(n):
                sides[i] = long[i] & _u(1)
                long[i] >>= _u(1)
    if stream[_TAIL] and stream[_FORM] != _TEXTS:
        escape = ~_u(0) >> _u(64 + sided - 8 * width)
        for i in range(n):
            if (_u(short[i]) if is_short else long[i]) == escape:
                escaped[found] = i
                found += 1
                if is_short:
                    short[i] = 0
                else:
                    long[i] = 0
    is_delta = stream[_TRANSFORM] & _DELTA
    if is_short:
        if is_delta:
            for i in range(n):
                steps[i] = np.int32(short[i] >> _u4(1)) ^ -np.int32(short[i] & _u4(1))
        else:
            for i in range(n):
                steps[i] = short[i]
    elif is_delta:
        for i in range(n):
            steps[i] = np.int64(long[i] >> _u(1)) ^ -np.int64(long[i] & _u(1))
    else:
        for i in range(n):
            steps[i] = long[i]
    return found


@njit(types.void(*_STREAM, types.int64[::1]), **_COMPILED)
def decode_integers(
    plain: NDArray[np.uint8], packed: NDArray[np.uint8], stream: NDArray[np.int64], out: NDArray[np.int64]
) -> None:
    """Decode integers; sums wrap around at 64 bits, so that any two int64 have a difference."""
    short = np.empty(_PIECE, np.uint32)
    long = np.empty(_PIECE, np.uint64)
    nothing = np.empty(0, np.int64)
    unit, total = stream[_UNIT], stream[_BASE]
    for low in range(0, out.size, _PIECE):
        high = min(low + _PIECE, out.size)
        piece = out[low:high]
        _steps(plain, packed, stream, low, high, short, long, nothing.view(np.int8), piece, nothing)
        if stream[_TRANSFORM] & _DELTA:
            for i in range(high - low):
                total += unit * piece[i]
                piece[i] = total
        elif unit == 1:
            for i in range(high - low):
                piece[i] += total
        else:
            for i in range(high - low):
                piece[i] = total + unit * piece[i]


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
    short = np.empty(_PIECE, np.uint32)
    long = np.empty(_PIECE, np.uint64)
    steps = np.empty(_PIECE, np.int64)
    escaped = np.empty(_PIECE, np.int64)
    bits = np.empty(1, np.int64)
    number = bits.view(np.float64)
    shifted = steps.view(np.float64)
    unit, total, tail = stream[_UNIT], stream[_BASE], stream[_TAIL]
    power = 1.0
    for _ in range(stream[_DECIMALS]):
        power *= 10.0
    tail_at = tail_place(stream)
    met = 0
    for low in range(0, out.size, _PIECE):
        high = min(low + _PIECE, out.size)
        n = high - low
        piece = out[low:high]
        found = _steps(plain, packed, stream, low, high, short, long, sides[low:high], steps, escaped)
        beyond = _u(0)
        if stream[_TRANSFORM] & _DELTA:
            for i in range(n):
                total += unit * steps[i]
                beyond |= _u(total + _HALF)
                steps[i] = total
        else:
            for i in range(n):
                steps[i] = total + unit * steps[i]
                beyond |= _u(steps[i] + _HALF)
        if beyond >> _u(52):
            for i in range(n):
                piece[i] = steps[i] / power
        else:
            # An integer added to the bits of a float64 this large is added to its value, so that
            # subtracting it again makes a float64 of the integer: many at once, which the
            # processor's own conversion of 64 bits is not.
            for i in range(n):
                steps[i] += _LARGE_BITS
            for i in range(n):
                piece[i] = (shifted[i] - _LARGE) / power
        for place in range(min(found, tail - met)):
            bits[0] = 0
            for plane in range(8):
                bits[0] |= np.int64(_u(packed[tail_at + plane * tail + met + place]) << _u(8 * plane))
            piece[escaped[place]] = number[0]
        met += found
    return met


@njit(types.boolean(*_STREAMS, *_RUNS), **_COMPILED)
def _decode_messages(
    plain: NDArray[np.uint8],
    packed: NDArray[np.uint8],
    streams: NDArray[np.int64],
    exchange_us: NDArray[np.int64],
    local_us: NDArray[np.int64],
    flags: NDArray[np.bool_],
) -> bool:
    """Decode the columns of an order book's runs into all their rows; tell whether they hang together."""
    runs, rows = streams[0, _VALUES], local_us.size
    # Lengths, exchange times, local times and flags of the runs, a row each.
    found = np.empty((4, runs), np.int64)
    for place in range(4):
        decode_integers(plain, packed, streams[place], found[place])
    is_latency = streams[1, _TRANSFORM] & _LATENCY
    # A fixed count of stores costs less than the wrong guess of where a short run ends;
    # the runs that follow overwrite what is too much.
    wide = _WIDE if rows >= _NARROW * runs else _NARROW
    row = 0
    previous = found[2, 0]
    for run in range(runs):
        length, exchange, local, flag = found[0, run], found[1, run], found[2, run], found[3, run]
        if length <= 0 or length > rows - row or local < previous or _u(flag) > _u(1):
            return False
        previous = local
        if is_latency:
            exchange = local - exchange
        if length > wide or row + wide > rows:
            for i in range(length):
                exchange_us[_u(row + i)] = exchange
                local_us[_u(row + i)] = local
                flags[_u(row + i)] = flag
        elif wide == _NARROW:
            for i in range(_NARROW):
                exchange_us[_u(row + i)] = exchange
                local_us[_u(row + i)] = local
                flags[_u(row + i)] = flag
        else:
            for i in range(_WIDE):
                exchange_us[_u(row + i)] = exchange
            for i in range(_WIDE):
                local_us[_u(row + i)] = local
            for i in range(_WIDE):
                flags[_u(row + i)] = flag
        row += length
    return row == rows


@njit(types.boolean(*_STREAMS, *_RUNS, types.int8[::1], types.float64[::1], types.float64[::1]), **_COMPILED)
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
) -> bool:
    """Decode a chunk of one order book at once, where it is laid out as such chunks mostly are.

    Where *prices* or *amounts* are empty, they are not asked for. Gives False for any other chunk and
    any fault: those are for the way that takes column by column, and tells what is wrong.
    """
    rows, runs = local_us.size, streams[0, _VALUES]
    if streams.shape[0] != 6 or runs == 0:
        return False
    for place in range(6):
        column = place - (place < 4) if place else _RUN_LENGTHS
        form = _INTEGERS if place < 4 else _SIDED if place == 4 else _NUMBERS
        stream = streams[place]
        if (
            stream[_COLUMN] != column
            or stream[_FORM] != form
            or stream[_VALUES] != (runs if place < 4 else rows)
        ):
            return False
    price, amount = streams[4], streams[5]
    if not _decode_messages(plain, packed, streams, exchange_us, local_us, flags):
        return False
    if prices.size and decode_numbers(plain, packed, price, sides, prices) != price[_TAIL]:
        return False
    return not amounts.size or decode_numbers(plain, packed, amount, sides, amounts) == amount[_TAIL]
