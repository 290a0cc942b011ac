"""The part of the status bar that tells of the engine while it is being prepared, and else is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from tickreel_desktop.components import IconLabel, ProgressBar, label
from tickreel_desktop.theme import Role

if TYPE_CHECKING:
    from tickreel_desktop.theme import Theme

_BAR_PX = 64
_PREPARING = (
    "Compiled once for this machine and this version. Everything can be used meanwhile; "
    "what needs a part that is not ready waits for it."
)


class EngineStatus(QWidget):
    """Tell how far the preparation is, or that it failed; hidden when there is nothing to tell."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = IconLabel(theme, "warning", "warning", 14)
        self._text = label("", Role.CAPTION)
        self._bar = ProgressBar("Preparation of the engine")
        self._bar.setFixedWidth(theme.px(_BAR_PX))
        self._bar.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._count = label("", Role.CAPTION)
        row = QHBoxLayout(self)
        row.setSpacing(theme.px(8))
        row.setContentsMargins(theme.px(12), 0, theme.px(12), 0)
        for each in (self._icon, self._text, self._bar, self._count):
            row.addWidget(each)
        row.addStretch(1)
        self.hide()

    def text(self) -> str:
        """Give what is told, in one line."""
        return f"{self._text.text()}: {self._count.text()}" if self._count.text() else self._text.text()

    def show_progress(self, done: int, total: int) -> None:
        """Tell how many parts are done."""
        self._bar.set_fraction(done / total)
        self._tell("Preparing the engine", f"{done} of {total}", _PREPARING)

    def show_failure(self, message: str) -> None:
        """Tell that it failed; why, and what to do, is in the tool-tip."""
        self._tell("Engine not prepared", "", message)

    def clear(self) -> None:
        """Tell nothing any more."""
        self._text.clear()
        self._count.clear()
        self.hide()

    def _tell(self, text: str, count: str, explanation: str) -> None:
        self._text.setText(text)
        self._count.setText(count)
        for each in (self._bar, self._count):
            each.setVisible(bool(count))
        self._icon.setVisible(not count)
        self.setToolTip(explanation)
        self.setAccessibleName(self.text())
        self.setAccessibleDescription(explanation)
        self.show()
