from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from tickreel_desktop.data.detail_split import DetailSplit

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme


def test_the_detail_is_as_large_as_at_first_after_a_reset_and_where_it_stands_elsewhere(
    theme: Theme, qtbot: QtBot
) -> None:
    split = DetailSplit(theme, QWidget(), QWidget())
    qtbot.addWidget(split)
    split.resize(1600, 900)
    split.show()
    qtbot.waitUntil(lambda: split.sizes()[1] == 330)
    split.setSizes([300, 599])
    split.resetState()
    assert split.sizes()[1] == 330
    split.stand(is_beside=True)
    assert (split.orientation(), split.sizes()[1]) == (Qt.Orientation.Horizontal, 460)
    split.setSizes([900, 699])
    kept = split.saveState()
    split.stand(is_beside=True)
    assert split.sizes()[1] > 600, "it stands there already"
    split.resetState()
    assert split.sizes()[1] == 460
    assert split.restoreState(kept)
    assert split.sizes()[1] > 600
