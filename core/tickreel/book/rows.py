"""Rows of ``incremental_book_L2`` as the book takes them: five columns of one symbol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class L2Rows:
    """Whole messages of one symbol in file order; C-contiguous arrays of one length.

    What the import refuses (NaN, infinities, negative amounts, local time going back) is not
    looked for again.
    """

    local_us: NDArray[np.int64]
    is_snapshot: NDArray[np.bool_]
    side: NDArray[np.int8]
    """0 bid, 1 ask."""
    price: NDArray[np.float64]
    amount: NDArray[np.float64]
    """Absolute; 0 removes the level."""

    def __len__(self) -> int:
        return len(self.local_us)

    @property
    def messages(self) -> int:
        """How many messages these rows are."""
        return 1 + int(np.count_nonzero(self.local_us[1:] != self.local_us[:-1])) if len(self) else 0

    def part(self, start: int, stop: int) -> L2Rows:
        """Give rows [start, stop) without copying; the caller keeps messages whole."""
        return L2Rows(
            self.local_us[start:stop],
            self.is_snapshot[start:stop],
            self.side[start:stop],
            self.price[start:stop],
            self.amount[start:stop],
        )
