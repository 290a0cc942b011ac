"""What can be done with the selected dataset beside the actions of others, and the menu of a right click."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from tickreel_desktop.theme import Theme

_ICON_PX = 14


class HeldMenu(QObject):
    """Make the actions once, and a menu of them at every right click."""

    open_wanted = Signal()
    command_wanted = Signal()
    instrument_wanted = Signal()
    import_wanted = Signal()

    def __init__(self, theme: Theme, over: QWidget) -> None:
        super().__init__(over)
        self._theme = theme
        self._over = over
        self.actions: tuple[QAction, ...] = ()
        """What others can do with the selection."""
        self.opener, self.copier = QAction("Set up a replay...", self), QAction("Copy as command", self)
        theme.bind_icon(self.opener, "play")
        theme.bind_icon(self.copier, "terminal-window")
        self.opener.triggered.connect(lambda: self.open_wanted.emit())
        self.copier.triggered.connect(lambda: self.command_wanted.emit())

    def show_possible(self, *, is_selected: bool) -> None:
        """Say whether there is a dataset to open."""
        self.opener.setEnabled(is_selected)
        self.opener.setToolTip(
            "Choose what of the selected datasets is played, and how"
            if is_selected
            else "Select a dataset first"
        )

    def made(self, *, on_row: bool) -> QMenu:
        """Make the menu; it goes when it closes."""
        menu = QMenu(self._over)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if on_row:
            menu.addAction(self.opener)
            menu.addActions(self.actions)
            menu.addSeparator()
            known = menu.addAction("Instrument...")
            self._theme.bind_icon(known, "list-bullets", "text_2", _ICON_PX)
            known.triggered.connect(lambda: self.instrument_wanted.emit())
            menu.addAction(self.copier)
            menu.addSeparator()
        importer = menu.addAction("Import files...")
        self._theme.bind_icon(importer, "upload-simple", "text_2", _ICON_PX)
        importer.triggered.connect(lambda: self.import_wanted.emit())
        return menu
