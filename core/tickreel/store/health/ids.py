"""Ids that come twice: exact, and without remembering ids that only rise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tickreel.market.block import Texts, Words

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BY_HAND = 1_024
"""Rows taken one by one after an id that does not rise: such ids seldom come alone."""
_LONGEST_NUMBER = 18


class SeenIds:
    """The ids of one instrument on one day.

    Numbers above all before are held as runs of consecutive ones: two integers for a whole day
    of an exchange that counts its trades. Any other id is held by itself.
    """

    def __init__(self) -> None:
        self._highest = -1
        self._firsts: list[NDArray[np.int64]] = []
        self._lasts: list[NDArray[np.int64]] = []
        self._others: set[bytes] = set()

    def repeated(self, ids: Texts | Words) -> list[int]:
        """Take the ids of the next rows; list the rows whose id was seen before."""
        from tickreel.store.health import kernels

        if isinstance(ids, Words):
            ids = Texts.of(list(ids.texts()))
        offsets, data = np.ascontiguousarray(ids.offsets), np.ascontiguousarray(ids.data)
        rows = len(ids)
        firsts, lasts = np.empty(rows, np.int64), np.empty(rows, np.int64)
        repeated: list[int] = []
        row = 0
        while row < rows:
            row, self._highest, runs = kernels.take_rising(offsets, data, row, self._highest, firsts, lasts)
            self._hold(firsts[:runs], lasts[:runs])
            stop = min(rows, row + _BY_HAND)
            bounds = offsets[row : stop + 1].tolist()
            for at in range(stop - row):
                spelled = data[bounds[at] : bounds[at + 1]].tobytes()
                if spelled and not self._is_new(spelled):
                    repeated.append(row + at)
            row = stop
        return repeated

    def _is_new(self, spelled: bytes) -> bool:
        number = _number(spelled)
        if number is not None and number > self._highest:
            self._highest = number
            self._hold(np.array([number]), np.array([number]))
            return True
        if (number is not None and self._was_risen_to(number)) or spelled in self._others:
            return False
        self._others.add(spelled)
        return True

    def _hold(self, firsts: NDArray[np.int64], lasts: NDArray[np.int64]) -> None:
        """Take runs that lie above all before."""
        if not len(firsts):
            return
        if self._lasts and int(self._lasts[-1][-1]) + 1 == int(firsts[0]):
            self._lasts[-1][-1] = lasts[0]
            firsts, lasts = firsts[1:], lasts[1:]
        if len(firsts):
            self._firsts.append(firsts.copy())
            self._lasts.append(lasts.copy())

    def _was_risen_to(self, number: int) -> bool:
        # Pieces are joined when they are first asked, so that a search is one step.
        if len(self._firsts) > 1:
            self._firsts = [np.concatenate(self._firsts)]
            self._lasts = [np.concatenate(self._lasts)]
        if not self._firsts:
            return False
        run = int(np.searchsorted(self._firsts[0], number, side="right")) - 1
        return run >= 0 and number <= int(self._lasts[0][run])


def _number(spelled: bytes) -> int | None:
    if len(spelled) > _LONGEST_NUMBER or not spelled.isdigit() or (spelled[0] == 48 and len(spelled) > 1):
        return None
    return int(spelled)
