"""All streams and instruments of a replay, standing at one instant and playing on from it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tickreel.errors import TickreelError, UsageError
from tickreel.market.time import day_of, day_start_us
from tickreel.market.types import DataType
from tickreel.replay.frames import Summary, SymbolSummary, Totals, TypeCount
from tickreel.replay.known import KnownFollower
from tickreel.replay.stream import Break
from tickreel.replay.track import Track
from tickreel.replay.views import Detail
from tickreel.store import refuse_missing
from tickreel.store.library.booktime import books_before

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from tickreel.book import BookBuilder
    from tickreel.market.block import Block
    from tickreel.replay.source import Source
    from tickreel.replay.stream import Piece, Stream
    from tickreel.replay.views import Views
    from tickreel.store import MissingDay


class Deck:
    """The state after everything up to and including :attr:`at_us`, and the streams from there on.

    The state at an instant is the same however it was reached: as streams are only ever stopped
    between two moments, it does not matter in which turns they are played up to one.
    """

    def __init__(
        self, tracks: dict[tuple[str, str], Track], streams: Sequence[Stream], start_us: int
    ) -> None:
        self.tracks = tracks
        self.streams = tuple(streams)
        self.at_us = start_us - 1

    @classmethod
    def opened(
        cls,
        sources: Sequence[Source],
        at_us: int,
        known_missing: Collection[MissingDay],
        *,
        with_exchange_times: bool = False,
    ) -> Deck:
        """Take up the sources at an instant of the replay; the counts begin there.

        Exchange times are read where they order the streams, and where they are asked for.

        Raises:
            NotHeldError: days are missing by now that are not *known_missing*, or do not come.
            UsageError: an instrument is asked for twice.
            DataError: a segment is gone or damaged.
        """
        tracks: dict[tuple[str, str], Track] = {}
        streams: list[Stream] = []
        for source in sources:
            library, mark = source.library, source.mark_at(at_us)
            source.arrive(mark.local_us)
            plan = source.plan
            key = plan.selection.key
            # A day found damaged since the start must not look like one that was never held.
            now = library.plan(plan.selection, plan.start_us, mark.local_us + 1)
            refuse_missing(day for day in now.missing if day not in known_missing)
            books: dict[str, BookBuilder] = {}
            if key.type is DataType.INCREMENTAL_BOOK_L2:
                books = books_before(library, plan.selection, mark.local_us + 1)
            stream = source.stream_from(mark, with_exchange_times=with_exchange_times)
            gap_us = max((us for us in plan.breaks_us if us <= mark.local_us), default=None)
            first_day = day_of(plan.start_us)
            if gap_us is None and all(part.day != first_day for part in plan.parts):
                gap_us = day_start_us(first_day)
            for symbol in stream.symbols:
                track = tracks.setdefault((key.exchange, symbol), Track(key.exchange, symbol, None))
                if key.type in track.by_type:
                    raise UsageError(
                        f"{key.exchange} {symbol} is asked for twice, alone and with its group: ask for one"
                    )
                track.by_type[key.type] = TypeCount()
                if symbol in books:
                    track.builder = books[symbol]
                    track.gap_since_us = None if track.builder.is_primed else gap_us
            streams.append(stream)
        opened = cls(tracks, streams, min(source.plan.start_us for source in sources))
        opened.play(at_us, with_series=False)  # by the exchange's clock a mark lies somewhat before
        opened.count_anew()
        return opened

    def show(self, views: Views, latency_us: int, sources: Sequence[Source]) -> None:
        """Let frames show *views* from here on, and what is known so much later of what is shown whole."""
        for (exchange, symbol), track in self.tracks.items():
            known = None
            if latency_us and views.detail(exchange, symbol) is Detail.ALL:
                own = [
                    source
                    for source, stream in zip(sources, self.streams, strict=True)
                    if stream.exchange == exchange and symbol in stream.symbols
                ]
                known = KnownFollower.opened(own, symbol, latency_us, self.at_us)
            track.show(views, self.at_us + 1, known)

    def leave_out(self, sources: Sequence[Source]) -> None:
        """Play some sources no more."""
        gone = {source.plan.selection for source in sources}
        self.streams = tuple(one for one in self.streams if one.selection not in gone)
        left = {(one.exchange, symbol) for one in self.streams for symbol in one.symbols}
        self.tracks = {key: track for key, track in self.tracks.items() if key in left}

    def summary(self) -> Summary:
        """Sum up what was played since the counts began."""
        tracks = self.tracks.values()
        types: dict[DataType, TypeCount] = {}
        for track in tracks:
            for data_type, count in track.by_type.items():
                types[data_type] = types.get(data_type, TypeCount()) + count
        return Summary(
            totals=Totals.summed(track.totals() for track in tracks),
            types={data_type: types[data_type] for data_type in DataType if data_type in types},
            symbols=tuple(
                SymbolSummary(
                    exchange=track.exchange,
                    symbol=track.symbol,
                    totals=track.totals(),
                    last_message_us=track.last_message_us,
                    state_hash=None if track.builder is None else track.builder.view().state_hash(),
                )
                for track in tracks
            ),
        )

    @property
    def is_end(self) -> bool:
        """Whether nothing more is to come."""
        return all(stream.is_exhausted for stream in self.streams)

    @property
    def next_us(self) -> int | None:
        """The moment of what comes next; None at the end."""
        return min((us for stream in self.streams if (us := stream.next_us) is not None), default=None)

    @property
    def rows(self) -> int:
        """Rows played since the counts began."""
        return sum(count.rows for track in self.tracks.values() for count in track.by_type.values())

    def count_anew(self) -> None:
        """Begin to count from here."""
        for track in self.tracks.values():
            track.count_anew()

    def play(self, to_us: int, *, stop_s: float | None = None, with_series: bool = True) -> bool:
        """Play everything up to and including *to_us*; tell whether it got so far.

        It goes in steps that touch the disk once at most, each of which is played whole or, after an
        error, not at all. With a *stop_s* on the monotonic clock it takes at least one, and stops also
        where it would wait for a day that is on its way.
        """
        while True:
            step_us = min([to_us, *(stream.ready_until(to_us, self.at_us) for stream in self.streams)])
            for stream, pieces in self._collected(step_us):
                for piece in pieces:
                    self._take(stream, piece.content, with_series=with_series)
            self.at_us = max(self.at_us, step_us)
            if step_us >= to_us:
                return True
            if stop_s is not None and (time.monotonic() >= stop_s or self._is_at_edge):
                return False

    @property
    def _is_at_edge(self) -> bool:
        """Whether the next microsecond is of a day that is on its way."""
        return any(stream.awaited_us == self.at_us + 1 for stream in self.streams)

    def _collected(self, to_us: int) -> list[tuple[Stream, list[Piece]]]:
        """Take from every stream what is due; after an error nothing was taken."""
        collected: list[tuple[Stream, list[Piece]]] = []
        try:
            for stream in self.streams:
                pieces: list[Piece] = []
                collected.append((stream, pieces))
                for piece in stream.take_pieces(to_us):
                    pieces.append(piece)
        except TickreelError:
            for stream, pieces in collected:
                stream.give_back(pieces)
            raise
        return collected

    def _take(self, stream: Stream, content: Block | Break, *, with_series: bool) -> None:
        exchange = stream.exchange
        if isinstance(content, Break):
            for symbol in stream.symbols:
                self.tracks[exchange, symbol].forget_book(content.at_us)
        elif not stream.is_grouped:
            self.tracks[exchange, stream.symbols[0]].play(stream.type, content, with_series=with_series)
        else:
            for symbol, own in content.by_symbol():
                self.tracks[exchange, symbol].play(stream.type, own, with_series=with_series)
