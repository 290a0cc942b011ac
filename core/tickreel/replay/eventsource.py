"""What a worker thread does for whoever reads the events of a session: read ahead, and move the session."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tickreel.errors import UsageError
from tickreel.market.types import DataType
from tickreel.replay.events import Books, makers_of
from tickreel.replay.merging import Merge, MessageBatch, whole_stream
from tickreel.store.library.booktime import books_before

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tickreel.replay.events import Maker
    from tickreel.replay.notes import Note
    from tickreel.replay.session import Replay


class ReadBatch(NamedTuple):
    """A batch as it was read, and what of it is told."""

    batch: MessageBatch
    makers: tuple[Maker, ...]
    """What makes its events, if they were asked for."""
    shown: NDArray[np.intp]
    """The messages to tell: all but those in stretches to be skipped."""
    skipped: tuple[Note, ...]
    """Stretches that the clock jumps over and that begin in this batch."""
    notes: tuple[Note, ...]
    """What is to be said of bands up to its end: those stretches, and what the plan warns of."""


class EventSource:
    """The messages of a session from where it stands, as its plan says of bands that are not sound.

    It stops before a band at which to stop, and passes over one that is to be skipped; the books go
    through it. A loop is played once. Each method is called by one thread at a time.
    """

    def __init__(self, replay: Replay, *, with_events: bool) -> None:
        self._replay = replay
        self._with_events = with_events
        self._merge: Merge | None = None
        self.stood_us = replay.at_us
        """Where this left the session, which nobody else shall move meanwhile."""
        self._looked_us = replay.at_us
        self._stop_us: int | None = None
        self._skipping: list[Note] = []
        self.closing_notes: tuple[Note, ...] = ()
        """What is to be said of the bands behind the last message, once all was read."""
        self.books = Books({})

    def begin(self) -> int:
        """Take up the session where it stands now, before anything is read; give the instant."""
        self.stood_us = self._looked_us = self._replay.at_us
        return self.stood_us

    def ensure_unmoved(self) -> None:
        """Refuse to go on with a session that was moved.

        Raises:
            UsageError: somebody else has moved it.
        """
        if self._replay.at_us != self.stood_us:
            raise UsageError(
                "the session was moved while its events were being read: leave the loop before you move it"
            )

    def read(self) -> ReadBatch | None:
        """Read the next messages; None at the end.

        Raises:
            TickreelError: they cannot be read.
        """
        if self._merge is None:
            self._merge = self._opened()
        if self._stop_us is not None:
            return None
        batch = self._merge.read()
        skipped, notes, stop = self._heed(self._replay.end_us - 1 if batch is None else batch.to_us)
        if stop is not None:
            self._stop_us, self.closing_notes = self._looked_us + 1, (stop,)
            batch = None if batch is None else batch.split(self._looked_us)[0]
        if batch is None:
            self.closing_notes = (*notes, *self.closing_notes)
            return None
        is_shown = np.ones(len(batch), np.bool_)
        for one in self._skipping:
            is_shown &= (batch.clock_us < one.from_us) | (batch.clock_us >= one.to_us)
        self._skipping = [one for one in self._skipping if one.to_us > batch.to_us]
        shown = np.flatnonzero(is_shown)
        makers = makers_of(batch, self.books) if self._with_events else ()
        return ReadBatch(batch, makers, shown, skipped, notes)

    def _opened(self) -> Merge:
        """Open every stream, and put the books at what was before."""
        streams = []
        for source in self._replay.sources:
            library, plan, mark = source.library, source.plan, source.mark_at(self.stood_us)
            streams.append(whole_stream(library, plan, self._replay.order, mark))
            key = plan.selection.key
            if key.type is DataType.INCREMENTAL_BOOK_L2 and self._with_events:
                books = books_before(library, plan.selection, mark.local_us + 1)
                self.books.builders |= {(key.exchange, symbol): book for symbol, book in books.items()}
        merge = Merge(streams)
        for batch in merge.skip(self.stood_us):  # by the exchange's clock a mark lies somewhat before
            if self._with_events:
                self.books.begin(batch)
                self.books.finish()
        return merge

    def _heed(self, to_us: int) -> tuple[tuple[Note, ...], tuple[Note, ...], Note | None]:
        """Look at the bands up to an instant, or to one at which to stop, which is given if it comes first.

        Stretches to skip come first, then they and what there is to warn of, by time.
        """
        policy, passed_us = self._replay.policy, self._replay.passed_stop_us
        since_us, stop = self._looked_us, None
        skipped: list[Note] = []
        while self._looked_us < to_us:
            next_us = self._looked_us + 1
            if next_us != passed_us and (stop := policy.stop_at(next_us)) is not None:
                break
            note = policy.skipped_at(next_us)
            if note is not None:
                skipped.append(note)
                self._skipping.append(note)
                self._looked_us = note.to_us - 1
                continue
            edge_us = policy.next_edge_us(next_us)
            self._looked_us = to_us if edge_us is None else min(to_us, edge_us - 1)
        warned = policy.warnings(since_us, self._looked_us) if self._looked_us > since_us else []
        return tuple(skipped), tuple(sorted([*skipped, *warned], key=lambda note: note.from_us)), stop

    def move(self, to_us: int | None) -> None:
        """Bring books and session to an instant of the clock, or the session to where all was told.

        Raises:
            UsageError: somebody else has moved the session.
            TickreelError: the rows cannot be read.
        """
        self.books.finish()
        self.ensure_unmoved()
        if to_us is None and self._stop_us is not None:
            to_us = self._stop_us - 1
        if to_us is None:
            self._replay.advance_to_end(with_series=False)
        else:
            self._follow(to_us)
        self.stood_us = self._replay.at_us

    def settle(self, at_us: int) -> None:
        """Bring the session to where the last event was, unless it is there or was moved elsewhere."""
        if self.stood_us < at_us and self._replay.at_us == self.stood_us:
            self._follow(at_us)
            self.stood_us = self._replay.at_us

    def _follow(self, to_us: int) -> None:
        # What the plan says of bands was heeded here, and a loop or quiet is no matter of events.
        self._replay.follow(to_us)
