"""What the charts of a replay share: drawing when seen, the cursor, exports, words for a screen reader."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import pyqtgraph as pg
from PySide6.QtCore import Qt

if TYPE_CHECKING:
    from PySide6.QtCore import QEvent, QPointF
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QShowEvent, QWheelEvent
    from PySide6.QtWidgets import QWidget

    from tickreel_desktop.replay.axes import MomentAxis, ValueAxis
    from tickreel_desktop.replay.charttable import ChartTable
    from tickreel_desktop.replay.sharedview import SharedView
    from tickreel_desktop.theme import Theme

_STEPS: Final = {Qt.Key.Key_Left.value: -1, Qt.Key.Key_Right.value: 1}
_LONG_STEP: Final = 10
_DESCRIBE_S: Final = 1.0


class Chart(pg.GraphicsLayoutWidget):  # type: ignore[misc]
    """Plots below each other, and the shared cursor through them that pointer and keys move.

    A chart adds its plots (``_add_plot``), says by ``_complete`` that they are all there, and tells what is
    drawn (``_renew``), where pointer and keys lead the cursor (``_point_at``, ``_step_cursor``), whether it
    shows one (``_has_cursor``), how that looks (``_place_cursor``), what a screen reader says (``_words``)
    and which numbers are drawn (``table``).
    """

    def __init__(self, theme: Theme, name: str, shared: SharedView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        del self.clear  # pyqtgraph's own, which each view has for itself, would take the plots away
        self._theme = theme
        self._shared = shared
        self._is_stale = False
        self._is_pointed = False
        """Whether the pointer has put the cursor where it is, if anything in this chart has."""
        self._described_s = float("-inf")
        self.setFrameShape(pg.GraphicsLayoutWidget.Shape.NoFrame)
        # Its ground covers all: else what lies below would be painted with each frame.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)

    def _add_plot(self, row: int, values: ValueAxis, below: ValueAxis | MomentAxis) -> pg.PlotItem:
        """Add a plot below those that are there; the first one sets the edges."""
        plot = self.addPlot(row=row, col=0, axisItems={"right": values, "bottom": below}, enableMenu=False)
        plot.showAxis("right")
        plot.hideButtons()
        values.lie_below()
        if row == 0:
            self._box = plot.getViewBox()
        return plot

    def _complete(self) -> None:
        """Let plots and edges touch, and follow theme and cursor from now on; all items are there."""
        self.ci.layout.setContentsMargins(0, 0, 0, 0)
        self.ci.layout.setSpacing(1)
        self._dress()
        self._theme.changed.connect(self._dress)
        self._shared.cursor_changed.connect(self._place_cursor_if_seen)

    # What each chart does its own way. Not by abc: a widget's class has Qt's metaclass.

    def clear(self) -> None:
        """Forget everything that was drawn."""
        raise NotImplementedError

    def table(self) -> ChartTable:
        """Give the numbers that are drawn now."""
        raise NotImplementedError

    def _dress(self) -> None:
        """Take the colours of the theme in use."""
        raise NotImplementedError

    def _renew(self) -> None:
        """Draw what there is now."""
        raise NotImplementedError

    def _has_cursor(self) -> bool:
        """Tell whether the cursor is at a place that this chart has."""
        raise NotImplementedError

    def _place_cursor(self) -> None:
        """Draw the cursor where it is now."""
        raise NotImplementedError

    def _point_at(self, place: QPointF) -> None:
        """Let the cursor follow the pointer to a place of the first plot, in its pixels."""
        raise NotImplementedError

    def _release_cursor(self) -> None:
        """Let go of the cursor: the pointer leaves, or Escape is pressed."""
        raise NotImplementedError

    def _step_cursor(self, steps: int) -> bool:
        """Move the cursor by steps to the right; tell whether the chart has a use for that now."""
        raise NotImplementedError

    def _words(self) -> str:
        """Say in a sentence what is drawn."""
        raise NotImplementedError

    def settle(self) -> None:
        """Draw now what has come and waits for its turn."""
        if self._is_stale and self.isVisible():
            self._renew()

    def _renew_if_seen(self) -> None:
        # What cannot be seen is drawn when it can.
        if self.isVisible():
            self._renew()
        else:
            self._is_stale = True

    def _place_cursor_if_seen(self) -> None:
        if self.isVisible():
            self._place_cursor()
        else:
            self._is_stale = True

    def _describe(self) -> None:
        """Renew what a screen reader says, once a second at most."""
        now_s = time.monotonic()
        if now_s - self._described_s >= _DESCRIBE_S:
            self._described_s = now_s
            self.setAccessibleDescription(self._words())

    def _px_of(self, across: float) -> float:
        """Find how far from the left edge a coordinate lies, in pixels."""
        left, right = self._box.viewRange()[0]
        px: float = (across - left) / (right - left) * self._box.width()
        return px

    def _place_of(self, event: QMouseEvent | QWheelEvent) -> QPointF:
        place: QPointF = self._box.mapFromScene(self.mapToScene(event.position().toPoint()))
        return place

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Let the cursor follow the pointer."""
        self._is_pointed = True
        self._point_at(self._place_of(event))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Leave presses to whoever is behind."""
        event.ignore()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Leave releases to whoever is behind."""
        event.ignore()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Leave double clicks to whoever is behind."""
        event.ignore()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to whoever is behind."""
        event.ignore()

    def leaveEvent(self, event: QEvent) -> None:
        """Take the cursor away with the pointer; one that the keys have put somewhere stays."""
        super().leaveEvent(event)
        if self._is_pointed:
            self._is_pointed = False
            self._release_cursor()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the cursor by a step, by ten with Shift; Escape takes it away."""
        steps = _STEPS.get(event.key())
        if steps is not None:
            self._is_pointed = False
            shifted = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            event.setAccepted(self._step_cursor(steps * (_LONG_STEP if shifted else 1)))
        elif event.key() == Qt.Key.Key_Escape and self._has_cursor():
            self._release_cursor()
        else:
            event.ignore()

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what came while nobody could see it."""
        super().showEvent(event)
        if self._is_stale:
            self._renew()


def hold_still(plot: pg.PlotItem) -> None:
    """Let neither pointer nor data move the range of a plot from now on."""
    plot.hideAxis("left")
    box = plot.getViewBox()
    box.setMouseEnabled(False, False)
    box.disableAutoRange()
    box.setDefaultPadding(0)
