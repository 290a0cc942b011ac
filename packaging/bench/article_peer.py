"""The book of the founding article: a dictionary a side, sorted and cut to twenty levels at every row.

Less than a book: what was cut away is not there when the levels before it go, and a snapshot resets
nothing, so what it ends with is another book. It reads nothing: its rows lie ready.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from contest import Contest, say, timed_book
from plain_rows import read_rows

if TYPE_CHECKING:
    from collections.abc import Callable

contest = Contest()
rows = read_rows(contest.csv)
_LEVELS = 20


def _build() -> tuple[float, float]:
    bids: dict[float, float] = {}
    asks: dict[float, float] = {}
    for _, _, is_bid, price, amount in rows:
        side = bids if is_bid else asks
        if amount > 0:
            side[price] = amount
        else:
            side.pop(price, None)
        # Both sides at every row, as it has them.
        bids = dict(sorted(bids.items(), reverse=True)[:_LEVELS])
        asks = dict(sorted(asks.items())[:_LEVELS])
    return max(bids, default=float("nan")), min(asks, default=float("nan"))


def _fresh() -> Callable[[], tuple[float, float]]:
    return _build


say(timed_book(len(rows), _fresh))
