"""The status bar tells of the engine while it is being prepared, and of nothing when it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.desks import make_desk
from support.qtloop import run_on_qt

from tickreel.store import open_cache
from tickreel_desktop.frame.engine_status import EngineStatus

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme

PROBLEM = "the folder is open to others: remove it"


def test_progress_is_told_in_words_and_ends_by_itself(qtbot: QtBot, theme: Theme) -> None:
    status = EngineStatus(theme)
    qtbot.addWidget(status)
    assert status.isHidden()
    status.show_progress(7, 23)
    assert status.isVisible()
    assert status.text() == "Preparing the engine: 7 of 23"
    assert status.accessibleName() == status.text()
    status.clear()
    assert status.isHidden()
    assert status.text() == ""


def test_a_failure_stays_with_its_reason_at_hand(qtbot: QtBot, theme: Theme) -> None:
    status = EngineStatus(theme)
    qtbot.addWidget(status)
    status.show_progress(7, 23)
    status.show_failure(PROBLEM)
    assert status.text() == "Engine not prepared"
    assert status.toolTip() == PROBLEM
    assert status.accessibleDescription() == PROBLEM


def test_the_window_shows_what_the_engine_says_and_tells_a_failure_once(
    qapp: QApplication, theme: Theme, home: Path
) -> None:
    async def journey() -> None:
        with open_cache(home) as cache:
            desk = make_desk(cache, theme)
            try:
                status = desk.window.status.engine
                desk.engine.progressed.emit(1, 3)
                assert status.text() == "Preparing the engine: 1 of 3"
                desk.engine.failed.emit(PROBLEM)
                desk.engine.failed.emit(PROBLEM)
                assert status.text() == "Engine not prepared"
                (message,) = desk.window.toasts.visible_messages()
                assert message.text.startswith(PROBLEM)
                desk.engine.filled.emit()
                assert status.isHidden()
            finally:
                await desk.close()

    run_on_qt(qapp, journey())
