"""The picture of the columns and the best prices: a ring of pixels in which only the new is coloured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage

from tickreel_desktop.replay.heatmap.ramp import ABSENT

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QPainter

    from tickreel_desktop.replay.heatmap.cellring import CellRing
    from tickreel_desktop.replay.heatmap.projection import Projection
    from tickreel_desktop.replay.heatmap.ramp import Scale
    from tickreel_desktop.replay.heatmap.touchbins import TouchBins

_MOST_COLUMNS_PER_PLACE = 64


class Dress:
    """The colours of a picture, as 0xffRRGGBB."""

    def __init__(self, table: NDArray[np.uint32], bid: int, ask: int, halo: int) -> None:
        self.table = table
        """Of the levels, the unknown and the absent."""
        self.bid = bid
        self.ask = ask
        self.halo = halo


class Picture:
    """Hold the pixels of a view, a place across in a column of its own; none is drawn twice in vain.

    :meth:`renew` brings it up to date, :meth:`paint` puts it on the screen.
    """

    def __init__(self) -> None:
        self._pixels = np.zeros((1, 1), np.uint32)
        self._image = QImage()
        self._view: Projection | None = None
        self._scale: Scale | None = None
        self._painted = (0, -1)
        """The first and the last place that are painted; none yet."""

    def forget(self) -> None:
        """Colour everything anew next time."""
        self._painted = (0, -1)

    def renew(
        self,
        view: Projection,
        now_us: int,
        cells: CellRing | None,
        touch: TouchBins | None,
        scale: Scale,
        dress: Dress,
        changed_us: int | None,
    ) -> int:
        """Colour what is in view and not yet coloured, and what changed from *changed_us* on.

        Gives how many places across were coloured.
        """
        before = self._view
        if before is None or not view.is_same_but_later(before) or scale != self._scale:
            self.forget()
        if self._pixels.shape != (view.height, view.width):
            self._pixels = np.zeros((view.height, view.width), np.uint32)
            # The image reads the array's memory, which stays where it is.
            self._image = QImage(
                self._pixels.data, view.width, view.height, 4 * view.width, QImage.Format.Format_RGB32
            )
        self._view, self._scale = view, scale
        first, last = self._painted
        if changed_us is not None:
            last = min(last, view.place_of(changed_us) - 1)
        stretches = [(view.left, view.right)]
        if first <= last and first <= view.right and view.left <= last:
            stretches = [(view.left, first - 1), (last + 1, view.right)]
        coloured = 0
        for begin, end in stretches:
            if begin <= end:
                self._colour(view, np.arange(begin, end + 1), now_us, cells, touch, scale, dress)
                coloured += end - begin + 1
        self._painted = (view.left, view.right)
        return coloured

    def _colour(
        self,
        view: Projection,
        places: NDArray[np.int64],
        now_us: int,
        cells: CellRing | None,
        touch: TouchBins | None,
        scale: Scale,
        dress: Dress,
    ) -> None:
        starts_us = view.starts_us(places)
        ends_us = np.minimum(view.starts_us(places + 1) - 1, now_us)
        is_played = starts_us <= now_us
        slots = places % view.width
        if cells is not None and is_played.all():
            drawn = _cell_colours(view, starts_us, ends_us, cells, scale, dress.table)
        else:
            drawn = np.full((view.height, len(places)), dress.table[ABSENT])
            if cells is not None and is_played.any():
                drawn[:, is_played] = _cell_colours(
                    view, starts_us[is_played], ends_us[is_played], cells, scale, dress.table
                )
        if touch is not None and is_played.any():
            self._draw_touch(view, drawn, np.flatnonzero(is_played), starts_us, ends_us, touch, dress)
        # At most two pieces, as the slots go round.
        turn = len(places) if slots[-1] >= slots[0] else view.width - int(slots[0])
        self._pixels[:, slots[0] : slots[0] + turn] = drawn[:, :turn]
        self._pixels[:, : len(places) - turn] = drawn[:, turn:]

    def _draw_touch(
        self,
        view: Projection,
        drawn: NDArray[np.uint32],
        played: NDArray[np.int64],
        starts_us: NDArray[np.int64],
        ends_us: NDArray[np.int64],
        touch: TouchBins,
        dress: Dress,
    ) -> None:
        extent = touch.extent(starts_us[played], ends_us[played])
        # A pixel apart from the true row on either side, so that both are seen at a spread below a row.
        runs = (
            (view.rows(extent.bid_high) + 1, view.rows(extent.bid_low) + 1, dress.bid),
            (view.rows(extent.ask_high) - 1, view.rows(extent.ask_low) - 1, dress.ask),
        )
        for top, bottom, _ in runs:
            _fill(drawn, played, top - 1, bottom + 1, dress.halo)
        for top, bottom, colour in runs:
            _fill(drawn, played, top, bottom, colour)

    def paint(self, painter: QPainter, target: QRect) -> None:
        """Put the picture on the screen, its pixels on those of the device."""
        view = self._view
        if view is None or self._image.isNull():
            return
        width, height = view.width, view.height
        # The place at the left edge lies in this column of the ring.
        turn = view.left % width
        ratio = target.width() / width
        if ratio == 1:
            painter.drawImage(target.topLeft(), self._image, QRect(turn, 0, width - turn, height))
            rest = target.topLeft()
            rest.setX(target.left() + width - turn)
            painter.drawImage(rest, self._image, QRect(0, 0, turn, height))
            return
        painter.save()
        painter.translate(target.topLeft())
        painter.scale(ratio, target.height() / height)
        painter.drawImage(
            QRect(0, 0, width - turn, height), self._image, QRect(turn, 0, width - turn, height)
        )
        painter.drawImage(QRect(width - turn, 0, turn, height), self._image, QRect(0, 0, turn, height))
        painter.restore()

    def pixel(self, place: int, row: int) -> int:
        """Give the colour at a place across, as 0xffRRGGBB."""
        assert self._view is not None
        return int(self._pixels[row, place % self._view.width])


def _cell_colours(
    view: Projection,
    starts_us: NDArray[np.int64],
    ends_us: NDArray[np.int64],
    cells: CellRing,
    scale: Scale,
    table: NDArray[np.uint32],
) -> NDArray[np.uint32]:
    """Give (height, n) colours of places across."""
    cell_of_row = view.cells(cells.borders)
    inside = (cell_of_row >= 0) & (cell_of_row < cells.grid.cells)
    colours = np.full((view.height, len(starts_us)), table[ABSENT])
    if not inside.any():
        return colours
    low, high = int(cell_of_row[inside].min()), int(cell_of_row[inside].max()) + 1
    first, last = cells.numbers_at(starts_us), cells.numbers_at(ends_us)
    if cells.column_us * view.width >= view.width_us:
        # A column at least as wide as a pixel is seen on all those that begin in it.
        last = first
    # Of several columns on one pixel the greatest size is seen, and a break before any size.
    count = min(int((last - first).max()) + 1, _MOST_COLUMNS_PER_PLACE)
    levels = _levels_of(cells, first, low, high, scale)
    for step in range(1, count):
        more = _levels_of(cells, np.minimum(first + step, last), low, high, scale)
        levels = np.where(levels == ABSENT, more, np.where(more == ABSENT, levels, np.maximum(levels, more)))
    colours[inside] = table[levels].T[cell_of_row[inside] - low]
    return colours


def _levels_of(
    cells: CellRing, numbers: NDArray[np.int64], low: int, high: int, scale: Scale
) -> NDArray[np.uint16]:
    """Give the levels of columns, some of which are the same."""
    is_first = np.diff(numbers, prepend=numbers[0] - 1) != 0
    levels = cells.levels(numbers[is_first], low, high, scale)
    found: NDArray[np.uint16] = levels[np.cumsum(is_first) - 1]
    return found


def _fill(
    drawn: NDArray[np.uint32],
    places: NDArray[np.int64],
    top: NDArray[np.float64],
    bottom: NDArray[np.float64],
    colour: int,
) -> None:
    """Colour the rows from top to bottom, both included, at places across; NaN is nothing."""
    height, width = drawn.shape
    is_seen = (bottom >= 0) & (top < height)
    first = np.maximum(top[is_seen], 0).astype(np.int64)
    lengths = np.minimum(bottom[is_seen], height - 1).astype(np.int64) - first + 1
    if not len(lengths):
        return
    # Places in the flat array, one after the other down each run.
    steps = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    starts = first * width + places[is_seen]
    drawn.reshape(-1)[np.repeat(starts, lengths) + steps * width] = colour
