"""The mids of several symbols on one scale: how far each has moved, or how far it lies from another.

Pure arithmetic without Qt.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import isnan
from typing import TYPE_CHECKING

import numpy as np

from tickreel.book.features import BPS
from tickreel_desktop.replay.columns import Band

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tickreel_desktop.replay.columns import Columns
    from tickreel_desktop.replay.strips.timewindow import TimeWindow
    from tickreel_desktop.replay.symbols.company import Company
    from tickreel_desktop.replay.symbols.past import SymbolPast

    Pair = tuple[str, str]

_DASHES: tuple[tuple[int, ...], ...] = ((), (6, 3), (2, 2), (8, 3, 2, 3))
"""Lengths of strokes and pauses by place, in columns: told apart without colour."""


class Scale(StrEnum):
    """On what scale mids are compared, in basis points."""

    CHANGE = "change"
    """What each has moved since the left edge of the view."""
    DISTANCE = "distance"
    """How far each lies from the chosen one."""


@dataclass(frozen=True, slots=True, eq=False)
class SymbolLine:
    """The mid of a symbol on a common scale, column by column."""

    pair: Pair
    place: int
    columns: Columns
    base: float
    """The mid that the changes are counted from; NaN where none is known in view."""
    band: Band
    """In basis points."""

    @property
    def last_bp(self) -> float:
        """The newest value in view; NaN without one."""
        known = np.flatnonzero(~np.isnan(self.band.last))
        return float(self.band.last[known[-1]]) if len(known) else float("nan")


def changes(company: Company, pairs: Sequence[Pair], window: TimeWindow) -> list[SymbolLine]:
    """Say how far mids have moved since the left edge of a window."""
    lines = []
    for pair in pairs:
        columns = _columns(company.past(pair), window)
        base = base_of(company.past(pair), window.from_us, columns)
        mids = columns.bands[0]
        band = Band(*(BPS * (each / base - 1) for each in (mids.low, mids.high, mids.last)))
        lines.append(SymbolLine(pair, company.place(pair), columns, base, band))
    return lines


def distances(company: Company, pairs: Sequence[Pair], window: TimeWindow) -> list[SymbolLine]:
    """Say how far mids lie from that of the chosen symbol, at the end of each column."""
    chosen = company.chosen
    if chosen is None:
        return []
    zero = _columns(company.past(chosen), window).bands[0].last
    lines = []
    for pair in pairs:
        if pair != chosen:
            columns = _columns(company.past(pair), window)
            apart = BPS * (columns.bands[0].last / zero - 1)
            line = SymbolLine(pair, company.place(pair), columns, float("nan"), Band(apart, apart, apart))
            lines.append(line)
    return lines


def base_of(past: SymbolPast, from_us: int, columns: Columns) -> float:
    """Give the mid at an instant, else the first one after it that is known in some columns."""
    found = past.mids.at(from_us)
    if found is not None and not isnan(found[0]):
        return found[0]
    mids = columns.bands[0].last
    known = np.flatnonzero(~np.isnan(mids))
    return float(mids[known[0]]) if len(known) else float("nan")


def compared(company: Company, pair: Pair, scale: Scale, from_us: int, at_us: int) -> float:
    """Give a symbol's value at an instant, in basis points; NaN where it is not known."""
    of_pair, of_chosen = (_mid_at(company, each, at_us) for each in (pair, company.chosen))
    if scale is Scale.DISTANCE:
        return BPS * (of_pair / of_chosen - 1)
    past = company.past(pair)
    first = past.mids.first_us
    base = _mid_at(company, pair, max(from_us, from_us if first is None else first))
    return BPS * (of_pair / base - 1)


def pattern_of(place: int) -> tuple[int, ...]:
    """Give the lengths of strokes and pauses of a place, in columns; nothing for a line without pauses."""
    return _DASHES[place % len(_DASHES)]


def dashes(place: int, columns: Columns) -> NDArray[np.bool_]:
    """Tell of each column whether a line of a place is drawn there; they go along with the columns."""
    pattern = pattern_of(place)
    if not pattern:
        return np.ones(len(columns), np.bool_)
    width_us = int(columns.edges_us[1] - columns.edges_us[0])
    number = int(columns.edges_us[0]) // max(1, width_us) + np.arange(len(columns))
    drawn = np.concatenate([np.full(length, part % 2 == 0) for part, length in enumerate(pattern)])
    chosen: NDArray[np.bool_] = drawn[number % len(drawn)]
    return chosen


def dashed(band: Band, drawn: NDArray[np.bool_]) -> Band:
    """Leave out of a band the columns in which it is not drawn."""
    return Band(*(np.where(drawn, each, np.nan) for each in (band.low, band.high, band.last)))


def _columns(past: SymbolPast, window: TimeWindow) -> Columns:
    return past.mids.growing_columns(window.column_us, *window.numbers(window.column_us))


def _mid_at(company: Company, pair: Pair | None, at_us: int) -> float:
    found = None if pair is None else company.past(pair).mids.at(at_us)
    return float("nan") if found is None else found[0]
