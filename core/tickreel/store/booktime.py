"""The book at an instant: the nearest point from which it follows, and the rows from there on."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from tickreel.book import BookBuilder, L2Rows
from tickreel.market.time import day_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tickreel.book import Book
    from tickreel.store.reading import Library, Selection

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


def l2_rows(batch: pa.RecordBatch) -> L2Rows:
    """Lay a batch that has the columns of :data:`L2_COLUMNS` out for the book kernels."""
    return L2Rows(
        local_us=batch.column("local_timestamp").to_numpy(),
        is_snapshot=batch.column("is_snapshot").to_numpy(zero_copy_only=False),
        side=batch.column("side").indices.to_numpy(),
        price=batch.column("price").to_numpy(),
        amount=batch.column("amount").to_numpy(),
    )


def split_by_symbol(batch: pa.RecordBatch) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Part the rows of a grouped file by their instrument; rows of one stay in file order."""
    coded = batch.column("symbol").dictionary_encode()
    codes = coded.indices.to_numpy()
    order = np.argsort(codes, kind="stable")
    edges = [0, *(np.flatnonzero(np.diff(codes[order])) + 1).tolist(), len(codes)]
    sorted_rows = batch.take(pa.array(order))
    for low, high in pairwise(edges):
        yield coded.dictionary[int(codes[order[low]])].as_py(), sorted_rows.slice(low, high - low)


def books_before(library: Library, selection: Selection, end_us: int) -> dict[str, BookBuilder]:
    """Build the book of every instrument of a selection after all messages before *end_us*, in one pass."""
    builders = {symbol: BookBuilder() for symbol in library.members(selection)}
    is_group = selection.key.is_grouped and selection.member is None
    columns = (*L2_COLUMNS, "symbol") if is_group else L2_COLUMNS
    for part in library.chain_before(selection, end_us):
        for batch in library.part_rows(selection, part, part.start_us, min(part.end_us, end_us), columns):
            if is_group:
                for symbol, own in split_by_symbol(batch):
                    builders[symbol].apply(l2_rows(own))
            else:
                (builder,) = builders.values()
                builder.apply(l2_rows(batch))
    return builders


def book_at(library: Library, selection: Selection, at_us: int) -> BookAt:
    """Build the book of one instrument at an instant: all messages up to and including it.

    Raises:
        NotHeldError: the instant's day is not held.
    """
    day = library.day(selection, day_of(at_us))
    (builder,) = books_before(library, selection, at_us + 1).values()
    counts = builder.counts
    return BookAt(builder.view(), day.covers(at_us), None, counts.rows - counts.skipped_rows)
