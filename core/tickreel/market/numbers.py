"""Numbers as text: as ECMAScript prints them (vendor CSV) and positionally (state hash).

Both start from the shortest digits that read back to the same float64, which is
what :func:`repr` of a Python float gives on every platform.
"""

from __future__ import annotations

from math import isfinite


def _digits(value: float) -> tuple[str, str, int]:
    """Split a finite number into sign, shortest digits d1d2.. and the exponent of 0.d1d2.. x 10^e."""
    text = repr(float(value))
    sign = "-" if text[0] == "-" else ""
    mantissa, _, exponent = text.lstrip("-").partition("e")
    whole, _, fraction = mantissa.partition(".")
    point = len(whole) + int(exponent or 0)
    digits = whole + fraction
    leading = len(digits) - len(digits.lstrip("0"))
    digits = digits[leading:].rstrip("0")
    return sign, digits, point - leading


def _place(sign: str, digits: str, point: int) -> str:
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    if point >= len(digits):
        return f"{sign}{digits}{'0' * (point - len(digits))}"
    return f"{sign}{digits[:point]}.{digits[point:]}"


def positional(value: float) -> str:
    """Print a finite float64 with its shortest round-trip digits, without exponent or trailing ``.0``.

    Zero of either sign is ``0``; ``1e-7`` is ``0.0000001``.

    Raises:
        ValueError: the value is NaN or infinite.
    """
    if not isfinite(value):
        raise ValueError(f"{value} has no digits")
    if value == 0:
        return "0"
    return _place(*_digits(value))


def ecmascript(value: float) -> str:
    """Print a finite float64 as ECMAScript does (ECMA-262, Number::toString, radix 10).

    Positional from 1e-6 up to below 1e21, else like ``3e-7`` and ``1e+21``.

    Raises:
        ValueError: the value is NaN or infinite.
    """
    if not isfinite(value):
        raise ValueError(f"{value} has no digits")
    if value == 0:
        return "0"
    sign, digits, point = _digits(value)
    if -6 < point <= 21:
        return _place(sign, digits, point)
    exponent = point - 1
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{fraction}e{'+' if exponent > 0 else '-'}{abs(exponent)}"
