"""What went wrong leads to what Help has of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QAbstractButton, QApplication
from support.desks import desk_over, until
from support.qtloop import run_on_qt

from tickreel.errors import EnvironmentProblem
from tickreel.store import open_cache
from tickreel_desktop.help import HelpWindow

if TYPE_CHECKING:
    from pathlib import Path


def test_a_message_leads_to_the_entry_of_its_error(qapp: QApplication, home: Path) -> None:
    async def journey() -> None:
        with open_cache(home) as cache:
            async with desk_over(cache) as desk:
                desk.teller.error(EnvironmentProblem("the disk is full"))
                await until(lambda: bool(offers(desk.window.findChildren(QAbstractButton))))
                (offer,) = offers(desk.window.findChildren(QAbstractButton))
                offer.click()
                await until(lambda: any(each.isVisible() and each.windowTitle() for each in help_windows()))
                (shown,) = help_windows()
                await until(
                    lambda: shown.page.name == "errors" and shown.view.verticalScrollBar().value() > 0
                )
                top = shown.view.cursorForPosition(shown.view.viewport().rect().topLeft())
                top.movePosition(top.MoveOperation.NextBlock)
                assert "EnvironmentProblem" in {top.block().text(), top.block().previous().text()}

    run_on_qt(qapp, journey())


def offers(buttons: list[QAbstractButton]) -> list[QAbstractButton]:
    return [each for each in buttons if each.text() == "What it means"]


def help_windows() -> list[HelpWindow]:
    return [each for each in QApplication.topLevelWidgets() if isinstance(each, HelpWindow)]
