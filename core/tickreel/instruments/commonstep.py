"""The greatest step of which all of many numbers are whole multiples, found exactly.

Every float64 is taken for the decimal number with the fewest digits that reads as it, which is how
the vendor wrote it. All arithmetic is on whole numbers of a power of ten.
"""

from __future__ import annotations

from decimal import Decimal
from math import gcd
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SURE = 10.0**15
"""Below so many units, a decimal number and its float64 belong to each other alone."""
_MOST_DECIMALS = 22
"""The last power of ten that a float64 holds exactly."""


class CommonStep:
    """Takes numbers, a piece at a time; memory does not grow with their number."""

    def __init__(self) -> None:
        self.rows = 0
        """Numbers taken that are not zero: of them the step is told."""
        self._units = 0  # the step is so many ...
        self._decimals = 0  # ... of the unit with so many decimals
        self._least = float("inf")
        self._most = float("-inf")

    def add(self, values: NDArray[np.float64]) -> None:
        """Take numbers; NaN stands for none, zero is a multiple of everything, a sign is of no matter."""
        sizes = np.abs(values)
        sizes = sizes[sizes > 0]
        if not sizes.size:
            return
        self.rows += sizes.size
        self._least = min(self._least, float(sizes.min()))
        self._most = max(self._most, float(sizes.max()))
        rest = np.unique(sizes[~self._divides(sizes)])
        for decimals in range(_MOST_DECIMALS + 1):
            if not rest.size:
                return
            units, is_exact = _units(rest, decimals)
            if is_exact.any():
                self._fold(int(np.gcd.reduce(units[is_exact].astype(np.int64))), decimals)
                rest = rest[~is_exact]
        for value in rest.tolist():  # of more digits, or finer, than whole numbers of 64 bits hold
            _, digits, exponent = Decimal(repr(value)).as_tuple()
            assert isinstance(exponent, int)
            units_of_one = int("".join(map(str, digits)))
            self._fold(units_of_one * 10 ** max(exponent, 0), max(-exponent, 0))

    @property
    def step(self) -> Decimal | None:
        """The step, exactly; None where all numbers were one and the same, which tells of no step."""
        if self._least >= self._most:
            return None
        return Decimal(f"{self._units}E-{self._decimals}")

    def _divides(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which numbers are multiples of the step so far: nearly always all of them."""
        if not 0 < self._units < _SURE or self._decimals > _MOST_DECIMALS:
            return np.zeros(len(values), np.bool_)
        units, is_exact = _units(values, self._decimals)
        whole = np.where(is_exact, units, 0).astype(np.int64)
        divides: NDArray[np.bool_] = is_exact & (whole % self._units == 0)
        return divides

    def _fold(self, units: int, decimals: int) -> None:
        finest = max(decimals, self._decimals)
        common = gcd(
            self._units * 10 ** (finest - self._decimals),
            units * 10 ** (finest - decimals),
        )
        while finest and common % 10 == 0:
            common //= 10
            finest -= 1
        self._units, self._decimals = common, finest


def _units(values: NDArray[np.float64], decimals: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Count numbers in units of so many decimals, and tell of which that is exact."""
    factor = 10.0**decimals
    with np.errstate(over="ignore"):
        units = np.rint(values * factor)
    # Both are exact, so that the quotient is the float64 which the decimal number reads as.
    return units, (units < _SURE) & (units / factor == values)
