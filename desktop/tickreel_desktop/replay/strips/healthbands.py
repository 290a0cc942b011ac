"""Where the data of a replay is not whole: which stretches the strips mark, and with which word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tickreel.market.time import US_PER_SECOND
from tickreel.market.units import format_duration_s
from tickreel.replay import BandKind
from tickreel_desktop.replay.marks import Stretch, Tone

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tickreel.replay import Band
    from tickreel_desktop.replay.strips.timewindow import TimeWindow

_LEFT_OUT = "day not held"


class HealthBands:
    """Gaps of the feed and days that are not held, sorted so that those in view are found at once."""

    def __init__(self, bands: Iterable[Band]) -> None:
        kept = sorted(
            {
                (band.from_us, band.to_us, band.kind)
                for band in bands
                if band.kind in (BandKind.GAP, BandKind.MISSING)
            }
        )
        self._bands = kept
        self._from_us = np.array([from_us for from_us, _, _ in kept], np.int64)
        # Bands may lie inside others: none before the first whose reach goes into view is in it.
        self._reach_us = np.maximum.accumulate(np.array([to_us for _, to_us, _ in kept], np.int64))

    def stretches(self, window: TimeWindow) -> list[Stretch]:
        """Give those in view, as far as time has come."""
        first = int(np.searchsorted(self._reach_us, window.from_us, side="right"))
        stop = int(np.searchsorted(self._from_us, window.until_us, side="right"))
        return [
            stretch(window, from_us, to_us, kind)
            for from_us, to_us, kind in self._bands[first:stop]
            if to_us > window.from_us
        ]


def stretch(window: TimeWindow, from_us: int, to_us: int, kind: BandKind) -> Stretch:
    """Give a band as it lies on the time axis."""
    begin, end = window.seconds(max(from_us, window.from_us)), window.seconds(min(to_us, window.until_us))
    if kind is BandKind.MISSING:
        return Stretch(begin, end, _LEFT_OUT, Tone.LEFT_OUT)
    return Stretch(begin, end, f"gap {format_duration_s((to_us - from_us) / US_PER_SECOND)}")
