"""Whole books along a tape: built as far as somebody needs them, from the nearest that was kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tickreel.book import L2Rows

if TYPE_CHECKING:
    from tickreel.backtest.piece import Piece
    from tickreel.book import Book, BookBuilder


class Shown(NamedTuple):
    """Messages of a tape as they were at hand at some moment, whatever the tape reads later."""

    held: Piece
    first: int
    """The number of its first message, counted from where the tape begins."""
    starts: tuple[tuple[int, BookBuilder], ...]
    """Of a book: some of the messages held, the first among them, each with the book before it."""


class Follower:
    """A book that follows a tape, as far as somebody needs it: until then it costs nothing."""

    def __init__(self) -> None:
        self._builder: BookBuilder | None = None
        self._view: Book | None = None
        self._message = 0
        """How many of the tape's messages are in the book, counted from where the tape begins."""

    def follow(self, shown: Shown, message: int) -> None:
        """Go on to after so many of the held messages."""
        held, at = shown.held, self._message - shown.first
        if self._builder is not None and message <= at:
            return
        start, before = next(one for one in reversed(shown.starts) if one[0] <= message)
        if self._builder is None or at < start:
            self._builder, at = before.copy(), start
        self._view = None
        edges = [*(np.flatnonzero(held.is_break[at:message]) + at).tolist(), message]
        for edge in edges:
            first, last = int(held.first_row[at]), int(held.first_row[edge])
            if last > first:
                part = slice(first, last)
                side = held.mark[part] & 1
                rows = (
                    held.local_us[part],
                    held.is_snapshot[part],
                    side,
                    held.price[part],
                    held.amount[part],
                )
                self._builder.apply(L2Rows(*rows))
            if edge < message:
                self._builder.forget()
            at = min(edge + 1, message)
        self._message = shown.first + at

    def book(self) -> Book:
        """Give the book as it is now."""
        assert self._builder is not None, "it follows nothing yet"
        if self._view is None:
            self._view = self._builder.view()
        return self._view

    def amount_at(self, shown: Shown, message: int, side: int, price: float) -> float:
        """Give the amount at a price after so many of the held messages; *side* is 0 for bids, 1 for asks.

        No book is built for one level: the last row that tells of it does, or the book before the piece.
        """
        held = shown.held
        start, before = next(one for one in reversed(shown.starts) if one[0] <= message)
        if held.is_break[start:message].any():
            self.follow(shown, message)
            assert self._builder is not None
            return self._builder.amount_at(side, price)
        rows = slice(int(held.first_row[start]), int(held.first_row[message]))
        mark = held.mark[rows]
        told = np.flatnonzero((held.price[rows] == price) & ((mark & 1) == side))
        resets = np.flatnonzero(mark & 2)
        since = int(resets[-1]) if len(resets) else -1
        if len(told) and told[-1] >= since:
            return float(held.amount[rows][told[-1]])
        return 0.0 if since >= 0 else before.amount_at(side, price)
