"""A replay that is pulled: asked to advance, it plays exactly that far and answers with a frame.

A session belongs to one caller at a time. Its calls take as long as the data they
play; a caller with a screen makes them on a worker thread, where the heavy parts
(reading, decoding, applying) run without holding the interpreter.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.errors import NotHeldError, UsageError
from tickreel.market.time import Instant, parse_instant, parse_range
from tickreel.market.types import DataType
from tickreel.replay.frames import Frame, Totals
from tickreel.replay.stream import Break, Order, Stream
from tickreel.replay.track import Track, TypeCount, sum_totals
from tickreel.store import Cache, MissingDay, RangePlan, Selection, as_type, refuse_missing
from tickreel.store.library.booktime import books_before

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tickreel.book import Book, BookBuilder
    from tickreel.market.block import Block

DEFAULT_TYPES = (DataType.INCREMENTAL_BOOK_L2, DataType.TRADES)
"""Played when no types are asked for, where they are held."""


@dataclass(frozen=True, slots=True)
class SymbolSummary:
    """What was played of one instrument, and the book it ended with."""

    exchange: str
    symbol: str
    totals: Totals
    last_message_us: int | None
    state_hash: str | None
    """None when no order book was played."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a session has played since its start, or since its last seek."""

    totals: Totals
    types: dict[DataType, TypeCount]
    symbols: tuple[SymbolSummary, ...]


