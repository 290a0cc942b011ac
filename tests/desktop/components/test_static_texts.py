"""Texts that are drawn again and again look as Qt would draw them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter

from tickreel_desktop.components.static_texts import LEFT, RIGHT, StaticTexts
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel_desktop.theme import Theme

CELL = QRect(8, 4, 150, 26)


def drawn(font: QFont, draw: Callable[[QPainter], object]) -> QImage:
    image = QImage(170, 34, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(QColor("black"))
    painter = QPainter(image)
    painter.setFont(font)
    painter.setPen(QColor("white"))
    draw(painter)
    painter.end()
    return image


@pytest.mark.parametrize(
    ("text", "align", "flag"),
    [
        ("Usable, 3 days", LEFT, Qt.AlignmentFlag.AlignLeft),
        ("1 014 904", RIGHT, Qt.AlignmentFlag.AlignRight),
        ("Usable, partial, with lost updates", LEFT, Qt.AlignmentFlag.AlignLeft),
        ("Usable, partial, with lost updates", RIGHT, Qt.AlignmentFlag.AlignRight),
    ],
)
def test_a_cell_looks_as_qt_would_draw_it_the_first_time_and_later(
    theme: Theme, text: str, align: float, flag: Qt.AlignmentFlag
) -> None:
    font = QFont(theme.font(FontRole.BODY))
    font.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)  # whatever this system does
    shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, CELL.width())
    wanted = drawn(font, lambda painter: painter.drawText(CELL, flag | Qt.AlignmentFlag.AlignVCenter, shown))
    texts = StaticTexts(font)
    for _ in range(3):
        assert drawn(font, lambda painter: texts.draw(painter, text, CELL, align)) == wanted
