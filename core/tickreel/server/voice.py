"""The messages of one option of a request, in order, piece by piece."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tickreel.errors import NotHeldError, UsageError
from tickreel.market.time import days_touched
from tickreel.market.types import GROUPS, DataType
from tickreel.replay.merging import Merge, whole_stream
from tickreel.replay.stream import Mark, Order
from tickreel.server.bookmessages import book_messages, whole_book
from tickreel.server.computing import BarComputer, SnapshotComputer
from tickreel.server.datatypes import PLAIN, BarType, Plain, SnapshotType, stored_type
from tickreel.server.lines import NO_LINES, Lines, Times, flat_lines, gathered, quoted
from tickreel.server.rowlines import row_lines
from tickreel.store.library.booktime import books_before
from tickreel.store.model import Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tickreel.progress import Monitor
    from tickreel.replay.merging import BatchPart, MessageBatch
    from tickreel.server.computing import Computed
    from tickreel.server.options import ReplayOption
    from tickreel.store import Cache, Library, RangePlan
    from tickreel.store.library.coming import DaysComing

_FIRST_ROWS = 512
"""Rows behind the first bytes of an answer; each piece after it may be so many times longer."""
_GROWTH = 4
_MOST_ROWS = 16_384


@dataclass(frozen=True, slots=True, eq=False)
class MessagePiece:
    """Messages in order, and up to which local time nothing else comes before them."""

    lines: Lines
    local_us: NDArray[np.int64]
    to_us: int

    def __len__(self) -> int:
        return len(self.local_us)

    def cut(self, low: int, high: int) -> MessagePiece:
        """View the messages [low, high)."""
        ends = self.lines.ends[low:high]
        begin = int(self.lines.ends[low - 1]) if low else 0
        end = int(ends[-1]) if len(ends) else begin
        lines = Lines(self.lines.data[begin:end], ends - begin)
        return MessagePiece(lines, self.local_us[low:high], self.to_us)

    def split(self, at_us: int) -> tuple[MessagePiece, MessagePiece]:
        """Part what has come up to and including an instant from what comes later."""
        place = int(np.searchsorted(self.local_us, at_us, side="right"))
        return self.cut(0, place), self.cut(place, len(self))


def plans_of(
    cache: Cache, option: ReplayOption, coming: list[DaysComing], monitor: Monitor
) -> list[RangePlan]:
    """Find what of the store an option needs, by symbol in the order asked, then by type.

    What brings its later days from the shared cache is added to *coming*, for its owner to end.

    Raises:
        UsageError: nothing is held of the exchange.
        NotHeldError: nothing is held under a name; days that are missing are for the caller to refuse.
    """
    library = cache.library
    wanted = sorted({stored_type(asked) for asked in option.types}, key=list(DataType).index)
    if not option.symbols:
        names = _held_symbols(cache, option.exchange, wanted)
    else:
        names = [_spelled(library, option.exchange, symbol, wanted) for symbol in option.symbols]
    pairs = [(option.exchange, symbol) for symbol in names]
    later = library.promise(pairs, wanted, option.from_us, option.to_us, monitor)
    if later is not None:
        coming.append(later)
    asked_days = len(days_touched(option.from_us, option.to_us))
    plans = []
    for symbol in names:
        for data_type in wanted:
            if not option.symbols and not library.held_types(option.exchange, symbol, [data_type]):
                continue
            try:
                selection = library.select(option.exchange, symbol, data_type, asked_days=asked_days)
            except NotHeldError:
                _ensure_exchange(cache, option.exchange)
                raise
            plan = library.plan(selection, option.from_us, option.to_us, awaits=True)
            library.count_misses(plan.missing)
            plans.append(plan)
    return plans


def _spelled(library: Library, exchange: str, symbol: str, wanted: Sequence[DataType]) -> str:
    """Give a symbol as it is held; the vendor's files have them in capitals."""
    return symbol if library.held_types(exchange, symbol, wanted) else symbol.upper()


def _ensure_exchange(cache: Cache, exchange: str) -> None:
    exchanges = sorted({dataset.key.exchange for dataset in cache.datasets()})
    if exchange not in exchanges:
        raise UsageError(
            f'Invalid "exchange" argument: {exchange}. Please provide one of the following '
            f"exchanges: {', '.join(exchanges)}."
        )


def _held_symbols(cache: Cache, exchange: str, wanted: Sequence[DataType]) -> list[str]:
    """List every instrument of an exchange of which one of these types is held."""
    _ensure_exchange(cache, exchange)
    found: dict[str, None] = {}
    for dataset in cache.datasets():
        key = dataset.key
        if key.exchange != exchange or key.type not in wanted:
            continue
        if key.symbol in GROUPS:
            selection = cache.library.select(key.exchange, key.symbol, key.type)
            found |= dict.fromkeys(cache.library.members(selection))
        else:
            found[key.symbol] = None
    if not found:
        raise NotHeldError(f"nothing is held of {', '.join(wanted)} of {exchange}")
    return list(found)


