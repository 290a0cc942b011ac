"""The book at an instant: the nearest point from which it follows, and the rows from there on."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter_ns
from typing import TYPE_CHECKING

from tickreel.book import BookBuilder, L2Rows
from tickreel.market.time import day_of
from tickreel.store.library.readiness import prepare_books

if TYPE_CHECKING:
    from tickreel.book import Book
    from tickreel.market.block import Block
    from tickreel.store.library.plans import Selection
    from tickreel.store.library.reading import Library

L2_COLUMNS = ("local_timestamp", "is_snapshot", "side", "price", "amount")


@dataclass(frozen=True, slots=True)
class BookAt:
    """A book at an instant, and how it was reached."""

    book: Book
    covered: bool
    """The instant lies inside a held part."""
    keyframe_us: int | None
    """Instant of the stored book from which it was rolled forward, or None."""
    rows_applied: int


def l2_rows(block: Block) -> L2Rows:
    """Lay a block that has the columns of :data:`L2_COLUMNS` out for the book kernels."""
    return L2Rows(
        local_us=block.local_us,
        is_snapshot=block.array("is_snapshot"),
        side=block.array("side"),
        price=block.array("price"),
        amount=block.array("amount"),
    )


def books_before(library: Library, selection: Selection, end_us: int) -> dict[str, BookBuilder]:
    """Build the book of every instrument of a selection after all messages before *end_us*, in one pass."""
    builders, _ = _rolled(library, selection, end_us)
    return builders


def book_at(library: Library, selection: Selection, at_us: int) -> BookAt:
    """Build the book of one instrument at an instant: all messages up to and including it.

    Raises:
        NotHeldError: the instant's day is not held.
    """
    prepare_books()
    began_ns = perf_counter_ns()
    day = library.day(selection, day_of(at_us))
    builders, keyframe_us = _rolled(library, selection, at_us + 1)
    (builder,) = builders.values()
    counts = builder.counts
    library.count_hit(selection, day.day, perf_counter_ns() - began_ns)
    return BookAt(builder.view(), day.covers(at_us), keyframe_us, counts.rows - counts.skipped_rows)


def _rolled(library: Library, selection: Selection, end_us: int) -> tuple[dict[str, BookBuilder], int | None]:
    """Build the books before *end_us*; tell the instant of the keyframe they were begun with, if any."""
    chain = library.chain_before(selection, end_us)
    start_us = chain[0].start_us if chain else end_us
    builders: dict[str, BookBuilder] = {}
    keyframe_us = None
    if not selection.key.is_grouped:  # a group's parts keep no books
        for place in reversed(range(len(chain))):
            keyframe = library.keyframe_before(chain[place], end_us)
            if keyframe is not None:
                keyframe_us = keyframe.local_us
                chain, start_us = chain[place:], keyframe_us + 1
                begun = BookBuilder.from_levels(keyframe.bids, keyframe.asks, keyframe_us)
                builders[selection.key.symbol] = begun
                break
    if keyframe_us is None:
        builders = {symbol: BookBuilder() for symbol in library.members(selection)}
    for part in chain:
        for block in library.part_rows(selection, part, start_us, end_us, L2_COLUMNS, reuse=True):
            for symbol, own in block.by_symbol():
                builders[symbol].apply(l2_rows(own))
    return builders, keyframe_us
