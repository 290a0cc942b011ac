"""The bar of the room that the cache takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from tickreel_desktop.care.room_bar import paint_bar, shares_of

if TYPE_CHECKING:
    from tickreel_desktop.theme import Theme

GB = 10**9


@pytest.mark.parametrize("part", ["pinned", "evictable", "own", "trash"])
def test_whatever_is_held_is_seen_however_small(theme: Theme, part: str) -> None:
    def picture(held: int) -> QImage:
        image = QImage(200, 10, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        sizes = dict.fromkeys(("pinned", "evictable", "own", "trash"), 0) | {part: held}
        paint_bar(painter, theme, QRectF(0, 0, 200, 10), shares_of(**sizes), 100 * GB)
        painter.end()
        return image

    empty, full = picture(0), picture(1)
    inside = [(x, y) for x in range(1, 6) for y in range(1, 9)]
    changed = [QColor(full.pixel(*place)) for place in inside if full.pixel(*place) != empty.pixel(*place)]
    assert len(changed) >= 8
