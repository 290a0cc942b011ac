"""nautilus_trader's book of levels in Rust, given all its deltas at once, which is its fastest way.

More than a bare book: each level can hold orders, and every delta is an object with an instrument, flags,
a sequence and two times. Less: it reads nothing, since its deltas, made by its own reader of vendor
files, lie ready as objects.
"""

from __future__ import annotations

from contest import Contest, say, timed_book
from nautilus_trader.core.nautilus_pyo3 import (  # type: ignore[import-not-found]
    BookAction,
    BookType,
    InstrumentId,
    OrderBook,
    OrderBookDeltas,
    load_tardis_deltas,
)

contest = Contest()
instrument = InstrumentId.from_str("ANY.BENCH")


def _measure() -> dict[str, float]:
    deltas = load_tardis_deltas(str(contest.csv), instrument_id=instrument)
    # A snapshot begins with one that no row stands behind.
    rows = sum(delta.action != BookAction.CLEAR for delta in deltas)
    together = OrderBookDeltas(instrument, deltas)
    del deltas

    def fresh():  # type: ignore[no-untyped-def]
        book = OrderBook(instrument, BookType.L2_MBP)

        def build() -> tuple[float, float]:
            book.apply_deltas(together)
            bid, ask = book.best_bid_price(), book.best_ask_price()
            return float("nan") if bid is None else float(bid), float("nan") if ask is None else float(ask)

        return build

    return timed_book(rows, fresh)


say(_measure())
