"""A range as hftbacktest reads it: an array of events of 64 bytes each, in an ``.npz`` under ``data``.

Fields (little-endian): *ev* u8, *exch_ts* i8 and *local_ts* i8 in nanoseconds, *px* f8, *qty* f8,
*order_id* u8, *ival* i8, *fval* f8. The low byte of *ev* is its kind: 1 depth, 2 trade, 3 clear, 4
snapshot; bits 31 and 30 say that the exchange and the strategy see it, 29 and 28 that it is a bid or buy, an
ask or sale.

- The range begins with the whole book before it, as a clear and snapshot events at its first instant.
- A snapshot of the feed is one clear of both sides and its levels, as it is to Tickreel.
- Trades come before the book where times are equal, so that no queue is shortened twice.
- Exchange time never goes back within a stream (its running maximum counts). Where events come in another
  order on the two clocks, each is there twice, once for either, which is what hftbacktest asks for.
- Where a message would arrive before it was sent, all local times are moved by the largest such difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import psutil

from tickreel.errors import EnvironmentProblem
from tickreel.market.types import DataType
from tickreel.market.units import format_bytes
from tickreel.progress import UNWATCHED
from tickreel.store import refuse_missing
from tickreel.store.library.booktime import books_before

if TYPE_CHECKING:
    from typing import BinaryIO

    from numpy.typing import NDArray

    from tickreel.market.block import Block
    from tickreel.progress import Monitor
    from tickreel.store import Cache

EVENT = np.dtype(
    [
        ("ev", "<u8"),
        ("exch_ts", "<i8"),
        ("local_ts", "<i8"),
        ("px", "<f8"),
        ("qty", "<f8"),
        ("order_id", "<u8"),
        ("ival", "<i8"),
        ("fval", "<f8"),
    ],
    align=True,
)
DEPTH, TRADE, CLEAR, SNAPSHOT = 1, 2, 3, 4
SEEN_THERE, SEEN_HERE = 1 << 31, 1 << 30
BUY, SELL = 1 << 29, 1 << 28
_NS = 1_000
_COPIES = 4
"""Arrays of all events that are held at once, at most."""
_SIDE_OF_TRADE = np.array([BUY, SELL, 0, 0], np.uint64)
"""By the code of a trade's side: buy, sell, unknown, none."""


@dataclass(frozen=True, slots=True)
class Events:
    """Events of a range, and how local time was put right."""

    data: NDArray[np.void]
    """:data:`EVENT` (n,)."""
    shift_us: int
    """By which local times were moved, 0 or more."""


def events_of(
    cache: Cache,
    exchange: str,
    symbol: str,
    start_us: int,
    end_us: int,
    *,
    allow_missing: bool = False,
    monitor: Monitor = UNWATCHED,
) -> Events:
    """Give the book and, where they are held, the trades of [start_us, end_us) as hftbacktest's events.

    Raises:
        NotHeldError: no book is held, or days are missing and *allow_missing* is not set.
        EnvironmentProblem: it would not fit into the memory that is free.
        Cancelled: the monitor said so.
    """
    library = cache.library
    types = (DataType.TRADES, DataType.INCREMENTAL_BOOK_L2)
    library.bring([(exchange, symbol)], types, start_us, end_us, monitor)
    book = cache.book_selection(exchange, symbol)
    plans = [
        library.plan(library.select(exchange, symbol, data_type), start_us, end_us)
        for data_type in library.held_types(exchange, symbol, types)
    ]
    if not allow_missing:
        refuse_missing([day for plan in plans for day in plan.missing])
    rows = sum(part.rows for plan in plans for part in plan.parts)
    _ensure_room(rows)
    (builder,) = books_before(library, book, start_us).values()
    view = builder.view()
    pieces = [_whole_book(view.bids, view.asks, start_us)]
    done = 0
    for plan in plans:
        of_type = _trades if plan.selection.key.type is DataType.TRADES else _depth
        reached_us = np.int64(start_us)
        columns = ["local_timestamp", "timestamp", "side", "price", "amount"]
        columns += ["is_snapshot"] if of_type is _depth else []
        was_snapshot_us: int | None = None
        for block in library.rows(plan, columns):
            exchange_us = _exchange_us(block, reached_us)
            reached_us = exchange_us[-1]
            piece, was_snapshot_us = of_type(block, exchange_us, was_snapshot_us)
            pieces.append(piece)
            done += len(block)
            monitor.report(done, rows, symbol)
    return _ordered(np.concatenate(pieces))


def write_npz(file: BinaryIO, events: Events) -> None:
    """Write events as a compressed ``.npz``; raises OSError."""
    np.savez_compressed(file, data=events.data)


def _ensure_room(rows: int) -> None:
    needed, free = _COPIES * rows * EVENT.itemsize, psutil.virtual_memory().available
    if needed > free:
        raise EnvironmentProblem(
            f"{rows} rows as hftbacktest's events take up to {format_bytes(needed)} of memory and "
            f"{format_bytes(free)} are free: name a shorter range"
        )


