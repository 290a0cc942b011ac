"""Rows of a caption and a figure that can be selected and copied, as in "At the cursor"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QWidget

from tickreel_desktop.components.labels import label
from tickreel_desktop.components.still import Still
from tickreel_desktop.components.tone import Tone
from tickreel_desktop.theme import Role, Theme, set_role
from tickreel_desktop.theme.roles import set_style_property

if TYPE_CHECKING:
    from collections.abc import Sequence

_ABSENT = "–"


class KeyValues(QFrame):
    """Show a fixed set of captions with values that change, right-aligned in tabular figures."""

    def __init__(self, theme: Theme, captions: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._values: dict[str, QLabel] = {}
        self._theme = theme
        self._grid = grid = QGridLayout(self)
        grid.setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(8))
        grid.setHorizontalSpacing(theme.px(12))
        grid.setVerticalSpacing(theme.px(4))
        grid.setColumnStretch(1, 1)
        for row, caption in enumerate(captions):
            value = label(_ABSENT, Role.VALUE)
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            value.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            value.setAccessibleName(f"{caption}: none")
            grid.addWidget(label(caption, Role.SECONDARY), row, 0)
            grid.addWidget(Still(value), row, 1)
            self._values[caption] = value

    def set_margins(self, across_px: int, down_px: int) -> None:
        """Stand otherwise in what is around, for one that is part of a column."""
        across, down = self._theme.px(across_px), self._theme.px(down_px)
        self._grid.setContentsMargins(across, down, across, down)

    def value(self, caption: str) -> str:
        """Give what stands beside a caption."""
        return self._values[caption].text()

    def set_value(self, caption: str, text: str, tone: Tone = Tone.NEUTRAL) -> None:
        """Show a value; empty stands for none. A selection in a value that stays is kept."""
        shown = self._values[caption]
        if shown.text() != (text or _ABSENT):
            shown.setText(text or _ABSENT)
            shown.setAccessibleName(f"{caption}: {text or 'none'}")
        set_style_property(shown, "tone", str(tone))
