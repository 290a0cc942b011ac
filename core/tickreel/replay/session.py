"""A replay that is pulled: asked to advance, it plays exactly that far and answers with a frame.

A session belongs to one caller at a time. Its calls take as long as the data they
play; a caller with a screen makes them on a worker thread, where the heavy parts
(reading, decoding, applying) run without holding the interpreter.

A session only ever stands between two moments, never between messages of the same one, so what it
knows follows from the instant alone, however it came there: by the local clock everything up to and
including it; by the exchange's clock everything keyed so, each stream's running maximum.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self
from weakref import finalize, ref

from tickreel.errors import NotHeldError, UsageError
from tickreel.market.time import US_PER_SECOND, Instant, format_us, parse_instant
from tickreel.progress import UNWATCHED
from tickreel.replay.deck import Deck
from tickreel.replay.frames import Frame, Summary
from tickreel.replay.notes import Note, NoteKind
from tickreel.replay.plan import ReplayPlan
from tickreel.replay.planned import PlanHolder, play_by_plan
from tickreel.replay.repertoire import Repertoire
from tickreel.replay.speed import MAX_SPEED
from tickreel.replay.steps import StepEvent, ensure_happens, play_to_event
from tickreel.replay.stream import Order
from tickreel.replay.views import NO_VIEWS, Views

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    from tickreel.book import Book
    from tickreel.market.types import DataType
    from tickreel.progress import Monitor
    from tickreel.replay.asynchronous import Events
    from tickreel.replay.events import Event
    from tickreel.replay.policy import Policy
    from tickreel.replay.source import Source
    from tickreel.store import Cache, MissingDay

_UNTIL = ("trade", "price", "health")
_BACK = ("message", "second", "trade", "price", "health")


class Replay(PlanHolder):
    """Play [start, end) of one or more symbols on one clock.

    The books start as they were after all messages before *start*. Days that are
    missing stop it before it begins, unless *allow_missing*. Of days that are in the shared cache the
    first is waited for, and the later ones come while it plays: it waits where it reaches one that is
    still on its way, and where that does not come, what was asked for raises NotHeldError and can be
    asked for again. :meth:`close` ends their coming, as does the end of the session's life.

    Raises:
        NotHeldError: nothing is held of a symbol (or of a type asked for), or days are missing.
        UsageError: a time, type, speed or order that there is not.
    """

    def __init__(
        self,
        cache: Cache,
        symbols: Sequence[tuple[str, str]],
        start: Instant,
        end: Instant,
        *,
        types: Iterable[DataType | str] | None = None,
        speed: float | str | None = MAX_SPEED,
        order: Order | str = Order.LOCAL,
        allow_missing: bool = False,
    ) -> None:
        plan = ReplayPlan.of(
            symbols, start, end, types=types, speed=speed, order=order, allow_missing=allow_missing
        )
        self._begin(cache, plan)

    @classmethod
    def from_plan(cls, cache: Cache, plan: ReplayPlan, monitor: Monitor = UNWATCHED) -> Self:
        """Begin what a plan says; the *monitor* hears of days that are brought from the shared cache first.

        Raises:
            Cancelled: the monitor said so.
        """
        session = cls.__new__(cls)
        session._begin(cache, plan, monitor)
        return session

    def _begin(self, cache: Cache, plan: ReplayPlan, monitor: Monitor = UNWATCHED) -> None:
        self._plan = plan
        self._repertoire = Repertoire.of(cache, plan, monitor)
        coming = self._repertoire.coming
        if coming is not None:
            finalize(self, coming.cancel).atexit = False
        self._reader: ref[Events] | None = None
        """Who goes through the events of this session, if anybody does."""
        self._generation = 0
        self.passed_stop_us: int | None = None
        """The first moment after a stop that was left by :meth:`go_on`."""
        self._views = NO_VIEWS
        self._rows_at_last_frame = 0
        self._at_last_frame_us = plan.start_us - 1
        self._deck = Deck.opened(self.sources, plan.start_us - 1, self.missing)

    def close(self) -> None:
        """Bring no more days from the shared cache; those that are here can still be played."""
        if self._repertoire.coming is not None:
            self._repertoire.coming.cancel()

    @property
    def sources(self) -> tuple[Source, ...]:
        """What it plays, in the order in which equal times are played."""
        return self._repertoire.sources

    @property
    def missing(self) -> tuple[MissingDay, ...]:
        """The days over which it plays though they are not held."""
        return self._repertoire.missing

    @property
    def policy(self) -> Policy:
        """What the plan says of bands, with the bands there are."""
        return self._repertoire.policy

    @property
    def start_us(self) -> int:
        """The first moment of the range."""
        return self._plan.start_us

    @property
    def end_us(self) -> int:
        """The moment before which the range ends."""
        return self._plan.end_us

    @property
    def order(self) -> Order:
        """The clock by which events are ordered."""
        return self._plan.order

    @property
    def at_us(self) -> int:
        """The clock: everything up to and including this microsecond was played.

        It goes from the microsecond before the range to its end. By the exchange's clock what is
        keyed after the range is played when the clock reaches its end.
        """
        return self._deck.at_us

    @property
    def is_end(self) -> bool:
        """Whether the range holds nothing more."""
        return self._deck.is_end

    @property
    def generation(self) -> int:
        """How often the clock was put elsewhere: by a seek, a step back or a loop."""
        return self._generation

    def __aiter__(self) -> AsyncIterator[Event]:
        """Go through what happens from here to the end, event by event, at the speed of the plan."""
        from tickreel.replay.asynchronous import events

        reader = events(self)
        self._reader = ref(reader)
        return reader

    def advance(self, to: Instant, *, budget_s: float | None = None, with_series: bool = True) -> Frame:
        """Play everything up to and including *to*, and say what happened since the last frame.

        With a *budget_s* of wall time it may stop earlier, at a moment of its choice; the frame's
        ``at_us`` says where. Without *with_series* the frame has no series, which is quicker.

        This is playing, so what the plan says of it holds, and the frame's notes say what was done:
        a band that is to be skipped is jumped over, maybe further than *to*; before one at which to
        stop it stands, until :meth:`go_on`; quiet is jumped over; and in a loop it goes no further
        than the loop's last microsecond, from which, or from later, the next call goes back to just
        before the loop. Steps and seeks go where they are asked to.

        Raises:
            UsageError: *to* lies before the clock.
            DataError: a day is damaged.
        """
        to_us = self._ahead(to)
        loop = self._plan.loop
        if loop is not None and self.at_us >= loop.to_us - 1:
            note = Note(NoteKind.LOOPED, loop.from_us, loop.to_us)
            return self._jump(loop.from_us - 1, self._views.loop_history_us, [note])
        limit_us = to_us if loop is None else min(to_us, loop.to_us - 1)
        stop_s = None if budget_s is None else time.monotonic() + budget_s
        notes = play_by_plan(
            self._deck,
            self._plan,
            self.policy,
            limit_us,
            passed_stop_us=self.passed_stop_us,
            stop_s=stop_s,
            with_series=with_series,
        )
        return self._frame(is_jump=False, notes=notes)

    def follow(self, to_us: int) -> None:
        """Play up to and including *to_us*, whatever the plan says, with no word about it in a frame."""
        self._deck.play(to_us, with_series=False)

    def advance_to_end(self, *, with_series: bool = True) -> Frame:
        """Play everything that is left, whatever the plan says of loops, bands and quiet."""
        self._deck.play(max(self.at_us, self.end_us - 1), with_series=with_series)
        if not self.is_end:  # by the exchange's clock some may be due after the last moment
            self._deck.play(self.end_us, with_series=with_series)
        return self._frame(is_jump=False)

    def advance_messages(self, n: int) -> Frame:
        """Play up to the moment that holds the *n*-th message from here, all symbols and types.

        Where fewer are left, it plays to the end.

        Raises:
            UsageError: *n* is negative.
        """
        return self._play_to(StepEvent.MESSAGE, _count(n))

    def until(self, what: str) -> Frame:
        """Play up to the next of something, and to the end where there is none.

        ``"trade"``: the next moment with a trade of any symbol. ``"price"``: the next message after
        which the best bid or the best ask of a symbol is another price, or gone, or come.
        ``"health"``: the moment at which an interval of the health of what is played begins, or the
        first after one ended.

        Raises:
            UsageError: there is no such thing, or the replay plays no data in which it happens.
        """
        if what not in _UNTIL:
            raise UsageError(f"{what!r} is nothing to play until: choose {', '.join(_UNTIL)}")
        if what != "health":
            return self._play_to(StepEvent(what), 1)
        edge_us = next((us for us in self._repertoire.health_edges_us if us > self.at_us), None)
        return self.advance_to_end() if edge_us is None else self._played(edge_us)

    def step_back(self, unit: str, n: int = 1, *, history_us: int = 0) -> Frame:
        """Go back by *n* messages, seconds, trades or prices, to the state as it was before them.

        It stands just before the moment that holds the *n*-th last of them that was played, counted
        over all symbols, and where fewer were played, at the start of the range. Back by ``"health"``
        is to the *n*-th last moment at which :meth:`until` stops. The frame's series hold the
        *history_us* before it; counts start anew.

        Raises:
            UsageError: there is no such unit, *n* is negative, or the replay plays no such data.
        """
        if unit not in _BACK:
            raise UsageError(f"{unit!r} is no step: choose {', '.join(_BACK)}")
        number = _count(n)
        first_us = self.start_us - 1
        if unit == "second":
            return self._jump(max(first_us, self.at_us - number * US_PER_SECOND), history_us)
        if unit == "health":
            edges_us = [us for us in self._repertoire.health_edges_us if us < self.at_us]
            at_us = [self.at_us, *reversed(edges_us)][number] if number <= len(edges_us) else first_us
            return self._jump(at_us, history_us)
        event = StepEvent(unit)
        ensure_happens(event, self.sources)
        if number == 0:
            return self._jump(self.at_us, history_us)
        moment_us = self._repertoire.past.moment_before(self.at_us, event, number)
        return self._jump(first_us if moment_us is None else moment_us - 1, history_us)

    def seek(self, at: Instant, *, history_us: int = 0) -> Frame:
        """Go to the state at *at*, forward or back, as if it had been played up to there.

        The frame's series hold the *history_us* before it. Counts start anew; at the first moment of
        the range, they hold what is played of it.

        Raises:
            UsageError: *at* lies outside the replayed range.
        """
        at_us = parse_instant(at)
        if not self.start_us - 1 <= at_us <= self.end_us:
            raise UsageError(
                f"a replay can only seek inside its range, {format_us(self.start_us)} to "
                f"{format_us(self.end_us)}, not to {format_us(at_us)}"
            )
        return self._jump(at_us, history_us)

    def show(self, views: Views) -> None:
        """Let frames show *views*, from the next seek or step back on, with the history that it asks for."""
        self._views = views

    def go_on(self) -> None:
        """Leave the band before which it stands to be played, until the clock is put elsewhere."""
        self.passed_stop_us = self.at_us + 1

    def leave_out(self, exchange: str, symbol: str) -> None:
        """Play a symbol no more; the others stand where they stood, and the next frame has only them.

        Raises:
            UsageError: it is not played, or nothing else is.
        """
        plan = self._plan.without_symbol(exchange, symbol)
        self._deck.leave_out(self._repertoire.of_symbol(exchange, symbol))
        self._plan, self._repertoire = plan, self._repertoire.kept(plan)
        self._rows_at_last_frame = min(self._rows_at_last_frame, self._deck.rows)

    def go_to(self, name: str, *, history_us: int = 0) -> Frame:
        """Seek to a bookmark; raises UsageError when there is none of that name."""
        return self._jump(self._plan.bookmark(name).at_us, history_us)

    def book(self, exchange: str, symbol: str) -> Book:
        """Give an instrument's book as it is now.

        Raises:
            NotHeldError: this replay plays no order book of it.
        """
        reader = None if self._reader is None else self._reader()
        if reader is not None and reader.is_telling:  # which is somewhat ahead of the event at hand
            return reader.book(exchange, symbol)
        track = self._deck.tracks.get((exchange, symbol))
        if track is None or track.builder is None:
            raise NotHeldError(f"this replay plays no order book of {exchange} {symbol}")
        return track.builder.view()

    def summary(self) -> Summary:
        """Sum up what was played since the start, or since the last seek or step back."""
        return self._deck.summary()

    def _ahead(self, to: Instant) -> int:
        to_us = parse_instant(to)
        if to_us < self.at_us:
            raise UsageError(
                f"a replay that stands at {format_us(self.at_us)} cannot advance back to {format_us(to_us)}: "
                "seek or step back"
            )
        return min(to_us, max(self.end_us, self.at_us))

    def _play_to(self, event: StepEvent, number: int) -> Frame:
        ensure_happens(event, self.sources)
        if number and not play_to_event(self._deck, event, number):
            return self.advance_to_end()
        return self._frame(is_jump=False)

    def _played(self, to_us: int) -> Frame:
        self._deck.play(to_us)
        return self._frame(is_jump=False)

    def _jump(self, at_us: int, history_us: int, notes: Sequence[Note] = ()) -> Frame:
        """Stand elsewhere; after an error it stands where it stood."""
        first_us = self.start_us - 1
        if history_us < 0:
            raise UsageError(f"a history of {history_us} microseconds cannot be shown: ask for 0 or more")
        counts_from_start = at_us <= self.start_us
        _ = self.policy  # what cannot be known of the bands is told while it stands where it stood
        begin_us = first_us if counts_from_start else max(first_us, at_us - history_us)
        begin_us = self._views.aligned(begin_us, self.start_us)
        deck = Deck.opened(self.sources, begin_us, self.missing, with_exchange_times=self._views.feed_latency)
        deck.show(self._views, self._plan.latency_us, self.sources)
        deck.play(at_us)
        if counts_from_start:
            if not history_us:
                for track in deck.tracks.values():
                    track.drop_series()
        else:
            deck.count_anew()
        self._deck = deck
        self._generation += 1
        self.passed_stop_us = None
        self._rows_at_last_frame = 0
        self._at_last_frame_us = at_us - 1
        return self._frame(is_jump=True, notes=notes)

    def _frame(self, *, is_jump: bool, notes: Sequence[Note] = ()) -> Frame:
        deck = self._deck
        if self._repertoire.coming is not None:
            self._repertoire.coming.reached(deck.at_us)
        rows, self._rows_at_last_frame = deck.rows - self._rows_at_last_frame, deck.rows
        since_us, self._at_last_frame_us = self._at_last_frame_us, deck.at_us
        is_by_arrival = self.order is Order.LOCAL
        return Frame(
            at_us=deck.at_us,
            symbols=tuple(
                track.frame(deck.at_us, is_by_arrival=is_by_arrival) for track in deck.tracks.values()
            ),
            rows_since=rows,
            is_jump=is_jump,
            is_end=deck.is_end,
            generation=self._generation,
            notes=(*notes, *self.policy.warnings(since_us, deck.at_us)),
        )


def _count(n: int) -> int:
    if n < 0:
        raise UsageError(f"{n} steps cannot be taken: give 0 or more")
    return n
