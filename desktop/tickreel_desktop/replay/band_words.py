"""How bands of a replay are called and drawn: their words, and shapes that tell them apart without colour."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from tickreel.market.time import US_PER_DAY, US_PER_SECOND, day_of
from tickreel.market.units import format_duration_s
from tickreel.replay import BandKind

if TYPE_CHECKING:
    from tickreel.market.zone import Zone
    from tickreel.replay import Band


_SHORTEST_US = 1_000
"""What is shorter is a moment."""


class BandShape(Enum):
    """How a stretch looks on a health band."""

    NONE = auto()
    """As good data does: every day has it, or its grade only sums up what is in it."""
    TICK = auto()
    """The lower half: something of note."""
    BLOCK = auto()
    """The whole height: nothing was received."""
    HATCH = auto()
    """Hatched: rows that contradict each other."""
    CROSS = auto()
    """Crossed out and higher: not to be relied on."""
    HOLLOW = auto()
    """Only an edge: rows that should be there."""


_LOOKS: dict[BandKind, tuple[str, BandShape]] = {
    BandKind.GAP: ("Gap", BandShape.BLOCK),
    BandKind.CROSSED: ("Crossed book", BandShape.HATCH),
    BandKind.EXCHANGE_TIME_BACK: ("Exchange time goes back", BandShape.TICK),
    BandKind.EXCHANGE_AFTER_LOCAL: ("Exchange time after arrival", BandShape.TICK),
    BandKind.RESET: ("Book sent anew", BandShape.NONE),
    BandKind.BEFORE_SNAPSHOT: ("Before the first snapshot", BandShape.TICK),
    BandKind.DUPLICATE: ("Duplicate rows", BandShape.TICK),
    BandKind.PRECISION_CHANGE: ("Precision changes", BandShape.NONE),
    BandKind.SPLIT_SNAPSHOT: ("Snapshot in parts", BandShape.TICK),
    BandKind.SNAPSHOT_MISMATCH: ("Snapshot differs from the book", BandShape.HATCH),
    BandKind.USABLE: ("Day graded usable", BandShape.NONE),
    BandKind.BAD: ("Day graded bad", BandShape.CROSS),
    BandKind.MISSING: ("Day missing", BandShape.HOLLOW),
}


def band_word(kind: BandKind) -> str:
    """Name a kind of band at the beginning of a sentence: ``Gap``, ``Crossed book``."""
    return _LOOKS[kind][0]


def band_shape(kind: BandKind) -> BandShape:
    """Say how a kind of band is drawn."""
    return _LOOKS[kind][1]


def stretch_text(zone: Zone, from_us: int, to_us: int) -> str:
    """Print a stretch of time: ``13:26:36.412 to 13:26:40.712 (4.3 s)``; whole days as such."""
    if from_us % US_PER_DAY == 0 and to_us - from_us == US_PER_DAY:
        return f"all of {day_of(from_us)} (UTC)"
    if to_us - from_us < _SHORTEST_US:
        return zone.clock(from_us)
    length = format_duration_s((to_us - from_us) / US_PER_SECOND)
    return f"{zone.clock(from_us)} to {zone.clock(to_us)} ({length})"


def band_text(zone: Zone, band: Band) -> str:
    """Say what a band is and when: ``Gap, trades: 13:26:36.412 to 13:26:40.712 (4.3 s)``."""
    return f"{band_word(band.kind)}, {band.type.value}: {stretch_text(zone, band.from_us, band.to_us)}"
