"""What the market did after each fill, noted while the run goes by: mids at horizons, to the microsecond."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tickreel.backtest import exchangekernels as kernels
from tickreel.backtest.outcome import HORIZONS_US, mid_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tickreel.backtest.floor import Floor

_LONG_AGO = np.iinfo(np.int64).min


class Aftermath:
    """Notes the mids of the exchange's books at horizons after fills, stretch by stretch."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._before = _mids(floor)
        """Of each instrument, when the stretch began."""
        self._noted: list[list[NDArray[np.float64]]] = [[] for _ in HORIZONS_US]
        self._counts = [0] * len(HORIZONS_US)

    def note(self, until_us: int) -> None:
        """Note what lies before an instant, up to which the stretch at hand was played."""
        floor = self._floor
        fills = floor.fill_ints[: floor.clock[kernels.FILLS]]
        market: dict[int, tuple[NDArray[np.int64], NDArray[np.float64]]] = {}
        for place, horizon_us in enumerate(HORIZONS_US):
            ours = fills[self._counts[place] :]
            at_us = ours[:, kernels.FILL_TIME] + horizon_us
            count = int(np.searchsorted(at_us, until_us))
            if not count:
                continue
            who = floor.orders[ours[:count, kernels.FILL_ORDER], kernels.INSTRUMENT]
            found = np.empty(count)
            for number in np.unique(who).tolist():
                if number not in market:
                    market[number] = self._market(number)
                own = who == number
                found[own] = mid_at(*market[number], at_us[:count][own])
            self._noted[place].append(found)
            self._counts[place] += count

    def go_on(self) -> None:
        """Take up the next stretch, now that the one at hand was played and noted."""
        self._before = _mids(self._floor)

    def mids(self, floor: Floor) -> NDArray[np.float64]:
        """Give what was noted of the fills of a floor, (fills, horizons): NaN at instants not reached."""
        table = np.full((int(floor.clock[kernels.FILLS]), len(HORIZONS_US)), np.nan)
        for place, parts in enumerate(self._noted):
            if parts:
                table[: self._counts[place], place] = np.concatenate(parts)
        return table

    def _market(self, who: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Give when the mid of an instrument changed in this stretch, and to what."""
        stretch = self._floor.stretch
        times, mids = np.array([_LONG_AGO]), self._before[who : who + 1]
        if stretch is None:
            return times, mids
        published_us, changed = stretch.mids[who]
        return np.concatenate([times, published_us]), np.concatenate([mids, changed])


def _mids(floor: Floor) -> NDArray[np.float64]:
    """Give the mids of the exchange's books as they stand, (instruments,); NaN while a side is empty."""
    return np.asarray((floor.desk[:, kernels.BID] + floor.desk[:, kernels.ASK]) / 2, np.float64)
