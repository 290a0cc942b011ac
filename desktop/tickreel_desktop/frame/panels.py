"""Panels: docks that every workspace may have around it, opened and closed by their actions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from tickreel_desktop.components import DockTitle, tool_button

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtCore import SignalInstance
    from PySide6.QtGui import QCloseEvent

    from tickreel_desktop.theme import Theme
    from tickreel_resources import IconName


@dataclass(frozen=True, slots=True)
class Panel:
    """What the frame knows of a panel; its action is ``panel.KEY``."""

    key: str
    name: str
    icon: IconName
    widget: QWidget
    area: Qt.DockWidgetArea
    """Where it stands until the user puts it elsewhere."""
    smallest_px: tuple[int, int]
    opens_from_px: int = 0
    """Width of the window below which it is not open at first, wherever it would be."""


@runtime_checkable
class Captioned(Protocol):
    """A widget that says what it shows, for the title of its dock."""

    caption_changed: SignalInstance


@runtime_checkable
class Tooled(Protocol):
    """A widget that brings small controls for the title of its dock."""

    def tools(self) -> Sequence[QWidget]:
        """Give at most three."""


class PanelDock(QDockWidget):
    """The dock of one panel."""

    def __init__(
        self, theme: Theme, panel: Panel, close: Callable[[], None], parent: QMainWindow | None = None
    ) -> None:
        super().__init__(panel.name, parent)
        self.setObjectName(f"dock.{panel.key}")
        self.panel = panel
        self._close = close
        self._title = DockTitle(theme, panel.name)
        self._float = tool_button(theme, "arrows-out", f"Float {panel.name}", size=14)
        self._float.clicked.connect(lambda: self.setFloating(not self.isFloating()))
        shut = tool_button(theme, "x", f"Close {panel.name}", size=14)
        shut.clicked.connect(lambda: self._close())
        if isinstance(panel.widget, Captioned):
            panel.widget.caption_changed.connect(self._title.set_caption)
        if isinstance(panel.widget, Tooled):
            for tool in panel.widget.tools():
                self._title.add_control(tool)
        for each in (self._float, shut):
            self._title.add_control(each)
        panel.widget.setMinimumSize(*(theme.px(side) for side in panel.smallest_px))
        self.setTitleBarWidget(self._title)
        self.setWidget(panel.widget)
        self.topLevelChanged.connect(self._on_top_level_changed)

    @property
    def is_open(self) -> bool:
        """Whether the user has it open, in front or behind another tab."""
        return not self.isHidden()

    @property
    def is_behind(self) -> bool:
        """Whether it is open, but covered by another panel in the same place."""
        return self.is_open and self.visibleRegion().isEmpty()

    def bring_forward(self) -> None:
        """Show it, before other panels in the same place."""
        self.show()
        self.raise_()

    def take_focus(self) -> bool:
        """Give the keyboard to the first thing in it that takes it; False when there is none."""
        policy = Qt.FocusPolicy.TabFocus
        content, title = self.widget(), self.titleBarWidget()
        for widget in (content, *content.findChildren(QWidget), *title.findChildren(QWidget)):
            if widget.focusPolicy() & policy and widget.isVisible() and widget.isEnabled():
                widget.setFocus(Qt.FocusReason.ShortcutFocusReason)
                return True
        return False

    def _on_top_level_changed(self, is_floating: bool) -> None:
        name = self.panel.name
        words = f"Put {name} back" if is_floating else f"Float {name}"
        self._float.setToolTip(words)
        self._float.setAccessibleName(words)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close as its action does, so that both agree."""
        event.ignore()
        self._close()
