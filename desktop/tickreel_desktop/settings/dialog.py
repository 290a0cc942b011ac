"""The settings, made from their table: what each is, where it comes from, and a control to change it."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QVBoxLayout, QWidget
from shiboken6 import isValid

from tickreel.analysis.servers import host_of
from tickreel.keys import KeyName
from tickreel.settings import SECTIONS, SETTINGS, settings_path
from tickreel_desktop.components import (
    Banner,
    BannerKind,
)
from tickreel_desktop.settings.connection_row import ConnectionRow
from tickreel_desktop.settings.fields import chain_tab_order, controls_of
from tickreel_desktop.settings.foot import SettingsFoot
from tickreel_desktop.settings.keeper import SettingsChange, SettingsKeeper
from tickreel_desktop.settings.key_row import KeyRow
from tickreel_desktop.settings.matching import search_words
from tickreel_desktop.settings.page_view import PageView
from tickreel_desktop.settings.pages import Page, PageSide
from tickreel_desktop.settings.setting_row import SettingRow
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from tickreel.settings import LoadedSettings, Setting
    from tickreel_desktop.settings.form_row import FormRow
    from tickreel_desktop.tasks import Tasks

_SIZE_PX = (1080, 720)
_SMALLEST_PX = (640, 420)
_LOCKED = "locked"
"""The page of what the policy decides; it is there when there is such a setting."""


class SettingsDialog(QDialog):
    """Show and change the settings of a home. Use ``open()``; everything is saved as it is changed."""

    changed = Signal(object)
    """A new :class:`SettingsChange` that was saved, for whoever offers to undo it."""
    settings_changed = Signal(str, object)
    """Another value of this key holds now, whether changed here or outside."""
    failed_unseen = Signal(str)
    """A change was not saved, and the dialog that would say so at its row is closed or has none yet."""
    key_changed = Signal(str)
    """There is another key of this :class:`KeyName` now, or none."""

    def __init__(
        self,
        theme: Theme,
        home: Path,
        *,
        tasks: Tasks,
        environ: Mapping[str, str] = os.environ,
        flags: Mapping[str, object] | None = None,
        policy_path: Path | None = None,
        test_key: Callable[[], Awaitable[str]] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._page: str | None = SECTIONS[0].name
        self._page_before = self._page
        self._words: tuple[str, ...] = ()
        self._key_host = ""
        self.setWindowTitle("Settings")
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, False)
        self.keeper = SettingsKeeper(
            home, tasks, environ=environ, flags=flags, policy_path=policy_path, parent=self
        )
        self.key_row = KeyRow(
            theme,
            KeyName.TARDIS,
            section="tardis",
            title="Tardis key",
            explanation="Opens the vendor's days; the first day of every month needs none.",
            tasks=tasks,
            environ=environ,
            test_key=test_key,
        )
        self.llm_key_row = KeyRow(
            theme,
            KeyName.LLM,
            section="llm",
            title="Key of the server",
            explanation="Sent to the server of the model and nowhere else; one on this machine needs none.",
            tasks=tasks,
            environ=environ,
            host=self._llm_host,
        )
        self.shared_key_row = KeyRow(
            theme,
            KeyName.REDIS,
            section="shared",
            title="Password",
            explanation="Sent to the shared cache and nowhere else; a server without users needs none.",
            tasks=tasks,
            environ=environ,
            noun="password",
        )
        self.connection_row = ConnectionRow(theme)
        self.rows: dict[str, SettingRow] = {}
        """By key; made one by one once the dialog is open, see :meth:`ready`."""
        self._tasks = tasks
        self._unmade = list(SETTINGS)
        self._wanted = ""
        self._is_ready = asyncio.Event()
        self._side = PageSide(theme)
        self.search = self._side.search
        self.pages = self._side.pages
        self.view = PageView(theme)
        self.banner = Banner(theme, BannerKind.WARNING, "")
        self.banner.hide()
        self._foot = SettingsFoot(theme)
        self.undo_button = self._foot.undo_button
        self.reset_button = self._foot.reset_button
        self.open_button = self._foot.open_button
        self.close_button = self._foot.close_button
        self._lay_out()
        self._connect()
        for row in (self.key_row, self.llm_key_row):
            self.view.add_row(row)
        self._renew()

    @property
    def _key_rows(self) -> tuple[KeyRow, ...]:
        return self.key_row, self.llm_key_row, self.shared_key_row

    def _lay_out(self) -> None:
        px = self._theme.px
        line = QFrame()
        set_role(line, Role.LINE)
        line.setFixedWidth(1)
        banner = QHBoxLayout()
        banner.setContentsMargins(px(24), 0, px(24), 0)
        banner.addWidget(self.banner)
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addLayout(banner)
        right.addWidget(self.view, 1)
        body = QHBoxLayout()
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(0)
        body.addWidget(self._side)
        body.addWidget(line)
        body.addLayout(right, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(body, 1)
        column.addWidget(self._foot)
        self.setMinimumSize(px(_SMALLEST_PX[0]), px(_SMALLEST_PX[1]))
        self._fit(self.parentWidget())

    def _fit(self, parent: QWidget | None) -> None:
        width, height = (self._theme.px(length) for length in _SIZE_PX)
        if parent is not None:
            room = self._theme.px(40)
            width = min(width, parent.window().width() - room)
            height = min(height, parent.window().height() - room)
        self.resize(max(width, self.minimumWidth()), max(height, self.minimumHeight()))

    def _connect(self) -> None:
        keeper = self.keeper
        keeper.loaded.connect(self._on_loaded)
        keeper.saved.connect(self._on_saved)
        keeper.made.connect(self.changed)
        keeper.failed.connect(self._on_failed)
        keeper.unread.connect(self._on_unread)
        keeper.value_changed.connect(self.settings_changed)
        for row in self._key_rows:
            row.key_changed.connect(self.key_changed)
        self.view.search_cleared.connect(self.search.clear)
        self.search.textChanged.connect(self._on_searched)
        self.pages.page_chosen.connect(self.show_page)
        self.open_button.clicked.connect(lambda: self._tasks.start(self._open_file(), "open settings"))
        self.reset_button.clicked.connect(lambda: keeper.reset(self._keys_to_reset()))
        self.undo_button.clicked.connect(lambda: keeper.undo())
        self.close_button.clicked.connect(self.accept)
        QShortcut(QKeySequence.StandardKey.Find, self, lambda: self._to_search())
        QShortcut(QKeySequence.StandardKey.Undo, self, lambda: keeper.undo())

    def _llm_host(self) -> str:
        """Name the host of the server that is set, whose key the row shows."""
        current = self.keeper.current
        return "" if current is None else host_of(current.values.llm.base_url)

    async def ready(self) -> None:
        """Wait until every row is made."""
        await self._is_ready.wait()

    async def _make_rows(self) -> None:
        """Make the rows, those in view first, with room for other work between any two."""
        while self._unmade:
            chosen = next((each for each in self._unmade if each.section == self._page), self._unmade[0])
            self._unmade.remove(chosen)
            self._make_row(chosen)
            await asyncio.sleep(0)
            if not isValid(self):
                return
        rows = [control for row in self.view.ordered() for control in controls_of(row)]
        chain_tab_order([self.search, self.pages, *rows, *controls_of(self._foot)])
        self._is_ready.set()

    def _make_row(self, setting: Setting) -> None:
        row = SettingRow(self._theme, setting)
        row.chosen.connect(self._on_chosen)
        row.reset_requested.connect(lambda key: self.keeper.reset([key]))
        self.rows[setting.key] = row
        self.view.add_row(row)
        below = {"shared.url": self.connection_row, "shared.username": self.shared_key_row}.get(setting.key)
        if below is not None:
            self.view.add_row(below)
        if self.keeper.current is not None:
            row.show_settings(self.keeper.current)
        self._renew()
        self._go_to_wanted()

    def show_page(self, name: str) -> None:
        """Show the page of a section, or in a search what was found on it."""
        self._page = name
        if not self._words:
            self._page_before = name
        self._renew()
        self.view.verticalScrollBar().setValue(0)

    def show_setting(self, key: str) -> None:
        """Show the page of a setting and go to its control."""
        self.search.clear()
        self.show_page(key.partition(".")[0])
        self._wanted = key
        self._go_to_wanted()

    def _go_to_wanted(self) -> None:
        """Go to the setting that was asked for, as soon as there is something to go to."""
        row = self.rows.get(self._wanted)
        if row is not None and self.keeper.current is not None:
            self._wanted = ""
            self.view.ensureWidgetVisible(row)
            row.take_focus()

    def status(self) -> str:
        """Give what is said beside the buttons."""
        return self._foot.status()

    def _to_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _on_searched(self, text: str) -> None:
        self._words = search_words(text)
        self._page = None if self._words else self._page_before
        self._renew()
        self.view.verticalScrollBar().setValue(0)

    def _is_on(self, row: FormRow, page: str | None) -> bool:
        return page is None or (row.is_locked if page == _LOCKED else row.section == page)

    def _renew(self) -> None:
        """Show what the page and the search leave of the rows."""
        found = [row for row in self.view.rows if row.matches(self._words)]
        pages = [
            Page(
                each.name,
                each.title,
                sum(row.section == each.name for row in found) if self._words else None,
            )
            for each in SECTIONS
        ]
        locked = sum(row.is_locked for row in found)
        if any(row.is_locked for row in self.view.rows):
            pages.append(Page(_LOCKED, "Locked by policy", locked, is_locked=True))
        elif self._page == _LOCKED:
            self._page = self._page_before = SECTIONS[0].name
        self.pages.show_pages(pages, self._page)
        self.view.show_rows([row for row in found if self._is_on(row, self._page)], self._words)
        self._renew_foot()

    def _renew_foot(self) -> None:
        self.reset_button.setEnabled(bool(self._keys_to_reset()))
        self.undo_button.setVisible(self.keeper.can_undo)

    def _keys_to_reset(self) -> list[str]:
        if self._words or self._page == _LOCKED:
            return []
        return [key for key, row in self.rows.items() if row.section == self._page and row.can_reset]

    def _on_chosen(self, key: str, value: Any) -> None:
        self.rows[key].set_problem("")
        self.keeper.change(key, value)

    def _on_loaded(self, loaded: LoadedSettings) -> None:
        locked_before = [row.is_locked for row in self.rows.values()]
        for row in self.rows.values():
            row.show_settings(loaded)
        if self._llm_host() != self._key_host:
            self._key_host = self._llm_host()
            self.llm_key_row.refresh()
        self._show_banner(" ".join(f"{problem}." for problem in loaded.problems))
        if locked_before != [row.is_locked for row in self.rows.values()]:
            self._renew()
        self._renew_foot()
        self._go_to_wanted()

    def _on_saved(self, change: SettingsChange) -> None:
        self._foot.say(f"Saved. {change.text}")
        self._renew_foot()

    def _on_failed(self, keys: tuple[str, ...], reason: str) -> None:
        rows = [self.rows.get(key) for key in keys]
        for row in filter(None, rows):
            row.show_failure(reason)
        if not self.isVisible() or None in rows:
            self.failed_unseen.emit(reason)
        self._foot.say("Not saved")

    def _on_unread(self, problem: str) -> None:
        self._show_banner(problem)

    def _show_banner(self, text: str) -> None:
        self.banner.set_text(text)
        self.banner.setVisible(bool(text))

    async def _open_file(self) -> None:
        path = settings_path(self.keeper.home)
        shown = path if await asyncio.to_thread(path.exists) else path.parent
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(shown))):
            self._foot.say(f"Nothing here opens it: {path}")

    def done(self, result: int) -> None:
        """Take what is being typed, save it, and close."""
        for row in self.rows.values():
            row.take()
        self.keeper.flush()
        super().done(result)

    def showEvent(self, event: object) -> None:
        """Read the settings when the dialog comes."""
        super().showEvent(event)  # type: ignore[arg-type]
        self._foot.begin()
        if self._unmade:
            self._tasks.start(self._make_rows(), "make the settings")
        self.keeper.look()
        for row in self._key_rows:
            row.refresh()
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)

    def changeEvent(self, event: QEvent) -> None:
        """Look again when the user comes back from another program."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow() and self.isVisible():
            self.keeper.look()
