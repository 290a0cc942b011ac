"""What the user can do with the window itself: palette, settings, help, theme, keys, undo."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from tickreel.errors import TickreelError
from tickreel.settings import save
from tickreel_desktop.components import open_over
from tickreel_desktop.palette import Palette
from tickreel_desktop.palette.dialog import TOP_SHARE
from tickreel_desktop.theme import ThemeMode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.store import Cache
    from tickreel_desktop.actions import Actions
    from tickreel_desktop.frame import MainWindow
    from tickreel_desktop.palette import Provider
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.telling import Teller
    from tickreel_desktop.theme import Theme

_LATELY = 12
"""Choices of the palette that are remembered while the window lives."""


class FrameOperations(QObject):
    """The verbs of the window itself."""

    def __init__(
        self,
        *,
        window: MainWindow,
        actions: Actions,
        theme: Theme,
        cache: Cache,
        tasks: Tasks,
        teller: Teller,
        providers: Sequence[Provider],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._actions = actions
        self._theme = theme
        self._cache = cache
        self._tasks = tasks
        self._teller = teller
        self._providers = providers
        self._lately: tuple[str, ...] = ()
        self.palette: Palette | None = None
        """The palette while it is open."""
        actions.on("app.quit", window.close)
        actions.on("view.palette", self.open_palette)
        actions.on("help.welcome", lambda: window.go_to("welcome"))
        for mode in ThemeMode:
            actions.on(f"view.{mode}", partial(self.choose_theme, mode))
        actions[f"view.{theme.mode}"].setChecked(True)

    def open_palette(self) -> None:
        """Let the user find and choose."""
        if self.palette is not None:
            return
        palette = Palette(self._theme, self._providers, self._lately, self._window)
        palette.chosen.connect(self._on_chosen)
        palette.command_wanted.connect(lambda text: self._teller.copied("Command copied", text))
        palette.finished.connect(self._on_palette_closed)
        self.palette = palette
        open_over(self._window, palette, top_share=TOP_SHARE)

    def _on_palette_closed(self) -> None:
        self.palette = None

    def _on_chosen(self, choice: str) -> None:
        others = tuple(each for each in self._lately if each != choice)
        self._lately = (choice, *others)[:_LATELY]

    def choose_theme(self, mode: ThemeMode) -> None:
        """Change the colours, and remember it for the next start."""
        self._theme.set_mode(mode)
        self._tasks.start(self._save_theme(mode), "remember the theme")

    async def _save_theme(self, mode: ThemeMode) -> None:
        try:
            await asyncio.to_thread(save, self._cache.home, {"appearance.theme": str(mode)})
        except TickreelError as error:
            self._teller.error(error)