def _cuts(library: Library, plans: Sequence[RangePlan]) -> list[int]:
    """List where the recorder was cut off, each once, though the rows of every type tell of it.

    Each tells between which of its own messages that was: where such spans overlap it is one, after the
    last message that came before.
    """
    merged: list[tuple[int, int | None]] = []
    for before, after in sorted(
        (cut for plan in plans for cut in library.disconnects(plan)), key=lambda cut: cut[0]
    ):
        if merged and (merged[-1][1] is None or before < merged[-1][1]):
            afters = [each for each in (merged[-1][1], after) if each is not None]
            merged[-1] = (before, min(afters, default=None))
        else:
            merged.append((before, after))
    return [before for before, _ in merged]


@dataclass(slots=True)
class _Instrument:
    """What is computed of one symbol, with its rank among the messages that one gives rise to."""

    snapshots: list[tuple[int, SnapshotComputer]] = field(default_factory=list)
    bars: list[tuple[int, BarComputer]] = field(default_factory=list)

    def reset(self) -> None:
        for _, snapshots in self.snapshots:
            snapshots.reset()
        for _, bars in self.bars:
            bars.reset()


@dataclass(slots=True)
class _Gathering:
    """Messages of one batch on their way into order."""

    lines: list[Lines] = field(default_factory=list)
    keys: list[NDArray[np.int64]] = field(default_factory=list)
    local_us: list[NDArray[np.int64]] = field(default_factory=list)

    def add(self, lines: Lines, keys: NDArray[np.int64], local_us: NDArray[np.int64]) -> None:
        if len(lines):
            self.lines.append(lines)
            self.keys.append(keys)
            self.local_us.append(local_us)

    def piece(self, to_us: int) -> MessagePiece:
        if not self.lines:
            return MessagePiece(NO_LINES, np.zeros(0, np.int64), to_us)
        if len(self.lines) == 1:
            return MessagePiece(self.lines[0], self.local_us[0], to_us)
        order = np.argsort(np.concatenate(self.keys), kind="stable")
        return MessagePiece(gathered(self.lines, order), np.concatenate(self.local_us)[order], to_us)


