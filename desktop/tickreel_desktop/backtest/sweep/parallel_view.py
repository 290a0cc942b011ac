"""Trials as lines over parallel axes, with a brush on each that keeps what lies inside."""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleValueChangeEvent, QFont, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy

from tickreel_desktop.backtest.charts import TwinChart
from tickreel_desktop.replay.charttable import ChartTable, plain
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent
    from PySide6.QtWidgets import QWidget

    from tickreel.backtest.sweeps.trials import Trial
    from tickreel_desktop.backtest.sweep.parallel_axes import ParallelAxis
    from tickreel_desktop.theme import Theme

_TOP_PX, _FOOT_PX, _SIDE_PX = 46, 14, 70
_GRAB_PX, _BRUSH_PX = 12, 10
_LEAST_BRUSH = 0.02
_STEP = 0.05
_REST_ALPHA = 70
_MOST_SMOOTH = 200
MOST_DRAWN = 300
"""Lines that are drawn at once: of more trials one in so many."""
Brush = tuple[float, float]
"""Lower and upper height on an axis, 0 to 1."""


class ParallelView(TwinChart):
    """Draw every trial; those inside all brushes stand out, and one that is chosen most of all."""

    brushes_changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._trials: tuple[Trial, ...] = ()
        self._axes: tuple[ParallelAxis, ...] = ()
        self._heights = np.empty((0, 0))
        self._brushes: dict[str, Brush] = {}
        self._chosen: Trial | None = None
        self._axis = 0
        self._drag: tuple[int, float] | None = None
        self._rest: QPixmap | None = None
        """The lines of all trials, drawn once."""
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Parallel coordinates of the trials")
        theme.changed.connect(self._draw_anew)

    @property
    def brushes(self) -> Mapping[str, Brush]:
        """Heights that are kept, by axis."""
        return dict(self._brushes)

    @property
    def axes(self) -> tuple[ParallelAxis, ...]:
        """The axes, from the left."""
        return self._axes

    def show_trials(self, trials: Sequence[Trial], axes: Sequence[ParallelAxis]) -> None:
        """Draw other trials; brushes on axes that are still there stay."""
        self._trials, self._axes = tuple(trials), tuple(axes)
        self._heights = np.array([axis.shares() for axis in axes], np.float64).reshape(len(axes), len(trials))
        names = {axis.name for axis in axes}
        gone = set(self._brushes) - names
        for name in gone:
            del self._brushes[name]
        self._axis = min(self._axis, max(0, len(axes) - 1))
        self._draw_anew()
        self._describe()
        if gone:
            self.brushes_changed.emit()

    def table(self) -> ChartTable:
        """Give every trial that is drawn, with where it crosses each axis."""
        columns = ("trial", *(f"{axis.name}, {axis.unit}" if axis.unit else axis.name for axis in self._axes))
        rows = tuple(
            (
                str(trial.place + 1),
                *(
                    axis.text(axis.values[place]) if axis.words else plain(float(axis.values[place]))
                    for axis in self._axes
                ),
            )
            for place, trial in enumerate(self._trials)
        )
        return ChartTable("Trials over parallel axes", columns, rows)

    def show_trial(self, trial: Trial | None) -> None:
        """Draw one trial above the others."""
        self._chosen = trial
        self.update()

    def inside(self) -> tuple[Trial, ...]:
        """List the trials inside all brushes."""
        return tuple(np.array(self._trials, object)[self._is_inside()]) if self._trials else ()

    def _is_inside(self) -> NDArray[np.bool_]:
        found = np.ones(len(self._trials), np.bool_)
        for place, axis in enumerate(self._axes):
            if axis.name in self._brushes:
                low, high = self._brushes[axis.name]
                heights = self._heights[place]
                found &= (heights >= low - 1e-9) & (heights <= high + 1e-9)  # NaN is in no brush
        return found

    def set_brush(self, name: str, brush: Brush | None) -> None:
        """Keep what lies between two heights of an axis; None keeps all."""
        if self._brushes.get(name) == brush:
            return
        if brush is None:
            del self._brushes[name]
        else:
            self._brushes[name] = brush
        self.update()
        self._describe()
        self.brushes_changed.emit()

    def brush_words(self, name: str) -> str:
        """Say what a brush keeps: ``lean_ticks 0.25 to 1``."""
        axis = next(axis for axis in self._axes if axis.name == name)
        low, high = map(axis.at, self._brushes[name])
        if axis.words:
            low, high = ceil(low - 1e-9), floor(high + 1e-9)
        return f"{name} {axis.text(low)} to {axis.text(high)}"

    # Where things lie

    def _x(self, place: int) -> float:
        side = self._theme.px(_SIDE_PX)
        room = max(1, self.width() - 2 * side)
        return side + (room * place / (len(self._axes) - 1) if len(self._axes) > 1 else room / 2)

    def _y(self, share: float) -> float:
        top, foot = self._theme.px(_TOP_PX), self.height() - self._theme.px(_FOOT_PX)
        return foot - share * (foot - top)

    def _share_at(self, y: float) -> float:
        top, foot = self._theme.px(_TOP_PX), self.height() - self._theme.px(_FOOT_PX)
        return min(max((foot - y) / max(1, foot - top), 0.0), 1.0)

    def point(self, place: int, share: float) -> QPointF:
        """Give the point at a height of an axis."""
        return QPointF(self._x(place), self._y(share))

    def _axis_at(self, x: float) -> int | None:
        near = [abs(self._x(place) - x) for place in range(len(self._axes))]
        return near.index(min(near)) if near and min(near) <= self._theme.px(_GRAB_PX) else None

    # Pointer and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a brush on the axis under the pointer."""
        place = self._axis_at(event.position().x())
        if event.button() == Qt.MouseButton.LeftButton and place is not None:
            self._axis, self._drag = place, (place, self._share_at(event.position().y()))
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw the brush as far as the pointer."""
        if self._drag is None:
            over = self._axis_at(event.position().x()) is not None
            self.setCursor(Qt.CursorShape.SizeVerCursor if over else Qt.CursorShape.ArrowCursor)
            return
        place, begun = self._drag
        low, high = sorted((begun, self._share_at(event.position().y())))
        if high - low >= _LEAST_BRUSH:
            self.set_brush(self._axes[place].name, (low, high))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a brush."""
        self._drag = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Take the brush of an axis away."""
        place = self._axis_at(event.position().x())
        if place is not None and self._axes[place].name in self._brushes:
            self.set_brush(self._axes[place].name, None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose an axis by left and right, move its brush by up and down, its head with Shift; Delete."""
        key = event.key()
        if not self._axes:
            super().keyPressEvent(event)
            return
        name = self._axes[self._axis].name
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            step = 1 if key == Qt.Key.Key_Right else -1
            self._axis = min(max(self._axis + step, 0), len(self._axes) - 1)
            self.update()
            self._describe()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            step_share = _STEP if key == Qt.Key.Key_Up else -_STEP
            low, high = self._brushes.get(name, (0.0, 1.0))
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                high = min(max(high + step_share, low + _STEP), 1.0)
            elif name in self._brushes:
                moved = min(max(step_share, -low), 1.0 - high)
                low, high = low + moved, high + moved
            else:
                low, high = (0.5, 1.0) if step_share > 0 else (0.0, 0.5)
            self.set_brush(name, (round(low, 6), round(high, 6)))
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and name in self._brushes:
            self.set_brush(name, None)
        else:
            super().keyPressEvent(event)

    def _describe(self) -> None:
        if not self._axes:
            return
        axis = self._axes[self._axis]
        kept = f"keeps {self.brush_words(axis.name)}" if axis.name in self._brushes else "no brush"
        count = int(self._is_inside().sum())
        text = f"Axis {axis.name}, {kept}, {count} of {len(self._trials)} trials inside the brushes"
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)
            if self.hasFocus():
                QAccessible.updateAccessibility(QAccessibleValueChangeEvent(self, text))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Mark the axis that the keys are for."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Mark none."""
        super().focusOutEvent(event)
        self.update()

    # Drawing

    def sizeHint(self) -> QSize:
        """Be as high as the design has it."""
        return QSize(self._theme.px(900), self._theme.px(320))

    def minimumSizeHint(self) -> QSize:
        """Keep room for axes with their values."""
        return QSize(self._theme.px(400), self._theme.px(170))

    def _draw_anew(self) -> None:
        self._rest = None
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw the lines anew."""
        super().resizeEvent(event)
        self._rest = None

    def _draw_lines(self, painter: QPainter, which: NDArray[np.bool_], pen: QPen) -> None:
        heights = self._heights[:, thinned(which)]
        if not heights.size:
            return
        x = np.array([self._x(place) for place in range(len(self._axes))])
        y = self._y(0.0) - heights * (self._y(0.0) - self._y(1.0))
        painter.setPen(pen)
        if heights.shape[1] > _MOST_SMOOTH:
            # One path of so many lines takes twenty times as long, and smooth edges are not seen there.
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
            ends = [(x[place], y[place], x[place + 1], y[place + 1]) for place in range(len(x) - 1)]
            for left, first, right, second in ends:
                seen = np.isfinite(first) & np.isfinite(second)
                pairs = zip(first[seen].tolist(), second[seen].tolist(), strict=True)
                painter.drawLines([QLineF(left, begin, right, end) for begin, end in pairs])
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        gap = np.full((1, heights.shape[1]), np.nan)
        across = np.vstack([np.repeat(x[:, None], heights.shape[1], axis=1), gap]).T.ravel()
        painter.drawPath(pg.arrayToQPath(across, np.vstack([y, gap]).T.ravel(), connect="finite"))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw lines, then axes and brushes above them."""
        colour = self._theme.colour
        if self._rest is None:
            ratio = self.devicePixelRatioF()
            self._rest = QPixmap(self.size() * ratio)
            self._rest.setDevicePixelRatio(ratio)
            self._rest.fill(colour("plot"))
            rest = QPainter(self._rest)
            grey, is_few = colour("text_3"), len(self._trials) <= _MOST_SMOOTH
            if is_few:
                grey.setAlpha(_REST_ALPHA)
            else:
                grey = colour("line_strong")  # what lets nothing through is drawn several times as fast
            self._draw_lines(rest, np.ones(len(self._trials), np.bool_), QPen(grey, 1))
            rest.end()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._rest)
        if self._brushes:
            self._draw_lines(painter, self._is_inside(), QPen(colour("accent"), 1))
        if self._chosen is not None:
            is_chosen = np.array([one.place == self._chosen.place for one in self._trials], np.bool_)
            self._draw_lines(painter, is_chosen, QPen(colour("text"), 2))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        for place, axis in enumerate(self._axes):
            self._draw_axis(painter, place, axis)
        painter.end()

    def _draw_axis(self, painter: QPainter, place: int, axis: ParallelAxis) -> None:
        colour, px, x = self._theme.colour, self._theme.px, round(self._x(place))
        top, foot = round(self._y(1.0)), round(self._y(0.0))
        painter.fillRect(QRectF(x, top, 1, foot - top), colour("text_3"))
        if axis.name in self._brushes:
            low, high = self._brushes[axis.name]
            half = px(_BRUSH_PX) // 2
            brush = QRectF(x - half, self._y(high), 2 * half, self._y(low) - self._y(high))
            tint = colour("accent")
            tint.setAlpha(70)
            painter.fillRect(brush, tint)
            painter.setPen(QPen(colour("accent"), 2))
            painter.drawRect(brush)
        room = px(_SIDE_PX) * 2 - px(8)
        if len(self._axes) > 1:
            room = min(room, round(self._x(1) - self._x(0)) - px(6))
        is_current = self.hasFocus() and place == self._axis
        painter.setFont(self._theme.font(FontRole.BODY, QFont.Weight.DemiBold))
        painter.setPen(colour("accent" if is_current else "text"))
        name = painter.fontMetrics().elidedText(axis.name, Qt.TextElideMode.ElideMiddle, room)
        centre = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        painter.drawText(QRectF(x - room / 2, px(6), room, px(16)), centre, name)
        painter.setFont(self._theme.font(FontRole.CAPTION))
        painter.setPen(colour("text_3"))
        painter.drawText(QRectF(x - room / 2, px(22), room, px(14)), centre, axis.unit)
        words = painter.fontMetrics()
        ends = {axis.ticks[0], axis.ticks[-1]} if axis.ticks else set()
        edges = [self._y(axis.share(value)) for value, _ in ends]
        for value, text in axis.ticks:
            y = self._y(axis.share(value))
            painter.fillRect(QRectF(x - 2, round(y), 5, 1), colour("text_3"))
            if (value, text) not in ends:
                if any(abs(y - edge) < words.height() for edge in edges):
                    continue  # the tick stays: its word would lie over another
                edges.append(y)
            width = words.horizontalAdvance(text)
            box = QRectF(x + px(7), y - words.height() / 2, width + 2, words.height())
            ground = colour("plot")
            ground.setAlpha(200)
            painter.fillRect(box, ground)
            painter.setPen(colour("text_2"))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), text)


def thinned(which: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Give the places of what is chosen, and of more than can be drawn some that lie evenly among them."""
    places = np.flatnonzero(which)
    if len(places) <= MOST_DRAWN:
        return places
    return places[np.linspace(0, len(places) - 1, MOST_DRAWN).astype(np.intp)]
