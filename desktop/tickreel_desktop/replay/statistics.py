"""The figures of a moment of a replay: of the book, and of the messages and trades just before it.

Pure arithmetic without Qt, by the formulas of :mod:`tickreel.book.features` and
:mod:`tickreel.book.flow`. At the play line the whole book is known; of a moment that was played
before it only what was kept: the touch after each message, and the trades.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING, Any

import numpy as np

from tickreel.book import Touch
from tickreel.book.book import Depth
from tickreel.book.features import BPS, cumulative_depth, microprice, mid, spread, spread_bps
from tickreel.book.flow import Windows, order_flow, trade_flow
from tickreel.market.time import US_PER_SECOND
from tickreel_desktop.replay.ring import Ring

if TYPE_CHECKING:
    from tickreel.book import Book
    from tickreel.replay import SymbolFrame, TouchSeries, TradeSeries

NEAR_BP = 10.0
"""How far from the mid amounts are summed, in basis points of it."""
TOP_LEVELS = 10
"""Levels a side whose balance is told."""
FLOW_US = 10 * US_PER_SECOND
"""The time before the moment of which the order flow is summed."""
_KEPT_MESSAGES = 1 << 18
_KEPT_TRADES = 1 << 17


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known of a moment; NaN, or None for counts and trades, where it is not."""

    at_us: int
    is_past: bool
    """The moment lies before the play line: of its book only the touch is known."""
    mid: float = nan
    microprice: float = nan
    spread: float = nan
    spread_bp: float = nan
    near_bid: float = nan
    """Amount of all bids within :data:`NEAR_BP` of the mid."""
    near_ask: float = nan
    imbalance: float = nan
    """Of the best :data:`TOP_LEVELS` levels: 1 is only bids, -1 only asks."""
    messages: int | None = None
    """Book messages of the second before."""
    bought: tuple[int, float] | None = None
    """Trades of the second before that took asks: how many, and their amount."""
    sold: tuple[int, float] | None = None
    unknown: tuple[int, float] | None = None
    flow: float = nan
    """Order-flow imbalance of :data:`FLOW_US` before, in amounts."""


def amounts_within(book: Book, distance_bp: float) -> tuple[float, float]:
    """Sum bids and asks no further from the mid than so many basis points; NaN without a mid above 0."""
    middle = book.mid
    if middle is None or middle <= 0:
        return nan, nan
    reach = middle * distance_bp / BPS
    bids = int(np.searchsorted(-book.bids[:, 0], reach - middle, side="right"))
    asks = int(np.searchsorted(book.asks[:, 0], middle + reach, side="right"))
    near = cumulative_depth(Depth(book.bids[:bids], book.asks[:asks]))
    bid, ask = (float(side[-1, 1]) if len(side) else 0.0 for side in near)
    return bid, ask


