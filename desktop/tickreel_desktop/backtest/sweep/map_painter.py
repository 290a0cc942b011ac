"""How the map of a sweep is drawn: cells with their figures, axes, regions, the cursor."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPen

from tickreel.backtest.sweeps.ranking import less_is_better
from tickreel.backtest.sweeps.trials import TrialState
from tickreel_desktop.backtest.sweep.figures import BY_KEY, value_text
from tickreel_desktop.backtest.sweep.layout import MapLayout
from tickreel_desktop.backtest.sweep.map_image import map_image
from tickreel_desktop.backtest.sweep.ramp import SweepColours
from tickreel_desktop.components.static_texts import MIDDLE, StaticTexts
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtCore import QSize

    from tickreel.backtest.sweeps.plane import Plane, Region
    from tickreel.backtest.sweeps.trials import GridAxis
    from tickreel_desktop.theme import ColourName, Theme

_TITLE_PX, _VALUES_PX, _LEFT_PX = 22, 22, 46
_LEAST_CELL_PX = (34, 18)
"""Smallest cell that has room for its figure."""
_MOST_CELLS = 1_000
"""Cells that are drawn one by one, with their edges; more without figures are one picture."""
_TAG_PX = 15
_FADED_SHARE = 0.25
"""Of its colour that a cell keeps outside of the brushes."""
_WORDS = {
    TrialState.QUEUED: "queued",
    TrialState.RUNNING: "running",
    TrialState.FAILED: "failed",
    TrialState.STOPPED: "stopped",
}


@dataclass(frozen=True, slots=True, eq=False)
class MapMarks:
    """What lies over the cells."""

    robust: Region | None = None
    region: Region | None = None
    lone: tuple[int, int] | None = None
    cursor: tuple[int, int] | None = None
    """None without focus."""
    chosen: tuple[int, int] | None = None
    """The cell of the trial that is chosen in the list."""
    outside: frozenset[tuple[int, int]] = frozenset()
    """Cells none of whose trials lies inside the brushes."""
    shares: Mapping[int, float] = field(default_factory=dict)
    """How far trials under way have come, by their place, 0 to 1."""


class MapPainter:
    """Draws a plane."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._texts = StaticTexts(theme.font(FontRole.BODY))
        self._strong = StaticTexts(theme.font(FontRole.BODY, QFont.Weight.DemiBold))
        self._small = StaticTexts(theme.font(FontRole.CAPTION))
        self._asked: tuple[Plane, frozenset[tuple[int, int]], QSize] | None = None
        self._drawn: QImage | None = None
        """The cells of a map of very many, as they were asked for last."""
        self.dress()

    def dress(self) -> None:
        """Take the colours of the theme in use."""
        self._colours = SweepColours(self._theme.tokens)
        self._drawn = None

    def layout(self, size: QSize, plane: Plane) -> MapLayout:
        """Share out a widget: values at the left and below, their names beyond, cells in the rest."""
        px = self._theme.px
        left = px(_LEFT_PX) + (px(_TITLE_PX) if plane.up is not None else 0)
        if plane.up is not None:
            widest = max(self._small.width(value_text(value)) for value in plane.up.values)
            left = px(_TITLE_PX) + max(px(28), min(px(96), int(widest) + px(14)))
        below = px(_VALUES_PX) + px(_TITLE_PX)
        area = QRect(left, px(8), size.width() - left - px(12), size.height() - below - px(8))
        rows, columns = plane.shape
        return MapLayout(area.normalized() if area.isValid() else QRect(0, 0, 1, 1), rows, columns, px(2))

    def limit(self, plane: Plane) -> float:
        """Give the size of result at which the ramp ends; 0 while nothing is known."""
        known = plane.told[np.isfinite(plane.told)]
        return float(np.abs(known).max()) if len(known) else 0.0

    def ramp(self, plane: Plane, share: float) -> QColor:
        """Give the colour of a share, -1 to 1, of the largest result: less may be better."""
        return self._colours.of(-share if less_is_better(plane.figure) else share)[0]

    def paint(self, painter: QPainter, size: QSize, plane: Plane, marks: MapMarks) -> None:
        """Draw everything."""
        place = self.layout(size, plane)
        painter.fillRect(QRect(0, 0, size.width(), size.height()), self._theme.colour("plot"))
        limit = self.limit(plane)
        if place.rows * place.columns > _MOST_CELLS and not self._has_room(place.cell(0, 0)):
            painter.drawImage(place.area.topLeft(), self._image(place.area.size(), plane, marks, limit))
        else:
            for row in range(place.rows):
                for column in range(place.columns):
                    self._cell(painter, place.cell(column, row), plane, (column, row), limit, marks)
        self._axes(painter, size, place, plane)
        self._regions(painter, place, marks)

    def _has_room(self, cell: QRect) -> bool:
        least_width, least_height = map(self._theme.px, _LEAST_CELL_PX)
        return cell.width() >= least_width and cell.height() >= least_height

    def _image(self, size: QSize, plane: Plane, marks: MapMarks, limit: float) -> QImage:
        """Give the cells as one picture, which stays until something of it is another."""
        asked = (plane, marks.outside, size)
        if self._drawn is None or self._asked != asked:
            self._asked = asked
            self._drawn = map_image(
                plane, size, limit, self._colours, self._theme, _FADED_SHARE, marks.outside
            )
        return self._drawn

    def _cell(
        self,
        painter: QPainter,
        rect: QRect,
        plane: Plane,
        at: tuple[int, int],
        limit: float,
        marks: MapMarks,
    ) -> None:
        column, row = at
        cell, value = plane.cells[row][column], float(plane.told[row, column])
        has_room = self._has_room(rect)
        if np.isfinite(value):
            sign = -1.0 if less_is_better(plane.figure) else 1.0
            ground, ink = self._colours.of(sign * value / limit if limit else 0.0)
            if at in marks.outside:
                ground, ink = self._faded(ground), self._theme.colour("text_2")
            painter.fillRect(rect, ground)
            if has_room:
                is_in = marks.robust is not None and marks.robust.holds(column, row)
                texts = self._strong if is_in or at == marks.lone else self._texts
                painter.setFont(texts.font)
                painter.setPen(ink)
                texts.draw(painter, BY_KEY[plane.figure].text(value), rect, MIDDLE)
        else:
            self._unknown(painter, rect, cell.state, has_room=has_room)
            if cell.state is TrialState.RUNNING and cell.trial is not None:
                self._share(painter, rect, marks.shares.get(cell.trial.place))

    def _faded(self, colour: QColor) -> QColor:
        """Give a colour that is nearly the ground, for a cell that lies outside of the brushes."""
        ground = self._theme.colour("plot")
        return QColor(
            *(
                round(to + _FADED_SHARE * (of - to))
                for of, to in (
                    (colour.red(), ground.red()),
                    (colour.green(), ground.green()),
                    (colour.blue(), ground.blue()),
                )
            )
        )

    def _unknown(self, painter: QPainter, rect: QRect, state: TrialState, *, has_room: bool) -> None:
        is_failed = state is TrialState.FAILED
        colour: ColourName = "error" if is_failed else "line_strong"
        style = Qt.PenStyle.DashLine if state is TrialState.QUEUED else Qt.PenStyle.SolidLine
        painter.fillRect(rect, self._theme.colour("panel" if state is not TrialState.QUEUED else "plot"))
        painter.setPen(QPen(self._theme.colour(colour), 1, style))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(rect.adjusted(0, 0, -1, -1))
        if has_room and state is not TrialState.RUNNING:
            painter.setFont(self._small.font)
            painter.setPen(self._theme.colour("error" if is_failed else "text_3"))
            self._small.draw(painter, _WORDS.get(state, "none"), rect, MIDDLE)

    def _share(self, painter: QPainter, rect: QRect, share: float | None) -> None:
        """Draw how far a trial is; without that, the word."""
        if share is None:
            painter.setFont(self._small.font)
            painter.setPen(self._theme.colour("text_2"))
            self._small.draw(painter, "running", rect, MIDDLE)
            return
        height, margin = self._theme.px(6), max(2, rect.width() // 8)
        bar = QRect(rect.left() + margin, rect.center().y() - height // 2, rect.width() - 2 * margin, height)
        painter.fillRect(bar, self._theme.colour("raised"))
        bar.setWidth(round(bar.width() * min(max(share, 0.0), 1.0)))
        painter.fillRect(bar, self._theme.colour("accent"))

    def _axes(self, painter: QPainter, size: QSize, place: MapLayout, plane: Plane) -> None:
        px = self._theme.px
        painter.setFont(self._small.font)
        painter.setPen(self._theme.colour("text_2"))
        below = place.area.bottom() + 1
        every = self._every(place.columns, place.area.width(), plane.across)
        for column in range(0, place.columns, every):
            cell = place.cell(column, 0)
            room = QRect(cell.left() - px(40), below, cell.width() + px(80), px(_VALUES_PX))
            self._small.draw(painter, value_text(plane.across.values[column]), room, MIDDLE)
        if plane.up is not None:
            step = max(1, -(-px(14) * place.rows // max(1, place.area.height())))
            for row in range(0, place.rows, step):
                cell = place.cell(0, row)
                room_px = place.area.left() - px(_TITLE_PX) - px(8)
                room = QRect(px(_TITLE_PX), cell.top(), room_px, cell.height())
                text = painter.fontMetrics().elidedText(
                    value_text(plane.up.values[row]), Qt.TextElideMode.ElideRight, room_px
                )
                painter.drawText(room, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), text)
        painter.setFont(self._theme.font(FontRole.MONO, QFont.Weight.Medium))
        painter.setPen(self._theme.colour("text"))
        title = QRect(
            place.area.left(), size.height() - px(_TITLE_PX) - px(2), place.area.width(), px(_TITLE_PX)
        )
        painter.drawText(title, Qt.AlignmentFlag.AlignCenter, plane.across.name)
        if plane.up is not None:
            painter.save()
            painter.translate(px(_TITLE_PX) / 2 + px(2), place.area.center().y())
            painter.rotate(-90)
            half = place.area.height() / 2
            upright = QRectF(-half, -px(_TITLE_PX) / 2, 2 * half, px(_TITLE_PX))
            painter.drawText(upright, Qt.AlignmentFlag.AlignCenter, plane.up.name)
            painter.restore()

    def _every(self, count: int, width: int, axis: GridAxis) -> int:
        """Give the step at which values below the map do not touch."""
        widest = max(self._small.width(value_text(value)) for value in axis.values) + self._theme.px(8)
        return max(1, int(-(-widest * count // max(1, width))))

    def _regions(self, painter: QPainter, place: MapLayout, marks: MapMarks) -> None:
        text, accent = self._theme.colour("text"), self._theme.colour("accent")
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if marks.robust is not None:
            one = marks.robust
            rect = place.span(one.left, one.right, one.low, one.high)
            painter.setPen(QPen(text, self._theme.px(2), Qt.PenStyle.SolidLine, j=Qt.PenJoinStyle.MiterJoin))
            painter.drawRect(rect.adjusted(-1, -1, 1, 1))
            self._tag(painter, rect, "R", "text", "plot")
        if marks.region is not None and marks.region != marks.robust:
            one = marks.region
            rect = place.span(one.left, one.right, one.low, one.high)
            painter.setPen(QPen(accent, self._theme.px(2), Qt.PenStyle.DashLine))
            painter.drawRect(rect.adjusted(-1, -1, 1, 1))
        if marks.lone is not None:
            rect = place.cell(*marks.lone)
            painter.setPen(QPen(self._theme.colour("warning"), 2))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
            self._tag(painter, rect, "!", "warning", "plot")
        for at, colour in ((marks.chosen, text), (marks.cursor, accent)):
            if at is not None:
                rect = place.cell(*at).adjusted(1, 1, -2, -2)
                painter.setPen(QPen(self._theme.colour("halo"), 4))
                painter.drawRect(rect)
                painter.setPen(QPen(colour, 2))
                painter.drawRect(rect)

    def _tag(self, painter: QPainter, rect: QRect, text: str, ground: ColourName, ink: ColourName) -> None:
        side = self._theme.px(_TAG_PX)
        tag = QRect(rect.left() - 1, rect.top() - 1, side, side)
        painter.fillRect(tag, self._theme.colour(ground))
        painter.setFont(self._theme.font(FontRole.CAPTION, QFont.Weight.DemiBold))
        painter.setPen(self._theme.colour(ink))
        painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, text)