class Replay:
    """Play [start, end) of one or more symbols on one clock.

    The books start as they were after all messages before *start*. Days that are
    missing stop it before it begins, unless *allow_missing*.

    Raises:
        NotHeldError: nothing is held of a symbol (or of a type asked for), or days are missing.
        UsageError: a time, type or order that there is not.
    """

    def __init__(
        self,
        cache: Cache,
        symbols: Sequence[tuple[str, str]],
        start: Instant,
        end: Instant,
        *,
        types: Iterable[DataType | str] | None = None,
        order: Order | str = Order.LOCAL,
        allow_missing: bool = False,
    ) -> None:
        if not symbols:
            raise UsageError("a replay needs at least one symbol")
        self.start_us, self.end_us = parse_range(start, end)
        self.order = _as_order(order)
        self._library = cache.library
        asked = None if types is None else tuple(dict.fromkeys(as_type(name) for name in types))
        self._plans: list[RangePlan] = [
            self._library.plan(selection, self.start_us, self.end_us)
            for exchange, symbol in dict.fromkeys(symbols)
            for selection in self._selections(exchange, symbol, asked)
        ]
        self.missing: tuple[MissingDay, ...] = tuple(day for plan in self._plans for day in plan.missing)
        self._library.count_misses(self.missing)
        if not allow_missing:
            refuse_missing(self.missing)
        self._tracks: dict[tuple[str, str], Track] = {}
        self._streams: list[Stream] = []
        self._at_us = self.start_us - 1
        self._rows_at_last_frame = 0
        self._open(self.start_us)

    def _selections(self, exchange: str, symbol: str, asked: tuple[DataType, ...] | None) -> list[Selection]:
        """Find the datasets of one symbol, in the order in which equal times are played."""
        if asked is None:
            types = self._library.held_types(exchange, symbol, DEFAULT_TYPES)
            if not types:
                raise NotHeldError(
                    f"no order book and no trades are held of {exchange} {symbol}: "
                    "`tickreel datasets` lists what is held; name other types with --types"
                )
        else:
            types = list(asked)
        in_order = [data_type for data_type in DataType if data_type in types]
        return [self._library.select(exchange, symbol, data_type) for data_type in in_order]

    def _open(self, from_us: int) -> None:
        """Put every track at the state just before *from_us*, and every stream at its first row."""
        tracks: dict[tuple[str, str], Track] = {}
        streams: list[Stream] = []
        for plan in self._plans:
            key = plan.selection.key
            # A day found damaged since the start must not look like one that was never held.
            now = self._library.plan(plan.selection, self.start_us, from_us)
            refuse_missing(day for day in now.missing if day not in self.missing)
            books: dict[str, BookBuilder] = {}
            if key.type is DataType.INCREMENTAL_BOOK_L2:
                books = books_before(self._library, plan.selection, from_us)
            for symbol in self._library.members(plan.selection):
                track = tracks.setdefault((key.exchange, symbol), Track(key.exchange, symbol, None))
                if key.type in track.by_type:
                    raise UsageError(
                        f"{key.exchange} {symbol} is asked for twice, alone and with its group: ask for one"
                    )
                track.by_type[key.type] = TypeCount()
                track.builder = books.get(symbol, track.builder)
            streams.append(Stream(self._library, plan.since(from_us), self.order))
        self._tracks, self._streams = tracks, streams  # not before: after an error it stands where it stood
        self._at_us = from_us - 1
        self._rows_at_last_frame = 0

    @property
    def at_us(self) -> int:
        """The clock: everything up to and including this microsecond was played."""
        return self._at_us

    @property
    def is_end(self) -> bool:
        """Whether the range holds nothing more."""
        return all(stream.is_exhausted for stream in self._streams)

    def advance(self, to: Instant, *, budget_s: float | None = None) -> Frame:
        """Play everything up to and including *to*, and say what happened since the last frame.

        With a *budget_s* of wall time it may stop earlier, at a moment of its choice;
        the frame's ``at_us`` says where.
        """
        self._play(parse_instant(to), budget_s)
        return self._frame(is_jump=False)

    def advance_to_end(self) -> Frame:
        """Play everything that is left."""
        while not self.is_end:
            self._play(max(stream.horizon_us or 0 for stream in self._streams), None)
        self._at_us = max(self._at_us, self.end_us - 1)
        return self._frame(is_jump=False)

    def seek(self, at: Instant, *, history_us: int = 0) -> Frame:
        """Go to the state at *at*, forward or back, as if it had been played up to there.

        The frame's series hold the *history_us* before it; counts start anew.

        Raises:
            UsageError: *at* lies outside the replayed range.
        """
        at_us = parse_instant(at)
        if not self.start_us - 1 <= at_us <= self.end_us:
            raise UsageError("a replay can only seek inside its range")
        # Under the exchange clock arrival says nothing of order: only a play from the start is exact.
        by_arrival = self.order is Order.LOCAL
        self._open(max(self.start_us, at_us - history_us + 1) if by_arrival else self.start_us)
        if not by_arrival:
            self._play(at_us - history_us, None)
            self._frame(is_jump=True)  # the series of this frame lie before the history: they are dropped
        self._play(at_us, None)
        if at_us > self.start_us:  # at the start, what was played is what there is since the start
            for track in self._tracks.values():
                track.count_anew()
            self._rows_at_last_frame = 0
        return self._frame(is_jump=True)

    def book(self, exchange: str, symbol: str) -> Book:
        """Give an instrument's book as it is now.

        Raises:
            NotHeldError: this replay plays no order book of it.
        """
        track = self._tracks.get((exchange, symbol))
        if track is None or track.builder is None:
            raise NotHeldError(f"this replay plays no order book of {exchange} {symbol}")
        return track.builder.view()

    def summary(self) -> Summary:
        """Sum up what was played since the start, or since the last seek."""
        types: dict[DataType, TypeCount] = {}
        for track in self._tracks.values():
            for data_type, count in track.by_type.items():
                types[data_type] = types.get(data_type, TypeCount()) + count
        return Summary(
            totals=sum_totals([track.totals() for track in self._tracks.values()]),
            types={data_type: types[data_type] for data_type in DataType if data_type in types},
            symbols=tuple(
                SymbolSummary(
                    exchange=track.exchange,
                    symbol=track.symbol,
                    totals=track.totals(),
                    last_message_us=track.last_message_us,
                    state_hash=None if track.builder is None else track.builder.view().state_hash(),
                )
                for track in self._tracks.values()
            ),
        )

    def _play(self, to_us: int, budget_s: float | None) -> None:
        """Play up to *to_us*; within a budget, in steps that touch the disk once at most."""
        stop_s = None if budget_s is None else time.monotonic() + budget_s
        while True:
            step_us = to_us
            if stop_s is not None:
                horizons = [h for stream in self._streams if (h := stream.horizon_us) is not None]
                step_us = min([to_us, *horizons])
            for stream in self._streams:
                for piece in stream.take(step_us):
                    self._take(stream, piece)
            self._at_us = max(self._at_us, step_us)
            if step_us >= to_us:
                return
            if stop_s is not None and time.monotonic() >= stop_s:
                return

    def _take(self, stream: Stream, piece: Block | Break) -> None:
        exchange = stream.exchange
        if isinstance(piece, Break):
            for symbol in stream.symbols:
                self._tracks[exchange, symbol].forget_book(piece.at_us)
        elif not stream.is_grouped:
            self._tracks[exchange, stream.symbols[0]].play(stream.type, piece)
        else:
            for symbol, own in piece.by_symbol():
                self._tracks[exchange, symbol].play(stream.type, own)

    def _frame(self, *, is_jump: bool) -> Frame:
        rows = sum(track.totals().rows for track in self._tracks.values())
        since = rows - self._rows_at_last_frame
        self._rows_at_last_frame = rows
        return Frame(
            at_us=self._at_us,
            symbols=tuple(track.frame() for track in self._tracks.values()),
            rows_since=since,
            is_jump=is_jump,
            is_end=self.is_end,
        )


def _as_order(order: Order | str) -> Order:
    try:
        return Order(order)
    except ValueError:
        raise UsageError(f"{order!r} is not an order of events: choose local or exchange") from None
