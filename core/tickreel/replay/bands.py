"""Stretches of a replay whose data is not sound, and what is to be done about them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from tickreel.market.time import US_PER_DAY, day_start_us
from tickreel.replay.frames import Note, NoteKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tickreel.market.types import DataType
    from tickreel.store import Cache, RangePlan


class BandKind(StrEnum):
    """Why a stretch is not sound: an interval of a day's health, or what a whole day is."""

    GAP = "gap"
    CROSSED = "crossed"
    EXCHANGE_TIME_BACK = "exchange_time_back"
    EXCHANGE_AFTER_LOCAL = "exchange_after_local"
    RESET = "reset"
    BEFORE_SNAPSHOT = "before_snapshot"
    DUPLICATE = "duplicate"
    PRECISION_CHANGE = "precision_change"
    SPLIT_SNAPSHOT = "split_snapshot"
    SNAPSHOT_MISMATCH = "snapshot_mismatch"
    USABLE = "usable"
    """A day of this grade."""
    BAD = "bad"
    """A day of this grade."""
    MISSING = "missing"
    """A day whose rows should be there and are not."""


class BandAction(StrEnum):
    """What a replay does about a band."""

    PLAY = "play"
    """Nothing."""
    SKIP = "skip"
    """The clock jumps over it; the books go through it."""
    STOP = "stop"
    """The replay stands before it until it is told to go on."""
    WARN = "warn"
    """The frame says so."""


@dataclass(frozen=True, slots=True, order=True)
class Band:
    """A stretch [from_us, to_us) of one dataset's local time."""

    from_us: int
    to_us: int
    kind: BandKind
    exchange: str
    symbol: str
    type: DataType
    note: str = ""


_OF_DAYS = (BandKind.USABLE, BandKind.BAD, BandKind.MISSING)


def find_bands(cache: Cache, plans: Iterable[RangePlan], *, days: bool = True) -> list[Band]:
    """List what is known of the health of the days that some plans play, by time.

    Health that is not known yet is worked out, which takes as long as reading the day. Without
    *days* only the intervals inside days are given, not those that are whole days.
    """
    found = []
    for plan in plans:
        key, asked = plan.selection.key, plan.selection.member or plan.selection.key.symbol

        def band(
            kind: BandKind,
            from_us: int,
            to_us: int,
            note: str = "",
            plan: RangePlan = plan,
            symbol: str = asked,
        ) -> Band:
            of = plan.selection.key
            return Band(from_us, to_us, kind, of.exchange, symbol, of.type, note)

        for day, health in cache.health(key.exchange, key.symbol, key.type, plan.start_us, plan.end_us):
            midnight_us = day_start_us(day.day)
            if health is None:
                if days:  # a damaged day is bad, whatever its rows would say
                    found.append(band(BandKind.BAD, midnight_us, midnight_us + US_PER_DAY, day.state.value))
                continue
            if days and health.grade.value in _OF_DAYS:
                found.append(band(BandKind(health.grade.value), midnight_us, midnight_us + US_PER_DAY))
            found += [band(BandKind(one.kind), one.from_us, one.to_us, one.note) for one in health.intervals]
        if days:
            for missing in plan.missing:
                midnight_us = day_start_us(missing.day)
                found.append(
                    band(BandKind.MISSING, midnight_us, midnight_us + US_PER_DAY, missing.state.value)
                )
    return sorted(one for one in found if one.from_us < one.to_us)


class Policy:
    """The bands of one replay, sorted by what is done about them.

    Bands are stretches of local time; by the exchange's clock they are taken as they are.
    """

    def __init__(
        self, bands: Sequence[Band], actions: Mapping[BandKind, BandAction], start_us: int, end_us: int
    ) -> None:
        inside = [one for one in bands if one.from_us < end_us and one.to_us > start_us]

        def those(action: BandAction) -> list[Band]:
            return [one for one in inside if actions.get(one.kind, BandAction.PLAY) is action]

        self._warned = those(BandAction.WARN)
        self._warned_from = np.array([one.from_us for one in self._warned], np.int64)
        self._warned_to = np.array([one.to_us for one in self._warned], np.int64)
        self._skipped = list(_joined(those(BandAction.SKIP), start_us, end_us))
        self._skip_from = np.array([one.from_us for one in self._skipped], np.int64)
        self._stops: dict[int, Band] = {}
        for band in reversed(those(BandAction.STOP)):
            stop_us = max(band.from_us, start_us)
            skipped = self.skipped_at(stop_us)
            if skipped is not None and skipped.from_us < stop_us:
                if band.to_us <= skipped.to_us:
                    continue  # it is jumped over as a whole
                stop_us = skipped.to_us
            self._stops[stop_us] = band
        self._stop_times = np.array(sorted(self._stops), np.int64)

    def skipped_at(self, moment_us: int) -> Note | None:
        """Give the stretch to jump over in which a moment lies."""
        place = int(np.searchsorted(self._skip_from, moment_us, side="right")) - 1
        if place < 0 or self._skipped[place].to_us <= moment_us:
            return None
        return self._skipped[place]

    def stop_at(self, moment_us: int) -> Note | None:
        """Give the band before which to stand, if one begins with a moment."""
        band = self._stops.get(moment_us)
        return None if band is None else Note(NoteKind.STOPPED, band.from_us, band.to_us, band)

    def next_edge_us(self, after_us: int) -> int | None:
        """Find the first moment after another at which one must stand or jump."""
        edges = [
            int(times[place])
            for times in (self._stop_times, self._skip_from)
            if (place := int(np.searchsorted(times, after_us, side="right"))) < len(times)
        ]
        return min(edges, default=None)

    def warnings(self, after_us: int, up_to_us: int) -> list[Note]:
        """List the bands to warn of that have a part in (*after_us*, *up_to_us*]."""
        if not self._warned:
            return []
        touched = np.flatnonzero(
            (self._warned_from <= up_to_us) & (self._warned_to > min(after_us + 1, up_to_us))
        )
        bands = [self._warned[place] for place in touched.tolist()]
        return [Note(NoteKind.WARNED, band.from_us, band.to_us, band) for band in bands]


def _joined(bands: Iterable[Band], start_us: int, end_us: int) -> Iterator[Note]:
    """Join bands, sorted by their beginnings, that overlap or touch; the first is the reason."""
    open_note: Note | None = None
    for band in bands:
        from_us, to_us = max(band.from_us, start_us), min(band.to_us, end_us)
        if open_note is not None and from_us <= open_note.to_us:
            to_us = max(to_us, open_note.to_us)
            open_note = Note(NoteKind.SKIPPED, open_note.from_us, to_us, open_note.band)
            continue
        if open_note is not None:
            yield open_note
        open_note = Note(NoteKind.SKIPPED, from_us, to_us, band)
    if open_note is not None:
        yield open_note
