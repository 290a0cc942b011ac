"""Opens the command palette and does what was chosen in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from tickreel_desktop.components import open_over
from tickreel_desktop.palette import Palette
from tickreel_desktop.palette.dialog import TOP_SHARE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tickreel_desktop.actions import Actions
    from tickreel_desktop.frame import MainWindow
    from tickreel_desktop.palette import Provider
    from tickreel_desktop.telling import Teller
    from tickreel_desktop.theme import Theme

_LATELY = 12
"""Choices that are remembered while the window lives."""


class PaletteControl(QObject):
    """The palette of one window."""

    def __init__(
        self,
        *,
        window: MainWindow,
        actions: Actions,
        theme: Theme,
        teller: Teller,
        providers: Sequence[Provider],
        edit_keys: Callable[[str], object],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._actions = actions
        self._theme = theme
        self._teller = teller
        self._providers = providers
        self._edit_keys = edit_keys
        self._lately: tuple[str, ...] = ()
        self.palette: Palette | None = None
        """The palette while it is open."""
        actions.on("view.palette", self.open)

    def open(self) -> None:
        """Let the user find and choose."""
        if self.palette is not None:
            return
        palette = Palette(self._theme, self._providers, self._lately, self._window)
        palette.chosen.connect(self._on_chosen)
        palette.command_wanted.connect(lambda text: self._teller.copied("Command copied", text))
        palette.keys_wanted.connect(self._on_keys_wanted)
        palette.finished.connect(self._on_closed)
        self.palette = palette
        open_over(self._window, palette, top_share=TOP_SHARE)

    def _on_closed(self) -> None:
        self.palette = None

    def _on_chosen(self, choice: str) -> None:
        others = tuple(each for each in self._lately if each != choice)
        self._lately = (choice, *others)[:_LATELY]

    def _on_keys_wanted(self, choice: str) -> None:
        """Let the user give other keys to what is an action; nothing else has keys."""
        if choice in self._actions:
            self._edit_keys(choice)
