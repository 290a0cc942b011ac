"""The market of a run, stretch by stretch: all its tapes on two clocks, when published and when known."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tickreel.backtest import exchangekernels as kernels
from tickreel.market.types import DataType
from tickreel.store.segments.ahead import ReadAhead

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from tickreel.backtest.following import Shown
    from tickreel.backtest.tape import Tape

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

_KINDS = {
    DataType.INCREMENTAL_BOOK_L2: kernels.BOOK,
    DataType.TRADES: kernels.TRADES,
    DataType.DERIVATIVE_TICKER: kernels.TICKER,
}


class Stretch(NamedTuple):
    """What happens from one horizon to the next, as the kernels take it."""

    horizon_us: int
    market: Ints
    """(messages, LINE_SIZE) in the order of being published."""
    news: Ints
    """The same in the order of being known; no two need be in both."""
    price: Floats
    amount: Floats
    mark: NDArray[np.int8]
    quads: Floats
    depth: Floats
    """Beside the quads, see :attr:`Piece.depth`."""
    first_quad: tuple[int, ...]
    """Of each tape: where its held messages begin among the quads."""
    news_places: tuple[Ints, ...]
    """Of each tape: which of the news are its own."""
    shown: tuple[Shown, ...]
    """Of each tape: what is at hand of it."""
    published: tuple[int, ...]
    """Of each tape: how many of these messages were published when the stretch began, and how many known."""
    known: tuple[int, ...]
    shifts_us: tuple[Mapping[date, int], ...]
    """Of each tape: the shifts of the days that were measured by then."""
    mids: tuple[tuple[Ints, Floats], ...]
    """Of each instrument: when its book was published in this stretch, and the mid from then on."""


class Market:
    """Give stretch after stretch of some tapes, in the order in which equal times come.

    What a market does depends on no order, so that while one stretch is played a thread makes the next.
    """

    def __init__(self, tapes: Sequence[Tape], start_us: int, end_us: int) -> None:
        self.tapes = tuple(tapes)
        self.shown = tuple(tape.shown() for tape in self.tapes)
        """What is at hand before the first stretch: nothing, and the books before the range."""
        self._start_us = start_us
        self._end_us = end_us
        self._stretches: ReadAhead[Stretch] | None = None

    def next(self) -> Stretch | None:
        """Give the next stretch; None at the end.

        Raises:
            TickreelError: what reads the rows does.
        """
        if self._stretches is None:
            self._stretches = ReadAhead(self._read())
        return next(self._stretches, None)

    def close(self) -> None:
        """Read no further."""
        if self._stretches is not None:
            self._stretches.close()

    def _read(self) -> Generator[Stretch]:
        horizon_us = self._start_us
        while horizon_us < self._end_us:
            horizon_us = self._loaded_until(horizon_us)
            stretch, ends = self._stretch(horizon_us)
            yield stretch
            for tape, (published, known) in zip(self.tapes, ends, strict=True):
                tape.published, tape.known = published, known

    def _loaded_until(self, horizon_us: int) -> int:
        """Read until more is at hand than before a horizon; give the instant before which all is."""
        while True:
            for tape in self.tapes:
                while not tape.is_exhausted and not tape.is_at_hand:
                    tape.load()
            unread = [tape for tape in self.tapes if not tape.is_exhausted]
            if not unread:
                return self._end_us
            first = min(unread, key=lambda tape: tape.horizon_us)
            if first.horizon_us > horizon_us:
                return min(first.horizon_us, self._end_us)
            first.load()

    def _stretch(self, horizon_us: int) -> tuple[Stretch, list[tuple[int, int]]]:
        """Lay a stretch out; give with it what of each tape will be published and known at its end."""
        market: list[Ints] = []
        news: list[Ints] = []
        columns: list[tuple[Floats, Floats, NDArray[np.int8]]] = []
        quads: list[Floats] = []
        depth: list[Floats] = []
        first_quad: list[int] = []
        mids: list[tuple[Ints, Floats]] = []
        row, quad = 0, 0
        ends: list[tuple[int, int]] = []
        for tape in self.tapes:
            held = tape.held
            published = int(np.searchsorted(held.published_us, horizon_us))
            known = int(np.searchsorted(held.known_us, horizon_us))
            low = min(tape.published, tape.known)
            first_row, last_row = int(held.first_row[low]), int(held.first_row[published])
            what = np.where(held.is_break[low:published], kernels.BREAK, _KINDS[tape.type])
            lines = np.empty((published - low, kernels.LINE_SIZE), np.int64)
            lines[:, kernels.WHO] = tape.who
            lines[:, kernels.WHAT] = what
            lines[:, kernels.START] = held.first_row[low:published] - first_row + row
            lines[:, kernels.STOP] = held.first_row[low + 1 : published + 1] - first_row + row
            lines[:, kernels.QUAD] = np.arange(published - low) + quad
            lines[:, kernels.LATENCY] = (held.known_us - held.published_us)[low:published]
            for found, times_us, since, until in (
                (market, held.published_us, tape.published, published),
                (news, held.known_us, tape.known, known),
            ):
                own = lines[since - low : until - low].copy()
                own[:, kernels.TIME] = np.maximum(times_us[since:until], self._start_us)
                found.append(own)
            columns.append(
                (
                    held.price[first_row:last_row],
                    held.amount[first_row:last_row],
                    held.mark[first_row:last_row],
                )
            )
            quads.append(held.quads[low:published])
            depth.append(held.depth[low:published])
            if tape.is_book:
                new = slice(tape.published, published)
                mids.append((held.published_us[new], held.quads[new, :2].sum(axis=1) / 2))
            first_quad.append(quad - low)
            row += last_row - first_row
            quad += published - low
            ends.append((published, known))
        price, amount, mark = (_joined(column) for column in zip(*columns, strict=True))
        played, _ = _by_time(market)
        told, places = _by_time(news)
        stretch = Stretch(
            horizon_us,
            played,
            told,
            price,
            amount,
            mark,
            _joined(quads),
            _joined(depth),
            tuple(first_quad),
            places,
            tuple(tape.shown() for tape in self.tapes),
            tuple(tape.published for tape in self.tapes),
            tuple(tape.known for tape in self.tapes),
            tuple(tape.arrivals.shifts_us for tape in self.tapes),
            tuple(mids),
        )
        return stretch, ends


def _joined(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Put arrays one behind the other; one alone is given as it is."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _by_time(lanes: list[Ints]) -> tuple[Ints, tuple[Ints, ...]]:
    """Merge lines that rise by time, those of the first lane first where times are equal."""
    lines = _joined(lanes)
    lengths = [len(lane) for lane in lanes]
    if sum(length > 0 for length in lengths) <= 1:
        places = np.arange(len(lines))
        return lines, tuple(places if length else places[:0] for length in lengths)
    order = np.argsort(lines[:, kernels.TIME], kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    edges = np.cumsum([0, *lengths])
    own = tuple(place[low:high] for low, high in pairwise(edges.tolist()))
    return lines[order], own
