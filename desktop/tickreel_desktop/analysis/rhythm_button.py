"""The choice of when a replay has something analysed while it plays."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolButton, QWidget

from tickreel_desktop.analysis.companion import NEVER, RHYTHMS, Rhythm

if TYPE_CHECKING:
    from tickreel_desktop.theme import Theme


class RhythmButton(QToolButton):
    """Name the rhythm; the menu offers the others."""

    rhythm_chosen = Signal(object)
    """A :class:`Rhythm`; whoever owns this shows it where it can be had."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "chooser")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(theme.px(24))
        theme.bind_icon(self, "repeat", "text_2", 14)
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill)
        self.setMenu(self._menu)
        self.rhythm = NEVER
        self.show_rhythm(NEVER)

    def show_rhythm(self, rhythm: Rhythm) -> None:
        """Name the rhythm that holds."""
        self.rhythm = rhythm
        text = f"While playing: {rhythm.text[:1].lower()}{rhythm.text[1:]}"
        self.setText(text)
        self.setAccessibleName(text)
        self.setToolTip("When the last minute is analysed while the replay plays")

    def _fill(self) -> None:
        self._menu.clear()
        for rhythm in RHYTHMS:
            action = self._menu.addAction(rhythm.text, partial(self.rhythm_chosen.emit, rhythm))
            action.setCheckable(True)
            action.setChecked(rhythm == self.rhythm)
