"""The frame of every dialog of care: a body, and a foot with a caption, Cancel and what is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from tickreel_desktop.components import ButtonKind, CommandLine, ElidedLabel, IconLabel, button, label
from tickreel_desktop.theme import Role, Theme, set_role
from tickreel_desktop.theme.roles import set_style_property

if TYPE_CHECKING:
    from PySide6.QtWidgets import QPushButton

_ROOM_PX = 40


class CareDialog(QDialog):
    """Hold a body and a foot; who makes one adds to :attr:`body` and to the foot. Use ``open()``."""

    def __init__(self, theme: Theme, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, False)
        px = theme.px
        self.body = QVBoxLayout()
        self.body.setContentsMargins(px(16), px(16), px(16), px(16))
        self.body.setSpacing(px(8))
        self._foot = QFrame()
        set_role(self._foot, Role.DIALOG_FOOT)
        self._foot_row = QHBoxLayout(self._foot)
        self._foot_row.setContentsMargins(px(16), px(10), px(16), px(10))
        self._foot_row.setSpacing(px(8))
        self._reason_icon = IconLabel(theme, "warning", "warning", 14)
        self._reason_icon.hide()
        self._caption = ElidedLabel("")
        set_role(self._caption, Role.CAPTION)
        self._foot_row.addWidget(self._reason_icon)
        self._foot_row.addWidget(self._caption, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self.body, 1)
        column.addWidget(self._foot)

    def caption(self) -> str:
        """Give what stands at the left of the foot."""
        return self._caption.text()

    def say(self, text: str, *, is_warning: bool = False) -> None:
        """Put a caption at the left of the foot: a note, or why it cannot be done yet."""
        self._caption.setText(text)
        set_style_property(self._caption, "tone", "warning" if is_warning else "")
        self._reason_icon.setVisible(is_warning)

    def add_button(self, text: str, kind: ButtonKind = ButtonKind.PLAIN) -> QPushButton:
        """Put one more button at the right of the foot."""
        made = button(self._theme, text, kind)
        self._foot_row.addWidget(made)
        return made

    def add_cancel(self, text: str = "Cancel") -> QPushButton:
        """Put the button there that leaves everything as it is."""
        made = self.add_button(text)
        made.clicked.connect(self.reject)
        return made

    def fit(self, width: int, height: int | None = None) -> None:
        """Take a size of the design, or less in a small window; without *height* as high as needed."""
        px = self._theme.px
        parent = self.parentWidget()
        room = QSize(10_000, 10_000) if parent is None else parent.window().size()
        wide = min(px(width), room.width() - px(_ROOM_PX))
        if height is None:
            self.setFixedWidth(wide)
            self.refit()
        else:
            self.resize(wide, min(px(height), room.height() - px(_ROOM_PX)))

    def refit(self) -> None:
        """Be as high as the words need at the width, after some of them came or went."""
        if (layout := self.layout()) is not None:
            layout.activate()
            high = layout.totalHeightForWidth(self.width())  # negative where no word is wrapped
            self.setFixedHeight(high if high > 0 else layout.totalSizeHint().height())

    def sizeHint(self) -> QSize:
        """Keep the size that was taken."""
        return self.size()


class HeadedCommand(QFrame):
    """Show the command that does the same, under a heading that says so."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._line = CommandLine(theme)
        self.command = self._line.command
        self.set_command = self._line.set_command
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        column.addWidget(label("As a command", Role.LABEL))
        column.addWidget(self._line)
