from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from tickreel_desktop.components import FlowLayout

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def test_what_is_lower_than_its_line_stands_in_the_middle_of_it(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    flow = FlowLayout(page, 0, 4, fills=False)
    parts = []
    for height in (16, 22, 16, 16, 30):
        part = QWidget()
        part.setFixedSize(60, height)
        flow.addWidget(part)
        parts.append(part)
    page.resize(200, flow.heightForWidth(200))
    page.show()
    flow.activate()
    assert [(part.x(), part.y()) for part in parts] == [(0, 3), (64, 0), (128, 3), (0, 33), (64, 26)]
    assert page.height() == 56
