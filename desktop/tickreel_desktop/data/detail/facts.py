"""Facts that are copied rather than read: digests and paths, shortened in the middle, each with a button."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QToolButton, QWidget

from tickreel.market.units import ABSENT
from tickreel_desktop.components import label, tool_button
from tickreel_desktop.components.elided_label import ElidedLabel
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence


class Facts(QWidget):
    """Show a fixed set of captions, each with a line that can be copied whole."""

    def __init__(self, theme: Theme, captions: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(theme.px(12), theme.px(8), theme.px(8), theme.px(8))
        grid.setHorizontalSpacing(theme.px(12))
        grid.setVerticalSpacing(theme.px(2))
        grid.setColumnStretch(1, 1)
        self._values: dict[str, ElidedLabel] = {}
        self._copies: dict[str, QToolButton] = {}
        for row, caption in enumerate(captions):
            value = ElidedLabel(ABSENT, Qt.TextElideMode.ElideMiddle)
            set_role(value, Role.MONO)
            copy = tool_button(theme, "copy", f"Copy {caption}", size=14)
            copy.clicked.connect(
                lambda _on=False, caption=caption: QGuiApplication.clipboard().setText(self.text(caption))
            )
            grid.addWidget(label(caption, Role.SECONDARY), row, 0)
            grid.addWidget(value, row, 1)
            grid.addWidget(copy, row, 2)
            self._values[caption] = value
            self._copies[caption] = copy
            policy = copy.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            copy.setSizePolicy(policy)
            copy.hide()

    def set_text(self, caption: str, text: str) -> None:
        """Show another line; empty stands for none."""
        self._values[caption].setText(text or ABSENT)
        self._values[caption].setAccessibleName(f"{caption}: {text or 'none'}")
        self._copies[caption].setVisible(bool(text))

    def text(self, caption: str) -> str:
        """Give a whole line."""
        return self._values[caption].text()
