"""What stands at the right end of the menu bar: the way to the palette, and the layout in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QToolButton, QWidget

from tickreel_desktop.components import ElidedLabel, IconLabel, KeyCap
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QMenu

    from tickreel_desktop.theme import Theme

_WIDTH_PX = 300
_NARROW_PX = 220
_NARROW_BELOW_PX = 1400
_HEIGHT_PX = 22
_WORDS = "Run a command or open a dataset"
_FEW_WORDS = "Run or open"


class CommandField(QPushButton):
    """Look like a field and open the palette, which is one."""

    def __init__(self, theme: Theme, action: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setProperty("kind", "command-field")
        self.setFixedHeight(theme.px(_HEIGHT_PX))
        self.setFixedWidth(theme.px(_WIDTH_PX))
        self.setAutoDefault(False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._words = ElidedLabel(_WORDS)
        set_role(self._words, Role.CAPTION)
        self._cap = KeyCap(theme, "")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(8), 0, theme.px(4), 0)
        row.setSpacing(theme.px(6))
        row.addWidget(IconLabel(theme, "magnifying-glass", "text_3", 14))
        row.addWidget(self._words, 1)
        row.addWidget(self._cap)
        for each in self.findChildren(QWidget):
            each.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.clicked.connect(action.trigger)
        self._action = action
        action.changed.connect(self._renew)
        self._renew()

    def fit(self, window_width_px: int) -> None:
        """Take less room in a narrow window."""
        narrow = window_width_px < self._theme.px(_NARROW_BELOW_PX)
        self.setFixedWidth(self._theme.px(_NARROW_PX if narrow else _WIDTH_PX))
        self._words.setText(_FEW_WORDS if narrow else _WORDS)

    def _renew(self) -> None:
        self.setAccessibleName(self._action.text().rstrip("."))
        self.setToolTip(self._action.toolTip())
        self._cap.set_keys(self._action.shortcut().toString())


class LayoutButton(QToolButton):
    """Name the layout in use and offer the others."""

    def __init__(self, theme: Theme, menu: QMenu, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "layout")
        self.setMenu(menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the caret stands behind the words
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedHeight(theme.px(_HEIGHT_PX))
        theme.bind_icon(self, "caret-down", "text_3", 12)

    def set_name(self, name: str) -> None:
        """Name the layout in use."""
        self.setText(f"Layout: {name}")
        self.setAccessibleName(f"Layout: {name}")
        self.setToolTip("How the panels stand in this workspace")


class MenuCorner(QWidget):
    """Hold both at the right end of the menu bar."""

    def __init__(self, theme: Theme, field: CommandField, layout: LayoutButton) -> None:
        super().__init__()
        self._field = field
        self._theme = theme
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, theme.px(8), 1)
        row.setSpacing(theme.px(10))
        row.addWidget(field)
        row.addWidget(layout)

    def sizeHint(self) -> QSize:
        """Ask for the height of the bar."""
        return QSize(super().sizeHint().width(), self._theme.px(27))

    def fit(self, window_width_px: int) -> None:
        """Take less room in a narrow window."""
        self._field.fit(window_width_px)
