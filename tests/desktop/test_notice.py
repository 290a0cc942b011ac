"""A start that fails is told where somebody sees it."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox

from tickreel_desktop import notice

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

PROBLEM = "the home cannot be read: <b>/x</b>"


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def display(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it seem as if what Qt draws were seen."""
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")


@pytest.fixture
def told(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give what dialogs told; each is answered at once."""
    texts: list[str] = []
    show = QMessageBox.exec

    def answer() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        assert box.textFormat() == Qt.TextFormat.PlainText
        texts.append(box.text())
        box.accept()

    def exec_(box: QMessageBox) -> int:
        QTimer.singleShot(0, box, answer)
        return show(box)

    monkeypatch.setattr(QMessageBox, "exec", exec_)
    return texts


@pytest.mark.usefixtures("display")
@pytest.mark.parametrize("stream", [None, io.StringIO()], ids=["no-stream", "no-terminal"])
def test_without_a_terminal_a_dialog_tells(
    told: list[str], stream: io.StringIO | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    notice.tell_failure(PROBLEM, by_dialog=True)
    assert told == [PROBLEM]
    assert stream is None or stream.getvalue() == f"tickreel-desktop: {PROBLEM}\n"
    notice.tell_failure(PROBLEM, by_dialog=False)
    assert told == [PROBLEM], "runs for checks wait for nobody"


@pytest.mark.usefixtures("display")
def test_a_terminal_is_enough(told: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", _Terminal())
    notice.tell_failure(PROBLEM, by_dialog=True)
    assert told == []


def test_where_nobody_sees_a_dialog_none_waits(told: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen:size=1x1")
    notice.tell_failure(PROBLEM, by_dialog=True)
    assert told == []


def test_streams_that_are_not_there_stop_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = io.StringIO()
    closed.close()
    for stream in (None, closed):
        monkeypatch.setattr(sys, "stdout", stream)
        monkeypatch.setattr(sys, "stderr", stream)
        notice.say("the window that is open comes to the front")
        monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
        notice.tell_failure(PROBLEM, by_dialog=True)
