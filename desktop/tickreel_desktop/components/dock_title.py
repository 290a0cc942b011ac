"""The title of a dock: what it is, what is shown in it and in which unit, its few tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from tickreel_desktop.components.buttons import action_button
from tickreel_desktop.components.elided_label import ElidedLabel
from tickreel_desktop.components.labels import label
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QAction


class DockTitle(QFrame):
    """Stand as the title bar of a QDockWidget or at the head of a panel.

    The dock is still moved by it, since it leaves pointer presses to its parent.
    """

    def __init__(
        self,
        theme: Theme,
        title: str,
        caption: str = "",
        tools: Sequence[QAction] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        set_role(self, Role.DOCK_TITLE)
        height = theme.px(28)
        self.setFixedHeight(height)
        row = QHBoxLayout(self)
        row.addStrut(height - 1)  # a QDockWidget goes by the hint alone
        row.setContentsMargins(theme.px(10), 0, theme.px(4), 1)
        row.setSpacing(theme.px(8))
        self._title = label(title, Role.SECTION)
        self._caption = ElidedLabel(caption)
        set_role(self._caption, Role.CAPTION)
        row.addWidget(self._title)
        row.addWidget(self._caption, 1)
        tool_row = QHBoxLayout()
        tool_row.setSpacing(theme.px(2))
        for tool in tools:
            tool_row.addWidget(action_button(theme, tool))
        row.addLayout(tool_row)
        self._row = row

    def add_control(self, control: QWidget) -> None:
        """Put a choice of what is shown at the right end."""
        self._row.addWidget(control)

    def caption(self) -> str:
        """Give what is said to be shown."""
        return self._caption.text()

    def set_title(self, title: str) -> None:
        """Name something else."""
        self._title.setText(title)

    def set_caption(self, caption: str) -> None:
        """Say what is shown now, and in which unit."""
        self._caption.setText(caption)