def _exchange_us(block: Block, reached_us: np.int64) -> NDArray[np.int64]:
    """Give the exchange's time of each row, never going back; where it has none, the local one."""
    times = np.where(block.array("timestamp") > 0, block.array("timestamp"), block.local_us)
    return np.asarray(np.maximum.accumulate(np.maximum(times, reached_us)), np.int64)


def _rows(kind: NDArray[np.uint64] | int, block: Block, exchange_us: NDArray[np.int64]) -> NDArray[np.void]:
    events = np.zeros(len(block), EVENT)
    events["ev"] = kind
    events["exch_ts"] = exchange_us * _NS
    events["local_ts"] = block.local_us * _NS
    events["px"] = block.array("price")
    events["qty"] = block.array("amount")
    return events


def _trades(
    block: Block, exchange_us: NDArray[np.int64], _was_snapshot_us: int | None
) -> tuple[NDArray[np.void], None]:
    return _rows(_SIDE_OF_TRADE[block.array("side")] | np.uint64(TRADE), block, exchange_us), None


def _depth(
    block: Block, exchange_us: NDArray[np.int64], was_snapshot_us: int | None
) -> tuple[NDArray[np.void], int | None]:
    """Lay out rows of the book, with a clear before each row that begins a snapshot.

    A snapshot row goes on with the snapshot before it only where that is of the same local time.
    """
    is_snapshot, local_us = block.array("is_snapshot"), block.local_us
    side = np.where(block.array("side") == 0, np.uint64(BUY), np.uint64(SELL))
    kind = side | np.where(is_snapshot, np.uint64(SNAPSHOT), np.uint64(DEPTH))
    events = _rows(kind.astype(np.uint64), block, exchange_us)
    goes_on = np.zeros(len(block), np.bool_)
    goes_on[1:] = is_snapshot[:-1] & (local_us[1:] == local_us[:-1])
    goes_on[0] = was_snapshot_us is not None and was_snapshot_us == local_us[0]
    begins = np.flatnonzero(is_snapshot & ~goes_on)
    clears = events[begins].copy()
    clears["ev"], clears["px"], clears["qty"] = CLEAR, 0.0, 0.0
    last_us = int(local_us[-1]) if is_snapshot[-1] else None
    return np.insert(events, begins, clears), last_us


def _whole_book(bids: NDArray[np.float64], asks: NDArray[np.float64], at_us: int) -> NDArray[np.void]:
    """Lay out a book as a clear and its levels, both best first; nothing where it is empty."""
    if not len(bids) and not len(asks):
        return np.zeros(0, EVENT)
    events = np.zeros(1 + len(bids) + len(asks), EVENT)
    events["exch_ts"] = events["local_ts"] = at_us * _NS
    events["ev"][0] = CLEAR
    for side, levels, place in ((BUY, bids, 1), (SELL, asks, 1 + len(bids))):
        part = slice(place, place + len(levels))
        events["ev"][part] = side | SNAPSHOT
        events["px"][part], events["qty"][part] = levels[:, 0], levels[:, 1]
    return events


def _ordered(events: NDArray[np.void]) -> Events:
    """Put events of several streams in the order of both clocks; what cannot be in both is there twice."""
    if not len(events):
        return Events(events, 0)
    shift_ns = max(0, int((events["exch_ts"] - events["local_ts"]).max()))
    events["local_ts"] += shift_ns
    there = np.argsort(events["exch_ts"], kind="stable")
    here = np.argsort(events["local_ts"], kind="stable")
    return Events(_merged(events, there, here), shift_ns // _NS)


def _merged(events: NDArray[np.void], there: NDArray[np.intp], here: NDArray[np.intp]) -> NDArray[np.void]:
    """Merge two orders of the same events: what has the same place in both is one event, else it is two."""
    count = len(events)
    place_there, place_here = np.empty(count, np.intp), np.empty(count, np.intp)
    place_there[there] = place_here[here] = np.arange(count)
    # A stretch ends where all events so far, by one clock, are all so far by the other as well.
    is_end = np.maximum.accumulate(place_there[here]) == np.arange(count)
    stretch = np.empty(count, np.intp)
    stretch[here] = np.concatenate(([0], np.cumsum(is_end)[:-1]))
    is_one = (place_there == place_here) & (np.bincount(stretch)[stretch] == 1)
    both, apart = np.flatnonzero(is_one), np.flatnonzero(~is_one)
    copies = np.concatenate((both, apart, apart))
    seen = np.repeat(
        np.array([SEEN_THERE | SEEN_HERE, SEEN_THERE, SEEN_HERE], np.uint64),
        [len(both), len(apart), len(apart)],
    )
    merged = events[copies]
    merged["ev"] |= seen
    # Within a stretch what the exchange sees goes first, as each event is there before it is here.
    place = np.concatenate((place_here[both], place_there[apart], place_here[apart]))
    return merged[np.lexsort((place, seen == SEEN_HERE, stretch[copies]))]
