"""What is read off each message of a book: prices between the sides, balance, depth, order flow.

Plain functions of whole columns, float64, with NaN where a figure has no meaning. A crossed book
(bid above ask) is what the feed said: figures of the touch are computed by the same formula. The
page ``features.md`` defines every figure with its unit and source.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tickreel.book.book import Depth
from tickreel.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tickreel.book.book import Book
    from tickreel.book.series import Tops, Touch

BPS = 10_000.0
"""Basis points in one."""


def spread(touch: Touch) -> NDArray[np.float64]:
    """Give best ask less best bid, in the price's unit; negative when crossed, NaN without both sides."""
    return touch.ask - touch.bid


def mid(touch: Touch) -> NDArray[np.float64]:
    """Give the price halfway between best bid and best ask; NaN without both sides."""
    return (touch.bid + touch.ask) / 2


def spread_bps(touch: Touch) -> NDArray[np.float64]:
    """Give the spread in basis points of the mid; NaN also where the mid is not above zero."""
    return BPS * spread(touch) / _above_zero(mid(touch))


def microprice(touch: Touch) -> NDArray[np.float64]:
    """Give the mean of best bid and best ask, each weighted by the amount on the opposite side.

    This is the weighted mid, (bid x ask amount + ask x bid amount) / (bid amount + ask amount): it
    nears the side that is about to be used up. It is not the estimated martingale price of Stoikov
    (2018), which bears the same name. NaN without both sides.
    """
    weight = touch.bid_amount / _above_zero(touch.bid_amount + touch.ask_amount)
    return touch.bid + spread(touch) * weight


def imbalance(tops: Tops, levels: int) -> NDArray[np.float64]:
    """Weigh the amounts of the best *levels* of each side, (bids - asks) / (bids + asks).

    1 is only bids and -1 only asks, as with a side empty; NaN when both are.

    Raises:
        UsageError: *levels* is below 1, or more than *tops* hold.
    """
    _check_levels(tops, levels)
    # The sum of a short last axis is twice as fast this way as by its own method.
    bids, asks = np.einsum("msk->sm", tops.amount[:, :, :levels])
    balance: NDArray[np.float64] = (bids - asks) / _above_zero(bids + asks)
    return balance


def depth_slope(tops: Tops, levels: int) -> NDArray[np.float64]:
    """Give the amount that accumulates per basis point away from the mid: (m, 2), bids first.

    For each side the line through the origin that fits the points (d, A) of its best *levels* by
    least squares, sum(d A) / sum(d d): d is a level's distance from the mid in basis points of the
    mid, A the running amount from the best level to this one. Fewer levels are fitted where there
    are fewer. NaN without both sides, in a crossed book, where the mid is not above zero, and
    where all levels lie at the mid.

    Raises:
        UsageError: *levels* is below 1, or more than *tops* hold.
    """
    _check_levels(tops, levels)
    # Numba takes half a second to import, which most commands never need.
    from tickreel.book.featurekernels import fit_slopes

    slopes = np.empty(tops.price.shape[:2])
    fit_slopes(np.ascontiguousarray(tops.price), np.ascontiguousarray(tops.amount), levels, slopes)
    return slopes


def cumulative_depth(book: Book | Depth) -> Depth:
    """Give each level's price and the amount from the best level to this one, both sides, best first."""
    return Depth(_accumulate(book.bids), _accumulate(book.asks))


def cumulative_depth_at(tops: Tops, entry: int) -> Depth:
    """Give the cumulative depth of one entry of *tops*, without the levels that are missing."""
    sides = np.stack([tops.price[entry], tops.amount[entry]], axis=-1)
    bids, asks = (_accumulate(side[~np.isnan(side[:, 0])]) for side in sides)
    return Depth(bids, asks)


def order_flow_imbalance(touch: Touch) -> NDArray[np.float64]:
    """Give what each message added to demand less what it added to supply at the touch, in amounts.

    By Cont, Kukanov and Stoikov, "The Price Impact of Order Book Events" (2014), from an entry and
    the one before it: a side that improves adds its new amount, one that worsens takes away its
    old amount, one that stays adds the difference. An empty side has the amount 0 at the worst of
    prices. NaN for the first entry, which has none before it, and beside an entry with both sides
    empty, as no book is known there.
    """
    flow = np.full(len(touch.bid), np.nan)
    if len(flow):
        demand = _added(touch.bid, touch.bid_amount)
        supply = _added(-touch.ask, touch.ask_amount)
        unknown = np.isnan(touch.bid) & np.isnan(touch.ask)
        flow[1:] = np.where(unknown[1:] | unknown[:-1], np.nan, demand - supply)
    return flow


def _added(rank: NDArray[np.float64], amount: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give what each entry but the first added to a side whose best price is the one of highest rank."""
    is_empty = np.isnan(rank)
    rank = np.where(is_empty, -np.inf, rank)
    amount = np.where(is_empty, 0.0, amount)
    gained = np.where(rank[1:] >= rank[:-1], amount[1:], 0.0)
    return gained - np.where(rank[1:] <= rank[:-1], amount[:-1], 0.0)


def _above_zero(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(values > 0.0, values, np.nan)


def _accumulate(levels: NDArray[np.float64]) -> NDArray[np.float64]:
    running = np.column_stack([levels[:, 0], np.cumsum(levels[:, 1])])
    running.flags.writeable = False
    return running


def _check_levels(tops: Tops, levels: int) -> None:
    entries, _, held = tops.price.shape
    if levels < 1:
        raise UsageError(f"{levels} levels a side cannot be weighed: ask for 1 or more")
    # Where nothing happened, the tops may have been made without room for any level.
    if entries and levels > held:
        raise UsageError(f"{levels} levels a side cannot be weighed where {held} are held: ask for fewer")