class Statistics:
    """Keeps what was played of one symbol, so far as the figures of a moment need it."""

    def __init__(self, messages: int = _KEPT_MESSAGES, trades: int = _KEPT_TRADES) -> None:
        """Keep so many book messages and trades, the newest."""
        self._touch = Ring(messages, np.int64, *(np.float64,) * 4)
        self._trades = Ring(trades, np.int64, np.int8, np.float64)
        self._book: Book | None = None
        self._at_us = 0
        self._start_us = 0
        self._known_from_us = 0

    @property
    def now_us(self) -> int:
        """The play line."""
        return self._at_us

    def begin(self, start_us: int) -> None:
        """Forget everything; another range begins there."""
        self._touch.clear()
        self._trades.clear()
        self._book = None
        self._at_us = self._start_us = self._known_from_us = start_us

    def take(self, symbol: SymbolFrame, at_us: int, *, is_jump: bool) -> None:
        """Take what a frame tells of the symbol."""
        if is_jump:
            self._touch.clear()
            self._trades.clear()
            first = [int(one.time_us[0]) for one in (symbol.touch, symbol.trades) if len(one)]
            self._known_from_us = min([at_us, *first])
        self._book, self._at_us = symbol.book, at_us
        self._keep(symbol.touch, symbol.trades)

    def _keep(self, touch: TouchSeries, trades: TradeSeries) -> None:
        self._touch.append(touch.time_us, touch.bid, touch.ask, touch.bid_amount, touch.ask_amount)
        self._trades.append(trades.time_us, trades.side, trades.amount)

    def at(self, at_us: int | None) -> Figures:
        """Give the figures of a moment; None is the play line, as is everything after it."""
        is_past = at_us is not None and at_us < self._at_us
        moment_us = at_us if is_past and at_us is not None else self._at_us
        found = self._flows(moment_us)
        if is_past:
            found |= _of_touch(self._touch_at(moment_us))
        elif self._book is not None:
            found |= _of_book(self._book)
        return Figures(moment_us, is_past, **found)

    def is_before_kept(self, at_us: int) -> bool:
        """Tell whether a moment lies before the oldest message that is kept."""
        return not len(self._touch_at(at_us).time_us)

    def _touch_at(self, at_us: int) -> Touch:
        """Give the touch in force: one entry, or none where it is not kept."""
        place = int(np.searchsorted(self._touch.column(0), at_us, side="right"))
        return Touch(*(self._touch.column(each)[max(0, place - 1) : place] for each in range(5)))

    def _flows(self, at_us: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self._book is not None:
            if self._is_kept(self._touch, at_us - US_PER_SECOND):
                found["messages"] = len(self._touch_between(at_us - US_PER_SECOND, at_us).time_us)
            if self._is_kept(self._touch, at_us - FLOW_US):
                window = Windows(at_us - FLOW_US + 1, FLOW_US, 1)
                found["flow"] = float(order_flow(self._touch_between(at_us - FLOW_US, at_us, 1), window)[0])
        if self._is_kept(self._trades, at_us - US_PER_SECOND):
            first, last = np.searchsorted(self._trades.column(0), (at_us - US_PER_SECOND, at_us), "right")
            times, sides, amounts = (self._trades.column(each)[first:last] for each in range(3))
            flow = trade_flow(times, sides, amounts, Windows(at_us - US_PER_SECOND + 1, US_PER_SECOND, 1))
            found["bought"] = int(flow.buys[0]), float(flow.buy_amount[0])
            found["sold"] = int(flow.sells[0]), float(flow.sell_amount[0])
            found["unknown"] = int(flow.unknowns[0]), float(flow.unknown_amount[0])
        return found

    def _touch_between(self, after_us: int, up_to_us: int, before: int = 0) -> Touch:
        """Give the touch of (after, up to], and so many entries before it."""
        first, last = np.searchsorted(self._touch.column(0), (after_us, up_to_us), "right")
        first = max(0, int(first) - before)
        return Touch(*(self._touch.column(each)[first:last] for each in range(5)))

    def _is_kept(self, ring: Ring, since_us: int) -> bool:
        """Tell whether everything after a moment is there, or the range begins after it."""
        if self._known_from_us > max(since_us + 1, self._start_us):
            return False
        return not ring.has_dropped or int(ring.column(0)[0]) <= since_us


def _of_book(book: Book) -> dict[str, float]:
    near_bid, near_ask = amounts_within(book, NEAR_BP)
    balance = book.imbalance(TOP_LEVELS)
    best = [side[:1] for side in (book.bids, book.asks)]
    if not all(len(side) for side in best):
        return {"imbalance": nan if balance is None else balance}
    touch = Touch(np.zeros(1, np.int64), best[0][:, 0], best[1][:, 0], best[0][:, 1], best[1][:, 1])
    return {
        **_of_touch(touch),
        "near_bid": near_bid,
        "near_ask": near_ask,
        "imbalance": nan if balance is None else balance,
    }


def _of_touch(touch: Touch) -> dict[str, float]:
    if not len(touch.time_us):
        return {}
    return {
        "mid": float(mid(touch)[0]),
        "microprice": float(microprice(touch)[0]),
        "spread": float(spread(touch)[0]),
        "spread_bp": float(spread_bps(touch)[0]),
    }
