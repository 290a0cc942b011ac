"""Steps of a replay: where the next event lies, and where those before an instant do.

A message is the rows of one instrument and type with one local time. A trade is a row of type
trades. A price is a message, or a day that begins and is not held, after which the best bid or the
best ask of an instrument is another price than before it, or one where there was none.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from tickreel.errors import UsageError
from tickreel.market.block import Block
from tickreel.market.types import DataType
from tickreel.replay.stream import ONLY_TIMES, keys_of
from tickreel.store.library.booktime import L2_COLUMNS, books_before, l2_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tickreel.book import BookBuilder
    from tickreel.replay.deck import Deck
    from tickreel.replay.source import Source
    from tickreel.replay.stream import Mark, Piece, Stream

    Keys = NDArray[np.int64]

_ROWS_AT_ONCE = 256
_MOST_ROWS_AT_ONCE = 1 << 16
_EVENTS_AT_ONCE = 256
_NO_KEYS = np.empty(0, np.int64)


class StepEvent(StrEnum):
    """What a step goes by."""

    MESSAGE = "message"
    TRADE = "trade"
    PRICE = "price"

    def happens_in(self, data_type: DataType) -> bool:
        """Tell whether rows of a type can be such events."""
        match self:
            case StepEvent.MESSAGE:
                return True
            case StepEvent.TRADE:
                return data_type is DataType.TRADES
            case StepEvent.PRICE:
                return data_type is DataType.INCREMENTAL_BOOK_L2


_MESSAGES_PER_EVENT = {StepEvent.MESSAGE: 1, StepEvent.TRADE: 1, StepEvent.PRICE: 8}
"""How many messages are read for each event that is looked for; a first guess."""


class Finder:
    """Finds the events of one stream in pieces that follow one another.

    *books* are those at its beginning, by symbol; only prices need them, and they are used up.
    """

    def __init__(self, event: StepEvent, stream: Stream, books: dict[str, BookBuilder]) -> None:
        self._event = event
        self.stream = stream
        self._books = books
        self._best: dict[str, tuple[float, float]] = {}

    def moments(self, piece: Piece) -> Keys:
        """Give the moment of every event of a piece, in order."""
        return self.stream.moments(self._keys(piece))

    def _keys(self, piece: Piece) -> Keys:
        content, keys_us = piece.content, piece.keys_us
        if not isinstance(content, Block):
            return self._broken(keys_us) if self._event is StepEvent.PRICE else _NO_KEYS
        if self._event is StepEvent.TRADE:
            return keys_us
        if not self.stream.is_grouped:
            return self._of_one(self.stream.symbols[0], content, keys_us)
        found = [self._of_one(symbol, own, keys_of(own)) for symbol, own in content.by_symbol()]
        return np.sort(np.concatenate(found))

    def _of_one(self, symbol: str, block: Block, keys_us: Keys) -> Keys:
        local = block.local_us
        ends = np.append(local[1:] != local[:-1], True)
        if self._event is StepEvent.MESSAGE:
            return _chosen(keys_us, ends)
        builder = self._books[symbol]
        before = self._best_of(symbol)
        touch = builder.apply_with_touch(l2_rows(block))
        self._best[symbol] = float(touch.bid[-1]), float(touch.ask[-1])
        changed = _differs(touch.bid, before[0]) | _differs(touch.ask, before[1])
        return _chosen(_chosen(keys_us, ends), changed)

    def _broken(self, keys_us: Keys) -> Keys:
        """Empty all books; each that had a best price is an event."""
        emptied = 0
        for symbol, builder in self._books.items():
            emptied += not np.isnan(self._best_of(symbol)).all()
            builder.forget()
            self._best[symbol] = np.nan, np.nan
        return np.repeat(keys_us, emptied)

    def _best_of(self, symbol: str) -> tuple[float, float]:
        if symbol not in self._best:
            book = self._books[symbol].view()
            bid, ask = book.best_bid, book.best_ask
            self._best[symbol] = (
                np.nan if bid is None else bid[0],
                np.nan if ask is None else ask[0],
            )
        return self._best[symbol]


def _chosen(keys_us: Keys, are_chosen: NDArray[np.bool_]) -> Keys:
    chosen: Keys = keys_us[are_chosen]
    return chosen


def _differs(prices: NDArray[np.float64], before: float) -> NDArray[np.bool_]:
    """Tell of each price whether it is another than the one before it; two that are missing are the same."""
    earlier = np.concatenate([[before], prices[:-1]])
    is_missing: NDArray[np.bool_] = np.isnan(prices) & np.isnan(earlier)
    differs: NDArray[np.bool_] = prices != earlier
    return differs & ~is_missing


def ensure_happens(event: StepEvent, sources: Sequence[Source]) -> None:
    """Refuse a step by events that a replay cannot have.

    Raises:
        UsageError: it plays no data in which they happen.
    """
    if not any(event.happens_in(source.plan.selection.key.type) for source in sources):
        what = "no trades" if event is StepEvent.TRADE else "no order book"
        raise UsageError(f"this replay plays {what}: it cannot go from one {event.value} to the next")


def play_to_event(deck: Deck, event: StepEvent, number: int) -> bool:
    """Play up to the moment that holds the *number*-th event from here; False when everything is played."""
    finders = [_finder_from(deck, stream, event) for stream in deck.streams if event.happens_in(stream.type)]
    rows = max(_ROWS_AT_ONCE, min(4 * number, _MOST_ROWS_AT_ONCE))
    while not deck.is_end:
        to_us = min(us for stream in deck.streams if (us := stream.look_ahead(rows)) is not None)
        found = [
            finder.moments(piece)[:number] for finder in finders for piece in finder.stream.at_hand(to_us)
        ]
        moments = np.sort(np.concatenate([_NO_KEYS, *found]))
        if len(moments) >= number:
            deck.play(int(moments[number - 1]))
            return True
        number -= len(moments)
        deck.play(to_us)
        rows = min(4 * rows, _MOST_ROWS_AT_ONCE)
    return False


def _finder_from(deck: Deck, stream: Stream, event: StepEvent) -> Finder:
    books: dict[str, BookBuilder] = {}
    if event is StepEvent.PRICE:
        tracks = ((symbol, deck.tracks[stream.exchange, symbol]) for symbol in stream.symbols)
        books = {symbol: track.builder.copy() for symbol, track in tracks if track.builder is not None}
    return Finder(event, stream, books)


class Past:
    """Finds events that were played; those it read last it remembers, as steps back seldom come alone."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources
        self._known: dict[StepEvent, _Known] = {}

    def moment_before(self, at_us: int, event: StepEvent, number: int) -> int | None:
        """Find the moment that holds the *number*-th last event up to an instant; None if there are fewer."""
        known = self._known.get(event)
        if known is None or not known.answers(at_us, number):
            self._known[event] = known = self._read(at_us, event, max(number, _EVENTS_AT_ONCE))
        return known.moment_before(at_us, number)

    def _read(self, at_us: int, event: StepEvent, number: int) -> _Known:
        moments = _NO_KEYS
        taking_part = [one for one in self._sources if event.happens_in(one.plan.selection.key.type)]
        # The busiest first: what it gives bounds how far back the others are read.
        for source in sorted(taking_part, key=lambda one: -one.messages_before(at_us)):
            for low, high in source.spans_back(at_us, number * _MESSAGES_PER_EVENT[event]):
                found = _moments_between(source, low, high, at_us, event)
                moments = np.sort(np.append(moments, found))[-number:]
                if len(moments) == number and source.moment(low.key_us) <= moments[0]:
                    break  # all that lies further back is earlier than what was found
        return _Known(moments, at_us, is_all=len(moments) < number)


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """The moments of the last events up to an instant: some, or all since the start."""

    moments: Keys
    up_to_us: int
    is_all: bool

    def answers(self, at_us: int, number: int) -> bool:
        return at_us <= self.up_to_us and (self.is_all or self.moment_before(at_us, number) is not None)

    def moment_before(self, at_us: int, number: int) -> int | None:
        place = int(np.searchsorted(self.moments, at_us, side="right")) - number
        return int(self.moments[place]) if place >= 0 else None


def _moments_between(source: Source, low: Mark, high: Mark, at_us: int, event: StepEvent) -> Keys:
    """Give the moments of the events between two marks that are due up to an instant."""
    books: dict[str, BookBuilder] = {}
    if event is StepEvent.PRICE:
        books = books_before(source.library, source.plan.selection, low.local_us + 1)
    stream = source.stream_between(low, high, L2_COLUMNS if event is StepEvent.PRICE else ONLY_TIMES)
    finder = Finder(event, stream, books)
    return np.concatenate([_NO_KEYS, *(finder.moments(piece) for piece in stream.take_pieces(at_us))])
