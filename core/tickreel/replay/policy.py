"""What a replay does about the stretches whose data is not sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tickreel.replay.bands import BandAction
from tickreel.replay.notes import Note, NoteKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tickreel.replay.bands import Band, BandKind


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
