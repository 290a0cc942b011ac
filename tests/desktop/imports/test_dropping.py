"""Dropping files on the window: what can be imported is welcomed, the rest is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from tickreel_desktop.imports import DropTarget
from tickreel_desktop.imports.dropping import DropHint

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme

LEFT, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(800, 600)
    made.show()
    return made


def drag(*paths: Path | str) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def drag_over(window: QWidget, mime: QMimeData) -> bool:
    event = QDragEnterEvent(QPoint(40, 40), Qt.DropAction.CopyAction, mime, LEFT, NO_KEY)
    QApplication.sendEvent(window, event)
    return event.isAccepted()


def test_files_and_folders_that_can_be_imported_are_taken_where_they_fall(
    window: QWidget, theme: Theme, qtbot: QtBot, tmp_path: Path
) -> None:
    target = DropTarget(theme, window)
    hint = window.findChild(DropHint)
    assert hint is not None
    paths = [tmp_path / "a.csv", tmp_path / "b.CSV.GZ", tmp_path / "c.csv.zst", tmp_path / "folder"]
    paths[-1].mkdir()
    mime = drag(*paths, tmp_path / "picture.png")
    assert drag_over(window, mime)
    assert hint.isVisible()
    assert hint.size() == window.size()
    shown = [each.text() for each in window.findChildren(QLabel) if each.isVisible()]
    assert "Drop to import 4 files or folders" in shown
    QApplication.sendEvent(window, QDragLeaveEvent())
    assert not hint.isVisible()

    assert drag_over(window, mime)
    drop = QDropEvent(QPointF(40, 40), Qt.DropAction.CopyAction, mime, LEFT, NO_KEY)
    with qtbot.waitSignal(target.dropped) as dropped:
        QApplication.sendEvent(window, drop)
    assert dropped.args == [paths]
    assert drop.isAccepted()
    assert drop.dropAction() == Qt.DropAction.CopyAction
    assert not hint.isVisible()


def test_what_cannot_be_imported_is_not_taken(window: QWidget, theme: Theme, tmp_path: Path) -> None:
    DropTarget(theme, window)
    assert not drag_over(window, drag(tmp_path / "picture.png"))
    text = QMimeData()
    text.setText("some text")
    assert not drag_over(window, text)
    hint = window.findChild(DropHint)
    assert hint is not None
    assert not hint.isVisible()
