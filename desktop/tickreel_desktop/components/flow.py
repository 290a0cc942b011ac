"""A layout that sets its widgets in lines, as words; the last one may take what is left of its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QMargins, QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget, QWidgetItem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class FlowLayout(QLayout):
    """Set widgets from the left, in as many lines as it takes."""

    def __init__(self, parent: QWidget, margin_px: int, gap_px: int, *, fills: bool = True) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap = gap_px
        self._fills = fills
        self.setContentsMargins(QMargins(margin_px, margin_px, margin_px, margin_px))

    def insert_before_last(self, widget: QWidget) -> None:
        """Set a widget before the last one."""
        self.addChildWidget(widget)
        self._items.insert(len(self._items) - 1, QWidgetItem(widget))
        self.invalidate()

    def addItem(self, item: QLayoutItem) -> None:
        """Set something at the end."""
        self._items.append(item)

    def count(self) -> int:
        """Count what is set."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """Give what stands at a place."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Take out what stands at a place."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """Need no more room than it asks for."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """Be the higher the narrower."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Give the height that so much width takes."""
        margins = self.contentsMargins()
        bottom = max((rect.bottom() for _, rect in self._places(width)), default=margins.top()) + 1
        return bottom + margins.bottom()

    def sizeHint(self) -> QSize:
        """Ask for a line."""
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        """Need room for the widest widget."""
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        margins = self.contentsMargins()
        return size + QSize(margins.left() + margins.right(), margins.top() + margins.bottom())

    def setGeometry(self, rect: QRect) -> None:
        """Set everything in its place."""
        super().setGeometry(rect)
        for item, place in self._places(rect.width()):
            item.setGeometry(place.translated(rect.topLeft()))

    def _places(self, width: int) -> Iterator[tuple[QLayoutItem, QRect]]:
        margins = self.contentsMargins()
        right = width - margins.right()
        left, top = margins.left(), margins.top()
        row: list[tuple[QLayoutItem, QRect]] = []
        for number, item in enumerate(self._items):
            hint = item.sizeHint().expandedTo(item.minimumSize())
            is_last = self._fills and number == len(self._items) - 1
            needed = item.minimumSize().width() if is_last else hint.width()
            if row and left + needed > right:
                yield from _centred(row)
                left, top = margins.left(), top + _height(row) + self._gap
                row = []
            size = QSize(
                max(needed, right - left) if is_last else min(hint.width(), right - left), hint.height()
            )
            row.append((item, QRect(QPoint(left, top), size)))
            left += size.width() + self._gap
        yield from _centred(row)


def _height(row: Sequence[tuple[QLayoutItem, QRect]]) -> int:
    return max((place.height() for _, place in row), default=0)


def _centred(row: Sequence[tuple[QLayoutItem, QRect]]) -> Iterator[tuple[QLayoutItem, QRect]]:
    """Have what is lower than its row stand in the middle of it."""
    height = _height(row)
    for item, place in row:
        yield item, place.translated(0, (height - place.height()) // 2)
