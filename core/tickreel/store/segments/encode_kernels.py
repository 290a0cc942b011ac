"""The compiled writing of streams: numbers to scaled integers, integers to byte planes.

Constants are spelled here and not in a module without Numba: its cache on disk looks at this
file alone, and would keep kernels compiled for the constants of an older version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import types

from tickreel.kernels import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

PLAIN = 0
DELTA = 1

ESCAPED = -(2**63)
"""Stands in scaled integers for a number that is none: it goes to the list of escapes."""

_EXACT = 2.0**53
"""Up to here float64 holds every integer, so that one division gives a number back."""
_GREATEST_UNIT = 2**62
_PIECE = 1_024
_LOOK_AT, _LOOK_EVERY = 128, 1_024
"""Bytes in a row of a plane that are looked at, of how many."""
_SHARE_WON, _BYTES_WON = 0.4, 256
"""What packing a plane must win: a share of it, and some bytes for the fixed cost of unpacking."""

_COMPILED: dict[str, Any] = {"error_model": "numpy", "nogil": True, "cache": True}

BASE, UNIT, WIDTH, ESCAPES, WORTH, KEPT = range(6)
"""What :func:`lay_planes` tells."""

_u = np.uint64  # mixed with int64 it would become float64, so every operand is cast


def _read(dtype: types.Type) -> types.Array:
    """Describe an array that is only read: such a parameter takes writable arrays as well."""
    return types.Array(dtype, 1, "C", readonly=True)


@njit(types.int64(_read(types.float64), _read(types.int64), types.float64, types.int64[::1]), **_COMPILED)
def scale(
    numbers: NDArray[np.float64], bits: NDArray[np.int64], power: float, whole: NDArray[np.int64]
) -> int:
    """Scale numbers to integers over *power*, ESCAPED where that is not exact; count those.

    *bits* are the numbers' own, by which the zero that is negative is told.
    """
    escapes = 0
    for i in range(numbers.size):
        scaled = np.rint(numbers[i] * power)
        exact = (scaled / power == numbers[i]) & (abs(scaled) <= _EXACT) & (bits[i] != ESCAPED)
        whole[i] = np.int64(scaled) if exact else ESCAPED
        escapes += not exact
    return escapes


@njit(types.int64(_read(types.float64), _read(types.int64), types.float64, types.int64), **_COMPILED)
def count_inexact(numbers: NDArray[np.float64], bits: NDArray[np.int64], power: float, enough: int) -> int:
    """Count the numbers, missing ones apart, that are no integers over *power*; stop at *enough*."""
    inexact = 0
    for low in range(0, numbers.size, _PIECE):
        for i in range(low, min(low + _PIECE, numbers.size)):
            scaled = np.rint(numbers[i] * power)
            exact = (scaled / power == numbers[i]) & (abs(scaled) <= _EXACT) & (bits[i] != ESCAPED)
            inexact += (not exact) & (numbers[i] == numbers[i])
        if inexact >= enough:
            break
    return inexact


@njit(types.void(_read(types.int64), types.boolean, types.int64, types.int64[::1]), **_COMPILED)
def measure(whole: NDArray[np.int64], has_escapes: bool, transform: int, found: NDArray[np.int64]) -> None:
    """Find base, unit (the greatest common divisor) and greatest code, as the bits of a uint64.

    The unit of nothing but zeros is 1. Escaped values take no part.
    """
    n = whole.size
    start = 0
    if has_escapes:
        while start < n and whole[start] == ESCAPED:
            start += 1
    if start == n:
        found[:] = 0
        found[1] = 1
        return
    base = whole[start]
    divisor = _u(0)
    if transform == PLAIN:
        top = base
        if has_escapes:
            for i in range(start, n):
                if whole[i] != ESCAPED:
                    base = min(base, whole[i])
                    top = max(top, whole[i])
        else:
            for i in range(n):
                base = min(base, whole[i])
                top = max(top, whole[i])
        for i in range(start, n):
            if has_escapes and whole[i] == ESCAPED:
                continue
            distance = _u(whole[i] - base)
            if distance != 0:
                if divisor == 0:
                    divisor = distance
                while distance % divisor != 0:
                    divisor, distance = distance % divisor, divisor
                if divisor == 1:
                    break
        if divisor == 0 or divisor > _u(_GREATEST_UNIT):
            divisor = _u(1)
        found[0] = base
        found[1] = np.int64(divisor)
        found[2] = np.int64(_u(top - base) // divisor)
        return

    previous = base
    up = np.int64(0)
    down = np.int64(0)
    if has_escapes:
        for i in range(start + 1, n):
            if whole[i] != ESCAPED:
                difference = whole[i] - previous
                up = max(up, difference)
                down = min(down, difference)
                previous = whole[i]
    else:
        for i in range(1, n):
            difference = whole[i] - whole[i - 1]
            up = max(up, difference)
            down = min(down, difference)
    previous = base
    for i in range(start + 1, n):
        if has_escapes and whole[i] == ESCAPED:
            continue
        difference = whole[i] - previous
        previous = whole[i]
        distance = _u(difference) if difference >= 0 else _u(0) - _u(difference)
        if distance != 0:
            if divisor == 0:
                divisor = distance
            while distance % divisor != 0:
                divisor, distance = distance % divisor, divisor
            if divisor == 1:
                break
    if divisor == 0 or divisor > _u(_GREATEST_UNIT):
        divisor = _u(1)
    unit = np.int64(divisor)
    up //= unit
    down //= unit
    found[0] = base
    found[1] = unit
    found[2] = np.int64(max(_u(up) << _u(1), _u((down << 1) ^ (down >> 63))))


@njit(
    types.void(
        _read(types.int64),
        types.boolean,
        _read(types.int8),
        types.int64,
        types.int64,
        types.int64,
        types.int64,
        types.uint8[::1],
    ),
    **_COMPILED,
)
def write_codes(
    whole: NDArray[np.int64],
    has_escapes: bool,
    sides: NDArray[np.int8],
    transform: int,
    base: int,
    unit: int,
    width: int,
    out: NDArray[np.uint8],
) -> None:
    """Write the codes of all values to the first width x n bytes of *out*, plane after plane.

    With *sides* (which else are empty) a code is doubled and the side becomes its lowest bit.
    """
    n = whole.size
    sided = sides.size > 0
    escape = ~_u(0) >> _u(64 + sided - 8 * width) if width else _u(0)
    codes = np.empty(_PIECE, np.uint64)
    previous = base
    for low in range(0, n, _PIECE):
        high = min(low + _PIECE, n)
        piece = whole[low:high]
        m = high - low
        if transform == PLAIN:
            if unit == 1:
                for i in range(m):
                    codes[i] = _u(piece[i] - base)
            else:
                for i in range(m):
                    codes[i] = _u(piece[i] - base) // _u(unit)
        elif has_escapes:
            for i in range(m):
                if piece[i] != ESCAPED:
                    step = (piece[i] - previous) // unit
                    previous = piece[i]
                    codes[i] = _u((step << 1) ^ (step >> 63))
        elif unit == 1:
            for i in range(m):
                step = piece[i] - previous
                previous = piece[i]
                codes[i] = _u((step << 1) ^ (step >> 63))
        else:
            for i in range(m):
                step = (piece[i] - previous) // unit
                previous = piece[i]
                codes[i] = _u((step << 1) ^ (step >> 63))
        if has_escapes:
            for i in range(m):
                if piece[i] == ESCAPED:
                    codes[i] = escape
        if sided:
            side = sides[low:high]
            for i in range(m):
                codes[i] = (codes[i] << _u(1)) | _u(side[i])
        for plane in range(width):
            shift = _u(8 * plane)
            target = out[plane * n + low : plane * n + high]
            for i in range(m):
                target[i] = np.uint8(codes[i] >> shift)


@njit(
    types.int64(
        _read(types.int64),
        types.int64,
        types.int64,
        types.int64,
        types.uint64,
        types.int64,
        types.int64[::1],
    ),
    **_COMPILED,
)
def escape_greatest(
    whole: NDArray[np.int64],
    transform: int,
    base: int,
    unit: int,
    limit: int,
    most: int,
    kept: NDArray[np.int64],
) -> int:
    """Copy values to *kept*, ESCAPED those whose code is not below *limit*.

    Gives how many are escaped, those that were so before among them; more than *most* when it gave up.
    """
    escapes = 0
    previous = base
    for i in range(whole.size):
        value = whole[i]
        step = (value - previous) // unit if unit != 1 else value - previous
        code = _u(step) if transform == PLAIN else _u((step << 1) ^ (step >> 63))
        if value == ESCAPED or code >= limit:
            escapes += 1
            if escapes > most:
                break
            kept[i] = ESCAPED
            continue
        kept[i] = value
        if transform == DELTA:
            previous = value
    return escapes


@njit(types.int64(types.uint8[:, ::1]), **_COMPILED)
def worth_packing(planes: NDArray[np.uint8]) -> int:
    """Tell which planes, a bit each, would shrink enough to be worth the time of unpacking them.

    How far a plane shrinks is guessed from the entropy of its bytes, and from how often a byte is
    another than the one before it: of every so many bytes some are looked at.
    """
    mask = 0
    n = planes.shape[1]
    counts = np.empty(256, np.int64)
    for place in range(planes.shape[0]):
        plane = planes[place]
        counts[:] = 0
        seen = 0
        changes = 0
        for low in range(0, n, _LOOK_EVERY):
            high = min(low + _LOOK_AT, n)
            before = plane[low]
            for i in range(low, high):
                byte = plane[i]
                counts[byte] += 1
                changes += byte != before
                before = byte
            seen += high - low
        bits = 0.0
        for count in counts:
            if count:
                bits += count * np.log2(seen / count)
        left = min(bits / 8, 1.0 * changes) / max(seen, 1) * n
        if n - left > n * _SHARE_WON + _BYTES_WON:
            mask |= 1 << place
    return mask


@njit(
    types.void(
        _read(types.int64),
        types.int64,
        types.int64,
        _read(types.int8),
        types.int64,
        types.int64[:, ::1],
        types.uint8[::1],
        types.int64[::1],
    ),
    **_COMPILED,
)
def lay_planes(
    whole: NDArray[np.int64],
    escapes: int,
    spare: int,
    sides: NDArray[np.int8],
    transform: int,
    kept: NDArray[np.int64],
    out: NDArray[np.uint8],
    told: NDArray[np.int64],
) -> None:
    """Lay integers out in as many byte planes as they need, which are put one after the other into *out*.

    All in one call: a short kernel takes less time than to be given the interpreter's lock back.

    Args:
        whole: the integers, of which so many as *escapes* are ESCAPED.
        escapes: see *whole*.
        spare: how many more may be escaped so that the others need a plane less.
        sides: see :func:`write_codes`.
        transform: PLAIN or DELTA.
        kept: room for two times as many integers.
        out: room for eight planes.
        told: takes base, unit, width, how many are escaped, which planes are worth packing, and
            which row of *kept* has the integers now; -1 where they are those of *whole*.
    """
    n = whole.size
    sided = np.int64(sides.size > 0)
    found = np.empty(3, np.int64)
    measure(whole, escapes > 0, transform, found)
    base, unit = found[0], found[1]
    # The greatest code of all is the mark of an escape; a side takes the lowest bit.
    greatest = (_u(found[2]) + _u(escapes > 0)) << _u(sided) | _u(sided)
    width = 0
    while width < 8 and greatest >> _u(8 * width):
        width += 1
    most = escapes + spare
    row = -1
    while width > 1 and most:
        limit = (_u(1) << _u(8 * (width - 1) - sided)) - _u(1)
        if row < 0:
            fewer = escape_greatest(whole, transform, base, unit, limit, most, kept[0])
        else:
            fewer = escape_greatest(kept[row], transform, base, unit, limit, most, kept[1 - row])
        if fewer > most:
            break
        row = 0 if row < 0 else 1 - row
        escapes = fewer
        width -= 1
    planes = out[: width * n]
    if row < 0:
        write_codes(whole, escapes > 0, sides, transform, base, unit, width, planes)
    else:
        write_codes(kept[row], escapes > 0, sides, transform, base, unit, width, planes)
    told[BASE], told[UNIT], told[WIDTH], told[ESCAPES] = base, unit, width, escapes
    told[WORTH] = worth_packing(planes.reshape(width, n))
    told[KEPT] = row
