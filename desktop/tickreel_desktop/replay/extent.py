"""How large a range is and what is known to be unsound in it, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.market.time import US_PER_SECOND
from tickreel.market.units import format_count, format_duration_s
from tickreel.replay import BandKind

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from tickreel.market.types import DataType
    from tickreel.replay import Band
    from tickreel_desktop.replay.offer import HeldSymbol

_WORDS = {
    BandKind.GAP: ("gap", "gaps"),
    BandKind.CROSSED: ("crossed stretch", "crossed stretches"),
    BandKind.USABLE: ("day graded usable", "days graded usable"),
    BandKind.BAD: ("day graded bad", "days graded bad"),
}


def extent_text(
    symbols: Sequence[HeldSymbol],
    bands: Collection[Band],
    range_us: tuple[int, int],
    types: Sequence[DataType] | None,
) -> str:
    """Say how long a range is, how many rows it has, and which of *bands* lie in it, by kind."""
    start_us, end_us = range_us
    counts = [each.rows_in(start_us, end_us, types) for each in symbols]
    rows, is_estimate = sum(count for count, _ in counts), any(estimate for _, estimate in counts)
    said = [
        format_duration_s((end_us - start_us) / US_PER_SECOND),
        f"{'about ' if is_estimate else ''}{format_count(rows)} rows",
    ]
    inside = [band.kind for band in bands if band.from_us < end_us and band.to_us > start_us]
    for kind, (one, many) in _WORDS.items():
        if count := inside.count(kind):
            said.append(f"{count} {one if count == 1 else many}")
    return ", ".join(said)
