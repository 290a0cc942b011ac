"""How tall the strips are that stand below each other, each in a row of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize

from tickreel_desktop.replay.axes import AXIS_HEIGHT_PX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QGraphicsGridLayout

    from tickreel_desktop.replay.strips.strip import Strip
    from tickreel_desktop.theme import Theme

_BETWEEN_PX = 1


class StripRows:
    """Share a height out among the strips that are shown, as tall as each would be."""

    def __init__(self, theme: Theme, strips: Sequence[Strip]) -> None:
        self._theme = theme
        self._strips = strips

    def size(self, width: int, *, is_compact: bool) -> QSize:
        """Give the size that they ask for, with a width at scale 1."""
        heights = sum(
            self._theme.px(_height_of(strip, is_compact=is_compact))
            for strip in self._strips
            if strip.is_shown
        )
        return QSize(self._theme.px(width), heights + self._theme.px(AXIS_HEIGHT_PX))

    def lay_out(self, layout: QGraphicsGridLayout, height: int, *, is_compact: bool) -> None:
        """Give each its row; the last one that is shown has the time axis below it."""
        shown = [strip for strip in self._strips if strip.is_shown]
        axis = self._theme.px(AXIS_HEIGHT_PX)
        room = max(len(shown), height - axis - len(shown) * _BETWEEN_PX)
        whole = sum(_height_of(strip, is_compact=is_compact) for strip in shown)
        for row, strip in enumerate(self._strips):
            is_foot = strip is shown[-1]
            strip.plot.setVisible(strip.is_shown)
            strip.plot.setMinimumHeight(-1 if strip.is_shown else 0)  # hidden, its axes ask for room too
            strip.plot.showAxis("bottom", is_foot)
            share = room * _height_of(strip, is_compact=is_compact) / whole if strip.is_shown else 0.0
            layout.setRowFixedHeight(row, share + axis * is_foot)
            layout.setRowSpacing(row, _BETWEEN_PX if strip.is_shown else 0.0)


def _height_of(strip: Strip, *, is_compact: bool) -> int:
    return strip.height.compact if is_compact else strip.height.usual
