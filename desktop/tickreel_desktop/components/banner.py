"""One sentence inside a panel about what is in it, with one thing to do."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from tickreel_desktop.components.announce import announce
from tickreel_desktop.components.buttons import button, tool_button
from tickreel_desktop.components.icon_label import IconLabel
from tickreel_desktop.components.labels import label
from tickreel_desktop.theme import Role, Theme, set_role
from tickreel_desktop.theme.roles import set_style_property

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

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
        self._theme = theme
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(12), theme.px(8), theme.px(10), theme.px(8))
        row.setSpacing(theme.px(12))
        self._icon = IconLabel(theme, icon or usual, colour)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        self._text = label(text, wrap=True)
        row.addWidget(self._text, 1)
        self.action_button: QPushButton | None = None
        """What is to be done about it; None as long as there was nothing."""
        self.set_action(action)
        if closable:
            close = tool_button(theme, "x", "Close the message")
            close.clicked.connect(self._on_close_clicked)
            row.addWidget(close)
        self.setAccessibleName(text)

    def sizeHint(self) -> QSize:
        """Want the height that the sentence needs at this width; more is not taken."""
        hint = super().sizeHint()
        return QSize(hint.width(), self.heightForWidth(self.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask anew at another width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def text(self) -> str:
        """Give the sentence."""
        return self._text.text()

    def set_text(self, text: str, *, quietly: bool = False) -> None:
        """Say another sentence, aloud too if the banner is in view; *quietly* where it only counts down."""
        if text == self._text.text():
            return
        self._text.setText(text)
        self.setAccessibleName(text)
        if self.isVisible() and not quietly:
            announce(self, text)

    def set_kind(self, kind: BannerKind) -> None:
        """Say how grave the sentence is now."""
        set_style_property(self, "kind", str(kind))
        self._icon.set_icon(*_LOOKS[kind])

    def set_action(self, text: str) -> None:
        """Offer another thing to do; empty offers none."""
        if self.action_button is None:
            if not text:
                return
            self.action_button = button(self._theme, text)
            self.action_button.clicked.connect(lambda: self.action_triggered.emit())
            self._row.insertWidget(2, self.action_button)
        self.action_button.setText(text)
        self.action_button.setVisible(bool(text))

    def _on_close_clicked(self) -> None:
        self.hide()
        self.closed.emit()
