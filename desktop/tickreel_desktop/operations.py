"""What the user can do: each verb once, whoever asks for it (menu, button, key, link, drop)."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMessageBox

from tickreel import __version__
from tickreel.errors import TickreelError
from tickreel.events import DatasetsChanged
from tickreel.market.units import format_bytes, format_count, format_full
from tickreel.replay import DataLink, parse_link
from tickreel.sample import sample_link
from tickreel.settings import save
from tickreel_desktop.children import make_sample
from tickreel_desktop.components import Message, ToastKind
from tickreel_desktop.data import ImportSummary, dataset_rows, import_message
from tickreel_desktop.data.import_item import ImportItem, ItemState
from tickreel_desktop.theme import ThemeMode

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from tickreel.events import Bus
    from tickreel.market.types import DatasetKey
    from tickreel.store import Cache
    from tickreel_desktop.actions import Actions
    from tickreel_desktop.data import DataWorkspace, ImportController
    from tickreel_desktop.replay.opening import ReplayOpener
    from tickreel_desktop.replay.player import Player
    from tickreel_desktop.replay.workspace import ReplayWorkspace
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.window import MainWindow

_LOGGER = logging.getLogger(__name__)
_FILES = "Vendor CSV (*.csv *.csv.gz *.csv.zst);;All files (*)"


class Operations(QObject):
    """The verbs of one window; what goes wrong is told there."""

    def __init__(
        self,
        *,
        window: MainWindow,
        actions: Actions,
        theme: Theme,
        data: DataWorkspace,
        replay: ReplayWorkspace,
        opener: ReplayOpener,
        imports: ImportController,
        cache: Cache,
        bus: Bus,
        tasks: Tasks,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._actions = actions
        self._theme = theme
        self._data = data
        self._replay = replay
        self._opener = opener
        self._imports = imports
        self._cache = cache
        self._bus = bus
        self._tasks = tasks
        self._connect_actions()
        self._connect_workspaces()

    def _connect_actions(self) -> None:
        actions, replay = self._actions, self._replay
        actions.on("data.import", self.import_files)
        actions.on("data.sample", self.open_sample)
        actions.on("data.replay", self._set_up_selected)
        actions.on("app.quit", self._window.close)
        actions.on("app.about", self._show_about)
        actions.on("replay.play", self._play_or_press)
        actions.on("replay.slower", lambda: replay.scale_speed(0.5))
        actions.on("replay.faster", lambda: replay.scale_speed(2.0))
        actions.on("replay.back", lambda: replay.skip(-1))
        actions.on("replay.forward", lambda: replay.skip(1))
        actions.on("replay.start", replay.to_start)
        actions.on("replay.goto", replay.transport.edit_time)
        actions.on("replay.command", self.copy_command)
        actions.on("replay.link", self.copy_link)
        for mode in ThemeMode:
            actions.on(f"view.{mode}", partial(self.choose_theme, mode))
        actions[f"view.{self._theme.mode}"].setChecked(True)

    def _connect_workspaces(self) -> None:
        data, replay = self._data, self._replay
        data.import_requested.connect(self.import_files)
        data.sample_requested.connect(self.open_sample)
        data.replay_requested.connect(self.set_up_replay)
        data.files_dropped.connect(self._imports.import_paths)
        data.command_copied.connect(lambda text: self._say_copied("Command copied", text))
        self._imports.finished.connect(self._on_imported)
        self._imports.item_changed.connect(self._on_import_changed)
        replay.sample_requested.connect(self.open_sample)
        replay.data_requested.connect(self._window.show_data)
        replay.setup_requested.connect(self._set_up_again)
        replay.command_button.clicked.connect(lambda: self.copy_command())
        self._opener.opened.connect(self._window.show_replay)
        self._bus.subscribe(DatasetsChanged, lambda _event: self._start(self.refresh(), "refresh"))

    def _start(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._tasks.start(work, name)

    def tell(self, error: BaseException) -> None:
        """Tell of something that went wrong; what nobody foresaw also goes to the log."""
        if isinstance(error, TickreelError):
            message = Message(ToastKind.ERROR, "That did not work", str(error))
        else:
            _LOGGER.error("unexpected", exc_info=error)
            message = Message(
                ToastKind.ERROR,
                "Something went wrong inside Tickreel",
                f"{type(error).__name__}: {error}. Your data is as it was; the log has the details.",
            )
        self._window.toasts.say(message)

    def tell_unprepared(self, problem: str) -> None:
        """Tell that kernels could not be compiled ahead, once however often it was tried."""
        message = Message(
            ToastKind.WARNING,
            "The engine is not prepared",
            f"{problem}. Everything works, but what needs the engine first makes the window stutter.",
        )
        if message not in self._window.toasts.history():
            self._window.toasts.say(message)

    async def refresh(self) -> None:
        """Read the catalog anew and show it."""
        rows = await asyncio.to_thread(lambda: dataset_rows(self._cache.all_days()))
        self._data.show_rows(rows)
        size = sum(row.dataset.bytes for row in rows)
        count = sum(row.dataset.rows for row in rows)
        self._window.tell_cache(f"Cache {format_bytes(size)}, {format_count(count)} rows")

    def import_files(self) -> None:
        """Ask for files and import them."""
        dialog = QFileDialog(self._window, "Import vendor files", "", _FILES)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(lambda names: self._imports.import_paths([Path(name) for name in names]))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def open_sample(self) -> None:
        """Make the sample where it is not there yet, and play it."""
        self._start(self._open_sample(), "sample")

    async def _open_sample(self) -> None:
        self._replay.show_waiting("Making the sample", "Two simulated markets, a few hours. Some seconds.")
        self._window.show_replay()
        try:
            await make_sample(self._cache.home)
        except TickreelError as error:
            self._replay.clear()
            self.tell(error)
            return
        await self.refresh()
        await self._opener.open_link(sample_link())

    def set_up_replay(self, key: DatasetKey) -> None:
        """Ask what to play of a dataset's symbol."""
        self._start(self._set_up(key.exchange, key.symbol), "set up a replay")

    async def _set_up(self, exchange: str, symbol: str) -> None:
        try:
            await self._opener.set_up(exchange, symbol)
        except TickreelError as error:
            self.tell(error)

    def _set_up_selected(self) -> None:
        key = self._data.selected_key()
        if key is None:
            self._window.show_data()
        else:
            self.set_up_replay(key)

    def _set_up_again(self) -> None:
        player = self._opener.player
        if player is not None:
            self._start(self._set_up(player.request.exchange, player.request.symbol), "set up a replay")

    async def open_link(self, text: str) -> Player | None:
        """Go where a link leads; give the replay, with its first frame, if it leads to one.

        Raises:
            TickreelError: it leads nowhere, or what it names is not held.
        """
        link = parse_link(text)
        if isinstance(link, DataLink):
            self._window.show_data()
            return None
        return await self._opener.open_link(link)

    def copy_command(self) -> None:
        """Put the open replay on the clipboard as a command line."""
        self._copy(self._opener.command(), "Command copied")

    def copy_link(self) -> None:
        """Put a link to this moment of the replay on the clipboard."""
        link = self._opener.link()
        self._copy(None if link is None else link.text(), "Link copied")

    def _copy(self, text: str | None, heading: str) -> None:
        if text is not None:
            QGuiApplication.clipboard().setText(text)
            self._say_copied(heading, text)

    def _say_copied(self, heading: str, text: str) -> None:
        self._window.toasts.say(Message(ToastKind.GOOD, heading, text))

    def _on_import_changed(self, _item: ImportItem) -> None:
        counts = self._imports.counts()
        running, waiting = counts[ItemState.RUNNING], counts[ItemState.WAITING] + counts[ItemState.ASKING]
        words = ((running, "running"), (waiting, "waiting"))
        told = ", ".join(f"{format_full(count)} {word}" for count, word in words if count)
        self._window.tell_jobs(f"Imports: {told}" if told else "no jobs")

    def _on_imported(self, summary: ImportSummary) -> None:
        self._window.toasts.say(import_message(summary))

    def choose_theme(self, mode: ThemeMode) -> None:
        """Change the colours, and remember it for the next start."""
        self._theme.set_mode(mode)
        try:
            save(self._cache.home, {"appearance.theme": str(mode)})
        except TickreelError as error:
            self.tell(error)

    def _play_or_press(self) -> None:
        """Let Space press the button that was reached by keyboard; otherwise play or pause."""
        button = self._window.pressed_by_keyboard()
        if button is not None:
            button.click()
        else:
            self._replay.toggle()

    def _show_about(self) -> None:
        box = QMessageBox(self._window)
        box.setWindowTitle("About Tickreel")
        box.setText(f"Tickreel {__version__}")
        box.setInformativeText(
            "Keep, replay and backtest tick-level order-book data.\n"
            "Apache-2.0. Made with Qt (LGPL), pyqtgraph, Arrow, NumPy and Numba; "
            "Inter and JetBrains Mono (OFL), Phosphor icons (MIT)."
        )
        box.finished.connect(box.deleteLater)
        box.open()
