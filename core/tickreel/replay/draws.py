"""Random draws that belong to a moment: the same on every platform, and however a range is cut.

A stream of random numbers depends on where it was begun. A draw here is a function of a seed and of
the time of what it is drawn for, and nothing else. Only additions, multiplications, divisions, square
roots and shifts of exponents are used, which IEEE 754 rounds the same way everywhere; the libraries'
logarithms and exponentials differ in their last digit from machine to machine.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]

GREATEST_UNIFORM = 1 - 2.0**-53
"""The largest number that :func:`uniforms` gives."""
NORMAL_P99 = 2.3263478740408408
"""The 99th percentile of the standard normal distribution."""

_GAMMA = 0x9E3779B97F4A7C15
_WORD = 2**64 - 1
_LN2 = 0.6931471805599453
_LN2_HIGH, _LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10
"""Their sum is ln 2 to 70 digits; the first has zeros at its end, so that its multiples are exact."""
_SQRT_HALF = 0.7071067811865476
_LOG_SERIES = [1 / odd for odd in range(23, 0, -2)]
_EXP_SERIES = [1 / math.factorial(power) for power in range(13, -1, -1)]


class _Ratio(NamedTuple):
    """Two polynomials, the highest power first, of which one is divided by the other."""

    above: tuple[float, ...]
    below: tuple[float, ...]

    def at(self, value: Floats) -> Floats:
        return _polynomial(self.above, value) / _polynomial(self.below, value)


# Wichura, "Algorithm AS 241: The Percentage Points of the Normal Distribution", Applied Statistics 37
# (1988): near the middle, in the tails, and far out in them.
# fmt: off
_MIDDLE = _Ratio(
    (2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
     13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608),
    (5226.495278852854561, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
     5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1.0),
)
_TAIL = _Ratio(
    (7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258,
     3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734),
    (1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966,
     0.14810397642748007459, 0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1.0),
)
_FAR_TAIL = _Ratio(
    (2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386,
     0.026532189526576123093, 0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699,
     6.6579046435011037772),
    (2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5,
     7.868691311456132591e-4, 0.0148753612908506148525, 0.13692988092273580531, 0.59983220655588793769, 1.0),
)
# fmt: on


def uniforms(seed: int, time_us: NDArray[np.int64]) -> Floats:
    """Draw a number in (0, 1) for each of some times, all multiples of 2**-53.

    It is output number *time_us* of SplitMix64 begun with the mixed *seed* (Steele, Lea, Flood,
    "Fast splittable pseudorandom number generators", 2014), of which any output can be had alone.
    """
    start = int(_mixed(np.array([seed & _WORD], np.uint64))[0])
    state = time_us.astype(np.int64).view(np.uint64) * np.uint64(_GAMMA) + np.uint64(start)
    return ((_mixed(state) >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52


def lognormal_quantiles(share: Floats, median: float, p99: float) -> Floats:
    """Give the quantiles of the lognormal distribution with this median and this 99th percentile.

    Args:
        share: in (0, 1).
        median: above 0.
        p99: not below *median*; where they are equal, so are all quantiles.
    """
    sigma = float(_log(np.array([p99 / median]))[0]) / NORMAL_P99
    return _exp(sigma * normal_quantiles(share)) * median


def normal_quantiles(share: Floats) -> Floats:
    """Give the quantiles of the standard normal distribution, to 16 digits, for *share* in (0, 1)."""
    from_middle = share - 0.5
    near = 0.180625 - from_middle * from_middle
    found = from_middle * _MIDDLE.at(near)
    tails = np.flatnonzero(np.abs(from_middle) > 0.425)
    if len(tails):
        own = share[tails]
        distance = np.sqrt(-_log(np.minimum(own, 1 - own)))
        out = np.where(distance <= 5, _TAIL.at(distance - 1.6), _FAR_TAIL.at(distance - 5))
        found[tails] = np.where(from_middle[tails] < 0, -out, out)
    return found


def _mixed(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


def _polynomial(coefficients: Sequence[float], at: Floats) -> Floats:
    """Sum a polynomial whose coefficient of the highest power comes first."""
    total = np.full_like(at, coefficients[0])
    for coefficient in coefficients[1:]:
        total *= at
        total += coefficient
    return total


def _log(value: Floats) -> Floats:
    """Take the natural logarithm: of the power of two, and of the rest near 1 by the series of artanh."""
    mantissa, exponent = np.frexp(value)
    is_low = mantissa < _SQRT_HALF
    mantissa = np.where(is_low, 2 * mantissa, mantissa)
    ratio = (mantissa - 1) / (mantissa + 1)
    rest = 2 * ratio * _polynomial(_LOG_SERIES, ratio * ratio)
    logarithm: Floats = (exponent - is_low) * _LN2 + rest
    return logarithm


def _exp(value: Floats) -> Floats:
    """Take the exponential: a power of two, times the series of what is left."""
    powers = np.rint(value / _LN2)
    rest = (value - powers * _LN2_HIGH) - powers * _LN2_LOW
    power: Floats = np.ldexp(_polynomial(_EXP_SERIES, rest), powers.astype(np.int32))
    return power