class Voice:
    """Reads the messages of one option; used by one thread at a time."""

    def __init__(self, cache: Cache, option: ReplayOption, plans: Sequence[RangePlan]) -> None:
        self._option = option
        self._ranks = len(option.types) + 1
        """A message, and what each type computes of it."""
        self._instruments: dict[str, _Instrument] = {}
        self._normalized_us: dict[str, list[tuple[int, int]]] = {}
        """Of each book the spans [from, to) of rows that came as normalized messages."""
        self._limit = _FIRST_ROWS
        self._rest: MessageBatch | None = None
        self._opening = _Gathering()
        for plan in plans:
            if plan.selection.key.type is DataType.INCREMENTAL_BOOK_L2:
                self._begin_books(cache.library, plan)
        if option.with_disconnects:  # of which the whole range tells
            plans = [cache.library.arrive(plan, plan.end_us) for plan in plans]
        self._cuts_us = deque(_cuts(cache.library, plans) if option.with_disconnects else ())
        """Where the recorder was cut off, as local times of the message before."""
        start = Mark(option.from_us - 1, option.from_us - 1)
        self._merge = Merge([whole_stream(cache.library, plan, Order.LOCAL, start) for plan in plans])

    def read(self) -> MessagePiece | None:
        """Give what comes next, which may be nothing up to an instant; None at the end.

        Raises:
            TickreelError: the rows behind it cannot be read.
        """
        if self._opening.lines:
            opening, self._opening = self._opening, _Gathering()
            return opening.piece(self._option.from_us - 1)
        batch = self._rest or self._merge.read()
        self._rest = None
        if batch is None:
            return self._cut_off(None) if self._cuts_us else None
        if self._cuts_us and self._cuts_us[0] <= batch.to_us:
            before, self._rest = batch.split(self._cuts_us[0])
            return self._cut_off(before)
        if batch.rows > self._limit:
            rows = np.cumsum(batch.stop - batch.start)
            place = min(int(np.searchsorted(rows, self._limit)), len(batch) - 1)
            due, self._rest = batch.split(int(batch.clock_us[place]))
            assert due is not None
            batch = due
        self._limit = min(_MOST_ROWS, self._limit * _GROWTH)
        return self._piece(batch)

    def _cut_off(self, batch: MessageBatch | None) -> MessagePiece:
        """Write what came before a disconnect, and the disconnect; nothing computed goes on behind it."""
        at_us = self._cuts_us.popleft()
        at = np.array([at_us], np.int64)
        head = b'{"type":"disconnect","exchange":"' + quoted(self._option.exchange) + b'"'
        told = flat_lines(head, [("localTimestamp", Times.local(at))], 1)
        piece = None if batch is None else self._piece(batch)
        for instrument in self._instruments.values():
            instrument.reset()
        if piece is None:
            return MessagePiece(told, at, at_us)
        lines = gathered([piece.lines, told], np.arange(len(piece) + 1))
        return MessagePiece(lines, np.append(piece.local_us, at), at_us)

    def _instrument(self, exchange: str, symbol: str) -> _Instrument:
        found = self._instruments.get(symbol)
        if found is None:
            found = self._instruments[symbol] = _Instrument()
            for rank, asked in enumerate(self._option.types, 1):
                if isinstance(asked, SnapshotType):
                    found.snapshots.append((rank, SnapshotComputer(asked, symbol, exchange)))
                elif isinstance(asked, BarType):
                    found.bars.append((rank, BarComputer(asked, symbol, exchange)))
        return found

    def _begin_books(self, library: Library, plan: RangePlan) -> None:
        """Carry the books of a plan to its beginning, for what is computed of them or told of them first."""
        selection, option = plan.selection, self._option
        self._normalized_us[selection.member or selection.key.symbol] = [
            (part.start_us, part.end_us) for part in plan.parts if part.source is Source.TARDIS_MACHINE
        ]
        is_computed = any(isinstance(asked, SnapshotType) for asked in option.types)
        is_told = option.with_book and Plain.BOOK_CHANGE in option.types
        if not is_computed and not is_told:
            return
        for symbol, builder in books_before(library, selection, option.from_us).items():
            book = builder.view()
            if not len(book.bids) and not len(book.asks):
                continue
            for _, computer in self._instrument(option.exchange, symbol).snapshots:
                computer.begin(book)
            if is_told:
                told = whole_book(book.bids, book.asks, option.from_us)
                key = np.array([len(self._opening.lines)], np.int64)
                self._opening.add(told.lines(symbol, option.exchange), key, told.local.us)

    def _piece(self, batch: MessageBatch) -> MessagePiece:
        """Write the messages of a batch, and what is computed of them."""
        counts = np.maximum(batch.stop - batch.start, 1)
        first_slots = np.cumsum(counts) - counts
        by_part = np.argsort(batch.part, kind="stable")
        edges = np.searchsorted(batch.part[by_part], np.arange(len(batch.parts) + 1))
        found = _Gathering()
        for number, part in enumerate(batch.parts):
            own = by_part[edges[number] : edges[number + 1]]
            instrument = self._instrument(part.exchange, part.symbol)
            if part.rows is None:
                for _, computer in instrument.snapshots:
                    computer.lose_book()
                continue
            # Of each row its place among all rows of the batch, in the order of the clock.
            slots = np.repeat(first_slots[own] - batch.start[own], counts[own]) + np.arange(len(part.rows))
            if part.type is DataType.INCREMENTAL_BOOK_L2:
                self._take_book(part, slots, instrument, found)
            else:
                self._take_rows(part, slots, instrument, found)
        return found.piece(batch.to_us)

    def _take_rows(
        self, part: BatchPart, slots: NDArray[np.int64], instrument: _Instrument, found: _Gathering
    ) -> None:
        rows = part.rows
        assert rows is not None
        if PLAIN[part.type] in self._option.types:
            found.add(row_lines(rows, part.symbol), slots * self._ranks, rows.local_us)
        if part.type is DataType.TRADES:
            for rank, computer in instrument.bars:
                for computed in computer.take(rows):
                    found.add(*self._placed(computed, slots, rank, rows.local_us))

    def _take_book(
        self, part: BatchPart, slots: NDArray[np.int64], instrument: _Instrument, found: _Gathering
    ) -> None:
        assert part.rows is not None
        first_us = int(part.rows.local_us[0])
        spans = self._normalized_us.get(part.symbol, [])
        came_normalized = any(start_us <= first_us < end_us for start_us, end_us in spans)
        messages = book_messages(part.rows, came_normalized=came_normalized)
        slots = slots[messages.rows]
        if Plain.BOOK_CHANGE in self._option.types:
            lines = messages.lines(part.symbol, part.exchange)
            found.add(lines, slots * self._ranks, messages.local.us)
        for rank, computer in instrument.snapshots:
            for computed in computer.take(messages):
                found.add(*self._placed(computed, slots, rank, messages.local.us))

    def _placed(
        self, computed: Computed, slots: NDArray[np.int64], rank: int, local_us: NDArray[np.int64]
    ) -> tuple[Lines, NDArray[np.int64], NDArray[np.int64]]:
        """Say behind which message computed ones stand, and when."""
        return computed.lines, slots[computed.after] * self._ranks + rank, local_us[computed.after]
