"""What the user can ask about the program: help, keys, what it is made of."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from tickreel.diagnostics import preview
from tickreel.doctor import examine
from tickreel.errors import TickreelError
from tickreel_desktop.actions.editor import ShortcutDialog
from tickreel_desktop.components import open_soon
from tickreel_desktop.diagnostics import DiagnosticsDialog
from tickreel_desktop.help import (
    AboutDialog,
    HelpWindow,
    ShortcutRow,
    ShortcutSheet,
    load_pages,
    place_of,
    place_of_error,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from tickreel_desktop.actions import Actions, Shortcuts
    from tickreel_desktop.frame import MainWindow
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.telling import Teller
    from tickreel_desktop.theme import Theme


class Assistance(QObject):
    """Help, the sheet of keys and its editor, and the page about Tickreel."""

    def __init__(
        self,
        *,
        window: MainWindow,
        actions: Actions,
        shortcuts: Shortcuts,
        theme: Theme,
        home: Path,
        tasks: Tasks,
        teller: Teller,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._actions = actions
        self._shortcuts = shortcuts
        self._theme = theme
        self._home = home
        self._tasks = tasks
        self._teller = teller
        self._help: HelpWindow | None = None
        self._is_keeping = asyncio.Lock()
        actions.on("help.contents", self.open_help)
        actions.on("help.shortcuts", self.open_sheet)
        actions.on("help.keys", self.open_editor)
        actions.on("help.welcome", lambda: window.go_to("welcome"))
        actions.on("help.diagnostics", self.open_diagnostics)
        actions.on("app.about", self.open_about)
        actions.offer_command("help.diagnostics", lambda: "tickreel doctor --bundle FILE")

    def open_help(self, context: str = "") -> None:
        """Show help on what is in view, or on *context*, in a window beside this one."""
        self._tasks.start(self._show_help(*place_of(context or self._window.front)), "open help")

    def explain(self, kind: type[TickreelError]) -> None:
        """Show what a kind of error means, and what is done about it."""
        self._tasks.start(self._show_help(*place_of_error(kind)), "open help")

    async def _show_help(self, page: str, anchor: str) -> None:
        # What is read, the window, and the page as it is dressed and set are each a handler's work.
        pages = await asyncio.to_thread(load_pages) if self._help is None else ()
        if self._help is None:
            self._help = HelpWindow(self._theme, pages)
            await asyncio.sleep(0)
        steps: tuple[Callable[[HelpWindow], object], ...] = (
            HelpWindow.come_forward,
            lambda shown: shown.prepare_page(page),
            lambda shown: shown.open_page(page, anchor),
        )
        for step in steps:
            if self._help is not None:  # it was closed with the program meanwhile
                step(self._help)
                await asyncio.sleep(0)

    def open_sheet(self) -> None:
        """Show all keys."""
        rows = [
            ShortcutRow(doing.spec.menu, doing.spec.name, self._actions.keys(doing.spec.id))
            for doing in self._actions.doings()
        ]
        dialog = ShortcutSheet(self._theme, rows, self._window)
        dialog.finished.connect(dialog.deleteLater)
        open_soon(self._window, dialog)

    def open_editor(self, action_id: str | None = None) -> None:
        """Let the user give actions other keys, beginning with one of them."""
        dialog = ShortcutDialog(self._theme, self._actions, action_id, self._window)
        dialog.keys_chosen.connect(self._on_keys_chosen)
        dialog.finished.connect(dialog.deleteLater)
        open_soon(self._window, dialog)

    def open_diagnostics(self, over: QWidget | None = None) -> None:
        """Show what helps support, and let it be saved; *over* a dialog that is open."""
        home = self._home
        dialog = DiagnosticsDialog(
            self._theme, lambda: preview(home, examine(home)), self._tasks, over or self._window
        )
        dialog.saved.connect(lambda path: self._teller.good("Diagnostics saved", path))
        if over is None:
            open_soon(self._window, dialog)
        else:
            dialog.open()

    def open_about(self) -> None:
        """Show what Tickreel is and what it is made of."""
        dialog = AboutDialog(self._theme, self._home, self._window)
        dialog.finished.connect(dialog.deleteLater)
        open_soon(self._window, dialog)
        self._tasks.start(dialog.load(), "read licences")

    def _on_keys_chosen(self, own: dict[str, str]) -> None:
        self._tasks.start(self._keep_keys(own), "keep the shortcuts")

    async def _keep_keys(self, own: dict[str, str]) -> None:
        async with self._is_keeping:  # so that the last change is the last that is written
            try:
                await asyncio.to_thread(self._shortcuts.write, own)
            except TickreelError as error:
                self._teller.error(error)

    def close(self) -> None:
        """Close the window of help."""
        if self._help is not None:
            self._help.close()
            self._help.deleteLater()
            self._help = None
