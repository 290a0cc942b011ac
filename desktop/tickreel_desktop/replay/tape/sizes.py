"""How large trades are, so that the largest can be told from the others while they come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

TOP_SHARE = 0.01
"""Share of the trades that are large."""
_FEWEST = 100
"""Trades before any can be called large: fewer have no hundredth."""
_PER_OCTAVE = 64
_LEAST_OCTAVE, _MOST_OCTAVE = -60, 60


class SizeCounts:
    """Counts trades by amount, in steps of about a hundredth of it."""

    def __init__(self) -> None:
        self._counts = np.zeros((_MOST_OCTAVE - _LEAST_OCTAVE) * _PER_OCTAVE, np.int64)

    def clear(self) -> None:
        """Forget all trades."""
        self._counts[:] = 0

    def add(self, amounts: NDArray[np.float64]) -> None:
        """Count trades; one without an amount is left out."""
        amounts = amounts[amounts > 0]
        if len(amounts):
            places = np.floor(np.log2(amounts) * _PER_OCTAVE).astype(np.int64) - _LEAST_OCTAVE * _PER_OCTAVE
            places = np.clip(places, 0, len(self._counts) - 1)
            self._counts += np.bincount(places, minlength=len(self._counts))

    def large_from(self, share: float = TOP_SHARE) -> float | None:
        """Give an amount that no more than this share of the trades reach; None with too few trades."""
        total = int(self._counts.sum())
        if total < _FEWEST:
            return None
        at_least = np.cumsum(self._counts[::-1])[::-1]
        place = int(np.argmax(at_least <= share * total))
        return float(2.0 ** (place / _PER_OCTAVE + _LEAST_OCTAVE))
