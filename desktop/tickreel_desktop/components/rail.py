"""The rail at the left: workspaces on top, panels below a line, settings at the foot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QAction, QActionGroup, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QToolButton, QVBoxLayout, QWidget

from tickreel_desktop.theme import FontRole, Role, Theme, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel_resources import IconName

WIDTH_PX = 60
_ITEM_HEIGHT_PX = 52


class Rail(QFrame):
    """Show the actions that change what the window holds.

    The actions own their state: the rail makes the workspaces exclusive and draws
    what is checked. Give them their icons with :func:`bind_rail_icon`.
    """

    def __init__(
        self,
        theme: Theme,
        workspaces: Sequence[QAction],
        panels: Sequence[QAction],
        settings: QAction | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        set_role(self, Role.RAIL)
        self.setAccessibleName("Workspaces and panels")
        self.setFixedWidth(theme.px(WIDTH_PX))
        self._items: dict[QAction, _RailItem] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.px(4), 1, theme.px(4))
        column.setSpacing(0)
        group = QActionGroup(self)
        for action in workspaces:
            group.addAction(action)
            column.addWidget(self._make_item(theme, action, "workspace"))
        line = QFrame()
        set_role(line, Role.LINE)
        line.setFixedSize(theme.px(36), 1)
        column.addSpacing(theme.px(6))
        column.addWidget(line, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(theme.px(6))
        for action in panels:
            column.addWidget(self._make_item(theme, action, "panel"))
        column.addStretch(1)
        if settings is not None:
            column.addWidget(self._make_item(theme, settings, "settings"))

    def set_badge(self, action: QAction, count: int, meaning: str) -> None:
        """Show a count of failures at an item; *meaning* says of what ("failed")."""
        self._items[action].set_badge(count, meaning)

    def _make_item(self, theme: Theme, action: QAction, kind: str) -> _RailItem:
        item = _RailItem(theme, action, kind)
        self._items[action] = item
        return item


class _RailItem(QToolButton):
    def __init__(self, theme: Theme, action: QAction, kind: str) -> None:
        super().__init__()
        self._theme = theme
        self._badge = 0
        set_role(self, Role.RAIL_ITEM)
        self.setProperty("kind", kind)
        self.setDefaultAction(action)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        self.setIconSize(QSize(theme.px(20), theme.px(20)))
        self.setFixedSize(theme.px(WIDTH_PX) - 1, theme.px(_ITEM_HEIGHT_PX))
        # A click leaves the keyboard where it is: Space belongs to what is shown, not to the rail.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(action.iconText())

    def set_badge(self, count: int, meaning: str) -> None:
        self._badge = count
        name = self.defaultAction().iconText()
        self.setAccessibleName(f"{name}, {count} {meaning}" if count else name)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the item, and the badge over its upper right."""
        super().paintEvent(event)
        if not self._badge:
            return
        px = self._theme.px
        text = str(self._badge) if self._badge < 100 else "99+"
        font = self._theme.font(FontRole.CAPTION, QFont.Weight.DemiBold)
        font.setPixelSize(px(10))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font)
        width = max(px(15), painter.fontMetrics().horizontalAdvance(text) + px(6))
        rect = QRect(self.width() - width - px(5), px(3), width, px(15))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("error"))
        painter.drawRoundedRect(rect, px(7), px(7))
        painter.setPen(self._theme.colour("halo"))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
        painter.end()


def bind_rail_icon(theme: Theme, action: QAction, name: IconName) -> None:
    """Give an action the icon of the rail: quiet, and in the accent while it is on."""
    theme.bind_icon(action, name, "text_3", 20, on_colour="accent")
