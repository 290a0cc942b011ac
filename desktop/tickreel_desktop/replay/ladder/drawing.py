"""What of the ladder has to be drawn again, and how the places stand below one another."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRect

from tickreel_desktop.replay.ladder.marks import ChangeMarks
from tickreel_desktop.replay.ladder.painter import (
    Bars,
    LadderPainter,
    RowFigures,
    RowLook,
    widest_price,
)
from tickreel_desktop.theme.motion import is_motion_reduced

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtCore import QSize
    from PySide6.QtGui import QPainter, QRegion

    from tickreel_desktop.replay.ladder.arrangement import Arrangement
    from tickreel_desktop.replay.ladder.sight import Sight
    from tickreel_desktop.replay.own.rungs import Rung
    from tickreel_desktop.theme import Theme

ROW_PX = 20
COMPACT_ROW_PX = 18
_HEADING_PX = 22
_FOOT_PX = 24
_NO_BARS = Bars(0.0, 0.0)


class Drawing:
    """Remembers what each place showed when it was drawn last."""

    def __init__(self, theme: Theme, arrangement: Arrangement) -> None:
        self._theme = theme
        self._arrangement = arrangement
        self._painter = LadderPainter(theme)
        self._marks = ChangeMarks()
        self._bars = _NO_BARS
        self.own: Mapping[tuple[int, int], Rung] = {}
        """Own orders by row and side, as they stand in the book."""
        self._drawn: list[object] = []
        self._top = theme.px(_HEADING_PX)
        self._foot = theme.px(_FOOT_PX)
        self.row_px = theme.px(ROW_PX)

    def set_compact(self, *, is_compact: bool) -> None:
        """Make rows lower, or as high as usual."""
        self.row_px = self._theme.px(COMPACT_ROW_PX if is_compact else ROW_PX)

    def forget(self) -> None:
        """Draw everything anew, and mark nothing as changed."""
        self._marks.forget()
        self._bars = _NO_BARS
        self._drawn.clear()

    def forget_marks(self) -> None:
        """Mark nothing as changed, as after a jump."""
        self._marks.forget()

    def places_in(self, height: int) -> int:
        """Count the places that a height has room for."""
        return max(1, (height - self._top - self._foot) // self.row_px)

    def place_at(self, y: float) -> int:
        """Give the place at a height, which may lie outside of those there are."""
        return int((y - self._top) // self.row_px)

    def below(self, place: int) -> int:
        """Give the height at which a place ends."""
        return self._top + (place + 1) * self.row_px

    def take(self, sight: Sight, width: int) -> None:
        """See the newest figures."""
        self._marks.take(sight.low, sight.amounts, time.monotonic(), marks=not is_motion_reduced())
        most_traded = float(sight.traded.sum(axis=1).max(initial=0.0))
        bars = Bars(_held(self._bars.resting, sight.longest_bar), _held(self._bars.traded, most_traded))
        if self._painter.fit(width, widest_price(sight)) or bars != self._bars:
            self._drawn.clear()
        self._bars = bars

    def changed(self, sight: Sight, cursor: int | None, size: QSize) -> list[QRect]:
        """Give what shows something else than when this was asked last; the row of the cursor is *cursor*."""
        marked = self._marks.marked(time.monotonic()).tolist()
        figures = np.hstack([sight.amounts, sight.traded, sight.is_wall]).tolist()
        shown: list[object] = [
            (sight.spread_text(), sight.near)
            if row is None
            else (
                row,
                figures[row - sight.low],
                marked[row - sight.low],
                row in sight.touch,
                row == cursor,
                self._own_of(row),
            )
            for row in self._rows()
        ]
        shown.append((sight.total, sight.total_traded))
        drawn, self._drawn = self._drawn, shown
        if len(drawn) != len(shown):
            return [QRect(0, 0, size.width(), size.height())]
        found = [
            QRect(0, self._top + place * self.row_px, size.width(), self.row_px)
            for place in range(len(shown) - 1)
            if shown[place] != drawn[place]
        ]
        if shown[-1] != drawn[-1]:
            found.append(QRect(0, size.height() - self._foot, size.width(), self._foot))
        return found

    def marks_end_ms(self) -> int | None:
        """Give in how many milliseconds the next mark goes; None where there is none."""
        left_s = self._marks.left_s(time.monotonic())
        return None if left_s is None else max(1, round(1000 * left_s) + 1)

    def paint(
        self, painter: QPainter, region: QRegion, size: QSize, sight: Sight, cursor: int | None
    ) -> None:
        """Draw what lies in a region."""
        self._painter.ground(painter, size.height())
        marked = self._marks.marked(time.monotonic()).tolist()
        shown = list(zip(sight.amounts.tolist(), sight.traded.tolist(), sight.is_wall.tolist(), strict=True))
        for place, row in enumerate(self._rows()):
            begin = self._top + place * self.row_px
            if not region.intersects(QRect(0, begin, size.width(), self.row_px)):
                continue
            if row is None:
                self._painter.spread(painter, (begin, self.row_px), sight)
            else:
                at = sight.index(row)
                bid_changed, ask_changed = marked[at]
                look = RowLook(bid_changed, ask_changed, row == cursor, self._own_of(row))
                figures = RowFigures(row, *shown[at])
                self._painter.row(painter, (begin, self.row_px), sight, figures, look, self._bars)
        end = size.height() - self._foot
        if region.boundingRect().top() < self._top:
            self._painter.heading(painter, (0, self._top))
        if region.boundingRect().bottom() >= end:
            self._painter.foot(painter, (end, self._foot), sight)
        self._painter.finish(painter)

    def _own_of(self, row: int) -> tuple[Rung | None, Rung | None]:
        return self.own.get((row, 0)), self.own.get((row, 1))

    def _rows(self) -> list[int | None]:
        return [self._arrangement.row_at(place) for place in range(self._arrangement.places)]


def _held(before: float, most: float) -> float:
    """Keep the length of bars steady: a new scale only for what is longer, or less than half as long."""
    return before if most <= before <= 2 * most else most
