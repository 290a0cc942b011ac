from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton, QWidget
from support.qtloop import run_on_qt

from tickreel.errors import UsageError
from tickreel_desktop.components import ToastHost
from tickreel_desktop.tasks import Tasks
from tickreel_desktop.undo import Undo

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme


class Stage:
    def __init__(self, theme: Theme, qtbot: QtBot) -> None:
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.errors: list[BaseException] = []
        self.log: list[str] = []
        self.tasks = Tasks(self.errors.append)
        self.toasts = ToastHost(theme, self.window)
        self.undo = Undo(self.tasks, self.toasts, self.errors.append, self.window)

    def did(self, name: str, *, told: str = "") -> None:
        self.undo.did(
            name, lambda: self.log.append(f"-{name}"), lambda: self.log.append(f"+{name}"), told=told
        )


def test_what_was_done_last_is_undone_first_and_can_be_done_again(theme: Theme, qtbot: QtBot) -> None:
    stage = Stage(theme, qtbot)
    undo, redo = QAction("Undo"), QAction("Redo")
    stage.undo.bind(undo, redo)
    assert (undo.isEnabled(), undo.text(), redo.isEnabled()) == (False, "Undo", False)
    stage.did("Clear a")
    stage.did("Clear b")
    assert undo.text() == "Undo clear b"
    undo.trigger()
    undo.trigger()
    redo.trigger()
    assert stage.log == ["-Clear b", "-Clear a", "+Clear a"]
    assert (undo.text(), redo.text()) == ("Undo clear a", "Redo clear b")
    stage.did("Clear c")
    assert not redo.isEnabled()


def test_a_message_offers_to_undo_while_it_is_what_was_done_last(theme: Theme, qtbot: QtBot) -> None:
    stage = Stage(theme, qtbot)
    stage.did("Move 3 days", told="3 days moved to the trash")
    (kept,) = stage.toasts.kept()
    stage.did("Clear b")
    assert kept.actions() == ()
    stage.undo.undo()
    (action,) = kept.actions()
    kept.run(action)
    assert stage.log == ["-Clear b", "-Move 3 days"]
    assert kept.actions() == ()
    assert [each.text() for each in stage.window.findChildren(QPushButton)] == ["Undo"]


def test_what_was_undone_elsewhere_is_not_undone_once_more(theme: Theme, qtbot: QtBot) -> None:
    stage = Stage(theme, qtbot)
    first, second = object(), object()
    stage.undo.did("first", lambda: stage.log.append("-first"), lambda: stage.log.append("+first"), of=first)
    stage.did("between")
    stage.undo.did(
        "second", lambda: stage.log.append("-second"), lambda: stage.log.append("+second"), of=second
    )
    stage.undo.was_undone(second)
    assert (stage.undo.undo_text, stage.undo.redo_text, stage.log) == ("between", "second", [])
    stage.undo.redo()
    stage.undo.was_undone(first)
    stage.undo.undo()
    stage.undo.undo()
    assert stage.log == ["+second", "-second", "-between"]
    assert (stage.undo.undo_text, stage.undo.redo_text) == ("", "between")


def test_a_coroutine_is_awaited_before_the_stack_moves_and_what_is_done_meanwhile_waits(
    theme: Theme, qtbot: QtBot, qapp: QApplication
) -> None:
    stage = Stage(theme, qtbot)

    async def journey() -> None:
        go_on = asyncio.Event()

        async def back() -> None:
            await go_on.wait()
            stage.log.append("-slow")

        stage.undo.did("slow", back, lambda: None)
        stage.undo.undo()
        assert (stage.undo.undo_text, stage.undo.redo_text) == ("", "")
        stage.undo.undo()
        stage.did("quick")
        go_on.set()
        while not stage.undo.undo_text:
            await asyncio.sleep(0)
        assert stage.log == ["-slow"]
        assert (stage.undo.undo_text, stage.undo.redo_text) == ("quick", "")
        await stage.tasks.close()

    run_on_qt(qapp, journey())


def test_what_a_coroutine_has_undone_can_be_done_again(
    theme: Theme, qtbot: QtBot, qapp: QApplication
) -> None:
    stage = Stage(theme, qtbot)

    async def step(word: str) -> None:
        await asyncio.sleep(0)
        stage.log.append(word)

    async def journey() -> None:
        stage.undo.did("move", lambda: step("-"), lambda: step("+"))
        stage.undo.undo()
        while not stage.undo.redo_text:
            await asyncio.sleep(0)
        stage.undo.redo()
        while not stage.undo.undo_text:
            await asyncio.sleep(0)
        assert stage.log == ["-", "+"]
        await stage.tasks.close()

    run_on_qt(qapp, journey())


def test_what_cannot_be_undone_is_told_and_stays_where_it_is(
    theme: Theme, qtbot: QtBot, qapp: QApplication
) -> None:
    stage = Stage(theme, qtbot)

    def refuse() -> None:
        raise UsageError("no")

    async def refuse_later() -> None:
        await asyncio.sleep(0)
        raise UsageError("later")

    async def journey() -> None:
        stage.undo.did("a", refuse_later, lambda: None)
        stage.undo.did("b", refuse, lambda: None)
        stage.undo.undo()
        assert (stage.undo.undo_text, [str(error) for error in stage.errors]) == ("b", ["no"])
        stage.errors.clear()
        stage.undo.did("c", refuse_later, lambda: None)
        stage.undo.undo()
        while not stage.errors:
            await asyncio.sleep(0)
        assert (stage.undo.undo_text, [str(error) for error in stage.errors]) == ("c", ["later"])
        await stage.tasks.close()

    run_on_qt(qapp, journey())
