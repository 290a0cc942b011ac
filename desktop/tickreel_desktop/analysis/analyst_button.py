"""The choice of who analyses, as a button with a menu."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolButton, QWidget

from tickreel_desktop.analysis.choice import PRESETS

if TYPE_CHECKING:
    from tickreel_desktop.analysis.choice import AnalystChoice, Preset
    from tickreel_desktop.theme import Theme

_LOCKED = "Decided by the policy of this machine"


class AnalystButton(QToolButton):
    """Name who analyses; the menu offers the offline analyst and models of known servers."""

    offline_chosen = Signal()
    preset_chosen = Signal(object)
    """A :class:`Preset`."""
    settings_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choice: AnalystChoice | None = None
        self.setProperty("kind", "chooser")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(theme.px(26))
        theme.bind_icon(self, "sparkle", "text_2", 14)
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill)
        self.setMenu(self._menu)
        self.setText("Analyst")
        self.setAccessibleName("Who analyses")

    def show_choice(self, choice: AnalystChoice) -> None:
        """Name who is set."""
        self._choice = choice
        name = choice.name if choice.model else f"No model for {choice.host}"
        self.setText(name)
        self.setAccessibleName(f"Who analyses: {name}")
        self.setToolTip(_LOCKED if choice.is_locked else "Who analyses")

    def _fill(self) -> None:
        menu, choice = self._menu, self._choice
        menu.clear()
        is_locked = choice is not None and choice.is_locked
        offline = menu.addAction("Offline, by rules, free", self.offline_chosen.emit)
        offline.setCheckable(True)
        offline.setChecked(choice is not None and choice.is_offline)
        offline.setEnabled(not is_locked)
        menu.addSeparator()
        is_preset = False
        for preset in PRESETS:
            action = menu.addAction(preset.name, partial(self._choose, preset))
            action.setCheckable(True)
            is_set = choice is not None and (choice.base_url, choice.model) == (preset.base_url, preset.model)
            is_preset |= is_set
            action.setChecked(is_set)
            action.setEnabled(not is_locked)
        if choice is not None and choice.model and not choice.is_offline and not is_preset:
            own = menu.addAction(choice.name)
            own.setCheckable(True)
            own.setChecked(True)
        menu.addSeparator()
        menu.addAction("Another model or server...", self.settings_wanted.emit)

    def _choose(self, preset: Preset) -> None:
        self.preset_chosen.emit(preset)
