"""The About dialog: what this is, what runs here, and under which licences."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from tickreel import __version__
from tickreel_desktop.components import ButtonKind, button, label
from tickreel_desktop.components.announce import announce
from tickreel_desktop.help.licences import LicenceView
from tickreel_desktop.help.parts import QT_WORDS, Part, bundled_parts, python_part, read_own, read_parts
from tickreel_desktop.help.versions import as_text, version_details
from tickreel_desktop.theme import Role, Theme, set_role
from tickreel_desktop.theme.icons import application_icon

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_SIZE_PX = (700, 600)
_LOGO_PX = 48
_WHAT = "Keeps, replays and backtests tick-level order-book data."
_INCOMPLETE = "This build carries no metadata of its packages: the list of them is not complete."


class AboutDialog(QDialog):
    """Tell about Tickreel. Use ``open()``, and run :meth:`load` for the licences of the packages."""

    def __init__(self, theme: Theme, home: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._details = version_details(home)
        self.setObjectName("about")
        self.setWindowTitle("About Tickreel")
        self.setAccessibleName("About Tickreel")
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, False)
        self.licences = LicenceView(theme)
        self.tabs = QTabWidget()
        self.tabs.tabBar().setAccessibleName("About or licences")
        self.tabs.addTab(self._make_about(), "About")
        self.tabs.addTab(self.licences, "Licences")
        self._said = label("", Role.CAPTION)
        self.copy_button = button(theme, "Copy version details", icon="copy")
        self.copy_button.clicked.connect(self._on_copy)
        close = button(theme, "Close", ButtonKind.PRIMARY)
        close.setDefault(True)
        close.clicked.connect(self.accept)
        foot = QFrame()
        set_role(foot, Role.DIALOG_FOOT)
        row = QHBoxLayout(foot)
        row.setContentsMargins(theme.px(16), theme.px(10), theme.px(16), theme.px(10))
        row.setSpacing(theme.px(8))
        row.addWidget(self._said)
        row.addStretch(1)
        row.addWidget(self.copy_button)
        row.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._make_head())
        column.addWidget(self.tabs, 1)
        column.addWidget(foot)
        self.resize(*(theme.px(side) for side in _SIZE_PX))
        close.setFocus(Qt.FocusReason.OtherFocusReason)

    async def load(self) -> None:
        """Read the licences of what is installed, off the UI thread, and list them."""
        own, parts = await asyncio.to_thread(lambda: (read_own(), read_parts()))
        self.show_parts(own, parts)

    def show_parts(self, own: Part | None, parts: Sequence[Part]) -> None:
        """List Tickreel itself, what ships inside it, and the packages it runs on."""
        first = () if own is None else (own,)
        self.licences.show_parts((*first, *bundled_parts(qVersion()), python_part(), *parts))
        if own is None or not parts:
            self.licences.say(_INCOMPLETE)

    def details_text(self) -> str:
        """Give the version details as they are copied."""
        return as_text(self._details)

    def said(self) -> str:
        """Give the line in the foot."""
        return self._said.text()

    def _make_head(self) -> QFrame:
        px = self._theme.px
        head = QFrame()
        set_role(head, Role.PANEL)
        logo = QLabel()
        logo.setPixmap(application_icon().pixmap(px(_LOGO_PX), px(_LOGO_PX)))
        words = QVBoxLayout()
        words.setSpacing(px(2))
        words.addWidget(label(f"Tickreel {__version__}", Role.METRIC))
        words.addWidget(label(_WHAT, Role.SECONDARY))
        row = QHBoxLayout(head)
        row.setContentsMargins(px(16), px(16), px(16), px(10))
        row.setSpacing(px(14))
        row.addWidget(logo)
        row.addLayout(words, 1)
        return head

    def _make_about(self) -> QWidget:
        px = self._theme.px
        page = QFrame()
        set_role(page, Role.PANEL)
        grid = QGridLayout()
        grid.setHorizontalSpacing(px(24))
        grid.setVerticalSpacing(px(6))
        grid.setColumnStretch(1, 1)
        for row, (name, value) in enumerate(self._details):
            shown = label(value, Role.VALUE, wrap=True)
            shown.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            shown.setAccessibleName(f"{name}: {value}")
            grid.addWidget(label(name, Role.SECONDARY), row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(shown, row, 1)
        column = QVBoxLayout(page)
        column.setContentsMargins(px(16), px(16), px(16), px(16))
        column.setSpacing(px(8))
        column.addLayout(grid)
        column.addSpacing(px(8))
        for heading, words, part in (
            ("Licence", "Tickreel is under the Apache License, version 2.0.", "tickreel"),
            ("Qt", QT_WORDS, "Qt"),
        ):
            column.addWidget(label(heading, Role.SECTION))
            column.addWidget(label(words, Role.SECONDARY, wrap=True))
            read = button(self._theme, f"Read the licence of {part.capitalize()}")
            read.setObjectName(f"read.{part}")
            read.clicked.connect(lambda _checked=False, name=part: self._read(name))
            column.addWidget(read, 0, Qt.AlignmentFlag.AlignLeft)
            column.addSpacing(px(6))
        column.addStretch(1)
        return page

    def _read(self, part: str) -> None:
        self.tabs.setCurrentWidget(self.licences)
        self.licences.show_part(part)
        self.licences.text.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.details_text())
        self._said.setText("Copied")
        announce(self._said, "Version details copied")
