"""What an overview says of a place of it: for tool-tips."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.market.units import format_amount, format_price
from tickreel_desktop.replay.band_words import band_text, stretch_text
from tickreel_desktop.replay.outline_picture import empty_word
from tickreel_desktop.zone.times import moment_text

if TYPE_CHECKING:
    from tickreel.market.zone import Zone
    from tickreel.replay import Band, DayOutline, OutlineColumns
    from tickreel_desktop.replay.bookmarks import Bookmark
    from tickreel_desktop.replay.overview_layout import OverviewLayout

_REACH_PX = 3
_MOST_BANDS = 6
_DECIMALS = 2


class OverviewWords:
    """Words for the places of one layout."""

    def __init__(self, zone: Zone, place: OverviewLayout, outlines: tuple[DayOutline, ...]) -> None:
        self._zone = zone
        self._place = place
        self._outlines = outlines

    def bookmark(self, bookmark: Bookmark) -> str:
        """Name a bookmark with its time and note."""
        lines = [bookmark.name, moment_text(self._zone, bookmark.at_us, 3), bookmark.note]
        return "\n".join(line for line in lines if line)

    def at(self, across: float, loop: tuple[int, int] | None) -> str:
        """Say the time at a pixel, the figures there, and what is wrong with the data."""
        at_us = self._place.instant(across)
        lines = [moment_text(self._zone, at_us)]
        outline = next((one for one in self._outlines if one.from_us <= at_us < one.to_us), None)
        if outline is None or (not outline.is_whole and at_us >= outline.read_us):
            lines.append("not read yet")
        elif outline.columns is None:
            lines.append(f"{outline.day} is {empty_word(outline)}")
        else:
            lines += self._figures(outline.columns, at_us)
        if loop is not None and loop[0] <= at_us < loop[1]:
            lines.append(f"In the loop, {stretch_text(self._zone, *loop)}")
        bands = self._bands_near(across)
        lines += [band_text(self._zone, one) for one in bands[:_MOST_BANDS]]
        if len(bands) > _MOST_BANDS:
            lines.append(f"and {len(bands) - _MOST_BANDS} more")
        return "\n".join(lines)

    def _figures(self, columns: OutlineColumns, at_us: int) -> list[str]:
        column = min((at_us - columns.start_us) // columns.width_us, len(columns) - 1)
        mid, spread = float(columns.last[column]), float(columns.spread[column])
        lines = [] if mid != mid else [f"Mid {format_price(mid, _DECIMALS)}"]
        if spread == spread:
            lines.append(f"Widest spread {format_price(spread, _DECIMALS)}")
        return [*lines, f"Volume {format_amount(float(columns.volume[column]))}"]

    def _bands_near(self, across: float) -> list[Band]:
        begin_us = self._place.instant(across - _REACH_PX)
        end_us = self._place.instant(across + _REACH_PX) + 1
        return [
            band
            for outline in self._outlines
            for band in outline.bands
            if band.from_us < end_us and band.to_us > begin_us
        ]
