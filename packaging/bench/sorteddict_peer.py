"""The book that plain Python is usually given: a sorted dictionary a side, changed row by row.

It does just what a bare book must, resets by snapshots included, and neither more nor less; but it reads
nothing, since its rows lie ready as tuples of Python's own numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from contest import Contest, say, timed_book
from plain_rows import read_rows
from sortedcontainers import SortedDict  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Callable

contest = Contest()
rows = read_rows(contest.csv)


def _build() -> tuple[float, float]:
    bids, asks = SortedDict(), SortedDict()
    is_primed = was_snapshot = False
    before_us = None
    for local_us, is_snapshot, is_bid, price, amount in rows:
        if is_snapshot and not (was_snapshot and local_us == before_us):
            bids.clear()
            asks.clear()
            is_primed = True
        was_snapshot, before_us = is_snapshot, local_us
        if not is_primed:
            continue
        side = bids if is_bid else asks
        if amount:
            side[price] = amount
        else:
            side.pop(price, None)
    return bids.keys()[-1] if bids else float("nan"), asks.keys()[0] if asks else float("nan")


def _fresh() -> Callable[[], tuple[float, float]]:
    return _build


say(timed_book(len(rows), _fresh))
