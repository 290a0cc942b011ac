"""Where the cells of a map lie in its widget."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect


@dataclass(frozen=True, slots=True)
class MapLayout:
    """A plane of rows and columns inside an area; the first row is the lowest."""

    area: QRect
    rows: int
    columns: int
    gap: int

    def cell(self, column: int, row: int) -> QRect:
        """Give the place of a cell, without the gap at its right and below it."""
        left, right = self._edges(self.area.left(), self.area.width(), self.columns, column)
        top, bottom = self._edges(self.area.top(), self.area.height(), self.rows, self.rows - 1 - row)
        return QRect(left, top, max(1, right - left - self.gap), max(1, bottom - top - self.gap))

    def span(self, left: int, right: int, low: int, high: int) -> QRect:
        """Give the place of a rectangle of cells."""
        return self.cell(left, high).united(self.cell(right, low))

    def at(self, x: float, y: float) -> tuple[int, int] | None:
        """Give column and row under a point; None beside the cells."""
        if not self.area.contains(int(x), int(y)):
            return None
        column = int((x - self.area.left()) * self.columns / self.area.width())
        row = int((y - self.area.top()) * self.rows / self.area.height())
        return min(column, self.columns - 1), self.rows - 1 - min(row, self.rows - 1)

    def nearest(self, x: float, y: float) -> tuple[int, int]:
        """Give column and row nearest to a point, which may lie anywhere."""
        area = self.area
        inside = (min(max(int(x), area.left()), area.right()), min(max(int(y), area.top()), area.bottom()))
        return self.at(*inside) or (0, 0)

    @staticmethod
    def _edges(begin: int, length: int, count: int, place: int) -> tuple[int, int]:
        return begin + length * place // count, begin + length * (place + 1) // count
