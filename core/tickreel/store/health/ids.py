"""Ids that come twice, without remembering ids that only rise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tickreel.market.block import Texts, Words

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FEWEST_RUNS = 64
_SMALLEST_TABLE = 1_024


class SeenIds:
    """The ids of one instrument on one day.

    Numbers above all before are held exactly, as runs of consecutive ones: two integers for a
    whole day of an exchange that counts its trades, at most 32 bytes an id where all numbers are
    skipped but the seen. Of any other id (a UUID, a text, a number that came late) a hash of 64
    bits is held, in 11 to 22 bytes; while a table grows, the old one is held beside it.

    Two different ids of the second kind may share a hash: among n of them the chance that any do
    is about n² / 2**65, one in 37 million for a million. Such a repetition is therefore told apart
    from a certain one.
    """

    def __init__(self) -> None:
        from tickreel.store.health import idkernels

        self._state = np.zeros(idkernels.STATE_SIZE, np.int64)
        self._firsts = np.empty(0, np.int64)
        self._lasts = np.empty(0, np.int64)
        self._table = np.zeros(0, np.uint64)

    def repeated(self, ids: Texts | Words) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Take the ids of the next rows; list the rows whose id was seen before.

        First those of which that is certain, then those of which a hash tells it.
        """
        from tickreel.store.health import idkernels

        if isinstance(ids, Words):
            ids = Texts.of(list(ids.texts()))
        offsets, data = np.ascontiguousarray(ids.offsets), np.ascontiguousarray(ids.data)
        repeats, is_hashed = np.empty(len(ids), np.int64), np.empty(len(ids), np.bool_)
        self._state[idkernels.REPEATS] = 0
        older = np.zeros(0, np.uint64)
        row = 0
        while True:
            row = idkernels.take_ids(
                offsets,
                data,
                row,
                self._state,
                self._firsts,
                self._lasts,
                older,
                self._table,
                repeats,
                is_hashed,
            )
            if row == len(ids):
                break
            if self._state[idkernels.RUNS] == len(self._firsts):
                room = np.empty(max(_FEWEST_RUNS, len(self._firsts)), np.int64)
                self._firsts = np.concatenate((self._firsts, room))
                self._lasts = np.concatenate((self._lasts, room))
                older = np.zeros(0, np.uint64)
            else:
                older = self._table
                self._table = np.zeros(max(_SMALLEST_TABLE, 2 * len(older)), np.uint64)
        found = int(self._state[idkernels.REPEATS])
        repeats, is_hashed = repeats[:found], is_hashed[:found]
        return repeats[~is_hashed], repeats[is_hashed]
