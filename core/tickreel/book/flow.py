"""What is summed or averaged over windows of time: order flow, trade flow, volatility, mean spread.

Every window is computed from its own rows. Nothing is carried as a running total from which
another is taken away, so that the error of a window does not grow with the time before it. Times
never fall. A window without a message has no volatility and no mean, as silence and a break in the
data look alike.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tickreel.book.features import mid, order_flow_imbalance
from tickreel.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tickreel.book.series import Touch

YEAR_US = 365 * 86_400_000_000
"""The year of :func:`annualise`: these markets never close."""

_BUY = 0
_SELL = 1


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows of equal width, one after the other: number i is [start + i x width, start + (i+1) x width).

    Raises:
        UsageError: the width is not above zero, or the count is negative.
    """

    start_us: int
    width_us: int
    count: int

    def __post_init__(self) -> None:
        if self.width_us <= 0:
            raise UsageError(f"windows of {self.width_us} us have no width: give 1 or more")
        if self.count < 0:
            raise UsageError(f"{self.count} windows cannot be made: give 0 or more")

    def edges(self) -> NDArray[np.int64]:
        """Give where the windows begin, and last where the last one ends: int64 (count + 1,), us."""
        return self.start_us + self.width_us * np.arange(self.count + 1)


class TradeFlow(NamedTuple):
    """What was traded in each window, by the side of who took; amounts float64, counts int64, 0 if none."""

    buy_amount: NDArray[np.float64]
    sell_amount: NDArray[np.float64]
    unknown_amount: NDArray[np.float64]
    buys: NDArray[np.int64]
    sells: NDArray[np.int64]
    unknowns: NDArray[np.int64]

    @property
    def net_amount(self) -> NDArray[np.float64]:
        """Amount bought less amount sold; trades of unknown side are in neither."""
        return self.buy_amount - self.sell_amount


def order_flow(touch: Touch, windows: Windows) -> NDArray[np.float64]:
    """Sum the order-flow imbalance of the messages of each window, in amounts; 0 where there are none.

    A message whose imbalance is not defined adds nothing. So that the first one in the windows
    counts, let *touch* begin with the entry before it.
    """
    flow = order_flow_imbalance(touch)
    rows = np.searchsorted(touch.time_us, windows.edges())
    return _sums(np.where(np.isnan(flow), 0.0, flow), rows)


def trade_flow(
    time_us: NDArray[np.int64], side: NDArray[np.int8], amount: NDArray[np.float64], windows: Windows
) -> TradeFlow:
    """Sum amounts and count trades of each window by side: 0 buy, 1 sell, everything else unknown.

    A trade whose amount is missing (NaN) is counted and adds nothing.
    """
    rows = np.searchsorted(time_us, windows.edges())
    amount = np.where(np.isnan(amount), 0.0, amount)
    is_buy, is_sell = side == _BUY, side == _SELL
    is_unknown = ~(is_buy | is_sell)
    return TradeFlow(
        _sums(np.where(is_buy, amount, 0.0), rows),
        _sums(np.where(is_sell, amount, 0.0), rows),
        _sums(np.where(is_unknown, amount, 0.0), rows),
        _counts(is_buy, rows),
        _counts(is_sell, rows),
        _counts(is_unknown, rows),
    )


def realised_volatility(touch: Touch, windows: Windows, step_us: int) -> NDArray[np.float64]:
    """Give the square root of the sum of squared log returns of the mid within each window.

    The mid is sampled every *step_us* from the window's beginning to its end, both included; a
    sample is that of the last message before its instant, so that a window's returns come from
    messages in it and none of the next. Not annualised: see :func:`annualise`.
    NaN in a window without a message, and where any sample is missing (no message yet, a side
    empty) or not above zero; 0 where the mid stays.

    Raises:
        UsageError: the width of the windows is not a multiple of *step_us*.
    """
    if step_us <= 0 or windows.width_us % step_us:
        raise UsageError(
            f"a clock of {step_us} us does not divide windows of {windows.width_us} us: "
            f"give a step that goes into the width without remainder"
        )
    steps = windows.width_us // step_us
    instants = Windows(windows.start_us, step_us, windows.count * steps).edges()
    sample = _before(touch.time_us, mid(touch), instants)
    sample = np.where(sample > 0.0, sample, np.nan)
    returns = np.log(sample[1:] / sample[:-1])
    volatility: NDArray[np.float64] = np.sqrt(np.square(returns).reshape(-1, steps).sum(axis=1))
    rows = np.searchsorted(touch.time_us, windows.edges())
    return np.where(rows[1:] > rows[:-1], volatility, np.nan)


def annualise(volatility: NDArray[np.float64], width_us: int) -> NDArray[np.float64]:
    """Scale the volatility of windows of *width_us* to a year of 365 days: by the root of the ratio."""
    return volatility * math.sqrt(YEAR_US / width_us)


def time_weighted_mean(
    time_us: NDArray[np.int64], value: NDArray[np.float64], windows: Windows
) -> NDArray[np.float64]:
    """Average a figure of each message, such as the spread, over the time for which it stood.

    A value stands from its message to the next, the last one to the end of its window; what stood
    before a window goes on into it. Time without a value (NaN, or no message yet) is left out of
    the average. NaN in a window without a message, and where all of it is time without a value.
    """
    edges = windows.edges()
    rows = np.searchsorted(time_us, edges)
    first, last = int(rows[0]), int(rows[-1])
    places = rows[:-1] - first
    # Each window begins with what stood before it; of entries at one time all but the last get no time.
    value = np.insert(value[first:last], places, _before(time_us, value, edges[:-1]))
    lasting_us = np.diff(np.insert(time_us[first:last], places, edges[:-1]), append=edges[-1:])
    is_known = ~np.isnan(value)
    begins = np.append(places + np.arange(windows.count), len(value))
    total = _sums(np.where(is_known, value * lasting_us, 0.0), begins)
    known_us = _sums(np.where(is_known, lasting_us, 0.0), begins)
    is_defined = (rows[1:] > rows[:-1]) & (known_us > 0.0)
    mean: NDArray[np.float64] = total / np.where(is_defined, known_us, np.nan)
    return mean


def _before(
    time_us: NDArray[np.int64], value: NDArray[np.float64], instants: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Give the last value before each instant, NaN where there is none."""
    # Number -1, when no message was before, is the NaN at the end.
    return np.append(value, np.nan)[np.searchsorted(time_us, instants) - 1]


def _sums(value: NDArray[np.float64], rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Sum the values of each stretch of rows [rows[i], rows[i + 1]); 0 for an empty one."""
    sums = np.zeros(len(rows) - 1)
    is_filled = rows[1:] > rows[:-1]
    sums[is_filled] = np.add.reduceat(value[: rows[-1]], rows[:-1][is_filled])
    return sums


def _counts(is_counted: NDArray[np.bool_], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count the true values of each stretch of rows [rows[i], rows[i + 1])."""
    return np.diff(np.searchsorted(np.flatnonzero(is_counted), rows))
