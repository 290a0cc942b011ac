"""Which levels of the ladder are marked because they have just changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LASTS_S = 0.25
"""How long a mark stands, in wall time; so long, too, a level is not marked anew."""


class ChangeMarks:
    """Remembers amounts by row and side, and when each was last seen to change."""

    def __init__(self) -> None:
        self._low = 0
        self._amounts: NDArray[np.float64] | None = None
        self._since_s: NDArray[np.float64] = np.empty((0, 2))

    def forget(self) -> None:
        """Take the next amounts as new, none of them as changed."""
        self._amounts = None

    def take(self, low: int, amounts: NDArray[np.float64], now_s: float, *, marks: bool) -> None:
        """See the amounts of rows from *low* upward, (rows, 2), and mark those that changed.

        Rows that come into view are not marked. Without *marks* it only remembers.
        """
        since_s: NDArray[np.float64] = np.full(amounts.shape, -np.inf)
        if self._amounts is not None:
            # The rows that both have: own is here, old is there.
            begin = max(low, self._low)
            end = min(low + len(amounts), self._low + len(self._amounts))
            if end > begin:
                own, old = slice(begin - low, end - low), slice(begin - self._low, end - self._low)
                before_s = self._since_s[old]
                changed = amounts[own] != self._amounts[old]
                due = changed & (now_s - before_s >= LASTS_S) & marks
                since_s[own] = np.where(due, now_s, before_s)
        self._low, self._amounts, self._since_s = low, amounts.copy(), since_s

    def marked(self, now_s: float) -> NDArray[np.bool_]:
        """Tell which of the rows last seen are marked: (rows, 2)."""
        return now_s - self._since_s < LASTS_S

    def left_s(self, now_s: float) -> float | None:
        """Give in how many seconds the next mark goes; None where there is none."""
        ages = now_s - self._since_s
        standing = ages[ages < LASTS_S]
        return float(LASTS_S - standing.max()) if standing.size else None
