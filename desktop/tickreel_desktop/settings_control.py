"""Opens the settings, and lets what was changed hold at once where it can."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from tickreel.settings import SETTINGS
from tickreel.settings.form import form_of
from tickreel_desktop.components import open_over
from tickreel_desktop.key_test import ask_vendor
from tickreel_desktop.settings import SettingsDialog
from tickreel_desktop.theme import ThemeMode
from tickreel_desktop.theme.motion import reduce_motion

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel.settings import LoadedSettings
    from tickreel.store import Cache
    from tickreel_desktop.actions import Actions
    from tickreel_desktop.frame import MainWindow
    from tickreel_desktop.replay.opening import ReplayOpener
    from tickreel_desktop.settings import SettingsChange
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.telling import Teller
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.undo import Undo
    from tickreel_desktop.zone import DisplayZone

_THEME = "appearance.theme"


class SettingsControl(QObject):
    """The settings of one window."""

    def __init__(
        self,
        *,
        window: MainWindow,
        actions: Actions,
        theme: Theme,
        zone: DisplayZone,
        opener: ReplayOpener,
        cache: Cache,
        tasks: Tasks,
        teller: Teller,
        undo: Undo,
        flags: Mapping[str, object] | None = None,
    ) -> None:
        """Make them; *flags* are values of the command line by key, which stand above the user's file."""
        super().__init__(window)
        self._window = window
        self._actions = actions
        self._theme = theme
        self._zone = zone
        self._opener = opener
        self._teller = teller
        self._undo = undo
        self._kept_mode = theme.mode
        self.dialog = SettingsDialog(
            theme, cache.home, tasks=tasks, flags=flags, test_key=partial(ask_vendor, cache), parent=window
        )
        self.dialog.settings_changed.connect(self.apply)
        self.dialog.changed.connect(self._on_changed)
        self.dialog.keeper.taken_back.connect(undo.was_undone)
        self.dialog.keeper.loaded.connect(self._on_loaded)
        self.dialog.keeper.failed.connect(self._on_failed)
        self.dialog.failed_unseen.connect(lambda text: teller.warning("A setting was not saved", text))
        actions.on("app.settings", self.open)
        actions.offer_command("app.settings", lambda: "tickreel settings list")
        for mode in ThemeMode:
            actions.on(f"view.{mode}", partial(self.choose_theme, mode))
            actions.offer_command(f"view.{mode}", partial(_command, mode))
        actions[f"view.{theme.mode}"].setChecked(True)
        window.status.zone.clicked.connect(lambda: self.open_setting("appearance.time_zone"))

    async def begin(self) -> None:
        """Read the settings, and let what is changed outside hold from now on."""
        await self.dialog.keeper.begin()
        # Names of time zones come from the disk, and the first form loads what reads types: done here,
        # neither keeps the dialog waiting.
        await asyncio.to_thread(_read_choices)

    def open(self) -> None:
        """Show the settings."""
        self.dialog.search.clear()
        if not self.dialog.isVisible():
            open_over(self._window, self.dialog)

    def open_page(self, name: str) -> None:
        """Show one page of them."""
        self.open()
        self.dialog.show_page(name)

    def open_setting(self, key: str) -> None:
        """Show one of them."""
        self.open()
        self.dialog.show_setting(key)

    def choose_theme(self, mode: ThemeMode) -> None:
        """Change the colours, and remember it for the next start."""
        self._theme.set_mode(mode)
        self.dialog.keeper.change(_THEME, str(mode))
        self.dialog.keeper.flush()  # nothing more is to come, and it can be undone at once

    def apply(self, key: str, value: object) -> None:
        """Let a value hold from now on; what needs a new start says so itself."""
        match key:
            case "appearance.theme":
                mode = self._kept_mode = ThemeMode(str(value))
                self._theme.set_mode(mode)
                self._actions[f"view.{mode}"].setChecked(True)
            case "appearance.time_zone":
                self._zone.set_name(str(value))
            case "appearance.reduce_motion":
                reduce_motion(None if value is None else bool(value))
            case "logs.level":
                logging.getLogger().setLevel(str(value).upper())
            case "replay.speed" if isinstance(value, int | float | str):
                self._opener.default_speed = value
            case _:
                pass  # whoever uses it reads it anew

    def _on_changed(self, change: SettingsChange) -> None:
        keeper = self.dialog.keeper
        self._undo.did(
            change.name, partial(keeper.take_back, change), partial(keeper.make_again, change), of=change
        )

    def _on_loaded(self, loaded: LoadedSettings) -> None:
        """Let the theme be chosen unless the policy of the machine decides it."""
        is_locked = loaded.is_locked(_THEME)
        why = loaded.reasons.get(_THEME)
        reason = f"Locked by the machine's policy {loaded.origin(_THEME).where}{f': “{why}”' if why else ''}"
        for mode in ThemeMode:
            self._actions.enable(f"view.{mode}", not is_locked, reason)

    def _on_failed(self, keys: tuple[str, ...], _reason: str) -> None:
        if _THEME in keys:
            self.apply(_THEME, self._kept_mode)
        self.dialog.keeper.look()  # the policy may have locked it meanwhile

    async def close(self) -> None:
        """Save what waits for it."""
        self.dialog.close()
        await self.dialog.keeper.settled()


def _read_choices() -> None:
    for setting in SETTINGS:
        form_of(setting)


def _command(mode: ThemeMode) -> str:
    return f"tickreel settings set {_THEME} {mode}"
