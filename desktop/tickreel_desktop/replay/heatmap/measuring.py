"""Measuring in the heatmap by pointer and keys: a box is drawn from one point to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Signal

from tickreel_desktop.replay.heatmap.measure import Corner, Measure, corner_of, measured
from tickreel_desktop.replay.sharedview import Cursor

if TYPE_CHECKING:
    from tickreel_desktop.replay.heatmap.past import Past
    from tickreel_desktop.replay.heatmap.viewport import Viewport
    from tickreel_desktop.replay.sharedview import SharedView


class Measuring(QObject):
    """Hold the two corners of the box; one is extended until the box is kept."""

    changed = Signal()
    """The box is another one, or measuring began or ended."""
    toggled = Signal(bool)

    def __init__(self, shared: SharedView, past: Past, viewport: Viewport, parent: QObject) -> None:
        super().__init__(parent)
        self._shared = shared
        self._past = past
        self._viewport = viewport
        self._corners: tuple[Corner, Corner] | None = None
        self.is_on = False
        """Whether a drag measures."""
        self.is_open = False
        """Whether arrows extend the box."""

    @property
    def corners(self) -> tuple[Corner, Corner] | None:
        """The first and the second corner of the box; None without one that is larger than a point."""
        corners = self._corners
        return None if corners is None or corners[0] == corners[1] else corners

    def toggle(self) -> None:
        """Begin at the cursor, if there is one; or end."""
        if self.is_on:
            self.end()
            return
        self.is_on = self.is_open = True
        self._begin_at(self._shared.cursor)
        self.toggled.emit(True)

    def end(self) -> None:
        """Measure no more; the box goes."""
        if self.is_on:
            self.is_on = self.is_open = False
            self._corners = None
            self.changed.emit()
            self.toggled.emit(False)

    def press(self, place: QPoint) -> None:
        """Begin another box where the pointer is."""
        self.is_open = True
        self._begin_at(self._cursor_near(place))

    def drag(self, place: QPoint) -> None:
        """Extend the box to the pointer."""
        self._extend_to(self._cursor_near(place))

    def step(self, columns: int, rows: int) -> None:
        """Extend the box by columns and rows; without a beginning it begins where the cursor would."""
        if self._corners is None:
            self._begin_at(self._viewport.stepped(self._shared.cursor, 0, 0))
        if self._corners is not None:
            end = self._corners[1]
            cursor = self._viewport.stepped(Cursor(end.at_us, end.price), columns, rows)
            self._extend_to(cursor)
            self._shared.set_cursor(cursor)

    def keep(self) -> None:
        """Let the box be as it is."""
        self.is_open = False
        if self.corners is None:
            self._corners = None
        self.changed.emit()

    def measure(self) -> Measure | None:
        """Measure the box, as far as is known by now; None without one."""
        corners = self.corners
        return None if corners is None else measured(*corners, self._past)

    def _cursor_near(self, place: QPoint) -> Cursor:
        """Give the point of the plot that is nearest to the pointer."""
        plot = self._viewport.areas.plot
        x = min(max(place.x(), plot.left()), plot.right())
        y = min(max(place.y(), plot.top()), plot.bottom())
        return self._viewport.cursor_at(QPoint(x, y))

    def _begin_at(self, cursor: Cursor) -> None:
        corner = self._corner(cursor)
        self._corners = None if corner is None else (corner, corner)
        self.changed.emit()

    def _extend_to(self, cursor: Cursor) -> None:
        corner = self._corner(cursor)
        if self._corners is not None and corner is not None:
            self._corners = (self._corners[0], corner)
            self.changed.emit()

    def _corner(self, cursor: Cursor) -> Corner | None:
        if cursor.at_us is None or cursor.price is None or self._past.tick is None:
            return None
        return corner_of(cursor.at_us, cursor.price, self._past.tick)
