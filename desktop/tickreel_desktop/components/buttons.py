"""Buttons of the four kinds, and the small ones that hold an icon only."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QPushButton, QStyleOptionToolButton, QToolButton, QWidget

if TYPE_CHECKING:
    from PySide6.QtGui import QAction

    from tickreel_desktop.theme import ColourName, Theme
    from tickreel_resources import IconName


class ButtonKind(StrEnum):
    """Name how much a button asks for attention; at most one primary stands in a place."""

    PRIMARY = "primary"
    PLAIN = "plain"
    FLAT = "flat"
    LINK = "link"
    DANGER = "danger"


_ICON_COLOURS: dict[ButtonKind, ColourName] = {
    ButtonKind.PRIMARY: "on_accent",
    ButtonKind.PLAIN: "text",
    ButtonKind.FLAT: "text_2",
    ButtonKind.LINK: "accent",
    ButtonKind.DANGER: "error",
}


def button(
    theme: Theme,
    text: str,
    kind: ButtonKind = ButtonKind.PLAIN,
    *,
    icon: IconName | None = None,
    parent: QWidget | None = None,
) -> QPushButton:
    """Make a button; its text, which says what it does, is its accessible name."""
    made = QPushButton(text, parent)
    made.setProperty("kind", str(kind))
    made.setAutoDefault(False)
    if icon is not None:
        theme.bind_icon(made, icon, _ICON_COLOURS[kind], 14)
    return made


def tool_button(
    theme: Theme,
    icon: IconName,
    name: str,
    *,
    on_icon: IconName | None = None,
    checkable: bool = False,
    size: int = 16,
    parent: QWidget | None = None,
) -> QToolButton:
    """Make a button of an icon only; *name* is its tool-tip and its accessible name."""
    made = QToolButton(parent)
    made.setText(name)
    made.setToolTip(name)
    made.setAccessibleName(name)
    made.setCheckable(checkable)
    made.setFixedSize(theme.px(size + 8), theme.px(size + 6))
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    theme.bind_icon(made, icon, "text_2", size, on_colour="accent", on_name=on_icon)
    return made


class WordedButton(QToolButton):
    """The button of an action with its icon and its word, which Qt sets too close to an action's icon."""

    def __init__(self, theme: Theme, action: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDefaultAction(action)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(theme.px(14), theme.px(14)))
        self.setFixedHeight(theme.px(26))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(action.iconText())

    def initStyleOption(self, option: QStyleOptionToolButton) -> None:
        """Set the word a little apart."""
        super().initStyleOption(option)
        option.text = f" {option.text}"


def action_button(theme: Theme, action: QAction, parent: QWidget | None = None) -> QToolButton:
    """Make the small button of an action: icon, state, tool-tip and name are the action's."""
    made = QToolButton(parent)
    made.setDefaultAction(action)
    made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
    made.setFixedSize(theme.px(24), theme.px(22))
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    made.setAccessibleName(action.iconText())
    return made
