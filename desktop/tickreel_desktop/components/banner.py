"""One sentence inside a panel about what is in it, with one thing to do."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from tickreel_desktop.components.announce import announce
from tickreel_desktop.components.buttons import button, tool_button
from tickreel_desktop.components.icon_label import IconLabel
from tickreel_desktop.components.labels import label
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from tickreel_desktop.theme import ColourName
    from tickreel_resources import IconName


class BannerKind(StrEnum):
    """Name how grave the sentence is."""

    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


_LOOKS: dict[BannerKind, tuple[IconName, ColourName]] = {
    BannerKind.NOTE: ("info", "note"),
    BannerKind.WARNING: ("warning", "warning"),
    BannerKind.ERROR: ("x-circle", "error"),
}


class Banner(QFrame):
    """Say one sentence on a tinted ground."""

    action_triggered = Signal()
    closed = Signal()

    def __init__(
        self,
        theme: Theme,
        kind: BannerKind,
        text: str,
        *,
        icon: IconName | None = None,
        action: str = "",
        closable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        set_role(self, Role.BANNER)
        self.setProperty("kind", str(kind))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        usual, colour = _LOOKS[kind]
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(12), theme.px(8), theme.px(10), theme.px(8))
        row.setSpacing(theme.px(12))
        row.addWidget(IconLabel(theme, icon or usual, colour), 0, Qt.AlignmentFlag.AlignVCenter)
        self._text = label(text, wrap=True)
        row.addWidget(self._text, 1)
        if action:
            act = button(theme, action)
            act.clicked.connect(lambda: self.action_triggered.emit())
            row.addWidget(act)
        if closable:
            close = tool_button(theme, "x", "Close the message")
            close.clicked.connect(self._on_close_clicked)
            row.addWidget(close)
        self.setAccessibleName(text)

    def text(self) -> str:
        """Give the sentence."""
        return self._text.text()

    def set_text(self, text: str) -> None:
        """Say another sentence, aloud too if the banner is in view."""
        if text == self._text.text():
            return
        self._text.setText(text)
        self.setAccessibleName(text)
        if self.isVisible():
            announce(self, text)

    def _on_close_clicked(self) -> None:
        self.hide()
        self.closed.emit()
