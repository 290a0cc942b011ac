"""Chooses, keeps, resets and drops layouts, and remembers how each workspace was left."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QInputDialog, QLineEdit

from tickreel.errors import UsageError
from tickreel_desktop.frame.layouts import DEFAULT, LONGEST_NAME, layout_name
from tickreel_desktop.keeping import Writer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel_desktop.actions import Actions
    from tickreel_desktop.frame.layouts import Arrangement, LayoutBook
    from tickreel_desktop.frame.window import MainWindow
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.undo import Undo


class LayoutControl(QObject):
    """The layouts of one window."""

    def __init__(
        self,
        window: MainWindow,
        actions: Actions,
        book: LayoutBook,
        tasks: Tasks,
        undo: Undo,
        tell: Callable[[BaseException], None],
        *,
        keeps: bool = True,
    ) -> None:
        """Take charge of the layouts; without *keeps* nothing is written to the home."""
        super().__init__(window)
        self._keeps = keeps
        self._window = window
        self._book = book
        self._tasks = tasks
        self._undo = undo
        self._tell = tell
        self._writer = Writer(book.write, tell)
        self._follows = False
        """Whether what the window does now is as the user has it: not before that is restored, which waits
        for what is read, nor once it is taken down."""
        actions.on("layout.save", self.ask_name)
        actions.on("layout.reset", self.reset)
        window.workspace_changed.connect(self._on_workspace_changed)
        window.arranged.connect(self._on_arranged)
        window.layouts_menu.aboutToShow.connect(self._fill_menu)

    def restore(self, *, usable: Callable[[str], bool]) -> bool:
        """Put window and panels as they were left; False where it is not known where the window stood.

        *usable* tells of the workspace that was in front whether it still exists.
        """
        window, book = self._window, self._book
        if book.workspace and usable(book.workspace):
            window.go_to(book.workspace)
        stood = window.arranger.restore_window(book.geometry)
        self._arrange(window.front, book.last(window.front))
        self._follows = True
        return stood

    def names(self) -> list[str]:
        """List the layouts of the workspace in front, the first one first."""
        return [DEFAULT, *self._book.names(self._window.front)]

    def choose(self, name: str) -> None:
        """Arrange the workspace in front as a layout says."""
        front = self._window.front
        self._arrange(front, self._book.choose(front, name))
        self._keep()

    def reset(self) -> None:
        """Arrange the workspace in front as at first; what was can be had back."""
        front = self._window.front
        before = self._window.arrangement(front)
        name = self._book.name(front)
        self.choose(DEFAULT)
        self._undo.did(
            "Reset layout",
            partial(self._put_back, front, name, before),
            partial(self._put_back, front, DEFAULT, None),
        )

    def ask_name(self) -> None:
        """Ask under which name to keep how things stand."""
        dialog = QInputDialog(self._window)
        dialog.setWindowTitle("Save layout")
        dialog.setLabelText("Name of the layout; one of that name is replaced")
        dialog.setTextValue("" if self._name() == DEFAULT else self._name())
        field = dialog.findChild(QLineEdit)
        if field is not None:
            field.setMaxLength(LONGEST_NAME)
            field.setAccessibleName("Name of the layout")
        dialog.textValueSelected.connect(self.save)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def save(self, text: str) -> None:
        """Keep how the workspace in front stands under a name."""
        name = layout_name(text)
        if name is None:
            self._tell(UsageError(f"{text.strip()!r} is no name for a layout: write another one"))
            return
        front = self._window.front
        self._book.keep(front, name, self._window.arrangement(front))
        self._show_name()
        self._keep()

    def forget(self, name: str) -> None:
        """Drop a layout; it can be had back."""
        front = self._window.front
        dropped = self._book.forget(front, name)
        if dropped is None:
            return
        self._undo.did(
            f"Delete layout {name}",
            partial(self._keep_again, front, name, dropped),
            partial(self._drop_again, front, name),
        )
        self._show_name()
        self._keep()

    async def close(self) -> None:
        """Take down how everything stands, and write it."""
        if self._follows:
            self._take()
            self._follows = False
            await self._writer.write()

    def _put_back(self, workspace: str, name: str, arrangement: Arrangement | None) -> None:
        self._book.choose(workspace, name)
        self._book.note_last(workspace, arrangement)
        if workspace == self._window.front:
            self._arrange(workspace, arrangement)
        self._keep()

    def _keep_again(self, workspace: str, name: str, arrangement: Arrangement) -> None:
        self._book.put_back(workspace, name, arrangement)
        self._show_name()
        self._keep()

    def _drop_again(self, workspace: str, name: str) -> None:
        self._book.forget(workspace, name)
        self._show_name()
        self._keep()

    def _arrange(self, workspace: str, arrangement: Arrangement | None) -> None:
        self._window.arrange(workspace, arrangement)
        self._show_name()

    def _name(self) -> str:
        return self._book.name(self._window.front)

    def _show_name(self) -> None:
        self._window.layout_button.set_name(self._name())

    def _fill_menu(self) -> None:
        menu = self._window.layouts_menu
        menu.clear()
        for name in self.names():
            action = menu.addAction(name)
            action.setCheckable(True)
            action.setChecked(name == self._name())
            action.triggered.connect(partial(self._on_chosen, name))
        menu.addSeparator()
        menu.addAction("Save as...", self.ask_name)
        menu.addAction("Reset", self.reset)
        if self._name() != DEFAULT:
            menu.addAction(f"Delete {self._name()}", partial(self.forget, self._name()))

    def _on_chosen(self, name: str, _checked: bool = False) -> None:
        self.choose(name)

    def _on_workspace_changed(self, before: str, now: str) -> None:
        if not self._follows:
            return
        self._book.note_last(before, self._window.arrangement(before))
        self._arrange(now, self._book.last(now))
        self._keep()

    def _on_arranged(self) -> None:
        if self._follows:
            self._take()
            self._keep()

    def _take(self) -> None:
        window = self._window
        self._book.note_last(window.front, window.arrangement(window.front))
        self._book.note_window(bytes(window.saveGeometry().data()), window.front)

    def _keep(self) -> None:
        if self._keeps:
            self._tasks.start(self._writer.write(), "keep the layout")
