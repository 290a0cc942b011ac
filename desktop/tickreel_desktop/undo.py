"""What can be undone and done again: one stack for the window, in words, with a message that offers it.

A step may be a coroutine, which is awaited before the stack moves; what fails leaves the stack as it
is, and is told.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from inspect import iscoroutine
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from tickreel_desktop.components import Message, MessageAction, ToastKind

if TYPE_CHECKING:
    from PySide6.QtGui import QAction

    from tickreel_desktop.components import ToastHost
    from tickreel_desktop.tasks import Tasks

Step = Callable[[], Coroutine[Any, Any, object] | object]
"""What undoes something or does it again: done at once, or a coroutine that does it."""
_MOST = 50


class _Done(QUndoCommand):
    """One thing that was done; the stack only keeps its place, :class:`Undo` does the work."""

    def __init__(self, text: str, undo: Step, redo: Step, of: object) -> None:
        super().__init__(text)
        self.undo_step = undo
        self.redo_step = redo
        self.of = of

    def undo(self) -> None:
        """Move only."""

    def redo(self) -> None:
        """Move only."""


class Undo(QObject):
    """The stack of one window; one step at a time is on its way."""

    changed = Signal()
    """What can be undone or done again is something else now."""

    def __init__(
        self,
        tasks: Tasks,
        toasts: ToastHost,
        on_error: Callable[[BaseException], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._toasts = toasts
        self._on_error = on_error
        self._stack = QUndoStack(self)
        self._stack.setUndoLimit(_MOST)
        self._stack.indexChanged.connect(self._on_index_changed)
        self._commands: list[_Done] = []  # the stack alone does not keep the Python objects
        self._postponed: list[_Done] = []
        self._is_busy = False

    @property
    def undo_text(self) -> str:
        """Name what would be undone: "Clear 12 jobs"; empty when there is nothing."""
        return "" if self._is_busy else self._stack.undoText()

    @property
    def redo_text(self) -> str:
        """Name what would be done again; empty when there is nothing."""
        return "" if self._is_busy else self._stack.redoText()

    @property
    def last(self) -> object | None:
        """What would be undone, to be told apart from what is done after it; None when there is nothing."""
        return self._command(self._stack.index() - 1) if self.undo_text else None

    def did(
        self,
        text: str,
        undo: Step,
        redo: Step,
        *,
        told: str = "",
        explained: str = "",
        of: object = None,
    ) -> None:
        """Take note of something that was done.

        *text* names it in the menu ("Clear 12 jobs"); *told* says it in a message that offers to undo
        it ("12 jobs cleared", left out when empty), and *explained* adds a sentence.
        *of* is what :meth:`was_undone` knows it by.
        """
        done = _Done(text, undo, redo, of)
        if self._is_busy:  # the step on its way moves the stack first
            self._postponed.append(done)
        else:
            self._push(done)
        if told:
            action = MessageAction("Undo", self.undo, lambda: self._is_next(done))
            self._toasts.say(Message(ToastKind.GOOD, told, explained), (action,))

    def was_undone(self, of: object) -> None:
        """Take note that something was undone by other means than this stack.

        What was done last can be done again from here; anything before it is forgotten.
        """
        self._postponed = [each for each in self._postponed if each.of is not of]
        for place in range(self._stack.index()):
            done = self._command(place)
            if done.of is of:
                is_last = not self._is_busy and place == self._stack.index() - 1
                done.setObsolete(not is_last)
                if is_last:
                    self._stack.undo()
                return

    def undo(self) -> None:
        """Undo what was done last."""
        if self.undo_text:
            self._go(self._command(self._stack.index() - 1).undo_step, self._stack.undo)

    def redo(self) -> None:
        """Do again what was undone last."""
        if self.redo_text:
            self._go(self._command(self._stack.index()).redo_step, self._stack.redo)

    def bind(self, undo: QAction, redo: QAction) -> None:
        """Let the actions of a menu name what they do, be off when there is nothing, and do it."""

        def renew() -> None:
            for action, verb, text in ((undo, "Undo", self.undo_text), (redo, "Redo", self.redo_text)):
                action.setEnabled(bool(text))
                action.setText(f"{verb} {text[:1].lower()}{text[1:]}".rstrip())

        undo.triggered.connect(lambda: self.undo())
        redo.triggered.connect(lambda: self.redo())
        self.changed.connect(renew)
        renew()

    def _on_index_changed(self, index: int) -> None:
        if index and self._command(index - 1).isObsolete():
            self._stack.undo()  # which removes it
        else:
            self.changed.emit()

    def _is_next(self, done: _Done) -> bool:
        return self.last is done

    def _command(self, place: int) -> _Done:
        command = self._stack.command(place)
        assert isinstance(command, _Done)  # nothing else is pushed
        return command

    def _push(self, done: _Done) -> None:
        self._commands.append(done)
        self._stack.push(done)
        held = [self._stack.command(place) for place in range(self._stack.count())]
        self._commands = [command for command in self._commands if command in held]

    def _go(self, step: Step, move: Callable[[], None]) -> None:
        try:
            work = step()
        except Exception as error:  # noqa: BLE001 - told, as what fails in a task is
            self._on_error(error)
            return
        if iscoroutine(work):
            self._is_busy = True
            self.changed.emit()
            self._tasks.start(self._await(work, move), "undo")
        else:
            move()

    async def _await(self, work: Coroutine[Any, Any, object], move: Callable[[], None]) -> None:
        try:
            await work
        except BaseException:
            self._go_on()
            raise
        self._go_on(move)

    def _go_on(self, move: Callable[[], None] | None = None) -> None:
        """Move the stack after a step that went well, and take up what was done meanwhile."""
        self._is_busy = False
        if move is not None:
            move()
        postponed, self._postponed = self._postponed, []
        for done in postponed:
            self._push(done)
        self.changed.emit()
