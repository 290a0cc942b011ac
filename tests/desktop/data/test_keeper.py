"""How the Data workspace is arranged is there again at the next start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QToolButton
from support.desks import until
from support.qtloop import run_on_qt

from tickreel_desktop.data import DataWorkspace
from tickreel_desktop.data.keeper import ArrangementKeeper
from tickreel_desktop.tasks import Tasks

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

    from tickreel_desktop.data.detail import DetailReader
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone


def bring_to_front(workspace: DataWorkspace, text: str) -> None:
    next(each for each in workspace.findChildren(QToolButton) if each.text() == text).click()


def test_what_was_arranged_is_kept_and_trouble_is_told_once(
    qapp: QApplication, qtbot: QtBot, theme: Theme, zone: DisplayZone, reader: DetailReader, tmp_path: Path
) -> None:
    told: list[BaseException] = []
    path = tmp_path / "desktop" / "data.json"

    def make() -> tuple[DataWorkspace, ArrangementKeeper]:
        workspace = DataWorkspace(theme, zone, reader)
        qtbot.addWidget(workspace)
        return workspace, ArrangementKeeper(workspace, tmp_path, Tasks(told.append), told.append, owner)

    async def work() -> None:
        first, keeper = make()
        assert await keeper.begin() == ""
        await keeper.close()
        assert not path.exists()  # nothing was arranged
        bring_to_front(first, "Days")
        await until(path.exists)
        assert b'"lists_days": true' in path.read_bytes()
        bring_to_front(first, "Datasets")
        await keeper.close()

        second, keeper = make()
        assert await keeper.begin() == ""
        assert second.arrangement() == first.arrangement()

        path.unlink()
        path.mkdir()  # a folder in the way cannot be replaced by a file
        bring_to_front(second, "Days")
        await keeper.close()
        await keeper.close()
        assert [path.name in str(error) for error in told] == [True]

        path.rmdir()
        path.write_text("no JSON")
        _, keeper = make()
        assert "set aside" in await keeper.begin()

    owner = QObject()
    run_on_qt(qapp, work())
