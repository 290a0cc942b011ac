"""The visible cells as a file of figures."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

from tickreel.errors import EnvironmentProblem

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

_COLUMNS_AT_ONCE = 64


@dataclass(frozen=True, slots=True, eq=False)
class VisibleCells:
    """A copy of the cells in view, which another thread may write while the picture goes on."""

    start_us: NDArray[np.int64]
    """(n,): the first instant of each column."""
    borders: NDArray[np.float64]
    """(rows + 1,) prices."""
    sizes: NDArray[np.float64]
    """(n, 2, rows): bids, then asks; NaN where nothing was known."""

    def write_csv(self, path: Path) -> None:
        """Write time_us, the lower price, bid and ask of each cell; the file appears whole or not at all.

        What is not known is left empty. It takes a second for a million cells.

        Raises:
            EnvironmentProblem: the file cannot be written.
        """
        unfinished = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
        try:
            try:
                with unfinished.open("x", encoding="ascii", newline="") as file:
                    file.write("time_us,price,bid,ask\n")
                    for first in range(0, len(self.start_us), _COLUMNS_AT_ONCE):
                        file.write(self._text(first, first + _COLUMNS_AT_ONCE))
                os.replace(unfinished, path)
            finally:
                unfinished.unlink(missing_ok=True)
        except OSError as error:
            raise EnvironmentProblem(f"{path} cannot be written: {error.strerror or error}") from error

    def _text(self, first: int, stop: int) -> str:
        prices = [repr(price) for price in self.borders[:-1].tolist()]
        return "".join(
            f"{start_us},{price},{_figure(bid)},{_figure(ask)}\n"
            for start_us, (bids, asks) in zip(
                self.start_us[first:stop].tolist(), self.sizes[first:stop].tolist(), strict=True
            )
            for price, bid, ask in zip(prices, bids, asks, strict=True)
        )


def _figure(size: float) -> str:
    return "" if isnan(size) else repr(size)
